"""Invitations: one-time, expiring, bound to an address that the provider vouches for; a link alone changes nothing."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from portal.access import Area, Capacity, Level, Principal, Role
from portal.accounts.invitations import invite, token_of
from portal.accounts.joining import Invitation
from portal.accounts.models import Identity, Membership, Person, StaffRole
from portal.clock import now
from portal.errors import RuleBroken
from portal.feeds.people import feed_people
from portal.feeds.shapes import PersonShape
from portal.jobs.models import Job
from portal.notices.models import Notice
from portal.organisations.models import Activity
from tests.misbehaving_provider import come_back

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def invited(world):
    """An invitation of jana@example.com, by default into the glass works by their administrator; its token."""

    def invited(by: str | None = "customer-admin", email: str = "Jana@Example.com", **changes) -> str:
        company, by_id = world.organisation("glass"), world.person_id(by) if by else None
        wanted = {
            "organisation": company,
            "level": Level.MEMBER,
            "areas": frozenset({Area.SUPPORT}),
            "capacities": frozenset({Capacity.CUSTOMER}),
            "language": "pl",
        }
        with world.session() as session:
            made = invite(session, email, invited_by_id=by_id, at=now(), **{**wanted, **changes})
            token = token_of(made.ref)
            session.commit()
        return token

    return invited


@pytest.fixture
def accept(client):
    """Press the button on the page behind the link, and come back from the provider."""

    def accept(token: str, who=client):
        away = who.send(f"/invitations/{token}/acceptance", {"provider": "liar"})
        assert away.status_code == 302, away.text
        return come_back(who, away.location)

    return accept


@pytest.fixture
def jana(world):
    def jana() -> Person | None:
        with world.session() as session:
            return session.scalars(
                sa.select(Person)
                .where(Person.name == "Jana Nováková")
                .options(sa.orm.selectinload(Person.memberships), sa.orm.undefer_group("contact"))
            ).one_or_none()

    return jana


def test_the_page_says_what_it_is_about_and_changes_nothing(liar, client, invited, jana, world) -> None:
    token = invited()
    for _ in range(2):
        page = client.get(f"/invitations/{token}")
        assert page.status_code == 200
        assert "Sklárny Měsíční Lípa" in page.text
        assert "Jana@Example.com" in page.text
        assert "لاله بهرامی" in page.text
    assert jana() is None
    with world.session() as session:
        assert session.scalars(sa.select(Invitation)).one().accepted_at is None


def test_accepting_makes_a_member(liar, client, invited, accept, jana, world) -> None:
    response = accept(invited())
    assert (response.status_code, response.location) == (303, "/")
    person = jana()
    (membership,) = person.memberships
    assert membership.organisation_id == world.organisation("glass").id
    assert (membership.level, membership.areas, membership.capacities) == (
        "member",
        {Area.SUPPORT},
        {Capacity.CUSTOMER},
    )
    assert (person.email, person.language, person.is_staff) == ("jana@example.com", "pl", False)
    assert client.get(f"/organisations/{world.organisation('glass').ref}/people").status_code == 200
    sender_id = world.person_id("customer-admin")
    with world.session() as session:
        invitation = session.scalars(sa.select(Invitation)).one()
        assert invitation.accepted_by_id == person.id
        told = session.scalars(sa.select(Notice)).one()
        assert (told.kind, told.person_id) == ("invitation-accepted", sender_id)
        assert session.scalars(sa.select(Activity.kind).order_by(Activity.id.desc())).first() == "person-joined"


def test_the_welcome_is_in_the_language_of_whoever_comes(liar, client, invited, accept) -> None:
    client.set_cookie("language", "en")
    liar.userinfo = {"locale": "cs"}
    accept(invited())
    assert "Vítejte" in client.get("/").text


def test_an_account_without_an_address_is_told_that_it_has_none(liar, invited, accept, log) -> None:
    liar.userinfo = {"email": None}
    response = accept(invited())
    assert response.status_code == 403
    assert "does not vouch" in response.text
    assert log()[-1].details["reason"] == "invitation_unverified"


def test_the_link_is_written_into_no_log(liar, client, invited, log) -> None:
    token = invited()
    assert client.send(f"/invitations/{token}/acceptance", {"provider": "nobody"}).status_code == 400
    assert log()[-1].path == "/invitations/***/acceptance"


def test_the_address_is_passed_to_the_provider(liar, client, invited) -> None:
    away = client.send(f"/invitations/{invited()}/acceptance", {"provider": "liar"}).location
    assert "login_hint=Jana%40Example.com" in away
    assert "prompt=select_account" in away


def test_an_invitation_serves_once(liar, browser, invited, accept, sessions) -> None:
    token = invited()
    accept(token, browser())
    liar.claims = liar.userinfo = {"sub": "somebody-else"}
    again = accept(token, browser())
    assert again.status_code == 403
    assert "no longer open" in again.text
    assert browser().get(f"/invitations/{token}").status_code == 410
    assert len(sessions()) == 1


def test_an_expired_invitation_is_closed(liar, client, invited, accept, jana) -> None:
    token = invited()
    with time_machine.travel(now() + timedelta(days=7, minutes=1)):
        assert client.get(f"/invitations/{token}").status_code == 410
        assert accept(token).status_code == 403
    assert jana() is None


def test_another_address_is_refused_and_nobody_is_made(liar, client, invited, accept, jana, sessions, log) -> None:
    liar.userinfo = {"email": "somebody@example.com"}
    token = invited()
    response = accept(token)
    assert response.status_code == 403
    assert "another address" in response.text
    assert (jana(), sessions()) == (None, [])
    assert log()[-1].details["reason"] == "invitation_other_address"
    assert client.get(f"/invitations/{token}").status_code == 200


@pytest.mark.parametrize("verified", [False, None, "no"])
def test_an_address_that_nobody_vouches_for_is_refused(liar, invited, accept, jana, sessions, log, verified) -> None:
    liar.userinfo = {"email_verified": verified}
    response = accept(invited())
    assert response.status_code == 403
    assert "not confirmed" in response.text
    assert (jana(), sessions()) == (None, [])
    assert log()[-1].details["reason"] == "invitation_unverified"


def test_an_invitation_is_closed_when_its_sender_may_not_invite_any_more(liar, client, invited, accept, world) -> None:
    token = invited()
    with world.session() as session:
        found = sa.select(Membership).where(Membership.person_id == world.person_id("customer-admin"))
        session.scalars(found).one().level = Level.MEMBER
        session.commit()
    assert client.get(f"/invitations/{token}").status_code == 410
    assert accept(token).status_code == 403


def test_staff_invite_where_they_may_write(liar, client, invited, world) -> None:
    assert client.get(f"/invitations/{invited('account-manager')}").status_code == 200
    assert client.get(f"/invitations/{invited('agent')}").status_code == 410
    assert (
        client.get(f"/invitations/{invited('account-manager', organisation=world.organisation('bakery'))}").status_code
        == 410
    )


def test_a_token_that_was_never_issued_is_no_page(client) -> None:
    assert client.get("/invitations/made-up").status_code == 404
    assert client.send("/invitations/made-up/acceptance", {"provider": "liar"}).status_code == 404


def test_a_newcomer_who_is_invited_later_is_the_same_person(liar, client, go_through, invited, accept, jana) -> None:
    go_through(client)
    before = jana().id
    accept(invited())
    assert jana().id == before
    assert len(jana().memberships) == 1


def test_a_member_who_accepts_again_keeps_what_they_had(liar, invited, accept, jana, world) -> None:
    accept(invited(level=Level.ADMIN))
    with world.session() as session:
        session.scalars(sa.select(Person).where(Person.name == "Jana Nováková")).one().email = "other@example.com"
        session.commit()
    accept(invited(areas=frozenset({Area.ORDERS})))
    (membership,) = jana().memberships
    assert (membership.level, membership.areas) == ("admin", {Area.SUPPORT, Area.ORDERS})


def test_the_first_administrator_comes_from_the_command_line(liar, invited, accept, jana, world) -> None:
    with world.session() as session:
        session.execute(sa.delete(StaffRole).where(StaffRole.role == Role.ADMIN))
        session.commit()
    accept(invited(None, organisation=None, staff_role=Role.AGENT, capacities=frozenset(), areas=frozenset()))
    person = jana()
    assert person.is_staff
    with world.session() as session:
        role = session.scalars(sa.select(StaffRole).where(StaffRole.person_id == person.id)).one()
        assert role.confirmed_at is not None


@pytest.mark.parametrize(("role", "holds"), [(Role.ADMIN, True), (Role.AGENT, False)])
def test_a_role_that_reads_content_waits_once_there_is_an_administrator(
    liar, invited, accept, jana, world, role, holds
) -> None:
    place = {"organisation": None, "capacities": frozenset(), "areas": frozenset()}
    assert accept(invited("admin", staff_role=role, **place)).location == "/"
    person, admin_id = jana(), world.person_id("admin")
    with world.session() as session:
        granted = session.scalars(sa.select(StaffRole).where(StaffRole.person_id == person.id)).one()
        assert (granted.confirmed_at is not None) is holds
        assert granted.granted_by_id == admin_id


def test_only_a_hash_of_the_token_is_kept(invited, world) -> None:
    token = invited()
    with world.session() as session:
        invitation = session.scalars(sa.select(Invitation)).one()
        assert token not in str(vars(invitation))
        job = session.scalars(sa.select(Job)).one()
        assert (job.kind, job.params) == ("mail.invitation", {"invitation": invitation.ref})


def test_a_second_invitation_replaces_the_first(liar, client, invited) -> None:
    first, second = invited(), invited()
    assert client.get(f"/invitations/{first}").status_code == 410
    assert client.get(f"/invitations/{second}").status_code == 200


def test_who_belongs_already_is_not_invited(invited, world) -> None:
    with pytest.raises(RuleBroken):
        invited(email=world.person("customer").email.upper())


@pytest.fixture
def contact(world):
    """Jana, whom the ERP has told as a contact of the glass works, with a telephone number."""
    told = {"name": "Jana N.", "email": "jana@example.com", "phone": "+420 5551", "job_title": "Purchasing"}
    company = world.organisation("glass").ref
    with world.session() as session:
        shape = PersonShape(external_id="C1", organisation=company, **told)
        (outcome,) = feed_people(session, "erp", [shape], Principal.system("the ERP"), now())
        session.commit()
        return outcome.record


def test_a_contact_who_is_invited_is_taken_up(liar, client, invited, accept, contact, world) -> None:
    accept(invited())
    with world.session() as session:
        statement = sa.select(Person).where(sa.func.lower(Person.email) == "jana@example.com")
        person = session.scalars(statement.options(sa.orm.undefer_group("contact"))).one()
        assert (person.id, person.name, person.phone) == (contact.id, "Jana N.", "+420 5551")
        membership = session.scalars(sa.select(Membership).where(Membership.person_id == person.id)).one()
        assert (membership.areas, membership.is_active) == (frozenset({Area.SUPPORT}), True)
        assert session.scalars(sa.select(Identity.person_id).where(Identity.person_id == person.id)).one()
    assert client.get("/tickets").status_code == 200


def test_a_contact_who_signs_in_without_an_invitation_is_nobody_yet(liar, client, go_through, contact, world) -> None:
    go_through(client)
    with world.session() as session:
        assert session.scalar(sa.select(Identity.id).where(Identity.person_id == contact.id)) is None


def test_once_taken_up_they_belong_and_are_not_invited_again(liar, invited, accept, contact) -> None:
    accept(invited())
    with pytest.raises(RuleBroken):
        invited()


@pytest.mark.parametrize("spoilt", ["disabled", "elsewhere"])
def test_a_contact_who_is_more_than_that_is_left_alone(liar, invited, accept, contact, world, spoilt) -> None:
    other = world.organisation("bakery").id
    with world.session() as session:
        if spoilt == "disabled":
            session.get_one(Person, contact.id).disabled_at = now()
        else:
            session.add(Membership(person_id=contact.id, organisation_id=other, level="member", started_at=now()))
        session.commit()
    accept(invited())
    with world.session() as session:
        assert session.scalar(sa.select(Identity.id).where(Identity.person_id == contact.id)) is None


def test_an_invitation_into_another_company_takes_no_contact_along(liar, invited, accept, contact, world) -> None:
    accept(invited(by=None, organisation=world.organisation("bakery")))
    with world.session() as session:
        assert session.scalar(sa.select(Identity.id).where(Identity.person_id == contact.id)) is None
