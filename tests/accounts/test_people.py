"""The people of a company: who sees what of whom, and who changes whose rights."""

import pytest
import sqlalchemy as sa

from portal.access import Action, Area, Level
from portal.accounts.joining import Invitation
from portal.accounts.models import Identity, Membership, Person
from portal.clock import now
from portal.organisations.models import Activity
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def place(world):
    """`place("customer")`: the address of a member of the glass works on the pages about its people."""

    def place(hint: str, company: str = "glass") -> str:
        return f"/organisations/{world.organisation(company).ref}/people/{world.person(hint).ref}"

    return place


@pytest.fixture
def membership(world):
    def membership(hint: str, company: str = "glass") -> Membership:
        person_id, organisation_id = world.person_id(hint), world.organisation(company).id
        with world.session() as session:
            found = sa.select(Membership).where(
                Membership.person_id == person_id, Membership.organisation_id == organisation_id
            )
            return session.scalars(found).one()

    return membership


@pytest.fixture
def rights(membership):
    def rights(hint: str, company: str = "glass", **changes) -> dict:
        held = membership(hint, company)
        now = {
            "version": held.version,
            "level": held.level,
            "capacities": [str(c) for c in held.capacities],
            "areas": [str(a) for a in held.areas],
        }
        return {**now, **changes}

    return rights


@pytest.fixture
def kinds(world):
    def kinds() -> list[str]:
        with world.session() as session:
            return list(session.scalars(sa.select(Activity.kind).order_by(Activity.id)))

    return kinds


# ── The list ──────────────────────────────────────────────────────────────────────────────────────


def test_colleagues_see_names_alone(sign_in, world) -> None:
    page = sign_in("customer").get(f"/organisations/{world.organisation('glass').ref}/people")
    assert page.status_code == 200
    assert "لاله بهرامی" in page.text
    assert "laleh.bahrami@" not in page.text
    assert "Company administrator" not in page.text


@pytest.mark.parametrize("hint", ["customer-admin", "account-manager", "agent", "auditor", "admin"])
def test_who_manages_or_works_here_sees_rights(sign_in, world, hint) -> None:
    page = sign_in(hint).get(f"/organisations/{world.organisation('glass').ref}/people")
    assert page.status_code == 200
    assert "laleh.bahrami@" in page.text
    assert 'class="state' in page.text


@pytest.mark.parametrize(
    ("hint", "status"),
    [("rival", 404), ("supplier", 404), ("partner", 403), ("newcomer", 403), ("moderator", 403), ("buyer", 404)],
)
def test_strangers_see_nobody(sign_in, world, hint, status) -> None:
    response = sign_in(hint).get(f"/organisations/{world.organisation('glass').ref}/people")
    assert response.status_code == status
    assert "لاله بهرامی" not in response.text


def test_signed_out_is_sent_to_sign_in(client, world) -> None:
    assert client.get(f"/organisations/{world.organisation('glass').ref}/people").status_code == 303


@pytest.mark.parametrize(
    ("hint", "may"), [("customer-admin", True), ("account-manager", True), ("admin", True), ("agent", False)]
)
def test_who_may_change_is_offered_it(sign_in, world, place, hint, may) -> None:
    page = sign_in(hint).get(f"/organisations/{world.organisation('glass').ref}/people")
    assert (place("customer") in page.text) is may
    assert ("/people/invitations" in page.text) is may


def test_a_list_asks_the_same_number_of_questions_whatever_its_length(app, sign_in, world) -> None:
    glass, client = world.organisation("glass"), sign_in("customer-admin")
    page = f"/organisations/{glass.ref}/people"
    with statements(app) as few:
        client.get(page)
    with world.session() as session:
        for number in range(120):
            person = Person(name=f"Colleague {number:03}", email=f"c{number}@example.com", created_at=now())
            session.add(person)
            session.flush()
            session.add(Membership(person_id=person.id, organisation_id=glass.id, is_customer=True, started_at=now()))
        session.commit()
    with statements(app) as many:
        first = client.get(page).text
    assert len(many) == len(few) <= 6
    assert first.count('class="cell-title"') == 50
    following = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert client.get(following).text.count('class="cell-title"') == 50


# ── Rights ────────────────────────────────────────────────────────────────────────────────────────


def test_the_administrator_sets_level_and_areas(sign_in, place, membership, rights, kinds) -> None:
    client = sign_in("customer-admin")
    assert client.get(place("customer")).status_code == 200
    response = client.send(place("customer"), rights("customer", level="admin", areas=["support"]))
    assert response.status_code == 303
    held = membership("customer")
    assert (held.level, held.areas) == (Level.ADMIN, {Area.SUPPORT})
    assert kinds()[-1] == "membership-changed"


def test_it_holds_from_the_next_request(sign_in, place, rights, world) -> None:
    colleague = sign_in("customer")
    invitations = f"/organisations/{world.organisation('glass').ref}/people/invitations"
    assert colleague.get(invitations).status_code == 403
    sign_in("customer-admin").send(place("customer"), rights("customer", level="admin"))
    assert colleague.get(invitations).status_code == 200


def test_a_stale_version_is_refused(sign_in, place, membership, rights) -> None:
    stale = rights("customer", level="admin")
    client = sign_in("customer-admin")
    client.send(place("customer"), rights("customer", areas=["support"]))
    assert client.send(place("customer"), stale).status_code == 409
    assert membership("customer").level == Level.MEMBER


def test_a_form_without_a_level_is_refused(sign_in, place, rights) -> None:
    assert sign_in("customer-admin").send(place("customer"), rights("customer", level="")).status_code == 422


def test_a_capacity_that_the_company_does_not_have_is_refused(sign_in, place, rights) -> None:
    response = sign_in("customer-admin").send(place("customer"), rights("customer", capacities=["partner"]))
    assert response.status_code == 422


def test_nobody_widens_their_own_rights(sign_in, place, membership, rights, world) -> None:
    with world.session() as session:
        held = session.get_one(Membership, membership("customer-admin").id)
        held.areas = frozenset({Area.SUPPORT})
        session.commit()
    client = sign_in("customer-admin")
    wider = rights("customer-admin", areas=["support", "orders"])
    assert client.send(place("customer-admin"), wider).status_code == 409
    assert membership("customer-admin").areas == {Area.SUPPORT}


def test_the_last_administrator_stays_one(sign_in, place, membership, rights) -> None:
    client = sign_in("customer-admin")
    assert client.send(place("customer-admin"), rights("customer-admin", level="member")).status_code == 409
    assert client.send(f"{place('customer-admin')}/ending").status_code == 409
    assert membership("customer-admin").is_active
    client.send(place("customer"), rights("customer", level="admin"))
    assert client.send(place("customer-admin"), rights("customer-admin", level="member")).status_code == 303


def test_ending_a_membership_acts_at_once(sign_in, place, membership, kinds, world) -> None:
    colleague = sign_in("customer")
    people = f"/organisations/{world.organisation('glass').ref}/people"
    assert colleague.get(people).status_code == 200
    assert sign_in("customer-admin").send(f"{place('customer')}/ending").status_code == 303
    assert not membership("customer").is_active
    assert colleague.get(people).status_code == 403
    assert kinds()[-1] == "membership-ended"
    assert sign_in("customer-admin").get(place("customer")).status_code == 404


@pytest.mark.parametrize(
    ("hint", "status"),
    [("rival", 404), ("customer", 403), ("partner-admin", 403), ("agent", 403), ("auditor", 403), ("buyer", 404)],
)
def test_nobody_else_changes_rights(sign_in, place, membership, rights, hint, status) -> None:
    client = sign_in(hint)
    assert client.get(place("customer")).status_code == status
    assert client.send(place("customer"), rights("customer", level="admin")).status_code == status
    assert client.send(f"{place('customer')}/ending").status_code == status
    held = membership("customer")
    assert (held.level, held.is_active) == (Level.MEMBER, True)


@pytest.mark.parametrize(
    ("hint", "company", "member", "status"),
    [
        ("account-manager", "glass", "customer", 303),
        ("account-manager", "bakery", "rival", 403),
        ("buyer", "looms", "supplier", 303),
        ("channel-manager", "wolf", "partner", 303),
        ("admin", "bakery", "rival", 303),
    ],
)
def test_staff_change_rights_where_they_may_write(sign_in, place, rights, hint, company, member, status) -> None:
    response = sign_in(hint).send(place(member, company), rights(member, company, areas=["support"]))
    assert response.status_code == status


def test_somebody_of_another_company_is_nobody_here(sign_in, world) -> None:
    glass, rival = world.organisation("glass").ref, world.person("rival").ref
    assert sign_in("customer-admin").get(f"/organisations/{glass}/people/{rival}").status_code == 404


def test_a_signed_out_change_goes_to_sign_in(client, place, rights) -> None:
    response = client.send(place("customer"), rights("customer"))
    assert (response.status_code, response.location.partition("?")[0]) == (303, "/sign-in")


# ── Invitations ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def invitations(world):
    def invitations() -> list[Invitation]:
        with world.session() as session:
            return list(session.scalars(sa.select(Invitation).order_by(Invitation.id)))

    return invitations


def form(**changes) -> dict:
    wanted = {
        "email": "new@mesicni-lipa.example.com",
        "level": "member",
        "capacities": ["customer"],
        "areas": ["support"],
        "language": "cs",
    }
    return {**wanted, **changes}


def test_inviting_a_colleague_shows_the_link_once(sign_in, world, invitations, kinds) -> None:
    client, page = sign_in("customer-admin"), f"/organisations/{world.organisation('glass').ref}/people/invitations"
    response = client.send(page, form())
    assert (response.status_code, response.location) == (303, page)
    (made,) = invitations()
    assert (made.email, made.level, made.capacities, made.areas, made.language) == (
        "new@mesicni-lipa.example.com",
        "member",
        "customer",
        "support",
        "cs",
    )
    assert kinds()[-1] == "person-invited"
    first = client.get(page).text
    assert "http://localhost/invitations/" in first
    assert "new@mesicni-lipa.example.com" in first
    assert "http://localhost/invitations/" not in client.get(page).text
    link = first.partition("http://localhost")[2].partition('"')[0]
    assert client.get(link).status_code == 200


def test_an_invitation_that_is_no_address_is_refused(sign_in, world, invitations) -> None:
    page = f"/organisations/{world.organisation('glass').ref}/people/invitations"
    response = sign_in("customer-admin").send(page, form(email="nobody"))
    assert response.status_code == 422
    assert 'value="nobody"' in response.text
    assert invitations() == []


def test_whoever_belongs_already_is_not_invited(sign_in, world, invitations) -> None:
    page, known = f"/organisations/{world.organisation('glass').ref}/people/invitations", world.person("customer")
    with world.session() as session:
        identity = Identity(provider="x", issuer="x", subject="x", created_at=now(), last_used_at=now())
        identity.person_id = known.id
        session.add(identity)
        session.commit()
    response = sign_in("customer-admin").send(page, form(email=known.email))
    assert response.status_code == 409
    assert invitations() == []


def test_an_invitation_is_withdrawn(sign_in, world, invitations, kinds) -> None:
    client, page = sign_in("customer-admin"), f"/organisations/{world.organisation('glass').ref}/people/invitations"
    client.send(page, form())
    (made,) = invitations()
    assert client.send(f"{page}/{made.ref}/revocation").status_code == 303
    assert invitations()[0].revoked_at is not None
    assert kinds()[-1] == "invitation-revoked"


@pytest.mark.parametrize(("hint", "status"), [("customer", 403), ("rival", 404), ("agent", 403), ("newcomer", 403)])
def test_nobody_else_invites(sign_in, world, invitations, hint, status) -> None:
    client, page = sign_in(hint), f"/organisations/{world.organisation('glass').ref}/people/invitations"
    assert client.get(page).status_code == status
    assert client.send(page, form()).status_code == status
    assert invitations() == []


def test_another_companys_invitation_is_no_matter_of_mine(sign_in, world, invitations) -> None:
    theirs = f"/organisations/{world.organisation('bakery').ref}/people/invitations"
    sign_in("rival").send(theirs, form())
    (made,) = invitations()
    mine = f"/organisations/{world.organisation('glass').ref}/people/invitations"
    assert sign_in("customer-admin").send(f"{mine}/{made.ref}/revocation").status_code == 404
    assert invitations()[0].revoked_at is None


def test_nobody_invites_themselves(sign_in, world, invitations) -> None:
    page = f"/organisations/{world.organisation('glass').ref}/people/invitations"
    mine = form(email=world.person("account-manager").email)
    assert sign_in("account-manager").send(page, mine).status_code == 409
    assert invitations() == []


def test_the_administrator_lets_a_member_decide_on_quotations(sign_in, place, membership, rights, world) -> None:
    client = sign_in("customer-admin")
    assert 'name="decides_quotations"' in client.get(place("customer")).get_data(as_text=True)
    assert not world.principal("customer").may(Action.QUOTATION_DECIDE)
    assert client.send(place("customer"), rights("customer", decides_quotations="y")).status_code == 303
    assert membership("customer").decides_quotations
    assert world.principal("customer").may(Action.QUOTATION_DECIDE)
    client.send(place("customer"), rights("customer"))
    assert not membership("customer").decides_quotations


def test_staff_do_not_say_who_speaks_for_a_customer(sign_in, place, membership, rights) -> None:
    staff = sign_in("admin")
    assert 'name="decides_quotations"' not in staff.get(place("customer")).get_data(as_text=True)
    assert staff.send(place("customer"), rights("customer", decides_quotations="y")).status_code == 303
    assert not membership("customer").decides_quotations
