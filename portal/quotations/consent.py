"""A customer's word on a quotation: who gave it, when, in which words, and to what exactly."""

from datetime import date, datetime
from hashlib import sha256
from typing import Any

import rfc8785
from flask_babel import lazy_gettext as _l

from portal.access import Principal
from portal.errors import RuleBroken, Stale
from portal.languages import date_text
from portal.orders.lifecycle import Verb
from portal.orders.models import Order
from portal.orders.parts import OrderLine

STALE = _l("The quotation says something else now than when you looked at it. Read it again, then decide.")


def content_of(order: Order) -> dict[str, Any]:
    """What a quotation says to whoever it was made for. Amounts are texts: JSON counts exactly up to 2⁵³ alone."""
    details = order.details
    names = ("number", "currency", "payment_terms", "delivery_terms", "billing_address", "delivery_address", "remark")
    return {
        "ref": order.ref,
        "valid_until": _day(order.valid_until),
        **{name: getattr(details, name) for name in names},
        **{name: str(getattr(details, name)) for name in ("net", "tax", "total")},
        "lines": [_line(line) for line in order.lines],
    }


def _line(line: OrderLine) -> dict[str, Any]:
    amounts = ("quantity", "unit_price", "price_per", "discount", "tax_rate", "net")
    return {
        **{name: getattr(line, name) for name in ("position", "code", "unit")},
        "descriptions": dict(line.descriptions),
        "promised_on": _day(line.promised_on),
        **{name: str(getattr(line, name)) for name in amounts},
    }


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def digest_of(order: Order) -> str:
    """SHA-256 of its content in the canonical form of RFC 8785, in hexadecimal digits."""
    return sha256(rfc8785.dumps(content_of(order))).hexdigest()


def is_over(order: Order, today: date) -> bool:
    """Whether its time is over; the last day is a day of it."""
    return order.valid_until is not None and order.valid_until < today


def accept(
    order: Order,
    who: Principal,
    at: datetime,
    version: int,
    *,
    seen: str,
    today: date,
    name: str,
    wording: str,
    language: str,
) -> None:
    """The customer agrees to it as it stood before them (`seen` is its digest), in these words of that language.

    Raises Stale when it says something else by now, and RuleBroken once its time is over (`today` is the day where we
    work) or where it is not open.
    """
    _check(order, who, version, today)
    if seen != digest_of(order):
        raise Stale(STALE)
    order.move(
        Verb.ACCEPT,
        who,
        at,
        version,
        name=name,
        total=order.details.total,
        currency=order.details.currency,
        wording=wording,
        language=language,
        sha256=seen,
    )


def decline(order: Order, who: Principal, at: datetime, version: int, *, today: date, reason: str) -> None:
    """Raises as `accept` does."""
    _check(order, who, version, today)
    order.move(Verb.DECLINE, who, at, version, reason=reason)


def _check(order: Order, who: Principal, version: int, today: date) -> None:
    order.check_version(who, version)
    if is_over(order, today):
        assert order.valid_until is not None
        raise RuleBroken(
            _l("The quotation was valid until %(day)s. Ask us for a new one.", day=date_text(order.valid_until))
        )
