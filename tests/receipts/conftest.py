"""Chains of receipts, issued as the portal issues them."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.extensions import db
from portal.receipts.downloads import bundle
from portal.receipts.issuing import issue
from portal.receipts.models import Receipt
from tests.world import World

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
CONTENT: dict[str, Any] = {
    "customer": "Łódź Lamps <b>&",
    "amount": {"amount": 1234500, "currency": "EUR"},
    "lines": [{"product": "Lantern", "quantity": 12}, {"product": "چراغ", "quantity": 3}],
    "protected_until": "2027-02-20",
    "reason": None,
    "urgent": True,
}
Issue = Callable[..., Receipt]


@pytest.fixture
def issued(world: World) -> Issue:
    """`issued("approved")`: the next receipt of the partner's record 1, committed; who acts is the system or `hint`."""

    def issued(
        event: str = "submitted", *, record: int = 1, company: str = "wolf", hint: str = "", **said: Any
    ) -> Receipt:
        organisation_id = world.organisation(company).id
        with world.as_(hint) if hint else world.session() as session:
            known = {"kind": "trial", "record_id": record, "record_ref": f"D-0000000{record}"}
            known |= {"organisation_id": organisation_id, "event": event, "at": AT, "content": CONTENT}
            receipt = issue(session, **known | said)
            session.commit()
            return receipt

    return issued


@pytest.fixture
def chain(issued: Issue, world: World) -> list[Receipt]:
    """Three receipts of one deal."""
    return [issued(event, at=AT + timedelta(hours=n)) for n, event in enumerate(("submitted", "approved", "expired"))]


def downloaded(app: Flask, receipts: list[Receipt]) -> dict[str, Any]:
    """What their holder saves, as it stands now."""
    world = World(app)
    with world.session() as session:
        rows = [session.get_one(Receipt, receipt.id) for receipt in receipts]
        value: dict[str, Any] = json.loads(json.dumps(bundle(db.session(), rows)))
        session.rollback()
    return value


def masked(page: str, ref: str = "") -> str:
    """A page without what differs from one answer to the next."""
    page = re.sub(r'(nonce=|name="csrf_token" value=)"[^"]*"', "", page)
    page = re.sub(r"[0-9a-f]{16}", "", page)
    return page.replace(ref, "") if ref else page
