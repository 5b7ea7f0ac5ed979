"""Rules are put together once for all of a kind, and yet each asker is given what is theirs."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.sql import visitors

from portal.access.general import in_general, kind_of
from portal.access.scope import _rules, acting_as
from portal.clock import now
from portal.extensions import db
from portal.organisations.models import PartnerLink, Share
from portal.tickets.models import Ticket
from tests.world import World


def test_two_of_a_kind_share_their_rules_and_nothing_else(app: Flask, world: World) -> None:
    mine = world.make_ticket("customer").ref
    theirs = world.make_ticket("rival").ref
    assert kind_of(world.principal("customer-admin")) == kind_of(world.principal("rival"))
    for _ in range(2):
        for hint, expected in (("customer-admin", {mine}), ("rival", {theirs})):
            with world.as_(hint) as session:
                assert set(session.scalars(sa.select(Ticket.ref))) == expected


def test_a_statement_kept_from_another_asker_is_asked_anew(app: Flask, world: World) -> None:
    refs = {hint: world.make_ticket(hint).ref for hint in ("customer", "rival")}
    askers = {hint: world.principal(hint) for hint in refs}
    statement = sa.select(Ticket.ref)
    with app.app_context():
        session = db.session()
        for hint in ("customer", "rival", "customer"):
            with acting_as(session, askers[hint]):
                assert session.scalars(statement).all() == [refs[hint]]


def test_threads_do_not_mix_their_askers(app: Flask, world: World) -> None:
    refs = {hint: world.make_ticket(hint).ref for hint in ("customer", "rival", "supplier", "partner")}
    askers = {hint: world.principal(hint) for hint in refs}

    def ask(turn: int) -> bool:
        hint = tuple(refs)[turn % len(refs)]
        with app.app_context(), acting_as(db.session(), askers[hint]):
            return db.session.scalars(sa.select(Ticket.ref)).all() == [refs[hint]]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(200)))


# Of SQLite and of PostgreSQL.
PLACEHOLDER = re.compile(r"\?|%\(\w+\)s")


def written_into(condition: sa.ColumnElement[bool]) -> list[object]:
    """The values that a condition brings with it; what is asked when it is run does not count."""
    found = (element for element in visitors.iterate(condition) if isinstance(element, sa.BindParameter))
    return [parameter.value for parameter in found if parameter.callable is None]


def test_every_rule_can_be_made_in_general(app: Flask, world: World) -> None:
    for hint in ("customer", "customer-admin", "supplier", "partner-admin", "agent", "auditor", "newcomer", "many"):
        who = world.principal(hint)
        with app.app_context():
            for model, rule in _rules.items():
                general, own = (str(rule.reads(asker).compile(db.engine)) for asker in (in_general(who), who))
                assert len(PLACEHOLDER.findall(general)) == len(PLACEHOLDER.findall(own)), model
                # Nothing that changes while the portal runs is written into it.
                today = written_into(rule.reads(in_general(who)))
                with time_machine.travel(now() + timedelta(days=1)):
                    assert written_into(rule.reads(in_general(who))) == today, model


def test_a_share_and_a_link_end_while_the_portal_runs(app: Flask, world: World) -> None:
    """What time it is goes in when a rule is asked, not when it is made."""
    shared = world.make_ticket("rival")
    opened = world.make_ticket("partner", organisation="glass")
    at, wolf = now(), world.organisation("wolf").id
    with world.session() as session:
        session.add(
            Share(
                record_kind="ticket",
                record_id=shared.id,
                organisation_id=wolf,
                shared_by_id=world.person_id("rival"),
                starts_at=at - timedelta(hours=1),
                ends_at=at + timedelta(hours=1),
            )
        )
        for link in session.scalars(sa.select(PartnerLink).where(PartnerLink.partner_id == wolf)):
            link.ends_on = (at + timedelta(days=2)).date()
        session.commit()
    who = world.principal("partner")
    seen = []
    for later in (timedelta(), timedelta(hours=2), timedelta(days=3)):
        with time_machine.travel(at + later, tick=False), app.app_context(), acting_as(db.session(), who):
            seen.append(set(db.session.scalars(sa.select(Ticket.ref))))
    assert seen == [{shared.ref, opened.ref}, {opened.ref}, set()]
