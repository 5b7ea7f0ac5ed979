"""Forms read what people type and say what is wrong in their language."""

import ast
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import flask_wtf
import pytest
import wtforms
from babel.support import Translations
from flask import Flask, render_template_string
from flask_babel import Babel
from wtforms import FieldList, StringField
from wtforms.validators import DataRequired, Length

from portal.forms import (
    LineField,
    LocalDateField,
    LocalDecimalField,
    LocalIntegerField,
    LocalTimeField,
    LongTextField,
    PortalForm,
    SelectField,
    choices,
    field_attributes,
    field_messages,
    problems,
    strip,
)
from portal.forms import init_app as init_forms
from portal.languages import form_messages, init_app, speaking

# Said to programmers only.
FOR_DEVELOPERS = {"Choices cannot be None.", "Invalid field name '%s'."}


class Sample(PortalForm):
    name = LineField("Name", [DataRequired(), Length(max=5)], description="As on the door")
    body = LongTextField("Body")
    price = LocalDecimalField("Price", places=2)
    count = LocalIntegerField("Count")
    day = LocalDateField("Day")
    clock = LocalTimeField("Time")
    code = StringField("Code", filters=[strip])
    tags = FieldList(LineField("Tag", [Length(max=2)]))


@pytest.fixture(autouse=True)
def app() -> Iterator[Flask]:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="for this test only", WTF_CSRF_ENABLED=False)
    init_app(app, Babel())
    with app.test_request_context():
        yield app


def filled(app: Flask, **data: Any) -> Sample:
    with app.test_request_context(method="POST", data={"name": "Ann", **data}):
        form = Sample()
        form.validate()
        return form


def test_text_is_cleaned(app: Flask) -> None:
    form = filled(app, name=" A\u202en\x00n ", body=" a\r\nb\x07 ", code=" x ")
    assert (form.name.data, form.body.data, form.code.data) == ("Ann", "a\nb", "x")


def test_numbers_and_dates_are_read_in_persian(app: Flask) -> None:
    with speaking("fa"):
        form = filled(app, price="۱٬۲۳۴٫۵", count="۱۲", day="۱۴۰۴/۱۰/۱۰")
        assert (form.price.data, form.count.data, form.day.data) == (
            Decimal("1234.5"),
            12,
            date(2025, 12, 31),
        )
        assert not form.errors


def test_the_clock_is_the_browsers_own_unless_it_lacks_the_digits(app: Flask) -> None:
    with speaking("cs"):
        assert 'type="time"' in Sample(clock=time(14, 5)).clock()
    with speaking("fa"):
        field = Sample(clock=time(14, 5)).clock()
    assert 'type="text"' in field
    assert "۱۴:۰۵" in field


def test_an_empty_field_is_no_value(app: Flask) -> None:
    form = filled(app, price=" ", count="", day="")
    assert (form.price.data, form.count.data, form.day.data) == (None, None, None)
    assert not form.errors


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("price", "abc", "Enter a number such as 1,234.5."),
        ("price", "1.234", "This number has too many decimals."),
        ("price", "9" * 20, "This number is too large."),
        ("count", "1.5", "Enter a whole number such as 1,234."),
        ("count", "x", "Enter a whole number such as 1,234."),
        ("count", "-" + "9" * 20, "This number is too large."),
        ("day", "31/31/2025", "Enter a date such as 2025-12-31."),
        ("name", "Annabel", "Field cannot be longer than 5 characters."),
        ("name", " ", "This field is required."),
    ],
)
def test_what_cannot_be_read_is_said_and_kept(app: Flask, field: str, typed: str, message: str) -> None:
    form = filled(app, **{field: typed})
    assert field_messages(form[field]) == [message]
    assert [problem.id for problem in problems(form)] == [field]
    if field != "name":
        assert f'value="{typed}"' in form[field]()


def test_values_are_written_back_in_the_readers_notation() -> None:
    values = {"price": Decimal("1234.5"), "count": 12, "day": date(2025, 12, 31)}
    with speaking("fa"):
        form = Sample(formdata=None, data=values)
        assert 'value="۱۲۳۴٫۵"' in form.price()
        assert 'value="۱۲"' in form.count()
        assert 'value="۱۴۰۴/۱۰/۱۰"' in form.day()
        assert 'type="text"' in form.day()
    with speaking("cs"):
        form = Sample(formdata=None, data=values)
        assert 'value="1234,5"' in form.price()
        assert 'inputmode="decimal"' in form.price()
        assert 'value="2025-12-31"' in form.day()
        assert 'type="date"' in form.day()


def test_inputs_are_tied_to_their_hint_and_error(app: Flask) -> None:
    form = filled(app, name="Annabel")
    assert field_attributes(form.name) == {
        "aria-invalid": "true",
        "aria-describedby": "name-hint name-error",
    }
    assert field_attributes(form.price) == {}


def test_problems_of_parts_and_of_the_whole_form_are_listed(app: Flask) -> None:
    form = filled(app, **{"tags-0": "long"})
    form.form_errors = ["Together they are wrong."]
    assert [problem.messages for problem in problems(form)] == [
        ["Together they are wrong."],
        ["Field cannot be longer than 2 characters."],
    ]


def test_templates_can_draw_the_problems(app: Flask) -> None:
    init_forms(app)
    form = filled(app, name="Annabel")
    source = "{% for problem in problems(form) %}{{ problem.label }}: {{ problem.messages|join }}{% endfor %}"
    assert render_template_string(source, form=form) == "Name: Field cannot be longer than 5 characters."


def test_messages_come_from_our_catalogue(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    class Lithuanian(Translations):
        def ungettext(self, one: str, many: str, number: int) -> str:
            return "Daugiausia %(max)d simboliai."

    monkeypatch.setattr("portal.forms.get_translations", Lithuanian)
    assert field_messages(filled(app, name="Annabel").name) == ["Daugiausia 5 simboliai."]


def test_messages_have_the_readers_digits(app: Flask) -> None:
    with speaking("fa"):
        assert "۵" in field_messages(filled(app, name="Annabel").name)[0]


def test_every_message_of_the_form_libraries_is_listed() -> None:
    single: set[str] = set()
    plural: set[tuple[str, str]] = set()
    for library in (wtforms, flask_wtf):
        for path in Path(str(library.__file__)).parent.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    single |= set(_words(node, {"gettext", "ValidationError"})[:1])
                    plural |= {tuple(_words(node, {"ngettext"})[:2])} - {()}
    assert set(form_messages.SINGLE) == single - FOR_DEVELOPERS
    assert set(form_messages.PLURAL) == plural


def _words(call: ast.Call, names: set[str]) -> list[str]:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    arguments = [node.value for node in call.args if isinstance(node, ast.Constant)]
    return [word for word in arguments if isinstance(word, str)] if name in names else []


class Choosing(PortalForm):
    colour = SelectField("Colour", choices=choices([("r&b", "<Red> & blue"), ("g", "Green")]))


def test_options_are_drawn_with_their_choice_and_escaped() -> None:
    drawn = str(Choosing(data={"colour": "g"}).colour())
    assert '<option value="r&amp;b">&lt;Red&gt; &amp; blue</option>' in drawn
    assert '<option selected value="g">Green</option>' in drawn
