"""A measure over the months as a picture drawn on the server; the table below it says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.languages import list_text, voice
from portal.scorecards.figures import Period
from portal.scorecards.reach import Measure

WIDTH, HEIGHT, GAP = 300, 64, 4


@dataclass(frozen=True, slots=True)
class Bar:
    """The part that was met, and all of it, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    bars: list[Bar]
    # Where a period has lines at all: what was missed is the rest of the column.
    wholes: list[Bar]
    summary: str
    width: int = WIDTH
    height: int = HEIGHT


def chart_of(periods: Sequence[Period], measure: Measure) -> Chart:
    """A column for each period that has lines, as high as the share; time runs from the right in such pages."""
    step = WIDTH / len(periods)
    bars, wholes, told = [], [], []
    for n, period in enumerate(periods):
        share = period.shares[measure]
        if share.share is None:
            continue
        place = len(periods) - 1 - n if voice().table.direction == "rtl" else n
        x, width, height = round(place * step + GAP / 2, 2), round(step - GAP, 2), round(HEIGHT * share.share, 2)
        wholes.append(Bar(x, 0, width, HEIGHT))
        if share.met:
            bars.append(Bar(x, round(HEIGHT - height, 2), width, height))
        told.append(_("%(period)s: %(share)s", period=period.label, share=share.text))
    return Chart(bars, wholes, list_text(told) if told else str(_("Nothing to count yet.")))
