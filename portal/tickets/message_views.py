"""Saying something on a ticket, taking it back, and having its words removed."""

from typing import Any

from flask import Response, abort, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import note, principal, refuse, requires
from portal.clock import now
from portal.errors import RuleBroken
from portal.extensions import db
from portal.files.forgetting import forget_later
from portal.notices.tickets import tell_of_message
from portal.text import to_html
from portal.tickets.blueprint import bp
from portal.tickets.forms import NoteForm, ReplyForm, place
from portal.tickets.lifecycle import Verb
from portal.tickets.messages import Message
from portal.tickets.models import Ticket
from portal.tickets.page import TicketPage, chosen_companies
from portal.tickets.readers import room
from portal.tickets.record_views import draw, held, refused, settled
from portal.web import find_or_404


@bp.post("/tickets/<ref>/replies")
@requires(Action.TICKET_REPLY)
def create_reply(ref: str) -> BaseResponse:
    ticket, who, session, at = held(ref), principal(), db.session(), now()
    form = place(ReplyForm(), "reply")
    companies = chosen_companies(who, room(session, ticket, who), form)
    is_sound = form.validate_on_submit()
    files = form.receive(who.person_id or 0)
    if not companies:
        form.audience.errors = [_("Choose at least one company, or write an internal note instead.")]
    if not is_sound or form.files.errors or form.audience.errors:
        return draw(TicketPage(ticket), 422, reply=form)
    try:
        message = ticket.reply(
            who,
            form.body.data or "",
            at=at,
            audience=[company.id for company in companies],
            attachments=[file.attachment(at) for file in files],
            then=Verb(form.then.data) if form.then.data and who.is_staff else None,
            version=form.version.data,
        )
    except RuleBroken as problem:
        return refused(ref, problem, form.since.data or "", reply=form)
    tell_of_message(session, ticket, message, who, at)
    session.commit()
    return settled(ref, _("Your reply was sent."), message.ref)


@bp.post("/tickets/<ref>/notes")
@requires(Action.TICKET_NOTE)
def create_note(ref: str) -> BaseResponse:
    ticket, who, session, at = held(ref), principal(), db.session(), now()
    form = place(NoteForm(), "note")
    is_sound = form.validate_on_submit()
    files = form.receive(who.person_id or 0)
    if not is_sound or form.files.errors:
        return draw(TicketPage(ticket), 422, note=form)
    attachments = [file.attachment(at) for file in files]
    message = ticket.note(who, form.body.data or "", at=at, attachments=attachments)
    tell_of_message(session, ticket, message, who, at)
    session.commit()
    return settled(ref, _("The internal note was added."), message.ref)


@bp.post("/tickets/<ref>/preview")
@requires(Action.TICKET_REPLY)
def create_message_preview(ref: str) -> Response:
    """What was typed as it will be read; without scripts the whole page with it."""
    return _redraw(ref, "tickets/_preview.html")


@bp.post("/tickets/<ref>/readers")
@requires(Action.TICKET_REPLY)
def show_readers(ref: str) -> Response:
    """Who would see a reply to the companies that are chosen now."""
    return _redraw(ref, "tickets/_reply_readers.html")


def _redraw(ref: str, fragment: str) -> Response:
    ticket = find_or_404(Ticket, ref=ref)
    record = TicketPage(ticket)
    name = "note" if request.form.get("composer") == "note" and record.may.note else "reply"
    if not (record.may.note if name == "note" else record.may.reply):
        refuse()
    form: Any = place(NoteForm() if name == "note" else ReplyForm(), name)
    form.receive(principal().person_id or 0)
    preview = to_html(form.body.data or "")
    context = {"preview": preview, "preview_id": f"{name}-preview", name: form}
    return draw(record, fragment=fragment, **context)


@bp.post("/tickets/<ref>/messages/<message_ref>/withdrawal")
@requires(Action.MESSAGE_WITHDRAW)
def create_withdrawal(ref: str, message_ref: str) -> BaseResponse:
    """The author takes a message back."""
    message = _message(held(ref), message_ref)
    if message.author_id != principal().person_id:
        refuse()
    try:
        forget_later(message.withdraw(principal(), now()))
    except RuleBroken as problem:
        return refused(ref, problem)
    db.session.commit()
    return settled(ref, _("The message was taken back."), message_ref)


@bp.post("/tickets/<ref>/messages/<message_ref>/redaction")
@requires(Action.MESSAGE_REDACT)
def create_redaction(ref: str, message_ref: str) -> BaseResponse:
    """Staff remove the words of a message for good."""
    ticket = held(ref, Action.MESSAGE_REDACT)
    message = _message(ticket, message_ref)
    try:
        forget_later(message.redact(principal(), now()))
    except RuleBroken as problem:
        return refused(ref, problem)
    if principal().has_broken_glass:
        note("break-glass-redacted", reference=message_ref, organisation_id=ticket.organisation_id)
    db.session.commit()
    return settled(ref, _("The words of the message were removed."), message_ref)


def _message(ticket: Ticket, ref: str) -> Message:
    message = find_or_404(Message, ref=ref)
    if message.ticket_id != ticket.id:
        abort(404)
    return message
