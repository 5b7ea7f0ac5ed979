"""The form of the public page."""

from flask_babel import lazy_gettext as _l
from wtforms import FileField, TextAreaField
from wtforms.validators import ValidationError

from portal.forms import PortalForm
from portal.receipts.checking import MOST_BYTES


class VerifyForm(PortalForm):
    """A receipt, as a file or as text."""

    file = FileField(_l("File of the receipt"), render_kw={"accept": ".json,application/json,text/plain"})
    text = TextAreaField(_l("Or the text of the receipt"), render_kw={"spellcheck": "false"})

    def validate_text(self, field: TextAreaField) -> None:
        if not (field.data or "").strip() and not getattr(self.file.data, "filename", ""):
            raise ValidationError(_l("Choose the file of a receipt, or paste its text."))

    def read(self) -> str:
        """What was sent; of a file that is too large only so much that it is found out."""
        upload = self.file.data
        if getattr(upload, "filename", ""):
            raw: bytes = upload.stream.read(MOST_BYTES + 1)
            return raw.decode("utf-8-sig", errors="replace")
        return str(self.text.data or "")
