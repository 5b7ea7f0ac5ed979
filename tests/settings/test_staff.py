"""Staff: roles are granted by one, confirmed by another, never to oneself, and act at once."""

import pytest
import sqlalchemy as sa

from portal.access import Role
from portal.accounts.joining import Invitation
from portal.accounts.models import Portfolio, StaffRole
from portal.clock import now
from portal.organisations.models import Activity

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def second_admin(world, sign_in):
    """The moderator administers the portal as well; a browser in which they are signed in."""
    person_id = world.person_id("moderator")
    with world.session() as session:
        session.add(StaffRole(person_id=person_id, role=Role.ADMIN, granted_at=now(), confirmed_at=now()))
        session.commit()
    return sign_in("moderator")


@pytest.fixture
def roles(world):
    def roles(hint: str) -> dict[str, bool]:
        person_id = world.person_id(hint)
        with world.session() as session:
            held = session.scalars(sa.select(StaffRole).where(StaffRole.person_id == person_id))
            return {role.role: role.confirmed_at is not None for role in held}

    return roles


@pytest.fixture
def place(world):
    return lambda hint: f"/settings/staff/{world.person(hint).ref}"


def test_the_administrator_sees_staff(sign_in, place) -> None:
    client = sign_in("admin")
    page = client.get("/settings/staff")
    assert page.status_code == 200
    assert "Alice Hartwell" in page.text
    assert "alice.hartwell@" in page.text
    assert "Božena" not in page.text
    assert client.get(place("agent")).status_code == 200
    assert client.get(f"{place('account-manager')}/portfolio").status_code == 200


@pytest.mark.parametrize("hint", ["agent", "account-manager", "auditor", "customer-admin", "newcomer"])
def test_nobody_else_does(sign_in, place, roles, hint) -> None:
    client = sign_in(hint)
    for page in ("/settings/staff", place("agent"), f"{place('account-manager')}/portfolio"):
        assert client.get(page).status_code == 403
    for verb in ("roles", "roles/agent/confirmation", "roles/agent/revocation", "disablement", "enablement"):
        assert client.send(f"{place('agent')}/{verb}", {"role": "auditor"}).status_code == 403
    assert roles("agent") == {"agent": True}


def test_signed_out_goes_to_sign_in(client, place) -> None:
    assert client.get("/settings/staff").location.startswith("/sign-in")
    assert client.send(f"{place('agent')}/disablement").location.startswith("/sign-in")


def test_a_content_role_waits_for_a_second_administrator(sign_in, place, roles, second_admin) -> None:
    first = sign_in("admin")
    assert first.send(f"{place('agent')}/roles", {"role": "auditor"}).status_code == 303
    assert roles("agent") == {"agent": True, "auditor": False}
    agent = sign_in("agent")
    assert agent.get("/settings/access-log").status_code == 403
    assert first.send(f"{place('agent')}/roles/auditor/confirmation").status_code == 409
    assert "confirmation" in second_admin.get(place("agent")).text
    assert second_admin.send(f"{place('agent')}/roles/auditor/confirmation").status_code == 303
    assert roles("agent") == {"agent": True, "auditor": True}
    assert agent.get("/settings/access-log").status_code == 200


def test_an_administrator_needs_no_second(sign_in, place, roles) -> None:
    sign_in("admin").send(f"{place('agent')}/roles", {"role": "admin"})
    assert roles("agent") == {"agent": True, "admin": True}


def test_nobody_confirms_their_own_role(sign_in, place, roles, second_admin) -> None:
    sign_in("admin").send(f"{place('moderator')}/roles", {"role": "agent"})
    assert second_admin.send(f"{place('moderator')}/roles/agent/confirmation").status_code == 409
    assert roles("moderator")["agent"] is False


def test_nobody_grants_or_takes_from_themselves(sign_in, place, roles) -> None:
    client = sign_in("admin")
    assert client.send(f"{place('admin')}/roles", {"role": "agent"}).status_code == 409
    assert client.send(f"{place('admin')}/roles/admin/revocation").status_code == 409
    assert client.send(f"{place('admin')}/disablement").status_code == 409
    assert roles("admin") == {"admin": True}
    assert client.get("/settings").status_code == 200


def test_a_role_is_granted_once(sign_in, place) -> None:
    assert sign_in("admin").send(f"{place('agent')}/roles", {"role": "agent"}).status_code == 409


def test_a_role_that_does_not_exist_is_refused(sign_in, place) -> None:
    client = sign_in("admin")
    assert client.send(f"{place('agent')}/roles", {"role": "king"}).status_code == 422
    assert client.send(f"{place('agent')}/roles/king/confirmation").status_code == 404


def test_outsiders_become_staff_by_invitation_alone(sign_in, place, roles) -> None:
    assert sign_in("admin").send(f"{place('customer')}/roles", {"role": "agent"}).status_code == 409
    assert roles("customer") == {}


def test_a_role_that_is_taken_away_is_gone_at_once(sign_in, place, roles) -> None:
    auditor = sign_in("auditor")
    assert auditor.get("/settings/access-log").status_code == 200
    assert sign_in("admin").send(f"{place('auditor')}/roles/auditor/revocation").status_code == 303
    assert roles("auditor") == {}
    assert auditor.get("/settings/access-log").status_code == 403


def test_disabling_acts_at_once_and_can_be_undone(sign_in, place, world) -> None:
    client, customer = sign_in("admin"), sign_in("customer")
    assert customer.get("/account").status_code == 200
    assert client.send(f"{place('customer')}/disablement").status_code == 303
    assert customer.get("/account").status_code == 303
    with world.session() as session:
        assert session.scalars(sa.select(Activity.kind).order_by(Activity.id.desc())).first() == "person-disabled"
    assert client.send(f"{place('customer')}/enablement").status_code == 303
    assert customer.get("/account").status_code == 303
    assert sign_in("customer").get("/account").status_code == 200


def test_an_account_managers_portfolio_is_filled_and_emptied(sign_in, place, world) -> None:
    client, bakery = sign_in("admin"), world.organisation("bakery")
    manager, page = sign_in("account-manager"), f"{place('account-manager')}/portfolio"
    people = f"/organisations/{bakery.ref}/people/invitations"
    assert manager.get(people).status_code == 403
    assert bakery.ref in client.get(page, query_string={"q": "Пекарня"}).text
    assert client.send(page, {"organisation": bakery.ref}).status_code == 303
    assert manager.get(people).status_code == 200
    assert client.send(f"{page}/{bakery.ref}/removal").status_code == 303
    assert manager.get(people).status_code == 403
    with world.session() as session:
        assert session.scalars(sa.select(Portfolio).where(Portfolio.organisation_id == bakery.id)).all() == []


def test_only_account_managers_have_a_portfolio(sign_in, place, world) -> None:
    response = sign_in("admin").send(f"{place('agent')}/portfolio", {"organisation": world.organisation("bakery").ref})
    assert response.status_code == 409


# ── Invitations ───────────────────────────────────────────────────────────────────────────────────

WANTED = {"email": "new@lanternfield.example.com", "role": "agent", "language": "en"}


def test_staff_are_invited_and_the_link_is_shown_once(sign_in, world) -> None:
    client = sign_in("admin")
    assert client.send("/settings/staff/invitations", WANTED).status_code == 303
    first = client.get("/settings/staff").text
    assert "http://localhost/invitations/" in first
    assert "http://localhost/invitations/" not in client.get("/settings/staff").text
    with world.session() as session:
        made = session.scalars(sa.select(Invitation)).one()
    assert (made.staff_role, made.organisation_id) == ("agent", None)
    assert client.send(f"/settings/staff/invitations/{made.ref}/revocation").status_code == 303
    assert made.email not in client.get("/settings/staff").text


@pytest.mark.parametrize("wrong", [{"email": "nobody"}, {"role": "king"}, {"role": "customer-admin"}, {"email": ""}])
def test_what_is_wrong_with_an_invitation_is_said(sign_in, wrong) -> None:
    assert sign_in("admin").send("/settings/staff/invitations", {**WANTED, **wrong}).status_code == 422


def test_nobody_invites_themselves(sign_in, world) -> None:
    response = sign_in("admin").send(
        "/settings/staff/invitations", {**WANTED, "email": world.person("admin").email.upper()}
    )
    assert response.status_code == 409


def test_company_invitations_are_not_withdrawn_here(sign_in, world) -> None:
    customer_admin = sign_in("customer-admin")
    customer_admin.send(
        f"/organisations/{world.organisation('glass').ref}/people/invitations",
        {**WANTED, "level": "member", "capacities": ["customer"]},
    )
    with world.session() as session:
        ref = session.scalars(sa.select(Invitation.ref)).one()
    assert sign_in("admin").send(f"/settings/staff/invitations/{ref}/revocation").status_code == 403


# ── The index ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("hint", "status"),
    [("admin", 200), ("auditor", 200), ("customer-admin", 200), ("agent", 403), ("customer", 403), ("newcomer", 403)],
)
def test_the_settings_are_for_those_who_have_some(sign_in, hint, status) -> None:
    assert sign_in(hint).get("/settings").status_code == status
