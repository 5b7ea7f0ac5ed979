"""The buyer's forms: shape alone. A draft may be as incomplete as it is, and is never malformed."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import Field, FieldList, FormField, HiddenField, IntegerField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from portal.files.receiving import FilesForm
from portal.forms import (
    LineField,
    LocalDateField,
    LocalDecimalField,
    LocalTimeField,
    LongTextField,
    PortalForm,
    SelectField,
    choices,
)
from portal.languages import number_text
from portal.rfqs.words import UNITS

MOST_LINES = 50
LONGEST = 5_000
THOUSANDTHS = 3
MOST_OF_A_LINE = 10_000_000
_YEARS = range(2000, 2101)


class DayField(LocalDateField):
    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data.year not in _YEARS:
            raise ValidationError(_("This date is too far away."))


class QuantityField(LocalDecimalField):
    """Whole units to the thousandth."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, places=THOUSANDTHS, **options)

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data <= 0:
            raise ValidationError(_("The quantity has to be more than nothing."))
        if self.data is not None and self.data >= MOST_OF_A_LINE:
            raise ValidationError(_("This number is too large."))

    @property
    def thousandths(self) -> int | None:
        return None if self.data is None else int(Decimal(self.data).scaleb(THOUSANDTHS))


class LineForm(PortalForm):
    class Meta(PortalForm.Meta):
        # The form around it has the token.
        csrf = False

    product = SelectField(_l("Product"), choices=[], default="")
    description = LineField(_l("Description"), [Length(max=500)])
    quantity = QuantityField(_l("Quantity"), [Optional()])
    unit = SelectField(lazy_pgettext("quantity", "Unit"), choices=[], default="C62")
    wished_on = DayField(_l("Wished day"), [Optional()])

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self.unit.choices = choices(UNITS.items())

    @property
    def is_blank(self) -> bool:
        typed = self.quantity.raw_data or [self.quantity.data]
        return not (self.product.data or self.description.data or typed[0])

    def validate_description(self, field: Field) -> None:
        if not field.data and not self.product.data and not self.is_blank:
            raise ValidationError(_("Choose a product or describe what you want."))

    @property
    def lacks_quantity(self) -> bool:
        return not self.is_blank and self.quantity.data is None and not self.quantity.errors


class DraftForm(FilesForm):
    version = HiddenField()
    title = LineField(_l("Title"), [Length(max=200)])
    description = LongTextField(_l("Description"), [Length(max=LONGEST)])
    closes_on = DayField(_l("Answer until"), [Optional()])
    closes_time = LocalTimeField(lazy_pgettext("time of day", "Time"), [Optional()])
    currency = SelectField(_l("Currency"), choices=[])
    lines = FieldList(FormField(LineForm), _l("Lines"), min_entries=1, max_entries=MOST_LINES + 1)
    delivery_address = LongTextField(_l("Delivery address"), [Length(max=1_000)])
    delivery_terms = LineField(_l("Delivery terms"), [Length(max=200)])
    payment_terms = LineField(_l("Payment terms"), [Length(max=200)])
    suppliers = SelectMultipleField(
        _l("Suppliers"),
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    @property
    def filled_lines(self) -> list[LineForm]:
        return [entry.form for entry in self.lines if not entry.form.is_blank]

    def validate_lines(self, field: Field) -> None:
        if len(field.entries) > MOST_LINES:
            raise ValidationError(_("A request has at most %(count)s lines.", count=number_text(MOST_LINES)))

    def validate_closes_time(self, field: Field) -> None:
        if field.data is not None and self.closes_on.data is None and not self.closes_on.errors:
            raise ValidationError(_("Say the day too."))


class VersionForm(PortalForm):
    """An act carries the version that was looked at."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class ExtensionForm(VersionForm):
    closes_on = DayField(_l("Answer until"), [DataRequired()])
    closes_time = LocalTimeField(lazy_pgettext("time of day", "Time"), [DataRequired()])


class CancellationForm(VersionForm):
    reason = LongTextField(_l("Why? The suppliers read this."), [DataRequired(), Length(max=LONGEST)])


class InvitationForm(VersionForm):
    supplier = SelectField(_l("Supplier"), choices=[])


class ClarificationForm(VersionForm):
    # The question that it answers.
    asked = HiddenField()
    question = LongTextField(_l("Question, as all suppliers read it"), [Length(max=LONGEST)])
    answer = LongTextField(_l("What you explain to all suppliers"), [DataRequired(), Length(max=LONGEST)])


class OrderNumberForm(VersionForm):
    order_number = LineField(_l("Number of the purchase order"), [Length(max=64)])
