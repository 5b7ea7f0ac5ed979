"""The forms of a review: what the partner reads, and apart what only staff read, never share a field."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, RadioField
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from portal.deals.models import Outcome
from portal.deals.words import OUTCOMES
from portal.forms import LineField, LongTextField, PortalForm, choices

LONGEST = 5_000
NEW = "new"


class ReviewForm(PortalForm):
    """A decision carries the version that was looked at, and whether it was looked at in the queue."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    # How many steps of its life were there to be seen.
    seen = IntegerField(widget=HiddenInput(), validators=[Optional()])
    back = HiddenField()

    @property
    def is_in_queue(self) -> bool:
        return bool(self.back.data == "queue")


class CustomerForm(ReviewForm):
    """`customer` is the reference of an organisation, or `NEW` for one that is made from the registration."""

    customer = RadioField(_l("Which customer is it?"), choices=[], validate_choice=False)
    named = LineField(_l("Name of the customer"), [Length(max=200)])


class _ReasonedForm(ReviewForm):
    note = LongTextField(_l("Work note"), [Length(max=LONGEST)])


class ApprovalForm(_ReasonedForm):
    reason = LongTextField(_l("Message to the partner"), [Length(max=LONGEST)])


class ReturnForm(_ReasonedForm):
    reason = LongTextField(_l("Question to the partner"), [DataRequired(), Length(max=LONGEST)])


class RejectionForm(_ReasonedForm):
    outcome = RadioField(
        _l("What the review has found"),
        choices=choices((outcome.value, OUTCOMES[outcome]) for outcome in Outcome),
        default=Outcome.CLEAR.value,
    )
    reason = LongTextField(_l("Reason that the partner reads"), [DataRequired(), Length(max=LONGEST)])


class DuplicateForm(_ReasonedForm):
    outcome = RadioField(
        _l("What the review has found"),
        choices=choices((outcome.value, OUTCOMES[outcome]) for outcome in Outcome if outcome != Outcome.CLEAR),
        validators=[InputRequired()],
    )
    in_line = BooleanField(_l("It may wait in line: when the place becomes free, it is offered to them"))
    reason = LongTextField(_l("Reason that the partner reads"), [DataRequired(), Length(max=LONGEST)])


class RevocationForm(_ReasonedForm):
    reason = LongTextField(_l("Reason that the partner reads"), [DataRequired(), Length(max=LONGEST)])


class ExtensionDecisionForm(_ReasonedForm):
    grant = RadioField(
        _l("Decision"),
        choices=choices([("yes", _l("Extend the protection")), ("no", _l("Refuse the extension"))]),
        validators=[InputRequired()],
    )
    reason = LongTextField(_l("Message to the partner"), [Length(max=LONGEST)])

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid: bool = super().validate(extra_validators)
        if self.grant.data == "no" and not self.reason.data:
            self.reason.errors = [*self.reason.errors, self.reason.gettext("This field is required.")]
            return False
        return is_valid


FORMS: dict[str, type[ReviewForm]] = {
    "customer": CustomerForm,
    "approval": ApprovalForm,
    "return": ReturnForm,
    "rejection": RejectionForm,
    "duplicate": DuplicateForm,
    "revocation": RevocationForm,
    "extension": ExtensionDecisionForm,
}
