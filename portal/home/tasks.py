"""What needs a person now: what is counted for whom, all of it in one narrowed statement with a cap on every count."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Action, Capacity, Principal, Role
from portal.accounts.joining import JoinRequest
from portal.accounts.models import AccessLog, Portfolio, StaffRole
from portal.clock import now
from portal.deals import listing
from portal.deals.models import Deal
from portal.home.order_tasks import order_tasks
from portal.home.purchase_tasks import purchase_tasks
from portal.home.rfq_tasks import rfq_tasks
from portal.home.task import Task
from portal.leads.models import Lead, LeadOffer, OfferState
from portal.organisations.models import Organisation
from portal.rooms.rules import waiting_for
from portal.tickets.lifecycle import State
from portal.tickets.listing import LATELY, Filters, conditions
from portal.tickets.models import Ticket

MOST_COUNTED = 100
MOST_LISTED = 5


def _tickets(who: Principal, filters: Filters, *more: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(Ticket.id).where(*conditions(who, filters), *more)


def tasks_of(session: Session, who: Principal) -> list[Task]:
    """In the order of their weight, for each of the person's roles."""
    tasks = list(_of_staff(who) if who.is_staff else _of_outsider(who))
    if who.may(Action.ORDER_READ):
        tasks += purchase_tasks(who)
        tasks += rfq_tasks(who)
        tasks += order_tasks(session, who)
    if who.may(Action.PEOPLE_MANAGE):
        tasks.append(
            Task(
                _("Newcomers who ask to be let in"),
                _("They can do nothing until somebody decides."),
                url_for("accounts.join_requests"),
                sa.select(JoinRequest.id).where(
                    JoinRequest.decided_at.is_(None), JoinRequest.person_id != who.person_id
                ),
            )
        )
    return tasks


def _of_outsider(who: Principal) -> Iterator[Task]:
    if who.may(Action.LEAD_ANSWER):
        yield Task(
            _("Leads that are offered to you"),
            _("Accept or decline them before their time is over."),
            url_for("leads.index", state="offered"),
            sa.select(LeadOffer.id).where(LeadOffer.state == OfferState.OFFERED),
        )
    yield Task(
        _("Shared with you, not joined yet"),
        _("You read it once you have joined."),
        url_for("rooms.offers"),
        waiting_for(who, now()),
        is_rare=True,
    )
    if who.may(Action.DEAL_WRITE):
        yield from _of_partner(who)
    if who.may(Action.TICKET_READ):
        yield from _of_writer(who)


def _of_partner(who: Principal) -> Iterator[Task]:
    """Their own company's registrations; those of others that are shared with them are not theirs to act on."""
    at = now()

    def deals(filters: listing.Filters, *more: sa.ColumnElement[bool]) -> sa.Select[Any]:
        ours = Deal.organisation_id == who.organisation_id
        return sa.select(Deal.id).where(ours, *listing.conditions(who, filters, at), *more)

    returned, offered = listing.Filters(state="returned"), listing.Filters(state="duplicate")
    ending, drafts = listing.Filters(protected="ending"), listing.Filters(state="draft")
    yield Task(
        _("Deals returned with a question"),
        _("Our clock stands still until you answer."),
        returned.url(),
        deals(returned),
    )
    yield Task(
        _("Places offered to you"),
        _("Take them in time, or they go to the next in line."),
        offered.url(),
        deals(offered, Deal.offered_until > at),
    )
    yield Task(
        _("Protections that end within two weeks"),
        _("Ask for an extension while they last."),
        ending.url(),
        deals(ending),
    )
    yield Task(
        _("Drafts of deals"),
        _("They protect nothing until you submit them."),
        drafts.url(),
        deals(drafts),
        is_quiet=True,
    )


def _of_writer(who: Principal) -> Iterator[Task]:
    asked, solved = Filters(state="waiting-for-you"), Filters(state="solved")
    running = Filters(state="unfinished")
    yield Task(
        _("Tickets waiting for you"), _("We asked something and cannot go on."), asked.url(), _tickets(who, asked)
    )
    yield Task(
        _("Solved tickets to confirm"),
        _("Close them if all is well, or answer and they open again."),
        solved.url(),
        _tickets(who, solved),
    )
    yield Task(
        _("Open tickets"), _("All that is not solved yet."), running.url(), _tickets(who, running), is_quiet=True
    )


def _of_staff(who: Principal) -> Iterator[Task]:
    if who.may(Action.DEAL_DECIDE):
        yield from _of_channel(who)
    if who.may(Action.TICKET_WORK):
        yield from _of_desk(who)
    if Role.ACCOUNT_MANAGER in who.roles:
        yield from _of_account_manager(who)
    if Role.AUDITOR in who.roles:
        yield _of_auditor()
    if who.may(Action.STAFF_GRANT):
        yield Task(
            _("Staff roles to confirm"),
            _("Another administrator granted them; they hold once you agree."),
            url_for("settings.staff"),
            sa.select(StaffRole.id).where(
                StaffRole.confirmed_at.is_(None),
                StaffRole.person_id != who.person_id,
                sa.or_(StaffRole.granted_by_id.is_(None), StaffRole.granted_by_id != who.person_id),
            ),
        )


def _of_channel(who: Principal) -> Iterator[Task]:
    late, waiting = listing.Filters(due="late", sort="due"), sa.select(Deal.id).where(Deal.due_at.is_not(None))
    yield Task(
        _("Decisions on deals that are overdue"),
        _("Each business hour late adds an hour of protection."),
        late.url(),
        sa.select(Deal.id).where(*listing.conditions(who, late, now())),
    )
    yield Task(
        _("Deals waiting for a decision"), _("The oldest clock stands first."), url_for("deals.show_queue"), waiting
    )
    yield Task(
        _("Leads that nobody took"),
        _("Hand them to other partners, or take them back."),
        url_for("leads.index", state="exhausted"),
        sa.select(Lead.id).where(Lead.state == "exhausted"),
        is_rare=True,
    )


def _of_desk(who: Principal) -> Iterator[Task]:
    mine = Filters(state="unfinished", assignee="me")
    if who.team_ids:
        free = Filters(state="unfinished", team="mine", assignee="none")
        new = Filters(team="mine", lately="1", sort="-created")
        yield Task(
            _("Tickets in your teams that nobody has taken"),
            _("Take one, and its customer knows that somebody is there."),
            free.url(),
            _tickets(who, free),
        )
        yield Task(
            _("New in your teams in the last 24 hours"),
            _("Opened since then, whoever has them."),
            new.url(),
            _tickets(who, new),
            is_quiet=True,
        )
    yield Task(_("Tickets in your hands"), _("Given to you and not resolved."), mine.url(), _tickets(who, mine))
    for role, capacity, title in (
        (Role.BUYER, Capacity.SUPPLIER, _("Open tickets of suppliers that nobody has taken")),
        (Role.CHANNEL_MANAGER, Capacity.PARTNER, _("Open tickets of partners that nobody has taken")),
    ):
        if role in who.roles:
            free = Filters(state="unfinished", assignee="none")
            yield Task(title, _("They wait for you."), free.url(), _tickets(who, free, Ticket.capacity == capacity))


def _of_account_manager(who: Principal) -> Iterator[Task]:
    running = Filters(state="unfinished", organisation="portfolio")
    yield Task(
        _("Open tickets in your portfolio"),
        _("Whoever works on them."),
        running.url(),
        _tickets(who, running),
    )
    yield Task(
        _("Organisations in your portfolio"),
        _("Those in your care."),
        url_for("organisations.index", mine="1"),
        sa.select(Organisation.id).where(Organisation.id.in_(portfolio_of(who))),
        is_quiet=True,
    )


def _of_auditor() -> Task:
    # The latest refusals alone are looked at: the log grows for ever.
    latest = (
        sa.select(AccessLog.id, AccessLog.at)
        .where(AccessLog.kind == "refused")
        .order_by(AccessLog.id.desc())
        .limit(MOST_COUNTED)
        .subquery()
    )
    return Task(
        _("Refusals in the last 24 hours"),
        _("Somebody asked for what they may not do."),
        url_for("settings.access_log", kind="refused"),
        sa.select(latest.c.id).where(latest.c.at >= now() - LATELY),
        is_quiet=True,
    )


def portfolio_of(who: Principal) -> sa.Select[Any]:
    return sa.select(Portfolio.organisation_id).where(Portfolio.person_id == who.person_id)


def count(session: Session, tasks: list[Task]) -> list[int]:
    """How many wait of each, up to a cap: one statement for all."""
    if not tasks:
        return []
    capped = [
        sa.select(sa.func.count())
        .select_from(task.waiting.limit(MOST_COUNTED).subquery())
        .scalar_subquery()
        .label(f"waiting_{place}")
        for place, task in enumerate(tasks)
    ]
    return list(session.execute(sa.select(*capped)).one())


def first_tickets(session: Session, who: Principal) -> list[Any]:
    """A few to begin with: for outsiders those that wait for them first, for staff those that wait longest."""
    if not who.may(Action.TICKET_READ):
        return []
    columns = (Ticket.ref, Ticket.subject, Ticket.state, Ticket.public_at.label("at"))
    if not who.is_staff:
        statement = sa.select(*columns, sa.literal("").label("organisation")).where(
            *conditions(who, Filters(state="unfinished"))
        )
        order = [sa.case((Ticket.state == State.WAITING, 0), else_=1), Ticket.public_at.desc(), Ticket.id.desc()]
        return list(session.execute(statement.order_by(*order).limit(MOST_LISTED)))
    desk = _desk(who)
    if not desk:
        return []
    statement = (
        sa.select(*columns, Organisation.name.label("organisation"))
        .outerjoin(Organisation, Organisation.id == Ticket.organisation_id)
        .where(Ticket.state.in_((State.NEW, State.OPEN)), sa.or_(*desk))
        .order_by(Ticket.public_at, Ticket.id)
        .limit(MOST_LISTED)
    )
    return list(session.execute(statement))


def _desk(who: Principal) -> list[sa.ColumnElement[bool]]:
    """What a member of staff is there for."""
    if not who.may(Action.TICKET_WORK):
        return []
    desk: list[sa.ColumnElement[bool]] = [Ticket.assignee_id == who.person_id]
    if who.team_ids:
        desk.append(Ticket.team_id.in_(sorted(who.team_ids)))
    if Role.ACCOUNT_MANAGER in who.roles:
        desk.append(Ticket.organisation_id.in_(portfolio_of(who)))
    if Role.BUYER in who.roles:
        desk.append(Ticket.capacity == Capacity.SUPPLIER)
    if Role.CHANNEL_MANAGER in who.roles:
        desk.append(Ticket.capacity == Capacity.PARTNER)
    return desk
