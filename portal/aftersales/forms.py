"""What is asked of an order or a line, and what we say to a return: shape alone."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, RadioField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, StopValidation, ValidationError
from wtforms.widgets import HiddenInput

from portal.files.receiving import FilesForm
from portal.forms import LocalDecimalField, LongTextField, PortalForm, SelectField, choices
from portal.orders.requests import RequestKind, ReturnReason
from portal.orders.words import RETURN_REASONS
from portal.tickets.forms import LONGEST_BODY


class _OfAReturn:
    """Asked for by a return alone; else it stays empty."""

    def __call__(self, form: Any, field: Any) -> None:
        if form.kind.data != RequestKind.RETURN:
            field.errors = []
            raise StopValidation
        if field.errors:
            # What was typed could not be read.
            raise StopValidation
        if field.data is None or field.data == "":
            raise StopValidation(field.gettext("This field is required."))


class RequestForm(FilesForm):
    """Which kind it is stands in `kind`; the others of its fields are drawn for that kind. `line` is a position."""

    kind = HiddenField()
    line = SelectField(_l("What is it about?"), choices=[], default="")
    reason = SelectField(
        _l("Why does it go back?"),
        [_OfAReturn()],
        choices=choices([("", _l("Choose a reason")), *((r.value, RETURN_REASONS[r]) for r in ReturnReason)]),
        default="",
    )
    quantity = LocalDecimalField(_l("How much goes back?"), [_OfAReturn()], places=3)
    document = SelectField(_l("Which document?"), [Optional()], choices=[])
    body = LongTextField(_l("Description"), [Length(max=LONGEST_BODY)])

    def validate_line(self, field: Any) -> None:
        if self.kind.data == RequestKind.RETURN and not field.data:
            raise ValidationError(_("Choose the line that goes back."))

    def validate_quantity(self, field: Any) -> None:
        if self.kind.data == RequestKind.RETURN and field.data is not None and field.data <= 0:
            raise ValidationError(_("Enter a quantity of more than nothing."))

    def validate_body(self, field: Any) -> None:
        # Which document and why it goes back are told by other fields.
        if self.kind.data not in (RequestKind.DOCUMENT, RequestKind.RETURN) and not field.data:
            raise ValidationError(field.gettext("This field is required."))


class DecisionForm(PortalForm):
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    decision = RadioField(
        _l("Decision"),
        [InputRequired()],
        choices=choices([("confirm", _l("Confirm the return")), ("refuse", _l("Refuse the return"))]),
    )
    words = LongTextField(_l("Message to the customer"), [DataRequired(), Length(max=5_000)])
