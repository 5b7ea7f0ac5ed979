"""How each step in the life of an order is told on its page."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext, pgettext
from markupsafe import Markup, escape

from portal.languages import list_text
from portal.languages.formats import own_digits
from portal.orders.lifecycle import Side, Verb
from portal.orders.steps import STEPS

SENTENCES: Mapping[str, Any] = {
    Verb.SEND: _l("%(actor)s sent the order for confirmation"),
    Verb.WITHDRAW: _l("%(actor)s withdrew it"),
    Verb.ACCEPT_REQUEST: _l("%(actor)s accepted the order"),
    Verb.REFUSE_REQUEST: _l("%(actor)s did not accept the order"),
    Verb.ACCEPT: _l("%(actor)s accepted the quotation"),
    Verb.DECLINE: _l("%(actor)s declined the quotation"),
    Verb.OFFER: _l("The quotation was offered"),
    Verb.EXPIRE: _l("The time to accept the quotation ended"),
    Verb.ORDER: _l("The order was placed"),
    Verb.CONFIRM: _l("%(actor)s confirmed the order"),
    Verb.SHIP: _l("The order was shipped"),
    Verb.DELIVER: _l("The order was delivered"),
    Verb.CLOSE: _l("The order was closed"),
    Verb.CANCEL: _l("The order was cancelled"),
    "change": _l("%(actor)s changed the order"),
    "reorder": _l("%(actor)s made a draft from an earlier order"),
    "confirm-lines": _l("%(actor)s confirmed lines of the order"),
    "propose": _l("%(actor)s proposed a change"),
    "answer-proposal": _l("%(actor)s answered the proposal with another one"),
    "accept-proposal": _l("%(actor)s accepted the proposed change"),
    "decline-proposal": _l("%(actor)s declined the proposed change"),
    "withdraw-proposal": _l("%(actor)s withdrew the proposed change"),
    "send-invoice": _l("%(actor)s sent in an invoice"),
    "accept-invoice": _l("%(actor)s accepted the invoice"),
    "reject-invoice": _l("%(actor)s rejected the invoice"),
    "shipment": _l("A shipment was announced"),
    "shipment-state": _l("The state of a shipment changed"),
}

ICONS: Mapping[str, str] = {
    Verb.SEND: "arrow-end",
    Verb.ORDER: "flag",
    Verb.OFFER: "flag",
    Verb.ACCEPT: "check",
    Verb.ACCEPT_REQUEST: "check",
    Verb.CONFIRM: "check",
    Verb.DELIVER: "done",
    Verb.SHIP: "arrow-end",
    Verb.CANCEL: "close",
    Verb.DECLINE: "close",
    Verb.REFUSE_REQUEST: "close",
    Verb.EXPIRE: "clock",
    "change": "edit",
    "reorder": "plus",
    "confirm-lines": "check",
    "propose": "edit",
    "answer-proposal": "reply",
    "accept-proposal": "check",
    "decline-proposal": "close",
    "send-invoice": "file",
    "accept-invoice": "check",
    "reject-invoice": "close",
}

_OTHERS: Mapping[Side, Any] = {
    Side.STAFF: _l("Our staff"),
    Side.ERP: _l("The ERP system"),
    Side.CLOCK: _l("The portal"),
    Side.CUSTOMER: _l("Somebody at the customer"),
    Side.SUPPLIER: _l("Somebody at the supplier"),
}

# What our ERP does, as those read it who buy from us.
_OURS: Mapping[str, Any] = {
    Verb.CONFIRM: _l("We confirmed the order"),
    Verb.ACCEPT_REQUEST: _l("We accepted the order"),
    Verb.REFUSE_REQUEST: _l("We did not accept the order"),
    "change": _l("We changed the order"),
}


def tell_outside(verb: str, actor: str | None, side: str, *, is_purchase: bool) -> str:
    """As `tell`, to outsiders: they know us, and no ERP of ours, which also tells what was agreed elsewhere."""
    if side != Side.ERP or "%(actor)s" not in str(SENTENCES.get(verb, "")):
        return tell(verb, actor, side)
    is_ours = verb == "change" or not is_purchase
    return str(_OURS[verb] if is_ours and verb in _OURS else STEPS[verb])


def tell(verb: str, actor: str | None, side: str) -> str:
    """The sentence of a step, in which names are isolated; what the ERP tells, it tells itself, whoever let it in."""
    sentence = SENTENCES.get(verb)
    if sentence is None:
        return str(_("Something was recorded."))
    is_person = actor and side not in (Side.ERP, Side.CLOCK)
    name = Markup("<bdi>%s</bdi>") % (actor if is_person else _OTHERS[Side(side)])
    # The sentence is escaped here, the name by `%`.
    return Markup(escape(str(sentence))) % {"actor": name}  # noqa: S704  # as said above


# ── What has changed ──────────────────────────────────────────────────────────────────────────────

# By their names in a feed.
_FIELDS: Mapping[str, Any] = {
    "state": lazy_pgettext("changed", "state"),
    "number": lazy_pgettext("changed", "number"),
    "customer_reference": lazy_pgettext("changed", "purchase number"),
    "ordered_on": lazy_pgettext("changed", "day of the order"),
    "shipped_on": lazy_pgettext("changed", "day of shipment"),
    "delivered_on": lazy_pgettext("changed", "day of delivery"),
    "invoiced_on": lazy_pgettext("changed", "day of the invoice"),
    "valid_until": lazy_pgettext("changed", "validity"),
    "payment_state": lazy_pgettext("changed", "payment"),
    "paid": lazy_pgettext("changed", "payment"),
    "payment_due_on": lazy_pgettext("changed", "due date of the payment"),
    "payment_terms": lazy_pgettext("changed", "payment terms"),
    "delivery_terms": lazy_pgettext("changed", "delivery terms"),
    "billing_address": lazy_pgettext("changed", "billing address"),
    "delivery_address": lazy_pgettext("changed", "delivery address"),
    "remark": lazy_pgettext("changed", "remark"),
    "rounding": lazy_pgettext("changed", "sums"),
    "net": lazy_pgettext("changed", "sums"),
    "tax": lazy_pgettext("changed", "sums"),
    "total": lazy_pgettext("changed", "sums"),
}
_FIELDS_OF_LINE: Mapping[str, Any] = {
    "product": lazy_pgettext("changed", "product"),
    "descriptions": lazy_pgettext("changed", "description"),
    "unit": lazy_pgettext("changed", "unit"),
    "quantity": lazy_pgettext("changed", "quantity"),
    "unit_price": lazy_pgettext("changed", "price"),
    "price_per": lazy_pgettext("changed", "price"),
    "discount": lazy_pgettext("changed", "discount"),
    "tax_rate": lazy_pgettext("changed", "tax rate"),
    "promised_on": lazy_pgettext("changed", "promised date"),
    "confirmed_on": lazy_pgettext("changed", "confirmed date"),
    "shipped": lazy_pgettext("changed", "shipped quantity"),
    "delivered": lazy_pgettext("changed", "delivered quantity"),
    "invoiced": lazy_pgettext("changed", "invoiced quantity"),
    "returned": lazy_pgettext("changed", "returned quantity"),
}
# So many lines that have changed alike are named.
MOST_NAMED = 10
# A line that has all of these changed is a new one, or one that is gone.
_WHOLE_LINE = frozenset({"product", "unit", "quantity", "unit_price", "price_per"})


def changed(fields: Iterable[str]) -> list[str]:
    """`lines.10.confirmed_on` and the like in words: first the order itself, then its lines, alike ones together."""
    own: list[str] = []
    lines: dict[int, list[str]] = {}
    for field in fields:
        first, _dot, rest = field.partition(".")
        if first in _FIELDS:
            own.append(str(_FIELDS[first]))
        elif first == "lines":
            place, _dot, name = rest.partition(".")
            lines.setdefault(int(place), []).append(name.partition(".")[0])
    alike: dict[str, list[int]] = {}
    for position, names in sorted(lines.items()):
        alike.setdefault(_of_line(names), []).append(position)
    told = [str(_("Changed: %(fields)s", fields=list_text(dict.fromkeys(own))))] if own else []
    return told + [_of_lines(positions, words) for words, positions in alike.items()]


def _of_line(names: list[str]) -> str:
    if set(names) >= _WHOLE_LINE:
        return str(_("new or gone"))
    return list_text(dict.fromkeys(str(_FIELDS_OF_LINE[name]) for name in names if name in _FIELDS_OF_LINE))


def _of_lines(positions: list[int], words: str) -> str:
    numbers = [own_digits(str(position)) for position in positions[:MOST_NAMED]]
    if len(positions) > MOST_NAMED:
        numbers.append(pgettext("lines", "others"))
    told: str = ngettext(
        "Line %(numbers)s: %(fields)s",
        "Lines %(numbers)s: %(fields)s",
        len(positions),
        numbers=list_text(numbers),
        fields=words,
    )
    return told
