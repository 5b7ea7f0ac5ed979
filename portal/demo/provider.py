"""The demonstration's own OpenID Connect provider: nobody's password is asked, everybody is made up.

A small Flask application of its own, mounted under a path of the portal's address. The portal speaks to it
over HTTP as to any other provider, so the demonstration shows the real round trip.
"""

import os
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from authlib.integrations.flask_oauth2 import AuthorizationServer, current_token
from authlib.oauth2 import OAuth2Error
from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    session,
)
from flask_babel import Babel
from werkzeug.wrappers import Response

from portal import languages, paths
from portal.config import LOOPBACK
from portal.demo.cast import CAST, Person
from portal.demo.guests import PREFIX
from portal.demo.keys import cookie_secret, signing_key
from portal.demo.provider_grants import AUTH_METHODS, Provider, create_protector, create_server, user_info
from portal.demo.provider_store import SCOPES, Client, Store

if os.environ.get("PORTAL_ENVIRONMENT") == "production":
    raise ImportError("the demo identity provider lets anybody in as anybody: it is not for production")

ENVIRONMENTS = ("demo", "test")
COOKIE = "demo_idp"

bp = Blueprint("demo_provider", __name__)


def create_provider(
    issuer: str,
    cast: Iterable[Person] = CAST,
    *,
    clients: Iterable[Client],
    state_dir: Path,
    environment: str,
) -> Flask:
    """The provider as an application, to be mounted at the path of `issuer`.

    `state_dir` holds its key, cookie secret, codes and tokens; workers that share it are one provider.
    Raises RuntimeError outside the demonstration and the tests.
    """
    if environment not in ENVIRONMENTS:
        raise RuntimeError(f"the demo identity provider is not for the {environment} environment")
    known = {client.client_id: client for client in clients}
    app = Flask(__name__, template_folder=str(paths.TEMPLATES), static_folder=str(paths.STATIC))
    app.config.update(
        SECRET_KEY=cookie_secret(state_dir),
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH=urlsplit(issuer).path or "/",
        MAX_CONTENT_LENGTH=64 * 1024,
        BABEL_TRANSLATION_DIRECTORIES=str(paths.TRANSLATIONS),
        OAUTH2_REFRESH_TOKEN_GENERATOR=True,
    )
    languages.init_app(app, Babel())
    provider = Provider(
        issuer,
        {person.subject: person for person in cast},
        known,
        signing_key(state_dir),
        Store(state_dir / "provider.sqlite3"),
    )
    app.extensions["demo_provider"] = create_server(app, provider)
    app.extensions["demo_protector"] = create_protector(provider)
    app.register_blueprint(bp)
    return app


def _server() -> AuthorizationServer:
    return current_app.extensions["demo_provider"]


def _provider() -> Provider:
    provider: Provider = _server().provider
    return provider


@bp.before_app_request
def go_to_the_issuers_host() -> Response | None:
    """Cookies belong to one host name: other names of this machine lead to the one that the issuer has."""
    issuer = urlsplit(_provider().issuer)
    asked = urlsplit(f"//{request.host}")
    if request.host == issuer.netloc:
        return None
    if asked.hostname not in LOOPBACK or issuer.hostname not in LOOPBACK:
        abort(400)
    return redirect(urlunsplit(urlsplit(request.url)._replace(netloc=issuer.netloc)), 307)


@bp.before_app_request
def choose_language() -> None:
    """By `ui_locales` (OpenID Connect Core 1.0, 3.1.2.1), best first, else as the browser asks."""
    wanted = map(languages.match_language, request.args.get("ui_locales", "").split())
    languages.speak(
        languages.choose_language(
            cookie_choice=next(filter(None, wanted), None),
            accept_language=request.headers.get("Accept-Language"),
        )
    )


@bp.app_context_processor
def language_links() -> dict[str, Any]:
    """This very page in each language."""
    asked = request.args.to_dict()
    return {
        "language_links": [
            (language, "?" + urlencode({**asked, "ui_locales": language.code}))
            for language in languages.LANGUAGES.values()
        ]
    }


@bp.after_app_request
def harden(response: Response) -> Response:
    """No script at all; forms may lead to this provider and back to its clients, as browsers check both."""
    origins = {
        f"{parts.scheme}://{parts.netloc}"
        for client in _provider().clients.values()
        for parts in map(urlsplit, client.redirect_uris + client.post_logout_redirect_uris)
    }
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {' '.join(sorted(origins))}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Accept-Language, Cookie"
    return response


@bp.get("/.well-known/openid-configuration")
def discovery() -> Response:
    issuer = _provider().issuer
    return jsonify(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/authorize",
        token_endpoint=f"{issuer}/token",
        userinfo_endpoint=f"{issuer}/userinfo",
        jwks_uri=f"{issuer}/keys",
        end_session_endpoint=f"{issuer}/end-session",
        scopes_supported=list(SCOPES),
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=["authorization_code", "refresh_token"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256"],
        token_endpoint_auth_methods_supported=AUTH_METHODS,
        code_challenge_methods_supported=["S256"],
        prompt_values_supported=["none", "login", "select_account"],
        ui_locales_supported=list(languages.LANGUAGES),
        claims_supported=["sub", "name", "email", "email_verified", "locale", "zoneinfo", "auth_time", "sid"],
        authorization_response_iss_parameter_supported=True,
    )


@bp.get("/keys")
def keys() -> Response:
    return jsonify(keys=[_provider().key.as_dict(private=False)])


@bp.route("/authorize", methods=["GET", "POST"])
def authorize() -> Any:
    """Sign in whom the hint names or who is signed in already; else show the cast and take the choice."""
    asked = _expected_person()
    try:
        grant = _server().get_consent_grant(end_user=asked)
    except OAuth2Error as error:
        return _refuse(error)
    address = request.form.get("address")
    if request.method == "POST" and address is None:
        return _answer(grant, _provider().person(request.form.get("person", "")))
    if address is not None and (somebody := _provider().person_at(address)):
        return _answer(grant, somebody)
    if asked and request.method == "GET" and not grant.prompt:
        return _answer(grant, asked)
    page = render_template(
        "demo/sign_in.html",
        groups=_groups(_provider().people.values()),
        client_address=urlsplit(grant.redirect_uri).netloc,
        address=address if address is not None else _unknown_address(),
        is_refused=address is not None,
    )
    return page, 200 if address is None else 422


@bp.post("/token")
def token() -> Any:
    return _server().create_token_response()


@bp.route("/userinfo", methods=["GET", "POST"])
def userinfo() -> Response:
    with current_app.extensions["demo_protector"].acquire(["openid"]):
        person = _provider().person(current_token.subject)
        if person is None:
            abort(401)
        return jsonify(user_info(person, current_token.scope))


@bp.route("/end-session", methods=["GET", "POST"])
def end_session() -> Any:
    """Sign out here too. Without an ID token it is asked first, so that no link signs somebody out."""
    try:
        asked = _server().validate_endpoint_request("end_session")
    except OAuth2Error as error:
        return _refuse(error)
    if asked.needs_confirmation and request.method == "GET":
        return render_template("demo/sign_out.html")
    return _server().create_endpoint_response("end_session", asked) or render_template("demo/signed_out.html")


def _expected_person() -> Person | None:
    people = _provider().people
    signed_in = _provider().person(session.get("subject", ""))
    hint = request.args.get("login_hint")
    hinted = next((person for person in people.values() if hint in (person.hint, person.email)), None)
    if request.args.get("prompt") == "none":
        # Nothing may be shown and nobody signed in anew.
        return signed_in if hinted in (None, signed_in) else None
    return hinted or signed_in


def _unknown_address() -> str:
    """An address that the portal hints at and nobody of the cast has, as that of an invitation may be."""
    hinted = _provider().person_at(request.args.get("login_hint", ""))
    return hinted.email if hinted and hinted.subject.startswith(PREFIX) else ""


def _answer(grant: Any, person: Person | None) -> Any:
    if person and session.get("subject") != person.subject:
        session.clear()
        session.update(subject=person.subject, sid=secrets.token_urlsafe(16))
    if (person and request.method == "POST") or "auth_time" not in session:
        session["auth_time"] = int(time.time())
    return _server().create_authorization_response(grant=grant, grant_user=person)


def _refuse(error: OAuth2Error) -> Any:
    """Back to the client where that is safe, else a page: an address that nobody registered gets nothing."""
    if not getattr(error, "redirect_uri", None):
        return render_template("demo/refused.html", error=error), 400
    response = _server().handle_error_response(request, error)
    _server().execute_hook("after_create_authorization_response", response)
    return response


def _groups(people: Iterable[Person]) -> dict[str, list[Person]]:
    """The cast by what they are to the operator: capacity, staff, or something else."""
    groups: dict[str, list[Person]] = {
        "customer": [],
        "supplier": [],
        "partner": [],
        "staff": [],
        "other": [],
    }
    for person in people:
        capacities = {capacity for membership in person.memberships for capacity in membership.capacities}
        only = next(iter(capacities)) if len(capacities) == 1 else "other"
        groups["staff" if person.is_staff else only].append(person)
    return {name: members for name, members in groups.items() if members}
