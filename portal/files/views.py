"""Downloads: authorised by the attachment, hence by its message, deal or order; never by what the file contains."""

import sqlalchemy as sa
from flask import Blueprint, Response, abort, request

from portal.access import Action
from portal.access.gate import note_read, principal, requires
from portal.deals.models import Deal
from portal.documents.models import OrderDocument
from portal.extensions import db
from portal.files.models import Attachment
from portal.files.names import content_disposition
from portal.files.storage import FileMissing, storage
from portal.files.thumbnails import MEDIA_TYPE
from portal.orders.models import Order
from portal.purchasing.invoices import SupplierInvoice
from portal.rfqs.models import RfqInvitation, RfqOffer
from portal.tickets.messages import Message
from portal.tickets.models import Ticket
from portal.web import find_or_404

bp = Blueprint("files", __name__)

# What was sent to us is never run or drawn as a page of ours.
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@bp.get("/files/<ref>")
@requires(Action.TICKET_READ, Action.DEAL_READ, Action.ORDER_READ)
def show(ref: str) -> Response:
    """The file as it was sent, to be saved under its name."""
    attachment = _attachment(ref)
    return send(attachment.sha256, attachment.media_type, content_disposition(attachment.filename), ref)


@bp.get("/files/<ref>/thumbnail")
@requires(Action.TICKET_READ, Action.DEAL_READ, Action.ORDER_READ)
def thumbnail(ref: str) -> Response:
    """The picture that we drew after it."""
    attachment = _attachment(ref)
    if attachment.thumbnail_sha256 is None:
        abort(404)
    return send(attachment.thumbnail_sha256, MEDIA_TYPE, "inline", f"{ref}-thumbnail")


def _attachment(ref: str) -> Attachment:
    attachment = find_or_404(Attachment, ref=ref)
    if principal().has_broken_glass:
        of_deal = sa.select(Deal.organisation_id).where(Deal.id == attachment.deal_id)
        of_ticket = sa.select(Ticket.organisation_id).join(Message, Message.ticket_id == Ticket.id)
        of_invoice = sa.select(Order.organisation_id).join(SupplierInvoice, SupplierInvoice.order_id == Order.id)
        of_document = sa.select(Order.organisation_id).join(OrderDocument, OrderDocument.order_id == Order.id)
        if attachment.deal_id:
            whose: sa.Select[int] = of_deal
        elif attachment.supplier_invoice_id:
            whose = of_invoice.where(SupplierInvoice.id == attachment.supplier_invoice_id)
        elif attachment.rfq_id or attachment.rfq_invitation_id or attachment.rfq_offer_id:
            of_offer = sa.select(RfqOffer.invitation_id).where(RfqOffer.id == attachment.rfq_offer_id)
            invited = sa.or_(
                RfqInvitation.id == attachment.rfq_invitation_id, RfqInvitation.id == of_offer.scalar_subquery()
            )
            whose = sa.select(RfqInvitation.organisation_id).where(invited)
        elif attachment.order_document_id:
            whose = of_document.where(OrderDocument.id == attachment.order_document_id)
        else:
            whose = of_ticket.where(Message.id == attachment.message_id)
        note_read(ref, db.session.scalar(whose))
    return attachment


def send(sha256: str, media_type: str, disposition: str, tag: str) -> Response:
    try:
        chunks = storage().chunks(sha256)
    except FileMissing:
        abort(404)
    response = Response(chunks, mimetype=media_type)
    response.content_length = storage().size(sha256) or 0
    response.headers["Content-Disposition"] = disposition
    response.headers["Content-Security-Policy"] = POLICY
    # The browser may keep it, and asks each time whether its reader still may have it.
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(tag)
    response.make_conditional(request)
    return response
