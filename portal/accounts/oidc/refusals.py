"""Why a sign-in was refused, as codes that stay the same in logs; pages find their own words for them."""

from typing import Literal

Reason = Literal[
    # The portal's own settings
    "unknown_provider",
    "misconfigured",
    # Before the provider is believed at all
    "provider_unreachable",
    "bad_metadata",
    "wrong_issuer_in_metadata",
    # What the browser brought back
    "unknown_state",
    "wrong_provider",
    "wrong_issuer_in_answer",
    "missing_issuer_in_answer",
    "malformed_answer",
    "access_denied",
    "provider_error",
    "no_code",
    "code_refused",
    # The ID token
    "no_id_token",
    "malformed_token",
    "unsigned_token",
    "wrong_algorithm",
    "unknown_key",
    "bad_signature",
    "wrong_issuer",
    "wrong_audience",
    "wrong_authorized_party",
    "expired",
    "not_yet_valid",
    "wrong_nonce",
    "no_subject",
    "wrong_token_hash",
    "tenant_not_allowed",
    # What the provider says about the person
    "wrong_userinfo_subject",
]


class SignInRefused(Exception):
    """No sign-in came of this. `reason` is for pages and logs, `detail` may quote the provider: logs only."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        # What a stranger sent must not be able to start a new line in a log or fill it.
        self.detail = "".join(char if char.isprintable() else " " for char in detail)[:200]
