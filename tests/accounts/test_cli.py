"""`portal staff` and `portal invite`."""

import pytest
import sqlalchemy as sa
from click.testing import Result

from portal.accounts.cli import invite_person, staff
from portal.accounts.joining import Invitation
from portal.jobs.models import Job

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()

    def run(command, *arguments: str) -> Result:
        return runner.invoke(command, list(arguments))

    return run


def link_in(output: str) -> str:
    (line,) = [line for line in output.splitlines() if line.startswith("http://localhost/invitations/")]
    return line.removeprefix("http://localhost")


def test_the_first_administrator_gets_a_link_that_works(run, client) -> None:
    result = run(staff, "add", "boss@example.com", "--role", "admin")
    assert result.exit_code == 0, result.output
    assert "boss@example.com" in result.output
    page = client.get(link_in(result.output))
    assert page.status_code == 200
    assert "boss@example.com" in page.text
    assert "Administrator of the portal" in page.text


@pytest.mark.parametrize(
    "arguments",
    [
        ("nobody", "--role", "admin"),
        ("a@b@c", "--role", "admin"),
        ("a@example.com",),
        ("a@example.com", "--role", "king"),
    ],
)
def test_what_makes_no_sense_is_refused(run, world, arguments) -> None:
    assert run(staff, "add", *arguments).exit_code == 2
    with world.session() as session:
        assert session.scalars(sa.select(Invitation)).all() == []


def test_it_is_mailed_on_request_alone(run, world) -> None:
    for options in ((), ("--send",)):
        assert run(staff, "add", f"a{len(options)}@example.com", "--role", "agent", *options).exit_code == 0
        with world.session() as session:
            assert len(session.scalars(sa.select(Job)).all()) == len(options)


def test_staff_are_listed(run) -> None:
    result = run(staff, "list")
    assert result.exit_code == 0
    assert "agent\talice.hartwell@lanternfield.example.com\tAlice Hartwell" in result.output
    assert "Božena" not in result.output


def test_somebody_is_invited_into_a_company(run, client, world) -> None:
    glass = world.organisation("glass")
    result = run(invite_person, "new@example.com", "--organisation", glass.ref, "--level", "admin", "--area", "support")
    assert result.exit_code == 0, result.output
    assert glass.name in client.get(link_in(result.output)).text
    with world.session() as session:
        made = session.scalars(sa.select(Invitation)).one()
    assert (made.level, made.areas, made.capacities, made.language) == ("admin", "support", "customer", "cs")


@pytest.mark.parametrize(
    "options", [("--organisation", "O-NOBODY00"), ("--organisation", "{glass}", "--capacity", "partner"), ()]
)
def test_a_company_that_makes_no_sense_is_refused(run, world, options) -> None:
    glass = world.organisation("glass").ref
    result = run(invite_person, "new@example.com", *(option.format(glass=glass) for option in options))
    assert result.exit_code == 2


def test_who_belongs_already_is_not_invited(run, world) -> None:
    result = run(invite_person, world.person("customer").email, "--organisation", world.organisation("glass").ref)
    assert result.exit_code == 1
    assert "belongs to the company already" in result.output
