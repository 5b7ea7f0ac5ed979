"""Documents of orders as the ERP tells them: a PDF that it has made, or the facts of one that the portal draws.

For a session of the system. What was drawn stays as it was issued; a file may be sent anew.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session, selectinload

from portal.access import Principal
from portal.config import settings
from portal.documents.content import Content, content_of
from portal.documents.models import DocumentKind, OrderDocument
from portal.errors import RuleBroken
from portal.feeds import amounts
from portal.feeds.lookups import by_external_id, by_name, records, remember
from portal.feeds.outcome import Action, Outcome, Problem, refused
from portal.feeds.shapes import DocumentShape
from portal.files.models import Attachment
from portal.files.names import safe_filename
from portal.files.sniff import HEAD, TypeNotAllowed, sniff
from portal.files.storage import storage
from portal.orders.lifecycle import Kind
from portal.orders.models import Order
from portal.organisations.models import ExternalId

NOUN = "document"
PDF = "application/pdf"
_BILLS = frozenset({DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE})
_OF_KIND = {
    Kind.SALES: frozenset(DocumentKind) - {DocumentKind.QUOTATION, DocumentKind.PURCHASE_ORDER},
    Kind.QUOTATION: frozenset({DocumentKind.QUOTATION}),
    Kind.PURCHASE: frozenset(DocumentKind) - {DocumentKind.QUOTATION},
}


@dataclass(slots=True)
class _Known:
    orders: dict[str, Order]
    documents: dict[str, OrderDocument]


def feed_documents(
    session: Session, source: str, shapes: Sequence[DocumentShape], who: Principal, at: datetime
) -> list[Outcome]:
    """Bring these in, in their order; flushed. What is refused changes nothing, the same again neither."""
    ids = by_external_id(session, source, NOUN, {shape.external_id for shape in shapes})
    order_ids = by_name(session, source, "order", Order, {shape.order for shape in shapes})
    orders = records(session, Order, order_ids.values(), selectinload(Order.details), selectinload(Order.lines))
    found = records(session, OrderDocument, ids.values(), selectinload(OrderDocument.attachments))
    known = _Known(
        orders={name: orders[id_] for name, id_ in order_ids.items() if id_ in orders},
        documents={key: found[id_] for key, id_ in ids.items() if id_ in found},
    )
    outcomes = []
    for shape in shapes:
        outcome = _feed(session, shape, known, at)
        if outcome.action == Action.CREATE and isinstance(outcome.record, OrderDocument):
            session.flush()
            known.documents[shape.external_id] = outcome.record
            remember(session, source, NOUN, shape.external_id, outcome.record.id)
        outcomes.append(outcome)
    session.flush()
    return outcomes


def take_back(session: Session, document: OrderDocument) -> None:
    """Undo that it was brought in. Flushed."""
    # Jobs want all models there, which feeds do not.
    from portal.files.forgetting import forget_later

    forget_later({sha256 for attachment in document.attachments for sha256 in attachment.hashes})
    for attachment in document.attachments:
        session.delete(attachment)
    session.execute(sa.delete(ExternalId).where(ExternalId.kind == NOUN, ExternalId.record_id == document.id))
    session.flush()
    session.delete(document)
    session.flush()


def restore(
    session: Session,
    source: str,
    external_id: str,
    before: Mapping[str, Any] | None,
    document: OrderDocument,
    who: Principal,
    at: datetime,
) -> None:
    """As it was `before` a feed, an outcome's; where it was nothing it goes. Flushed.

    Raises RuleBroken where it has another file by now: what was there before is not kept.
    """
    document.order.has_moved(at, publicly=True)
    if not before:
        take_back(session, document)
        return
    if before.get("sha256") and before["sha256"] != document.attachments[0].sha256:
        raise RuleBroken(_l("The file that stood there before is not kept."))
    currency = document.order.details.currency
    document.kind, document.number = before["kind"], before["number"]
    document.issued_on = date.fromisoformat(before["issued_on"])
    document.due_on = date.fromisoformat(before["due_on"]) if before["due_on"] else None
    document.total = None if before["total"] is None else amounts.minor(Decimal(before["total"]), currency)
    if before.get("filename"):
        document.attachments[0].filename = before["filename"]
    session.flush()


def moved(session: Session, left: Mapping[int, Mapping[str, Any]]) -> set[int]:
    """Those that are no longer as an import left them, or are gone."""
    options = (selectinload(OrderDocument.attachments), selectinload(OrderDocument.order).selectinload(Order.details))
    found: dict[int, OrderDocument] = records(session, OrderDocument, left.keys(), *options)
    return {id_ for id_, told in left.items() if id_ not in found or _differs(found[id_], told)}


def _differs(document: OrderDocument, told: Mapping[str, Any]) -> bool:
    return dict(snapshot(document, document.order)) != dict(told)


def _feed(session: Session, shape: DocumentShape, known: _Known, at: datetime) -> Outcome:
    order = known.orders.get(shape.order)
    if order is None:
        return refused(Problem("order", _l("There is no such order here.")))
    document = known.documents.get(shape.external_id)
    if document is not None and document.order_id != order.id:
        return refused(Problem("order", _l("The document belongs to another order.")))
    problems = _check(shape, order)
    content = None if problems or shape.content is not None else _drawn(shape, order, problems)
    if problems:
        return refused(*problems)
    if document is None:
        return _create(session, shape, order, content, at)
    return _update(session, document, shape, order, at)


def _check(shape: DocumentShape, order: Order) -> list[Problem]:
    problems = []
    if shape.kind not in _OF_KIND[Kind(order.kind)]:
        problems.append(Problem("kind", _l("An order of this kind has no such document.")))
    if shape.total is not None and shape.kind not in _BILLS:
        problems.append(Problem("total", _l("Only invoices and credit notes have a total of their own.")))
    try:
        amounts.minor(shape.total or Decimal(0), order.details.currency)
    except amounts.TooFine:
        problems.append(Problem("total", _l("The currency has no such fine units.")))
    if shape.content is not None:
        problems += _check_file(shape.content)
    elif order.kind == Kind.PURCHASE and shape.kind in _BILLS:
        # It is the supplier's to write.
        problems.append(Problem("content", _l("The file is missing.")))
    return problems


def _check_file(content: bytes) -> list[Problem]:
    try:
        is_pdf = sniff(content[:HEAD], "document.pdf") == PDF
    except TypeNotAllowed:
        is_pdf = False
    if not is_pdf:
        return [Problem("content", _l("The file is not a PDF."))]
    if len(content) > settings().attachment_max_mb * 1_000_000:
        return [Problem("content", _l("The file is too large."))]
    return []


def _drawn(shape: DocumentShape, order: Order, problems: list[Problem]) -> Content | None:
    """What it says, or a problem with that."""
    by_position = {line.position: line.id for line in order.lines}
    for line in shape.lines:
        if line.position not in by_position:
            problems.append(Problem(f"lines.{line.position}", _l("The order has no line with this number.")))
    if problems:
        return None
    told = {by_position[line.position]: amounts.quantity(line.quantity) for line in shape.lines}
    content = content_of(
        order,
        DocumentKind(shape.kind),
        number=shape.number,
        issued_on=shape.issued_on,
        due_on=shape.due_on,
        quantities=told or None,
    )
    reckoned = amounts.major(content.totals.total, order.details.currency)
    if shape.total is not None and shape.total != reckoned:
        message = _l("It comes to %(reckoned)s, not %(told)s.", reckoned=str(reckoned), told=str(shape.total))
        problems.append(Problem("total", message))
    return content


def _create(session: Session, shape: DocumentShape, order: Order, content: Content | None, at: datetime) -> Outcome:
    document = OrderDocument(
        order=order,
        kind=shape.kind,
        number=shape.number,
        issued_on=shape.issued_on,
        due_on=shape.due_on,
        created_at=at,
    )
    if content is not None:
        # Nothing is another thing to JSON than to the database.
        document.content = content.model_dump(mode="json", exclude_defaults=True)
    if content is not None and content.has_prices:
        document.total = content.totals.total
    elif shape.total is not None:
        document.total = amounts.minor(shape.total, order.details.currency)
    if shape.content is not None:
        document.attachments.append(_attachment(shape, shape.content, at))
    session.add(document)
    order.has_moved(at, publicly=True)
    return Outcome(Action.CREATE, document, {}, snapshot(document, order))


def _update(session: Session, document: OrderDocument, shape: DocumentShape, order: Order, at: datetime) -> Outcome:
    before = snapshot(document, order)
    if (document.content is None) != (shape.content is not None):
        return refused(Problem("content", _l("What was issued stays as it is: send another document.")))
    total = document.total if shape.total is None else amounts.minor(shape.total, order.details.currency)
    told = {"kind": shape.kind, "number": shape.number, "issued_on": shape.issued_on, "due_on": shape.due_on}
    changed = {name: value for name, value in told.items() if getattr(document, name) != value}
    if document.content is not None:
        if changed or total != document.total:
            return refused(Problem("number", _l("What was issued stays as it is: send another document.")))
        return Outcome(Action.UNCHANGED, document, before, before)
    for name, value in {**changed, "total": total}.items():
        setattr(document, name, value)
    (kept,) = document.attachments
    sent = _attachment(shape, shape.content or b"", at)
    for name in ("sha256", "size", "filename"):
        if getattr(kept, name) != getattr(sent, name):
            setattr(kept, name, getattr(sent, name))
    after = snapshot(document, order)
    if before == after:
        return Outcome(Action.UNCHANGED, document, before, after)
    order.has_moved(at, publicly=True)
    return Outcome(Action.UPDATE, document, before, after)


def _attachment(shape: DocumentShape, content: bytes, at: datetime) -> Attachment:
    stored = storage().put(io.BytesIO(content))
    name = safe_filename(shape.filename or f"{shape.kind}-{shape.number}.pdf")
    if not name.lower().endswith(".pdf"):
        name = f"{name}.pdf"
    return Attachment(sha256=stored.sha256, filename=name, media_type=PDF, size=stored.size, created_at=at)


def snapshot(document: OrderDocument, order: Order) -> Mapping[str, Any]:
    """The document as plain values in the words of its shape; of a file its name, size and hash."""
    currency = order.details.currency
    values: dict[str, Any] = {"order": order.ref, "kind": str(document.kind), "number": document.number}
    values |= {name: _plain(getattr(document, name)) for name in ("issued_on", "due_on")}
    values["total"] = None if document.total is None else str(amounts.major(document.total, currency))
    for attachment in document.attachments:
        values |= {"filename": attachment.filename, "size": attachment.size, "sha256": attachment.sha256}
    return values


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
