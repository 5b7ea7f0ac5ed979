"""A newcomer asks to be let in: what they see gives nothing away, and who decides."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
import time_machine

from portal.access import Level
from portal.accounts.joining import JoinRequest
from portal.accounts.models import Identity, Membership, Person
from portal.clock import now
from portal.notices.models import Notice
from portal.organisations.models import Activity

pytestmark = pytest.mark.usefixtures("in_english")

RIGHTS = {"level": "member", "capacities": "customer", "areas": ["support", "orders"]}


@pytest.fixture
def ask(sign_in, world):
    """The newcomer asks, with a confirmed address of this domain; the reference of the request."""

    def ask(domain: str = "mail.example.org", company: str = "Sklárny", verified: bool = True) -> str:
        newcomer = world.person_id("newcomer")
        with world.session() as session:
            identity = session.scalars(sa.select(Identity).where(Identity.person_id == newcomer)).one()
            identity.email, identity.email_verified = f"arash@{domain}", verified
            session.commit()
        response = sign_in("newcomer").send("/account/request", {"company": company, "message": "Please."})
        assert (response.status_code, response.location) == (303, "/account/request")
        with world.session() as session:
            return session.scalars(sa.select(JoinRequest.ref).order_by(JoinRequest.id.desc())).first()

    return ask


@pytest.fixture
def asked(world):
    def asked(ref: str) -> JoinRequest:
        with world.session() as session:
            return session.scalars(sa.select(JoinRequest).where(JoinRequest.ref == ref)).one()

    return asked


GLASS = "mesicni-lipa.example.com"
AT = datetime(2030, 5, 6, 7, 8, 9, tzinfo=UTC)


def seen(client) -> str:
    """The page without what differs from one page to the next."""
    page = client.get("/account/request")
    assert page.status_code == 200
    return page.text.partition("<main")[2].partition("</main>")[0]


def test_the_form_is_shown_to_newcomers(sign_in) -> None:
    page = sign_in("newcomer").get("/account/request")
    assert page.status_code == 200
    assert 'name="company"' in page.text


def test_an_empty_request_is_refused(sign_in) -> None:
    response = sign_in("newcomer").send("/account/request", {"company": " ", "message": "kept words"})
    assert response.status_code == 422
    assert "kept words" in response.text


def test_a_stranger_is_sent_to_sign_in(client) -> None:
    assert client.get("/account/request").status_code == 303
    assert client.send("/account/request", {"company": "x"}).location.startswith("/sign-in")


@time_machine.travel(AT, tick=False)
def test_whether_it_matched_is_not_told(ask, asked, sign_in, world) -> None:
    matched = ask(GLASS)
    told = seen(sign_in("newcomer"))
    assert asked(matched).organisation_id == world.organisation("glass").id
    with world.session() as session:
        session.execute(sa.delete(JoinRequest))
        session.commit()
    unmatched = ask("nowhere.example.org")
    assert asked(unmatched).organisation_id is None
    assert seen(sign_in("newcomer")) == told
    assert "waiting" in told


def test_an_address_that_nobody_vouches_for_matches_nothing(ask, asked) -> None:
    request = asked(ask(GLASS, verified=False))
    assert (request.organisation_id, request.email) == (None, "")


def test_one_request_at_a_time(ask, sign_in) -> None:
    ask()
    assert sign_in("newcomer").send("/account/request", {"company": "Another"}).status_code == 409


def test_a_matched_request_is_told_to_the_companys_administrator(ask, world) -> None:
    ask(GLASS)
    admin = world.person_id("customer-admin")
    with world.session() as session:
        assert session.scalars(sa.select(Notice.person_id)).all() == [admin]


def test_an_unmatched_request_is_told_to_those_staff_who_let_people_in(ask, world) -> None:
    ask()
    keepers = ("account-manager", "buyer", "channel-manager", "channel-manager-2", "admin")
    expected = {world.person_id(hint) for hint in keepers}
    with world.session() as session:
        assert set(session.scalars(sa.select(Notice.person_id))) == expected


@pytest.mark.parametrize(
    ("hint", "sees"),
    [("customer-admin", True), ("account-manager", True), ("admin", True), ("rival", False), ("buyer", False)],
)
def test_who_sees_a_matched_request(ask, sign_in, hint, sees) -> None:
    ref = ask(GLASS)
    client = sign_in(hint)
    assert ("آرش نوری" in client.get("/requests").text) is sees
    assert client.get(f"/requests/{ref}").status_code == (200 if sees else 404)


@pytest.mark.parametrize("hint", ["customer", "agent", "auditor", "moderator", "newcomer"])
def test_who_decides_nothing_sees_no_requests(ask, sign_in, hint) -> None:
    ref = ask(GLASS)
    client = sign_in(hint)
    assert client.get("/requests").status_code == 403
    assert client.get(f"/requests/{ref}").status_code == 403
    assert client.send(f"/requests/{ref}/acceptance", RIGHTS).status_code == 403
    assert client.send(f"/requests/{ref}/refusal").status_code == 403


def test_the_companys_administrator_lets_them_in(ask, asked, sign_in, world) -> None:
    ref = ask(GLASS)
    response = sign_in("customer-admin").send(f"/requests/{ref}/acceptance", RIGHTS)
    assert (response.status_code, response.location) == (303, "/requests")
    assert asked(ref).is_accepted is True
    newcomer, glass = world.person_id("newcomer"), world.organisation("glass")
    with world.session() as session:
        membership = session.scalars(sa.select(Membership).where(Membership.person_id == newcomer)).one()
        assert (membership.organisation_id, membership.level) == (glass.id, Level.MEMBER)
        assert membership.areas == {"support", "orders"}
        told = session.scalars(sa.select(Notice).where(Notice.person_id == newcomer)).one()
        assert (told.kind, told.params) == ("request-decided", {"is_accepted": True})
        assert session.scalars(sa.select(Activity.kind).order_by(Activity.id.desc())).first() == "person-joined"
    assert sign_in("newcomer").get(f"/organisations/{glass.ref}/people").status_code == 200


def test_a_decision_without_a_capacity_is_refused_and_says_so(ask, asked, sign_in) -> None:
    ref = ask(GLASS)
    response = sign_in("customer-admin").send(f"/requests/{ref}/acceptance", {"level": "member"})
    assert response.status_code == 422
    assert asked(ref).is_open


def test_capacities_stay_within_the_companys(ask, asked, sign_in) -> None:
    ref = ask(GLASS)
    response = sign_in("customer-admin").send(f"/requests/{ref}/acceptance", {**RIGHTS, "capacities": "partner"})
    assert response.status_code == 422
    assert asked(ref).is_open


def test_staff_choose_the_company_where_none_matched(ask, asked, sign_in, world) -> None:
    ref, glass, bakery = ask(), world.organisation("glass"), world.organisation("bakery")
    client = sign_in("account-manager")
    page = client.get(f"/requests/{ref}", query_string={"q": "sklarny"})
    assert f"organisation={glass.ref}" in page.text
    # Not of this portfolio.
    assert bakery.ref not in client.get(f"/requests/{ref}", query_string={"q": "Пекарня"}).text
    assert 'value="customer"' in client.get(f"/requests/{ref}?organisation={glass.ref}").text
    assert client.send(f"/requests/{ref}/acceptance", {**RIGHTS, "organisation": bakery.ref}).status_code == 403
    assert asked(ref).is_open
    assert client.send(f"/requests/{ref}/acceptance", {**RIGHTS, "organisation": glass.ref}).status_code == 303
    assert asked(ref).organisation_id == glass.id


def test_accepting_without_a_company_is_not_possible(ask, asked, sign_in) -> None:
    ref = ask()
    assert sign_in("admin").send(f"/requests/{ref}/acceptance", RIGHTS).status_code == 404
    assert asked(ref).is_open


def test_declining_lets_them_ask_again(ask, asked, sign_in, world) -> None:
    ref = ask(GLASS)
    assert sign_in("customer-admin").send(f"/requests/{ref}/refusal").status_code == 303
    assert asked(ref).is_accepted is False
    newcomer = sign_in("newcomer")
    assert "declined" in newcomer.get("/account/request").text
    assert newcomer.send("/account/request", {"company": "Again"}).status_code == 303
    with world.session() as session:
        assert "request-declined" in session.scalars(sa.select(Activity.kind)).all()


def test_a_decision_is_made_once(ask, sign_in) -> None:
    ref = ask(GLASS)
    client = sign_in("customer-admin")
    client.send(f"/requests/{ref}/refusal")
    assert client.send(f"/requests/{ref}/acceptance", RIGHTS).status_code in (404, 409)


def test_nobody_decides_their_own_request(ask, sign_in, world) -> None:
    ref = ask(GLASS)
    newcomer, glass = world.person_id("newcomer"), world.organisation("glass")
    with world.session() as session:
        membership = Membership(
            person_id=newcomer, organisation_id=glass.id, level=Level.ADMIN, is_customer=True, started_at=now()
        )
        session.add(membership)
        session.commit()
    assert sign_in("newcomer").send(f"/requests/{ref}/acceptance", RIGHTS).status_code == 403


def test_a_newcomer_is_unknown_again_once_it_is_decided(ask, sign_in, world) -> None:
    ref = ask(GLASS)
    person = world.person("newcomer")
    admin = sign_in("customer-admin")
    assert admin.get(f"/people/{person.ref}").status_code == 200
    admin.send(f"/requests/{ref}/refusal")
    assert admin.get(f"/people/{person.ref}").status_code == 404


def test_the_list_is_empty_without_requests(sign_in) -> None:
    assert "Nobody is waiting" in sign_in("admin").get("/requests").text


def test_the_list_asks_a_constant_number_of_questions(sign_in, world) -> None:
    with world.session() as session:
        for number in range(30):
            person = Person(name=f"Somebody {number}", email="", created_at=now())
            session.add(person)
            session.flush()
            session.add(JoinRequest(person_id=person.id, company=f"Firm {number}", created_at=now()))
        session.commit()
    page = sign_in("admin").get("/requests")
    assert page.text.count('class="row-link"') == 25
    assert 'rel="next"' in page.text
