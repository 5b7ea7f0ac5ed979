"""Teams: who works together, on what, and what keeps a ticket from being without one."""

import pytest
import sqlalchemy as sa

from portal.accounts.models import CategoryTeam, Team, TeamMember

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def members(world):
    def members(key: str) -> set[int]:
        team = world.team(key)
        with world.session() as session:
            return set(session.scalars(sa.select(TeamMember.person_id).where(TeamMember.team_id == team.id)))

    return members


def form(world, key: str, **changes) -> dict:
    team = world.team(key)
    return {"version": team.version, "name": team.name, "mailbox": "", **changes}


PAGES = ("/settings/teams", "/settings/teams/new")


def test_the_administrator_sees_them(sign_in, world) -> None:
    client = sign_in("admin")
    page = client.get("/settings/teams")
    assert page.status_code == 200
    assert "Customer care" in page.text
    assert "Members alone" in page.text
    assert client.get(f"/settings/teams/{world.team('care').ref}").status_code == 200


@pytest.mark.parametrize("hint", ["agent", "account-manager", "auditor", "customer-admin", "newcomer", "moderator"])
def test_nobody_else_does(sign_in, world, hint) -> None:
    client, team = sign_in(hint), f"/settings/teams/{world.team('care').ref}"
    for page in (*PAGES, team):
        assert client.get(page).status_code == 403
    assert client.send("/settings/teams", {"name": "Mine"}).status_code == 403
    assert client.send(team, form(world, "care", name="Mine")).status_code == 403
    assert client.send(f"{team}/removal").status_code == 403
    assert client.send("/settings/categories", {}).status_code == 403


def test_signed_out_goes_to_sign_in(client) -> None:
    for page in PAGES:
        assert client.get(page).location.startswith("/sign-in")
    assert client.send("/settings/teams", {"name": "Mine"}).location.startswith("/sign-in")


def test_a_team_is_made(sign_in, world) -> None:
    agent = world.person("agent")
    response = sign_in("admin").send(
        "/settings/teams",
        {"name": "Night shift", "mailbox": "night@example.com", "is_restricted": "y", "members": [agent.ref]},
    )
    assert response.status_code == 303
    with world.session() as session:
        team = session.scalars(sa.select(Team).where(Team.name == "Night shift")).one()
        assert (team.mailbox, team.is_restricted) == ("night@example.com", True)
        assert session.scalars(sa.select(TeamMember.person_id).where(TeamMember.team_id == team.id)).all() == [agent.id]


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "Customer care"}, {"name": "New", "mailbox": "nowhere"}])
def test_what_is_wrong_with_a_team_is_said(sign_in, wrong) -> None:
    response = sign_in("admin").send("/settings/teams", wrong)
    assert response.status_code == 422
    assert "error-summary" in response.text


def test_a_team_is_renamed_and_its_members_change(sign_in, world, members) -> None:
    new = world.person("agent-2")
    ref = world.team("care").ref
    wanted = form(world, "care", name="Care", members=[new.ref])
    assert sign_in("admin").send(f"/settings/teams/{ref}", wanted).status_code == 303
    with world.session() as session:
        team = session.scalars(sa.select(Team).where(Team.name == "Care")).one()
        assert team.ref == ref
        held = session.scalars(sa.select(TeamMember.person_id).where(TeamMember.team_id == team.id)).all()
        assert held == [new.id]


def test_members_alone_make_a_look_stale_too(sign_in, world, members) -> None:
    client, ref = sign_in("admin"), world.team("care").ref
    seen = form(world, "care", members=[world.person("agent").ref])
    assert client.send(f"/settings/teams/{ref}", {**seen, "members": []}).status_code == 303
    assert client.send(f"/settings/teams/{ref}", seen).status_code == 409
    assert members("care") == set()


def test_it_acts_on_the_next_request(sign_in, world) -> None:
    agent, ticket = sign_in("agent"), world.make_ticket(team="confidential")
    assert agent.get(f"/tickets/{ticket.ref}").status_code == 404
    wanted = form(world, "confidential", is_restricted="y", members=[world.person("agent").ref])
    sign_in("admin").send(f"/settings/teams/{world.team('confidential').ref}", wanted)
    assert agent.get(f"/tickets/{ticket.ref}").status_code == 200


def test_nobody_joins_a_team_by_their_own_hand(sign_in, world, members) -> None:
    wanted = form(world, "confidential", is_restricted="y", members=[world.person("admin").ref])
    response = sign_in("admin").send(f"/settings/teams/{world.team('confidential').ref}", wanted)
    assert response.status_code == 409
    assert world.person_id("admin") not in members("confidential")


def test_outsiders_are_no_members(sign_in, world, members) -> None:
    wanted = form(world, "care", members=[world.person("customer").ref])
    assert sign_in("admin").send(f"/settings/teams/{world.team('care').ref}", wanted).status_code == 422


def test_new_tickets_go_where_it_is_said(sign_in, world) -> None:
    care, technical = world.team("care"), world.team("technical")
    wanted = dict.fromkeys(("question", "problem", "complaint", "claim", "request"), care.ref)
    assert sign_in("admin").send("/settings/categories", {**wanted, "claim": technical.ref}).status_code == 303
    with world.session() as session:
        teams = dict(session.execute(sa.select(CategoryTeam.category, CategoryTeam.team_id)).all())
    assert teams == {**dict.fromkeys(wanted, care.id), "claim": technical.id}


def test_a_category_always_has_a_team(sign_in, world) -> None:
    ref = world.team("care").ref
    response = sign_in("admin").send("/settings/categories", {"question": ref, "problem": "TM-NOBODY00"})
    assert response.status_code == 422


def test_a_team_that_new_tickets_go_to_stays(sign_in, world) -> None:
    assert sign_in("admin").send(f"/settings/teams/{world.team('care').ref}/removal").status_code == 409
    assert world.team("care")


def test_a_team_with_tickets_stays(sign_in, world) -> None:
    world.make_ticket(team="confidential")
    response = sign_in("admin").send(f"/settings/teams/{world.team('confidential').ref}/removal")
    assert response.status_code == 409
    assert world.team("confidential")


def test_an_idle_team_goes(sign_in, world) -> None:
    ref = world.team("confidential").ref
    client = sign_in("admin")
    assert client.send(f"/settings/teams/{ref}/removal").status_code == 303
    assert client.get(f"/settings/teams/{ref}").status_code == 404
