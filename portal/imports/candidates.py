"""Records out of rows: those that follow each other with the same id are one, with its lines."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from pydantic import ValidationError

from portal.feeds.registry import FEEDS
from portal.feeds.shapes import Shape
from portal.imports import files, values
from portal.imports.mapping import FIELDS, PARTS, STAND_INS, Field
from portal.imports.reading import FileForm, Row


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in a row, at a column of the file where it is one's; `message` is for the reader.

    `field` is the field of the shape, as problems of feeds name it.
    """

    row: int
    column: str
    field: str
    message: Any


@dataclass(slots=True)
class Candidate:
    """A record that the file tells of; without a shape where it has problems."""

    first_row: int
    last_row: int
    external_id: str
    shape: Shape | None = None
    problems: list[RowProblem] = field(default_factory=list)


# An empty cell says "nothing" of what is kept elsewhere alone; of what people fill in here too it says nothing.
_CO_EDITED = frozenset(("organisations", "people"))
_MOST_ROWS = 2000


def candidates(
    kind: str,
    rows: Iterable[Row],
    mapping: Mapping[str, str],
    form: FileForm,
    *,
    language: str,
) -> Iterator[Candidate]:
    """The records of a file in their order. What cannot be read is a problem of its candidate, never an exception.

    A record of which the file speaks twice comes twice: the import tells the two apart.
    """
    maker = _Maker(kind, mapping, form, language)
    for group in _groups(rows, maker):
        yield maker.candidate(group)


@dataclass(slots=True)
class _Group:
    external_id: str
    rows: list[Row]


def _groups(rows: Iterable[Row], maker: "_Maker") -> Iterator[_Group]:
    group: _Group | None = None
    for row in rows:
        external_id = "" if row.problem is not None else maker.id_of(row)
        if group is not None and external_id and external_id == group.external_id:
            group.rows.append(row)
            continue
        if group is not None:
            yield group
        group = _Group(external_id, [row])
    if group is not None:
        yield group


class _Maker:
    """Makes records of one kind out of the rows of one file."""

    def __init__(self, kind: str, mapping: Mapping[str, str], form: FileForm, language: str) -> None:
        self.kind, self.form, self.language = kind, form, language
        self.shape = FEEDS[kind].shape
        self.columns = {name: column for column, name in mapping.items() if name}
        fields = [known for known in FIELDS[kind] if known.name in self.columns]
        self.head = [known for known in fields if not known.part]
        self.parts = {part: [known for known in fields if known.part == part] for part in PARTS}
        self.id_column = self.columns.get("external_id") or self.columns.get(STAND_INS.get(kind, ""), "")

    def id_of(self, row: Row) -> str:
        try:
            return values.text_of(_or_empty(row.cells.get(self.id_column)))[:100]
        except values.Unread:
            return ""

    def candidate(self, group: _Group) -> Candidate:
        found = Candidate(group.rows[0].number, group.rows[-1].number, group.external_id)
        for row in group.rows:
            if row.problem is not None:
                found.problems.append(RowProblem(row.number, "", "", row.problem))
                return found
        wrong: Any = None
        if not group.external_id:
            wrong = _l("The row does not say which record it is.")
        elif len(group.rows) > _MOST_ROWS:
            wrong = _l("The record has more than %(count)s rows.", count=_MOST_ROWS)
        if wrong is None:
            self._fill(found, group)
        else:
            found.problems.append(RowProblem(found.first_row, self.id_column, "external_id", wrong))
        return found

    # ── Values ────────────────────────────────────────────────────────────────────────────────────

    def _fill(self, found: Candidate, group: _Group) -> None:
        told: dict[str, Any] = {"external_id": group.external_id}
        if self.kind == "purchase-orders":
            told["kind"] = "purchase"
        places: dict[tuple[str, int], Row] = {}
        currency = self._currency(group.rows[0])
        self._head(found, group, told, currency)
        for part, fields in self.parts.items():
            if fields:
                told[part] = self._part(found, group, part, fields, currency, places)
        if found.problems:
            return
        if self.kind == "orders" and told.get("kind") == "purchase":
            kind = next(known for known in self.head if known.name == "kind")
            found.problems.append(self._problem(group.rows[0], kind, _l("Purchase orders are imported by themselves.")))
            return
        try:
            found.shape = self.shape.model_validate(told)
        except ValidationError as error:
            found.problems += self._refused(error, group, places)

    def _currency(self, row: Row) -> str:
        column = self.columns.get("currency") or self.columns.get("prices.currency")
        try:
            return values.currency_of(row.cells[column]) if column and not _is_empty(row.cells.get(column)) else ""
        except values.Unread:
            return ""

    def _head(self, found: Candidate, group: _Group, told: dict[str, Any], currency: str) -> None:
        """The fields of the record itself, which stand on each of its rows, or on the first alone."""
        first = group.rows[0]
        for known in self.head:
            cell = first.cells.get(self.columns[known.name])
            for row in group.rows[1:]:
                other = row.cells.get(self.columns[known.name])
                if not _is_empty(other) and other != cell:
                    found.problems.append(self._problem(row, known, _l("The rows of one record say different things.")))
            if _is_empty(cell):
                if self.kind not in _CO_EDITED and known.name != "external_id":
                    told |= self._emptied(known)
                continue
            try:
                _put(told, self._path(known), self._value(known, cell, currency))
            except values.Unread as unread:
                found.problems.append(self._problem(first, known, unread.message))

    def _emptied(self, known: Field) -> dict[str, Any]:
        """What an empty cell says: what the field is when nothing was ever told."""
        wanted = self.shape.model_fields.get(known.name)
        if wanted is None or wanted.is_required() or known.reads in ("choice", "choices", "unit", "flag"):
            return {}
        return {known.name: wanted.get_default(call_default_factory=True)}

    def _part(
        self,
        found: Candidate,
        group: _Group,
        part: str,
        fields: list[Field],
        currency: str,
        places: dict[tuple[str, int], Row],
    ) -> list[dict[str, Any]]:
        """The lines, parcels, …: one of each row that tells of one, but not the same parcel twice."""
        items: list[dict[str, Any]] = []
        for row in group.rows:
            item: dict[str, Any] = {}
            for known in fields:
                cell = row.cells.get(self.columns[known.name])
                if _is_empty(cell):
                    continue
                try:
                    _put(item, self._path(known)[1:], self._value(known, cell, currency))
                except values.Unread as unread:
                    found.problems.append(self._problem(row, known, unread.message))
            if not item or (part != "lines" and item in items):
                continue
            if part == "lines" and "lines.position" not in self.columns:
                item["position"] = 10 * (len(items) + 1)
            places[part, len(items)] = row
            items.append(item)
        return items

    def _path(self, known: Field) -> list[str]:
        path = known.name.split(".")
        is_text = any(other.name == f"{known.name}.en" for other in FIELDS[self.kind])
        return [*path, self.language] if is_text else path

    def _value(self, known: Field, cell: Any, currency: str) -> Any:
        match known.reads:
            case "text":
                return values.text_of(cell)
            case "long-text":
                return values.long_text_of(cell)
            case "number":
                return values.number_of(cell, self.form, currency)
            case "rate":
                return values.rate_of(cell, self.form)
            case "whole":
                return values.whole_of(cell, self.form)
            case "date":
                return values.date_of(cell, self.form, self.language)
            case "moment":
                return values.moment_of(cell, self.form, self.language)
            case "flag":
                return values.flag_of(cell)
            case "choice" | "choices":
                name = known.name.rpartition(".")[2]
                if self.kind == "shipments" and name == "state":
                    name = "shipment_state"
                return values.choice_of(cell, name) if known.reads == "choice" else values.choices_of(cell, name)
            case "unit":
                return values.unit_of(cell)
            case "currency":
                return values.currency_of(cell)
            case "country":
                return values.country_of(cell)
            case "language":
                return values.language_of(cell)
            case "word":
                return values.text_of(cell).lower().replace(" ", "-").replace("_", "-")
            case "file":
                return files.content_of(cell, self.form.folder)

    # ── Problems ──────────────────────────────────────────────────────────────────────────────────

    def _problem(self, row: Row, known: Field, message: Any) -> RowProblem:
        return RowProblem(row.number, self.columns[known.name], known.name, message)

    def _refused(
        self, error: ValidationError, group: _Group, places: Mapping[tuple[str, int], Row]
    ) -> Iterator[RowProblem]:
        for told in error.errors(include_url=False, include_input=False):
            path = list(told["loc"])
            row = group.rows[0]
            if len(path) > 1 and isinstance(path[1], int):
                row = places.get((str(path[0]), path[1]), row)
                del path[1]
            name = ".".join(str(step) for step in path)
            yield RowProblem(row.number, self.columns.get(name, ""), name, words_of_refusal(told))


def words_of_refusal(error: Mapping[str, Any]) -> Any:
    """What pydantic has found, in words for the reader."""
    limits = error.get("ctx") or {}
    match error["type"]:
        case "missing":
            return _l("This is missing.")
        case "string_too_long":
            return _l("The text is too long: the limit of characters is %(limit)s.", limit=limits["max_length"])
        case "string_too_short" | "too_short":
            return _l("This is missing.")
        case "greater_than" | "greater_than_equal":
            return _l("The number is too small.")
        case "less_than" | "less_than_equal" | "decimal_max_digits" | "decimal_whole_digits":
            return _l("The number is too large.")
        case "decimal_max_places":
            return _l("There are too many decimals: the limit is %(limit)s.", limit=limits["decimal_places"])
        case "literal_error":
            return _l("This word cannot stand here.")
        case "too_long":
            return _l("There are too many of them.")
    return _l("This cannot be read.")


def _put(into: dict[str, Any], path: list[str], value: Any) -> None:
    for step in path[:-1]:
        into = into.setdefault(step, {})
    # A text that is given for its own language goes before one in the language of the reader.
    into[path[-1]] = value


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _or_empty(value: Any) -> Any:
    return "" if value is None else value
