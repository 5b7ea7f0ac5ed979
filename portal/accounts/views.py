"""The pages of accounts: each noun has a file of its own, and all hang on one blueprint."""

from portal.accounts.blueprint import bp
from portal.accounts.pages import (
    acting_for,
    company_invitations,
    devices,
    identities,
    invitations,
    join_requests,
    people,
    profile,
    sign_in,
    sign_out,
)

__all__ = [
    "acting_for",
    "bp",
    "company_invitations",
    "devices",
    "identities",
    "invitations",
    "join_requests",
    "people",
    "profile",
    "sign_in",
    "sign_out",
]
