"""The forms of a lead: shape alone. A draft may be as incomplete as it is, and is never malformed."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import Field, FieldList, FormField, HiddenField, IntegerField, SelectMultipleField
from wtforms.validators import Email, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from portal.deals.forms import LARGEST_AMOUNT, LARGEST_QUANTITY, to_minor
from portal.deals.models import Source
from portal.deals.words import SOURCES
from portal.forms import (
    LineField,
    LocalDecimalField,
    LocalIntegerField,
    LongTextField,
    PortalForm,
    SelectField,
    choices,
)
from portal.languages import currency_exponent, number_text, voice
from portal.matching.domains import registrable_domain
from portal.organisations.forms import countries

MOST_LINES = 20
# Business hours; a working day has eight.
ANSWER_HOURS = (4, 8, 16, 24, 40)
USUAL_HOURS = 16


class LineForm(PortalForm):
    class Meta(PortalForm.Meta):
        # The form around it has the token.
        csrf = False

    product = SelectField(_l("Product"), choices=[], default="")
    quantity = LocalIntegerField(_l("Quantity"), [Optional()])

    @property
    def is_blank(self) -> bool:
        return not self.product.data and self.quantity.data is None

    def validate_product(self, field: Field) -> None:
        if not field.data and not self.is_blank:
            raise ValidationError(_("Choose a product, or remove the line."))

    def validate_quantity(self, field: Field) -> None:
        if field.data is not None and not 1 <= field.data <= LARGEST_QUANTITY:
            raise ValidationError(_("Enter a quantity of at least one and at most a million."))


class LeadForm(PortalForm):
    version = HiddenField()

    name = LineField(_l("Name of the customer"), [Length(max=200)])
    domain = LineField(_l("Web domain"), [Length(max=300)])
    country = SelectField(_l("Country"), default="")
    contact_name = LineField(_l("Name of the contact"), [Length(max=200)])
    contact_role = LineField(_l("Role"), [Length(max=120)])
    contact_email = LineField(_l("E-mail"), [Optional(), Length(max=254), Email()])
    contact_phone = LineField(_l("Phone"), [Length(max=60)])
    organisation = LineField(_l("Reference of its record"), [Length(max=12)])

    lines = FieldList(FormField(LineForm), _l("Products"), min_entries=1, max_entries=MOST_LINES + 1)
    currency = SelectField(_l("Currency"), choices=[])
    amount = LocalDecimalField(_l("Size"), [Optional()])
    source = SelectField(_l("Source of the lead"), default="")
    description = LongTextField(_l("Description"), [Length(max=10_000)])

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self.country.choices = choices([("", _("Choose …")), *countries(voice().language)])
        told = [source for source in Source if source != Source.OWN]
        self.source.choices = choices([("", _("Not known")), *((source, SOURCES[source]) for source in told)])

    @property
    def filled_lines(self) -> list[LineForm]:
        return [entry.form for entry in self.lines if not entry.form.is_blank]

    def validate_domain(self, field: Field) -> None:
        if field.data and not registrable_domain(field.data):
            raise ValidationError(_("Enter a domain such as example.com."))

    def validate_lines(self, field: Field) -> None:
        if len(field.entries) > MOST_LINES:
            raise ValidationError(_("A lead has at most %(count)s lines.", count=number_text(MOST_LINES)))

    def validate_amount(self, field: Field) -> None:
        currency = self.currency.data
        if field.data is None or not currency:
            return
        if field.data <= 0:
            raise ValidationError(_("Enter an amount above zero."))
        if field.data != round(field.data, currency_exponent(currency)):
            raise ValidationError(_("This number has too many decimals."))
        if to_minor(field.data, currency) > LARGEST_AMOUNT:
            raise ValidationError(_("This number is too large."))


class VersionForm(PortalForm):
    """An act of staff carries the version that was looked at."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class HandingForm(VersionForm):
    """Beside it stand a box and a place for each partner: `partner` and `place-<reference>`."""

    hours = SelectField(_l("Time to answer"), default=str(USUAL_HOURS))

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self.hours.choices = choices(
            (hours, ngettext("%(count)s business hour", "%(count)s business hours", hours, count=number_text(hours)))
            for hours in ANSWER_HOURS
        )


class AnswerForm(PortalForm):
    """Nothing but the token: what is offered cannot change."""


class SkillsForm(PortalForm):
    products = SelectMultipleField(_l("Products that the partner knows"), choices=[])
