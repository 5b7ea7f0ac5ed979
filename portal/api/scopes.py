"""What a key may be used for, and what somebody has to hold so that a key of theirs may."""

from collections.abc import Iterable

from portal.access import Area, Role

READS = (
    *("orders", "purchase-orders", "quotations", "products", "shipments", "documents"),
    *("organisations", "people", "tickets", "deals"),
)
# Told by the source that leads: a key of an organisation never has these.
FEEDS = ("orders", "purchase-orders", "quotations", "products", "shipments", "documents", "organisations", "people")
# Under which area of a membership a noun stands; the others need none.
AREAS = {
    **dict.fromkeys(("orders", "purchase-orders", "quotations", "shipments", "documents"), Area.ORDERS),
    "tickets": Area.SUPPORT,
    "deals": Area.DEALS,
}
# Roles that an integration may hold: none that manages the portal or judges what people say.
ROLES = (Role.AGENT, Role.ACCOUNT_MANAGER, Role.BUYER, Role.CHANNEL_MANAGER, Role.AUDITOR)

READ_SCOPES = tuple(f"{noun}:read" for noun in READS)
OF_INTEGRATIONS = (*READ_SCOPES, *(f"{noun}:write" for noun in FEEDS), "tickets:write")
OF_ORGANISATIONS = (*READ_SCOPES, "tickets:write", "deals:write")


def areas_of(scopes: Iterable[str]) -> frozenset[Area]:
    """The areas that these scopes reach into."""
    return frozenset(AREAS[noun] for scope in scopes if (noun := scope.partition(":")[0]) in AREAS)


def within(scopes: Iterable[str], areas: frozenset[Area]) -> tuple[str, ...]:
    """Those that somebody with these areas can give to a key."""
    return tuple(scope for scope in scopes if areas_of([scope]) <= areas)
