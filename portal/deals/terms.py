"""What a registration was promised when it was submitted: where its programme has changed since, the better holds."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from portal.deals.programmes import ExtensionPolicy, Programme

if TYPE_CHECKING:
    from portal.deals.models import Deal

_FIELDS = ("protection_days", "decision_hours", "extension_policy", "extension_days", "idle_days")
_KINDNESS = (ExtensionPolicy.OFF, ExtensionPolicy.ONCE, ExtensionPolicy.UNLIMITED)


class Terms(NamedTuple):
    """Days and business hours; no protection is None."""

    protection_days: int | None
    decision_hours: int
    extension_policy: ExtensionPolicy
    extension_days: int
    # Without work for so long a protection ends early; never, where it is None.
    idle_days: int | None


def promised(programme: Programme) -> dict[str, Any]:
    """As it is kept with a registration; another programme promises anew."""
    return {"programme_id": programme.id} | {name: getattr(programme, name) for name in _FIELDS}


def holding(deal: "Deal") -> Terms:
    """What holds for it now: of what was promised and what its programme gives today, the better for the partner."""
    assert deal.programme is not None
    today = promised(deal.programme)
    kept: Mapping[str, Any] = deal.terms or {}
    both = (today, kept if kept.get("programme_id") == today["programme_id"] else today)
    idle = [terms["idle_days"] for terms in both]
    return Terms(
        protection_days=max(terms["protection_days"] or 0 for terms in both) or None,
        decision_hours=min(terms["decision_hours"] for terms in both),
        extension_policy=max((ExtensionPolicy(terms["extension_policy"]) for terms in both), key=_KINDNESS.index),
        extension_days=max(terms["extension_days"] for terms in both),
        idle_days=None if None in idle else max(idle),
    )
