"""The documents of an order, as its page lists them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.documents.models import OrderDocument
from portal.documents.words import KINDS
from portal.files.models import Attachment
from portal.languages import money_text, voice
from portal.languages.table import LANGUAGES
from portal.orders.models import Order
from portal.orders.page import Section

# The latest.
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Paper:
    ref: str
    kind: str
    number: str
    issued_on: date
    due_on: date | None
    total: str
    url: str
    # Of a file that the ERP made, in bytes; None for what the portal draws.
    size: int | None
    # Where it can be had in another language: code, its own name, address.
    others: list[tuple[str, str, str]]


def documents_section(session: Session, who: Principal, order: Order) -> Section | None:
    columns = (
        *(OrderDocument.ref, OrderDocument.kind, OrderDocument.number, OrderDocument.issued_on, OrderDocument.due_on),
        *(OrderDocument.total, Attachment.ref.label("file"), Attachment.size),
    )
    rows = session.execute(
        sa.select(*columns)
        .outerjoin(Attachment, Attachment.order_document_id == OrderDocument.id)
        .where(OrderDocument.order_id == order.id)
        .order_by(OrderDocument.issued_on.desc(), OrderDocument.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    if not rows:
        return None
    # What the ERP made goes before what we drew of the same.
    made = {(row.kind, row.number) for row in rows if row.file}
    shown = [row for row in rows if row.file or (row.kind, row.number) not in made]
    return Section("documents/_documents.html", [_paper(row, order.ref, order.details.currency) for row in shown])


def _paper(row: Any, order: str, currency: str) -> Paper:
    address = url_for("documents.show", ref=order, document_ref=row.ref)
    others = [
        (code, language.own_name, f"{address}?language={code}")
        for code, language in LANGUAGES.items()
        if code != voice().language
    ]
    return Paper(
        ref=row.ref,
        kind=str(KINDS[row.kind]),
        number=row.number,
        issued_on=row.issued_on,
        due_on=row.due_on,
        total="" if row.total is None else money_text(row.total, currency),
        url=url_for("files.show", ref=row.file) if row.file else address,
        size=row.size,
        others=[] if row.file else others,
    )
