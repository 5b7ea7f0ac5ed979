"""What answers `_()` in templates and in Python, quickly: a page asks a hundred times and more."""

from typing import Any

import flask_babel
from babel.support import NullTranslations
from flask import Flask, has_app_context
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from portal.languages.voice import voice

# There are fewer texts than this, unless something that people wrote is sent to be translated.
_MOST_KEPT = 20_000


class Domain(flask_babel.Domain):
    """The catalogues by the language of the voice in force; the library would parse and print its locale each time."""

    def __init__(self) -> None:
        super().__init__()
        self._by_language: dict[str, NullTranslations] = {}

    def get_translations(self) -> NullTranslations:
        language = voice().language
        found = self._by_language.get(language)
        if found is None:
            found = super().get_translations()
            if has_app_context():
                self._by_language[language] = found
        return found


def init_app(app: Flask, domain: Domain) -> None:
    """Put our own `_`, `gettext` and `ngettext` in the place of those of Jinja's extension; they say the same."""
    kept: dict[tuple[str, str], Markup] = {}

    @pass_eval_context
    def gettext(context: EvalContext, text: str, /, **variables: Any) -> str:
        if variables or not context.autoescape:
            return _fill(context, domain.get_translations().ugettext(text), variables)
        key = (voice().language, text)
        found = kept.get(key)
        if found is None:
            found = Markup(_fill(context, domain.get_translations().ugettext(text), {}))  # noqa: S704  # it is Markup
            if len(kept) < _MOST_KEPT:
                kept[key] = found
        return found

    @pass_eval_context
    def ngettext(context: EvalContext, one: str, many: str, number: int, /, **variables: Any) -> str:
        variables.setdefault("num", number)
        return _fill(context, domain.get_translations().ungettext(one, many, number), variables)

    app.jinja_env.globals.update({"_": gettext, "gettext": gettext, "ngettext": ngettext})


def _fill(context: EvalContext, text: str, variables: dict[str, Any]) -> str:
    """Always a format, even without variables, so that `%` is written alike everywhere."""
    if context.autoescape:
        return Markup(text) % variables  # noqa: S704  # the text is ours, the variables are escaped
    return text % variables
