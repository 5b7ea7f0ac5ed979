"""The supplier's forms: shape alone."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, FieldList, FormField, HiddenField, IntegerField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from portal.feeds.amounts import THOUSANDTHS, to_decimal
from portal.files.receiving import FilesForm
from portal.forms import LineField, LocalDecimalField, LocalIntegerField, LongTextField, PortalForm
from portal.languages import currency_exponent
from portal.rfqs.forms import LONGEST, MOST_LINES, DayField, QuantityField
from portal.rfqs.offers import LineTerms

HIGHEST_PRICE = 100_000_000
MOST_PER = 1_000_000
MOST_DAYS = 3_650


class QuestionForm(PortalForm):
    body = LongTextField(_l("Your question"), [DataRequired(), Length(max=LONGEST)])


class DecliningForm(PortalForm):
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    reason = LongTextField(_l("Why do you decline? The buyer reads this."), [DataRequired(), Length(max=LONGEST)])


class WithdrawalForm(PortalForm):
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class OfferLineForm(PortalForm):
    class Meta(PortalForm.Meta):
        # The form around it has the token.
        csrf = False

    position = HiddenField()
    cannot = BooleanField(_l("We cannot deliver this line"))
    unit_price = LocalDecimalField(_l("Unit price"))
    price_per = LocalIntegerField(_l("For how many"), [Optional()], default=1)
    delivery_on = DayField(_l("Day of delivery"), [Optional()])
    lead_days = LocalIntegerField(_l("or days from the order"))
    minimum = QuantityField(_l("Smallest quantity"), [Optional()])
    remark = LineField(_l("Remark"), [Length(max=500)])

    # As many as the currency of the request has; said before it is validated.
    decimals = 2

    def validate_unit_price(self, field: Field) -> None:
        if self.cannot.data:
            return
        if field.data is None:
            raise ValidationError(_("Enter a price, or say that you cannot deliver this line."))
        if field.data < 0:
            raise ValidationError(_("A price cannot be negative."))
        if field.data >= HIGHEST_PRICE:
            raise ValidationError(_("This number is too large."))
        if field.data != round(field.data, self.decimals):
            raise ValidationError(_("The currency has fewer decimals. Give the price for a hundred or a thousand."))

    def validate_price_per(self, field: Field) -> None:
        if field.data is not None and not 1 <= field.data <= MOST_PER:
            raise ValidationError(_("Enter a number from one to a million."))

    def validate_lead_days(self, field: Field) -> None:
        if self.cannot.data:
            return
        if field.data is not None and self.delivery_on.data is not None:
            raise ValidationError(_("Say either a day or a number of days."))
        if field.data is None and self.delivery_on.data is None and not self.delivery_on.errors:
            raise ValidationError(_("Say when you deliver: a day, or so many days from the order."))
        if field.data is not None and not 0 <= field.data <= MOST_DAYS:
            raise ValidationError(_("Enter a number of days from none to ten years."))

    @property
    def terms(self) -> LineTerms:
        if self.cannot.data or self.unit_price.data is None:
            return LineTerms(None, remark=self.remark.data or "")
        return LineTerms(
            int(Decimal(self.unit_price.data).scaleb(self.decimals)),
            self.price_per.data or 1,
            self.delivery_on.data,
            self.lead_days.data,
            self.minimum.thousandths,
            self.remark.data or "",
        )


class OfferForm(FilesForm):
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    lines = FieldList(FormField(OfferLineForm), _l("Lines"), max_entries=MOST_LINES)
    valid_until = DayField(_l("The offer is valid until"), [DataRequired()])
    remark = LongTextField(_l("Remark"), [Length(max=LONGEST)])

    def speak_of(self, currency: str) -> None:
        """Said before it is validated."""
        for entry in self.lines:
            entry.form.decimals = currency_exponent(currency)

    @property
    def told(self) -> dict[int, LineTerms]:
        """By position; what is no position is nobody's line."""
        lines = {str(entry.form.position.data): entry.form.terms for entry in self.lines}
        return {int(position): terms for position, terms in lines.items() if position.isdecimal() and len(position) < 6}

    @property
    def until(self) -> date:
        assert isinstance(self.valid_until.data, date)
        return self.valid_until.data


def as_typed(position: int, terms: LineTerms | None, currency: str) -> dict[str, Any]:
    """A line of an earlier offer as the form begins with it."""
    if terms is None:
        return {"position": position, "price_per": 1}
    exponent = currency_exponent(currency)
    return {
        "position": position,
        "cannot": not terms.is_quoted,
        "unit_price": None if terms.unit_price is None else Decimal(terms.unit_price).scaleb(-exponent),
        "price_per": terms.price_per,
        "delivery_on": terms.delivery_on,
        "lead_days": terms.lead_days,
        "minimum": to_decimal(terms.minimum, THOUSANDTHS) if terms.minimum else None,
        "remark": terms.remark,
    }
