"""Rules put together once for all askers of a kind; who it is that asks goes in as a parameter.

Putting a condition together takes much longer than asking the database, and the condition is the same for everybody
with the same rights: only the person and the company differ.
"""

from collections.abc import Callable, Hashable
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, TypeVar

import sqlalchemy as sa

from portal.access.principal import Principal

# Whose statement is being run; set by the session just before it runs one.
_asker: ContextVar[Principal] = ContextVar("portal_asker")


def asks(who: Principal) -> None:
    """The next statement of this thread is run for them."""
    _asker.set(who)


def _parameter(name: str) -> Any:
    """Takes its value when the statement is run."""
    return sa.bindparam(f"asker_{name}", callable_=lambda: getattr(_asker.get(), name), type_=sa.Integer())


_PERSON, _ORGANISATION = _parameter("person_id"), _parameter("organisation_id")


def kind_of(who: Principal) -> Hashable:
    """Equal for principals whose rules differ in nothing but the person and the company.

    Whatever else a rule may look at has to be in here.
    """
    acting = who.acting
    return (
        who.kind,
        who.staff_roles,
        who.team_ids,
        who.has_shares,
        who.has_links,
        who.person_id is None,
        acting and (acting.capacity, acting.level, acting.areas, acting.decides_quotations),
    )


def in_general(who: Principal) -> Principal:
    """Any principal of that kind, to make a condition for; names and the like are none of a rule's business."""
    acting = who.acting
    if acting is not None:
        acting = replace(
            acting, membership_id=0, organisation_id=_ORGANISATION, organisation_ref="", organisation_name=""
        )
    return replace(
        who,
        person_id=None if who.person_id is None else _PERSON,
        acting=acting,
        choices=(),
        glass_until=None,
        session_id=None,
        person_ref="",
        name="",
        email="",
    )


# Rights and teams combine in fewer ways, and there are few statements.
_MOST_KEPT = 20_000
T = TypeVar("T")


def per_kind(make: Callable[..., T]) -> Callable[..., T]:
    """Decorator: what is made for a principal, and of what else is given, is made once for all of their kind.

    A statement that holds it is run for whom `asks` has named; a session names its own principal.
    """
    kept: dict[Hashable, T] = {}

    def made(who: Principal, *of: Hashable) -> T:
        key = (kind_of(who), *of)
        found = kept.get(key)
        if found is None:
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            found = kept[key] = make(in_general(who), *of)
        return found

    return made
