"""The forms of the supplier's side and of the buyer's answers: shape alone."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, FieldList, FormField, HiddenField, IntegerField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from portal.files.receiving import FilesForm
from portal.forms import (
    LineField,
    LocalDateField,
    LocalDecimalField,
    LongTextField,
    PortalForm,
    SelectField,
)
from portal.languages import currency_exponent
from portal.purchasing.proposals import Terms
from portal.shipments.links import is_public_link

LONGEST = 2_000
MOST_LINES = 2_000
MOST_PARCELS = 100
MOST_OF_A_LINE = 10_000_000
HIGHEST_PRICE = 1_000_000_000
THOUSANDTHS = 3
_YEARS = range(2000, 2101)


class VersionForm(PortalForm):
    """An act carries the version that was looked at, and whether it was looked at in the inbox."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    back = HiddenField()

    @property
    def is_in_inbox(self) -> bool:
        return bool(self.back.data == "inbox")


class _DayField(LocalDateField):
    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data.year not in _YEARS:
            raise ValidationError(_("This date is too far away."))


class _QuantityField(LocalDecimalField):
    """Whole units to the thousandth."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, places=THOUSANDTHS, **options)

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data >= MOST_OF_A_LINE:
            raise ValidationError(_("This number is too large."))

    @property
    def thousandths(self) -> int:
        return int((self.data or Decimal(0)).scaleb(THOUSANDTHS))


class LineDayForm(PortalForm):
    class Meta(PortalForm.Meta):
        # The form around it has the token.
        csrf = False

    position = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    chosen = BooleanField(_l("Confirm this line"))
    day = _DayField(_l("Day of delivery"), [Optional()])


class ConfirmationForm(VersionForm):
    """Lines with a day each; without `press` on the chosen ones, all of them as they were promised."""

    lines = FieldList(FormField(LineDayForm), _l("Lines"), max_entries=MOST_LINES)
    press = HiddenField()


class TermsForm(VersionForm):
    """What a line should become, in whole; a price for as many units as the line has it for."""

    delivery_on = _DayField(_l("Day of delivery"), [DataRequired()])
    quantity = _QuantityField(_l("Quantity"), [InputRequired()])
    unit_price = LocalDecimalField(_l("Price"), [InputRequired()])
    reason = LongTextField(_l("Why?"), [Length(max=LONGEST)])

    # As many as the currency of the order has; said before it is validated.
    decimals = 2

    def validate_unit_price(self, field: Field) -> None:
        if field.data is not None and field.data != round(field.data, self.decimals):
            raise ValidationError(_("This number has too many decimals."))
        if field.data is not None and field.data >= HIGHEST_PRICE:
            raise ValidationError(_("This number is too large."))

    @property
    def terms(self) -> Terms:
        price = int((self.unit_price.data or Decimal(0)).scaleb(self.decimals))
        return Terms(self.delivery_on.data, self.quantity.thousandths, price)


class DeclineForm(VersionForm):
    reason = LongTextField(_l("Why do you decline it?"), [DataRequired(), Length(max=LONGEST)])


class RejectionForm(VersionForm):
    reason = LongTextField(_l("Why is it rejected? The supplier reads this."), [DataRequired(), Length(max=LONGEST)])


class LineQuantityForm(PortalForm):
    class Meta(PortalForm.Meta):
        # The form around it has the token.
        csrf = False

    position = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    quantity = _QuantityField(_l("Quantity in the shipment"), [Optional()])


class ShipmentForm(VersionForm):
    carrier = LineField(_l("Carrier"), [Length(max=200)])
    tracking_number = LineField(_l("Tracking number"), [Length(max=200)])
    tracking_url = LineField(_l("Link to follow it"), [Length(max=2000)])
    number = LineField(_l("Number of the delivery note"), [Length(max=200)])
    shipped_on = _DayField(_l("Shipped on"), [DataRequired()])
    expected_on = _DayField(_l("Expected on"), [Optional()])
    parcels = LongTextField(_l("Numbers of the parcels"), [Length(max=LONGEST)])
    lines = FieldList(FormField(LineQuantityForm), _l("Lines"), max_entries=MOST_LINES)

    def validate_tracking_url(self, field: Field) -> None:
        if field.data and not is_public_link(field.data):
            raise ValidationError(_("The link must begin with https:// and lead to a public address."))

    def validate_parcels(self, field: Field) -> None:
        if len(self.parcel_numbers) > MOST_PARCELS:
            raise ValidationError(_("A shipment has at most 100 parcels."))

    @property
    def parcel_numbers(self) -> tuple[str, ...]:
        return tuple(line.strip()[:200] for line in (self.parcels.data or "").splitlines() if line.strip())

    @property
    def quantities(self) -> dict[int, int]:
        return {entry.form.position.data: entry.form.quantity.thousandths for entry in self.lines}


class InvoiceForm(FilesForm):
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    number = LineField(_l("Invoice number"), [DataRequired(), Length(max=100)])
    issued_on = _DayField(_l("Issued on"), [DataRequired()])
    due_on = _DayField(_l("Due on"), [Optional()])
    currency = SelectField(_l("Currency"), choices=[])
    total = LocalDecimalField(_l("Amount with tax"), [InputRequired()])

    def validate_total(self, field: Field) -> None:
        if field.data is not None and field.data <= 0:
            raise ValidationError(_("Enter an amount above zero."))
        if field.data is not None and field.data != round(field.data, currency_exponent(self.currency.data)):
            raise ValidationError(_("This number has too many decimals."))
