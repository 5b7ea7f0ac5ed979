"""Forms of the settings: shape alone."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional

from portal.access.vocabulary import STAFF_ROLES
from portal.access.words import ROLES
from portal.accounts.break_glass import LONGEST_REASON, SHORTEST_REASON
from portal.accounts.forms import LANGUAGE_CHOICES
from portal.forms import LineField, LongTextField, PortalForm, SelectField, choices

ROLE_CHOICES = choices((role, ROLES[role]) for role in STAFF_ROLES)


class TeamForm(PortalForm):
    version = HiddenField()
    name = LineField(_l("Team name"), [DataRequired(), Length(max=80)])
    mailbox = LineField(_l("Mailbox of the team"), [Optional(), Length(max=254), Email()])
    is_restricted = BooleanField(_l("Restricted: its tickets are for its members alone"))
    members = SelectMultipleField(_l("Members"))


class CategoriesForm(PortalForm):
    """One select for each category; they are added where the teams are known."""

    question = SelectField()
    problem = SelectField()
    complaint = SelectField()
    claim = SelectField()
    request = SelectField()


class StaffInvitationForm(PortalForm):
    email = LineField(_l("E-mail address"), [DataRequired(), Length(max=254), Email()])
    role = SelectField(_l("Role"), choices=ROLE_CHOICES)
    language = SelectField(_l("Language of the invitation"), choices=LANGUAGE_CHOICES)


class RoleForm(PortalForm):
    role = SelectField(_l("Role"), choices=ROLE_CHOICES)


class BreakGlassForm(PortalForm):
    reason = LongTextField(_l("Reason"), [DataRequired(), Length(min=SHORTEST_REASON, max=LONGEST_REASON)])
    # In minutes.
    length = RadioField(_l("For how long"), [InputRequired()])
