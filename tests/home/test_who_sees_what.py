"""The access tables as people read them: drawn from the tables that are enforced."""

import re

import pytest

from portal.access import Noun, Role
from portal.access.scope import _rules
from portal.access.tables import LENS, REACH, VERBS
from portal.access.vocabulary import Action, Area, Capacity, FieldGroup, Ground, Level
from portal.access.words import ACTIONS, AREAS, CAPACITIES, FIELD_GROUPS, GROUNDS, LEVELS, NOUNS, ROLES
from portal.home.access_tables import BUILT, role_tables
from tests.conftest import SignIn
from tests.organisations.helpers import text
from tests.world import World


@pytest.mark.parametrize(
    ("words", "nouns"),
    [
        (ROLES, Role),
        (NOUNS, Noun),
        (GROUNDS, Ground),
        (ACTIONS, Action),
        (FIELD_GROUPS, FieldGroup),
        (CAPACITIES, Capacity),
        (LEVELS, Level),
        (AREAS, Area),
    ],
)
def test_everything_has_a_name(words, nouns) -> None:
    assert set(words) == set(nouns)


def test_nouns_with_records_are_called_built(world: World) -> None:
    nouns = {rule.noun for rule in _rules.values() if rule.noun}
    assert nouns
    assert nouns <= BUILT


def test_the_tables_say_what_is_enforced(world: World) -> None:
    with world.app.test_request_context():
        tables = {table.role: table for table in role_tables(world.principal("agent"))}
    assert set(tables) == set(Role)
    for role, table in tables.items():
        assert sum(len(reached.grounds) for reached in table.reached) == sum(len(r) for r in REACH[role].values())
        assert len(table.verbs) == sum(role in grant.roles for grant in VERBS.values())
        assert len(table.fields) == len(LENS[role])


def test_everybody_reads_it(client, sign_in: SignIn) -> None:
    page = text(client.get("/who-sees-what", headers={"Accept-Language": "en"}))
    assert all(str(name) in page for name in ("Channel manager", "Internal notes", "not yet", "Tickets"))
    assert page.count("<h1") == 1
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert sign_in("newcomer").get("/who-sees-what").status_code == 200


@pytest.mark.parametrize(("hint", "role"), [("buyer", "buyer"), ("partner-admin", "partner-admin")])
def test_the_own_role_comes_first(sign_in: SignIn, hint: str, role: str) -> None:
    page = text(sign_in(hint).get("/who-sees-what"))
    assert re.findall(r'id="role-([\w-]+)"', page)[0] == role
