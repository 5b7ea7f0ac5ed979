"""Whatever a file holds, what the preview says of each of its records is what comes of it."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portal.imports import applying, previewing, verdicts
from portal.imports.models import State
from tests.imports.world import ImportWorld, jsonl
from tests.orders.helpers import OrderWorld
from tests.world import World

Shape = dict[str, Any]
Draw = Callable[[Any], Any]
_ids = st.sampled_from(["1", "2", "3", "4"])
_examples = count(1)


def _order(world: World, tag: str, draw: Draw) -> Shape:
    line = {
        "position": 10,
        "quantity": draw(st.sampled_from(["1", "2.5", "3", "4", "-1"])),
        "unit_price": "10.00",
        "tax_rate": "21",
    }
    return {
        "organisation": draw(
            st.sampled_from(
                [
                    world.organisation("glass").ref,
                    world.organisation("glass").ref,
                    world.organisation("bakery").ref,
                    "?",
                ]
            )
        ),
        "state": draw(st.sampled_from(["ordered", "confirmed", "shipped", "closed", "asleep"])),
        "currency": draw(st.sampled_from(["EUR", "EUR", "EUR", "EUR", "CZK", "EURO"])),
        "number": draw(st.sampled_from(["", "N-1", "N-2"])),
        "lines": [line],
        **draw(st.sampled_from([{}, {}, {}, {"total": "12.10"}, {"kind": "purchase"}])),
    }


def _purchase(world: World, tag: str, draw: Draw) -> Shape:
    told = _order(world, tag, draw)
    organisation = draw(st.sampled_from([world.organisation("looms").ref] * 3 + [world.organisation("glass").ref]))
    return {**told, "kind": "purchase", "organisation": organisation}


def _product(world: World, tag: str, draw: Draw) -> Shape:
    return {
        "code": f"{tag}-{draw(st.sampled_from(['A', 'B', 'C']))}",
        "names": {"en": draw(st.sampled_from(["Lamp", "Lantern"]))},
        "is_active": draw(st.booleans()),
        **draw(st.sampled_from([{}, {"unit": "KGM"}, {"unit": "?"}])),
    }


def _organisation(world: World, tag: str, draw: Draw) -> Shape:
    domain = draw(st.sampled_from(["", f"a{tag}.example", f"b{tag}.example", "not a domain"]))
    return {
        "name": draw(st.sampled_from([f"Company {tag}", f"Works {tag}", ""])),
        "capacities": draw(st.sampled_from([["customer"], ["supplier"], ["customer", "partner"], []])),
        "domain": domain,
        **draw(st.sampled_from([{}, {"phone": "1"}, {"currency": "EUR", "credit_limit": "5.00", "payment_days": 14}])),
    }


def _person(world: World, tag: str, draw: Draw) -> Shape:
    return {
        "name": draw(st.sampled_from(["Věra Nová", "Jan Nový"])),
        "email": draw(st.sampled_from([f"a{tag}@x.example", f"b{tag}@x.example", f"c{tag}@x.example", "nobody"])),
        "organisation": draw(st.sampled_from([world.organisation("glass").ref, world.organisation("looms").ref])),
        **draw(st.sampled_from([{}, {"phone": "+420 1"}, {"job_title": "Buyer"}])),
    }


def _shipment(world: World, tag: str, draw: Draw) -> Shape:
    return {
        "order": draw(st.sampled_from([f"O{tag}-1", f"O{tag}-2", "nowhere"])),
        "state": draw(st.sampled_from(["announced", "in-transit", "delivered"])),
        "tracking_number": draw(st.sampled_from(["", "T1"])),
        "lines": [
            {"position": draw(st.sampled_from([10, 20, 30])), "quantity": draw(st.sampled_from(["1", "3", "99"]))}
        ],
    }


KINDS: dict[str, Callable[[World, str, Draw], Shape]] = {
    "orders": _order,
    "purchase-orders": _purchase,
    "products": _product,
    "organisations": _organisation,
    "people": _person,
    "shipments": _shipment,
}


def _file(world: World, kind: str, tag: str, draw: Draw) -> bytes:
    ids = draw(st.lists(_ids, min_size=1, max_size=7))
    return jsonl(*({"external_id": f"{tag}-{id_}", **KINDS[kind](world, tag, draw)} for id_ in ids))


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=12,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_the_preview_says_what_comes_of_each_record(
    imports: ImportWorld, orders: OrderWorld, monkeypatch: pytest.MonkeyPatch, kind: str, data: st.DataObject
) -> None:
    tag = str(next(_examples))
    world = imports.world
    # Batches smaller than the file: what comes in one of them bears on the next.
    monkeypatch.setitem(verdicts.items.__kwdefaults__, "most", data.draw(st.sampled_from([2, 200])))
    if kind == "shipments":
        orders.feed(*(orders.shape(external_id=f"O{tag}-{number}") for number in (1, 2)))
    # What is known from an earlier file, and what somebody changed since without one.
    imports.brought_in(_file(world, kind, tag, data.draw), kind)
    if data.draw(st.booleans()):
        imports.brought_in(_file(world, kind, tag, data.draw), kind, overwrites=True)
        _forget_journal(imports)
    content = _file(world, kind, tag, data.draw)
    run = imports.checked(content, kind)
    foretold = imports.rows(run)
    overwrites = data.draw(st.booleans())
    done = imports.apply(run, overwrites=overwrites)
    assert done.state == State.DONE
    rows = imports.rows(done)
    shown = content.decode()
    for row, told_before in zip(rows, foretold, strict=True):
        expected = (told_before.action, told_before.before, told_before.after)
        if row.action == "moved":
            # Or it builds on something in conflict that nobody wanted overwritten.
            in_conflict = [other for other in foretold if other.action == "conflict" and other.number < row.number]
            assert _has_two_names(told_before, foretold) or (in_conflict and not overwrites), shown
        else:
            assert (row.action, row.before, row.after) == expected, shown
    stands = {"create", "update", *(["conflict"] if overwrites else [])}
    assert [row.is_applied for row in rows] == [row.action in stands for row in rows], shown
    # It is there: told once more, the last that was said of each record is no news.
    last = {row.record_id: row for row in rows if row.is_applied}
    lines = content.splitlines(keepends=True)
    ends = [*(row.number - 1 for row in rows[1:]), len(lines)]
    told = {row.number: b"".join(lines[row.number - 1 : end]) for row, end in zip(rows, ends, strict=True)}
    if not last:
        return
    again = imports.checked(b"".join(told[row.number] for row in last.values()), kind)
    assert set(imports.actions(again)) <= {"unchanged"}, shown


def _has_two_names(row: Any, rows: list[Any]) -> bool:
    """An earlier line calls the same record something else: what the preview builds on may not stand, and it says so.

    Such a record is left alone and told as moved: nothing ever comes in that was not foretold.
    """
    earlier = [other for other in rows if other.number < row.number and other.external_id != row.external_id]
    return any(other.record_id == row.record_id for other in earlier)


def _forget_journal(imports: ImportWorld) -> None:
    """What was brought in last was done by somebody else: the next preview finds it changed."""
    import sqlalchemy as sa

    from portal.imports.models import ImportRow, ImportRun

    with imports.world.session() as session:
        last = session.scalar(sa.select(sa.func.max(ImportRun.id)))
        session.execute(sa.update(ImportRow).where(ImportRow.run_id == last).values(is_applied=False))
        session.commit()


def test_batches_can_be_made_smaller_for_a_test() -> None:
    assert applying.items is verdicts.items is previewing.items
