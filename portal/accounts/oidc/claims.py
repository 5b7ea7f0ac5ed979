"""What a provider says about a person, once it has been proved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.config import ProviderSettings

LONGEST_SUBJECT = 255


@dataclass(frozen=True)
class Claims:
    """An identity is (`issuer`, `subject`), never the e-mail. `auth_time` is in seconds since 1970.

    `email_verified` has the provider's `email_trust` setting applied. `id_token` is None for plain OAuth 2.
    """

    provider: str
    issuer: str
    subject: str
    email: str | None = None
    email_verified: bool = False
    name: str | None = None
    locale: str | None = None
    zoneinfo: str | None = None
    id_token: str | None = field(default=None, repr=False)
    sid: str | None = None
    auth_time: int | None = None


def from_id_token(
    provider: ProviderSettings, token: Mapping[str, Any], userinfo: Mapping[str, Any], id_token: str
) -> Claims:
    """Claims of a verified ID token, filled up from a userinfo answer for the same subject."""
    # Address and verification from one source: a mixed pair would verify an address that nobody vouched for.
    vouched = token if _text(token.get("email"), 254) else userinfo
    email = _email(vouched.get("email"))
    auth_time = token.get("auth_time")
    return Claims(
        provider=provider.name,
        issuer=token["iss"],
        subject=token["sub"],
        email=email,
        email_verified=_is_verified(provider, email, vouched.get("email_verified")),
        name=_first(token, userinfo, "name", 200),
        locale=_first(token, userinfo, "locale", 35),
        zoneinfo=_first(token, userinfo, "zoneinfo", 64),
        id_token=id_token,
        sid=_text(token.get("sid"), 255),
        auth_time=auth_time if isinstance(auth_time, int) and not isinstance(auth_time, bool) else None,
    )


def from_profile(provider: ProviderSettings, subject: str, profile: Mapping[str, Any]) -> Claims:
    """Claims of a plain OAuth 2 profile, whose field names are the provider's settings."""
    email = _email(profile.get(provider.email_field))
    return Claims(
        provider=provider.name,
        issuer=provider.issuer,
        subject=subject,
        email=email,
        email_verified=_is_verified(provider, email, profile.get("email_verified")),
        name=_text(profile.get(provider.name_field), 200),
        locale=_text(profile.get("locale"), 35),
        zoneinfo=_text(profile.get("zoneinfo"), 64),
    )


def _is_verified(provider: ProviderSettings, email: str | None, claim: object) -> bool:
    if email is None or provider.email_trust == "never":
        return False
    # Some providers write the boolean as a word.
    return provider.email_trust == "always" or claim is True or claim == "true"


def _first(token: Mapping[str, Any], userinfo: Mapping[str, Any], key: str, longest: int) -> str | None:
    return _text(token.get(key), longest) or _text(userinfo.get(key), longest)


def _text(value: object, longest: int) -> str | None:
    """The value as one line of text, None where it is anything else or too long."""
    if not isinstance(value, str):
        return None
    line = " ".join("".join(char if char.isprintable() or _is_joiner(char) else " " for char in value).split())
    return line if 0 < len(line) <= longest else None


def _is_joiner(char: str) -> bool:
    """Zero-width joiners are letters' business in Persian, although they do not print."""
    return char in "\u200c\u200d"


def _email(value: object) -> str | None:
    address = _text(value, 254)
    return address if address and address.count("@") == 1 and " " not in address else None
