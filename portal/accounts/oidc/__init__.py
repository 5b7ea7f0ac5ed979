"""Signing in through somebody else's identity provider: the protocol alone, without the database.

`start` sends a person to a provider, `finish` turns what comes back into `Claims` or raises `SignInRefused`,
`logout_url` says where to go to end the session there as well. What claims mean for people and their sessions
is decided by the callers. OpenID Connect Core 1.0, RFC 6749 with RFC 7636 (PKCE), RFC 9207 and RFC 9700.
"""

from portal.accounts.oidc.claims import Claims
from portal.accounts.oidc.client import finish, logout_url, provider_named, start
from portal.accounts.oidc.refusals import Reason, SignInRefused

__all__ = ["Claims", "Reason", "SignInRefused", "finish", "logout_url", "provider_named", "start"]
