"""An import is taken back whole, as long as nothing newer touched what it brought in."""

import pytest
import sqlalchemy as sa

from portal.accounts.models import Membership, Person
from portal.errors import RuleBroken
from portal.imports.messages import spoken
from portal.imports.models import State
from portal.orders.models import Order
from tests.imports.world import ImportWorld, jsonl
from tests.orders.helpers import LINES, OrderWorld
from tests.world import World

# What only counts how often something was written.
MOVING = frozenset({"version", "public_version", "activity_at", "public_at"})


def test_what_was_made_is_gone_again(imports: ImportWorld, orders: OrderWorld) -> None:
    orders.feed(orders.shape())
    before = imports.dump()
    run = imports.brought_in(jsonl(*(orders.shape() for _ in range(5))))
    undone = imports.undo(run)
    assert (undone.state, undone.brought_in) == (State.UNDONE, 0)
    assert imports.dump() == before


def test_what_was_changed_is_as_it_was(imports: ImportWorld, orders: OrderWorld) -> None:
    shape = orders.shape()
    (outcome,) = orders.feed(shape)
    before = orders.reload(outcome.record)  # type: ignore[arg-type]
    run = imports.brought_in(jsonl({**shape, "state": "shipped", "lines": [{**LINES[0], "quantity": "8"}]}))
    assert imports.undo(run).state == State.UNDONE
    after = orders.reload(before)
    assert (after.state, after.details.total, len(after.lines)) == ("confirmed", before.details.total, 2)
    (again,) = orders.feed(shape)
    assert again.action == "unchanged"


def test_what_somebody_touched_since_keeps_all_of_it(imports: ImportWorld, orders: OrderWorld, world: World) -> None:
    shape = orders.shape()
    run = imports.brought_in(jsonl(orders.shape(), shape))
    orders.feed({**shape, "state": "shipped"})
    before = imports.dump()
    left = imports.undo(run)
    assert (left.state, left.brought_in) == (State.DONE, 2)
    assert spoken(left.reason).endswith(": 2.")
    assert imports.dump() == before


def test_imports_are_taken_back_one_after_the_other(imports: ImportWorld, orders: OrderWorld, world: World) -> None:
    shape = orders.shape()
    before = imports.dump()
    first = imports.brought_in(jsonl(shape, orders.shape()))
    second = imports.brought_in(jsonl({**shape, "state": "shipped"}))
    assert imports.undo(first).state == State.DONE
    assert imports.undo(second).state == State.UNDONE
    assert imports.undo(first).state == State.UNDONE
    assert imports.dump() == before


def test_a_record_of_which_the_file_speaks_twice(imports: ImportWorld, orders: OrderWorld) -> None:
    shape = orders.shape()
    before = imports.dump()
    run = imports.brought_in(jsonl(shape, orders.shape(), {**shape, "number": "OTHER"}), overwrites=True)
    assert run.brought_in == 3
    assert imports.undo(run).state == State.UNDONE
    assert imports.dump() == before


def test_only_what_is_done_is_taken_back(imports: ImportWorld, orders: OrderWorld, world: World) -> None:
    run = imports.checked(jsonl(orders.shape()))
    with pytest.raises(RuleBroken):
        imports.undo(run)
    imports.apply(run)
    imports.undo(run)
    with pytest.raises(RuleBroken):
        imports.undo(run)
    with world.session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0


def contact(world: World, **told: str) -> dict[str, str]:
    company = world.organisation("glass").ref
    return {"external_id": "C1", "name": "Jana N.", "email": "jana@example.com", "organisation": company, **told}


def jana(world: World) -> Person | None:
    with world.session() as session:
        statement = sa.select(Person).where(Person.email == "jana@example.com")
        return session.scalars(statement.options(sa.orm.undefer_group("contact"))).one_or_none()


def test_people_are_taken_back(imports: ImportWorld, world: World) -> None:
    first = imports.brought_in(jsonl(contact(world, phone="111")), "people")
    second = imports.brought_in(jsonl(contact(world, phone="222")), "people")
    assert imports.undo(first).state == State.DONE
    assert imports.undo(second).state == State.UNDONE
    found = jana(world)
    assert found is not None
    assert found.phone == "111"
    assert imports.undo(first).state == State.UNDONE
    assert jana(world) is None


def test_what_somebody_wrote_of_a_person_since_is_not_overwritten(imports: ImportWorld, world: World) -> None:
    imports.brought_in(jsonl(contact(world, phone="111")), "people")
    run = imports.brought_in(jsonl(contact(world, phone="222")), "people")
    found = jana(world)
    assert found is not None
    with world.session() as session:
        session.get_one(Person, found.id).phone = "333"
        session.commit()
    left = imports.undo(run)
    assert (left.state, left.brought_in) == (State.DONE, 1)
    assert spoken(left.reason).endswith(": 1.")
    found = jana(world)
    assert found is not None
    assert found.phone == "333"


def test_a_contact_whom_somebody_has_given_rights_stays(imports: ImportWorld, world: World) -> None:
    run = imports.brought_in(jsonl(contact(world)), "people")
    with world.session() as session:
        session.scalars(
            sa.select(Membership).join(Person).where(Person.email == "jana@example.com")
        ).one().in_orders = True
        session.commit()
    assert imports.undo(run).state == State.DONE
    assert jana(world) is not None
