"""What every form stands on: our own words for its errors, and fields that read what people type."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, time
from decimal import Decimal
from typing import Any, NamedTuple

import wtforms
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_translations
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from markupsafe import escape
from wtforms import Field, Form, StringField, TextAreaField, widgets
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from portal.languages import number_text, parse_date, parse_number, voice
from portal.languages.formats import numbering, own_digits
from portal.languages.jalali import to_jalali
from portal.text import clean_line, clean_text, fold, is_blank

# More digits than any column of ours holds would be an error of the database, not of the person.
LARGEST = 10**15


class _OurTranslations:
    """Answers WTForms from our own catalogue; the library fills in the placeholders itself."""

    def gettext(self, message: str) -> str:
        return str(get_translations().ugettext(message))

    def ngettext(self, one: str, many: str, number: int) -> str:
        return str(get_translations().ungettext(one, many, number))


_our_translations = _OurTranslations()


def init_app(app: Flask) -> None:
    """Give the templates what draws the problems of a form."""
    app.jinja_env.globals.update(problems=problems, field_messages=field_messages, field_attributes=field_attributes)


class PortalForm(FlaskForm):
    """The base of all forms."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Form) -> _OurTranslations:
            return _our_translations


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """What a list, radio buttons or boxes offer: each value with its label."""
    return [SelectChoice(value=str(value), label=label) for value, label in pairs]


def strip(value: Any) -> Any:
    """A filter: text without white space around it; anything else as it is."""
    return value.strip() if isinstance(value, str) else value


class Select(widgets.Select):
    """Draws plain options quickly: a company may have hundreds of people to choose from."""

    @classmethod
    def render_option(cls, choice: SelectChoice, **attributes: Any) -> str:
        if attributes or choice.render_kw:
            return str(super().render_option(choice, **attributes))
        chosen = "selected " if choice.selected else ""
        return f'<option {chosen}value="{escape(choice.value)}">{escape(choice.label or choice.value)}</option>'


class SelectField(wtforms.SelectField):
    widget = Select()


class LineField(StringField):
    """One line of text: composed, without controls and bidi overrides, one space between words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            line = clean_line(valuelist[0])
            self.data = "" if is_blank(line) else line


class LongTextField(TextAreaField):
    """Several lines of text, cleaned likewise; line ends are `\\n`."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            text = clean_text(valuelist[0]).strip()
            self.data = "" if is_blank(text) else text


class TypedField(StringField):
    """A text input whose words become a value; what could not be read is shown again as it was typed."""

    input_mode = "text"

    def __call__(self, **attributes: Any) -> Any:
        return super().__call__(**{"inputmode": self.input_mode, "autocomplete": "off", **attributes})

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = clean_line(valuelist[0]) if valuelist else ""
        self.data = None
        if typed:
            self.data = self.read(typed)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)

    def read(self, typed: str) -> Any:
        return typed

    def write(self, value: Any) -> str:
        return str(value)


class LocalDecimalField(TypedField):
    """A number with decimals, in any digits and with the separators of the reader's language."""

    input_mode = "decimal"

    def __init__(self, *arguments: Any, places: int | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.places = places

    def read(self, typed: str) -> Decimal:
        try:
            number = parse_number(typed)
        except ValueError:
            example = number_text(Decimal("1234.5"))
            raise ValidationError(_("Enter a number such as %(example)s.", example=example)) from None
        if abs(number) >= LARGEST:
            raise ValidationError(_("This number is too large."))
        if self.places is not None and number != round(number, self.places):
            raise ValidationError(_("This number has too many decimals."))
        return number

    def write(self, value: Decimal) -> str:
        text = format_decimal(
            value,
            locale=voice().locale,
            decimal_quantization=False,
            group_separator=False,
            numbering_system=numbering(),
        )
        return own_digits(text)


class LocalIntegerField(TypedField):
    """A whole number, in any digits."""

    input_mode = "numeric"

    def read(self, typed: str) -> int:
        try:
            number = parse_number(typed)
        except ValueError:
            number = Decimal("0.5")
        if number != int(number):
            example = number_text(1234)
            raise ValidationError(_("Enter a whole number such as %(example)s.", example=example))
        if abs(number) >= LARGEST:
            raise ValidationError(_("This number is too large."))
        return int(number)

    def write(self, value: int) -> str:
        return own_digits(str(value))


def typed_date(value: date) -> str:
    """A day as the reader would type it."""
    if voice().calendar == "jalali":
        return own_digits("{:04}/{:02}/{:02}".format(*to_jalali(value)))
    return value.isoformat()


class _DateInput(TextInput):
    """The browser's date picker, which sends ISO dates; plain text for Jalali, which no browser picks."""

    def __call__(self, field: Field, **attributes: Any) -> Any:
        kind = "text" if voice().calendar == "jalali" else "date"
        return super().__call__(field, **{"type": kind, **attributes})


class LocalDateField(TypedField):
    """A day, in the reader's calendar and notation or as an ISO date."""

    widget = _DateInput()
    input_mode = "numeric"

    def read(self, typed: str) -> date:
        try:
            return parse_date(typed)
        except ValueError:
            example = self.write(date(2025, 12, 31))
            raise ValidationError(_("Enter a date such as %(example)s.", example=example)) from None

    def write(self, value: date) -> str:
        return typed_date(value)


class LocalTimeField(TypedField):
    """A time of day to the minute, on a clock of 24 hours and in any digits."""

    widget = TextInput()
    input_mode = "numeric"

    def __call__(self, **attributes: Any) -> Any:
        # The browser's own clock knows its own digits alone.
        kind = "time" if own_digits("0") == "0" else "text"
        return super().__call__(**{"type": kind, **attributes})

    def read(self, typed: str) -> time:
        parts = re.fullmatch(r"(\d{1,2})[:.](\d{2})(:\d{2})?", fold(typed))
        try:
            if parts:
                return time(int(parts[1]), int(parts[2]))
        except ValueError:
            pass  # 25:00 looks like a time and is none
        raise ValidationError(_("Enter a time such as %(example)s.", example=own_digits("14:30")))

    def write(self, value: time) -> str:
        return own_digits(value.strftime("%H:%M"))


class FieldProblem(NamedTuple):
    """What is wrong with one field, for the summary above a refused form: link `#id`, label, sentences."""

    id: str
    label: str
    messages: list[str]


def problems(form: Form) -> list[FieldProblem]:
    """The problems of a refused form, by field; those of the form as a whole come first, with no id."""
    found = [FieldProblem("", "", [own_digits(str(error)) for error in form.form_errors])] if form.form_errors else []
    return found + [
        FieldProblem(str(field.id), str(field.label.text), messages)
        for field in form
        if (messages := field_messages(field))
    ]


def field_messages(field: Field) -> list[str]:
    """The sentences about one field, those of its parts included, each once, in the reader's digits."""
    return list(dict.fromkeys(own_digits(str(error)) for error in _flat(field.errors)))


def field_attributes(field: Field) -> dict[str, str]:
    """Attributes that tie an input to its hint (`<id>-hint`) and its error (`<id>-error`)."""
    described = []
    attributes = {}
    if field.description:
        described.append(f"{field.id}-hint")
    if field.errors:
        described.append(f"{field.id}-error")
        attributes["aria-invalid"] = "true"
    if described:
        attributes["aria-describedby"] = " ".join(described)
    return attributes


def _flat(errors: Any) -> Iterator[Any]:
    if isinstance(errors, dict):
        errors = errors.values()
    for error in errors:
        if isinstance(error, (list, tuple, dict)):
            yield from _flat(error)
        else:
            yield error
