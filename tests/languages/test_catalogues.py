"""Our own `_` in templates says what that of Jinja's extension says."""

import pytest
from flask import Flask, render_template_string
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from portal.languages import speak, speaking


@pytest.fixture
def page(app: Flask):
    with app.test_request_context():
        speak("en")
        yield render_template_string


def test_variables_are_escaped_and_markup_is_not(page) -> None:
    assert page('{{ _("Hello %(name)s", name="<b>") }}') == "Hello &lt;b&gt;"
    assert page('{{ _("Hello %(name)s", name=name) }}', name=Markup("<b>")) == "Hello <b>"


def test_a_percent_sign_is_doubled_with_and_without_variables(page) -> None:
    assert page('{{ _("100%% of %(name)s", name="it") }} {{ _("100%%") }}') == "100% of it 100%"


def test_texts_are_not_escaped_in_plain_text(app: Flask, page) -> None:
    text = '{% autoescape false %}{{ _("Hello %(name)s", name="<b>") }}{{ _("A & B") }}{% endautoescape %}'
    assert page(text) == "Hello <b>A & B"


def test_numbers_choose_their_form(page) -> None:
    text = '{{ ngettext("%(num)s file", "%(num)s files", count) }}'
    assert [page(text, count=count) for count in (1, 2)] == ["1 file", "2 files"]


def test_the_language_in_force_answers(page) -> None:
    text, lazy = '{{ _("Sign out") }}', _l("Sign out")
    english = page(text)
    with speaking("cs"):
        assert page(text) == str(lazy)
        assert page(text) != english
    assert page(text) == english == str(lazy)
