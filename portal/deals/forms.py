"""The forms of a registration: shape alone. A draft may be as incomplete as it is, and is never malformed."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, FieldList, FormField, HiddenField, IntegerField, RadioField
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from portal.deals.models import SalesType, Source
from portal.deals.words import SALES_TYPES, SOURCES
from portal.files.receiving import FilesForm
from portal.forms import (
    LineField,
    LocalDateField,
    LocalDecimalField,
    LocalIntegerField,
    LongTextField,
    PortalForm,
    SelectField,
    choices,
)
from portal.languages import currency_exponent, voice
from portal.matching.domains import registrable_domain
from portal.organisations.forms import countries

MOST_LINES = 50
LARGEST_QUANTITY = 1_000_000
# In minor units; what one registration is worth at most, whatever the currency.
LARGEST_AMOUNT = 10**17
_YEARS = range(2000, 2101)
CURRENCIES = ("EUR", "CZK", "PLN", "UAH", "GBP", "USD", "CHF", "SEK", "NOK", "DKK", "HUF", "RON", "TRY", "AED", "IRR")

# What each step asks for.
STEPS: dict[int, tuple[str, ...]] = {
    1: (
        "customer_name",
        "customer_domain",
        "customer_country",
        "registration_number",
        "tax_number",
        "contact_name",
        "contact_role",
        "contact_email",
        "contact_phone",
    ),
    2: ("programme", "sales_type", "lines", "currency", "amount", "close_on"),
    3: ("source", "description", "files", "kept"),
}
_ALWAYS = ("version", "key", "csrf_token")


def to_minor(number: Decimal, currency: str) -> int:
    return int(number.scaleb(currency_exponent(currency)))


def from_minor(amount: int | None, currency: str) -> Decimal | None:
    return None if amount is None else Decimal(amount).scaleb(-currency_exponent(currency))


class LineForm(PortalForm):
    class Meta(PortalForm.Meta):
        # The form around it has the token.
        csrf = False

    product = SelectField(_l("Product"), choices=[], default="")
    quantity = LocalIntegerField(_l("Quantity"), [Optional()])
    unit_price = LocalDecimalField(_l("Expected unit price"), [Optional()])

    @property
    def is_blank(self) -> bool:
        """A line of which nothing is told but a quantity, which stands there by itself."""
        return not self.product.data and not any(str(typed).strip() for typed in self.unit_price.raw_data or [])

    def validate_product(self, field: Field) -> None:
        if not field.data and not self.is_blank:
            raise ValidationError(_("Choose a product, or remove the line."))

    def validate_quantity(self, field: Field) -> None:
        if field.data is not None and not 1 <= field.data <= LARGEST_QUANTITY:
            raise ValidationError(_("Enter a quantity of at least one and at most a million."))

    def validate_unit_price(self, field: Field) -> None:
        if field.data is not None and field.data < 0:
            raise ValidationError(_("A price cannot be negative."))


class DealForm(FilesForm):
    """All fields of a registration; `keep_only` leaves those of one step."""

    version = HiddenField()
    # Whoever sends a new registration twice makes one: see `filling`.
    key = HiddenField()

    customer_name = LineField(_l("Name of the customer"), [Length(max=200)])
    customer_domain = LineField(_l("Web domain"), [Length(max=300)])
    customer_country = SelectField(_l("Country"), default="")
    registration_number = LineField(_l("Registration number"), [Length(max=60)])
    tax_number = LineField(_l("Tax number"), [Length(max=60)])
    contact_name = LineField(_l("Name of the contact"), [Length(max=200)])
    contact_role = LineField(_l("Role"), [Length(max=120)])
    contact_email = LineField(_l("E-mail"), [Optional(), Length(max=254), Email()])
    contact_phone = LineField(_l("Phone"), [Length(max=60)])

    programme = RadioField(_l("Programme"), [Optional()], choices=[])
    sales_type = SelectField(_l("Sales type"), default="")
    lines = FieldList(FormField(LineForm), _l("Lines"), min_entries=1, max_entries=MOST_LINES + 1)
    currency = SelectField(_l("Currency"), choices=[])
    amount = LocalDecimalField(_l("Size of the deal"), [Optional()])
    close_on = LocalDateField(_l("Expected close date"), [Optional()])

    source = SelectField(_l("Source of the lead"), default="")
    description = LongTextField(_l("Description"), [Length(max=10_000)])

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        unknown = [("", _("Choose …"))]
        self.files.label.text = _("Evidence")
        self.customer_country.choices = choices([*unknown, *countries(voice().language)])
        self.source.choices = choices([("", _("Not known")), *((source, SOURCES[source]) for source in Source)])
        kinds = ((kind, SALES_TYPES[kind]) for kind in SalesType)
        self.sales_type.choices = choices([("", _("Not known")), *kinds])

    def keep_only(self, step: int | None) -> None:
        """Leave the fields of this step; None leaves them all."""
        if step is not None:
            kept = {*STEPS[step], *_ALWAYS}
            for name in [field.name for field in self if field.name not in kept]:
                del self[name]

    @property
    def filled_lines(self) -> list[LineForm]:
        return [entry.form for entry in self.lines if not entry.form.is_blank]

    def validate_customer_domain(self, field: Field) -> None:
        if field.data and not registrable_domain(field.data):
            raise ValidationError(_("Enter a domain such as example.com."))

    def validate_lines(self, field: Field) -> None:
        if len(field.entries) > MOST_LINES:
            raise ValidationError(_("A registration has at most 50 lines."))
        for line in self.filled_lines:
            _check_amount(line.unit_price, self.currency.data)

    def validate_amount(self, field: Field) -> None:
        if field.data is not None and field.data <= 0:
            raise ValidationError(_("Enter an amount above zero."))
        _check_amount(field, self.currency.data)

    def validate_close_on(self, field: Field) -> None:
        if field.data and field.data.year not in _YEARS:
            raise ValidationError(_("This date is too far away."))


def _check_amount(field: Field, currency: str) -> None:
    """Raises ValidationError where the currency has no such small coins, or nobody has so many."""
    if field.data is None or not currency:
        return
    if field.data != round(field.data, currency_exponent(currency)):
        raise ValidationError(_("This number has too many decimals."))
    if to_minor(field.data, currency) > LARGEST_AMOUNT:
        raise ValidationError(_("This number is too large."))


class VersionForm(PortalForm):
    """An act carries the version that was looked at."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    # How many lines of the history were there to be seen.
    seen = IntegerField(widget=HiddenInput(), validators=[Optional()])


class WithdrawalForm(VersionForm):
    reason = LongTextField(_l("Why do you withdraw it?"), [DataRequired(), Length(max=2000)])


class ExtensionForm(VersionForm):
    evidence = LongTextField(
        _l("What has happened since, and why more time is needed"), [DataRequired(), Length(max=5000)]
    )


class WorkForm(VersionForm):
    words = LongTextField(_l("What was done"), validators=[DataRequired(), Length(max=4000)])
