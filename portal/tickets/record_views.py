"""One ticket, for the customer and for staff at the same address; its news; and the table of its states."""

from typing import Any, NamedTuple

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Ground
from portal.access.finding import find, ground_of, is_writable
from portal.access.gate import note_read, principal, refuse, requires
from portal.accounts.kept import refill
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.lifecycles import Transition
from portal.notices.reading import mark_read_for_ticket
from portal.tickets.blueprint import bp
from portal.tickets.conversation import news
from portal.tickets.forms import NoteForm, ReplyForm, place
from portal.tickets.lifecycle import TRANSITIONS, Side, State, Verb
from portal.tickets.models import Ticket
from portal.tickets.page import TicketPage
from portal.tickets.words import VERBS, state_tone, state_words
from portal.web import find_or_404, go_to, render, wants_fragment

# Reached for reading because of what the role is, not because somebody put the ticket into these hands.
_FROM_AFAR = frozenset({Ground.UNRESTRICTED, Ground.ALL})


@bp.get("/tickets/<ref>")
@requires(Action.TICKET_READ)
def show(ref: str) -> Response:
    ticket = find_or_404(Ticket, ref=ref)
    who = principal()
    if who.is_staff:
        note_read(ref, ticket.organisation_id, from_afar=ground_of(ticket) in _FROM_AFAR)
    page = TicketPage(ticket)
    mark_read_for_ticket(ticket.id, has_unread=page.around.has_unread)
    forms: dict[str, Any] = {}
    if "kept" in request.args:
        forms["reply"] = _refilled(ReplyForm, "reply", url_for("tickets.create_reply", ref=ref))
        forms["note"] = _refilled(NoteForm, "note", url_for("tickets.create_note", ref=ref))
    return draw(page, **forms)


def _refilled(form_class: Any, name: str, action: str) -> Any:
    form = refill(place(form_class(formdata=None), name), action)
    form.receive(principal().person_id or 0)
    return form


@bp.get("/tickets/<ref>/news")
@requires(Action.TICKET_READ, quiet=True)
def show_news(ref: str) -> Response:
    """What was said since the page was drawn, to be added to it; nothing where nothing was."""
    said = news(db.session(), principal(), ref, request.args.get("after", ""))
    if said is None:
        abort(404)
    if not said:
        return Response(status=204)
    entries = [("message", message) for message in said]
    return render("tickets/_news.html", ref=ref, entries=entries, after=said[-1].ref)


@bp.get("/tickets/states")
@requires(Action.TICKET_READ)
def states() -> Response:
    """The life of a ticket, drawn from the table that enforces it; outsiders see their half of it."""
    is_staff = principal().is_staff
    rows = [_transition(row, is_staff) for row in TRANSITIONS if is_staff or Side.OUTSIDERS in row.sides]
    # What outsiders are told is less than what there is: some rows are the same to them.
    return render("tickets/states.html", rows=list(dict.fromkeys(rows)), is_staff=is_staff)


class _Row(NamedTuple):
    source: tuple[str, str]
    verb: str
    target: tuple[str, str]
    who: str


def _transition(row: Transition[State, Verb, Side], is_staff: bool) -> _Row:
    def badge(state: str) -> tuple[str, str]:
        return str(state_words(state, staff=is_staff)), state_tone(state, staff=is_staff)

    who = {
        frozenset({Side.STAFF}): _("Staff"),
        frozenset({Side.OUTSIDERS}): _("Customers, suppliers and partners"),
        frozenset(Side): _("Everybody"),
    }
    verb = _("You answer") if row.verb == Verb.ANSWER and not is_staff else str(VERBS[row.verb])
    return _Row(badge(row.source), verb, badge(row.target), who[row.sides] if is_staff else "")


# ── What the verbs of the other modules share ─────────────────────────────────────────────────────


def draw(record: TicketPage, status: int = 200, fragment: str = "tickets/_record.html", **context: Any) -> Response:
    """The page; for htmx the conversation, with the facts beside it out of band."""
    forms = record.forms(context)
    if "reply" in context and not record.may.reply:
        # It can be sent no more: where a new ticket follows, the words go along.
        context["unsent"] = context.pop("reply")
    return render("tickets/show.html", fragment, status, record=record, **context | forms)


def held(ref: str, action: Action | None = None) -> Ticket:
    """The ticket, locked for a change that this person may make to it: any, or just this one."""
    ticket = find_or_404(Ticket, ref=ref, lock=True)
    if not is_writable(ticket, action):
        refuse()
    return ticket


def refused(ref: str, problem: RuleBroken, since: str = "", **forms: Any) -> Response:
    """The model said no: the page as it is now, with what was typed, and both versions where it had moved on."""
    db.session.rollback()
    page = TicketPage(find_or_404(Ticket, ref=ref))
    changes = page.changes(since) if isinstance(problem, Stale) else None
    return draw(page, 409, problem=problem.message, changes=changes, **forms)


def settled(ref: str, words: Any = None, anchor: str | None = None) -> BaseResponse:
    """After the commit: the page anew. Whoever gave the ticket out of their reach is taken to the list."""
    if words:
        flash(words, "success")
    session = db.session()
    session.info.pop("grounds", None)
    ticket = find(session, Ticket, Ticket.ref == ref)
    if ticket is None:
        flash(_("The ticket is with others now."), "info")
        return go_to(url_for("tickets.index"))
    if wants_fragment():
        return draw(TicketPage(ticket))
    return go_to(url_for("tickets.show", ref=ref, _anchor=anchor))
