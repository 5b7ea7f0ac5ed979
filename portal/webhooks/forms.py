"""The forms of webhooks: shape only."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from portal.api.writing import LONGEST_SOURCE, is_source
from portal.config import settings
from portal.forms import LineField, PortalForm, SelectField, choices
from portal.tickets.forms import BoxesField
from portal.webhooks.addresses import NotAnAddress, is_allowed, literal, read_address
from portal.webhooks.events import OF_STAFF, TYPES
from portal.webhooks.models import EVERYTHING
from portal.webhooks.words import NO_ADDRESS


class EndpointForm(PortalForm):
    url = LineField(_l("Address of the receiver"), [DataRequired(), Length(max=2000)])
    description = LineField(_l("What is it for?"), [Length(max=100)])
    types = BoxesField(_l("Which events"), validators=[InputRequired(_l("Choose at least one."))])

    def offer(self, nouns: Iterable[str], *, to_staff: bool) -> "EndpointForm":
        """The events of these nouns of the API; their names are written alike in every language."""
        known = set(nouns)
        names = [
            (name, name)
            for name, of in sorted(TYPES.items())
            if known.intersection(of) and (to_staff or name not in OF_STAFF)
        ]
        self.types.choices = choices([(EVERYTHING, _l("All events that the key may read of")), *names])
        return self

    def validate_url(self, field: Any) -> None:
        """Read into its one spelling; a name is looked up when it is sent to, an IP address is looked at now."""
        try:
            address = read_address(field.data or "", allow_plain=not settings().is_production)
            ip = literal(address.host)
            if ip is not None and not is_allowed(ip, settings().webhook_networks):
                raise NotAnAddress("address")
        except NotAnAddress as wrong:
            raise ValidationError(str(NO_ADDRESS[wrong.code])) from None
        field.data = address.url


class SourceForm(PortalForm):
    name = LineField(_l("Name of the system"), [DataRequired(), Length(max=LONGEST_SOURCE)])
    description = LineField(_l("What is it for?"), [Length(max=100)])

    def validate_name(self, field: Any) -> None:
        if not is_source(field.data) or not field.data.isascii():
            raise ValidationError(str(_l("Use plain letters, digits and hyphens.")))


_SINCE = choices([("1", _l("The last day")), ("7", _l("The last week")), ("30", _l("The last month"))])


class RedeliveryForm(PortalForm):
    """From when on what was given up is sent once more, in days."""

    days = SelectField(_l("Given up in"), choices=_SINCE, default="1")
