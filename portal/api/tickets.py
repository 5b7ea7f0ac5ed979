"""Tickets that programs open, and what they answer on them."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Action as Verb
from portal.access import Principal
from portal.access.finding import find, is_writable
from portal.access.gate import note
from portal.access.scope import acting_as
from portal.api.problems import ApiProblem
from portal.api.shapes import FedTicketShape, TicketShape
from portal.feeds.lookups import by_external_id, remember
from portal.feeds.outcome import Action, Outcome, Problem, refused
from portal.notices.tickets import tell_of_message, tell_of_opening
from portal.organisations.models import Channel, Organisation
from portal.tickets.messages import Message
from portal.tickets.models import Category, Priority, Ticket
from portal.tickets.opening import Party, own_parties, parties_of, team_for

_NOBODY = _l("Name an organisation for which tickets can be opened, and in which capacity.")


def allow(who: Principal, verb: Verb) -> None:
    if not who.may(verb):
        note("refused", organisation_id=who.organisation_id)
        raise ApiProblem("not-granted")


def open_one(session: Session, shape: TicketShape, who: Principal, at: datetime) -> Ticket | Problem:
    """A new ticket; flushed."""
    party = _party(session, shape, who)
    if party is None:
        return Problem("organisation", _NOBODY)
    ticket = Ticket.open(
        session,
        who,
        subject=shape.subject,
        body=shape.body,
        at=at,
        category=Category(shape.category),
        priority=Priority(shape.priority),
        related_reference=shape.related_reference,
        organisation_id=party.organisation_id,
        capacity=party.capacity,
        opened_by_organisation_id=party.opened_by_id,
        audience=[party.opened_by_id] if party.opened_by_id else [],
        team_id=team_for(session, Category(shape.category)).id,
        channel=Channel.API,
    )
    tell_of_opening(session, ticket, ticket.messages[0], who, at)
    session.flush()
    return ticket


def _party(session: Session, shape: TicketShape, who: Principal) -> Party | None:
    if who.is_staff:
        organisation = find(session, Organisation, Organisation.ref == shape.organisation)
        parties = parties_of(organisation) if organisation is not None else []
    else:
        parties = own_parties(session, who)
        if not shape.organisation:
            parties = parties[:1]
    wanted = [
        party
        for party in parties
        if shape.organisation in ("", party.organisation_ref) and shape.capacity in ("", party.capacity)
    ]
    return wanted[0] if wanted else None


def reply(session: Session, ref: str, body: str, who: Principal, at: datetime) -> Ticket:
    """Say something to the ticket's own company, to ours and to staff. Raises ApiProblem and RuleBroken."""
    ticket = find(session, Ticket, Ticket.ref == ref, lock=True)
    if ticket is None:
        note("not-found", reference=ref)
        raise ApiProblem("not-found")
    if not is_writable(ticket):
        note("refused", reference=ref, organisation_id=who.organisation_id)
        raise ApiProblem("not-granted")
    message = ticket.reply(who, body, at=at, audience=[ticket.organisation_id], channel=Channel.API)
    tell_of_message(session, ticket, message, who, at)
    session.flush()
    return ticket


def write(
    session: Session, source: str, shapes: Sequence[FedTicketShape], who: Principal, at: datetime
) -> list[Outcome]:
    """Open those that are not known yet. What was said stays as it was said: told again, it has to be the same."""
    allow(who, Verb.TICKET_OPEN)
    with acting_as(session, Principal.system("what a program has told before")):
        known = by_external_id(session, source, "ticket", {shape.external_id for shape in shapes})
    outcomes = []
    for shape in shapes:
        if shape.external_id in known:
            outcomes.append(_again(session, known[shape.external_id], shape))
            continue
        opened = open_one(session, shape, who, at)
        if isinstance(opened, Problem):
            outcomes.append(refused(opened))
            continue
        known[shape.external_id] = opened.id
        outcomes.append(Outcome(Action.CREATE, opened))
    new = {s.external_id: o.record.id for s, o in zip(shapes, outcomes, strict=True) if o.action == Action.CREATE}  # type: ignore[union-attr]
    if new:
        with acting_as(session, Principal.system("what a program calls its tickets")):
            for key, ticket_id in new.items():
                remember(session, source, "ticket", key, ticket_id)
            session.flush()
    return outcomes


def _again(session: Session, ticket_id: int, shape: FedTicketShape) -> Outcome:
    ticket = find(session, Ticket, Ticket.id == ticket_id)
    if ticket is None:
        return refused(Problem("external_id", _l("There is no such ticket here.")))
    first = sa.select(Message.body).where(Message.ticket_id == ticket.id).order_by(Message.id).limit(1)
    if (ticket.subject, session.scalar(first)) != (shape.subject, shape.body):
        return refused(Problem("body", _l("What was said stays as it was. Reply to the ticket instead.")))
    return Outcome(Action.UNCHANGED, ticket)
