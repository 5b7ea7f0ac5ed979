"""Forms about people and what they may do: shape alone."""

from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField
from wtforms.validators import DataRequired, Email, InputRequired, Length

from portal.access import Area, Capacity, Level
from portal.access.words import AREAS, CAPACITIES, LEVELS
from portal.forms import LineField, LongTextField, PortalForm, SelectField, choices
from portal.languages import LANGUAGES, voice

LANGUAGE_CHOICES = choices((code, table.own_name) for code, table in LANGUAGES.items())
CALENDARS = {"gregorian": _l("Gregorian"), "jalali": _l("Solar Hijri (Jalali)")}
DIGITS = {"latin": _l("0 1 2 3 4 5"), "native": _l("As the language writes them")}


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """Names that people know: a region and a place."""
    regions = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return ("UTC", *sorted(name for name in available_timezones() if name.partition("/")[0] in regions))


class ProfileForm(PortalForm):
    name = LineField(_l("Name"), [DataRequired(), Length(max=120)])
    language = SelectField(_l("Language"), choices=LANGUAGE_CHOICES)
    time_zone = SelectField(_l("Time zone"))
    calendar = SelectField(_l("Calendar"))
    digits = SelectField(_l("Digits"))

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        as_language = ("", _("As usual in the language"))
        self.calendar.choices = choices([as_language, *CALENDARS.items()])
        self.digits.choices = choices([as_language, *DIGITS.items()])
        # One that is kept from a provider may be missing from the list.
        zones = [*time_zones(), *({voice().time_zone} - set(time_zones()))]
        self.time_zone.choices = choices((zone, zone.replace("_", " ")) for zone in zones)


class NotificationsForm(PortalForm):
    by_mail = SelectMultipleField(_l("Also send me an e-mail about"))


class RequestForm(PortalForm):
    company = LineField(_l("Your company"), [DataRequired(), Length(max=200)])
    message = LongTextField(_l("Message"), [Length(max=2000)])


class RightsForm(PortalForm):
    """What a member may do. The choices of capacities are those that whoever sets them may give."""

    version = HiddenField()
    level = RadioField(_l("Level"), [InputRequired()], choices=choices(LEVELS.items()), default=Level.MEMBER)
    capacities = SelectMultipleField(_l("Relation to us"), [InputRequired()])
    areas = SelectMultipleField(_l("Areas"), choices=choices(AREAS.items()))

    def offer(self, capacities: frozenset[Capacity]) -> None:
        self.capacities.choices = choices((c, CAPACITIES[c]) for c in Capacity if c in capacities)
        if not self.is_submitted() and not self.capacities.data and len(capacities) == 1:
            self.capacities.data = list(capacities)

    @property
    def rights(self) -> dict[str, Any]:
        return {
            "level": Level(self.level.data),
            "areas": frozenset(Area(value) for value in self.areas.data or ()),
            "capacities": frozenset(Capacity(value) for value in self.capacities.data or ()),
        }


class MemberForm(RightsForm):
    """Of whoever is a member already; the last box is for a customer's own administrators alone."""

    decides_quotations = BooleanField(_l("May accept and decline quotations"))


class InvitationForm(RightsForm):
    email = LineField(_l("E-mail address"), [DataRequired(), Length(max=254), Email()])
    language = SelectField(_l("Language of the invitation"), choices=LANGUAGE_CHOICES)
