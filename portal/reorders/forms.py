"""What a customer changes of a draft, and what we say to it: shape alone."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from portal.forms import LineField, LocalDateField, LocalDecimalField, LongTextField, PortalForm
from portal.orders.models import Order
from portal.orders.money import THOUSAND, is_split
from portal.reorders.drafting import Wishes

# As a feed takes them.
LARGEST = 10_000_000


class DraftForm(PortalForm):
    """`today` is the day where we work, `said` what the draft says; the fields of the lines are added by `form_for`."""

    today: date
    positions: tuple[int, ...]
    said: Mapping[str, Any]

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    customer_reference = LineField(_l("Your purchase number"), [Length(max=200)])
    wished_on = LocalDateField(_l("When you would like to have it"), [Optional()])
    delivery_address = LongTextField(_l("Delivery address"), [Length(max=4_000)])
    remark = LongTextField(_l("Remark"), [Length(max=4_000)])

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**self.said, **options})

    def validate_wished_on(self, field: Any) -> None:
        if field.data is not None and field.data < self.today:
            raise ValidationError(_("This day is over. Choose a later one."))

    @property
    def wishes(self) -> Wishes:
        kept = (position for position in self.positions if not self[f"remove_{position}"].data)
        return Wishes(
            quantities={position: int(self[f"quantity_{position}"].data * THOUSAND) for position in kept},
            customer_reference=self.customer_reference.data or "",
            delivery_address=self.delivery_address.data or "",
            wished_on=self.wished_on.data,
            remark=self.remark.data or "",
        )


def form_for(draft: Order, today: date) -> type[DraftForm]:
    """The form of this draft: a quantity and a box for each line."""
    names = ("customer_reference", "wished_on", "delivery_address", "remark")
    said: dict[str, Any] = {name: getattr(draft.details, name) for name in names}
    fields: dict[str, Any] = {"today": today, "positions": tuple(line.position for line in draft.lines), "said": said}
    for line in draft.lines:
        quantity = f"quantity_{line.position}"
        checks = [InputRequired(), _is_countable, *([_is_whole] if is_split(1, line.unit) else [])]
        fields[quantity] = LocalDecimalField(_l("Quantity"), checks, places=3)
        fields[f"remove_{line.position}"] = BooleanField(_l("Take off"))
        said[quantity] = Decimal(line.quantity) / THOUSAND
    return type("FormOfDraft", (DraftForm,), fields)


def _is_countable(form: Any, field: Any) -> None:
    if field.data is not None and not 0 < field.data < LARGEST:
        raise ValidationError(_("Enter a quantity of more than nothing, or take the line off."))


def _is_whole(form: Any, field: Any) -> None:
    if field.data is not None and field.data % 1:
        raise ValidationError(_("Of a piece there is no part: enter a whole number."))


class AnswerForm(PortalForm):
    """Of our staff to an order that was sent."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class RejectionForm(AnswerForm):
    rejected_because = LongTextField(_l("Reason that the customer reads"), [DataRequired(), Length(max=5_000)])
