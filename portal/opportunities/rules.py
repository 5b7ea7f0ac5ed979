"""Who reaches opportunities. Raw tables are for this kind of file alone."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, object_session

from portal.access import Action, FieldGroup, Ground, Noun, Principal, Role
from portal.access.finding import grounds_of, is_writable
from portal.access.scope import Change, Condition, changed_fields, readable, register, unscoped
from portal.accounts.models import Person, Portfolio, StaffRole
from portal.database import among
from portal.deals.models import Deal
from portal.deals.protection import ProtectedPlace
from portal.deals.rules import of_readable_deal
from portal.opportunities.models import Opportunity, OpportunityEvent, OpportunityLine
from portal.organisations.models import Organisation

# What a partner moves; the status is the staff's.
_PARTNERS = frozenset({"stage", "probability", "next_step", "close_on", "activity_at", "events"})


def opportunity_readable(opportunity: Any, who: Principal) -> Condition:
    """Those that come of a deal go with it, for outsiders those of their own company alone, whatever else is shared
    with them; direct sales are the staff's own."""
    if who.is_system:
        return sa.true()
    of_deal = of_readable_deal(opportunity.deal_id, who)
    if not who.is_staff:
        return sa.and_(opportunity.partner_id == who.organisation_id, of_deal)
    held = {reach.ground for reach in who.reach(Noun.DEALS)}
    if Ground.ALL in held:
        return sa.or_(opportunity.deal_id.is_(None), of_deal)
    if Ground.PORTFOLIO in held:
        portfolio = Portfolio.__table__.alias().c
        cared_for = sa.select(portfolio.organisation_id).where(portfolio.person_id == who.person_id)
        direct = sa.and_(opportunity.deal_id.is_(None), among(opportunity.customer_id, cared_for))
        return sa.or_(direct, of_deal)
    return of_deal


def of_readable_opportunity(column: Any, who: Principal) -> Condition:
    if who.is_system:
        return sa.true()
    if not who.reach(Noun.DEALS):
        return sa.false()
    opportunity = Opportunity.__table__.alias()
    return sa.exists().where(opportunity.c.id == column, opportunity_readable(opportunity.c, who))


def sells_to(who: Principal, customer: Organisation) -> bool:
    """Whether direct sales to this customer are theirs to keep: account managers in their portfolio, channel managers
    where a registration names the customer."""
    if not who.may(Action.OPPORTUNITY_WRITE):
        return False
    return is_writable(customer) or (who.may(Action.DEAL_DECIDE) and bool(grounds_of(customer)))


def keeps(who: Principal, opportunity: Opportunity) -> bool:
    """Whether they may move this one at all; which part of it is the verb's question."""
    if not who.may(Action.OPPORTUNITY_UPDATE):
        return False
    if opportunity.deal_id is None:
        return who.is_staff and sells_to(who, opportunity.customer)
    session = object_session(opportunity)
    deal = session.get(Deal, opportunity.deal_id) if session else None
    if deal is None or not is_writable(deal):
        return False
    return who.may(Action.DEAL_DECIDE) or opportunity.partner_id == who.organisation_id


def _opportunity_writes(who: Principal, opportunity: Opportunity, change: Change) -> bool:
    if change == Change.INSERT:
        if opportunity.deal is not None:
            return who.may(Action.DEAL_DECIDE) and is_writable(opportunity.deal)
        return sells_to(who, opportunity.customer)
    if change == Change.DELETE or not keeps(who, opportunity):
        return False
    return who.is_staff or changed_fields(opportunity) <= _PARTNERS


def _line_writes(who: Principal, line: OpportunityLine, change: Change) -> bool:
    return who.is_staff and change == Change.INSERT and _opportunity_writes(who, line.opportunity, change)


def _event_writes(who: Principal, event: OpportunityEvent, change: Change) -> bool:
    """What happened stays as it was written down."""
    if change != Change.INSERT or event.actor_id != who.person_id or event.is_by_staff != who.is_staff:
        return False
    is_new = event.opportunity.id is None
    return _opportunity_writes(who, event.opportunity, change) if is_new else keeps(who, event.opportunity)


def is_protected(session: Session, customer_id: int, product_ids: Collection[int]) -> bool:
    """Whether a registration has one of these products at the customer to itself, whoever asks."""
    place = ProtectedPlace.__table__.c
    held = sa.select(place.id).where(place.customer_id == customer_id, place.product_id.in_(sorted(product_ids)))
    with unscoped("whether it is protected"):
        return session.connection().execute(held.limit(1)).first() is not None


def may_look_after(opportunity: Opportunity) -> sa.Select[int, str, str]:
    """Id, reference and name of whom to choose among: channel managers, the account managers of the customer, and
    whoever looks after it now."""
    role, portfolio = StaffRole.__table__.alias().c, Portfolio.__table__.alias().c
    held = (role.person_id == Person.id, role.confirmed_at.is_not(None))
    decides = sa.exists().where(*held, role.role == Role.CHANNEL_MANAGER)
    cares = sa.exists().where(
        *held,
        role.role == Role.ACCOUNT_MANAGER,
        portfolio.person_id == Person.id,
        portfolio.organisation_id == opportunity.customer_id,
    )
    works = sa.and_(Person.is_staff, Person.disabled_at.is_(None), sa.or_(decides, cares))
    statement = sa.select(Person.id, Person.ref, Person.name).where(sa.or_(works, Person.id == opportunity.owner_id))
    return statement.order_by(Person.name_key, Person.id)


def owners_named(session: Session, who: Principal, ids: Collection[int]) -> dict[int, str]:
    """Who looks after an opportunity is known by name to whoever reads it, where they see staff as people at all."""
    if not ids or not who.sees(FieldGroup.STAFF_NAMES):
        return {}
    person = Person.__table__.c
    with unscoped("who looks after it"):
        rows = session.connection().execute(sa.select(person.id, person.name).where(person.id.in_(sorted(ids))))
        return {row.id: row.name for row in rows}


def with_parties(who: Principal, *columns: Any) -> sa.Select[Any]:
    """These columns of the opportunities within reach, with the customer and the partner by name.

    An opportunity makes its customer known by name to the staff who read it; `customer_ref` is there for who reaches
    the customer's record itself. To outsiders the customer is known while they are its partner of record.
    """
    customer, partner = aliased(Organisation), aliased(Organisation)
    statement = sa.select(*columns, customer.ref.label("customer_ref"), partner.ref.label("partner_ref"))
    statement = statement.select_from(Opportunity)
    statement = statement.outerjoin(customer, customer.id == Opportunity.customer_id)
    statement = statement.outerjoin(partner, partner.id == Opportunity.partner_id)
    if not who.is_staff:
        return statement.add_columns(customer.name.label("customer"), partner.name.label("partner"))
    known = Organisation.__table__.alias()
    statement = statement.join(known, known.c.id == Opportunity.customer_id)
    return statement.add_columns(known.c.name.label("customer"), partner.name.label("partner"))


def _part_reads(column: Any, who: Principal) -> Condition:
    table = Opportunity.__table__
    within: Condition = column.in_(sa.select(table.c.id).where(readable(Opportunity, who)))
    return within


register(Opportunity, reads=lambda who: opportunity_readable(Opportunity, who), writes=_opportunity_writes)
register(OpportunityLine, reads=lambda who: _part_reads(OpportunityLine.opportunity_id, who), writes=_line_writes)
register(OpportunityEvent, reads=lambda who: _part_reads(OpportunityEvent.opportunity_id, who), writes=_event_writes)
