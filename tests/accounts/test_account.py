"""One's own account: profile, notifications, connected accounts, and whom one acts for."""

import pytest
import sqlalchemy as sa

from portal.accounts.models import Identity, SignInSession
from portal.clock import now
from tests.misbehaving_provider import come_back

pytestmark = pytest.mark.usefixtures("in_english")

PROFILE = {"name": "Božena T.", "language": "cs", "time_zone": "Europe/Prague", "calendar": "", "digits": ""}


# ── Profile ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hint", ["customer", "newcomer", "agent", "admin", "many"])
def test_everybody_has_an_account(sign_in, hint) -> None:
    client = sign_in(hint)
    for page in ("", "/notifications", "/sessions", "/identities"):
        assert client.get(f"/account{page}").status_code == 200


def test_signed_out_there_is_none(client) -> None:
    for page in ("", "/notifications", "/sessions", "/identities"):
        assert client.get(f"/account{page}").location.startswith("/sign-in?next=")


def test_a_profile_is_changed(sign_in, world) -> None:
    wanted = {**PROFILE, "calendar": "jalali", "digits": "native", "time_zone": "Asia/Tehran"}
    response = sign_in("customer").send("/account", wanted)
    assert (response.status_code, response.location) == (303, "/account")
    person = world.person("customer")
    assert (person.name, person.name_key.split("\x1f")[0]) == ("Božena T.", "bozena t")
    assert (person.calendar, person.digits, person.time_zone) == ("jalali", "native", "Asia/Tehran")


def test_it_is_confirmed_in_the_language_that_was_chosen(sign_in, world) -> None:
    client = sign_in("customer")
    client.send("/account", {**PROFILE, "language": "fa"})
    page = client.get("/account").text
    assert '<html lang="fa" dir="rtl"' in page
    assert world.person("customer").language == "fa"


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"name": "x" * 121}, {"language": "xx"}, {"time_zone": "Mars/Base"}, {"digits": "?"}]
)
def test_what_is_wrong_in_a_profile_is_said(sign_in, world, wrong) -> None:
    response = sign_in("customer").send("/account", {**PROFILE, **wrong})
    assert response.status_code == 422
    assert "error-summary" in response.text
    assert world.person("customer").name == "Božena Tichá"


def test_a_time_zone_that_a_provider_named_is_kept(sign_in, world) -> None:
    with world.session() as session:
        from portal.accounts.models import Person

        person = session.scalars(sa.select(Person).where(Person.name == "Božena Tichá")).one()
        person.time_zone = "CET"
        session.commit()
    assert sign_in("customer").send("/account", {**PROFILE, "time_zone": "CET"}).status_code == 303


# ── Notifications ─────────────────────────────────────────────────────────────────────────────────


def test_mail_is_chosen_kind_by_kind(sign_in, world) -> None:
    client = sign_in("customer")
    assert client.get("/account/notifications").text.count(" checked") == client.get(
        "/account/notifications"
    ).text.count('name="by_mail"')
    assert client.send("/account/notifications", {"by_mail": ["reply"]}).status_code == 303
    person = world.person("customer")
    assert person.wants_mail("reply")
    assert not person.wants_mail("copied")


def test_what_is_not_asked_keeps_its_choice(sign_in, world) -> None:
    sign_in("customer").send("/account/notifications", {})
    assert "note" not in world.person("customer").mail_choices


def test_a_kind_that_is_not_mine_is_refused(sign_in) -> None:
    assert sign_in("customer").send("/account/notifications", {"by_mail": ["note"]}).status_code == 422


# ── Connected accounts ────────────────────────────────────────────────────────────────────────────


def connect(client):
    away = client.send("/account/identities", {"provider": "liar"})
    assert away.status_code == 302, away.text
    assert "prompt=select_account" in away.location
    return come_back(client, away.location)


@pytest.fixture
def identities(world):
    def identities(hint: str = "customer") -> list[Identity]:
        person_id = world.person_id(hint)
        with world.session() as session:
            mine = sa.select(Identity).where(Identity.person_id == person_id).order_by(Identity.id)
            return list(session.scalars(mine))

    return identities


def test_another_account_is_connected_and_signs_in(liar, sign_in, browser, go_through, identities, world) -> None:
    response = connect(sign_in("customer"))
    assert (response.status_code, response.location) == (303, "/account/identities")
    assert [identity.issuer for identity in identities()][1] == liar.issuer
    other = browser()
    assert go_through(other).location == "/"
    assert world.person("customer").name in other.get("/account").text


def test_connecting_twice_changes_nothing(liar, sign_in, identities) -> None:
    client = sign_in("customer")
    connect(client)
    assert connect(client).status_code == 303
    assert len(identities()) == 2


def test_an_account_of_somebody_else_is_not_connected(liar, sign_in, identities) -> None:
    connect(sign_in("rival"))
    response = connect(sign_in("customer"))
    assert response.status_code == 403
    assert "belongs to somebody else" in response.text
    assert len(identities()) == 1


def test_only_the_session_that_asked_connects(liar, sign_in, identities) -> None:
    client = sign_in("customer")
    away = client.send("/account/identities", {"provider": "liar"}).location
    with sign_in("rival").session_transaction() as other, client.session_transaction() as cookie:
        cookie["_user_id"] = other["_user_id"]
    assert come_back(client, away).status_code == 403
    assert (len(identities()), len(identities("rival"))) == (1, 1)


def test_the_last_account_cannot_be_disconnected(sign_in, identities) -> None:
    (only,) = identities()
    response = sign_in("customer").send(f"/account/identities/{only.ref}/removal")
    assert response.status_code == 409
    assert len(identities()) == 1


def test_disconnecting_ends_what_it_signed_in(liar, sign_in, browser, go_through, identities) -> None:
    client = sign_in("customer")
    connect(client)
    other = browser()
    go_through(other)
    assert client.send(f"/account/identities/{identities()[1].ref}/removal").status_code == 303
    assert len(identities()) == 1
    assert other.get("/account").status_code == 303
    assert client.get("/account").status_code == 200


def test_nobody_disconnects_somebody_elses(liar, sign_in, identities) -> None:
    connect(sign_in("customer"))
    ref = identities()[1].ref
    assert sign_in("rival").send(f"/account/identities/{ref}/removal").status_code == 404
    assert len(identities()) == 2


# ── Acting for ────────────────────────────────────────────────────────────────────────────────────


def test_one_acts_for_what_was_chosen(sign_in, world) -> None:
    client, key = sign_in("many"), world.acting_key("many", "foundry.supplier")
    response = client.send("/acting-for", {"membership": key, "next": "/account"})
    assert (response.status_code, response.location) == (303, "/account")
    page = client.get("/account").text
    assert "Odlewnia Srebrny Lis" in page
    with world.session() as session:
        assert session.scalars(sa.select(SignInSession.acting_key)).one() == key


@pytest.mark.parametrize("key", ["", "1.customer", "x", "999999.partner"])
def test_nobody_acts_for_others(sign_in, key) -> None:
    assert sign_in("many").send("/acting-for", {"membership": key}).status_code == 409


def test_an_ended_membership_is_no_choice(sign_in, world) -> None:
    from portal.accounts.models import Membership

    client, key = sign_in("many"), world.acting_key("many", "foundry.supplier")
    with world.session() as session:
        session.get_one(Membership, int(key.partition(".")[0])).ended_at = now()
        session.commit()
    assert client.send("/acting-for", {"membership": key}).status_code == 409


def test_choosing_leads_nowhere_else(sign_in, world) -> None:
    key = world.acting_key("many", "foundry.supplier")
    response = sign_in("many").send("/acting-for", {"membership": key, "next": "https://elsewhere.example.com"})
    assert response.location == "/"


def test_signed_out_nobody_chooses(client) -> None:
    assert client.send("/acting-for", {"membership": "1.customer"}).location.startswith("/sign-in")
