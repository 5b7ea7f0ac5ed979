"""The invitation goes out either way, tells no subject, and rings the bell of who is known by the address."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.accounts.models import Person
from portal.clock import now
from portal.jobs.outbox import drain
from portal.notices.models import Notice
from tests.conftest import SignIn
from tests.postbox import Postbox, open_postbox
from tests.rooms.helpers import share, text
from tests.world import World


@pytest.fixture
def postbox(app: Flask) -> Iterator[Postbox]:
    with open_postbox(app, base_url="https://portal.example.com") as box:
        yield box


def run(app: Flask) -> None:
    with app.app_context():
        assert drain(now())["failed"] == 0


@pytest.mark.parametrize("to", ["partner", "nobody@example.com"])
def test_the_mail_leads_to_the_page_and_names_no_subject(
    app: Flask, world: World, sign_in: SignIn, postbox: Postbox, to: str, in_english: None
) -> None:
    ticket = world.make_ticket("customer", subject="Broken furnace")
    offer = share(world, sign_in, ticket, "customer", to)
    run(app)
    (letter,) = postbox.to(offer.address)
    assert f"https://portal.example.com/rooms/{offer.ref}" in letter.text
    assert world.person("customer").name in letter.header("Subject")
    assert world.organisation("glass").name in letter.text
    assert "Broken furnace" not in letter.everything
    assert ticket.ref not in letter.everything


def test_the_bell_of_who_is_known_rings_and_nobody_elses(
    app: Flask, world: World, sign_in: SignIn, postbox: Postbox, in_english: None
) -> None:
    offer = share(world, sign_in, world.make_ticket("customer"), "customer", "partner")
    share(world, sign_in, world.make_ticket("customer"), "customer", "agent")
    run(app)
    page = text(sign_in("partner").get("/notices"))
    assert f"{world.person('customer').name}</bdi> shares a ticket with you" in page
    assert f"/rooms/{offer.ref}" in page
    partner = world.person_id("partner")
    with world.session() as session:
        assert session.scalars(sa.select(Notice.person_id)).all() == [partner]
    assert len(postbox.letters) == 2


def test_each_reads_it_in_their_own_language(app: Flask, world: World, sign_in: SignIn, postbox: Postbox) -> None:
    ticket = world.make_ticket("customer")
    known, unknown = (share(world, sign_in, ticket, "customer", to) for to in ("partner", "nobody@example.com"))
    run(app)
    assert postbox.to(known.address)[0].header("Content-Language") == "pl"
    assert postbox.to(unknown.address)[0].header("Content-Language") == "cs"


def test_who_wants_no_mail_of_it_has_the_bell(app: Flask, world: World, sign_in: SignIn, postbox: Postbox) -> None:
    partner = world.person_id("partner")
    with world.session() as session:
        session.get_one(Person, partner).mail_choices = {"shared": False}
        session.commit()
    share(world, sign_in, world.make_ticket("customer"), "customer", "partner")
    run(app)
    assert postbox.letters == []
    with world.session() as session:
        assert session.scalar(sa.select(sa.func.count(Notice.id))) == 1


def test_what_ended_in_the_meantime_is_not_mailed(app: Flask, world: World, sign_in: SignIn, postbox: Postbox) -> None:
    ticket = world.make_ticket("customer")
    offer = share(world, sign_in, ticket, "customer", "nobody@example.com")
    sign_in("customer").send(f"/tickets/{ticket.ref}/shares/{offer.ref}/ending")
    run(app)
    assert postbox.letters == []
