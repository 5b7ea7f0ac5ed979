"""The page behind the bell."""

from typing import Any

from flask import Blueprint, Response, g, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.access.gate import principal, signed_in
from portal.clock import now
from portal.extensions import db
from portal.notices.models import Notice
from portal.notices.places import place_of
from portal.notices.reading import mark_all_read, notices_of
from portal.notices.words import icon_of, sentence_html
from portal.web import done, find_or_404, render

bp = Blueprint("notices", __name__)


def _list(after: str | None = None) -> dict[str, Any]:
    who = principal()
    rows, further = notices_of(who, after)
    notices = [
        {
            "ref": row.ref,
            "sentence": sentence_html(row.kind, row.params, row.actor, is_staff=who.is_staff),
            "icon": icon_of(row.kind),
            "url": place_of(
                row.kind,
                row.ticket_ref,
                row.message_ref,
                deal_ref=row.deal_ref,
                order_ref=row.order_ref,
                share_ref=row.params.get("share"),
                lead_ref=row.params.get("lead"),
                rfq_ref=row.rfq_ref,
            ),
            "record_ref": row.ticket_ref or row.deal_ref or row.order_ref or row.rfq_ref,
            "subject": row.params.get("reason")
            if row.kind == "break-glass"
            else row.subject or row.customer_name or row.order_number or row.rfq_title,
            "at": row.created_at,
            "is_unread": row.read_at is None,
            "is_note": row.kind == "note",
        }
        for row in rows
    ]
    next_url = url_for("notices.index", after=further) if further else None
    return {"notices": notices, "next_url": next_url, "after": after}


@bp.get("/notices")
@signed_in
def index() -> Response:
    return render("notices/index.html", "notices/_notices.html", **_list(request.args.get("after")))


@bp.post("/notices/<ref>/reading")
@signed_in
def create_reading(ref: str) -> BaseResponse:
    """One notice has been read."""
    notice = find_or_404(Notice, ref=ref)
    notice.read_at = notice.read_at or now()
    db.session.commit()
    return _answer(request.form.get("after"))


@bp.post("/notices/readings")
@signed_in
def create_readings() -> BaseResponse:
    """All of them have been read."""
    mark_all_read(principal(), now())
    db.session.commit()
    return _answer(None)


def _answer(after: str | None) -> BaseResponse:
    g.pop("unread_notices", None)
    return done(url_for("notices.index", after=after or None), "notices/_read.html", **_list(after))
