"""What a customer says to a quotation: shape alone. Fields have names of their own: other forms stand on that page."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import HiddenInput

from portal.forms import LineField, LongTextField, PortalForm


class ConsentForm(PortalForm):
    """`seen` is the digest of what was read, `language` that in which it was; the label of the box is the wording."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    seen = HiddenField()
    language = HiddenField()
    agrees = BooleanField(validators=[DataRequired(_l("Tick the box if you accept the quotation."))])
    full_name = LineField(_l("Your full name"), [DataRequired(), Length(max=200)])


class RefusalForm(PortalForm):
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    refused_because = LongTextField(_l("Reason that we read"), [DataRequired(), Length(max=5_000)])
