"""A chart drawn on the server: columns of stacked classes, with the table that says the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import format_date, ngettext

from portal.languages import number_text, voice
from portal.languages.formats import date_text
from portal.partners.reach import CLASSES

WIDTH, HEIGHT, GAP = 720, 220, 12


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a column; the numbers are units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    kind: int


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    x: float
    counts: Sequence[int]
    top: float

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Chart:
    columns: list[Column]
    blocks: list[Block]
    classes: list[str]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def total(self) -> int:
        return sum(column.total for column in self.columns)

    @property
    def summary(self) -> str:
        """What the picture says, in a sentence, for whoever does not see it."""
        within = sum(sum(column.counts[:3]) for column in self.columns)
        return str(
            ngettext(
                "%(total)s decision in twelve months; within %(hours)s business hours: %(within)s.",
                "%(total)s decisions in twelve months; within %(hours)s business hours: %(within)s.",
                self.total,
                total=number_text(self.total),
                within=number_text(within),
                hours=number_text(CLASSES[2]),
            )
        )


def class_names() -> list[str]:
    """“up to 4 h” … “more than 40 h”."""
    upto = [
        str(ngettext("up to %(hours)s hour", "up to %(hours)s hours", hours, hours=number_text(hours)))
        for hours in CLASSES
    ]
    most = CLASSES[-1]
    return [
        *upto,
        str(ngettext("more than %(hours)s hour", "more than %(hours)s hours", most, hours=number_text(most))),
    ]


def decision_chart(months: Sequence[tuple[int, int]], counts: Mapping[tuple[int, int], list[int]]) -> Chart:
    """A column for each month; in right-to-left pages time runs from the right."""
    names = class_names()
    highest = max((sum(row) for row in counts.values()), default=0) or 1
    step = WIDTH / len(months)
    columns, blocks = [], []
    for place, month in enumerate(months):
        x = WIDTH - (place + 1) * step if voice().table.direction == "rtl" else place * step
        row, top = counts.get(month, [0] * len(names)), float(HEIGHT)
        for kind, count in enumerate(row):
            height = HEIGHT * count / highest
            top -= height
            if count:
                blocks.append(Block(round(x + GAP / 2, 2), round(top, 2), round(step - GAP, 2), round(height, 2), kind))
        columns.append(Column(month_text(month), x + step / 2, row, round(top, 2)))
    return Chart(columns, blocks, names)


def month_text(month: tuple[int, int]) -> str:
    day = date(*month, 15)
    if voice().calendar == "jalali":
        # Months of the two calendars do not coincide: the day in the middle says which time is meant.
        return date_text(day, "short")
    return str(format_date(day, "LLL yyyy"))
