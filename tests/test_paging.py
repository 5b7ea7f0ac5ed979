"""Keyset pages: every row once, in both directions, whatever happens to the list meanwhile."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.clock import now
from portal.organisations.models import Organisation
from portal.paging import Order, Page, fetch_page
from portal.tickets.models import Ticket
from tests.world import World

AT = now()


def fill(world: World, number: int) -> list[str]:
    """Tickets of which three at a time were opened at the same moment; references in the order of the list."""
    with world.session() as session:
        first = world_ticket(world)
        rows = [{**first, "ref": f"T-{n:08}", "created_at": AT - timedelta(hours=n // 3)} for n in range(number)]
        session.execute(sa.insert(Ticket), rows)
        session.commit()
    return [row["ref"] for row in sorted(rows, key=lambda row: (row["created_at"], row["ref"]), reverse=True)]


def world_ticket(world: World) -> dict[str, object]:
    company, author, team = world.organisation("glass").id, world.person_id("customer"), world.team("care").id
    return {
        "subject": "x", "category": "question", "organisation_id": company, "capacity": "customer",
        "author_id": author, "team_id": team, "activity_at": AT, "public_at": AT, "related_reference": "",
    }  # fmt: skip


ORDER = Order((Ticket.created_at, Ticket.ref), is_descending=True)
ROWS = sa.select(Ticket.ref, Ticket.created_at)


def refs(page: Page) -> list[str]:
    return [row.ref for row in page.rows]


def test_forth_and_back_shows_each_row_once(world: World) -> None:
    everything = fill(world, 11)
    with world.as_("customer-admin") as session:
        page, forth = fetch_page(session, ROWS, ORDER, 4), []
        assert page.previous_cursor is None
        while True:
            forth += refs(page)
            if page.next_cursor is None:
                break
            page = fetch_page(session, ROWS, ORDER, 4, after=page.next_cursor)
        assert forth == everything
        back = [refs(page)]
        while page.previous_cursor:
            page = fetch_page(session, ROWS, ORDER, 4, before=page.previous_cursor)
            back.insert(0, refs(page))
            assert page.next_cursor
        assert back == [everything[:4], everything[4:8], everything[8:]]


def test_back_at_the_beginning_stands_the_whole_first_page(world: World) -> None:
    everything = fill(world, 6)
    with world.as_("customer-admin") as session:
        second = fetch_page(session, ROWS, ORDER, 2, after=fetch_page(session, ROWS, ORDER, 2).next_cursor or "")
        page = fetch_page(session, ROWS, ORDER, 4, before=second.previous_cursor or "")
    assert refs(page) == everything[:4]
    assert page.previous_cursor is None


def test_the_other_way_round(world: World) -> None:
    everything = fill(world, 5)[::-1]
    rising = Order((Ticket.created_at, Ticket.ref))
    with world.as_("customer-admin") as session:
        first = fetch_page(session, ROWS, rising, 3)
        rest = fetch_page(session, ROWS, rising, 3, after=first.next_cursor or "")
    assert refs(first) + refs(rest) == everything


def test_past_the_end_leads_back(world: World) -> None:
    fill(world, 2)
    with world.as_("customer-admin") as session:
        last = fetch_page(session, ROWS, ORDER, 5).rows[-1]
        page = fetch_page(session, ROWS, ORDER, 5, after=ORDER.cursor(last))
        assert (refs(page), page.next_cursor) == ([], None)
        assert len(fetch_page(session, ROWS, ORDER, 5, before=page.previous_cursor or "").rows) == 2


def test_names_are_places_too(world: World) -> None:
    by_name = Order((Organisation.name_key, Organisation.ref))
    with world.as_("agent") as session:
        statement = sa.select(Organisation.name_key, Organisation.ref)
        first = fetch_page(session, statement, by_name, 3)
        rest = fetch_page(session, statement, by_name, 50, after=first.next_cursor or "")
        every = session.scalars(sa.select(Organisation.ref).order_by(Organisation.name_key, Organisation.ref)).all()
    assert refs(first) + refs(rest) == list(every)


def test_a_place_names_no_number_of_ours(world: World) -> None:
    ticket = world.make_ticket()
    assert ORDER.place(ORDER.cursor(ticket)) == (ticket.created_at, ticket.ref)


@pytest.mark.parametrize(
    "cursor",
    ["x", "!!", "é", "W10", "WzFd", "bnVsbA", "WzEsMl0", "WyJhIiwiYiJd", "WzFlOTk5LCJhIl0", "W3RydWUsImEiXQ",
     "WzEwMDAwMDAwMDAwMDAwMDAwMDAwMDAsImEiXQ", "WzEsIlx1MDAwMCJd", "WzEsIlx1ZDgwMCJd", "W" * 5000, "W1tbW1tb"],
)  # fmt: skip
def test_what_is_no_place_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ORDER.place(cursor)
