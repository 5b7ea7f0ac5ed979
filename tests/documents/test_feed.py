"""Documents as the ERP brings them: files that it made, and facts of those that are drawn here."""

import base64

import pytest
import sqlalchemy as sa

from portal.documents.content import Content
from portal.documents.models import OrderDocument
from portal.feeds.documents import take_back
from portal.feeds.outcome import Action
from portal.files.models import Attachment
from portal.files.storage import storage
from portal.organisations.models import ExternalId
from tests.documents.helpers import PDF, bring, drawn_of, shape_of
from tests.orders.helpers import TOTAL, OrderWorld
from tests.world import World


def test_a_file_is_stored_and_can_be_had(orders: OrderWorld, world: World) -> None:
    (outcome,) = bring(world, shape_of(orders.sales()))
    assert outcome.action == Action.CREATE
    with world.session() as session:
        document = session.get_one(OrderDocument, outcome.record.id)  # type: ignore[union-attr]
        assert (document.total, document.content) == (TOTAL, None)
        (file,) = document.attachments
        assert (file.filename, file.media_type) == ("faktura.pdf", "application/pdf")
        assert storage().read(file.sha256) == PDF


def test_the_same_again_changes_nothing(orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    for shape in (shape_of(order), drawn_of(order, external_id="D2")):
        (first,), (second,) = bring(world, shape), bring(world, shape)
        assert (first.action, second.action) == (Action.CREATE, Action.UNCHANGED)
    with world.session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 1


def test_a_file_may_be_sent_anew(orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    bring(world, shape_of(order))
    (outcome,) = bring(world, shape_of(order, content=base64.b64encode(PDF + b"%"), due_on="2030-04-10"))
    assert outcome.action == Action.UPDATE
    assert set(outcome.changes) == {"due_on", "sha256", "size"}


def test_one_without_a_file_is_drawn_after_the_order(orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    (outcome,) = bring(world, drawn_of(order))
    content = Content.model_validate(outcome.record.content)  # type: ignore[union-attr]
    assert content.totals.total == TOTAL == outcome.record.total  # type: ignore[union-attr]


def test_a_part_of_the_order_is_billed(orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    part = [{"position": 10, "quantity": "4"}]
    # 4 × 125.00 − 10 % = 450.00, and 21 % of it.
    (outcome,) = bring(world, drawn_of(order, lines=part, total="544.50"))
    assert outcome.action == Action.CREATE
    credit = drawn_of(order, external_id="D2", kind="credit-note", number="DB-1", lines=part, total="-544.50")
    (outcome,) = bring(world, credit)
    assert outcome.record.total == -54_450  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("order", {"order": "SO-00000000"}),
        ("kind", {"kind": "quotation", "total": None}),
        ("total", {"kind": "confirmation"}),
        ("total", {"total": "3686.875"}),
        ("content", {"content": base64.b64encode(b"<html>")}),
        ("content", {"content": base64.b64encode(b"MZ")}),
        ("content", {"content": base64.b64encode(PDF + b"x" * 10_000_000)}),
    ],
)
def test_what_cannot_be_is_refused(orders: OrderWorld, world: World, field: str, fields: dict[str, object]) -> None:
    (outcome,) = bring(world, shape_of(orders.sales(), **fields))
    assert outcome.action == Action.REFUSE
    assert field in [problem.field for problem in outcome.problems]


@pytest.mark.parametrize(
    ("field", "fields"),
    [("total", {"total": "3686.88"}), ("lines.30", {"lines": [{"position": 30, "quantity": "1"}]})],
)
def test_what_does_not_add_up_is_not_drawn(
    orders: OrderWorld, world: World, field: str, fields: dict[str, object]
) -> None:
    (outcome,) = bring(world, drawn_of(orders.sales(), **fields))
    assert [problem.field for problem in outcome.problems] == [field]


def test_what_was_drawn_stays(orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    bring(world, drawn_of(order))
    assert bring(world, drawn_of(order, due_on="2030-05-01"))[0].action == Action.REFUSE
    assert bring(world, shape_of(order))[0].action == Action.REFUSE
    assert bring(world, drawn_of(orders.sales()))[0].action == Action.REFUSE


def test_taking_it_back_leaves_nothing(orders: OrderWorld, world: World) -> None:
    order = orders.sales(state="ordered")
    (outcome,) = bring(world, shape_of(order))
    with world.session() as session:
        take_back(session, session.get_one(OrderDocument, outcome.record.id))  # type: ignore[union-attr]
        session.commit()
        for model in (OrderDocument, Attachment):
            assert session.scalar(sa.select(sa.func.count()).select_from(model)) == 0
        assert session.scalars(sa.select(ExternalId).where(ExternalId.kind == "document")).first() is None
