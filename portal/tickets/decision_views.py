"""Decisions about a ticket: each carries the version that was looked at, and a stale one shows both."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import abort
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, refuse, requires
from portal.accounts.models import Person, Team
from portal.clock import now
from portal.errors import RuleBroken
from portal.extensions import db
from portal.notices.tickets import tell_of_assignment, tell_of_copy, tell_of_hand_on, tell_of_state
from portal.tickets.blueprint import bp
from portal.tickets.forms import (
    AssignmentForm,
    ClassificationForm,
    CopyForm,
    StateForm,
    TeamForm,
    VersionForm,
    place,
)
from portal.tickets.lifecycle import Verb
from portal.tickets.models import Category, Priority, Ticket
from portal.tickets.page import TicketPage, is_guest
from portal.tickets.readers import room, staff_here
from portal.tickets.record_views import draw, held, refused, settled

Act = Callable[[Ticket, Any], Any]


@bp.post("/tickets/<ref>/closure")
@requires(Action.TICKET_CLOSE)
def create_closure(ref: str) -> BaseResponse:
    return _change_state(ref, Verb.CLOSE, _("The ticket is closed."))


@bp.post("/tickets/<ref>/reopening")
@requires(Action.TICKET_CLOSE)
def create_reopening(ref: str) -> BaseResponse:
    return _change_state(ref, Verb.REOPEN, _("The ticket is open again."))


@bp.post("/tickets/<ref>/state")
@requires(Action.TICKET_WORK)
def create_state(ref: str) -> BaseResponse:
    form = place(StateForm(), "state")
    return _change_state(ref, form.verb.data or "", _("The state was changed."), "state", form)


def _change_state(ref: str, verb: str, words: str, name: str = "", form: Any = None) -> BaseResponse:
    def act(ticket: Ticket, form: Any) -> None:
        who, at, before = principal(), now(), ticket.public_state
        ticket.change_state(who, Verb(verb), at=at, version=form.version.data)
        tell_of_state(db.session(), ticket, who, at, is_public=ticket.public_state != before)

    def fits(ticket: Ticket, form: Any) -> bool:
        if verb in list(Verb):
            return True
        form.verb.errors = [_("Choose one of these.")]
        return False

    return _decide(ref, name, form or VersionForm(), act, words, fits)


@bp.post("/tickets/<ref>/assignment")
@requires(Action.TICKET_WORK)
def create_assignment(ref: str) -> BaseResponse:
    """Into whose hands: one's own, those of a colleague who may work on it, or nobody's."""
    found: dict[str, Person | None] = {}

    def fits(ticket: Ticket, form: AssignmentForm) -> bool:
        workers = {reader.ref: reader.person_id for reader in staff_here(db.session(), ticket) if reader.works}
        if form.person.data and form.person.data not in workers:
            form.person.errors = [_("Choose one of these.")]
            return False
        found["person"] = db.session.get_one(Person, workers[form.person.data]) if form.person.data else None
        return True

    def act(ticket: Ticket, form: AssignmentForm) -> None:
        who, at = principal(), now()
        ticket.assign(who, found["person"], at=at, version=form.version.data or 0)
        tell_of_assignment(db.session(), ticket, who, at)

    return _decide(ref, "assignment", place(AssignmentForm(), "assignment"), act, _("The ticket was assigned."), fits)


@bp.post("/tickets/<ref>/team")
@requires(Action.TICKET_HAND_ON)
def create_team(ref: str) -> BaseResponse:
    """Hand it on to another team, be it one's own or not."""
    found: dict[str, Team | None] = {}

    def fits(ticket: Ticket, form: TeamForm) -> bool:
        found["team"] = db.session.scalar(sa.select(Team).where(Team.ref == form.team.data))
        if found["team"] is None:
            form.team.errors = [_("Choose one of these.")]
        return found["team"] is not None

    def act(ticket: Ticket, form: TeamForm) -> None:
        who, at, team = principal(), now(), found["team"]
        assert team is not None
        ticket.hand_on(who, team, at=at, version=form.version.data or 0)
        tell_of_hand_on(db.session(), ticket, who, at)

    return _decide(ref, "team", place(TeamForm(), "team"), act, _("The ticket was handed on."), fits)


@bp.post("/tickets/<ref>/classification")
@requires(Action.TICKET_WORK)
def create_classification(ref: str) -> BaseResponse:
    def act(ticket: Ticket, form: ClassificationForm) -> None:
        ticket.classify(
            principal(),
            category=Category(form.category.data),
            priority=Priority(form.priority.data),
            at=now(),
            version=form.version.data or 0,
        )

    form = place(ClassificationForm(), "classification")
    return _decide(ref, "classification", form, act, _("Category and priority were saved."))


def _decide(
    ref: str, name: str, form: Any, act: Act, words: str, fits: Callable[[Ticket, Any], bool] | None = None
) -> BaseResponse:
    """Check the form, call the verb, commit; on the way out say what stood against it."""
    ticket = held(ref)
    if is_guest(ticket):
        refuse()
    if not form.validate_on_submit() or (fits is not None and not fits(ticket, form)):
        return draw(TicketPage(ticket), 422, **({name: form} if name else {}))
    try:
        act(ticket, form)
    except RuleBroken as problem:
        return refused(ref, problem, form.since.data or "", **({name: form} if name else {}))
    db.session.commit()
    return settled(ref, words)


# ── Copies ────────────────────────────────────────────────────────────────────────────────────────


@bp.post("/tickets/<ref>/copies")
@requires(Action.TICKET_COPY)
def create_copy(ref: str) -> BaseResponse:
    """A colleague of the ticket's company reads along."""
    ticket, who, session, at = _copied_by_us(ref), principal(), db.session(), now()
    form = place(CopyForm(), "copy")
    own = next((c for c in room(session, ticket, who) if c.id == ticket.organisation_id), None)
    colleagues = {p.ref: p.person_id for p in own.colleagues if p.is_known} if own else {}
    if not form.validate_on_submit() or form.person.data not in colleagues:
        form.person.errors = form.person.errors or [_("Choose one of these.")]
        return draw(TicketPage(ticket), 422, copy=form)
    person = session.get_one(Person, colleagues[form.person.data])
    if ticket.copy_in(who, person, at=at):
        tell_of_copy(session, ticket, person.id, who, at)
    session.commit()
    return settled(ref, _("%(name)s reads along from now on.", name=person.name))


@bp.post("/tickets/<ref>/copies/<person_ref>/removal")
@requires(Action.TICKET_COPY)
def delete_copy(ref: str, person_ref: str) -> BaseResponse:
    """A copied colleague is left out again."""
    ticket = _copied_by_us(ref)
    person = db.session.scalar(sa.select(Person).where(Person.ref == person_ref))
    if person is None:
        abort(404)
    if not ticket.leave_out(principal(), person, at=now()):
        return refused(ref, RuleBroken(_("%(name)s is not copied in.", name=person.name)))
    db.session.commit()
    return settled(ref, _("%(name)s was taken off the copies.", name=person.name))


def _copied_by_us(ref: str) -> Ticket:
    """Copies are an affair of the ticket's own company and of staff."""
    ticket, who = held(ref), principal()
    if not who.is_staff and who.organisation_id != ticket.organisation_id:
        refuse()
    return ticket
