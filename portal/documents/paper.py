"""Sheets of A4 in the reader's direction: text in all our scripts, tables that go on over pages, the number of pages.

Lengths are millimetres, sizes of letters points. `start` is where a line of the language begins, so that a document in
Persian is the mirror image of one in English.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal

from portal import paths

WIDTH, HEIGHT = 210.0, 297.0
MARGIN = 18.0
TOP, BOTTOM = 16.0, 22.0
INNER = WIDTH - 2 * MARGIN
POINT = 25.4 / 72
LEADING = 1.38

INK, QUIET, RULE, SHADE = (23, 26, 33), (92, 99, 112), (205, 209, 217), (243, 244, 247)
Colour = tuple[int, int, int]
Side = Literal["start", "end"]

# What has no letter in our fonts and no width on paper: marks of direction, and controls.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200d\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
# Digits of their own are read from the left in these scripts too.
_RTL = re.compile("[\u0590-\u065f\u066d-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LTR = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Column:
    """Of a table; the width is millimetres."""

    title: str
    width: float
    align: Side = "start"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a row: words, and smaller ones below."""

    text: str
    under: str = ""


class Paper:
    """One document. Write from the top down, then take `to_bytes`."""

    def __init__(self, language: str, title: str, day: date, *, is_rtl: bool = False) -> None:
        # Loaded by the first document only.
        from fpdf import FPDF

        self.language, self.is_rtl = language, is_rtl
        self.pdf = FPDF("portrait", "mm", "A4")
        self.pdf.set_auto_page_break(False)
        self.pdf.set_margin(0)
        self.pdf.c_margin = 0
        self.pdf.add_font("portal", "", paths.FONTS / "regular.ttf")
        self.pdf.add_font("portal", "B", paths.FONTS / "bold.ttf")
        self.pdf.set_text_shaping(True)
        self.pdf.set_title(title)
        self.pdf.set_lang(language)
        self.pdf.set_producer("Portal")
        # The same content is the same file, whenever it is drawn.
        self.pdf.set_creation_date(datetime.combine(day, time(), UTC))
        self._widths: dict[tuple[str, float, str], float] = {}
        self.y = TOP
        self._style, self._size, self._colour = "", 0.0, INK
        self.new_page()

    def new_page(self) -> None:
        self.pdf.add_page()
        self._style, self._size = "", 0.0
        self.y = TOP

    @property
    def room(self) -> float:
        """What is left of the sheet above the foot."""
        return HEIGHT - BOTTOM - self.y

    # ── Text ──────────────────────────────────────────────────────────────────────────────────────

    def text(
        self,
        text: str,
        *,
        x: float = 0.0,
        width: float = INNER,
        size: float = 9,
        bold: bool = False,
        colour: Colour = INK,
        align: Side = "start",
        y: float | None = None,
    ) -> float:
        """Write a paragraph at `x` from the start of the lines, wrapped to `width`; the height that it took.

        Without `y` it stands below what was written last, and the next one below it.
        """
        at = self.y if y is None else y
        height = size * POINT * LEADING
        self._use(size, bold, colour)
        lines = self.wrapped(text, width, size, bold=bold)
        for number, line in enumerate(lines):
            self._line(line, x, at + number * height, width, height, align)
        taken = height * len(lines)
        if y is None:
            self.y += taken
        return taken

    def wrapped(self, text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
        """The lines of a text, broken between words, and inside of those that are longer than a line."""
        self._use(size, bold, self._colour)
        space = self._width_of(" ")
        found: list[str] = []
        for paragraph in clean(text).split("\n"):
            line, taken = "", 0.0
            for word in self._words(paragraph, width):
                wide = self._width_of(word)
                if line and taken + space + wide > width:
                    found.append(line)
                    line, taken = word, wide
                else:
                    taken += wide + (space if line else 0)
                    line = f"{line} {word}" if line else word
            found.append(line)
        return found

    def isolated(self, text: str) -> str:
        """A name or number that keeps its own direction inside of a sentence."""
        return f"\u200e{text}\u200e" if self.is_rtl and not _RTL.search(text) else text

    def width_of(self, text: str, size: float, *, bold: bool = False) -> float:
        self._use(size, bold, self._colour)
        return self._width_of(clean(text))

    def _words(self, paragraph: str, width: float) -> list[str]:
        words = []
        # A space that does not break holds an amount and its currency together.
        for word in re.split(r"[ \t]+", paragraph.strip()):
            while self._width_of(word) > width and len(word) > 1:
                fits = next((n for n in range(len(word) - 1, 1, -1) if self._width_of(word[:n]) <= width), 1)
                words.append(word[:fits])
                word = word[fits:]
            words.append(word)
        return words

    def _line(self, text: str, x: float, y: float, width: float, height: float, align: Side) -> None:
        if not text:
            return
        is_left = (align == "start") != self.is_rtl
        left = MARGIN + x if not self.is_rtl else WIDTH - MARGIN - x - width
        self.pdf.text_shaping["direction"] = self._direction(text)  # type: ignore[index]
        self.pdf.set_xy(left, y)
        self.pdf.cell(width, height, text, align="L" if is_left else "R")

    def _direction(self, text: str) -> Any:
        from fpdf.enums import TextDirection

        # Names and numbers go their own way; where both directions meet, the language's is the frame.
        rtl, ltr = bool(_RTL.search(text)), bool(_LTR.search(_RTL.sub("", text)))
        goes_rtl = rtl and (self.is_rtl or not ltr)
        return TextDirection.RTL if goes_rtl else TextDirection.LTR

    def _width_of(self, text: str) -> float:
        key = (self._style, self._size, text)
        found = self._widths.get(key)
        if found is None:
            found = self._widths[key] = self.pdf.get_string_width(text)
        return found

    def _use(self, size: float, bold: bool, colour: Colour) -> None:
        style = "B" if bold else ""
        if (style, size) != (self._style, self._size):
            self.pdf.set_font("portal", style, size)
            self._style, self._size = style, size
        if colour != self._colour or self.pdf.text_color is None:
            self._colour = colour
        self.pdf.set_text_color(*colour)

    # ── Rules and tables ──────────────────────────────────────────────────────────────────────────

    def rule(self, x: float = 0.0, width: float = INNER, *, colour: Colour = RULE, thick: float = 0.2) -> None:
        left = MARGIN + x if not self.is_rtl else WIDTH - MARGIN - x - width
        self.pdf.set_draw_color(*colour)
        self.pdf.set_line_width(thick)
        self.pdf.line(left, self.y, left + width, self.y)

    def shade(self, height: float) -> None:
        self.pdf.set_fill_color(*SHADE)
        self.pdf.rect(MARGIN, self.y, INNER, height, style="F")

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, size: float = 8.5) -> None:
        """Rows stay whole; the heads are repeated on each sheet."""
        self._heads(columns, size)
        for row in rows:
            self._row(columns, row, size)

    def _heads(self, columns: Sequence[Column], size: float) -> None:
        gap = 1.6
        lines = max(len(self.wrapped(column.title, column.width - 2, size - 1, bold=True)) for column in columns)
        height = lines * (size - 1) * POINT * LEADING + 2 * gap
        self.shade(height)
        x = 0.0
        for column in columns:
            self.text(
                column.title, x=x + 1, width=column.width - 2, size=size - 1, bold=True, colour=QUIET,
                align=column.align, y=self.y + gap,
            )  # fmt: skip
            x += column.width
        self.y += height

    def _row(self, columns: Sequence[Column], row: Sequence[Cell], size: float) -> None:
        gap, line, small = 1.5, size * POINT * LEADING, (size - 1) * POINT * LEADING
        heights = [
            len(self.wrapped(cell.text, column.width - 2, size)) * line
            + (len(self.wrapped(cell.under, column.width - 2, size - 1)) * small if cell.under else 0)
            for column, cell in zip(columns, row, strict=True)
        ]
        height = max(heights) + 2 * gap
        if height > self.room and self.y > TOP:
            self.new_page()
            self._heads(columns, size)
        x = 0.0
        for column, cell in zip(columns, row, strict=True):
            taken = self.text(cell.text, x=x + 1, width=column.width - 2, size=size, align=column.align, y=self.y + gap)
            if cell.under:
                self.text(
                    cell.under, x=x + 1, width=column.width - 2, size=size - 1, colour=QUIET, align=column.align,
                    y=self.y + gap + taken,
                )  # fmt: skip
            x += column.width
        self.y += height
        self.rule()

    # ── The end ───────────────────────────────────────────────────────────────────────────────────

    def foot(self, text: str, number: Callable[[int, int], str]) -> None:
        """At the foot of every sheet, once all is written; `number` says which one of how many it is."""
        count = self.pdf.pages_count
        for page in range(1, count + 1):
            self.pdf.page = page
            # Whoever goes back to a sheet is not told how it was written on last: say all of it anew.
            self.pdf.set_font("portal", "B", 1)
            self.pdf.set_draw_color(*INK)
            self.pdf.set_line_width(1)
            self._style, self._size = "", 0.0
            self.y = HEIGHT - 15
            self.rule()
            self.text(text, size=7.5, colour=QUIET, width=INNER * 0.7, y=self.y + 1.5)
            self.text(
                number(page, count), x=INNER * 0.7, width=INNER * 0.3, size=7.5, colour=QUIET, align="end",
                y=self.y + 1.5,
            )  # fmt: skip

    def to_bytes(self) -> bytes:
        return bytes(self.pdf.output())


def clean(text: str) -> str:
    """Without what cannot be seen, but for what keeps letters of Persian apart, and the mark that `isolated` sets."""
    text = text.replace("\r\n", "\n").replace("\t", " ").replace("\u202f", "\u00a0")
    return _UNSEEN.sub("", text)
