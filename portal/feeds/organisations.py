"""Organisations as another system tells them. For a session of the system.

Matching finds by itself what is new or has changed: see `portal.matching.watching`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session, undefer_group
from sqlalchemy.orm.attributes import flag_modified

from portal.access import Capacity, Principal
from portal.accounts.models import Membership
from portal.errors import RuleBroken
from portal.feeds import amounts
from portal.feeds.lookups import by_name, chunks, forget, records, remembered
from portal.feeds.outcome import Action, Outcome, Problem, refused
from portal.feeds.shapes import OrganisationShape
from portal.matching.models import MatchKey
from portal.orders.models import Order
from portal.organisations.models import (
    STAFF_FIELDS,
    Activity,
    ActivityOrganisation,
    Channel,
    Organisation,
    OrganisationFinance,
)
from portal.tickets.models import Ticket

NOUN = "organisation"
_FIELDS = ("name", "country", "language", "website", "domain", "email", "phone", "address")
_FINANCE = ("currency", "credit_limit", "payment_days")
_OWN_HISTORY = ("organisation-created", "organisation-changed")


@dataclass(slots=True)
class _Known:
    organisations: dict[str, Organisation]
    finance: dict[int, OrganisationFinance]
    # Whose mail domains they are.
    domains: dict[str, tuple[int, str]]


def feed_organisations(
    session: Session, source: str, shapes: Sequence[OrganisationShape], who: Principal, at: datetime
) -> list[Outcome]:
    """Bring these in, in their order; flushed. `who` let them in, which is what the history names.

    The external id may be our own reference. What is refused changes nothing. The same feed twice changes nothing the
    second time.
    """
    known = _read(session, source, shapes)
    named = set(known.organisations)
    outcomes = [_feed(session, shape, known, who, at) for shape in shapes]
    return remembered(session, source, NOUN, named, shapes, outcomes)


def restore(
    session: Session,
    source: str,
    external_id: str,
    before: Mapping[str, Any] | None,
    organisation: Organisation,
    who: Principal,
    at: datetime,
) -> None:
    """As it was `before` a feed; where it was nothing it goes, unless something hangs on it (IntegrityError)."""
    finance = _finance(session, [organisation.id]).get(organisation.id)
    if not before:
        _remove(session, organisation, finance)
        return
    session.refresh(organisation, ["email", "phone", "address"])
    capacities = frozenset(Capacity(capacity) for capacity in before["capacities"])
    if any(_uses(session, organisation, capacity) for capacity in organisation.capacities - capacities):
        raise RuleBroken(_STILL_USED)
    values = {name: before[name] for name in _FIELDS} | {"capacities": capacities}
    _set(organisation, values, who, at)
    if finance is not None and before["credit_limit"] is None:
        session.delete(finance)
    elif finance is not None:
        finance.currency, finance.payment_days = before["currency"], before["payment_days"]
        finance.credit_limit = amounts.minor(Decimal(before["credit_limit"]), finance.currency)
    flag_modified(organisation, "language")
    session.flush()


def _remove(session: Session, organisation: Organisation, finance: OrganisationFinance | None) -> None:
    if finance is not None:
        session.delete(finance)
    concerning = sa.select(ActivityOrganisation.activity_id).where(
        ActivityOrganisation.organisation_id == organisation.id, ActivityOrganisation.kind.in_(_OWN_HISTORY)
    )
    ids = session.scalars(concerning).all()
    session.execute(sa.delete(ActivityOrganisation).where(ActivityOrganisation.activity_id.in_(ids)))
    session.execute(sa.delete(Activity).where(Activity.id.in_(ids)))
    session.execute(sa.delete(MatchKey).where(MatchKey.organisation_id == organisation.id))
    forget(session, NOUN, organisation.id)
    session.flush()
    session.delete(organisation)
    session.flush()


def _read(session: Session, source: str, shapes: Sequence[OrganisationShape]) -> _Known:
    ids = by_name(session, source, NOUN, Organisation, {shape.external_id for shape in shapes})
    found = records(session, Organisation, ids.values(), undefer_group("contact"))
    domains: dict[str, tuple[int, str]] = {}
    for part in chunks(sorted({shape.domain for shape in shapes} - {""})):
        owners = sa.select(Organisation.domain, Organisation.id, Organisation.name)
        for row in session.execute(owners.where(Organisation.domain.in_(part))):
            domains[row.domain] = (row.id, row.name)
    return _Known(
        organisations={key: found[id_] for key, id_ in ids.items() if id_ in found},
        finance=_finance(session, list(found)),
        domains=domains,
    )


def _finance(session: Session, ids: Sequence[int]) -> dict[int, OrganisationFinance]:
    return {
        row.organisation_id: row
        for part in chunks(sorted(ids))
        for row in session.scalars(sa.select(OrganisationFinance).where(OrganisationFinance.organisation_id.in_(part)))
    }


def _feed(session: Session, shape: OrganisationShape, known: _Known, who: Principal, at: datetime) -> Outcome:
    organisation = known.organisations.get(shape.external_id)
    if problems := _check(session, shape, known, organisation):
        return refused(*problems)
    values: dict[str, Any] = {name: getattr(shape, name) for name in shape.model_fields_set & set(_FIELDS)}
    values["capacities"] = frozenset(Capacity(capacity) for capacity in shape.capacities)
    before: dict[str, Any] = {}
    if organisation is None:
        organisation = known.organisations[shape.external_id] = Organisation(
            **{"email": "", "phone": "", "address": "", "country": "", "website": "", "domain": "", "language": "en"}
            | values,
            created_at=at,
        )
        session.add(organisation)
        # The history names it by its id.
        session.flush()
        organisation.record("organisation-created", who.person_id, at, channel=Channel.API)
    else:
        before = _snapshot(organisation, known)
        _set(organisation, values, who, at)
    if shape.domain:
        known.domains[shape.domain] = (organisation.id, organisation.name)
    _set_finance(session, organisation, shape, known)
    after = _snapshot(organisation, known)
    if not before:
        return Outcome(Action.CREATE, organisation, {}, after)
    outcome = Outcome(Action.UPDATE, organisation, before, after)
    if not outcome.changes:
        return Outcome(Action.UNCHANGED, organisation, before, after)
    # Terms of payment stand elsewhere, yet it is another version of the organisation.
    flag_modified(organisation, "language")
    return outcome


def _set(organisation: Organisation, values: Mapping[str, Any], who: Principal, at: datetime) -> None:
    """Like `Organisation.change`, told by another system."""
    changed = {name for name, value in values.items() if getattr(organisation, name) != value}
    for name in changed:
        if name == "name":
            organisation.rename(values[name])
        else:
            setattr(organisation, name, values[name])
    for fields, is_read in ((changed - STAFF_FIELDS, True), (changed & STAFF_FIELDS, False)):
        if fields:
            organisation.record(
                "organisation-changed",
                who.person_id,
                at,
                is_read=is_read,
                channel=Channel.API,
                fields=sorted(fields),
            )


def _set_finance(session: Session, organisation: Organisation, shape: OrganisationShape, known: _Known) -> None:
    given = {
        name: getattr(shape, name)
        for name in shape.model_fields_set & set(_FINANCE)
        if getattr(shape, name) not in (None, "")
    }
    if not given:
        return
    kept = known.finance.get(organisation.id)
    currency = given.get("currency") or (kept.currency if kept else "")
    if "credit_limit" in given:
        given["credit_limit"] = amounts.minor(given["credit_limit"], currency)
    if kept is None:
        kept = known.finance[organisation.id] = OrganisationFinance(organisation_id=organisation.id, **given)
        session.add(kept)
        return
    for name, value in given.items():
        setattr(kept, name, value)


_STILL_USED = _l("The organisation is still dealt with in a capacity that would be taken away from it.")


def _check(
    session: Session, shape: OrganisationShape, known: _Known, organisation: Organisation | None
) -> list[Problem]:
    problems = []
    owner = known.domains.get(shape.domain)
    if owner is not None and (organisation is None or owner[0] != organisation.id):
        problems.append(Problem("domain", _l("This is the domain of %(name)s already.", name=owner[1])))
    if organisation is not None:
        gone = organisation.capacities - {Capacity(capacity) for capacity in shape.capacities}
        if any(_uses(session, organisation, capacity) for capacity in gone):
            problems.append(Problem("capacities", _STILL_USED))
    return problems + _check_finance(shape, known.finance.get(organisation.id) if organisation else None)


def _check_finance(shape: OrganisationShape, kept: OrganisationFinance | None) -> list[Problem]:
    told = [getattr(shape, name) for name in _FINANCE]
    is_told = [value not in (None, "") for value in told]
    if not any(is_told):
        return []
    if kept is None and not all(is_told):
        return [Problem("credit_limit", _l("Currency, credit limit and days to pay are told together."))]
    if kept is not None and shape.currency and shape.currency != kept.currency and shape.credit_limit is None:
        return [Problem("credit_limit", _l("Currency, credit limit and days to pay are told together."))]
    try:
        amounts.minor(shape.credit_limit or Decimal(0), shape.currency or (kept.currency if kept else ""))
    except amounts.TooFine:
        return [Problem("credit_limit", _l("The currency has no such fine units."))]
    return []


def _uses(session: Session, organisation: Organisation, capacity: Capacity) -> bool:
    """Whether something here hangs on its standing to us in this capacity."""
    belongs = [Membership.organisation_id == organisation.id, Membership.ended_at.is_(None)]
    uses = [
        sa.select(Order.id).where(Order.organisation_id == organisation.id, Order.capacity == capacity),
        sa.select(Membership.id).where(*belongs, getattr(Membership, f"is_{capacity}")),
        sa.select(Ticket.id).where(Ticket.organisation_id == organisation.id, Ticket.capacity == capacity),
    ]
    if capacity == Capacity.PARTNER:
        uses.append(sa.select(Order.id).where(Order.reseller_id == organisation.id))
    return any(session.scalar(use.limit(1)) is not None for use in uses)


def _snapshot(organisation: Organisation, known: _Known) -> dict[str, Any]:
    """The organisation as plain values in the words of its shape."""
    values: dict[str, Any] = {name: getattr(organisation, name) for name in _FIELDS}
    values["capacities"] = sorted(str(capacity) for capacity in organisation.capacities)
    finance = known.finance.get(organisation.id)
    values["currency"] = finance.currency if finance else ""
    values["credit_limit"] = str(amounts.major(finance.credit_limit, finance.currency)) if finance else None
    values["payment_days"] = finance.payment_days if finance else None
    return values
