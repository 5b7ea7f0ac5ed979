"""The forms of requests for quotation as people fill them in, and what the tests of their pages share."""

from typing import Any

from portal.rfqs.models import Rfq
from tests.rfqs.helpers import RfqWorld
from tests.world import World

HOME = "/requests-for-quotation"


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def typed(rfqs: RfqWorld, world: World, *suppliers: str, **fields: Any) -> dict[str, Any]:
    """The form of a request as a buyer fills it in."""
    day = rfqs.closing()
    return {
        "version": "",
        "title": "Shades",
        "description": "For *spring*.",
        "closes_on": day.date().isoformat(),
        "closes_time": "12:00",
        "currency": "CZK",
        "lines-0-product": "",
        "lines-0-description": "Glass shades",
        "lines-0-quantity": "200",
        "lines-0-unit": "C62",
        "lines-0-wished_on": "",
        "suppliers": [world.organisation(key).ref for key in suppliers or ("looms", "paper")],
        "press": "ready",
        **fields,
    }


def offer(version: int, *prices: str, **fields: Any) -> dict[str, Any]:
    """The form of an offer as a supplier fills it in; an empty price for a line that cannot be delivered."""
    told: dict[str, Any] = {"version": version, "valid_until": "2040-01-01", "remark": "", **fields}
    for place, price in enumerate(prices):
        line = {"position": 10 * (place + 1), "unit_price": price, "price_per": "1", "lead_days": "14"}
        told |= {f"lines-{place}-{name}": value for name, value in line.items()}
        if not price:
            told[f"lines-{place}-cannot"] = "y"
    return told


def compared(rfqs: RfqWorld) -> Rfq:
    """Looms are cheaper in the first line and alone in the whole, paper is in the second."""
    rfq = rfqs.sent("looms", "paper", "foundry")
    rfqs.offered(rfq, "looms", 500, 130)
    rfqs.offered(rfq, "paper", None, 110)
    rfqs.declined(rfq, "foundry")
    return rfq


def award(rfqs: RfqWorld, rfq: Rfq, **fields: Any) -> dict[str, Any]:
    seen = {f"seen-{ref}": number for ref, number in rfqs.seen(rfq).items()}
    return {"version": rfqs.reload(rfq).version, **seen, **fields}
