"""Forms of the customer record: shape alone."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, RadioField, SelectMultipleField
from wtforms.validators import (
    URL,
    DataRequired,
    Email,
    InputRequired,
    Length,
    Optional,
    Regexp,
    ValidationError,
)

from portal.access import Capacity
from portal.access.words import CAPACITIES
from portal.clock import now
from portal.forms import LineField, LocalDateField, LocalTimeField, LongTextField, PortalForm, SelectField, choices
from portal.languages import LANGUAGES, voice
from portal.organisations.models import AbcClass, Audience, PartnerTier, Phase
from portal.organisations.words import BY_HAND, CHANNELS, FIELDS, PHASES, TIERS
from portal.text import sort_key

# Territories of CLDR that are no countries: unions, test areas and the unknown.
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
_EARLIEST_YEAR = 1990
_DOMAIN = r"(?i)^[^\s@/.]+(\.[^\s@/.]+)+$"


@lru_cache(maxsize=8)
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """Every country in a language, by name."""
    territories = voice().locale.territories
    names = [
        (code, str(name))
        for code, name in territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    ]
    return tuple(sorted(names, key=lambda country: sort_key(country[1])))


def _named(words: Any, values: Iterable[Any]) -> list[tuple[Any, Any]]:
    return [(value, words[value]) for value in values]


class OrganisationForm(PortalForm):
    """Every field that somebody may edit; the view takes away what is outside the editor's lens."""

    version = HiddenField()
    name = LineField(FIELDS["name"], [DataRequired(), Length(max=200)])
    capacities = SelectMultipleField(FIELDS["capacities"], [InputRequired()])
    country = SelectField(FIELDS["country"], default="")
    language = SelectField(
        FIELDS["language"], choices=choices((code, table.own_name) for code, table in LANGUAGES.items())
    )
    website = LineField(
        FIELDS["website"],
        [
            Optional(),
            Length(max=300),
            URL(),
            Regexp(r"(?i)https?://", message=_l("Enter an address that starts with https://.")),
        ],
    )
    domain = LineField(
        FIELDS["domain"],
        [
            Optional(),
            Length(max=253),
            Regexp(_DOMAIN, message=_l("Enter a domain such as example.com.")),
        ],
    )
    email = LineField(FIELDS["email"], [Optional(), Length(max=254), Email()])
    phone = LineField(FIELDS["phone"], [Length(max=60)])
    address = LongTextField(FIELDS["address"], [Length(max=1000)])
    phase = SelectField(FIELDS["phase"], default="")
    segment = LineField(FIELDS["segment"], [Length(max=64)])
    abc_class = SelectField(FIELDS["abc_class"], default="")
    partner_tier = SelectField(FIELDS["partner_tier"], default="")

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        unknown = [("", _("Not known"))]
        self.country.choices = choices([*unknown, *countries(voice().language)])
        self.capacities.choices = choices(_named(CAPACITIES, Capacity))
        self.phase.choices = choices(unknown + _named(PHASES, Phase))
        self.abc_class.choices = choices([*unknown, *((value, value) for value in AbcClass)])
        self.partner_tier.choices = choices(unknown + _named(TIERS, PartnerTier))

    def keep_only(self, names: Iterable[str]) -> None:
        kept = {"version", "csrf_token", *names}
        for name in [field.name for field in self if field.name not in kept]:
            del self[name]

    def values(self) -> dict[str, Any]:
        """What was entered, without the version that it was entered against."""
        data = {name: value or "" for name, value in self.data.items() if name not in ("version", "csrf_token")}
        if "domain" in data:
            data["domain"] = data["domain"].lower()
        return data


class ContactForm(PortalForm):
    """A contact through a channel of which the portal knows nothing by itself."""

    channel = RadioField(_l("Channel"), [InputRequired()], choices=choices(_named(CHANNELS, BY_HAND)))
    capacity = SelectField(_l("Relation to us"), [InputRequired()])
    day = LocalDateField(_l("Day"), [InputRequired()])
    clock = LocalTimeField(_l("Time"), [InputRequired()])
    person = SelectField(_l("With whom"), default="")
    subject = LineField(_l("Subject"), [DataRequired(), Length(max=120)])
    note = LongTextField(_l("What was said"), [Length(max=10_000)])
    audience = RadioField(_l("Open to"), [InputRequired()], default=Audience.STAFF)

    @property
    def at(self) -> datetime:
        """The moment, from the day and the time on the writer's own clock."""
        day, clock = self.day.data, self.clock.data
        assert isinstance(day, date)
        assert isinstance(clock, time)
        local = datetime.combine(day, clock, tzinfo=voice().zone)
        return local.astimezone(UTC)

    def put_clock_at(self, moment: datetime) -> None:
        local = moment.astimezone(voice().zone)
        self.day.data, self.clock.data = local.date(), time(local.hour, local.minute)

    def validate_day(self, field: Any) -> None:
        if field.data and field.data.year < _EARLIEST_YEAR:
            raise ValidationError(_("This is too long ago."))

    def validate_clock(self, field: Any) -> None:
        day = self.day.data
        if field.data and day and day.year >= _EARLIEST_YEAR and self.at > now():
            raise ValidationError(_("This is in the future: a contact is noted once it has happened."))


class PartnerLinkForm(PortalForm):
    """Who is partner of record, from one day to another, and whom of the customer they may turn to."""

    partner = LineField(_l("Partner (name or reference)"), [DataRequired(), Length(max=200)])
    starts_on = LocalDateField(_l("From"), [InputRequired()])
    ends_on = LocalDateField(_l("Until (the first day without)"), [Optional()])
    contact = SelectField(_l("Contact at the customer"), default="")

    def validate_ends_on(self, field: Any) -> None:
        if field.data and self.starts_on.data and field.data <= self.starts_on.data:
            raise ValidationError(_("The end comes after the start."))


class FilterForm(Form):
    """The fields above the list; what they hold has been read and refused elsewhere."""

    q = LineField(_l("Organisation name"))
    capacity = SelectField(_l("Relation to us"))
    country = SelectField(FIELDS["country"])
    phase = SelectField(FIELDS["phase"])
    abc_class = SelectField(FIELDS["abc_class"])
    mine = SelectField(_l("In whose care"))
    sort = SelectField(_l("Order"))


class HistoryFilterForm(Form):
    channel = SelectField(_l("Channel"))
    kind = SelectField(_l("What happened"))
