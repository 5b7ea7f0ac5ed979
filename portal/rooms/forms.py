"""Sharing a record: shape alone."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.validators import DataRequired, Email, InputRequired, Length, ValidationError

from portal.clock import now
from portal.forms import LineField, LocalDateField, PortalForm, choices
from portal.languages import voice
from portal.rooms.sharing import LONGEST, USUAL

PERSON, COMPANY = "person", "company"


class ShareForm(PortalForm):
    """With whom and until when. Without an end is for staff alone: who offers it is told by `offer_no_end`."""

    address = LineField(_l("E-mail address"), [DataRequired(), Length(max=254), Email()])
    whom = RadioField(
        _l("Who may join"),
        [InputRequired()],
        choices=choices(((PERSON, _l("This person alone")), (COMPANY, _l("Their whole company")))),
        default=PERSON,
    )
    ends_on = LocalDateField(_l("Until the end of"))
    has_no_end = BooleanField(_l("Without an end"))
    reads_past = BooleanField(_l("They may also read what was said so far"))

    def __init__(self, *arguments: Any, offers_no_end: bool, **values: Any) -> None:
        super().__init__(*arguments, **values)
        if not offers_no_end:
            del self.has_no_end
            self.ends_on.flags.required = True
        if not self.is_submitted():
            self.ends_on.data = (now() + USUAL).astimezone(voice().zone).date()

    @property
    def ends_at(self) -> datetime | None:
        """The end of that day where the sharer lives."""
        if "has_no_end" in self and self.has_no_end.data:
            return None
        day = self.ends_on.data
        assert isinstance(day, date)
        return datetime.combine(day + timedelta(days=1), time(), tzinfo=voice().zone).astimezone(UTC)

    def validate_ends_on(self, field: Any) -> None:
        today = now().astimezone(voice().zone).date()
        if field.data is None:
            if "has_no_end" not in self:
                raise ValidationError(_("Choose a day."))
            if not self.has_no_end.data:
                raise ValidationError(_("Choose a day, or tick that there is no end."))
        elif field.data < today:
            raise ValidationError(_("This day is over."))
        elif field.data > today + LONGEST:
            raise ValidationError(_("A year is the longest. You can share again later."))


class JoinForm(PortalForm):
    """For which of one's companies."""

    place = RadioField(_l("Join for"), [InputRequired()], choices=[], validate_choice=False)
