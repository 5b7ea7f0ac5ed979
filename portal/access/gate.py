"""The gate that every request passes: who asks, and may anyone like them do this at all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from portal.access.principal import Principal
from portal.access.scope import serve
from portal.access.vocabulary import Action
from portal.clock import now

View = TypeVar("View", bound=Callable[..., Any])
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
GLASS_READ = "break-glass-read"
# What an administrator reads there in any case, and the answers that draw a page.
_WITHOUT_CONTENT = frozenset({"settings", "accounts", "calendars"})
_DRAWN = frozenset({200, 409, 422})


@dataclass(frozen=True, slots=True)
class Access:
    """What a route declares: nothing (public), being signed in, or an action that must be granted."""

    public: bool = False
    action: Action | None = None
    # Any of these will do as well: what stands there belongs to records of several kinds.
    others: tuple[Action, ...] = ()
    # A poll neither keeps a session alive nor is written down.
    quiet: bool = False
    # Changes something on GET, as a sign-in callback must.
    writes: bool = False
    # What a key must be good for; neither a cookie nor anything else lets in there.
    scope: str = ""


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.portal_access = access  # type: ignore[attr-defined]  # `access_of` reads it
        return view

    return mark


def public(view: View) -> View:
    """Anyone may come here, signed in or not."""
    return _declare(Access(public=True))(view)


def public_writing(view: View) -> View:
    """Anyone may come here, and a GET changes something: the way back from an identity provider."""
    return _declare(Access(public=True, writes=True))(view)


def signed_in(view: View) -> View:
    """Anyone who is signed in may come here, a newcomer too."""
    return _declare(Access())(view)


def requires(action: Action, *others: Action, quiet: bool = False) -> Callable[[View], View]:
    """Only roles that the action, or one of the others, is granted to may come here."""
    return _declare(Access(action=action, others=others, quiet=quiet))


def keyed(scope: str) -> Callable[[View], View]:
    """Only programs come here, with a key that has this scope; no cookie counts, so that no page can send them."""
    return _declare(Access(scope=scope))


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What the route declares; None is a fault that the sweep finds and the gate refuses."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return Access(public=True)
    return getattr(app.view_functions[endpoint], "portal_access", None)


def principal() -> Principal:
    """Who asks in this request."""
    found: Principal = g.get("principal") or Principal.anonymous()
    return found


def allows(action: Action | str, record: Any = None) -> bool:
    """What templates ask: may this person do this, to this record if one is given."""
    from portal.access.finding import is_writable

    if not principal().may(Action(action)):
        return False
    return record is None or is_writable(record, Action(action))


def refuse() -> NoReturn:
    """Answer 403, and note it in the access log."""
    note("refused")
    abort(403)


def note(
    kind: str,
    *,
    reference: str = "",
    organisation_id: int | None = None,
    person_id: int | None = None,
    **details: Any,
) -> None:
    """Queue a row for the access log; it is written after the answer, whatever becomes of the request."""
    g.setdefault("access_notes", []).append(
        {
            "at": now(),
            "kind": kind,
            "person_id": person_id or principal().person_id,
            "organisation_id": organisation_id,
            "reference": reference[:64],
            "method": request.method,
            # As the log has it: without the secret part of an invitation's address.
            "path": request.environ["portal.log"]["path"][:200],
            "address": request.remote_addr or "",
            "request_id": g.get("request_id", ""),
            "details": details,
        }
    )


def note_read(reference: str, organisation_id: int | None, *, from_afar: bool = False) -> None:
    """Staff open a record. By break-glass access that is always written down, else where they reach it `from_afar`:
    because of what their role is, not because somebody put the record into their hands.
    """
    if principal().has_broken_glass:
        note(GLASS_READ, reference=reference, organisation_id=organisation_id)
    elif from_afar:
        note("read", reference=reference, organisation_id=organisation_id)


def note_glass(response: BaseResponse) -> None:
    """Whatever page drew content by break-glass access is written down, also where its view did not think of it."""
    access: Access | None = g.get("access")
    if access is None or access.public or request.blueprint in _WITHOUT_CONTENT or not principal().has_broken_glass:
        return
    is_noted = any(noted["kind"] == GLASS_READ for noted in g.get("access_notes", ()))
    if response.status_code in _DRAWN and not is_noted:
        note(GLASS_READ, reference=(request.view_args or {}).get("ref", ""))


def _enter() -> BaseResponse | str | None:
    from portal.extensions import csrf, db

    endpoint = request.endpoint
    if endpoint == "static":
        return None
    access = access_of(current_app, endpoint) if endpoint else Access(public=True)
    if access is None:
        raise RuntimeError(f"{endpoint} declares no access")
    g.access = access
    g.writes_anyway = access.writes
    if request.mimetype == "application/x-www-form-urlencoded":
        # Werkzeug reads such a body whole and applies MAX_FORM_MEMORY_SIZE to multipart bodies alone.
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]
    if access.scope:
        _enter_with_key(access.scope)
        return None
    user = current_user._get_current_object()
    g.principal = user.principal if user.is_authenticated else Principal.anonymous()
    speak_to(user if user.is_authenticated else None)
    serve(db.session(), g.principal)
    if (
        request.method not in SAFE
        and endpoint
        and not getattr(current_app.view_functions[endpoint], "csrf_exempt", False)
    ):
        csrf.protect()
    if access.public:
        return None
    if not g.principal.is_signed_in:
        return to_sign_in()
    if access.action is not None and not any(map(g.principal.may, (access.action, *access.others))):
        refuse()
    return None


def _enter_with_key(scope: str) -> None:
    """For programs: they are spoken to as they ask, and known by their key alone."""
    from portal.api.keys import let_in
    from portal.extensions import db

    speak_to(None)
    serve(db.session(), Principal.anonymous())
    serve(db.session(), let_in(scope))


def speak_to(user: Any) -> None:
    """From here on, speak as this person has chosen; as the browser asks where they have not, or nobody is known."""
    from portal.languages import choose_language, speak

    language = choose_language(
        user.language if user else None,
        None,
        request.cookies.get("language"),
        request.headers.get("Accept-Language"),
        current_app.config["BABEL_DEFAULT_LOCALE"],
    )
    speak(language, *((user.time_zone, user.calendar, user.digits) if user else ()))


def to_sign_in(*, keep: bool = True) -> BaseResponse:
    """Send to sign-in and back; what was typed in a session that has ended since is kept for its owner.

    Not without the token of that session (`keep`): it may be somebody else's form.
    """
    from portal.accounts.kept import keep_form, page_of_form

    if g.access.quiet and request.headers.get("HX-Request"):
        # A poll must not take away the page that somebody is typing in; with this status htmx polls no further.
        return Response(status=286)
    back = request.full_path.rstrip("?") if request.method in SAFE else (keep_form if keep else page_of_form)()
    if request.headers.get("HX-Request"):
        # A sign-in page must not be swapped into a table.
        here = request.headers.get("HX-Current-URL", "")
        if request.method in SAFE and here.startswith(request.host_url):
            back = "/" + here.removeprefix(request.host_url)
        return Response(status=200, headers={"HX-Redirect": url_for("accounts.sign_in", next=back)})
    return redirect(url_for("accounts.sign_in", next=back), 303)


def init_app(app: Flask) -> None:
    app.before_request(_enter)
    app.context_processor(lambda: {"allows": allows})
