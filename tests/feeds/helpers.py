"""Records of any kind, told as another system tells them, and taken back."""

from datetime import datetime
from typing import Any

from portal.access import Principal
from portal.clock import now
from portal.feeds.outcome import Outcome
from portal.feeds.registry import FEEDS
from tests.world import World

SOURCE = "erp"
ERP = Principal.system("the ERP")


def feed(world: World, kind: str, *shapes: dict[str, Any], at: datetime | None = None) -> list[Outcome]:
    """What came of these; committed."""
    told = FEEDS[kind]
    with world.session() as session:
        found = told.feed(session, SOURCE, [told.shape(**shape) for shape in shapes], ERP, at or now())
        session.commit()
        return found


def take_back(world: World, kind: str, external_id: str, outcome: Outcome) -> None:
    """Undo it in a session of its own."""
    assert outcome.record is not None
    model = type(outcome.record)
    with world.session() as session:
        record = session.get_one(model, outcome.record.id)
        FEEDS[kind].restore(session, SOURCE, external_id, outcome.before, record, ERP, now())
        session.commit()


def fields_of(outcome: Outcome) -> set[str]:
    return {problem.field for problem in outcome.problems}
