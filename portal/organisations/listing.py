"""The list of organisations as its reader sees it: columns through the lens, filters, order, pages, export."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from portal.access import Capacity, FieldGroup, Ground, Principal, Role
from portal.access.scope import Condition, ground_columns
from portal.accounts.models import Portfolio
from portal.organisations.models import AbcClass, Organisation, Phase
from portal.paging import Order, Page, every_page, fetch_page
from portal.text import clean_line, like_escape, sort_key

PAGE_SIZE = 25
EXPORT_BATCH = 500
SORTS = ("name", "-name")
# The columns that a lens opens, for some readers on some rows alone.
LENSED = {"phase": FieldGroup.PHASE, "segment": FieldGroup.SEGMENT, "abc_class": FieldGroup.SEGMENT}
_LONGEST_QUESTION = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; anything that they may not ask is refused before it gets here."""

    q: str = ""
    capacity: Capacity | None = None
    country: str = ""
    phase: Phase | None = None
    abc_class: AbcClass | None = None
    mine: str = ""
    sort: str = "name"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q or self.capacity or self.country or self.phase or self.abc_class or self.mine)

    @property
    def is_chosen(self) -> bool:
        """Whether one of the fields beside the words is not as it was: folded, they would hide it."""
        return bool(self.arguments(q=None))

    def arguments(self, **more: str | None) -> dict[str, Any]:
        """The query string that leads here, without what is not set."""
        values = {
            "q": self.q,
            "capacity": self.capacity,
            "country": self.country,
            "phase": self.phase,
            "abc_class": self.abc_class,
            "mine": self.mine,
            "sort": self.sort if self.sort != "name" else "",
            **more,
        }
        return {name: str(value) for name, value in values.items() if value}


def read_filters(arguments: MultiDict[str, str], who: Principal) -> Filters:
    """Raises BadRequest for a value that is none, or a field outside the reader's lens."""
    visible = visible_columns(who)
    if arguments.get("segment") or any(arguments.get(name) and name not in visible for name in ("capacity", *LENSED)):
        raise BadRequest
    try:
        filters = Filters(
            q=clean_line(arguments.get("q", ""))[:_LONGEST_QUESTION],
            capacity=Capacity(arguments["capacity"]) if arguments.get("capacity") else None,
            country=arguments.get("country", "")[:2].upper(),
            phase=Phase(arguments["phase"]) if arguments.get("phase") else None,
            abc_class=AbcClass(arguments["abc_class"]) if arguments.get("abc_class") else None,
            mine=arguments.get("mine", ""),
            sort=arguments.get("sort") or "name",
        )
    except ValueError:
        raise BadRequest from None
    has_portfolio = Role.ACCOUNT_MANAGER in who.roles
    if filters.sort not in SORTS or filters.mine not in (("", "1") if has_portfolio else ("",)):
        raise BadRequest
    return filters


def visible_columns(who: Principal) -> dict[str, Any]:
    """Name and expression of each column of the list; where the lens is closed on a row, its value is null."""
    columns: dict[str, Any] = {"ref": Organisation.ref, "name": Organisation.name, "country": Organisation.country}
    if who.is_staff:
        columns["capacity"] = True
    for name, group in LENSED.items():
        expression = _through_lens(getattr(Organisation, name), group, who)
        if expression is not None:
            columns[name] = expression
    return columns


def _through_lens(column: Any, group: FieldGroup, who: Principal) -> Any:
    if who.sees(group):
        return column
    open_on = [condition for ground, condition in ground_columns(Organisation, who) if who.sees(group, ground)]
    return sa.case((sa.or_(*open_on), column)) if open_on else None


def _listed(who: Principal) -> Condition:
    """Outsiders list their own company and linked customers, not everybody whom they share a conversation with."""
    if who.is_staff:
        return sa.true()
    listed = [c for ground, c in ground_columns(Organisation, who) if ground in (Ground.COMPANY, Ground.LINKED)]
    return sa.or_(sa.false(), *listed)


def named(q: str) -> Condition:
    """The folded name contains it; with `%` or `_` in the question, or nothing but signs, the name as written does.

    A name's key is its folded form, a separator, and the name as written without capitals.
    """
    key, separator = Organisation.name_key, "\x1f"
    folded = sort_key(q).partition(separator)[0]
    if not folded or "%" in q or "_" in q:
        return key.like(f"%{separator}%{like_escape(q.casefold())}%", escape="\\")
    named = key.like(f"%{like_escape(folded)}%{separator}%", escape="\\")
    return sa.or_(named, Organisation.ref == q.upper())


def _statement(who: Principal, filters: Filters) -> sa.Select[Any]:
    columns = visible_columns(who)
    has_capacity = columns.pop("capacity", False)
    flags = [getattr(Organisation, f"is_{capacity}") for capacity in Capacity] if has_capacity else []
    statement = sa.select(
        *(expression.label(name) for name, expression in columns.items()),
        *flags,
        Organisation.name_key,
    ).where(_listed(who))
    if filters.q:
        statement = statement.where(named(filters.q))
    if filters.capacity:
        statement = statement.where(getattr(Organisation, f"is_{filters.capacity}"))
    if filters.country:
        statement = statement.where(Organisation.country == filters.country)
    if filters.mine:
        in_care = sa.select(Portfolio.organisation_id).where(Portfolio.person_id == who.person_id)
        statement = statement.where(Organisation.id.in_(in_care))
    for name in ("phase", "abc_class"):
        if value := getattr(filters, name):
            statement = statement.where(columns[name] == value)
    return statement


def _order(filters: Filters) -> Order:
    return Order((Organisation.name_key, Organisation.ref), is_descending=filters.sort == "-name")


def list_organisations(
    session: Session, who: Principal, filters: Filters, *, after: str = "", before: str = ""
) -> Page:
    """Raises BadRequest for a place that is none in this list."""
    return fetch_page(session, _statement(who, filters), _order(filters), PAGE_SIZE, after=after, before=before)


def every_organisation(session: Session, who: Principal, filters: Filters) -> Iterator[Any]:
    """All rows of the list, in batches, so that memory stays bounded."""
    for rows in every_page(session, _statement(who, filters), _order(filters), EXPORT_BATCH):
        yield from rows


def countries(session: Session, who: Principal) -> list[str]:
    """The countries that occur in the list, for its filter."""
    return list(
        session.scalars(
            sa.select(Organisation.country).where(_listed(who), Organisation.country != "").distinct().limit(300)
        )
    )
