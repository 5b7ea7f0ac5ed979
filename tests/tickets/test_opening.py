"""Opening a ticket, through HTTP: for oneself, for a linked customer, on somebody's behalf."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from portal.access import Capacity
from portal.accounts.models import CategoryTeam, SignInSession, Team
from portal.clock import now
from portal.files.models import Attachment
from portal.notices.models import Notice
from portal.organisations.models import Channel, PartnerLink
from portal.tickets.lifecycle import State
from portal.tickets.messages import MessageReader
from portal.tickets.models import Category, Ticket, TicketCopy
from tests.conftest import SignIn
from tests.statements import statements
from tests.tickets.test_messages import file, told
from tests.world import World, picture

pytestmark = pytest.mark.usefixtures("in_english")

SEE_OTHER, UNSOUND, FORBIDDEN = HTTPStatus.SEE_OTHER, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN
NOT_FOUND, OK = HTTPStatus.NOT_FOUND, HTTPStatus.OK
TYPED = {
    "category": "problem",
    "subject": "The lamp flickers",
    "body": "It flickers **every** evening.",
    "priority": "high",
    "related_reference": "Invoice 2231",
}


def party(world: World, key: str, capacity: str = "customer") -> str:
    return f"{world.organisation(key).ref}.{capacity}"


def opened(world: World) -> list[Ticket]:
    with world.session() as session:
        return list(session.scalars(sa.select(Ticket).order_by(Ticket.id)))


def send(client: FlaskClient, data: dict[str, Any], path: str = "/tickets", **options: Any) -> Any:
    return client.send(path, data, **options)


@pytest.mark.parametrize("path", ["/tickets", "/tickets/new"])
def test_a_customer_opens_a_ticket_with_a_picture(sign_in: SignIn, world: World, path: str) -> None:
    files = [file(picture(), "lamp.png"), file(name="log.txt")]
    answer = send(sign_in("customer"), {**TYPED, "party": party(world, "glass"), "files": files}, path)
    ticket = opened(world)[0]
    assert (answer.status_code, answer.location) == (SEE_OTHER, f"/tickets/{ticket.ref}")
    assert (ticket.subject, ticket.category, ticket.priority) == ("The lamp flickers", "problem", "high")
    assert (ticket.related_reference, ticket.state, ticket.channel) == ("Invoice 2231", State.NEW, Channel.WEB)
    assert ticket.team_id == world.team("technical").id
    assert ticket.author_id == world.person_id("customer")
    with world.session() as session:
        assert session.scalars(sa.select(Attachment.filename)).all() == ["lamp.png", "log.txt"]
        assert session.scalars(sa.select(MessageReader.organisation_id)).all() == [ticket.organisation_id]
    assert told(world, "ticket-opened") == {"agent-2"}
    assert ticket.ref in sign_in("customer").get(answer.location).text


def test_htmx_is_taken_to_the_ticket(sign_in: SignIn, world: World) -> None:
    client: Any = sign_in("customer")
    answer = client.htmx("/tickets/new", {**TYPED, "party": party(world, "glass")})
    assert answer.headers["HX-Redirect"] == f"/tickets/{opened(world)[0].ref}"


@pytest.mark.parametrize("is_htmx", [False, True])
@pytest.mark.parametrize(("missing", "field"), [("subject", "subject"), ("body", "body"), ("category", "category")])
def test_what_is_missing_is_named_and_the_rest_is_kept(
    sign_in: SignIn, world: World, missing: str, field: str, is_htmx: bool
) -> None:
    client: Any = sign_in("customer")
    data = {**TYPED, "party": party(world, "glass"), "files": [file(name="kept.txt")]}
    del data[missing]
    answer = (client.htmx if is_htmx else client.send)("/tickets/new", data)
    assert answer.status_code == UNSOUND
    assert f'href="#{field}"' in answer.text
    kept = {"subject": "The lamp flickers", "body": "**every** evening", "category": "kept.txt"}
    assert all(words in answer.text for name, words in kept.items() if name != missing)
    assert ("<html" in answer.text) != is_htmx
    assert not opened(world)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("category", "nonsense"),
        ("priority", "nonsense"),
        ("subject", "x" * 201),
        ("related_reference", "x" * 101),
        ("copies", ["P-00000000"]),
    ],
)
def test_what_is_not_sound_is_sent_back(sign_in: SignIn, world: World, name: str, value: Any) -> None:
    answer = send(sign_in("customer"), {**TYPED, "party": party(world, "glass"), name: value})
    assert answer.status_code == UNSOUND
    assert "every" in answer.text


@pytest.mark.parametrize("hint", ["moderator", "auditor", "admin", "newcomer"])
@pytest.mark.parametrize("path", ["/tickets", "/tickets/new", "/tickets/preview", "/tickets/readers"])
def test_who_opens_no_tickets_is_refused(sign_in: SignIn, world: World, hint: str, path: str) -> None:
    assert send(sign_in(hint), TYPED, path).status_code == FORBIDDEN
    assert not opened(world)


@pytest.mark.parametrize("path", ["/tickets", "/tickets/new", "/tickets/preview", "/tickets/readers"])
def test_signed_out_means_sign_in(client: FlaskClient, path: str) -> None:
    answer = send(client, TYPED, path)
    assert answer.status_code == SEE_OTHER
    assert "/sign-in" in answer.location


def test_nobody_opens_for_a_company_that_is_not_theirs(sign_in: SignIn, world: World) -> None:
    for hint, key, capacity in (
        ("customer", "bakery", "customer"),
        ("rival", "glass", "customer"),
        ("rival-partner", "glass", "customer"),
        ("supplier", "looms", "customer"),
    ):
        answer = send(sign_in(hint), {**TYPED, "party": party(world, key, capacity)})
        assert answer.status_code == UNSOUND
    assert not opened(world)


def test_a_member_of_several_opens_for_whom_they_act(sign_in: SignIn, world: World) -> None:
    send(sign_in("many", acting="foundry.supplier"), {**TYPED, "party": party(world, "foundry", "supplier")})
    ticket = opened(world)[0]
    assert (ticket.organisation_id, ticket.capacity) == (world.organisation("foundry").id, Capacity.SUPPLIER)


# ── Partners ──────────────────────────────────────────────────────────────────────────────────────


def test_a_partner_opens_for_a_linked_customer(sign_in: SignIn, world: World) -> None:
    partner = sign_in("partner")
    text = partner.get("/tickets/new").text
    for key in ("wolf", "glass"):
        assert world.organisation(key).name in text
    assert world.organisation("bakery").name not in text
    send(partner, {**TYPED, "party": party(world, "glass")})
    ticket = opened(world)[0]
    glass, wolf = world.organisation("glass").id, world.organisation("wolf").id
    assert (ticket.organisation_id, ticket.capacity, ticket.opened_by_organisation_id) == (glass, "customer", wolf)
    with world.session() as session:
        assert set(session.scalars(sa.select(MessageReader.organisation_id))) == {glass, wolf}
    assert sign_in("customer-admin").get(f"/tickets/{ticket.ref}").status_code == OK


def test_without_consent_a_partner_opens_for_themselves_alone(sign_in: SignIn, world: World) -> None:
    with world.session() as session:
        for link in session.scalars(sa.select(PartnerLink)):
            link.consented_at = None
        session.commit()
    partner = sign_in("partner")
    assert f'value="{party(world, "glass")}"' not in partner.get("/tickets/new").text
    assert send(partner, {**TYPED, "party": party(world, "glass")}).status_code == UNSOUND


# ── Staff ─────────────────────────────────────────────────────────────────────────────────────────


def test_staff_choose_the_organisation_and_open_on_somebodys_behalf(sign_in: SignIn, world: World) -> None:
    agent = sign_in("agent")
    glass = world.organisation("glass")
    assert "For which organisation?" in agent.get("/tickets/new").text
    found = agent.get("/tickets/new?find=mesicni").text
    assert f"/tickets/new?organisation={glass.ref}" in found
    assert "No organisation has this name" in agent.get("/tickets/new?find=zzzz").text
    text = agent.get(f"/tickets/new?organisation={glass.ref}").text
    assert world.person("customer").name in text
    assert world.person("rival").name not in text
    data = {**TYPED, "party": party(world, "glass"), "person": world.person("customer").ref, "channel": "phone"}
    answer = send(agent, data)
    ticket = opened(world)[0]
    assert (ticket.author_id, ticket.channel) == (world.person_id("customer"), Channel.PHONE)
    # A problem goes to the technical team, whose tickets an agent of another one reads.
    assert answer.location == f"/tickets/{ticket.ref}"
    assert sign_in("customer").get(answer.location).status_code == OK
    assert told(world, "opened-for-you") == {"customer"}


def test_staff_open_for_whom_they_reach_alone(sign_in: SignIn, world: World) -> None:
    buyer = sign_in("buyer")
    assert buyer.get(f"/tickets/new?organisation={world.organisation('glass').ref}").status_code == NOT_FOUND
    assert send(buyer, {**TYPED, "party": party(world, "glass")}).status_code == NOT_FOUND
    looms = {**TYPED, "party": party(world, "looms", "supplier"), "person": world.person("supplier").ref}
    assert send(buyer, {**looms, "channel": "web"}).status_code == SEE_OTHER
    assert opened(world)[0].author_id == world.person_id("supplier")


def test_staff_name_nobody_of_another_company(sign_in: SignIn, world: World) -> None:
    data = {**TYPED, "party": party(world, "glass"), "person": world.person("rival").ref, "channel": "phone"}
    assert send(sign_in("agent"), data).status_code == UNSOUND


def test_what_went_to_a_closed_team_is_sent_all_the_same(sign_in: SignIn, world: World) -> None:
    with world.session() as session:
        row = session.scalars(sa.select(CategoryTeam).where(CategoryTeam.category == "complaint")).one()
        row.team_id = session.scalars(sa.select(Team.id).where(Team.is_restricted)).one()
        session.commit()
    data = {**TYPED, "category": "complaint", "party": party(world, "glass"), "channel": "phone"}
    answer = send(sign_in("agent"), data)
    assert (answer.status_code, answer.location) == (SEE_OTHER, "/tickets")
    assert opened(world)[0].author_id == world.person_id("agent")


# ── Which team ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("category", list(Category))
def test_a_ticket_always_has_a_team(sign_in: SignIn, world: World, category: Category) -> None:
    with world.session() as session:
        session.execute(sa.delete(CategoryTeam))
        session.commit()
    send(sign_in("customer"), {**TYPED, "category": category.value, "party": party(world, "glass")})
    assert opened(world)[0].team_id == world.team("care").id


def test_words_that_came_too_late_go_along(sign_in: SignIn, world: World) -> None:
    old = world.make_ticket("customer", state=State.CLOSED, closed_at=now() - timedelta(days=40), subject="Old lamp")
    customer: Any = sign_in("customer")
    files = {"files": [file(name="kept.txt")]}
    refused = send(customer, {"body": "Still *broken*", **files}, f"/tickets/{old.ref}/replies").text
    assert 'action="/tickets/preview"' in refused
    assert "<em>broken</em>" in refused
    # It cannot be sent here any more, so nothing says that it could.
    assert f"/tickets/{old.ref}/replies" not in refused
    fields = refused.partition('id="unsent"')[2].partition("</form>")[0]
    data = dict(re.findall(r'name="(\w+)" value="([^"]*)"', fields))
    page = send(customer, data, "/tickets/preview").text
    for words in ("Still *broken*</textarea>", 'value="Old lamp"', f'value="{old.ref}"', "kept.txt"):
        assert words in page
    # For staff alike, who name the company by the ticket that is followed.
    refused = send(sign_in("agent"), {"body": "Sorry"}, f"/tickets/{old.ref}/replies").text
    assert "Sorry" in refused.partition('id="unsent"')[2]
    data = {"body": "Sorry", "follows": old.ref, "subject": "Old lamp", "category": "problem"}
    assert "Sorry</textarea>" in send(sign_in("agent"), data, "/tickets/preview").text


# ── Copies ────────────────────────────────────────────────────────────────────────────────────────


def test_colleagues_are_copied_in(sign_in: SignIn, world: World) -> None:
    admin = sign_in("customer-admin")
    customer = world.person("customer")
    text = admin.get("/tickets/new").text
    assert customer.name in text
    assert world.person("rival").name not in text
    data = {**TYPED, "party": party(world, "glass"), "copies": [customer.ref]}
    readers = admin.htmx("/tickets/readers", data).text
    assert customer.name in readers
    assert customer.name not in admin.htmx("/tickets/readers", {**data, "copies": []}).text
    send(admin, data)
    with world.session() as session:
        assert session.scalars(sa.select(TicketCopy.person_id)).all() == [customer.id]
    assert told(world, "copied") == {"customer"}
    assert sign_in("customer").get(f"/tickets/{opened(world)[0].ref}").status_code == OK


# ── Preview and who sees this ─────────────────────────────────────────────────────────────────────


def test_the_preview_works_with_and_without_scripts(sign_in: SignIn, world: World) -> None:
    customer: Any = sign_in("customer")
    fragment = customer.htmx("/tickets/preview", TYPED).text
    assert fragment.lstrip().startswith('<div class="preview" id="preview"')
    assert "<strong>every</strong>" in fragment
    page = send(customer, {**TYPED, "files": [file(name="kept.txt")]}, "/tickets/preview").text
    for word in ("<strong>every</strong>", "**every** evening.</textarea>", 'value="The lamp flickers"', "kept.txt"):
        assert word in page
    assert not opened(world)


def test_who_sees_this_follows_the_category(sign_in: SignIn, world: World) -> None:
    customer: Any = sign_in("customer")
    groups = [
        customer.htmx("/tickets/readers", {**TYPED, "category": category}).text for category in ("question", "problem")
    ]
    names = [world.team(key).name for key in ("care", "technical")]
    assert groups[0].index(names[0]) < groups[0].index(names[1])
    assert groups[1].index(names[1]) < groups[1].index(names[0])
    page = send(customer, TYPED, "/tickets/readers").text
    assert 'value="The lamp flickers"' in page


def test_who_sees_this_follows_the_party(sign_in: SignIn, world: World) -> None:
    partner: Any = sign_in("partner")
    glass = world.organisation("glass").name

    def readers(key: str, capacity: str) -> str:
        return partner.htmx("/tickets/readers", {**TYPED, "party": party(world, key, capacity)}).text

    assert glass in readers("glass", "customer")
    assert glass not in readers("wolf", "partner")


def test_a_company_for_which_others_open_is_told(sign_in: SignIn, world: World) -> None:
    partner: Any = sign_in("partner")
    send(partner, {**TYPED, "party": party(world, "glass")})
    assert told(world, "opened-for-you") == {"customer-admin"}


def test_a_company_for_which_staff_open_is_told_as_announced(sign_in: SignIn, world: World) -> None:
    agent: Any = sign_in("agent")
    admin, member = world.person("customer-admin"), world.person("customer")
    for person, named, silent in (("", admin, member), (member.ref, member, admin)):
        data = {**TYPED, "party": party(world, "glass"), "person": person, "channel": "phone"}
        readers = agent.htmx("/tickets/readers", data).text
        assert named.email in readers
        assert silent.email not in readers
        send(agent, data)
    with world.session() as session:
        notices = session.scalars(
            sa.select(Notice.person_id).where(Notice.kind == "opened-for-you").order_by(Notice.id)
        )
        assert list(notices) == [admin.id, member.id]


# ── Following a ticket that was closed long ago ───────────────────────────────────────────────────


def test_a_new_ticket_follows_an_old_one(sign_in: SignIn, world: World) -> None:
    old = world.make_ticket("customer", state=State.CLOSED, closed_at=now() - timedelta(days=40), subject="Old lamp")
    customer = sign_in("customer")
    text = customer.get(f"/tickets/new?follows={old.ref}").text
    assert 'value="Old lamp"' in text
    send(customer, {**TYPED, "party": party(world, "glass"), "follows": old.ref})
    new = opened(world)[-1]
    assert new.follows_id == old.id
    assert f"/tickets/{old.ref}" in customer.get(f"/tickets/{new.ref}").text
    assert f"/tickets/{new.ref}" in customer.get(f"/tickets/{old.ref}").text
    # Staff follow it for the same organisation.
    assert world.organisation("glass").name in sign_in("agent").get(f"/tickets/new?follows={old.ref}").text


def test_nobody_follows_what_they_cannot_read(sign_in: SignIn, world: World) -> None:
    old = world.make_ticket("customer", subject="Secret lamp")
    rival = sign_in("rival")
    assert rival.get(f"/tickets/new?follows={old.ref}").status_code == NOT_FOUND
    answer = send(rival, {**TYPED, "party": party(world, "bakery"), "follows": old.ref})
    assert answer.status_code == NOT_FOUND


# ── A session that ended in the meantime ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(("hint", "query"), [("customer", ""), ("agent", "organisation")])
def test_what_was_typed_survives_the_end_of_the_session(sign_in: SignIn, world: World, hint: str, query: str) -> None:
    client = sign_in(hint)
    with world.session() as session:
        session.execute(sa.update(SignInSession).values(ended_at=now()))
        session.commit()
    page = "/tickets/new" + (f"?organisation={world.organisation('glass').ref}" if query else "")
    data = {**TYPED, "party": party(world, "glass"), "files": [file()]}
    answer = send(client, data, "/tickets/new", headers={"Referer": f"http://localhost{page}"})
    assert answer.status_code == SEE_OTHER
    again = sign_in(hint).get(unquote(answer.location.partition("next=")[2]))
    assert again.status_code == OK
    for word in ("The lamp flickers", "**every** evening", "Files have to be chosen once more"):
        assert word in again.text
    assert not opened(world)


# ── Numbers ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hint", ["customer", "partner", "agent"])
def test_the_form_asks_ten_things_at_most(sign_in: SignIn, world: World, hint: str) -> None:
    client = sign_in(hint)
    path = "/tickets/new" + (f"?organisation={world.organisation('glass').ref}" if hint == "agent" else "")
    client.get(path)
    with statements(world.app) as seen:
        assert client.get(path).status_code == OK
    assert len(seen) <= 10, len(seen)
