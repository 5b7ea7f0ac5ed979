"""The forms of targets, tiers and absences: shape alone."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from portal.clock import now
from portal.config.model import LANGUAGES
from portal.forms import LocalDateField, LocalDecimalField, LocalIntegerField, LongTextField, PortalForm, SelectField
from portal.languages import currency_exponent, voice

MOST = Decimal(10) ** 12


def minor(amount: Decimal | None, currency: str) -> int:
    """An amount as people write it, in minor units."""
    return int((amount or Decimal()).scaleb(currency_exponent(currency)))


def major(amount: int, currency: str) -> Decimal:
    return Decimal(amount).scaleb(-currency_exponent(currency))


class TargetForm(PortalForm):
    quarter = SelectField(_l("Quarter"))
    amount = LocalDecimalField(_l("Target"), validators=[InputRequired(), NumberRange(min=0, max=MOST)], places=2)


class TierForm(PortalForm):
    version = HiddenField()
    won_count = LocalIntegerField(_l("Deals won"), validators=[InputRequired(), NumberRange(min=0, max=100_000)])
    won_amount = LocalDecimalField(
        _l("Value of deals won"), validators=[InputRequired(), NumberRange(min=0, max=MOST)], places=2
    )

    @property
    def benefit_fields(self) -> list[Any]:
        return [getattr(self, f"benefits_{language}") for language in LANGUAGES]


for _language in LANGUAGES:
    setattr(TierForm, f"benefits_{_language}", LongTextField(validators=[Length(max=1000)]))


class AbsenceForm(PortalForm):
    deputy = SelectField(_l("Who decides instead"), validators=[DataRequired()])
    starts_on = LocalDateField(_l("First day"), validators=[InputRequired()])
    ends_on = LocalDateField(_l("Last day"), validators=[InputRequired()])

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        starts_on, ends_on = self.starts_on.data, self.ends_on.data
        if starts_on is not None and ends_on is not None and ends_on < starts_on:
            self.ends_on.errors = [_("The last day is before the first one.")]
            return False
        if ends_on is not None and ends_on < now().astimezone(voice().zone).date():
            self.ends_on.errors = [_("This day is over.")]
            return False
        return True
