"""A new ticket: the form, its preview, who would read it, and sending it."""

from typing import Any

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.finding import find
from portal.access.gate import principal, requires
from portal.accounts.kept import kept_fields, refill
from portal.clock import now
from portal.extensions import db
from portal.notices.tickets import tell_of_copy, tell_of_opening
from portal.organisations.models import Organisation
from portal.text import clean_line, to_html
from portal.tickets.blueprint import bp
from portal.tickets.forms import NewTicketForm
from portal.tickets.models import Ticket
from portal.tickets.opening import Draft, Party, find_organisations, own_parties, parties_of
from portal.tickets.words import CATEGORY_HELP
from portal.web import find_or_404, go_to, render


@bp.get("/tickets/new")
@requires(Action.TICKET_OPEN)
def new() -> Response:
    follows = _followed(request.args.get("follows"))
    parties = _parties(follows)
    if not parties:
        return _choose_organisation()
    form = NewTicketForm(formdata=None, follows=follows.ref if follows else "")
    if follows:
        form.subject.data, form.category.data = follows.subject, follows.category
    refill(form, url_for("tickets.create_here"), url_for("tickets.create"))
    form.receive(principal().person_id or 0)
    return _draw(Draft(db.session(), principal(), form, parties), follows)


@bp.post("/tickets")
@bp.post("/tickets/new", endpoint="create_here")
@requires(Action.TICKET_OPEN)
def create() -> BaseResponse:
    """The second address is that of the page, where a refused form stays and can be sent again."""
    who, session, form, at = principal(), db.session(), NewTicketForm(), now()
    follows = _followed(form.follows.data)
    draft = Draft(session, who, form, _some_parties(follows))
    is_sound = form.validate_on_submit()
    files = form.receive(who.person_id or 0)
    if not is_sound or form.files.errors:
        return _draw(draft, follows, status=422)
    ticket = draft.open(files, follows, at)
    message = ticket.messages[0]
    tell_of_opening(session, ticket, message, who, at)
    for reader in draft.copied:
        tell_of_copy(session, ticket, reader.person_id, who, at)
    session.commit()
    return _leave(ticket)


@bp.post("/tickets/preview")
@requires(Action.TICKET_OPEN)
def create_preview() -> Response:
    """What was typed as it will be read; without scripts the whole form with it."""
    return _redraw("tickets/_preview.html")


@bp.post("/tickets/readers")
@requires(Action.TICKET_OPEN)
def show_readers_of_new() -> Response:
    """Who would see what the form says now."""
    return _redraw("tickets/_new_readers.html")


def _redraw(fragment: str) -> Response:
    who, form = principal(), NewTicketForm()
    follows = _followed(form.follows.data)
    draft = Draft(db.session(), who, form, _some_parties(follows))
    form.receive(who.person_id or 0)
    return _draw(draft, follows, fragment=fragment, preview=to_html(form.body.data or ""))


def _draw(
    draft: Draft, follows: Ticket | None, *, fragment: str = "tickets/_new.html", status: int = 200, **more: Any
) -> Response:
    context = {"draft": draft, "form": draft.form, "follows": follows, "category_help": CATEGORY_HELP, "at": now()}
    return render("tickets/new.html", fragment, status, **context, preview_id="preview", **more)


def _parties(follows: Ticket | None) -> list[Party]:
    """Outsiders: whom they act for. Staff: the organisation that they chose before; none means that they choose."""
    who, session = principal(), db.session()
    if not who.is_staff:
        return own_parties(session, who)
    kept = kept_fields(url_for("tickets.create_here"), url_for("tickets.create"))
    chosen = request.form.get("party") or (kept.get("party") if kept else None) or request.args.get("organisation", "")
    ref = chosen.partition(".")[0]
    if follows is not None and not ref:
        return parties_of(session.get_one(Organisation, follows.organisation_id))
    return parties_of(find_or_404(Organisation, ref=ref)) if ref else []


def _some_parties(follows: Ticket | None) -> list[Party]:
    """Our own form always names an organisation to staff; what does not is no form of ours."""
    return _parties(follows) or abort(400)


def _choose_organisation() -> Response:
    """Staff name the organisation first."""
    words = clean_line(request.args.get("find", ""))[:100]
    found = find_organisations(db.session(), words) if words else []
    return render("tickets/choose.html", "tickets/_choose.html", words=words, found=found)


def _followed(ref: str | None) -> Ticket | None:
    return find_or_404(Ticket, ref=ref) if ref else None


def _leave(ticket: Ticket) -> BaseResponse:
    flash(_("Sent. The reference is %(ref)s.", ref=ticket.ref), "success")
    if principal().is_staff and find(db.session(), Ticket, Ticket.id == ticket.id) is None:
        # It went to a team whose tickets are not theirs to read.
        return go_to(url_for("tickets.index"))
    return go_to(url_for("tickets.show", ref=ticket.ref))
