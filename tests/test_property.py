"""In any world, nobody reads a row beyond what the access tables give, and `readers` says the same backwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.scope import ScopedSession, acting_as
from portal.accounts.sessions import principal_of_person
from portal.clock import now
from portal.database import Base
from portal.extensions import db
from portal.files.models import Attachment
from portal.notices.models import Notice
from portal.organisations.models import Activity, Organisation, Share
from portal.tickets.messages import Message, SearchEntry
from portal.tickets.models import Ticket, TicketCopy
from portal.tickets.readers import readers
from tests import oracle
from tests.oracle import Asker, Everything
from tests.planting import Planted

# A smaller seed makes no simpler world.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
worlds = st.integers(min_value=0, max_value=2**32).map(oracle.make)
many = settings(max_examples=25, phases=UNSHRUNK, suppress_health_check=[HealthCheck.function_scoped_fixture])


@contextmanager
def planted(app: Flask, world: Everything) -> Iterator[tuple[ScopedSession, Planted]]:
    """The world in a transaction that is never committed."""
    with app.app_context():
        session = db.session()
        assert isinstance(session, ScopedSession)
        session.serve(Principal.system("test"))
        try:
            yield session, Planted(session, world, now())
        finally:
            session.rollback()


def principal(rows: Planted, who: Asker) -> Principal:
    person_id = rows.people[who.human.n].id
    found = principal_of_person(person_id)
    assert found is not None
    if who.member is None:
        return found
    org_id = rows.orgs[who.member.org.n].id
    return found.acting_for(
        next(c for c in found.choices if c.organisation_id == org_id and c.capacity == who.capacity)
    )


def ids(session: Session, model: type[Base], among: set[int]) -> set[int]:
    return set(session.scalars(sa.select(model.id))) & among


@many
@given(world=worlds)
def test_everybody_reads_just_what_the_tables_give(app: Flask, world: Everything) -> None:
    with planted(app, world) as (session, rows):
        expected = {(human.n, i): who for human in world.humans for i, who in enumerate(oracle.askers(human))}
        principals = {key: principal(rows, who) for key, who in expected.items()}
        id_maps = _ids_of(rows)
        entries = {(entry.ticket_id, entry.message_id): entry.id for entry in session.scalars(sa.select(SearchEntry))}
        for key, who in expected.items():
            with acting_as(session, principals[key]):
                _check(session, id_maps, entries, world, who)


def _ids_of(rows: Planted) -> dict[str, Any]:
    by_key = {
        name: {key: row.id for key, row in getattr(rows, name).items()}
        for name in ("orgs", "tickets", "messages", "files", "notices", "activities", "people")
    }
    return by_key | {"shares": [(n, loan, share.id) for n, loan, share in rows.shares]}


def _check(session: Session, at: dict, entries: dict, world: Everything, who: Asker) -> None:
    tickets, messages = at["tickets"], at["messages"]
    cases = [(case, said) for case in world.cases for said in case.said]
    read = {said.n for case, said in cases if oracle.reads_said(world, who, case, said)}
    words = {said.n for case, said in cases if oracle.reads_words(world, who, case, said)}
    own_notices = {key: row for key, row in at["notices"].items() if key[0] == who.human.n}

    def check(model: type[Base], among: dict, expected: set) -> None:
        seen = ids(session, model, set(among.values()))
        assert seen == {among[key] for key in expected}, (model.__name__, who)

    readable_cases = {case.n for case in world.cases if oracle.reads_case(world, who, case)}
    check(Ticket, tickets, readable_cases)
    check(Message, messages, read)
    check(Attachment, at["files"], words & at["files"].keys())
    check(Organisation, at["orgs"], {org.n for org in world.orgs if oracle.reads_org(world, who, org)})
    check(Notice, at["notices"], {key for key in own_notices if key[1] in read})
    check(Activity, at["activities"], {e.n for e in world.events if oracle.reads_event(world, who, e)})
    shares = {id_: (world.cases[n], loan) for n, loan, id_ in at["shares"]}
    read_loans = {id_ for id_, (case, loan) in shares.items() if oracle.reads_loan(world, who, case, loan)}
    assert ids(session, Share, set(shares)) == read_loans
    found = ids(session, SearchEntry, set(entries.values()))
    assert found == {entries[tickets[n], None] for n in readable_cases} | {
        entries[tickets[case.n], messages[said.n]] for case, said in cases if said.n in words
    }
    copies = {copy for copy in session.scalars(sa.select(TicketCopy.ticket_id)) if copy in tickets.values()}
    assert copies == {tickets[c.n] for c in world.cases if c.copies and c.n in readable_cases}


@many
@given(world=worlds)
def test_readers_are_those_whom_row_scope_lets_in(app: Flask, world: Everything) -> None:
    with planted(app, world) as (session, rows):
        people = {rows.people[human.n].id: human for human in world.humans}
        for case in world.cases:
            for said in case.said:
                companies = [rows.orgs[n].id for n in said.audience]
                named = readers(session, rows.tickets[case.n], companies, notes=said.is_note)
                expected = {
                    person_id
                    for person_id, human in people.items()
                    if any(oracle.reads_said(world, who, case, said) for who in oracle.askers(human))
                }
                assert {reader.person_id for reader in named} & people.keys() == expected
