"""The session narrows, the engine guards, and what no rule allows is not written."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased

from portal.access.scope import OutOfScope
from portal.accounts.models import Person
from portal.extensions import db
from portal.organisations.models import Organisation
from portal.tickets.models import Ticket
from tests.world import World


def test_without_a_principal_nothing_is_readable(world: World) -> None:
    with world.app.app_context(), pytest.raises(OutOfScope):
        db.session.scalars(sa.select(Organisation)).all()


def test_the_engine_refuses_a_statement_that_no_session_narrowed(world: World) -> None:
    with world.app.app_context(), db.engine.connect() as connection, pytest.raises(OutOfScope):
        connection.execute(sa.select(Organisation.__table__))


def test_a_customer_reads_the_own_company_alone(world: World) -> None:
    with world.as_("customer") as session:
        names = session.scalars(sa.select(Organisation.name)).all()
    assert names == [world.organisation("glass").name]


def test_a_partner_reads_linked_customers_while_the_link_stands(world: World) -> None:
    with world.as_("partner") as session:
        names = set(session.scalars(sa.select(Organisation.name)))
    assert names == {world.organisation("wolf").name, world.organisation("glass").name}
    with world.as_("rival-partner") as session:
        assert world.organisation("glass").name not in set(session.scalars(sa.select(Organisation.name)))


@pytest.mark.parametrize(
    "statement",
    [
        lambda: sa.select(Organisation.__table__),
        lambda: sa.text("SELECT name FROM organisation"),  # noqa: TID251  # what the rule is about
        lambda: sa.update(Organisation).values(name="x"),
        lambda: sa.delete(Organisation),
    ],
)
def test_what_cannot_be_narrowed_is_refused(world: World, statement) -> None:
    with world.as_("customer") as session, pytest.raises(OutOfScope):
        session.execute(statement())


def test_a_customer_writes_no_company_but_the_own_admin_does(world: World) -> None:
    with world.as_("customer") as session:
        session.scalars(sa.select(Organisation)).one().country = "SK"
        with pytest.raises(OutOfScope):
            session.flush()
    with world.as_("customer-admin") as session:
        session.scalars(sa.select(Organisation)).one().country = "SK"
        session.commit()
    assert world.organisation("glass").country == "SK"


def test_a_field_outside_the_lens_raises_when_it_is_touched(world: World) -> None:
    with world.as_("customer") as session:
        organisation = session.scalars(sa.select(Organisation)).one()
        with pytest.raises(sa.exc.InvalidRequestError, match="raiseload"):
            _ = organisation.phase


def test_an_alias_is_narrowed_wherever_it_stands(world: World) -> None:
    """The author of a ticket is known to the reader, its assignee is not: nobody of theirs, and never heard of."""
    author, assignee, other = Person, aliased(Person), aliased(Organisation)
    ticket = world.make_ticket("customer", subject="Two people", assignee_id=world.person_id("agent-2"))
    with world.as_("customer") as session:
        both = sa.select(author.name, assignee.name).select_from(Ticket).where(Ticket.id == ticket.id)
        named = session.execute(
            both.join(author, author.id == Ticket.author_id).outerjoin(assignee, assignee.id == Ticket.assignee_id)
        ).one()
        joined = session.execute(
            both.join(author, author.id == Ticket.author_id).join(assignee, assignee.id == Ticket.assignee_id)
        ).all()
        chosen = session.scalars(sa.select(assignee.name).where(assignee.id == ticket.assignee_id)).all()
        pairs = session.execute(sa.select(Organisation.name, other.name).join(other, sa.true())).all()
    glass = world.organisation("glass").name
    assert tuple(named) == (world.person("customer").name, None)
    assert (joined, chosen) == ([], [])
    assert [tuple(pair) for pair in pairs] == [(glass, glass)]


def test_an_alias_is_narrowed_to_whoever_asks_now(world: World) -> None:
    """The same statement, compiled once, for one reader after another."""
    other = aliased(Organisation)
    statement = sa.select(other.name).select_from(Organisation).join(other, sa.true())
    for hint, company in (("customer", "glass"), ("rival", "bakery"), ("supplier", "looms"), ("customer", "glass")):
        name = world.organisation(company).name
        with world.as_(hint) as session:
            assert session.scalars(statement).all() == [name]


@pytest.mark.parametrize(
    "statement",
    [
        lambda: sa.select(Organisation.phase),
        lambda: sa.select(Organisation.name).where(Organisation.segment == "A"),
        lambda: sa.select(Organisation.name).order_by(Organisation.abc_class),
    ],
)
def test_a_field_outside_the_lens_is_neither_shown_nor_filtered_nor_sorted_by(world: World, statement) -> None:
    with world.as_("customer") as session, pytest.raises(OutOfScope, match="lens"):
        session.execute(statement())
    with world.as_("account-manager") as session:
        session.execute(statement()).all()


def test_each_part_of_a_union_is_narrowed(world: World) -> None:
    statement = sa.union_all(sa.select(Organisation.name), sa.select(Person.name), sa.select(Ticket.subject))
    world.make_ticket("rival", subject="Not for others")
    with world.as_("customer") as session:
        names = set(session.scalars(statement))
    assert world.organisation("glass").name in names
    assert names.isdisjoint({world.organisation("bakery").name, world.person("rival").name, "Not for others"})
