"""Why nobody was signed in, and what to do about it: the words for every reason."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


class NotAdmitted(Exception):
    """The provider proved who this is, and we still let nobody in."""

    def __init__(self, reason: str, detail: str = "", person_id: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.detail, self.person_id = reason, detail, person_id


@dataclass(frozen=True, slots=True)
class Words:
    """A page: what happened, and what the person can do. 403 where somebody said no, 400 where something is wrong."""

    title: Any
    text: Any
    steps: tuple[Any, ...]
    status: int = 400


_TELL_US = _l("If it happens again, tell whoever looks after the portal, and name the request below.")
_OTHER_WAY = _l("Choose another way to sign in.")
_AFRESH = _l("Start again from the sign-in page.")
_NEW_INVITATION = _l("Ask whoever invited you for a new invitation.")

_NOT_SET_UP = Words(
    _l("This way to sign in is not set up"),
    _l("The portal does not know this identity provider, or it is not set up completely."),
    (_OTHER_WAY, _TELL_US),
)
_UNREACHABLE = Words(
    _l("The identity provider does not answer"),
    _l("The portal could not reach it, so nobody could be signed in. Your account is not affected."),
    (_l("Wait a minute and try again."), _OTHER_WAY),
)
_UNTRUSTED = Words(
    _l("The answer could not be trusted"),
    _l("What came back from the identity provider did not prove who you are, so nobody was signed in."),
    (_AFRESH, _TELL_US),
)
_ELSEWHERE = Words(
    _l("The answer came from somewhere else"),
    _l("You set out to one identity provider, and the answer names another. Nobody was signed in."),
    (_l("Start again from the sign-in page, and follow no link that somebody sent you."), _TELL_US),
)
_LOST = Words(
    _l("This sign-in is no longer open"),
    _l("It took longer than ten minutes, was used already, or was started in another browser."),
    (_AFRESH, _l("Make sure that your browser accepts cookies from the portal.")),
)
_FAILED = Words(
    _l("The identity provider could not sign you in"),
    _l("It answered with an error, or with nothing that could be used."),
    (_AFRESH, _OTHER_WAY, _TELL_US),
)
_CLOCK = Words(
    _l("The proof of your identity is not valid now"),
    _l("It has expired, or is meant for later: the clock of the identity provider or of the portal may be wrong."),
    (_AFRESH, _TELL_US),
)

WORDS: dict[str, Words] = {
    "unknown_provider": _NOT_SET_UP,
    "misconfigured": _NOT_SET_UP,
    "provider_unreachable": _UNREACHABLE,
    "bad_metadata": _UNREACHABLE,
    "wrong_issuer_in_metadata": _UNTRUSTED,
    "unknown_state": _LOST,
    "wrong_provider": _ELSEWHERE,
    "wrong_issuer_in_answer": _ELSEWHERE,
    "missing_issuer_in_answer": _ELSEWHERE,
    "malformed_answer": _FAILED,
    "access_denied": Words(
        _l("You were not signed in"),
        _l("Signing in was cancelled at the identity provider, or it did not let you through."),
        (_l("Try again, or choose another account."), _OTHER_WAY),
        403,
    ),
    "provider_error": _FAILED,
    "no_code": _FAILED,
    "code_refused": _FAILED,
    "no_id_token": _UNTRUSTED,
    "malformed_token": _UNTRUSTED,
    "unsigned_token": _UNTRUSTED,
    "wrong_algorithm": _UNTRUSTED,
    "unknown_key": _UNTRUSTED,
    "bad_signature": _UNTRUSTED,
    "wrong_issuer": _UNTRUSTED,
    "wrong_audience": _UNTRUSTED,
    "wrong_authorized_party": _UNTRUSTED,
    "expired": _CLOCK,
    "not_yet_valid": _CLOCK,
    "wrong_nonce": _UNTRUSTED,
    "no_subject": _UNTRUSTED,
    "wrong_token_hash": _UNTRUSTED,
    "tenant_not_allowed": Words(
        _l("Accounts of your organisation are not accepted here"),
        _l("The portal lets in accounts of certain organisations only, and yours is not among them."),
        (_l("Sign in with another account, such as that of your company."), _TELL_US),
        403,
    ),
    "wrong_userinfo_subject": _UNTRUSTED,
    "disabled": Words(
        _l("Your access is switched off"),
        _l("You were recognised, but an administrator has switched off your access."),
        (_l("Ask your contact, or your company’s administrator, why."),),
        403,
    ),
    "invitation_closed": Words(
        _l("This invitation is no longer open"),
        _l("It was accepted already, withdrawn, or has expired. Nobody was signed in."),
        (_NEW_INVITATION, _l("If you have accepted it before, simply sign in.")),
        403,
    ),
    "invitation_other_address": Words(
        _l("The invitation was sent to another address"),
        _l("It can only be accepted with an account at the address that it was sent to."),
        (
            _l("Open the invitation again and choose the account with that address."),
            _l("Or ask for an invitation to the address of the account that you use."),
        ),
        403,
    ),
    "invitation_unverified": Words(
        _l("Your e-mail address is not confirmed"),
        _l("The identity provider does not vouch for the address of your account, so the invitation stays open."),
        (_l("Confirm the address at the identity provider, then open the invitation again."), _OTHER_WAY),
        403,
    ),
    "identity_taken": Words(
        _l("This account belongs to somebody else here"),
        _l("It is already used to sign in as another person, and was not connected."),
        (_l("Choose another account, or disconnect it from the other person first."),),
        403,
    ),
    "connecting_ended": Words(
        _l("You were signed out in the meantime"),
        _l("An account can only be connected by the person who asked for it. Nothing was changed."),
        (_l("Sign in and connect the account again."),),
        403,
    ),
}
