"""Codes and tokens of the demo provider, in a small SQLite file that several workers share.

Only digests are stored. What may be used once is taken with one statement: two workers never both get it.
"""

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from authlib.oauth2.rfc6749 import (
    AuthorizationCodeMixin,
    ClientMixin,
    TokenMixin,
    list_to_scope,
    scope_to_list,
)

CODE_SECONDS = 60
REFRESH_SECONDS = 8 * 3600
SCOPES = ("openid", "profile", "email", "offline_access")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS issued (
    digest TEXT PRIMARY KEY, kind TEXT NOT NULL, family TEXT NOT NULL, client_id TEXT NOT NULL,
    body TEXT NOT NULL, expires_at INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS issued_family ON issued (family);
"""


@dataclass(frozen=True)
class Client(ClientMixin):
    """An application that may send people here. Redirection only ever goes to one of its own addresses."""

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()

    @property
    def client_metadata(self) -> dict[str, Any]:
        return {"post_logout_redirect_uris": list(self.post_logout_redirect_uris)}

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """There is none: which address is meant must be said."""

    def get_allowed_scope(self, scope: str) -> str:
        return str(list_to_scope([name for name in scope_to_list(scope) or [] if name in SCOPES]))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(self.client_secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in ("authorization_code", "refresh_token")


@dataclass(frozen=True)
class Code(AuthorizationCodeMixin):
    """An authorization code as it was issued."""

    family: str
    client_id: str
    subject: str
    scope: str
    redirect_uri: str
    nonce: str | None
    sid: str
    auth_time: int
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def get_acr(self) -> None:
        """No level of assurance is claimed."""

    def get_amr(self) -> None:
        """Nobody was really authenticated here."""


@dataclass(frozen=True)
class Token(TokenMixin):
    """An access or refresh token as it was issued; `family` joins all that came of one sign-in."""

    family: str
    client_id: str
    subject: str
    scope: str
    expires_at: int

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        return self.scope

    def is_expired(self) -> bool:
        return self.expires_at <= time.time()

    def is_revoked(self) -> bool:
        # A revoked token is no longer in the store.
        return False


class Store:
    """One SQLite file; each call is a transaction of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)

    def add_code(self, value: str, code: Code) -> None:
        with self._connection() as connection:
            # What was used up stays until it would have ended: only so is its second use noticed.
            connection.execute("DELETE FROM issued WHERE expires_at < ?", (int(time.time()) - REFRESH_SECONDS,))
            _insert(connection, "code", value, code, int(time.time()) + CODE_SECONDS)

    def add_token(self, kind: Literal["access", "refresh"], value: str, token: Token) -> None:
        with self._connection() as connection:
            _insert(connection, kind, value, token, token.expires_at)

    def access_token(self, value: str) -> Token | None:
        with self._connection() as connection:
            row = connection.execute(
                "SELECT body FROM issued WHERE digest = ? AND kind = 'access'", (_digest(value),)
            ).fetchone()
        return Token(**json.loads(row[0])) if row else None

    def take_code(self, value: str, client_id: str) -> Code | None:
        """The code, once. A second attempt revokes all that the first one got (RFC 6749, 4.1.2)."""
        body = self._take("code", value, client_id)
        return Code(**json.loads(body)) if body else None

    def take_refresh_token(self, value: str, client_id: str) -> Token | None:
        """The refresh token, once. Using it again revokes its whole family (RFC 9700, 4.14.2)."""
        body = self._take("refresh", value, client_id)
        return Token(**json.loads(body)) if body else None

    def _take(self, kind: str, value: str, client_id: str) -> str | None:
        which = {"digest": _digest(value), "kind": kind, "client_id": client_id, "at": int(time.time())}
        with self._connection() as connection:
            row = connection.execute(
                "UPDATE issued SET used = 1 WHERE digest = :digest AND kind = :kind"
                " AND client_id = :client_id AND used = 0 AND expires_at > :at RETURNING body",
                which,
            ).fetchone()
            if row is None:
                connection.execute(
                    "DELETE FROM issued WHERE kind != 'code' AND family IN (SELECT family FROM issued"
                    " WHERE digest = :digest AND kind = :kind AND client_id = :client_id AND used = 1)",
                    which,
                )
        return str(row[0]) if row else None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=30)
        try:
            with connection:
                yield connection
        finally:
            connection.close()


def _insert(connection: sqlite3.Connection, kind: str, value: str, body: Code | Token, expires_at: int) -> None:
    connection.execute(
        "INSERT INTO issued (digest, kind, family, client_id, body, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
        (_digest(value), kind, body.family, body.client_id, json.dumps(asdict(body)), expires_at),
    )


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
