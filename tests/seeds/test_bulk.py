"""`portal seed`, through the real command."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from portal.access import Level
from portal.access.scope import acting_as, unscoped
from portal.accounts.models import Identity, Membership, Person, SignInSession, StaffRole, Team, TeamMember
from portal.accounts.sessions import principal_of_person
from portal.demo.cast import CAST
from portal.extensions import db
from portal.files.models import Attachment
from portal.files.storage import storage
from portal.notices.models import Notice
from portal.organisations.models import Activity, Audience, Organisation, PartnerLink, Share
from portal.seeds.cli import seed
from portal.seeds.loading import Sink, counted_ref
from portal.tickets.lifecycle import State
from portal.tickets.messages import Message, MessageReader, SearchEntry
from portal.tickets.models import Ticket, TicketCopy
from tests.conftest import make_app
from tests.databases import SqliteDatabase, dispose
from tests.world import World

SIZES = {"organisations": 12, "people": 80, "tickets": 300}
TABLES = (Organisation, Person, Ticket)


@pytest.fixture
def plant(app: Flask) -> Callable[..., Result]:
    def plant(app: Flask = app, **options: int) -> Result:
        arguments = [f"--{name}={value}" for name, value in {**SIZES, **options}.items()]
        return app.test_cli_runner().invoke(seed, arguments, catch_exceptions=False)

    return plant


def count(world: World, model: type) -> int:
    with world.session() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_adds_what_was_asked_for(world: World, plant: Callable[..., Result]) -> None:
    before = {model: count(world, model) for model in TABLES}
    result = plant()
    assert result.exit_code == 0
    assert "Added 300 tickets" in result.output
    added = [count(world, model) - before[model] for model in TABLES]
    assert added == list(SIZES.values())


def test_second_run_adds_without_clashes(world: World, plant: Callable[..., Result]) -> None:
    plant()
    assert plant().exit_code == 0
    assert count(world, Ticket) == 600
    ticket = world.make_ticket("customer")
    assert ticket.id > 600, "ids go on where the seeded ones end"


def test_every_state_and_kind_of_row_is_there(app: Flask, world: World, plant: Callable[..., Result]) -> None:
    plant(organisations=60, people=300, tickets=1000)
    with world.session() as session:
        assert set(session.scalars(sa.select(Ticket.state).distinct())) == set(State)
        assert set(session.scalars(sa.select(Message.audience).distinct())) == set(Audience)
        for model in (TicketCopy, Attachment, Notice, PartnerLink, Share, Activity):
            assert session.scalar(sa.select(model.id).limit(1)) is not None, model
        assert session.scalar(sa.select(Ticket.id).where(Ticket.opened_by_organisation_id.is_not(None)).limit(1))
        restricted = sa.select(Ticket.id).join(Team).where(Team.is_restricted).limit(1)
        assert session.scalar(restricted) is not None
        per_ticket = session.scalar(sa.select(sa.func.count()).select_from(Message)) / 1000
        assert 3 < per_ticket < 6
        languages = set(session.scalars(sa.select(Organisation.language).distinct()))
        assert languages == {"en", "cs", "uk", "pl", "lt", "fa"}
        sha256 = session.scalars(sa.select(Attachment.sha256)).first()
        assert storage().exists(sha256)


def test_one_company_is_far_busier_than_the_others(world: World, plant: Callable[..., Result]) -> None:
    plant()
    with world.session() as session:
        counts = sa.select(sa.func.count()).select_from(Ticket).group_by(Ticket.organisation_id)
        first, second, *_ = sorted(session.scalars(counts), reverse=True)
    assert first >= 75
    assert first > second


def test_every_word_is_found_that_still_stands(app: Flask, world: World, plant: Callable[..., Result]) -> None:
    plant()
    with world.session() as session:
        standing = session.scalar(sa.select(sa.func.count()).select_from(Message).where(Message.withdrawn_at.is_(None)))
    assert count(world, SearchEntry) == standing + 300
    with app.app_context(), unscoped("test"), db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            # Raises where the index and the rows differ.
            connection.exec_driver_sql(
                "INSERT INTO search_entry_fts (search_entry_fts, rank) VALUES ('integrity-check', 1)"
            )
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
            assert "search_entry_insert" in names


def visible(app: Flask, person_id: int) -> set[int]:
    with app.app_context():
        who = principal_of_person(person_id)
        assert who is not None
        with acting_as(db.session(), who):
            return set(db.session.scalars(sa.select(Ticket.id)))


def test_member_and_admin_reach_what_is_theirs(app: Flask, world: World, plant: Callable[..., Result]) -> None:
    plant()
    with world.session() as session:
        busiest = sa.select(Ticket.organisation_id).group_by(Ticket.organisation_id)
        company = session.scalar(busiest.order_by(sa.func.count().desc()).limit(1))
        people = session.execute(
            sa.select(Membership.person_id, Membership.level)
            .where(Membership.organisation_id == company, Membership.ended_at.is_(None), Membership.in_support)
            .order_by(Membership.id)
        ).all()
        tickets = session.execute(sa.select(Ticket.id, Ticket.author_id).where(Ticket.organisation_id == company)).all()
        copies = session.execute(sa.select(TicketCopy.ticket_id, TicketCopy.person_id)).all()
        shared = set(session.scalars(sa.select(Share.record_id).where(Share.organisation_id == company)))
    member = next(person for person, level in people if level == Level.MEMBER)
    admin = next(person for person, level in people if level == Level.ADMIN)
    own = {ticket for ticket, author in tickets if author == member}
    own |= {ticket for ticket, person in copies if person == member}
    assert own
    assert visible(app, member) - shared == own - shared
    assert visible(app, admin) - shared == {ticket for ticket, _ in tickets} - shared


def test_agent_reaches_own_teams_and_what_is_unrestricted(
    app: Flask, world: World, plant: Callable[..., Result]
) -> None:
    plant(tickets=1000)
    with world.session() as session:
        agent = session.scalars(sa.select(StaffRole.person_id).where(StaffRole.role == "agent")).all()[-1]
        teams = set(session.scalars(sa.select(TeamMember.team_id).where(TeamMember.person_id == agent)))
        tickets = session.execute(sa.select(Ticket.id, Ticket.team_id, Team.is_restricted).join(Team)).all()
    expected = {ticket for ticket, team, is_restricted in tickets if team in teams or not is_restricted}
    assert visible(app, agent) == expected
    assert any(is_restricted and team not in teams for _, team, is_restricted in tickets)


def test_notes_have_no_readers_and_replies_have_their_company(world: World, plant: Callable[..., Result]) -> None:
    plant()
    with world.session() as session:
        reader = sa.exists().where(MessageReader.message_id == Message.id)
        assert not session.scalar(sa.select(sa.func.count(Message.id)).where(Message.audience == "staff", reader))
        own = reader.where(MessageReader.organisation_id == Ticket.organisation_id)
        unheard = sa.select(sa.func.count(Message.id)).join(Ticket).where(Message.audience == "companies", ~own)
        assert not session.scalar(unheard)


def test_refuses_production(app: Flask, world: World, plant: Callable[..., Result], monkeypatch) -> None:
    production = app.extensions["portal_settings"].model_copy(update={"environment": "production"})
    monkeypatch.setitem(app.extensions, "portal_settings", production)
    result = plant()
    assert result.exit_code == 1
    assert "not for production" in result.output
    monkeypatch.undo()
    assert count(world, Ticket) == 0


@pytest.fixture
def empty(tmp_path: Path):
    """A database that nobody migrated."""
    made = make_app(SqliteDatabase(tmp_path), tmp_path)
    yield made
    dispose(made)


def test_brings_the_cast_to_an_empty_database(empty: Flask) -> None:
    with empty.app_context():
        from flask_migrate import upgrade

        upgrade()
    result = empty.test_cli_runner().invoke(seed, ["--organisations=5", "--people=40", "--tickets=20"])
    assert result.exit_code == 0
    world = World(empty)
    with world.session() as session:
        subjects = set(session.scalars(sa.select(Identity.subject)))
    assert {person.subject for person in CAST} <= subjects
    assert count(world, SignInSession) == 0


def test_says_that_a_database_must_be_migrated_first(empty: Flask) -> None:
    result = empty.test_cli_runner().invoke(seed, [])
    assert result.exit_code == 1
    assert "portal db upgrade" in result.output


def test_the_same_seed_gives_the_same_world(tmp_path: Path) -> None:
    def subjects(name: str, number: int) -> list[str]:
        (tmp_path / name).mkdir()
        app = make_app(SqliteDatabase(tmp_path / name), tmp_path)
        with app.app_context():
            from flask_migrate import upgrade

            upgrade()
        app.test_cli_runner().invoke(seed, ["--organisations=5", "--people=40", "--tickets=50", f"--seed={number}"])
        with World(app).session() as session:
            found = session.scalars(sa.select(Ticket.ref + " " + Ticket.subject).order_by(Ticket.id)).all()
        dispose(app)
        return list(found)

    first = subjects("first", 7)
    assert len(first) == 50
    assert subjects("again", 7) == first
    assert subjects("other", 8) != first


def test_counted_references_never_meet() -> None:
    assert len({counted_ref("T", number) for number in range(200_000)}) == 200_000
    assert len(counted_ref("T", 1)) == len("T-7F3KQ92D")


def test_a_column_that_nobody_fills_is_named() -> None:
    with pytest.raises(ValueError, match="subject"):
        Sink(Ticket, ["category"], 1)
