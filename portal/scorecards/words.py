"""What the measures are called, and what they mean."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.access.words import Words
from portal.scorecards.reach import Measure

MEASURES: Words = {
    Measure.CONFIRMED: lazy_pgettext("scorecard", "Confirmed in time"),
    Measure.IN_TIME: lazy_pgettext("scorecard", "Delivered in time"),
    Measure.IN_FULL: lazy_pgettext("scorecard", "Delivered in full"),
    Measure.OTIF: lazy_pgettext("scorecard", "In time and in full"),
}

MEANINGS: Words = {
    Measure.CONFIRMED: _l(
        "The line was confirmed within the business days that a confirmation may take. A change that the supplier"
        " proposed counts from the day on which it was proposed, once the buyer has accepted it."
    ),
    Measure.IN_TIME: _l("Something was delivered, and nothing of it after the agreed day."),
    Measure.IN_FULL: _l("The whole quantity has been delivered by now, on whichever day."),
    Measure.OTIF: _l("The whole quantity was delivered by the agreed day."),
}
