"""Receipts in the words of their reader. Rooms that have receipts issued fill LABELS and EVENTS with their own."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.languages import country_name, date_text, datetime_text, list_text, money_text, number_text
from portal.receipts.checking import Fault

Show = Callable[[Any], str]


def money(value: Any) -> str:
    """Of {"amount": minor units, "currency": ISO 4217}."""
    return money_text(int(value["amount"]), str(value["currency"]))


def day(value: Any) -> str:
    return date_text(date.fromisoformat(value), "long")


def moment(value: Any) -> str:
    """Of a time as RFC 3339 writes it."""
    return datetime_text(datetime.fromisoformat(value), "long")


def country(value: Any) -> str:
    return country_name(str(value))


def one_of(words: Mapping[Any, Any]) -> Show:
    """For a value that is one of these words; whatever is none is shown as it stands."""
    return lambda value: str(words.get(value, value))


@dataclass(frozen=True, slots=True)
class Label:
    """How a member of the content is called, and how its value is said where that is no plain text."""

    words: Any
    show: Show | None = None


LABELS: dict[str, Label] = {}
MONEY = {"amount", "unit_price"}
KINDS: dict[str, Any] = {"deal": _l("Deal registration")}
EVENTS: dict[str, Any] = {
    "submitted": lazy_pgettext("receipt", "Submitted"),
    "resubmitted": lazy_pgettext("receipt", "Submitted again"),
    "returned": lazy_pgettext("receipt", "Returned"),
    "approved": lazy_pgettext("receipt", "Approved"),
    "rejected": lazy_pgettext("receipt", "Rejected"),
    "duplicate": lazy_pgettext("receipt", "Refused as a duplicate"),
    "withdrawn": lazy_pgettext("receipt", "Withdrawn"),
    "revoked": lazy_pgettext("receipt", "Revoked"),
    "expired": lazy_pgettext("receipt", "Expired"),
    "extended": lazy_pgettext("receipt", "Extended"),
    "converted": lazy_pgettext("receipt", "Converted"),
    "refuse-extension": lazy_pgettext("receipt", "Extension refused"),
    "accept-place": lazy_pgettext("receipt", "Free place accepted"),
}

# As the verbs of a registration call what happened.
_VERBS = {
    "submit": "submitted",
    "resubmit": "resubmitted",
    "return": "returned",
    "approve": "approved",
    "reject": "rejected",
    "mark-duplicate": "duplicate",
    "withdraw": "withdrawn",
    "revoke": "revoked",
    "expire": "expired",
    "convert": "converted",
    "grant-extension": "extended",
}
EVENTS |= {verb: EVENTS[event] for verb, event in _VERBS.items()}

FAULTS: Mapping[Fault, Any] = {
    Fault.TOO_LARGE: _l("The file is too large for receipts."),
    Fault.UNREADABLE: _l("This is no receipt: it cannot be read."),
    Fault.NOT_A_RECEIPT: _l("What is signed here is no receipt."),
    Fault.WRONG_HEADER: _l("The signature is of a kind that receipts never have."),
    Fault.NOT_CANONICAL: _l("The text was changed after it had been signed."),
    Fault.BAD_KEYS: _l("The keys in the file are missing or were changed."),
    Fault.UNKNOWN_KEY: _l("It was signed with a key that is not among the known ones."),
    Fault.BAD_SIGNATURE: _l("The signature does not hold: something was changed after it had been signed."),
    Fault.TWO_RECORDS: _l("The receipts belong to different records."),
    Fault.NO_BEGINNING: _l("The chain does not begin with its first receipt."),
    Fault.MISSING: _l("A receipt is missing before this one, or the order was changed."),
    Fault.BROKEN_CHAIN: _l("It does not follow from the receipt before it."),
    Fault.BAD_PROOF: _l("The proof that a daily head holds the receipt does not hold, or its receipt is missing."),
    Fault.OTHER_HEAD: _l("The daily head is another one than the one that was kept: history was rewritten."),
    Fault.NOT_IN_HEAD: _l("None of the receipts is held by the daily head that was kept."),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a receipt: its label, and its text or its parts."""

    label: str
    text: str = ""
    parts: tuple["Told", ...] = ()


def tell(content: Mapping[str, Any], currency: str = "") -> tuple[Told, ...]:
    """The content in the order of the labels; what nobody has named keeps the name that it was signed with.

    Amounts (`MONEY`, in minor units) are in the currency that stands beside or above them.
    """
    currency = str(content.get("currency") or currency)
    order = {name: place for place, name in enumerate(LABELS)}
    names = sorted(content, key=lambda name: (order.get(name, len(order)), name))
    return tuple(_told(name, content[name], currency) for name in names)


def _told(name: str, value: Any, currency: str) -> Told:
    known = LABELS.get(name)
    label = str(known.words) if known else name
    if name in MONEY and currency and isinstance(value, int):
        return Told(label, money_text(value, currency))
    if known and known.show and value is not None:
        try:
            return Told(label, known.show(value))
        except (ValueError, KeyError, TypeError):
            # Signed when this member was still written in another way.
            pass
    return _as_it_stands(label, value, currency)


def _as_it_stands(label: str, value: Any, currency: str) -> Told:
    if isinstance(value, dict):
        is_money = set(value) == {"amount", "currency"} and isinstance(value["amount"], int)
        return Told(label, money(value)) if is_money else Told(label, parts=tell(value, currency))
    if isinstance(value, list) and any(isinstance(part, dict | list) for part in value):
        return Told(
            label, parts=tuple(_as_it_stands(number_text(n), part, currency) for n, part in enumerate(value, 1))
        )
    if isinstance(value, list):
        return Told(label, list_text([_text(part) for part in value]))
    return Told(label, _text(value))


def _text(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    return number_text(value) if isinstance(value, int) else str(value)


def days_text(days: Iterable[str]) -> str:
    """Days as ISO 8601 writes them, in the reader's words."""
    return list_text([day(found) for found in sorted(days)])


def event_name(event: str) -> str:
    return str(EVENTS.get(event, event))


def kind_name(kind: str) -> str:
    return str(KINDS.get(kind, kind))


def in_groups(fingerprint: str) -> str:
    """A fingerprint as people compare it: four by four."""
    return " ".join(re.findall(".{1,4}", fingerprint))
