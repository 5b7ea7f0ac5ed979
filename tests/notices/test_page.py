"""The page behind the bell: own notices alone, marked read by a press or by opening the ticket."""

import re
from datetime import timedelta

import sqlalchemy as sa
from flask.testing import FlaskClient

from portal.clock import now
from portal.extensions import db
from portal.notices.models import Notice
from portal.notices.notify import notify
from portal.notices.reading import PAGE, mark_read_for_ticket
from portal.tickets.models import Ticket
from tests.conftest import SignIn
from tests.world import World


def tell(world: World, hint: str, ticket: Ticket | None = None, *, event: str = "reply:1", **values: object) -> str:
    person_id, actor_id = world.person_id(hint), world.person_id("agent")
    with world.session() as session:
        notify(
            [person_id],
            **{"kind": "reply", "event": event, "at": now(), "actor_id": actor_id, **values},
            ticket_id=ticket.id if ticket else None,
        )
        session.commit()
        ref = session.scalar(sa.select(Notice.ref).where(Notice.person_id == person_id, Notice.event == event))
    assert ref is not None
    return ref


def unread(world: World, hint: str) -> int:
    person_id = world.person_id(hint)
    with world.session() as session:
        waiting = sa.select(sa.func.count(Notice.id)).where(Notice.person_id == person_id, Notice.read_at.is_(None))
        return session.scalar(waiting) or 0


def shown(page: str) -> list[str]:
    return re.findall(r'<a class="notice-item-link" href="([^"]+)"', page)


def test_works_and_says_who_did_what(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer", subject="The <lamp>")
    world.reply(ticket, "agent")
    tell(world, "customer", ticket)
    page = sign_in("customer").get("/notices", headers={"Accept-Language": "en"}).text
    assert shown(page) == [f"/tickets/{ticket.ref}"]
    assert world.person("agent").name in page
    assert "The &lt;lamp&gt;" in page
    assert 'class="count" aria-hidden="true">1<' in page


def test_fragment_is_the_same_list(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    tell(world, "customer", ticket)
    fragment = sign_in("customer").htmx("/notices").text
    assert fragment.lstrip().startswith('<div id="notices"')
    assert "<html" not in fragment
    assert shown(fragment) == [f"/tickets/{ticket.ref}"]


def test_the_empty_page_says_what_will_come(sign_in: SignIn) -> None:
    assert "empty" in sign_in("customer").get("/notices").text


def test_a_newcomer_has_a_page_too(sign_in: SignIn) -> None:
    assert sign_in("newcomer").get("/notices").status_code == 200


def test_signed_out_leads_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/notices").status_code == 303
    assert client.send("/notices/readings").status_code == 303


def test_one_is_marked_read_and_only_ones_own(world: World, sign_in: SignIn) -> None:
    ref = tell(world, "customer", world.make_ticket("customer"))
    assert sign_in("rival").send(f"/notices/{ref}/reading").status_code == 404
    assert unread(world, "customer") == 1
    answer = sign_in("customer").htmx(f"/notices/{ref}/reading", {})
    assert answer.status_code == 200
    assert 'id="notices"' in answer.text
    assert unread(world, "customer") == 0
    assert sign_in("customer").send(f"/notices/{ref}/reading").status_code == 303


def test_all_are_marked_read_in_the_membership_that_is_acted_for(world: World, sign_in: SignIn) -> None:
    for acting in ("foundry.customer", "carpets"):
        tell(world, "many", world.make_ticket("many", acting=acting), event=f"reply:{acting}")
    browser = sign_in("many", acting="foundry.customer")
    assert len(shown(browser.get("/notices").text)) == 1
    assert browser.send("/notices/readings").status_code == 303
    assert unread(world, "many") == 1


def test_what_is_not_readable_is_neither_listed_nor_counted(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    note = world.note(ticket, "agent")
    tell(world, "customer", ticket, event="note:1", kind="note", message_id=note.id)
    tell(world, "rival", ticket)
    for hint in ("customer", "rival"):
        page = sign_in(hint).get("/notices").text
        assert shown(page) == []
        assert 'class="count"' not in page


def test_pages_follow_one_another_without_a_gap(world: World, sign_in: SignIn) -> None:
    ticket, person_id = world.make_ticket("customer"), world.person_id("customer")
    with world.session() as session:
        for number in range(PAGE + 5):
            notify(
                [person_id],
                kind="state-changed",
                event=f"state:{number}",
                at=now() + timedelta(seconds=number),
                ticket_id=ticket.id,
                state="open",
            )
        session.commit()
    browser = sign_in("customer")
    first = browser.get("/notices").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    assert len(shown(first)) == PAGE
    assert len(shown(browser.get(following[1]).text)) == 5
    assert shown(browser.get("/notices?after=N-00000000").text) == []


def test_opening_a_ticket_reads_its_notices_and_no_others(world: World, sign_in: SignIn) -> None:
    opened, other = world.make_ticket("customer"), world.make_ticket("customer", subject="Another")
    tell(world, "customer", opened)
    tell(world, "customer", other, event="reply:2")
    person = world.principal("customer")
    with world.app.test_request_context("/"):
        from flask import g

        g.principal = person
        db.session().serve(person)
        mark_read_for_ticket(opened.id)
        mark_read_for_ticket(opened.id)
        assert db.session.scalar(sa.select(sa.func.count(Notice.id)).where(Notice.read_at.is_(None))) == 1
    assert unread(world, "customer") == 1
