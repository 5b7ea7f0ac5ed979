"""The forms of keys: shape only."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired, InputRequired, Length

from portal.access.words import ROLES as ROLE_WORDS
from portal.api.scopes import OF_INTEGRATIONS, ROLES
from portal.forms import LineField, PortalForm, SelectField, choices
from portal.tickets.forms import BoxesField

_DAYS = choices([("90", _l("90 days")), ("365", _l("A year")), ("0", _l("Until it is revoked"))])


class KeyForm(PortalForm):
    """Of a company; which scopes it offers is told by whoever makes the form."""

    label = LineField(_l("What is it for?"), [DataRequired(), Length(max=100)])
    scopes = BoxesField(_l("What it may be used for"), validators=[InputRequired(_l("Choose at least one."))])
    days = SelectField(_l("How long it holds"), choices=_DAYS, default="365")

    def offer(self, scopes: Any) -> "KeyForm":
        # Codes of the API: they are written alike in every language.
        self.scopes.choices = choices((scope, scope) for scope in scopes)
        return self


class IntegrationForm(KeyForm):
    roles = BoxesField(
        _l("Roles"),
        choices=choices((role.value, ROLE_WORDS[role]) for role in ROLES),
        validators=[InputRequired(_l("Choose at least one."))],
    )

    def offer(self, scopes: Any = OF_INTEGRATIONS) -> "KeyForm":
        return super().offer(scopes)
