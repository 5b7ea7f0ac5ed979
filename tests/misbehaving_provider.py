"""An identity provider over real HTTP that is honest until a test tells it which lie to tell.

Also the small application that signs in through it, and the server that runs the liar and the demo provider.
"""

import hashlib
import hmac
import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from flask import Flask, Response, jsonify, redirect, request
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from portal.accounts import oidc
from portal.config import ProviderSettings

CLIENT_ID, CLIENT_SECRET = "portal", "a secret between two"
ABSENT = object()

Claims = dict[str, Any]


@cache
def rsa_key(name: str) -> RSAKey:
    """A key by name, the same throughout a run: making one takes a while."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


@cache
def ec_key(name: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": name})


def by_hand(header: Claims, claims: Claims, sign: Callable[[bytes], bytes]) -> str:
    """A token that no library would make: any header over any signature."""
    parts = [_b64(json.dumps(part).encode()) for part in (header, claims)]
    return ".".join([*parts, _b64(sign(".".join(parts).encode()))])


def hmac_with(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda message: hmac.new(secret, message, hashlib.sha256).digest()


def half_hash(text: str) -> str:
    return _b64(hashlib.sha256(text.encode()).digest()[:16])


def changed(honest: Claims, lies: Claims) -> Claims:
    return {key: value for key, value in {**honest, **lies}.items() if value is not ABSENT}


def _b64(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


@dataclass
class MisbehavingProvider:
    """What it says can be changed at any time; each request counts in `asked`."""

    issuer: str = ""
    key: Any = field(default_factory=lambda: rsa_key("first"))
    algorithm: str = "RS256"
    published: list[Claims] | None = None
    metadata: Claims = field(default_factory=dict)
    claims: Claims = field(default_factory=dict)
    userinfo: Claims = field(default_factory=dict)
    token_answer: Claims = field(default_factory=dict)
    answer: Claims = field(default_factory=dict)
    sign: Callable[[Claims], str] | None = None
    broken: dict[str, Callable[[], Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    token_requests: list[Claims] = field(default_factory=list)
    codes: dict[str, Claims] = field(default_factory=dict)

    def rotate(self, name: str = "second") -> None:
        self.key = rsa_key(name)

    def signed(self, claims: Claims) -> str:
        if self.sign:
            return self.sign(claims)
        header = {"alg": self.algorithm, "kid": self.key.kid}
        return jwt.encode(header, claims, self.key, [self.algorithm])

    def app(self) -> Flask:
        app = Flask("misbehaving_provider")
        app.before_request(self._count)
        for place in ("", "/organizations"):
            app.get(f"{place}/.well-known/openid-configuration", endpoint=f"metadata{place}")(self._metadata)
        app.get("/authorize")(self._authorize)
        app.post("/token")(self._token)
        app.get("/userinfo")(self._userinfo)
        app.get("/keys")(self._keys)
        return app

    def _count(self) -> Any:
        self.asked.append(request.path)
        return self.broken[request.path]() if request.path in self.broken else None

    def _metadata(self) -> Response:
        honest = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/end?kind=session",
            # It offers to leave tokens unsigned: nobody may take it up on that.
            "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
        }
        return jsonify(changed(honest, self.metadata))

    def _authorize(self) -> Any:
        code = secrets.token_urlsafe(8)
        self.codes[code] = request.args.to_dict()
        answer = changed({"code": code, "state": request.args["state"]}, self.answer)
        return redirect(f"{request.args['redirect_uri']}?{urlencode(answer, doseq=True)}")

    def _token(self) -> Any:
        self.token_requests.append({**request.form, "authorization": request.headers.get("Authorization", "")})
        asked = self.codes.pop(request.form["code"], None)
        verifier = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        if asked is None or _b64(verifier) != asked["code_challenge"]:
            return {"error": "invalid_grant"}, 400
        access_token = secrets.token_urlsafe(8)
        at = int(time.time())
        honest = {
            "iss": self.issuer,
            "sub": "248289761001",
            "aud": CLIENT_ID,
            "exp": at + 300,
            "iat": at,
            "nonce": asked.get("nonce"),
            "at_hash": half_hash(access_token),
        }
        answer = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self.signed(changed(honest, self.claims)),
        }
        return jsonify(changed(answer, self.token_answer))

    def _userinfo(self) -> Response:
        honest = {
            "sub": "248289761001",
            "id": 583231,
            "name": "Jana Nováková",
            "email": "jana@example.com",
            "email_verified": True,
        }
        return jsonify(changed(honest, self.userinfo))

    def _keys(self) -> Response:
        return jsonify(keys=self.published or [self.key.as_dict(private=False)])


@contextmanager
def served(make_app: Callable[[str], Any]) -> Iterator[str]:
    """Run an application in threads on a free port of this machine; it is made once its address is known."""
    server = make_server("127.0.0.1", 0, lambda environ, respond: app(environ, respond), threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    app = make_app(address)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def misbehaving_provider() -> Iterator[MisbehavingProvider]:
    provider = MisbehavingProvider()
    with served(lambda address: provider.app()) as provider.issuer:
        yield provider


def settings_for(issuer: str, name: str = "liar", **changes: Any) -> ProviderSettings:
    """Settings of an OpenID Connect provider at this address."""
    wanted = {"label": name, "issuer": issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    return ProviderSettings(name=name, **{**wanted, **changes})


def relying_app(*providers: ProviderSettings) -> Flask:
    """The least application that signs in: claims as JSON, or 403 with the reason."""
    app = Flask("relying")
    app.secret_key = "only for tests"
    app.extensions["portal_settings"] = SimpleNamespace(providers=providers)

    @app.get("/sign-in/<name>")
    def sign_in(name: str) -> Any:
        uri = f"http://localhost/sign-in/{name}/callback"
        about = {key: request.args.get(key) for key in ("login_hint", "next")}
        return oidc.start(name, redirect_uri=uri, extra={"colour": "blue"}, **about)

    @app.get("/sign-in/<name>/callback")
    def callback(name: str) -> Any:
        claims, about = oidc.finish(name, request)
        return {"claims": vars(claims), "about": about}

    @app.errorhandler(oidc.SignInRefused)
    def refused(error: oidc.SignInRefused) -> Any:
        return {"reason": error.reason, "detail": error.detail}, 403

    return app


def leave(client: FlaskClient, name: str = "liar", **query: str) -> str:
    """Start a sign-in; the address that the browser is sent to."""
    response = client.get(f"/sign-in/{name}", query_string=query)
    assert response.status_code == 302, response.json
    return response.location


def come_back(client: FlaskClient, provider_address: str, *, through: str | None = None) -> TestResponse:
    """Go to the provider over HTTP and bring its answer back, `through` another provider's door if wished."""
    answer = requests.get(provider_address, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    return client.get(through or parts.path, query_string=parse_qsl(parts.query, keep_blank_values=True))


def signed_in(client: FlaskClient, name: str = "liar", **query: str) -> Claims:
    """Sign in from end to end, which must succeed."""
    response = come_back(client, leave(client, name, **query))
    assert response.status_code == 200, response.json
    claims: Claims = response.json["claims"]
    return claims


def refusal(client: FlaskClient, name: str = "liar") -> str:
    """Sign in from end to end, which must be refused; the reason."""
    response = come_back(client, leave(client, name))
    assert response.status_code == 403, response.json
    reason: str = response.json["reason"]
    return reason
