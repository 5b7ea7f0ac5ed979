"""Files are read row by row as they are, or it is said in words why they are not."""

import io
import tracemalloc
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from portal.imports.reading import FileForm, UnreadableFile, describe, rows
from tests.imports.helpers import file_of, read

# As a workbook has it: without a zone.
NEW_YEARS_EVE = datetime.fromisoformat("2026-12-31")


def workbook(*table: tuple[Any, ...], sheet: str = "Orders") -> io.BytesIO:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = sheet
    for row in table:
        book.active.append(row)
    book.create_sheet("Other").append(("x",))
    file = io.BytesIO()
    book.save(file)
    return file


# ── CSV ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_known_by_the_rows(delimiter: str) -> None:
    text = delimiter.join(["Number", "Name", "Price"]) + "\n" + delimiter.join(['"1"', '"a, b; c"', '"1,5"']) + "\n"
    file = file_of(text)
    assert describe(file).delimiter == delimiter
    assert read(file) == [{"Number": "1", "Name": "a, b; c", "Price": "1,5"}]


def test_the_delimiter_may_be_told_in_the_first_line() -> None:
    file = file_of("sep=;\nNumber,Name;Price\n1,2;3\n")
    form = describe(file)
    assert (form.delimiter, form.columns) == (";", ["Number,Name", "Price"])
    assert [row.number for row in rows(file, form)] == [3]


def test_newlines_and_quotes_in_quotes_are_text() -> None:
    file = file_of('a;b\r\n"one\r\ntwo";"12"" pipe"\r\n\r\n;;\r\nx;y\r\n')
    found = list(rows(file, describe(file)))
    assert [row.number for row in found] == [2, 6]
    assert found[0].cells == {"a": "one\r\ntwo", "b": '12" pipe'}


def test_lines_of_old_computers_are_lines() -> None:
    assert read(file_of("a;b\r1;2\r3;4")) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_a_row_with_more_or_fewer_cells_is_told_with_its_line() -> None:
    file = file_of("a;b;c\n1;2;3\n1;2\n1;2;3;4\n1;2;3;\n")
    found = list(rows(file, describe(file)))
    assert [(row.number, row.problem is None) for row in found] == [(2, True), (3, False), (4, False), (5, True)]
    assert "(2)" in str(found[1].problem)


def test_names_of_columns_are_told_apart() -> None:
    assert describe(file_of("Price;Price;;Price;\n1;2;3;4\n")).columns == ["Price", "Price (2)", "#3", "Price (3)"]


def test_rows_that_are_known_are_passed_over() -> None:
    file = file_of("a\n1\n2\n3\n")
    assert [row.cells["a"] for row in rows(file, describe(file), skip=3)] == ["3"]


def test_a_heading_alone_is_a_file_without_rows() -> None:
    assert read(file_of("a;b\n")) == []


def test_the_form_can_be_kept() -> None:
    form = describe(file_of("a;b\n1;2\n"))
    assert FileForm.of_kept(form.kept()) == form
    assert "sample" not in form.kept()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"%PDF-1.7", "neither"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old kind"),
        (b'[{"a": 1}]', "a line of its own"),
        (b"PK\x03\x04 and so on", "cannot be read"),
        (b"a,b\n1,\x00\n", "Line 2"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile) as told:
        describe(io.BytesIO(content))
    assert words in str(told.value)


@pytest.mark.parametrize("text", ['a;b\n1;2\n"x;3\n4;5\n', 'a;b\n1;2\n"x"y;3\n'])
def test_an_open_quotation_mark_is_told_with_its_line(text: str) -> None:
    with pytest.raises(UnreadableFile) as told:
        read(file_of(text), FileForm("csv", ["a", "b"], delimiter=";"))
    assert told.value.line == 3


# ── Numbers and dates ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cells", "decimal"),
    [
        (["1,5"], ","),
        (["1.5"], "."),
        (["1.234,56"], ","),
        (["1,234.56"], "."),
        (["1 234,56", "1.000"], ","),
        (["1\u00a0234,56"], ","),
        (["1.234"], ""),
        (["1,234"], ""),
        (["0.125"], "."),
        (["12", "x", ""], ""),
        (["1,5", "1.5"], ""),
        (["31.12.2026", "1,25"], ","),
        (["LN-1.5", "10.2.2026"], ""),
    ],
)
def test_the_decimal_mark_is_known_where_the_cells_tell(cells: list[str], decimal: str) -> None:
    assert describe(file_of("\n".join(["a;b", *(f"{cell};" for cell in cells)]))).decimal == decimal


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["31/12/2026", "1/2/2026"], "dmy"),
        (["12/31/2026", "1/2/2026"], "mdy"),
        (["1/2/2026"], ""),
        (["12/31/2026", "31/12/2026"], ""),
        (["31.12.2026"], ""),
    ],
)
def test_the_order_of_dates_is_known_where_the_cells_tell(cells: list[str], order: str) -> None:
    assert describe(file_of("\n".join(["a;b", *(f"{cell};" for cell in cells)]))).date_order == order


# ── JSON lines ────────────────────────────────────────────────────────────────────────────────────


def test_lists_of_a_json_line_are_rows() -> None:
    first = '{"external_id": "1", "lines": [{"position": 10, "quantity": 1.10}, {"position": 20}]}'
    file = file_of(first + '\n\n{"external_id": "2"}\n')
    form = describe(file)
    assert form.columns == ["external_id", "lines.position", "lines.quantity"]
    found = list(rows(file, form))
    assert [row.number for row in found] == [1, 1, 3]
    assert found[0].cells == {"external_id": "1", "lines.position": 10, "lines.quantity": Decimal("1.10")}


def test_lines_that_are_no_objects_are_told() -> None:
    file = file_of('{"a": 1}\n[1]\n{"a": NaN}\n{"a"\n' + '{"a":' * 5000 + "\n")
    found = list(rows(file, describe(file)))
    assert [row.problem is None for row in found] == [True, False, False, False, False]


# ── Workbooks ─────────────────────────────────────────────────────────────────────────────────────


def test_the_first_sheet_of_a_workbook_is_read_with_its_values() -> None:
    file = workbook(
        ("Number", "Ordered on", "Price", None),
        (12, NEW_YEARS_EVE, 1.5, None),
        (None, None, None, None),
        ("00012", date(2027, 1, 1), "=1+1", None),
    )
    form = describe(file)
    assert (form.kind, form.sheet, form.sheets) == ("xlsx", "Orders", ["Orders", "Other"])
    assert form.columns == ["Number", "Ordered on", "Price"]
    found = list(rows(file, form))
    assert [row.number for row in found] == [2, 4]
    assert found[0].cells == {"Number": 12, "Ordered on": NEW_YEARS_EVE, "Price": 1.5}
    # A formula that was never reckoned has no value.
    assert found[1].cells["Price"] is None
    assert describe(file, sheet="Other").columns == ["x"]
    with pytest.raises(UnreadableFile):
        describe(file, sheet="None")


def test_cells_without_a_heading_are_told() -> None:
    file = workbook(("a", "b"), (1, 2), (1, 2, 3))
    assert [row.problem is None for row in rows(file, describe(file))] == [True, False]


def _packed(**parts: bytes) -> io.BytesIO:
    """A workbook with these parts in the place of its own."""
    found = io.BytesIO()
    with zipfile.ZipFile(workbook(("a", "b"), (1, 2))) as old, zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = next((content for end, content in parts.items() if name.endswith(f"{end}.xml")), old.read(name))
            new.writestr(name, part)
        for end in parts.keys() - {name.rpartition("/")[2].removesuffix(".xml") for name in old.namelist()}:
            new.writestr(f"xl/{end}.xml", parts[end])
    return found


_SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</worksheet>'


@pytest.mark.parametrize(
    "sheet",
    [
        '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="2"><c r="XFD2"><v>1</v></c></row></sheetData>',
        '<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="999999999999"><c r="A1"><v>2</v></c></row></sheetData>',
        '<sheetData><row r="1"><c r="A1" t="s"><v>99</v></c></row></sheetData>',
        '<sheetData><row r="1"><c r="1A"><v>1</v></c></row></sheetData>',
        "<sheetData><row>",
    ],
)
def test_a_workbook_that_is_not_as_it_should_be_is_refused(sheet: str) -> None:
    file = _packed(sheet1=(_SHEET % sheet).encode())
    with pytest.raises(UnreadableFile):
        list(rows(file, describe(file)))


def test_entities_in_a_workbook_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + (_SHEET % "<sheetData/>").encode()
    with pytest.raises(UnreadableFile):
        describe(_packed(sheet1=bomb))


def test_a_workbook_that_unpacks_without_end_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="too large"):
        describe(_packed(sharedStrings=b" " * 101_000_000))


def test_a_wide_dimension_costs_nothing() -> None:
    told = '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
    file = _packed(sheet1=(_SHEET % told).encode())
    assert describe(file).columns == ["1"]


# ── Many rows ─────────────────────────────────────────────────────────────────────────────────────


def _most_memory(file: io.BytesIO, form: FileForm) -> tuple[int, int]:
    tracemalloc.start()
    try:
        count = sum(1 for _row in rows(file, form))
        return count, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_two_hundred_thousand_rows_take_no_more_memory_than_few() -> None:
    file = file_of("Number;Name;Price\n" + "".join(f"{n};Lamp {n};1,5\n" for n in range(200_000)))
    count, memory = _most_memory(file, describe(file))
    assert count == 200_000
    assert memory < 1_000_000


def test_a_long_sheet_takes_no_more_memory_than_a_short_one() -> None:
    def memory(count: int) -> int:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("x")
        sheet.append(["a", "b"])
        for n in range(count):
            sheet.append([n, 1.5])
        file = io.BytesIO()
        book.save(file)
        return _most_memory(file, describe(file))[1]

    assert memory(6000) < memory(2000) + 100_000
