"""The list of registrations as a file: just the rows and columns that its reader sees on the pages."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from portal import exporting
from portal.clock import now
from portal.deals import export
from tests.conftest import SignIn
from tests.deals.helpers import DealWorld
from tests.deals.test_list import every_page, many_deals
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def table(answer: Any) -> list[dict[str, str]]:
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    words = answer.get_data().decode("utf-8")
    assert words.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(words[1:])))


def test_just_the_lines_of_all_pages_in_their_order(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    many_deals(world, 60)
    deals.submitted("rival-partner")
    for hint in ("partner", "channel-manager"):
        for query in ("", "?sort=due", "?q=customer&sort=updated", "?state=under-review"):
            browser = sign_in(hint)
            lines = table(browser.get(f"/deals/export.csv{query}"))
            assert [line["Reference"] for line in lines] == every_page(browser, f"/deals{query}")


def test_the_columns_of_each_lens(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal = deals.under_review(at=datetime(2030, 3, 4, 10, tzinfo=UTC))
    common = {
        "Reference": deal.ref,
        "End customer": deal.customer_name,
        "Programme": "Standard",
        "Size": "12500.00",
        "Currency": "EUR",
        "State": "Under review",
    }
    [line] = table(sign_in("partner").get("/deals/export.csv"))
    zone = world.person("partner").time_zone
    assert line == common | {
        "Registered by": world.organisation("wolf").name,
        f"Decision due ({zone})": "2030-03-06 11:00:00",
        f"Protected until ({zone})": "",
        f"Updated ({zone})": "2030-03-04 11:00:00",
    }
    [line] = table(sign_in("channel-manager").get("/deals/export.csv"))
    assert line.items() >= common.items()
    assert line["Partner"] == world.organisation("wolf").name
    assert line["Reviewer"] == world.person("channel-manager").name


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_no_cell_is_a_formula(sign_in: SignIn, deals: DealWorld, name: str) -> None:
    deals.draft(customer_name=name)
    [line] = table(sign_in("partner").get("/deals/export.csv"))
    assert line["End customer"] == "'" + name


def test_it_is_named_after_the_day(sign_in: SignIn) -> None:
    answer = sign_in("partner").get("/deals/export.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="deals-{now():%Y-%m-%d}.csv"'
    assert table(answer) == []


def test_a_file_that_ends_early_says_so(sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    many_deals(world, 12)
    monkeypatch.setattr(exporting, "MOST_EXPORTED", 10)
    monkeypatch.setattr(export, "BATCH", 4)
    lines = table(sign_in("channel-manager").get("/deals/export.csv"))
    assert len(lines) == 11
    assert "Narrow the list" in lines[-1]["Reference"]
