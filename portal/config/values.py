"""Values that are more than a word or a number: addresses, the mail server, the key."""

import re
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Smtp(NamedTuple):
    """`smtp_url` taken apart."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: Literal["none", "starttls", "implicit"]


def address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address that begins with https:// (or http://)")
    if parts.port == 0:  # and above 65535 it is the library that refuses
        raise ValueError("port out of range 1-65535")
    return value


def parse_smtp(url: str) -> Smtp:
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("must look like smtp://user:password@host:587?tls=starttls")
    asked = parse_qs(parts.query).get("tls", ["none"])[0]
    if asked not in ("none", "starttls", "implicit"):
        raise ValueError("tls must be none, starttls or implicit")
    tls: Any = "implicit" if parts.scheme == "smtps" else asked
    port = parts.port or {"none": 25, "starttls": 587, "implicit": 465}[tls]
    user = unquote(parts.username) if parts.username else None
    return Smtp(parts.hostname, port, user, unquote(parts.password) if parts.password else None, tls)


def secret_weakness(secret: str) -> str | None:
    """Why a key may not sign sessions in production, as the end of a sentence; None when it may."""
    if not secret:
        return "is missing"
    if len(secret) < 32:
        return "is shorter than 32 characters"
    if len(set(secret)) < 10 or re.search(r"change.?me|secret.?key|example|password", secret, re.IGNORECASE):
        return "is easy to guess"
    return None
