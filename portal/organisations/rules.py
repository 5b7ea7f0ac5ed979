"""Who reaches organisations and their history. Raw tables are for this kind of file alone: they are not narrowed."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from portal.access import Action, Capacity, Ground, Noun, Principal
from portal.access.finding import is_writable, lens_of
from portal.access.scope import Change, Condition, Grounds, changed_fields, readable, register, register_grounds
from portal.access.vocabulary import FieldGroup, Role
from portal.clock import now
from portal.database import UtcDateTime
from portal.organisations.models import (
    Activity,
    ActivityOrganisation,
    ExternalId,
    Organisation,
    OrganisationFinance,
    PartnerLink,
    Share,
)


def today() -> date:
    return now().date()


# Rules are put together once and asked for a long time: what day it is, and what time, goes in when they are asked.
_TODAY = sa.bindparam("asked_today", callable_=lambda: today(), type_=sa.Date())
_NOW = sa.bindparam("asked_now", callable_=lambda: now(), type_=UtcDateTime())


def active_link(link: Any, day: Any = _TODAY) -> Condition:
    """A partner link that stands today."""
    return sa.and_(link.starts_on <= day, sa.or_(link.ends_on.is_(None), link.ends_on > day))


def live_share(share: Any, at: Any = _NOW) -> Condition:
    return sa.and_(share.starts_at <= at, sa.or_(share.ends_at.is_(None), share.ends_at > at))


def _company(who: Principal) -> Condition:
    return Organisation.id == who.organisation_id


def _linked(who: Principal) -> Condition:
    if not who.has_links:
        return sa.false()
    link = PartnerLink.__table__.alias().c
    return sa.exists().where(
        link.partner_id == who.organisation_id, link.customer_id == Organisation.id, active_link(link)
    )


def _in_the_room(who: Principal) -> Condition:
    """Companies that are in a room with mine are known to it by name: those whose messages are addressed to it, and
    of a record that it reaches the owner, the opener and those that it is shared with."""
    from portal.rooms.rules import of_readable_record
    from portal.tickets.messages import MessageReader
    from portal.tickets.models import Ticket
    from portal.tickets.rules import ticket_readable

    reader = MessageReader.__table__.alias().c
    wrote = sa.exists().where(
        reader.organisation_id == who.organisation_id, reader.author_organisation_id == Organisation.id
    )
    ticket = Ticket.__table__.alias().c
    concerned = sa.exists().where(
        sa.or_(ticket.organisation_id == Organisation.id, ticket.opened_by_organisation_id == Organisation.id),
        ticket_readable(ticket, who),
    )
    share = Share.__table__.alias().c
    joined = sa.exists().where(
        share.organisation_id == Organisation.id, live_share(share), of_readable_record(share, who)
    )
    return sa.or_(wrote, concerned, joined, _hosts(who))


def _hosts(who: Principal) -> Condition:
    """Whose deals are shared with us."""
    from portal.deals.models import Deal
    from portal.deals.rules import deal_readable

    if not who.has_shares or not who.reach(Noun.DEALS):
        return sa.false()
    deal = Deal.__table__.alias().c
    return sa.exists().where(
        deal.organisation_id == Organisation.id,
        deal.organisation_id != who.organisation_id,
        deal_readable(deal, who),
    )


def _portfolio(who: Principal) -> Condition:
    from portal.accounts.models import Portfolio

    portfolio = Portfolio.__table__.alias().c
    return sa.exists().where(portfolio.person_id == who.person_id, portfolio.organisation_id == Organisation.id)


def _in_deals(who: Principal) -> Condition:
    """Customers that a registration is about, as staff have named them."""
    from portal.deals.review import DealReview

    # One look at an index for each organisation: the list of all that are named is as long as that of registrations.
    review = DealReview.__table__.alias().c
    return sa.exists().where(review.customer_id == Organisation.id)


ORGANISATION_GROUNDS: Grounds = {
    Ground.COMPANY: _company,
    Ground.LINKED: _linked,
    Ground.SHARED: _in_the_room,
    Ground.PORTFOLIO: _portfolio,
    Ground.SUPPLIERS: lambda who: Organisation.is_supplier.is_(True),
    Ground.PARTNERS: lambda who: Organisation.is_partner.is_(True),
    Ground.CUSTOMERS_IN_DEALS: _in_deals,
    Ground.ALL: lambda who: sa.true(),
}


def _organisation_writes(who: Principal, organisation: Organisation, change: Change) -> bool:
    if change == Change.INSERT:
        return who.is_staff and who.may(Action.ORGANISATION_WRITE)
    if change != Change.UPDATE or not who.may(Action.ORGANISATION_WRITE) or not is_writable(organisation):
        return False
    return _groups_of(changed_fields(organisation)) <= lens_of(organisation, to_write=True)


def _groups_of(fields: Iterable[str]) -> frozenset[FieldGroup]:
    """The field groups that guard these columns."""
    group_of = {column.key: column.group for column in sa.inspect(Organisation).column_attrs}
    return frozenset(FieldGroup(group) for name in fields if (group := group_of.get(name)))


register_grounds(Organisation, Noun.ORGANISATIONS, ORGANISATION_GROUNDS, _organisation_writes)


def of_readable_organisation(column: Any, who: Principal) -> Condition:
    """The row belongs to an organisation within reach."""
    in_reach: Condition = column.in_(sa.select(Organisation.__table__.c.id).where(readable(Organisation, who)))
    return in_reach


def _finance_reads(who: Principal) -> Condition:
    if not who.sees(FieldGroup.FINANCE):
        return sa.false()
    return of_readable_organisation(OrganisationFinance.organisation_id, who)


register(OrganisationFinance, reads=_finance_reads)


def _link_reads(who: Principal) -> Condition:
    if who.is_staff:
        return sa.and_(
            of_readable_organisation(PartnerLink.partner_id, who),
            of_readable_organisation(PartnerLink.customer_id, who),
        )
    if who.capacity == Capacity.PARTNER:
        return sa.and_(PartnerLink.partner_id == who.organisation_id, active_link(PartnerLink))
    if who.capacity == Capacity.CUSTOMER:
        return PartnerLink.customer_id == who.organisation_id
    return sa.false()


def manages_links(who: Principal) -> bool:
    """Which staff arrange who is partner of record for whom, where one of the two is theirs to write."""
    return not who.roles.isdisjoint({Role.ACCOUNT_MANAGER, Role.CHANNEL_MANAGER})


def _link_writes(who: Principal, link: PartnerLink, change: Change) -> bool:
    if change == Change.DELETE or not who.may(Action.ORGANISATION_WRITE):
        return False
    if who.is_staff:
        return manages_links(who) and (is_writable(link.partner) or is_writable(link.customer))
    # The customer's own admin gives and takes back consent, and changes nothing else.
    is_consent = changed_fields(link) <= {"consented_at"}
    return change == Change.UPDATE and link.customer_id == who.organisation_id and is_consent


register(PartnerLink, reads=_link_reads, writes=_link_writes)


def link_rows(organisation_id: int) -> sa.Select[Any]:
    """The partner links of an organisation that the principal reads, with the names that they bring with them.

    A link makes the two known to each other by name, and the one contact to the partner, none of whom the partner or
    the customer reaches otherwise.
    """
    from portal.accounts.models import Person

    partner, customer = Organisation.__table__.alias().c, Organisation.__table__.alias().c
    contact = Person.__table__.alias()
    return (
        sa.select(
            PartnerLink.ref,
            PartnerLink.starts_on,
            PartnerLink.ends_on,
            PartnerLink.consented_at,
            PartnerLink.partner_id,
            PartnerLink.customer_id,
            partner.ref.label("partner_ref"),
            partner.name.label("partner_name"),
            customer.ref.label("customer_ref"),
            customer.name.label("customer_name"),
            contact.c.ref.label("contact_ref"),
            contact.c.name.label("contact_name"),
            contact.c.email.label("contact_email"),
            contact.c.phone.label("contact_phone"),
        )
        .join(partner.id.table, partner.id == PartnerLink.partner_id)
        .join(customer.id.table, customer.id == PartnerLink.customer_id)
        .outerjoin(contact, contact.c.id == PartnerLink.contact_id)
        .where(
            sa.or_(PartnerLink.partner_id == organisation_id, PartnerLink.customer_id == organisation_id),
            sa.or_(PartnerLink.ends_on.is_(None), PartnerLink.ends_on > today()),
        )
        .order_by(PartnerLink.starts_on, PartnerLink.id)
    )


register(ExternalId, reads=lambda who: sa.true() if who.reach(Noun.ORGANISATIONS) and who.is_staff else sa.false())


def _concerns(activity: Any, who: Principal, capacity: Capacity) -> Condition:
    concerned, organisation = ActivityOrganisation.__table__.alias().c, Organisation.__table__.alias().c
    return sa.exists().where(
        concerned.activity_id == activity.id,
        organisation.id == concerned.organisation_id,
        sa.or_(
            concerned.capacity == capacity,
            sa.and_(concerned.capacity.is_(None), getattr(organisation, f"is_{capacity}")),
        ),
    )


def _to_my_company(activity: Any, who: Principal) -> Condition:
    concerned = ActivityOrganisation.__table__.alias().c
    return sa.exists().where(
        concerned.activity_id == activity.id,
        concerned.organisation_id == who.organisation_id,
        concerned.is_reader,
        sa.or_(concerned.capacity.is_(None), concerned.capacity == who.capacity),
    )


def activity_readable(activity: Any, who: Principal) -> Condition:
    """By audience; and what happened on a ticket only to those who can read the ticket (and the message), what became
    of a deal registration, a direct sale, an order or an invitation to quote to those who read that."""
    from portal.deals.rules import of_readable_deal
    from portal.opportunities.rules import of_readable_opportunity
    from portal.orders.rules import of_readable_order
    from portal.rfqs.rules import of_readable_invitation
    from portal.tickets.rules import of_readable_message, of_readable_ticket

    if who.is_system:
        return sa.true()
    by_ground = {
        Ground.AUDIENCE: lambda: _to_my_company(activity, who),
        Ground.SUPPLIERS: lambda: _concerns(activity, who, Capacity.SUPPLIER),
        Ground.PARTNERS: lambda: _concerns(activity, who, Capacity.PARTNER),
        Ground.ALL: sa.true,
    }
    reached = [by_ground[r.ground]() for r in who.reach(Noun.HISTORY) if r.ground in by_ground]
    return sa.and_(
        sa.or_(sa.false(), *reached),
        sa.or_(activity.ticket_id.is_(None), of_readable_ticket(activity.ticket_id, who)),
        sa.or_(activity.message_id.is_(None), of_readable_message(activity.message_id, who)),
        sa.or_(activity.deal_id.is_(None), of_readable_deal(activity.deal_id, who)),
        sa.or_(activity.opportunity_id.is_(None), of_readable_opportunity(activity.opportunity_id, who)),
        sa.or_(activity.order_id.is_(None), of_readable_order(activity.order_id, who)),
        sa.or_(activity.rfq_invitation_id.is_(None), of_readable_invitation(activity.rfq_invitation_id, who)),
    )


def _inserts_as_actor(who: Principal, activity: Activity, change: Change) -> bool:
    return change == Change.INSERT and activity.actor_id == who.person_id


def _inserts(who: Principal, record: Any, change: Change) -> bool:
    return change == Change.INSERT and who.is_signed_in


def _concerned_reads(who: Principal) -> Condition:
    activity = Activity.__table__.alias()
    readable_activity = sa.exists().where(
        activity.c.id == ActivityOrganisation.activity_id, activity_readable(activity.c, who)
    )
    if who.is_staff:
        return sa.and_(readable_activity, of_readable_organisation(ActivityOrganisation.organisation_id, who))
    return sa.and_(
        readable_activity,
        ActivityOrganisation.organisation_id == who.organisation_id,
        ActivityOrganisation.is_reader,
    )


register(Activity, reads=lambda who: activity_readable(Activity, who), writes=_inserts_as_actor)
register(ActivityOrganisation, reads=_concerned_reads, writes=_inserts)
