"""The page of one ticket: everything that its templates draw, for the customer and for staff alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Action, Ground, Principal
from portal.access.finding import grounds_of, is_writable
from portal.access.gate import principal
from portal.aftersales.about import Told, about_ticket
from portal.clock import now
from portal.extensions import db
from portal.forms import choices
from portal.rooms.kinds import KINDS
from portal.rooms.page import Room, room_of
from portal.tickets.around import Around, around
from portal.tickets.audience import Group, mailed_of_message, who_sees
from portal.tickets.changes import Changes, changes_since, mark
from portal.tickets.conversation import Event, Said, conversation, events
from portal.tickets.forms import (
    AssignmentForm,
    ClassificationForm,
    CopyForm,
    NoteForm,
    ReplyForm,
    StateForm,
    TeamForm,
    place,
)
from portal.tickets.lifecycle import State, Verb, verbs_from
from portal.tickets.models import Ticket, side_of
from portal.tickets.readers import Company, Reader, StaffReader, TeamOf, room, staff_here
from portal.tickets.sentences import ICONS, tell
from portal.tickets.words import VERBS, state_tone, state_words


@dataclass(frozen=True, slots=True)
class May:
    """What this reader may do to this ticket now: nothing else is offered."""

    reply: bool
    note: bool
    work: bool
    hand_on: bool
    close: bool
    reopen: bool
    copy: bool
    withdraw: bool
    redact: bool
    follow: bool


def may_do(who: Principal, ticket: Ticket, at: datetime) -> May:
    writes = is_writable(ticket)
    is_own = who.is_staff or not is_guest(ticket)
    verbs = verbs_from(ticket.state, side_of(who))
    is_over = ticket.state == State.CLOSED and not ticket.may_be_reopened(at)

    def may(action: Action) -> bool:
        return who.may(action) and (writes or is_writable(ticket, action))

    return May(
        reply=may(Action.TICKET_REPLY) and not is_over,
        note=may(Action.TICKET_NOTE),
        work=may(Action.TICKET_WORK),
        hand_on=may(Action.TICKET_HAND_ON),
        close=may(Action.TICKET_CLOSE) and is_own and Verb.CLOSE in verbs,
        reopen=may(Action.TICKET_CLOSE) and is_own and Verb.REOPEN in verbs and not is_over,
        copy=may(Action.TICKET_COPY) and (who.is_staff or who.organisation_id == ticket.organisation_id),
        withdraw=may(Action.MESSAGE_WITHDRAW),
        redact=may(Action.MESSAGE_REDACT),
        follow=is_over and who.may(Action.TICKET_OPEN),
    )


def is_guest(ticket: Ticket) -> bool:
    """Whether it is somebody else's, only shared with whoever looks: they talk along, and decide nothing."""
    return grounds_of(ticket) == (Ground.SHARED,)


def chosen_companies(who: Principal, companies: list[Company], form: ReplyForm) -> list[Company]:
    """The companies of the room that the form names; outsiders always read what they write."""
    if len(companies) == 1:
        return companies
    refs = set(form.audience.data or [])
    return [c for c in companies if c.ref in refs or (not who.is_staff and c.id == who.organisation_id)]


class TicketPage:
    """Read once for a request; forms that were refused take the place of fresh ones."""

    def __init__(self, ticket: Ticket, session: Session | None = None) -> None:
        self.session = session or db.session()
        self.who: Principal = principal()
        self.ticket = ticket
        self.at = now()
        self.may = may_do(self.who, ticket, self.at)
        self.said: list[Said] = conversation(self.session, self.who, ticket.id)
        self.events: list[Event] = events(self.session, self.who, ticket.id)
        self.around: Around = around(self.session, self.who, ticket)
        self.room: Room = room_of(self.session, self.who, KINDS["ticket"], ticket, self.at)
        # What was opened from an order names its number, so that no other ticket asks for one.
        named = bool(ticket.related_reference)
        self.about: Told | None = about_ticket(self.session, self.who, ticket) if named else None
        # Who can only read is asked for no audience, and is not told who else there is.
        writes = self.may.reply or self.may.note or self.may.copy
        self.companies: list[Company] = room(self.session, ticket, self.who) if writes else []
        self.staff: list[StaffReader] = staff_here(self.session, ticket, self.who) if writes else []

    @property
    def is_staff(self) -> bool:
        return self.who.is_staff

    @property
    def state(self) -> tuple[str, str]:
        """In words, and the tone of the badge."""
        state = self.ticket.state
        return str(state_words(state, staff=self.is_staff)), state_tone(state, staff=self.is_staff)

    @property
    def version(self) -> int:
        return self.ticket.version_for(self.who)

    @property
    def since(self) -> str:
        return mark(self.said, self.events)

    @property
    def last_message(self) -> str:
        return self.said[-1].ref if self.said else ""

    @property
    def entries(self) -> list[tuple[str, Any]]:
        """Messages and changes in one order; a message goes before the change that it brought."""
        both = [(said.at, 0, said) for said in self.said] + [(event.at, 1, event) for event in self.events]
        both.sort(key=lambda entry: entry[:2])
        return [("event" if kind else "message", entry) for _at, kind, entry in both]

    # ── Forms ─────────────────────────────────────────────────────────────────────────────────────

    def forms(self, given: dict[str, Any]) -> dict[str, Any]:
        """The forms of what this reader may do, with their choices; one that was refused is given and stays."""
        return {
            name: fill(self._form(name, form_class, given))
            for name, (form_class, may, fill) in self._composers().items()
            if may
        }

    def _composers(self) -> dict[str, tuple[Any, bool, Callable[[Any], Any]]]:
        return {
            "reply": (ReplyForm, self.may.reply, self.fill_audience),
            "note": (NoteForm, self.may.note, lambda form: form),
            "state": (StateForm, self.may.work, self._fill_state),
            "assignment": (AssignmentForm, self.may.work, self._fill_assignment),
            "team": (TeamForm, self.may.hand_on, self._fill_team),
            "classification": (ClassificationForm, self.may.work, self._fill_classification),
            "copy": (CopyForm, self.may.copy, self._fill_copy),
        }

    @staticmethod
    def _form(name: str, form_class: Any, given: dict[str, Any]) -> Any:
        return given.get(name) or place(form_class(formdata=None), name)

    def fill_audience(self, form: ReplyForm) -> ReplyForm:
        """The companies to choose from. Outsiders always read what they write, so that is no choice."""
        others = [c for c in self.companies if self.is_staff or c.id != self.who.organisation_id]
        verbs = verbs_from(self.ticket.state, side_of(self.who)) if self.is_staff else []
        form.then.choices = [choice for choice in form.then.choices if not choice.value or choice.value in verbs]
        form.audience.choices = choices((c.ref, c.name) for c in others) if len(self.companies) > 1 else []
        if form.body.raw_data is None:
            form.audience.data = [choice.value for choice in form.audience.choices]
        return form

    def chosen(self, form: ReplyForm) -> list[Company]:
        """The companies that a reply goes to; none where staff chose none."""
        return chosen_companies(self.who, self.companies, form)

    def _fill_state(self, form: StateForm) -> StateForm:
        verbs = [v for v in verbs_from(self.ticket.state, side_of(self.who)) if v not in (Verb.CLOSE, Verb.REOPEN)]
        form.verb.choices = choices((verb.value, VERBS[verb]) for verb in verbs)
        return form

    def _fill_assignment(self, form: AssignmentForm) -> AssignmentForm:
        form.person.choices = choices([("", _("Nobody")), *((r.ref, r.name) for r in self.staff if r.works)])
        if form.person.raw_data is None:
            form.person.data = self.around.assignee.ref if self.around.assignee else ""
        return form

    def _fill_team(self, form: TeamForm) -> TeamForm:
        others = [team for team in self.around.teams if team.id != self.ticket.team_id]
        form.team.choices = choices((team.ref, team.name) for team in others)
        return form

    def _fill_classification(self, form: ClassificationForm) -> ClassificationForm:
        if form.category.raw_data is None:
            form.category.data, form.priority.data = self.ticket.category, self.ticket.priority
        return form

    def _fill_copy(self, form: CopyForm) -> CopyForm:
        form.person.choices = choices((person.ref, person.name) for person in self.colleagues if person.is_known)
        return form

    @property
    def colleagues(self) -> list[Reader]:
        """People of the ticket's company who could be copied in."""
        return next((c.colleagues for c in self.companies if c.id == self.ticket.organisation_id), [])

    @property
    def may_take(self) -> bool:
        own = next((reader for reader in self.staff if reader.person_id == self.who.person_id), None)
        return self.may.work and own is not None and own.works and self.ticket.assignee_id != self.who.person_id

    # ── Who sees this ─────────────────────────────────────────────────────────────────────────────

    def tell(self, event: Event) -> str:
        return tell(event, self.around, to_staff=self.is_staff)

    @staticmethod
    def icon(event: Event) -> str:
        return ICONS.get(event.kind, "history")

    @property
    def own_ref(self) -> str:
        return self.who.person_ref

    @property
    def reply_help(self) -> str | None:
        """What an outsider's answer will do to the state."""
        if self.is_staff or self.ticket.state not in (State.WAITING, State.RESOLVED, State.CLOSED):
            return None
        if self.ticket.state == State.WAITING:
            return str(_("We are waiting for your answer. It puts the ticket back in progress."))
        return str(_("Your answer reopens the ticket."))

    @property
    def team(self) -> TeamOf:
        named = self.around.team(self.ticket.team_id)
        return TeamOf(self.ticket.team_id, named.name if named else "")

    def readers_of_reply(self, form: ReplyForm) -> list[Group]:
        return self._readers(self.chosen(form))

    @property
    def readers_of_note(self) -> list[Group]:
        return self._readers([])

    def _readers(self, companies: list[Company]) -> list[Group]:
        mailed = mailed_of_message(self.who, self.ticket, companies, self.staff)
        return who_sees(self.who, companies, self.staff, self.team, mailed)

    # ── Somebody was quicker ──────────────────────────────────────────────────────────────────────

    def changes(self, seen: str) -> Changes:
        names = {reader.person_id: reader.name for reader in self.staff}
        return changes_since(seen, self.ticket, self.around, self.said, self.events, names, to_staff=self.is_staff)
