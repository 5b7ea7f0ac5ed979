"""The forms of an opportunity: shape alone."""

from typing import Any

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, FieldList, FormField, HiddenField, RadioField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from portal.deals.forms import CURRENCIES, LARGEST_AMOUNT, LineForm, to_minor
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
from portal.opportunities.models import LONGEST_TITLE, Stage, Status
from portal.opportunities.words import LOST_REASONS, STAGES, STATUSES, WON_REASONS

LONGEST_STEP = 500
LONGEST_WORDS = 2000
OTHER = "other"


class VersionForm(PortalForm):
    """A button that says what was looked at."""

    version = HiddenField()

    @property
    def version_seen(self) -> int:
        typed = str(self.version.data or "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


class ConversionForm(VersionForm):
    contact = SelectField(_l("Contact at the customer"), choices=[], default="")


class StageForm(VersionForm):
    stage = RadioField(_l("Stage"), [InputRequired()], choices=choices((s, STAGES[s]) for s in Stage))
    probability = LocalIntegerField(_l("Probability in per cent"), [InputRequired()])
    next_step = LineField(_l("Next step"), [Length(max=LONGEST_STEP)])
    close_on = LocalDateField(_l("Expected close date"))

    def validate_probability(self, field: Field) -> None:
        if field.data is not None and not 0 <= field.data <= 100:
            raise ValidationError(_("Enter a number from 0 to 100."))


class DetailsForm(VersionForm):
    """What staff keep of it. `currency` is the opportunity's own, in which its lines are priced."""

    title = LineField(_l("What is it about?"), [DataRequired(), Length(max=LONGEST_TITLE)])
    amount = LocalDecimalField(_l("Amount"), [InputRequired()])
    owner = SelectField(_l("Looked after by"), choices=[])

    currency = ""

    @property
    def worth(self) -> int:
        """In minor units, of a form that is sound."""
        assert self.amount.data is not None
        return to_minor(self.amount.data, self.currency)

    def validate_amount(self, field: Field) -> None:
        check_amount(field, self.currency)


class ClosureForm(VersionForm):
    """Won or lost, each with reasons of its own; `reason` reads `won:price`."""

    reason = SelectField(_l("How it ended, and why"), [InputRequired()])
    words = LongTextField(_l("In your own words"), [Length(max=LONGEST_WORDS)])

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        offered = [("", _("Choose …"))]
        for status, reasons in ((Status.WON, WON_REASONS), (Status.LOST, LOST_REASONS)):
            offered += [(f"{status}:{reason}", f"{STATUSES[status]}: {words}") for reason, words in reasons.items()]
        self.reason.choices = choices(offered)

    @property
    def status(self) -> Status:
        return Status(self.reason.data.partition(":")[0])

    @property
    def why(self) -> str:
        return str(self.reason.data.partition(":")[2])

    def validate_words(self, field: Field) -> None:
        if not field.data and (self.reason.data or "").endswith(f":{OTHER}"):
            raise ValidationError(_("Say in your own words what the reason was."))


class DirectSaleForm(PortalForm):
    """What our own people sell to a customer; lines that nothing was typed into are left out."""

    ROWS = 4

    organisation = HiddenField()
    title = LineField(_l("What is it about?"), [DataRequired(), Length(max=LONGEST_TITLE)])
    stage = SelectField(_l("Stage"), choices=choices((s, STAGES[s]) for s in Stage))
    lines = FieldList(FormField(LineForm), _l("Lines"), min_entries=ROWS, max_entries=20)
    currency = SelectField(_l("Currency"), choices=[])
    amount = LocalDecimalField(_l("Amount"), [Optional()])
    close_on = LocalDateField(_l("Expected close date"), [Optional()])
    next_step = LineField(_l("Next step"), [Length(max=LONGEST_STEP)])

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        names = Locale.parse(voice().language).currencies
        self.currency.choices = choices((code, f"{code} – {names.get(code, code)}") for code in CURRENCIES)

    @property
    def filled_lines(self) -> list[LineForm]:
        return [entry.form for entry in self.lines if not entry.form.is_blank]

    def worth(self, currency: str) -> int:
        """What the lines come to, in minor units."""
        priced = ((line.unit_price.data, line.quantity.data or 1) for line in self.filled_lines)
        return sum(to_minor(price, currency) * quantity for price, quantity in priced if price is not None)

    def validate_lines(self, field: Field) -> None:
        if not self.filled_lines:
            raise ValidationError(_("Choose at least one product."))

    def validate_amount(self, field: Field) -> None:
        check_amount(field, self.currency.data or "")


def check_amount(field: Field, currency: str) -> None:
    """Raises ValidationError for what is below nothing, and for what there is not in this currency."""
    if field.data is None:
        return
    if field.data < 0:
        raise ValidationError(_("An amount cannot be negative."))
    places = currency_exponent(currency)
    if field.data != round(field.data, places) or field.data.scaleb(places) > LARGEST_AMOUNT:
        raise ValidationError(_("This is no amount in this currency."))
