"""The rules of `rules.py`, read backwards: statements that give the people whom row scope lets in to a ticket.

A property test holds the two equal. Raw tables are for this kind of file alone: they are not narrowed. Every page of a
ticket asks these, and putting them together takes longer than asking, so that is done once.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa

from portal.access import Capacity, FieldGroup, Ground, Level, Noun, Role
from portal.access.scope import Condition
from portal.access.tables import LENS, REACH
from portal.access.vocabulary import STAFF_ROLES
from portal.accounts.break_glass import BreakGlass, live_glass
from portal.accounts.models import Membership, Person, Portfolio, StaffRole, Team, TeamMember
from portal.organisations.models import Organisation, PartnerLink, Share
from portal.organisations.rules import active_link, live_share
from portal.tickets.messages import Message
from portal.tickets.models import Ticket, TicketCopy

_person = Person.__table__.c
_member = Membership.__table__.c
_team = Team.__table__.c
_organisation = Organisation.__table__.c


class _Ticket(NamedTuple):
    """What the rules ask of a ticket, as parameters of a statement."""

    id: Any = sa.bindparam("ticket_id", type_=sa.Integer())
    organisation_id: Any = sa.bindparam("organisation_id", type_=sa.Integer())
    capacity: Any = sa.bindparam("capacity", type_=sa.String())
    author_id: Any = sa.bindparam("author_id", type_=sa.Integer())
    team_id: Any = sa.bindparam("team_id", type_=sa.Integer())
    opened_by_organisation_id: Any = sa.bindparam("opened_by_id", type_=sa.Integer())


_ticket = _Ticket()
_copied = sa.bindparam("copied", type_=sa.Integer(), expanding=True)


def parameters(ticket: Ticket, copied: Iterable[int] = ()) -> dict[str, Any]:
    """The ticket may be one that is not opened yet; `copied` are the people who shall be copied into it."""
    return {
        "ticket_id": ticket.id,
        "organisation_id": ticket.organisation_id,
        "capacity": ticket.capacity,
        "author_id": ticket.author_id,
        "team_id": ticket.team_id,
        "opened_by_id": ticket.opened_by_organisation_id,
        "copied": sorted(copied),
    }


def reads(role: Role, group: FieldGroup) -> bool:
    """Whether a role sees the group on every row within its reach."""
    return LENS[role].get(group, frozenset()) is None


# ── Outsiders ─────────────────────────────────────────────────────────────────────────────────────


def _opened_for(partner_id: Any) -> Condition:
    """The partner opened it for a customer who still agrees."""
    link = PartnerLink.__table__.alias().c
    return sa.and_(
        partner_id == _ticket.opened_by_organisation_id,
        sa.exists().where(
            link.partner_id == partner_id,
            link.customer_id == _ticket.organisation_id,
            link.consented_at.is_not(None),
            active_link(link),
        ),
    )


def _is_here() -> Condition:
    """The ticket's own company, those it is shared with, and the partner that opened it while the consent stands."""
    share = Share.__table__.alias().c
    shared = sa.select(share.organisation_id).where(
        share.record_kind == "ticket", share.record_id == _ticket.id, live_share(share)
    )
    opener = sa.select(_ticket.opened_by_organisation_id).where(_opened_for(_ticket.opened_by_organisation_id))
    # One list of a few ids: beside an OR no database would use the index.
    return _organisation.id.in_(sa.union_all(sa.select(_ticket.organisation_id), shared, opener))


def _is_at_work() -> Condition:
    """Who is staff acts as staff, whatever memberships they hold besides."""
    role, person = StaffRole.__table__.alias().c, Person.__table__.alias().c
    return sa.exists().where(
        role.person_id == _person.id, role.confirmed_at.is_not(None), person.id == _person.id, person.is_staff
    )


def _holds(capacity: Capacity) -> Condition:
    return sa.and_(_member[f"is_{capacity}"], _organisation[f"is_{capacity}"])


def _holds_its_capacity() -> Condition:
    return sa.and_(
        _member.organisation_id == _ticket.organisation_id,
        sa.or_(*(sa.and_(_ticket.capacity == str(capacity), _holds(capacity)) for capacity in Capacity)),
    )


def _reaches() -> Condition:
    copy, share = TicketCopy.__table__.alias().c, Share.__table__.alias().c
    concerned = sa.or_(
        _member.level == Level.ADMIN,
        _member.person_id == _ticket.author_id,
        _member.person_id.in_(_copied),
        _member.person_id.in_(sa.select(copy.person_id).where(copy.ticket_id == _ticket.id)),
    )
    shared = sa.and_(
        sa.or_(*map(_holds, Capacity)),
        sa.exists().where(
            share.record_kind == "ticket",
            share.record_id == _ticket.id,
            share.organisation_id == _member.organisation_id,
            sa.or_(share.person_id.is_(None), share.person_id == _member.person_id),
            live_share(share),
        ),
    )
    opened_for = sa.and_(_holds(Capacity.PARTNER), _opened_for(_member.organisation_id))
    return sa.or_(sa.and_(_holds_its_capacity(), concerned), shared, opened_for)


def _takes_part() -> Condition:
    """Opened it, is copied or has written in it."""
    copy, message = TicketCopy.__table__.alias().c, Message.__table__.alias().c
    return sa.or_(
        _person.id == _ticket.author_id,
        _person.id.in_(_copied),
        sa.exists().where(copy.ticket_id == _ticket.id, copy.person_id == _person.id),
        # The few authors first: asked for each person, PostgreSQL would look at all that they have ever written.
        _person.id.in_(sa.select(message.author_id).where(message.ticket_id == _ticket.id)),
    )


_ABOUT = (
    _person.id,
    _person.ref,
    _person.name,
    _person.email,
    _person.mail_choices,
    _takes_part().label("takes_part"),
)
_OWN_FIRST = sa.case((_organisation.id == _ticket.organisation_id, 0), else_=1)


def _outside(companies: Condition) -> sa.Select[*tuple[Any, ...]]:
    """A row for each person of these companies who reaches it or could be copied in, one at least for each company."""
    reaches = _reaches()
    # One join after the other: SQLite would put together all memberships of all people before it looked for these.
    belongs = sa.and_(
        _member.organisation_id == _organisation.id,
        _member.ended_at.is_(None),
        _member.in_support,
        sa.or_(reaches, _holds_its_capacity()),
    )
    is_active = sa.and_(_person.id == _member.person_id, _person.disabled_at.is_(None), sa.not_(_is_at_work()))
    return (
        sa.select(
            _organisation.id.label("organisation_id"),
            _organisation.ref.label("org_ref"),
            _organisation.name.label("of"),
            *_ABOUT,
            reaches.label("reaches"),
        )
        .select_from(
            Organisation.__table__.outerjoin(Membership.__table__, belongs).outerjoin(Person.__table__, is_active)
        )
        .where(companies)
        .order_by(_OWN_FIRST, _organisation.name_key, _organisation.id, _person.name_key, _person.id)
    )


COMPANIES_HERE = (
    sa.select(_organisation.id, _organisation.name).where(_is_here()).order_by(_OWN_FIRST, _organisation.name_key)
)
PEOPLE_HERE = _outside(_is_here())
PEOPLE_OF = _outside(_organisation.id.in_(sa.bindparam("companies", type_=sa.Integer(), expanding=True)))


# ── Staff ─────────────────────────────────────────────────────────────────────────────────────────


def _staff_reach(role: Role, *, to_write: bool = False) -> Condition:
    member, portfolio, team = (model.__table__.alias().c for model in (TeamMember, Portfolio, Team))
    grounds = {
        Ground.TEAM: lambda: sa.exists().where(member.team_id == _ticket.team_id, member.person_id == _person.id),
        Ground.PORTFOLIO: lambda: sa.exists().where(
            portfolio.organisation_id == _ticket.organisation_id, portfolio.person_id == _person.id
        ),
        Ground.SUPPLIERS: lambda: _ticket.capacity == str(Capacity.SUPPLIER),
        Ground.PARTNERS: lambda: _ticket.capacity == str(Capacity.PARTNER),
        Ground.UNRESTRICTED: lambda: sa.exists().where(team.id == _ticket.team_id, sa.not_(team.is_restricted)),
        Ground.ALL: sa.true,
    }
    held = REACH[role].get(Noun.TICKETS, ())
    return sa.or_(
        sa.false(), *(grounds[r.ground]() for r in held if r.ground in grounds and (r.writes or not to_write))
    )


def _held_roles() -> sa.Subquery:
    """Who works here in which role: those that were granted, and an administrator's while the glass is broken."""
    granted, glass = StaffRole.__table__, BreakGlass.__table__.alias().c
    holds = sa.select(granted.c.person_id, granted.c.role).where(granted.c.confirmed_at.is_not(None))
    broken = sa.select(granted.c.person_id, sa.literal(str(Role.BREAK_GLASS), sa.String())).where(
        granted.c.role == Role.ADMIN,
        granted.c.confirmed_at.is_not(None),
        sa.exists().where(glass.person_id == granted.c.person_id, live_glass(glass)),
    )
    return sa.union_all(holds, broken).subquery()


def _staff() -> sa.Select[*tuple[Any, ...]]:
    """A row for each role by which one of the staff reaches it, and each of their teams."""
    held, member = _held_roles(), TeamMember.__table__.c
    role = held.c
    able = [name for name in (*STAFF_ROLES, Role.BREAK_GLASS) if reads(name, FieldGroup.SHARED_MESSAGES)]
    reach = sa.or_(*(sa.and_(role.role == name, _staff_reach(name)) for name in able))
    works = sa.or_(*(sa.and_(role.role == name, _staff_reach(name, to_write=True)) for name in able))
    return (
        sa.select(
            *_ABOUT,
            role.role,
            _team.id.label("team_id"),
            _team.name.label("team"),
            _team.mailbox,
            _team.is_restricted,
            works.label("works"),
        )
        .select_from(
            Person.__table__.join(held, role.person_id == _person.id)
            .outerjoin(TeamMember.__table__, member.person_id == _person.id)
            .outerjoin(Team.__table__, _team.id == member.team_id)
        )
        .where(_person.is_staff, _person.disabled_at.is_(None), reach)
        .order_by(_person.name_key, _person.id)
    )


STAFF_HERE = _staff()
