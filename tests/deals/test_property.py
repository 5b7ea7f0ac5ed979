"""In any world, nobody reads or rewrites a row of a deal registration beyond what the access tables give."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.scope import Change, ScopedSession, acting_as, rule_of
from portal.clock import now
from portal.database import Base
from portal.deals.extensions import Extension
from portal.deals.models import Deal, DealEvent, DealLine
from portal.deals.protection import ProtectedPlace
from portal.deals.review import DealReview
from portal.extensions import db
from portal.files.models import Attachment
from portal.notices.models import Notice
from portal.opportunities.models import Opportunity, OpportunityLine
from portal.organisations.models import Activity, ActivityOrganisation, Organisation
from portal.receipts.models import Receipt
from portal.tickets.messages import SearchEntry
from tests.deals import oracle
from tests.deals.oracle import Lead, Trade
from tests.deals.planting import PlantedTrade
from tests.oracle import Asker, askers
from tests.test_property import UNSHRUNK, ids, principal

trades = st.integers(min_value=0, max_value=2**32).map(oracle.make)
many = settings(max_examples=12, phases=UNSHRUNK, suppress_health_check=[HealthCheck.function_scoped_fixture])


@contextmanager
def planted(app: Flask, trade: Trade) -> Iterator[tuple[ScopedSession, PlantedTrade]]:
    """The world in a transaction that is never committed."""
    with app.app_context():
        session = db.session()
        assert isinstance(session, ScopedSession)
        session.serve(Principal.system("test"))
        try:
            yield session, PlantedTrade(session, trade, now())
        finally:
            session.rollback()


@many
@given(trade=trades)
def test_everybody_reads_just_the_deals_that_the_tables_give(app: Flask, trade: Trade) -> None:
    with planted(app, trade) as (session, made):
        everybody = [who for human in trade.world.humans for who in askers(human)]
        principals = [principal(made.rows, who) for who in everybody]
        at = _ids_of(made)
        for who, served in zip(everybody, principals, strict=True):
            with acting_as(session, served):
                for model, expected in _expected(trade, at, who).items():
                    assert ids(session, model, set(at[model].values())) == expected, (model.__name__, who)
                written = {at[Deal][lead.n] for lead in trade.leads if oracle.rewrites_lead(who, lead)}
                assert _rewritable(session, served) & set(at[Deal].values()) == written, who
                _check_parties(session, at, trade, who)


def _ids_of(made: PlantedTrade) -> dict[Any, dict]:
    found: dict[Any, dict] = {model: {key: row.id for key, row in rows.items()} for model, rows in made.hung.items()}
    for model, rows in (
        (Deal, made.deals),
        (DealEvent, made.events),
        (Activity, made.activities),
        (Attachment, made.files),
        (Notice, made.notices),
        (Organisation, made.rows.orgs),
        (Opportunity, {}),
    ):
        found.setdefault(model, {}).update({key: row.id for key, row in rows.items()})
    found[Opportunity] |= {("sale", n): row.id for n, row in made.sales.items()}
    return found


def _expected(trade: Trade, at: dict[Any, dict], who: Asker) -> dict[type[Base], set[int]]:
    """For each model the ids of the rows that they read."""
    read = [lead for lead in trade.leads if oracle.reads_lead(who, lead)]
    reviewed = [lead for lead in read if oracle.reads_review(who, lead)]
    steps = [(lead, step) for lead in trade.leads for step in lead.steps]

    def hung(model: type[Base], leads: list[Lead]) -> set[int]:
        return {at[model][lead.n] for lead in leads if lead.n in at.get(model, {})}

    sales = {at[Opportunity]["sale", sale.n] for sale in trade.sales if oracle.reads_sale(who, sale)}
    places = trade.leads if oracle.reads_place(who) else []
    expected = {model: hung(model, read) for model in (Deal, DealLine, Extension, Attachment, SearchEntry)}
    expected |= {DealReview: hung(DealReview, reviewed), ProtectedPlace: hung(ProtectedPlace, places)}
    become = [lead for lead in read if oracle.reads_what_it_became(who, lead)]
    expected |= {OpportunityLine: hung(OpportunityLine, become), Opportunity: hung(Opportunity, become) | sales}
    expected[Receipt] = hung(Receipt, [lead for lead in read if oracle.reads_receipt(who, lead)])
    expected[Notice] = {at[Notice][who.human.n, lead.n] for lead in read}
    expected[DealEvent] = {at[DealEvent][s.n] for lead, s in steps if oracle.reads_step(who, lead, s)}
    expected[Activity] = {at[Activity][s.n] for lead, s in steps if oracle.reads_step_in_history(who, lead, s)}
    reached = [org for org in trade.world.orgs if oracle.reads_org(trade, who, org)]
    expected[Organisation] = {at[Organisation][org.n] for org in reached}
    return {model: rows for model, rows in expected.items() if model in at}


def _rewritable(session: Session, who: Principal) -> set[int]:
    """What the rule of the rows lets them change, whatever the pages offer."""
    found = set()
    for deal in session.scalars(sa.select(Deal)).all():
        deal.description = "Rewritten."
        if rule_of(Deal).writes(who, deal, Change.UPDATE):
            found.add(deal.id)
        session.expunge(deal)
    return found


def _check_parties(session: Session, at: dict[Any, dict], trade: Trade, who: Asker) -> None:
    """In the history of a deal no outsider finds another organisation than their own."""
    if who.member is None:
        return
    concerned = sa.select(ActivityOrganisation.organisation_id).where(
        ActivityOrganisation.activity_id.in_(sorted(at[Activity].values()))
    )
    assert set(session.scalars(concerned)) <= {at[Organisation][who.member.org.n]}
