"""Sharing a ticket with an exact address: who may, what is refused, and that nothing tells who has the address."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.accounts.models import Identity
from portal.clock import now
from portal.jobs.models import Job
from portal.organisations.models import Share
from portal.rooms.sharing import MOST_A_DAY
from tests.conftest import SignIn
from tests.rooms.helpers import form, join, kinds, share, shared, shares, text
from tests.statements import statements
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.mark.parametrize("by", ["customer", "customer-admin", "agent", "account-manager"])
def test_the_owner_their_admin_and_staff_share(world: World, sign_in: SignIn, by: str) -> None:
    ticket = world.make_ticket("customer")
    assert "They may also read what was said so far" in text(sign_in(by).get(f"/tickets/{ticket.ref}/shares"))
    offer = share(world, sign_in, ticket, by, "partner")
    assert (offer.record_kind, offer.record_id, offer.address) == ("ticket", ticket.id, world.person("partner").email)
    assert (offer.shared_by_id, offer.organisation_id, offer.person_id) == (world.person_id(by), None, None)
    assert offer.reads_from is not None


def test_a_guest_and_a_copied_colleague_do_not_share_on(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer-admin", copies=["customer"])
    shared(world, sign_in, ticket, "customer-admin", "partner")
    for hint in ("customer", "partner"):
        browser = sign_in(hint)
        assert browser.get(f"/tickets/{ticket.ref}/shares").status_code == 403
        assert browser.send(f"/tickets/{ticket.ref}/shares", form(world, "supplier")).status_code == 403
    # Another team's agent reads it and does not work on it; whoever audits only reads.
    for hint in ("agent-2", "auditor"):
        assert sign_in(hint).get(f"/tickets/{ticket.ref}/shares").status_code == 403
    assert len(shares(world)) == 1


def test_strangers_find_nothing_and_whoever_is_signed_out_signs_in(world: World, sign_in: SignIn, client) -> None:
    ticket = world.make_ticket("customer")
    offer = share(world, sign_in, ticket, "customer", "partner")
    addresses = [f"/tickets/{ticket.ref}/shares", f"/tickets/{ticket.ref}/shares/{offer.ref}/ending"]
    addresses += [f"/rooms/{offer.ref}/joining"]
    for address in addresses:
        for hint in ("rival", "rival-partner", "supplier"):
            assert sign_in(hint).send(address, form(world, "rival")).status_code == 404
        assert client.send(address).location.startswith("/sign-in")
    assert sign_in("rival").get(f"/rooms/{offer.ref}").status_code == 404
    assert sign_in("rival").get(f"/tickets/{ticket.ref}/shares").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"address": ""}, "required"),
        ({"address": "no address"}, "Invalid"),
        ({"ends_on": ""}, "Choose a day."),
        ({"ends_on": "2020-01-01"}, "This day is over."),
        ({"ends_on": "2199-01-01"}, "A year is the longest."),
        ({"whom": "everybody"}, "choice"),
    ],
)
def test_what_is_refused_is_said_and_stays_typed(world: World, sign_in: SignIn, wrong, words: str) -> None:
    ticket = world.make_ticket("customer")
    sent = form(world, "somebody@example.com") | wrong
    answer = sign_in("customer").send(f"/tickets/{ticket.ref}/shares", sent)
    assert answer.status_code == 422
    page = text(answer)
    assert words in page
    assert str(sent["address"]) in page
    assert shares(world) == []


def test_without_an_end_is_for_staff(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    sent = form(world, "partner") | {"ends_on": "", "has_no_end": "y"}
    assert sign_in("customer").send(f"/tickets/{ticket.ref}/shares", sent).status_code == 422
    assert sign_in("agent").send(f"/tickets/{ticket.ref}/shares", sent).status_code == 303
    assert shares(world)[-1].ends_at is None


def test_ones_own_address_is_refused_in_plain_words(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    sent = form(world, world.person("customer").email.upper())
    answer = sign_in("customer").send(f"/tickets/{ticket.ref}/shares", sent)
    assert answer.status_code == 409
    assert "This is your own address." in text(answer)


def test_there_are_so_many_a_day(world: World, sign_in: SignIn) -> None:
    ticket, author = world.make_ticket("customer"), world.person_id("customer")
    old, recent = now() - timedelta(hours=25), now() - timedelta(hours=23)
    with world.session() as session:
        common = {"record_kind": "ticket", "record_id": ticket.id, "shared_by_id": author, "ends_at": recent}
        session.add(Share(**common, starts_at=old, address="old@example.com"))
        session.add_all(Share(**common, starts_at=recent, address=f"p{n}@example.com") for n in range(MOST_A_DAY - 1))
        session.commit()
    assert share(world, sign_in, ticket, "customer", "one@example.com").address == "one@example.com"
    answer = sign_in("customer").send(f"/tickets/{ticket.ref}/shares", form(world, "two@example.com"))
    assert answer.status_code == 409
    assert "within a day" in text(answer)
    # Somebody else's count is their own.
    assert share(world, sign_in, ticket, "customer-admin", "two@example.com").address == "two@example.com"


def masked(page: str, *addresses: str) -> str:
    for address in addresses:
        page = page.replace(address, "ADDRESS")
    page = re.sub(r'(nonce|value|content)="[\w.\-]{20,}"', "", page)
    return re.sub(r"SH-\w{8}|[0-9a-f]{16,}|\d+ (second|minute)s?", "", page)


@pytest.mark.parametrize("by", ["customer", "agent"])
def test_an_address_that_somebody_has_is_answered_like_any_other(
    app: Flask, world: World, sign_in: SignIn, by: str
) -> None:
    """Known, of staff, of a colleague, of a newcomer or of nobody: the same answer after the same statements."""
    people = ["partner", "agent-2", "customer-admin", "newcomer", "rival"]
    addresses = ["nobody@example.com", *(world.person(hint).email for hint in people)]
    seen = set()
    for address in addresses:
        ticket, browser = world.make_ticket("customer", subject="The very same"), sign_in(by)
        browser.get(f"/tickets/{ticket.ref}/shares")
        with statements(app) as asked:
            answer = browser.send(f"/tickets/{ticket.ref}/shares", form(world, address))
            page = browser.get(f"/tickets/{ticket.ref}/shares")
        assert address in text(page)
        shown = masked(text(page), address, ticket.ref)
        seen.add((answer.status_code, masked(answer.location, ticket.ref), len(asked), shown))
    assert len(seen) == 1


def test_an_offer_shows_the_address_and_nobody_behind_it(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    offer = share(world, sign_in, ticket, "customer", "partner")
    page = text(sign_in("customer").get(f"/tickets/{ticket.ref}"))
    assert offer.address in page
    assert "Not joined yet" in page
    for hidden in (world.person("partner").name, world.organisation("wolf").name):
        assert hidden not in page


def test_an_offer_moves_nothing_that_others_see(world: World, sign_in: SignIn) -> None:
    """Staff invite somebody: neither the customer nor the guests see a trace before they join."""
    ticket = world.make_ticket("customer")
    shared(world, sign_in, ticket, "customer", "partner")
    before, reader = world.reload(ticket), sign_in("customer")
    page = masked(text(reader.get(f"/tickets/{ticket.ref}")))
    share(world, sign_in, ticket, "agent", "supplier")
    after = world.reload(ticket)
    assert (after.public_version, after.public_at) == (before.public_version, before.public_at)
    assert masked(text(reader.get(f"/tickets/{ticket.ref}"))) == page
    assert world.person("supplier").email not in text(sign_in("partner").get(f"/tickets/{ticket.ref}"))
    assert world.person("supplier").email in text(sign_in("agent").get(f"/tickets/{ticket.ref}"))


def test_sharing_again_replaces_an_open_offer(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    first = share(world, sign_in, ticket, "customer", "partner")
    second = share(world, sign_in, ticket, "customer", "partner", past=True)
    assert sign_in("partner").get(f"/rooms/{first.ref}").status_code == 410
    assert join(world, sign_in, second, "partner").status_code == 303
    answer = sign_in("customer").send(f"/tickets/{ticket.ref}/shares", form(world, "partner"))
    assert answer.status_code == 409
    assert "joined already" in text(answer)


def test_the_history_tells_it_to_those_who_may_know(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    glass, wolf = world.organisation("glass").id, world.organisation("wolf").id
    offer = shared(world, sign_in, ticket, "customer", "partner")
    sign_in("customer").send(f"/tickets/{ticket.ref}/shares/{offer.ref}/ending")
    assert kinds(world, ticket)[1:] == [
        ("record-shared", {glass}),
        ("room-joined", {glass, wolf}),
        ("share-ended", {glass, wolf}),
    ]
    page = text(sign_in("agent").get(f"/organisations/{world.organisation('wolf').ref}/history"))
    assert "joined: " in page
    page = text(sign_in("customer").get(f"/tickets/{ticket.ref}"))
    assert "invited somebody to join" in page


def test_the_mail_is_promised_by_reference_alone(world: World, sign_in: SignIn) -> None:
    offer = share(world, sign_in, world.make_ticket("customer"), "customer", "nobody@example.com")
    with world.session() as session:
        jobs = session.scalars(sa.select(Job).where(Job.kind == "mail.share")).all()
        assert [job.params for job in jobs] == [{"share": offer.ref}]


def test_a_verified_address_of_another_identity_counts_too(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    offer = share(world, sign_in, ticket, "customer", "second@example.com")
    person_id = world.person_id("partner")
    common = {"person_id": person_id, "provider": "demo", "issuer": "x", "created_at": now(), "last_used_at": now()}
    with world.session() as session:
        session.add(Identity(**common, subject="a", email="Second@Example.com", email_verified=False))
        session.commit()
    assert sign_in("partner").get(f"/rooms/{offer.ref}").status_code == 404
    with world.session() as session:
        session.scalars(sa.select(Identity).where(Identity.subject == "a")).one().email_verified = True
        session.commit()
    assert join(world, sign_in, offer, "partner").status_code == 303


def test_a_domain_in_its_own_script_is_the_one_that_mail_goes_to(world: World, sign_in: SignIn) -> None:
    ticket, common = world.make_ticket("customer"), {"provider": "demo", "issuer": "x", "subject": "a"}
    share(world, sign_in, ticket, "customer", "Anna@xn--pklad-zsa96e.example.com")
    offer = share(world, sign_in, ticket, "customer", "anna@PŘÍKLAD.example.com")
    # Only the later one stands, since both say the same.
    page = text(sign_in("customer").get(f"/tickets/{ticket.ref}"))
    assert page.count("anna@příklad.example.com</bdi>") == 1
    assert "xn--" not in page
    email = "anna@xn--pklad-zsa96e.example.com"
    with world.session() as session:
        known = Identity(**common, email=email, email_verified=True, created_at=now(), last_used_at=now())
        known.person_id = world.person_id("partner")
        session.add(known)
        session.commit()
    assert join(world, sign_in, offer, "partner").status_code == 303
