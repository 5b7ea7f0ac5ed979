"""Sharing a record, ending that, and joining what was shared."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, flash, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Principal
from portal.access.finding import find
from portal.access.gate import note_read, principal, refuse, requires, signed_in
from portal.access.scope import acting_as
from portal.accounts.kept import refill
from portal.accounts.models import SignInSession
from portal.clock import now
from portal.deals.page import DealPage, parts
from portal.errors import RuleBroken
from portal.extensions import db
from portal.forms import choices
from portal.organisations.models import Share
from portal.rooms import sharing
from portal.rooms.forms import COMPANY, JoinForm, ShareForm
from portal.rooms.joining import Offer, join, last_day, offer_to
from portal.rooms.kinds import KINDS, RecordKind
from portal.rooms.page import MOST_SHOWN, room_of
from portal.rooms.rules import may_end, offered_to, waiting_for
from portal.rooms.words import shared_sentence_html
from portal.text import isolate
from portal.web import find_or_404, go_to, render

bp = Blueprint("rooms", __name__)


@requires(Action.RECORD_SHARE)
def index(kind: str, ref: str) -> Response:
    """Whom a record is shared with, and sharing it with somebody else."""
    of, record = _managed(kind, ref)
    form = ShareForm(formdata=None, offers_no_end=principal().is_staff)
    return _draw(of, record, refill(form, url_for("rooms.create", kind=kind, ref=ref)))


@requires(Action.RECORD_SHARE)
def create(kind: str, ref: str) -> BaseResponse:
    of, record = _managed(kind, ref, lock=True)
    who = principal()
    form = ShareForm(offers_no_end=who.is_staff)
    if not form.validate_on_submit():
        return _draw(of, record, form, 422)
    try:
        sharing.offer(
            db.session(),
            who,
            of,
            record,
            address=form.address.data or "",
            is_for_company=form.whom.data == COMPANY,
            reads_past=form.reads_past.data,
            ends_at=form.ends_at,
            at=now(),
        )
    except RuleBroken as problem:
        db.session.rollback()
        return _draw(of, _managed(kind, ref)[1], form, 409, str(problem.message))
    db.session.commit()
    flash(_("The invitation is on its way to %(address)s.", address=isolate(form.address.data or "")), "success")
    return go_to(url_for("rooms.index", kind=kind, ref=ref))


@requires(Action.RECORD_SHARE)
def create_ending(kind: str, ref: str, share_ref: str) -> BaseResponse:
    """A share is ended, or a guest leaves."""
    of, who, session = KINDS[kind], principal(), db.session()
    record = find_or_404(of.model, ref=ref, lock=True)
    share = find_or_404(Share, ref=share_ref, lock=True)
    if (share.record_kind, share.record_id) != (of.name, record.id):
        abort(404)
    if not may_end(who, share, record):
        refuse()
    sharing.end(session, who, of, record, share, now())
    session.commit()
    session.info.pop("grounds", None)
    flash(_("The share has ended."), "success")
    if find(session, of.model, of.model.id == share.record_id) is None:
        return go_to(f"/{of.plural}")
    return go_to(url_for("rooms.index", kind=kind, ref=ref) if of.manages(who, record) else of.url(ref))


for _kind in KINDS.values():
    _of_kind: dict[str, Any] = {"defaults": {"kind": _kind.name}}
    _shares = f"/{_kind.plural}/<ref>/shares"
    bp.add_url_rule(_shares, "index", index, methods=["GET"], **_of_kind)
    bp.add_url_rule(_shares, "create", create, methods=["POST"], **_of_kind)
    bp.add_url_rule(f"{_shares}/<share_ref>/ending", "create_ending", create_ending, methods=["POST"], **_of_kind)


def _managed(kind: str, ref: str, *, lock: bool = False) -> tuple[RecordKind, Any]:
    """The record, if it is this person's to share."""
    of = KINDS[kind]
    record = find_or_404(of.model, ref=ref, lock=lock)
    if not of.manages(principal(), record):
        refuse()
    if principal().is_staff:
        note_read(ref, record.organisation_id)
    return of, record


def _draw(of: RecordKind, record: Any, form: ShareForm, status: int = 200, problem: str = "") -> Response:
    room = room_of(db.session(), principal(), of, record, now())
    title = getattr(record, of.title)
    return render(
        "rooms/index.html", None, status, kind=of, record=record, title=title, room=room, form=form, problem=problem
    )


def _on_deal(page: DealPage) -> dict[str, Any]:
    return {"room": room_of(page.session, page.who, KINDS["deal"], page.deal, page.at)}


parts.append(_on_deal)


# ── Joining ───────────────────────────────────────────────────────────────────────────────────────


@bp.get("/rooms")
@signed_in
def offers() -> Response:
    """What was offered to the reader and waits for them to join."""
    found = db.session.execute(waiting_for(principal(), now()).limit(MOST_SHOWN)).all()
    return render("rooms/offers.html", offers=[(row, _told(row), _until(row.ends_at)) for row in found])


def _told(row: Any) -> Markup:
    return shared_sentence_html(row.record_kind, row.sharer, row.sharer_company or "")


def _until(ends_at: datetime | None) -> datetime | None:
    return last_day(ends_at) if ends_at else None


@bp.get("/rooms/<ref>")
@signed_in
def show(ref: str) -> BaseResponse:
    """What was offered to the reader's address; it opens nothing until they join."""
    share = find_or_404(Share, ref=ref)
    kind, record_id = KINDS[share.record_kind], share.record_id
    if (record := kind.find(db.session(), record_id)) is not None:
        return go_to(kind.url(record.ref))
    if share.joined_by_id == principal().person_id and share.is_live(now()):
        with acting_as(db.session(), Principal.system("where it is")):
            # That page offers the switch to the company that joined.
            return go_to(kind.url(db.session.get_one(kind.model, record_id).ref))
    return _draw_offer(_offered(ref), JoinForm(formdata=None))


@bp.post("/rooms/<ref>/joining")
@signed_in
def create_joining(ref: str) -> BaseResponse:
    who, form = principal(), JoinForm()
    offer = _offered(ref)
    if offer is None or not form.validate_on_submit():
        return _draw_offer(offer, form, 422)
    with acting_as(db.session(), Principal.system("join a room")):
        chosen = join(db.session(), who, ref, form.place.data or "", now())
        db.session.commit()
    if who.acting is None or chosen.key != who.acting.key:
        db.session.get_one(SignInSession, who.session_id).acting_key = chosen.key
        db.session.commit()
    flash(_("You have joined."), "success")
    return go_to(offer.kind.url(offer.ref))


def _offered(ref: str) -> Offer | None:
    """What was offered to an address of the reader's own; None where it is over."""
    who, session = principal(), db.session()
    share = find(session, Share, Share.ref == ref, offered_to(Share, who))
    if share is None:
        abort(404)
    with acting_as(session, Principal.system("what was offered")):
        return offer_to(session, who, session.get_one(Share, share.id), now())


def _draw_offer(offer: Offer | None, form: JoinForm, status: int = 200) -> Response:
    if offer is None:
        return render("rooms/over.html", status=410)
    form.place.choices = choices((place.key, place.organisation_name) for place in offer.places)
    if form.place.data is None and offer.places:
        form.place.data = offer.places[0].key
    sentence = shared_sentence_html(offer.kind.name, offer.sharer)
    return render("rooms/show.html", None, status, offer=offer, form=form, sentence=sentence, who=principal())
