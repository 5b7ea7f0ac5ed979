"""The forms of imports: shape alone."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, RadioField
from wtforms.validators import DataRequired, Length, Regexp

from portal.forms import LineField, PortalForm, SelectField, choices
from portal.imports.mapping import FIELDS, missing
from portal.imports.models import ImportRun
from portal.imports.words import KINDS


class UploadForm(PortalForm):
    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])
    kind = SelectField(_l("What it holds"))
    source = LineField(
        _l("System that it comes from"),
        [
            DataRequired(),
            Length(max=64),
            Regexp(r"[a-z0-9][a-z0-9._-]*$", message=_l("Small letters, digits, dots and hyphens.")),
        ],
        default="erp",
    )

    def __init__(self, kinds: list[str], *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self.kind.choices = choices((kind, KINDS[kind]) for kind in kinds)


class MappingForm(PortalForm):
    """Which field each column is; `of` makes the one for a run."""

    version = HiddenField()
    decimal = SelectField(
        _l("Before decimals stands"),
        choices=choices(
            [("", _l("What each number tells")), (",", _l("A comma: 1 234,50")), (".", _l("A point: 1,234.50"))]
        ),
    )
    date_order = SelectField(
        _l("In dates such as 03/04/2026"),
        choices=choices(
            [
                ("", _l("What each date tells")),
                ("dmy", _l("The day comes first: 3 April")),
                ("mdy", _l("The month comes first: 4 March")),
            ]
        ),
    )
    # What is wrong with the mapping as a whole.
    lacking: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @classmethod
    def of(cls, run: ImportRun, **values: Any) -> "MappingForm":
        columns = tuple(run.form["columns"])
        names = [("", pgettext("column", "Leave out")), *((field.name, str(field.label)) for field in FIELDS[run.kind])]
        fields: dict[str, Any] = {
            f"column_{place}": SelectField(column, choices=choices(names), default=run.mapping.get(column, ""))
            for place, column in enumerate(columns)
        }
        form = type("RunMappingForm", (cls,), {**fields, "columns": columns})
        told = {name: run.form.get(name) or "" for name in ("decimal", "date_order")}
        found: MappingForm = form(**{**told, **values})
        return found

    @property
    def column_fields(self) -> list[Any]:
        return [self[f"column_{place}"] for place in range(len(self.columns))]

    @property
    def mapping(self) -> dict[str, str]:
        pairs = zip(self.columns, self.column_fields, strict=True)
        return {column: field.data for column, field in pairs if field.data}

    def is_whole(self, kind: str) -> bool:
        """Whether every field that a record needs has its column, and none has two; else the fields say so."""
        taken: set[str] = set()
        for field in self.column_fields:
            if field.data and field.data in taken:
                field.errors = [_("Another column is this field already.")]
            taken.add(field.data)
        self.lacking = tuple(str(field.label) for field in missing(kind, self.mapping))
        return not self.lacking and not any(field.errors for field in self.column_fields)


class ApplyForm(PortalForm):
    version = HiddenField()
    mode = RadioField(
        _l("How it is brought in"),
        choices=choices(
            [
                ("rows", _l("Record by record: what is sound comes in, the rest is told")),
                ("whole", _l("All or nothing")),
            ]
        ),
        default="rows",
    )
    overwrites = BooleanField(_l("Overwrite what is in conflict with what the file says"))
