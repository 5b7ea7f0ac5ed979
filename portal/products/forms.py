"""The forms of what has a name in each language, and of a product: shape alone."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField
from wtforms.validators import DataRequired, Length, ValidationError

from portal.forms import LineField, PortalForm
from portal.languages import LANGUAGES

LONGEST_NAME = 120
LONGEST_CODE = 32


class NamesForm(PortalForm):
    """A name in each of the six languages; English is there for whoever reads another one that is missing."""

    version = HiddenField()
    name_en = LineField(validators=[DataRequired(), Length(max=LONGEST_NAME)])
    name_cs = LineField(validators=[Length(max=LONGEST_NAME)])
    name_uk = LineField(validators=[Length(max=LONGEST_NAME)])
    name_pl = LineField(validators=[Length(max=LONGEST_NAME)])
    name_lt = LineField(validators=[Length(max=LONGEST_NAME)])
    name_fa = LineField(validators=[Length(max=LONGEST_NAME)])

    def __init__(self, *arguments: Any, **values: Any) -> None:
        names = values.pop("names", {})
        super().__init__(*arguments, **{f"name_{code}": name for code, name in names.items()}, **values)
        for code, table in LANGUAGES.items():
            self[f"name_{code}"].label.text = _("Name in %(language)s", language=table.own_name)

    @property
    def name_fields(self) -> list[Field]:
        return [self[f"name_{code}"] for code in LANGUAGES]

    @property
    def names(self) -> dict[str, str]:
        """By language code, those that were typed."""
        return {code: self[f"name_{code}"].data for code in LANGUAGES if self[f"name_{code}"].data}


class ProductForm(NamesForm):
    code = LineField(_l("Code"), [DataRequired(), Length(max=LONGEST_CODE)])
    is_active = BooleanField(_l("Offered in new registrations"), default=True)

    def validate_code(self, field: Field) -> None:
        if field.data and any(character.isspace() for character in field.data):
            raise ValidationError(_("A code has no spaces."))
