"""The preview says what the import then does, and leaves no trace."""

import pytest

from portal.errors import RuleBroken
from portal.imports.messages import spoken
from portal.imports.models import State
from tests.imports.world import ImportWorld, jsonl
from tests.orders.helpers import LINES, OrderWorld


def test_each_record_is_foretold(imports: ImportWorld, orders: OrderWorld) -> None:
    known, same = orders.shape(), orders.shape()
    orders.feed(known, same)
    told = [
        orders.shape(),
        {**known, "state": "shipped"},
        same,
        orders.shape(total="1.00"),
        {"external_id": "Y1", "state": "sleeping"},
    ]
    run = imports.checked(jsonl(*told))
    assert run.state == State.CHECKED
    rows = imports.rows(run)
    assert [row.action for row in rows] == ["create", "update", "unchanged", "refuse", "refuse"]
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert (rows[1].before["state"], rows[1].after["state"]) == ("confirmed", "shipped")
    assert rows[1].fields == ["state"]
    assert rows[3].fields == ["total"]
    ((field, message, line),) = rows[3].problems
    assert (field, spoken(message), line) == ("total", "It comes to 3686.87, not 1.00.", 4)
    assert "state" in rows[4].fields
    assert run.counts == {"create": 1, "update": 1, "unchanged": 1, "refuse": 2, "applied": 0}


def test_a_preview_leaves_no_trace(imports: ImportWorld, orders: OrderWorld) -> None:
    known = orders.shape()
    orders.feed(known)
    before = imports.dump()
    imports.checked(jsonl(orders.shape(), {**known, "state": "shipped"}))
    assert imports.dump() == before


def test_what_the_preview_says_is_what_happens(imports: ImportWorld, orders: OrderWorld) -> None:
    known = orders.shape()
    orders.feed(known)
    run = imports.checked(jsonl(orders.shape(), {**known, "state": "shipped"}, orders.shape(currency="EURO")))
    foretold = imports.rows(run)
    done = imports.apply(run)
    assert (done.state, done.brought_in, done.percent) == (State.DONE, 2, 100)
    rows = imports.rows(run)
    assert [(row.action, row.before, row.after) for row in rows] == [
        (row.action, row.before, row.after) for row in foretold
    ]
    assert [row.is_applied for row in rows] == [True, True, False]


def test_a_record_that_somebody_changed_here_is_a_conflict(imports: ImportWorld, orders: OrderWorld) -> None:
    shape = orders.shape()
    imports.brought_in(jsonl(shape))
    # Not by an import, and so without its journal.
    orders.feed({**shape, "number": "CHANGED"})
    run = imports.checked(jsonl({**shape, "state": "shipped"}))
    (row,) = imports.rows(run)
    assert row.action == "conflict"
    assert (row.before["number"], row.after["number"]) == ("CHANGED", shape["number"])
    left = imports.apply(run)
    assert (left.state, left.brought_in) == (State.DONE, 0)
    taken = imports.apply(imports.checked(jsonl({**shape, "state": "shipped"})), overwrites=True)
    assert taken.brought_in == 1
    (again,) = orders.feed({**shape, "state": "shipped"})
    assert again.action == "unchanged"


def test_two_records_of_a_file_that_differ_are_a_conflict(imports: ImportWorld, orders: OrderWorld) -> None:
    shape = orders.shape()
    other = {**shape, "number": "OTHER"}
    run = imports.checked(jsonl(shape, orders.shape(), dict(shape), orders.shape(), other))
    assert imports.actions(run) == ["create", "create", "unchanged", "create", "conflict"]
    rows = imports.rows(run)
    assert (rows[2].repeats, rows[4].repeats) == (1, 3)
    assert (rows[4].before["number"], rows[4].after["number"]) == (shape["number"], "OTHER")
    assert imports.apply(run).brought_in == 3
    run = imports.apply(imports.checked(jsonl(other, orders.shape(), shape)), overwrites=True)
    assert imports.actions(run) == ["update", "create", "conflict"]
    (again,) = orders.feed(shape)
    assert again.action == "unchanged"


def test_a_record_may_speak_of_one_before_it(imports: ImportWorld, orders: OrderWorld) -> None:
    offer = orders.shape(kind="quotation", state="accepted", valid_until="2030-12-31")
    between = [orders.shape() for _ in range(3)]
    run = imports.checked(jsonl(offer, *between, orders.shape(quotation=offer["external_id"])))
    assert set(imports.actions(run)) == {"create"}
    assert imports.apply(run).brought_in == 5


def test_what_changes_after_the_preview_is_noticed(imports: ImportWorld, orders: OrderWorld) -> None:
    shape = orders.shape()
    orders.feed(shape)
    content = jsonl({**shape, "state": "shipped"}, orders.shape())
    run = imports.checked(content)
    orders.feed({**shape, "number": "CHANGED"})
    done = imports.apply(run)
    assert imports.actions(done) == ["moved", "create"]
    assert done.counts["applied"] == 1
    whole = imports.checked(jsonl({**shape, "state": "delivered"}, orders.shape()))
    orders.feed({**shape, "number": "AGAIN"})
    before = imports.dump()
    failed = imports.apply(whole, is_whole=True)
    assert failed.state == State.FAILED
    assert imports.dump() == before


def test_all_or_nothing_asks_for_a_sound_file(imports: ImportWorld, orders: OrderWorld) -> None:
    run = imports.checked(jsonl(orders.shape(), orders.shape(total="1.00")))
    with pytest.raises(RuleBroken):
        imports.apply(run, is_whole=True)


def test_orders_of_another_kind_are_not_brought_in(imports: ImportWorld, orders: OrderWorld) -> None:
    purchase = orders.shape("looms", kind="purchase", state="ordered")
    run = imports.checked(jsonl(purchase))
    assert imports.actions(run) == ["refuse"]
    assert imports.actions(imports.checked(jsonl(orders.shape(kind="sales")), "purchase-orders")) == ["refuse"]


def test_lines_without_a_cost_are_unchanged_the_second_time(imports: ImportWorld, orders: OrderWorld) -> None:
    shape = orders.shape(lines=[{**LINES[0], "confirmed_on": "2030-03-16"}])
    imports.brought_in(jsonl(shape))
    assert imports.actions(imports.checked(jsonl(shape))) == ["unchanged"]
