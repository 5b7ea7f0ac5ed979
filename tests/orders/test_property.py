"""In any world, nobody reads a row of an order beyond what the access tables give."""

from typing import Any

import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.scope import acting_as
from portal.clock import now
from portal.database import Base
from portal.extensions import db
from portal.files.models import Attachment
from portal.notices.models import Notice
from portal.orders.models import Order
from portal.orders.parts import OrderCost, OrderEvent
from portal.organisations.models import Activity
from tests.oracle import Asker, askers
from tests.orders import oracle
from tests.orders.oracle import Market
from tests.orders.planting import PlantedMarket
from tests.test_property import UNSHRUNK, principal

markets = st.integers(min_value=0, max_value=2**32).map(oracle.make)


@settings(max_examples=25, phases=UNSHRUNK, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(market=markets)
def test_everybody_reads_just_what_the_tables_give(app: Flask, market: Market) -> None:
    with app.app_context(), acting_as(db.session(), Principal.system("test")):
        try:
            made = PlantedMarket(db.session(), market, now())
            people = [(who, principal(made.rows, who)) for human in market.world.humans for who in askers(human)]
            at = _Ids(made)
            for who, person in people:
                with acting_as(db.session(), person):
                    _check(db.session(), at, market, who)
        finally:
            db.session.rollback()


class _Ids:
    """Of the planted rows: what another principal loads belongs to its own session state."""

    def __init__(self, made: PlantedMarket) -> None:
        self.orders = {n: row.id for n, row in made.orders.items()}
        self.events = {n: row.id for n, row in made.events.items()}
        self.activities = {n: row.id for n, row in made.activities.items()}
        self.notices = {key: row.id for key, row in made.notices.items()}
        self.files = {n: {file.id for file in files} for n, files in made.files.items()}
        self.hung = {model: {n: row.id for n, row in rows.items()} for model, rows in made.hung.items()}


def _check(session: Session, at: _Ids, market: Market, who: Asker) -> None:
    def check(model: type[Base], among: dict[Any, int], expected: set[Any]) -> None:
        seen = set(session.scalars(sa.select(model.id))) & set(among.values())
        assert seen == {among[key] for key in expected & among.keys()}, (model.__name__, who)

    bargains = market.bargains
    whole = {b.n for b in bargains if oracle.reads_whole(who, b)}
    check(Order, at.orders, {b.n for b in bargains if oracle.reads_state(market.world, who, b)})
    for model, among in at.hung.items():
        if model is not OrderCost:
            check(model, among, whole)
    check(OrderCost, at.hung[OrderCost], {b.n for b in bargains if oracle.reads_margin(who, b)})
    steps = [(b, step) for b in bargains for step in b.steps]
    check(OrderEvent, at.events, {step.n for b, step in steps if oracle.reads_step(who, b, step)})
    told = {step.n for b, step in steps if oracle.reads_step_in_history(who, b, step)}
    check(Activity, at.activities, told)
    check(Notice, at.notices, {key for key in at.notices if key[0] == who.human.n and key[1] in whole})
    files = {id_ for ids in at.files.values() for id_ in ids}
    assert set(session.scalars(sa.select(Attachment.id))) & files == {id_ for n in whole for id_ in at.files[n]}
