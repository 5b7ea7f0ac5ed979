"""The forms of a ticket: shape only. Which choices there are is told by whoever makes the form."""

from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, RadioField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from portal.files.receiving import FilesForm
from portal.forms import LineField, LongTextField, PortalForm, SelectField, choices
from portal.organisations.models import Channel
from portal.organisations.words import CHANNELS
from portal.tickets.lifecycle import Verb
from portal.tickets.models import Category, Priority
from portal.tickets.words import CATEGORIES, PRIORITIES

F = TypeVar("F", bound=PortalForm)

LONGEST_SUBJECT = 200
LONGEST_BODY = 50_000
LONGEST_REFERENCE = 100


def place(form: F, name: str) -> F:
    """Give the fields ids of their own, where several forms of a page have fields of the same name."""
    for field in form:
        field.id = field.label.field_id = f"{name}-{field.id}"
    return form


class BoxesField(SelectMultipleField):
    """Several boxes to tick."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options = {"choices": [], "widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput(), **options}
        super().__init__(*arguments, **options)


_CATEGORIES = choices((category.value, CATEGORIES[category]) for category in Category)
_PRIORITIES = choices((priority.value, PRIORITIES[priority]) for priority in Priority)


class NewTicketForm(FilesForm):
    """`party` is the organisation that the ticket is for: its reference and, after a dot, in what capacity."""

    party = SelectField(_l("For"), validators=[InputRequired()])
    person = SelectField(_l("On behalf of"), choices=choices([("", _l("Nobody in particular"))]), default="")
    channel = SelectField(
        _l("How it reached us"),
        choices=choices((channel.value, CHANNELS[channel]) for channel in Channel if channel != Channel.API),
        default=Channel.PHONE.value,
    )
    category = RadioField(_l("What is it about?"), choices=_CATEGORIES, validators=[InputRequired()])
    subject = LineField(_l("Subject"), validators=[DataRequired(), Length(max=LONGEST_SUBJECT)])
    body = LongTextField(_l("Description"), validators=[DataRequired(), Length(max=LONGEST_BODY)])
    priority = SelectField(_l("Priority"), choices=_PRIORITIES, default=Priority.NORMAL.value)
    copies = BoxesField(_l("Copies to colleagues"))
    related_reference = LineField(_l("Related reference"), validators=[Optional(), Length(max=LONGEST_REFERENCE)])
    follows = HiddenField()


class VersionForm(PortalForm):
    """A decision carries the version that was looked at, and the last change that was seen."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    since = HiddenField()


class ReplyForm(FilesForm):
    body = LongTextField(_l("Reply"), validators=[DataRequired(), Length(max=LONGEST_BODY)])
    audience = BoxesField(_l("Companies that read this reply"), validate_choice=False)
    then = SelectField(
        _l("And then"),
        choices=choices(
            (
                ("", _l("leave the state as it is")),
                (Verb.ASK.value, _l("wait for the customer")),
                (Verb.RESOLVE.value, _l("the ticket is resolved")),
            )
        ),
        default="",
    )
    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    since = HiddenField()


class NoteForm(FilesForm):
    body = LongTextField(_l("Internal note"), validators=[DataRequired(), Length(max=LONGEST_BODY)])


class StateForm(VersionForm):
    verb = SelectField(_l("New state"), validators=[InputRequired()], choices=[], validate_choice=False)


class AssignmentForm(VersionForm):
    person = SelectField(_l("Assigned to"), choices=[], validate_choice=False)


class TeamForm(VersionForm):
    team = SelectField(_l("Hand on to"), validators=[InputRequired()], choices=[], validate_choice=False)


class ClassificationForm(VersionForm):
    category = SelectField(_l("Category"), choices=_CATEGORIES)
    priority = SelectField(_l("Priority"), choices=_PRIORITIES)


class CopyForm(PortalForm):
    person = SelectField(_l("Colleague"), validators=[InputRequired()], choices=[], validate_choice=False)
