"""What is wrong with a record or a run, kept as words and values, and told in the language of whoever reads it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import flask_babel
import sqlalchemy as sa
from flask_babel.speaklater import LazyString
from sqlalchemy.engine import Dialect

_SPOKEN: Mapping[str, Callable[..., str]] = {
    "gettext": flask_babel.gettext,
    "ngettext": flask_babel.ngettext,
    "pgettext": flask_babel.pgettext,
    "npgettext": flask_babel.npgettext,
}


def kept(message: Any) -> Any:
    """A lazy message as plain values: the entry of the catalogue and what is put into it; anything else as it is."""
    if isinstance(message, LazyString):
        name = message._func.__name__
        if name in _SPOKEN:
            values = {key: kept(value) for key, value in message._kwargs.items()}
            return {"say": name, "words": list(message._args), "with": values}
    return message if isinstance(message, str | int) else str(message)


def spoken(told: Any) -> str:
    """In the reader's language. What was kept in words stays as it is."""
    if not isinstance(told, Mapping) or told.get("say") not in _SPOKEN:
        return "" if told is None else str(told)
    values = {key: spoken(value) if isinstance(value, Mapping) else value for key, value in told["with"].items()}
    return str(_SPOKEN[told["say"]](*told["words"], **values))


class Message(sa.types.TypeDecorator[Any]):
    """A lazy message in a column of text; comes back as what `spoken` tells."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        found = kept(value if value is not None else "")
        return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if not value or not value.startswith('{"say"'):
            return value or ""
        return json.loads(value)
