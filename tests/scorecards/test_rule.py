"""Which lines count and which are met, case by case. It is Wednesday, 18 March 2026; two business days to confirm."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from portal.business_hours.calendar import Calendar
from portal.business_hours.models import USUAL_WINDOWS
from portal.languages import speaking
from portal.purchasing.confirming import confirm
from portal.purchasing.proposals import Proposal, Terms
from portal.scorecards.figures import Share, by_month, by_quarter, month_label, months_of, window_at
from portal.scorecards.reach import Measure, window_of
from tests.orders.helpers import OrderWorld
from tests.purchasing.test_proposals import who_holds
from tests.scorecards.helpers import Deliveries, figures, moment, told
from tests.world import World

AT = datetime(2026, 3, 18, 12, tzinfo=UTC)
MONDAY, FRIDAY, AGREED = "2026-03-02", "2026-03-06", "2026-03-10"
IN_TIME = (AGREED, moment("2026-03-03"))
ALL = (("2026-03-10", "10"),)
MET, MISSED, OUT = (1, 1), (0, 1), (0, 0)

# What happens to the one line, and: confirmed in time, delivered in time, in full, in time and in full.
CASES: dict[str, tuple[dict[str, Any], list[tuple[int, int]]]] = {
    "all is well": ({"confirmed": IN_TIME, "arrived": ALL}, [MET, MET, MET, MET]),
    "confirmed late on the last day": (
        {"confirmed": (AGREED, moment("2026-03-04", "23:59"))},
        [MET, MISSED, MISSED, MISSED],
    ),
    "confirmed a minute too late": (
        {"confirmed": (AGREED, moment("2026-03-05", "00:00")), "arrived": ALL},
        [MISSED, MET, MET, MET],
    ),
    "a weekend is no time to confirm": (
        {"ordered": FRIDAY, "confirmed": (AGREED, moment("2026-03-10")), "arrived": ALL},
        [MET, MET, MET, MET],
    ),
    "never confirmed nor delivered": ({}, [MISSED, MISSED, MISSED, MISSED]),
    "ordered too recently": ({"ordered": "2026-03-17", "promised": "2026-03-30"}, [OUT, OUT, OUT, OUT]),
    "due today, though it is here": (
        {"promised": "2026-03-18", "confirmed": ("2026-03-18", IN_TIME[1]), "arrived": ALL},
        [MET, OUT, OUT, OUT],
    ),
    "a part in time, the rest never": (
        {"confirmed": IN_TIME, "arrived": (("2026-03-09", "6"),)},
        [MET, MET, MISSED, MISSED],
    ),
    "a part in time, the rest late": (
        {"confirmed": IN_TIME, "arrived": (("2026-03-09", "6"), ("2026-03-12", "4"))},
        [MET, MISSED, MET, MISSED],
    ),
    "all of it a day late": ({"confirmed": IN_TIME, "arrived": (("2026-03-11", "10"),)}, [MET, MISSED, MET, MISSED]),
    "the confirmed day stands before the promised one": (
        {"confirmed": ("2026-03-12", IN_TIME[1]), "arrived": (("2026-03-12", "10"),)},
        [MET, MET, MET, MET],
    ),
    "cancelled": ({"confirmed": IN_TIME, "state": "cancelled"}, [OUT, OUT, OUT, OUT]),
    "nothing was ordered of it": ({"quantity": "0"}, [OUT, OUT, OUT, OUT]),
    "nobody told the day of delivery": (
        {"confirmed": IN_TIME, "line": {"delivered": "10"}, "state": "delivered"},
        [MET, OUT, MET, OUT],
    ),
    "the order has the day of delivery": (
        {"confirmed": IN_TIME, "line": {"delivered": "10"}, "state": "delivered", "delivered_on": "2026-03-11"},
        [MET, MISSED, MET, MISSED],
    ),
    "the line has a day of its own": (
        {
            "confirmed": IN_TIME,
            "line": {"delivered": "10", "delivered_on": AGREED},
            "state": "delivered",
            "delivered_on": "2026-03-14",
        },
        [MET, MET, MET, MET],
    ),
    "it came to the portal when its time was over": (
        {"came": moment("2026-03-09"), "confirmed": (AGREED, moment("2026-03-09", "10:00")), "arrived": ALL},
        [OUT, MET, MET, MET],
    ),
    "ordered before the twelve months": (
        {"ordered": "2025-03-31", "promised": "2025-04-07", "arrived": (("2025-04-07", "10"),)},
        [OUT, MET, MET, MET],
    ),
    "all of it before the twelve months": (
        {"ordered": "2025-03-03", "promised": "2025-03-31", "arrived": (("2025-03-31", "10"),)},
        [OUT, OUT, OUT, OUT],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_line_counts_and_is_met(deliveries: Deliveries, world: World, case: str) -> None:
    happens, expected = CASES[case]
    deliveries.line(**{"ordered": MONDAY, "promised": AGREED, **happens})
    assert told(figures(world, AT)) == expected


def test_both_sides_reckon_alike_and_of_one_supplier_alone(deliveries: Deliveries, world: World) -> None:
    deliveries.line(MONDAY, promised=AGREED, confirmed=IN_TIME, arrived=ALL)
    deliveries.line(MONDAY, promised=AGREED, company="paper")
    assert told(figures(world, AT, hint="supplier")) == told(figures(world, AT, hint="auditor")) == [MET] * 4
    assert told(figures(world, AT, "paper", "buyer")) == [MISSED] * 4


def test_a_change_counts_from_when_the_supplier_proposed_it(
    deliveries: Deliveries, orders: OrderWorld, world: World
) -> None:
    order = deliveries.line(MONDAY, promised="2026-03-16")
    with orders.held(order, "supplier") as (held, who):
        later = replace(Terms.of(held.lines[0]), delivery_on=date(2026, 3, 17))
        asked = Proposal.propose(
            held.lines[0], later, who, moment("2026-03-03"), held.version_for(who), reason="The yarn is late."
        )
    with orders.held(order, "buyer") as (held, who):
        who_holds(held, asked).accept(who, moment("2026-03-12"), held.version)
    assert told(figures(world, AT))[0] == MET


def test_another_day_agreed_later_leaves_the_confirmation_in_time(
    deliveries: Deliveries, orders: OrderWorld, world: World
) -> None:
    order = deliveries.line(MONDAY, promised="2026-03-16")
    with orders.held(order, "supplier") as (held, who):
        confirm(held, who, moment("2026-03-03"), held.version_for(who))
    with orders.held(order, "buyer") as (held, who):
        later = replace(Terms.of(held.lines[0]), delivery_on=date(2026, 3, 17))
        asked = Proposal.propose(held.lines[0], later, who, moment("2026-03-09"), held.version, reason="No room.")
    with orders.held(order, "supplier") as (held, who):
        who_holds(held, asked).accept(who, moment("2026-03-10"), held.version_for(who))
    assert orders.reload(order).lines[0].confirmed_on == date(2026, 3, 17)
    assert told(figures(world, AT))[0] == MET


def test_months_and_quarters_add_up(deliveries: Deliveries, world: World) -> None:
    deliveries.line("2026-01-30", promised="2026-02-10", confirmed=("2026-02-10", moment("2026-02-02")))
    deliveries.line(MONDAY, promised=AGREED, confirmed=IN_TIME, arrived=ALL)
    supplier_id = world.organisation("looms").id
    with world.as_("buyer") as session:
        window = window_at(session, AT)
        found = months_of(session, window, supplier_id)
        months = {period.name: period.shares for period in by_month(window, found)}
        quarters = {period.name: period.shares for period in by_quarter(window, found)}
    assert next(iter(months)) == "2025-04"
    assert len(months) == 12
    assert list(quarters) == ["2025-q2", "2025-q3", "2025-q4", "2026-q1"]
    assert months["2026-01"][Measure.CONFIRMED] == Share(1, 1)
    assert not months["2026-01"][Measure.OTIF].counted
    assert (months["2026-02"][Measure.OTIF], months["2026-03"][Measure.OTIF]) == (Share(1, 0), Share(1, 1))
    assert quarters["2026-q1"] == {
        Measure.CONFIRMED: Share(2, 2),
        Measure.IN_TIME: Share(2, 1),
        Measure.IN_FULL: Share(2, 1),
        Measure.OTIF: Share(2, 1),
    }


def test_the_limit_follows_the_business_calendar() -> None:
    zone = ZoneInfo("Europe/Prague")
    calendar = Calendar(zone, USUAL_WINDOWS, "CZ", "", frozenset({date(2026, 3, 3)}))
    limits = window_of(calendar, AT, 2).limits
    # Tuesday is closed, so Wednesday and Thursday are the two days; it ends at midnight in Prague.
    assert limits[date(2026, 3, 2)] == datetime(2026, 3, 6, tzinfo=zone)
    assert limits[date(2026, 3, 13)] == limits[date(2026, 3, 14)] == datetime(2026, 3, 18, tzinfo=zone)
    assert date(2026, 3, 16) not in limits
    assert window_of(calendar, AT, 0).limits[date(2026, 3, 17)] == datetime(2026, 3, 18, tzinfo=zone)
    nobody = Calendar(zone, ((),) * 7)
    assert window_of(nobody, AT, 2).limits == {}


def test_a_part_is_never_shown_as_all_or_none(app: Flask) -> None:
    with app.test_request_context():
        assert Share(0, 0).text == "–"
        assert [Share(2000, met).text for met in (0, 1, 1999, 2000)] == ["0%", "0.1%", "99.9%", "100%"]


def test_a_month_is_named_by_the_calendar_of_its_reader(app: Flask) -> None:
    with app.app_context(), speaking("en"):
        assert month_label((2026, 11)) == "Nov 2026"
    with app.app_context(), speaking("fa"):
        # Farvardin 1405 begins on 21 March 2026.
        assert month_label((2026, 11)) == "آبان–آذر ۱۴۰۵"
        assert month_label((2026, 3)) == "اسفند ۱۴۰۴–فروردین ۱۴۰۵"
