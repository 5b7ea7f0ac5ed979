"""Documents as files: sent by the ERP, drawn, and read again."""

import base64
import io
import re
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from pypdf import PdfReader

from portal.access import Principal
from portal.clock import now
from portal.documents.content import Content, ContentLine, Party
from portal.documents.models import DocumentKind
from portal.feeds.documents import feed_documents
from portal.feeds.outcome import Outcome
from portal.feeds.shapes import DocumentShape
from portal.orders.models import Order
from tests.orders.helpers import SOURCE
from tests.world import World

PDF = b"%PDF-1.7\n% what the ERP made\n%%EOF\n"


def bring(world: World, *shapes: dict[str, Any], at: datetime | None = None) -> list[Outcome]:
    """What came of these, told by the ERP; committed."""
    with world.session() as session:
        who = Principal.system("the ERP")
        found = feed_documents(session, SOURCE, [DocumentShape(**shape) for shape in shapes], who, at or now())
        session.commit()
        return found


def shape_of(order: Order, /, **fields: Any) -> dict[str, Any]:
    """An invoice as the ERP has printed it."""
    return {
        "external_id": "D1",
        "order": order.ref,
        "kind": "invoice",
        "number": "FV-1",
        "issued_on": "2030-03-20",
        "due_on": "2030-04-03",
        "total": "3686.87",
        "filename": "faktura.pdf",
        "content": base64.b64encode(PDF),
        **fields,
    }


def drawn_of(order: Order, /, **fields: Any) -> dict[str, Any]:
    """The same, for the portal to draw."""
    shape = shape_of(order, **fields)
    return {name: value for name, value in shape.items() if name not in ("filename", "content")}


def content_with(count: int, kind: DocumentKind = DocumentKind.INVOICE, **fields: Any) -> Content:
    """A document of so many lines."""
    sign = -1 if kind == DocumentKind.CREDIT_NOTE else 1
    lines = [
        ContentLine(
            position=number * 10,
            code=f"LN-{number}",
            names={"en": f"Lantern {number}", "cs": f"Lucerna {number}", "fa": f"فانوس {number}"},
            quantity=sign * number * 1500,
            unit=("C62", "SET", "MTR")[number % 3],
            unit_price=12_345 + number,
            price_per=100 if number % 3 == 2 else 1,
            discount=(0, 1000, 250)[number % 3],
            tax_rate=(2100, 1200)[number % 2],
        )
        for number in range(1, count + 1)
    ]
    told: dict[str, Any] = {
        "kind": kind,
        "number": "FV-1",
        "issued_on": "2030-03-20",
        "order": "SO-ABCDEFGH",
        "seller": Party(name="Lumen & Co.", address="Hlavní 1\n110 00 Praha"),
        "buyer": Party(name="Скло України", address="вул. Шевченка 1"),
        "currency": "EUR",
        "rounding": "document",
        "lines": lines,
        **fields,
    }
    return Content.model_validate(told)


def read(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data))


def words(data: bytes) -> str:
    """All that stands in it, with single spaces."""
    return " ".join(re.sub(r"[\s\u200e]+", " ", page.extract_text()) for page in read(data).pages)


def drawn(browser: FlaskClient, order: Order, document: str, language: str = "") -> bytes:
    answer = browser.get(f"/orders/{order.ref}/documents/{document}" + (f"?language={language}" if language else ""))
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    return answer.data
