"""The demo provider's protocol, on Authlib's server side: what that leaves to us, and what it leaves open."""

import secrets
import time
from dataclasses import replace
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request, grants
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import OpenIDCode, UserInfo
from authlib.oidc.rpinitiated import EndSessionEndpoint
from flask import Flask, session
from joserfc.jwk import KeySet, RSAKey

from portal.demo.cast import Person
from portal.demo.guests import PREFIX, guest
from portal.demo.provider_store import REFRESH_SECONDS, Client, Code, Store, Token

AUTH_METHODS = ["client_secret_basic", "client_secret_post"]


class Provider:
    """Everything that the protocol needs to know, handed to Authlib's classes as `server.provider`."""

    def __init__(
        self, issuer: str, people: dict[str, Person], clients: dict[str, Client], key: RSAKey, store: Store
    ) -> None:
        self.issuer = issuer
        self.people = people
        self.clients = clients
        self.key = key
        self.store = store

    def person(self, subject: str) -> Person | None:
        """Of the cast, or a guest."""
        if subject.startswith(PREFIX):
            return self.person_at(subject.removeprefix(PREFIX))
        return self.people.get(subject)

    def person_at(self, address: str) -> Person | None:
        """Whoever has this mailbox; None where it is no address."""
        wanted = address.strip().casefold()
        return next((person for person in self.people.values() if person.email == wanted), None) or guest(wanted)

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Keep what was issued, in the family of the code or token that it came of."""
        origin: Code | Token = request.authorization_code or request.refresh_token
        at = int(time.time())
        kept = Token(origin.family, origin.client_id, origin.subject, token["scope"], at + token["expires_in"])
        self.store.add_token("access", token["access_token"], kept)
        if refresh_token := token.get("refresh_token"):
            self.store.add_token("refresh", refresh_token, replace(kept, expires_at=at + REFRESH_SECONDS))


def create_server(app: Flask, provider: Provider) -> AuthorizationServer:
    """Authlib's server with the grants and endpoints of the demo provider."""
    server = AuthorizationServer(app, query_client=provider.clients.get, save_token=provider.save_token)
    server.provider = provider
    server.register_grant(_CodeGrant, [_ForcedS256(required=True), _IdToken(provider)])
    server.register_grant(_RefreshGrant)
    server.register_endpoint(_EndSession(server))
    server.register_extension(_Issuer(provider.issuer))
    return server


def create_protector(provider: Provider) -> ResourceProtector:
    """The guard of the userinfo endpoint."""
    protector = ResourceProtector()
    protector.register_token_validator(_AccessToken(provider))
    return protector


def user_info(person: Person, scope: str) -> UserInfo:
    """What is told about a person, by scope (OpenID Connect Core 1.0, 5.4)."""
    claims: dict[str, Any] = {"sub": person.subject}
    if "profile" in scope.split():
        told = {"name": person.name, "locale": person.locale, "zoneinfo": person.time_zone}
        claims |= {name: value for name, value in told.items() if value}
    if "email" in scope.split():
        claims |= {"email": person.email, "email_verified": True}
    return UserInfo(claims)


class _CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        asked = request.payload.data
        self.server.provider.store.add_code(
            code,
            Code(
                family=secrets.token_hex(16),
                client_id=request.client.client_id,
                subject=request.user.subject,
                scope=request.scope,
                redirect_uri=request.payload.redirect_uri,
                nonce=asked.get("nonce"),
                sid=session["sid"],
                auth_time=session["auth_time"],
                code_challenge=asked["code_challenge"],
                code_challenge_method=asked["code_challenge_method"],
            ),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        code_found: Code | None = self.server.provider.store.take_code(code, client.client_id)
        return code_found

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Nothing to do: it was used up when it was looked at."""

    def authenticate_user(self, authorization_code: Code) -> Person | None:
        person: Person | None = self.server.provider.person(authorization_code.subject)
        return person

    def generate_token(self, **wanted: Any) -> dict[str, Any]:
        """Refresh tokens go only to those who ask for `offline_access`."""
        offline = "offline_access" in (wanted.get("scope") or "").split()
        token: dict[str, Any] = super().generate_token(**{**wanted, "include_refresh_token": offline})
        return token


class _RefreshGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        token: Token | None = self.server.provider.store.take_refresh_token(
            refresh_token, self.request.client.client_id
        )
        return token

    def authenticate_user(self, refresh_token: Token) -> Person | None:
        person: Person | None = self.server.provider.person(refresh_token.subject)
        return person

    def revoke_old_credential(self, refresh_token: Token) -> None:
        """Nothing to do: it was used up when it was looked at."""


class _ForcedS256(CodeChallenge):
    """PKCE for every client, confidential ones too, and never `plain`."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE with S256 is required.")
        super().validate_code_challenge(grant, redirect_uri)


class _IdToken(OpenIDCode):
    def __init__(self, provider: Provider) -> None:
        super().__init__(require_nonce=True)
        self.provider = provider

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        # It is the client's to recognise. A doubled click on a name must not end in a refusal.
        return False

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return self.provider.key

    def get_encode_header(self, client: Client) -> dict[str, Any]:
        return {"alg": "RS256", "kid": self.provider.key.kid}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": self.provider.issuer, "aud": client.client_id}

    def get_authorization_code_claims(self, authorization_code: Code) -> dict[str, Any]:
        claims: dict[str, Any] = super().get_authorization_code_claims(authorization_code)
        return {**claims, "sid": authorization_code.sid}

    def generate_user_info(self, user: Person, scope: str) -> UserInfo:
        return user_info(user, scope)


class _Issuer(IssuerParameter):
    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def get_issuer(self) -> str:
        return self.issuer


class _EndSession(EndSessionEndpoint):
    def get_server_jwks(self) -> KeySet:
        return KeySet([self.server.provider.key])

    def get_algorithms(self) -> list[str]:
        return ["RS256"]

    def end_session(self, end_session_request: Any) -> None:
        session.clear()


class _AccessToken(BearerTokenValidator):
    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self.provider = provider

    def authenticate_token(self, token_string: str) -> Token | None:
        return self.provider.store.access_token(token_string)
