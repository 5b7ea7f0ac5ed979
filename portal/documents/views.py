"""The documents of an order, as files: drawn for whoever reads the order whole, in a language of their choice."""

import hashlib
import json
from threading import BoundedSemaphore
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import requires
from portal.config import settings
from portal.documents.content import Content
from portal.documents.models import OrderDocument
from portal.documents.words import KINDS
from portal.extensions import db, limiter
from portal.files.names import content_disposition
from portal.files.views import POLICY
from portal.languages import voice
from portal.languages.table import LANGUAGES
from portal.languages.voice import speaking
from portal.orders.models import Order
from portal.orders.record_views import note_order_read
from portal.web import find_or_404, go_to

bp = Blueprint("documents", __name__)

# Drawing takes a processor for as long as it lasts: the others have pages to draw.
_TURNS = BoundedSemaphore(2)


@bp.get("/orders/<ref>/documents/<document_ref>")
@requires(Action.ORDER_READ)
@limiter.limit("60 per minute")
def show(ref: str, document_ref: str) -> BaseResponse:
    """To be saved under its name: what the ERP made, or else what the portal draws, in `?language=`."""
    order = find_or_404(Order, ref=ref)
    document = find_or_404(OrderDocument, ref=document_ref)
    if document.order_id != order.id:
        abort(404)
    note_order_read(order)
    if document.content is None:
        return go_to(url_for("files.show", ref=document.attachments[0].ref))
    content, kind, number = document.content, document.kind, document.number
    chosen = request.args.get("language")
    if chosen in LANGUAGES and chosen != voice().language:
        with speaking(chosen, voice().time_zone):
            return drawn(content, kind, number)
    return drawn(content, kind, number)


def drawn(content: dict[str, Any], kind: str, number: str) -> Response:
    """The PDF of what a document says, in the language that is spoken."""
    # Nobody waits for the database while it is drawn.
    db.session.rollback()
    accent, speaker = settings().brand_colour, voice()
    told = json.dumps([content, speaker.language, speaker.calendar, speaker.digits, accent], sort_keys=True)
    response = Response(mimetype="application/pdf")
    response.set_etag(hashlib.sha256(told.encode()).hexdigest())
    name = _("%(kind)s %(number)s", kind=KINDS[kind], number=number.replace("/", "-"))
    response.headers["Content-Disposition"] = content_disposition(f"{name}.pdf")
    response.headers["Content-Language"] = speaker.language
    response.headers["Content-Security-Policy"] = POLICY
    # The browser may keep it, and asks each time whether its reader still may have it.
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    if response.status_code == 200:
        # Brings in what draws.
        from portal.documents.drawing import draw

        with _TURNS:
            response.set_data(draw(Content.model_validate(content), accent))
    return response
