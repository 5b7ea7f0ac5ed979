"""The list as a file: just the rows and columns that its reader sees on the pages."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from portal import exporting
from portal.accounts.models import Person
from portal.clock import now
from portal.tickets import export
from tests.conftest import SignIn
from tests.statements import statements
from tests.tickets.test_list import every_page, many_tickets
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def table(answer: Any) -> list[dict[str, str]]:
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    words = answer.get_data().decode("utf-8")
    assert words.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(words[1:])))


def test_just_the_lines_of_all_pages_in_their_order(sign_in: SignIn, world: World) -> None:
    many_tickets(world, 60)
    world.make_ticket("rival", subject="Not theirs")
    for hint in ("customer", "agent"):
        for query in ("", "?sort=created", "?q=ticket&sort=updated", "?category=problem"):
            browser = sign_in(hint)
            lines = table(browser.get(f"/tickets/export.csv{query}"))
            assert [line["Reference"] for line in lines] == every_page(browser, f"/tickets{query}")


def test_the_columns_of_each_lens(sign_in: SignIn, world: World) -> None:
    at = datetime(2026, 3, 1, 22, 30, 15, tzinfo=UTC)
    ticket = world.make_ticket("customer", subject="Lampa", category="claim", priority="high", at=at, state="on-hold")
    world.note(ticket, "agent", "umbrageous", at=at + timedelta(days=1))
    glass, author = world.organisation("glass").name, world.person("customer").name
    [line] = table(sign_in("customer").get("/tickets/export.csv"))
    assert line == {
        "Reference": ticket.ref,
        "Subject": "Lampa",
        "Organisation": glass,
        "State": "In progress",
        "Category": "Claim",
        "Opened by": author,
        "Opened (Europe/Prague)": "2026-03-01 23:30:15",
        "Updated (Europe/Prague)": "2026-03-01 23:30:15",
    }
    [line] = table(sign_in("agent").get("/tickets/export.csv"))
    assert line == {
        "Reference": ticket.ref,
        "Subject": "Lampa",
        "Organisation": glass,
        "State": "On hold",
        "Category": "Claim",
        "Priority": "High",
        "Team": "Customer care",
        "Assigned to": "",
        "Opened (Europe/London)": "2026-03-01 22:30:15",
        "Updated (Europe/London)": "2026-03-02 22:30:15",
    }


def test_it_is_named_after_the_day_and_kept_nowhere(sign_in: SignIn, world: World) -> None:
    answer = sign_in("customer").get("/tickets/export.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="tickets-{now():%Y-%m-%d}.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert table(answer) == []


@pytest.mark.parametrize(
    "subject", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", '=HYPERLINK("http://x","y")']
)
def test_no_cell_is_a_formula(sign_in: SignIn, world: World, subject: str) -> None:
    world.make_ticket("customer", subject=subject)
    [line] = table(sign_in("customer").get("/tickets/export.csv"))
    assert line["Subject"] == "'" + subject


def test_lines_quotes_and_commas_stay_in_their_cell(sign_in: SignIn, world: World) -> None:
    world.make_ticket("customer", subject='a,"b";c\nd')
    [line] = table(sign_in("customer").get("/tickets/export.csv"))
    assert line["Subject"] == 'a,"b";c\nd'


def test_a_reader_of_another_calendar_has_both(sign_in: SignIn, world: World) -> None:
    world.make_ticket("customer", at=datetime(2026, 3, 21, 12, tzinfo=UTC))
    with world.session() as session:
        session.execute(sa.update(Person).values(language="fa", calendar=None, digits=None, time_zone="Asia/Tehran"))
        session.commit()
    answer = sign_in("customer").get("/tickets/export.csv").get_data().decode()
    assert "۱۴۰۵" in answer
    assert "2026-03-21 15:30:00" in answer


def test_a_file_that_ends_early_says_so(sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    many_tickets(world, 12)
    monkeypatch.setattr(exporting, "MOST_EXPORTED", 10)
    monkeypatch.setattr(export, "BATCH", 4)
    lines = table(sign_in("agent").get("/tickets/export.csv"))
    assert len(lines) == 11
    assert "10" in lines[-1]["Reference"]
    assert "Narrow the list" in lines[-1]["Reference"]
    monkeypatch.setattr(exporting, "MOST_EXPORTED", 12)
    assert len(table(sign_in("agent").get("/tickets/export.csv"))) == 12


def test_batches_see_one_moment(app: Any, sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ticket that moves to the top while the file is written is in it, once."""
    at = now() - timedelta(hours=9)
    made = [world.make_ticket("customer", subject=f"Lamp {n}", at=at + timedelta(minutes=n)) for n in range(6)]
    monkeypatch.setattr(export, "BATCH", 2)
    monkeypatch.setattr(exporting, "CHUNK", 1)
    answer = sign_in("customer").get("/tickets/export.csv", buffered=False)
    chunks = answer.iter_encoded()
    first = next(chunks) + next(chunks)
    world.reply(made[0], "customer", "Please hurry.")
    lines = list(csv.DictReader(io.StringIO((first + b"".join(chunks)).decode()[1:])))
    answer.close()
    assert [line["Reference"] for line in lines] == [ticket.ref for ticket in reversed(made)]


def test_batches_are_read_as_they_are_sent(sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    many_tickets(world, 30)
    monkeypatch.setattr(export, "BATCH", 10)
    with statements(world.app) as seen:
        assert len(table(sign_in("agent").get("/tickets/export.csv"))) == 30
    batches = [statement for statement in seen if "ticket.subject" in statement]
    assert len(batches) == 3
    assert all("LIMIT" in statement for statement in batches)
