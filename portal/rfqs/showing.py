"""Lines, offers, files and clarifications as pages show them: numbers as kept, texts in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from portal.access.scope import keep
from portal.accounts.models import Person
from portal.files.models import Attachment
from portal.languages import date_text, money_text, number_text, voice
from portal.languages.formats import own_digits
from portal.orders.words import quantity_text
from portal.products.models import Product, in_language
from portal.rfqs.invitations import RfqClarification
from portal.rfqs.offers import LineTerms, RfqOffer, RfqOfferLine
from portal.rfqs.requests import RfqLine


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line of the request."""

    id: int
    position: int
    position_text: str
    name: str
    code: str
    description: str
    quantity: int
    unit: str
    quantity_text: str
    wished_on: date | None


_LINES = keep(
    sa.select(
        *(RfqLine.id, RfqLine.position, RfqLine.description, RfqLine.quantity, RfqLine.unit, RfqLine.wished_on),
        *(Product.names, Product.code),
    )
    .outerjoin(Product, Product.id == RfqLine.product_id)
    .where(RfqLine.rfq_id == sa.bindparam("rfq_id"))
    .order_by(RfqLine.position)
)


def lines_of(session: Session, rfq_id: int) -> list[AskedLine]:
    rows, language = session.execute(_LINES, {"rfq_id": rfq_id}), voice().language
    return [_line(row, in_language(row.names or {}, language)) for row in rows]


def _line(row: Any, product: str) -> AskedLine:
    return AskedLine(
        id=row.id,
        position=row.position,
        position_text=own_digits(str(row.position)),
        name=product or row.description,
        code=row.code or "",
        description=row.description if product else "",
        quantity=row.quantity,
        unit=row.unit,
        quantity_text=quantity_text(row.quantity, row.unit),
        wished_on=row.wished_on,
    )


# ── Offers ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class OfferedLine:
    """What is offered for a line; without a price nothing is."""

    terms: LineTerms
    net: int | None
    price_text: str
    net_text: str
    delivery_text: str
    minimum_text: str
    remark: str
    # Whether more has to be taken than is asked for.
    is_more_than_asked: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A version of an offer; lines by their position. The total is that of the lines that are quoted."""

    id: int
    invitation_id: int
    number: int
    number_text: str
    is_current: bool
    at: datetime
    by: str
    valid_until: date
    remark: str
    withdrawn_at: datetime | None
    lines: dict[int, OfferedLine]
    total: int
    total_text: str
    files: list[dict[str, Any]]

    @property
    def quoted(self) -> int:
        return sum(line.terms.is_quoted for line in self.lines.values())


def offers_of(
    session: Session, invitation_ids: Sequence[int], asked: Sequence[AskedLine], currency: str
) -> list[Offer]:
    """All versions of these invitations, the latest first, in three statements."""
    if not invitation_ids:
        return []
    heads = session.execute(
        sa.select(
            *(RfqOffer.id, RfqOffer.invitation_id, RfqOffer.number, RfqOffer.is_current, RfqOffer.at),
            *(RfqOffer.valid_until, RfqOffer.remark, RfqOffer.withdrawn_at, Person.name),
        )
        .outerjoin(Person, Person.id == RfqOffer.author_id)
        .where(RfqOffer.invitation_id.in_(invitation_ids))
        .order_by(RfqOffer.invitation_id, RfqOffer.number.desc())
    ).all()
    ids = [head.id for head in heads]
    lines, files = _offered(session, ids, asked, currency), files_of(session, Attachment.rfq_offer_id, ids)
    return [_offer(head, lines.get(head.id, {}), files.get(head.id, []), currency) for head in heads]


def _offer(head: Any, lines: dict[int, OfferedLine], files: list[dict[str, Any]], currency: str) -> Offer:
    total = sum(line.net or 0 for line in lines.values())
    return Offer(
        id=head.id,
        invitation_id=head.invitation_id,
        number=head.number,
        number_text=number_text(head.number),
        is_current=head.is_current,
        at=head.at,
        by=head.name or "",
        valid_until=head.valid_until,
        remark=head.remark,
        withdrawn_at=head.withdrawn_at,
        lines=lines,
        total=total,
        total_text=money_text(total, currency),
        files=files,
    )


def _offered(
    session: Session, offer_ids: Sequence[int], asked: Sequence[AskedLine], currency: str
) -> dict[int, dict[int, OfferedLine]]:
    by_id = {line.id: line for line in asked}
    columns = (RfqOfferLine.offer_id, RfqOfferLine.line_id, RfqOfferLine.unit_price, RfqOfferLine.price_per)
    more = (RfqOfferLine.net, RfqOfferLine.delivery_on, RfqOfferLine.lead_days, RfqOfferLine.minimum)
    rows = session.execute(sa.select(*columns, *more, RfqOfferLine.remark).where(RfqOfferLine.offer_id.in_(offer_ids)))
    found: dict[int, dict[int, OfferedLine]] = {}
    for row in rows:
        line = by_id[row.line_id]
        found.setdefault(row.offer_id, {})[line.position] = _offered_line(row, line, currency)
    return found


def _offered_line(row: Any, line: AskedLine, currency: str) -> OfferedLine:
    terms = LineTerms(row.unit_price, row.price_per, row.delivery_on, row.lead_days, row.minimum, row.remark)
    return OfferedLine(
        terms=terms,
        net=row.net,
        price_text=price_text(terms, line.unit, currency),
        net_text=money_text(row.net, currency) if row.net is not None else "",
        delivery_text=delivery_text(terms),
        minimum_text=quantity_text(row.minimum, line.unit) if row.minimum else "",
        remark=row.remark,
        is_more_than_asked=bool(row.minimum and row.minimum > line.quantity),
    )


def price_text(terms: LineTerms, unit: str, currency: str) -> str:
    if terms.unit_price is None:
        return ""
    price = money_text(terms.unit_price, currency)
    if terms.price_per == 1:
        return price
    return str(_("%(price)s for %(quantity)s", price=price, quantity=quantity_text(terms.price_per * 1000, unit)))


def delivery_text(terms: LineTerms) -> str:
    if terms.delivery_on is not None:
        return date_text(terms.delivery_on)
    if terms.lead_days is None:
        return ""
    days = terms.lead_days
    words: str = ngettext(
        "%(count)s day from the order", "%(count)s days from the order", days, count=number_text(days)
    )
    return words


# ── Files and clarifications ──────────────────────────────────────────────────────────────────────


def files_of(session: Session, column: Any, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """By what they hang on, as `record.attachments` draws them."""
    found: dict[int, list[dict[str, Any]]] = {}
    if not ids:
        return found
    asked = sa.select(Attachment.ref, Attachment.filename, Attachment.size, Attachment.thumbnail_sha256, column)
    for file in session.execute(asked.where(column.in_(ids)).order_by(Attachment.id)):
        told = {"name": file.filename, "size": file.size, "url": url_for("files.show", ref=file.ref)}
        if file.thumbnail_sha256:
            told["thumbnail_url"] = url_for("files.thumbnail", ref=file.ref)
        found.setdefault(file[-1], []).append(told)
    return found


def clarifications_of(session: Session, rfq_id: int) -> list[Any]:
    """In the order in which they were said; who asked is not known here."""
    asked = sa.select(RfqClarification.number, RfqClarification.at, RfqClarification.question, RfqClarification.answer)
    return list(session.execute(asked.where(RfqClarification.rfq_id == rfq_id).order_by(RfqClarification.number)))
