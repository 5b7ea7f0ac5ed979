"""What kinds, states, results and fields of imports are called, in the reader's language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.imports.mapping import FIELDS
from portal.imports.models import RowAction, State
from portal.languages import date_text
from portal.orders.words import KINDS as ORDER_KINDS
from portal.orders.words import STATES as ORDER_STATES
from portal.orders.words import unit_text

Words = Mapping[Any, Any]

KINDS: Words = {
    "orders": _l("Orders"),
    "purchase-orders": _l("Purchase orders"),
    "products": _l("Products"),
    "organisations": _l("Organisations"),
    "people": _l("People"),
    "shipments": _l("Shipments"),
    "documents": _l("Documents of orders"),
}

STATES: Words = {
    State.DRAFT: lazy_pgettext("import", "Not begun"),
    State.READING: lazy_pgettext("import", "Being read"),
    State.CHECKING: lazy_pgettext("import", "Being previewed"),
    State.CHECKED: lazy_pgettext("import", "Ready to bring in"),
    State.APPLYING: lazy_pgettext("import", "Being brought in"),
    State.DONE: lazy_pgettext("import", "Brought in"),
    State.FAILED: lazy_pgettext("import", "Failed"),
    State.UNDOING: lazy_pgettext("import", "Being taken back"),
    State.UNDONE: lazy_pgettext("import", "Taken back"),
    State.CANCELLED: lazy_pgettext("import", "Cancelled"),
}

TONES: Mapping[Any, str] = {
    State.DRAFT: "neutral",
    State.READING: "progress",
    State.CHECKING: "progress",
    State.CHECKED: "waiting",
    State.APPLYING: "progress",
    State.DONE: "done",
    State.FAILED: "danger",
    State.UNDOING: "progress",
    State.UNDONE: "neutral",
    State.CANCELLED: "neutral",
}

ACTIONS: Words = {
    RowAction.PENDING: lazy_pgettext("record", "Not looked at yet"),
    RowAction.CREATE: lazy_pgettext("record", "New"),
    RowAction.UPDATE: lazy_pgettext("record", "Changed"),
    RowAction.UNCHANGED: lazy_pgettext("record", "Unchanged"),
    RowAction.CONFLICT: lazy_pgettext("record", "In conflict"),
    RowAction.REFUSE: lazy_pgettext("record", "Refused"),
    RowAction.MOVED: lazy_pgettext("record", "Changed since the preview"),
}

ACTION_TONES: Mapping[Any, str] = {
    RowAction.PENDING: "neutral",
    RowAction.CREATE: "new",
    RowAction.UPDATE: "progress",
    RowAction.UNCHANGED: "neutral",
    RowAction.CONFLICT: "waiting",
    RowAction.REFUSE: "danger",
    RowAction.MOVED: "waiting",
}


def field_name(kind: str, name: str) -> str:
    """`lines.10.quantity` as “Quantity (10)”."""
    labels = {field.name: field.label for field in FIELDS[kind]}
    parts = name.split(".")
    if name in labels:
        return str(labels[name])
    if len(parts) > 1 and (plain := ".".join([parts[0], *parts[2:]])) in labels:
        return f"{labels[plain]} ({parts[1]})"
    return name


def value_text(name: str, value: Any) -> str:
    """A value of a snapshot as a person reads it."""
    if value in (None, "", {}, []):
        return "–"
    last = name.rpartition(".")[2]
    if name == "state":
        return str(ORDER_STATES.get(value, value))
    if name == "kind":
        return str(ORDER_KINDS.get(value, value))
    if last == "unit":
        return unit_text(value)
    if name.endswith("_on") and isinstance(value, str):
        return date_text(date.fromisoformat(value))
    return str(value)
