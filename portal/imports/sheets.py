"""The rows of one sheet of a workbook, out of its XML (ECMA-376, part 1, 18.3), in little memory."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Any
from xml.parsers import expat

from openpyxl.utils.datetime import from_excel, from_ISO8601

_PIECE = 1 << 16
_COLUMN = re.compile(r"([A-Z]{1,3})\d*")
_TEXTS = frozenset(("v", "t"))


class Entities(ValueError):
    """The sheet declares entities, which no workbook does."""


class SheetReader:
    """Numbers of rows with their cells by column, counted from 0; `texts` are those that cells share."""

    def __init__(self, texts: list[Any], date_styles: set[int], span_styles: set[int], epoch: datetime) -> None:
        self._texts, self._date_styles, self._span_styles, self._epoch = texts, date_styles, span_styles, epoch
        self._done: list[tuple[int, dict[int, Any]]] = []
        self._row: dict[int, Any] = {}
        self._number = self._column = 0
        self._kind, self._style = "n", 0
        self._text: list[str] = []
        self._is_text = self._is_phonetic = False

    def rows(self, source: IO[bytes]) -> Iterator[tuple[int, dict[int, Any]]]:
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = self._refuse
        while piece := source.read(_PIECE):
            parser.Parse(piece, False)
            yield from self._done
            self._done.clear()
        parser.Parse(b"", True)
        yield from self._done

    def _refuse(self, *_: Any) -> None:
        raise Entities

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition("}")[2]
        if tag == "c":
            place = attributes.get("r")
            self._column = column_of(place) if place else self._column + 1
            self._kind, self._style = attributes.get("t", "n"), int(attributes.get("s", 0))
            self._text.clear()
        elif tag in _TEXTS:
            self._is_text = not self._is_phonetic
        elif tag == "rPh":
            self._is_phonetic = True
        elif tag == "row":
            self._number = int(attributes["r"]) if "r" in attributes else self._number + 1
            self._row, self._column = {}, -1

    def _characters(self, text: str) -> None:
        if self._is_text:
            self._text.append(text)

    def _end(self, name: str) -> None:
        tag = name.rpartition("}")[2]
        if tag in _TEXTS:
            self._is_text = False
        elif tag == "rPh":
            self._is_phonetic = False
        elif tag == "c":
            if self._text:
                self._row[self._column] = self._value("".join(self._text))
        elif tag == "row":
            self._done.append((self._number, self._row))

    def _value(self, text: str) -> Any:
        match self._kind:
            case "n":
                if self._style in self._date_styles:
                    return self._day(text)
                return int(text) if text.lstrip("-").isdigit() else float(text)
            case "s":
                return str(self._texts[int(text)])
            case "b":
                return text.strip() == "1"
            case "d":
                return from_ISO8601(text)
        return text

    def _day(self, text: str) -> Any:
        """A serial number outside the calendar is shown as an error, so it is one."""
        try:
            found = from_excel(float(text), self._epoch, timedelta=self._style in self._span_styles)
        except (OverflowError, ValueError):
            return "#VALUE!"
        return found if isinstance(found, date) else str(found)


def column_of(place: str) -> int:
    """`B7` is 1; ValueError where there is no such column."""
    match = _COLUMN.fullmatch(place)
    if match is None:
        raise ValueError(place)
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1
