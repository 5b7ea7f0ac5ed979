"""The form of a programme's terms: shape alone."""

from typing import Any

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field
from wtforms.validators import InputRequired, Optional, ValidationError

from portal.deals.forms import CURRENCIES, LARGEST_AMOUNT, from_minor, to_minor
from portal.deals.programmes import PROTECTION_DAYS, ExtensionPolicy, Programme
from portal.deals.words import EXTENSION_POLICIES
from portal.forms import LocalDecimalField, LocalIntegerField, SelectField, choices
from portal.languages import currency_exponent, number_text, voice
from portal.products.forms import NamesForm

_PLAIN = ("currency", "decision_hours", "extension_policy", "extension_days", "idle_days", "most_open", "is_open")
_LONGEST = {"decision_hours": 500, "extension_days": 365, "idle_days": 365, "most_open": 10_000}


class ProgrammeForm(NamesForm):
    currency = SelectField(_l("Currency"), choices=[])
    protection_days = SelectField(_l("Days of protection"), choices=[], default="")
    decision_hours = LocalIntegerField(_l("Business hours until a decision is due"), [InputRequired()], default=16)
    two_approvals_above = LocalDecimalField(_l("Two approvals above this amount"), [Optional()])
    extension_policy = SelectField(_l("Extensions"), choices=[], default=ExtensionPolicy.ONCE.value)
    extension_days = LocalIntegerField(_l("Days of an extension"), [InputRequired()], default=30)
    idle_days = LocalIntegerField(_l("Days without work until a protection ends early"), [Optional()])
    most_open = LocalIntegerField(_l("Most open registrations of one partner"), [Optional()])
    is_open = BooleanField(_l("Open for new registrations"), default=True)

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        names = Locale.parse(voice().language).currencies
        self.currency.choices = choices((code, f"{code} – {names.get(code, code)}") for code in CURRENCIES)
        lengths = [(days, number_text(days)) for days in PROTECTION_DAYS]
        self.protection_days.choices = choices([("", _("Without protection")), *lengths])
        self.extension_policy.choices = choices(EXTENSION_POLICIES.items())

    @classmethod
    def of(cls, programme: Programme) -> "ProgrammeForm":
        """What is stored, to be changed."""
        return cls(
            formdata=None,
            names=programme.names,
            version=str(programme.version),
            protection_days=str(programme.protection_days or ""),
            two_approvals_above=from_minor(programme.two_approvals_above, programme.currency),
            **{name: getattr(programme, name) for name in _PLAIN},
        )

    @property
    def terms(self) -> dict[str, Any]:
        """What was typed, as the columns of a programme."""
        above = self.two_approvals_above.data
        return {
            "names": self.names,
            "protection_days": int(self.protection_days.data) if self.protection_days.data else None,
            "two_approvals_above": None if above is None else to_minor(above, self.currency.data),
            **{name: self[name].data for name in _PLAIN},
        }

    def validate_two_approvals_above(self, field: Field) -> None:
        if field.data is None:
            return
        places = currency_exponent(self.currency.data or "")
        if field.data < 0 or field.data != round(field.data, places) or field.data.scaleb(places) > LARGEST_AMOUNT:
            raise ValidationError(_("This is no amount in this currency."))

    def _check_length(self, field: Field) -> None:
        most = _LONGEST[field.short_name]
        if field.data is not None and not 1 <= field.data <= most:
            raise ValidationError(_("Enter a number from 1 to %(most)s.", most=number_text(most)))

    validate_decision_hours = validate_extension_days = validate_idle_days = validate_most_open = _check_length
