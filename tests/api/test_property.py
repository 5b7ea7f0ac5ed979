"""In any world, no answer to a program shows a word of an order beyond what its holder reads on the pages."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.access import Capacity, Principal, Role
from portal.access.scope import acting_as
from portal.api.models import ApiKey
from portal.api.nouns import NOUNS
from portal.api.scopes import OF_INTEGRATIONS, OF_ORGANISATIONS, ROLES
from portal.clock import now
from portal.extensions import db
from tests.api.conftest import Program
from tests.databases import Database, dispose
from tests.oracle import Asker, askers
from tests.orders import oracle
from tests.orders.oracle import Market
from tests.orders.planting import PlantedMarket
from tests.orders.test_property_http import MARK, REF, allowed
from tests.test_property_http import UNSHRUNK

OF_KIND = {"sales": "orders", "purchase": "purchase-orders", "quotation": "quotations"}
markets = st.integers(min_value=0, max_value=2**32).map(oracle.make)


def holders(market: Market) -> Iterator[Asker]:
    """Who may hold a key: administrators of a company, and integrations for which one of ours answers."""
    for human in market.world.humans:
        for who in askers(human):
            if who.member is not None and who.member.admin:
                yield who
        if "admin" in human.roles and not human.disabled:
            yield from (Asker(human, {str(role)}) for role in ROLES)


def program(app: Flask, made: PlantedMarket, who: Asker) -> Program:
    place: dict[str, Any] = {"roles": [Role(role) for role in who.roles], "scopes": OF_INTEGRATIONS}
    if who.member is not None:
        company = {"organisation_id": made.rows.orgs[who.member.org.n].id, "capacity": Capacity(who.capacity)}
        place = {**company, "scopes": OF_ORGANISATIONS}
    person_id = made.rows.people[who.human.n].id
    key, token = ApiKey.make(label="A program", person_id=person_id, at=now(), days=1, **place)
    key.confirmed_at = now()
    db.session.add(key)
    return Program(app, key, token)


def answers(reader: Program, made: PlantedMarket, market: Market) -> Iterator[tuple[str, str]]:
    """Each address with what it says: all lists to their ends, and each order by each way to it."""
    urls = [f"{noun}?limit=3" for noun in NOUNS]
    for bargain in market.bargains:
        ref = made.orders[bargain.n].ref
        urls += [f"{noun}/{ref}" for noun in OF_KIND.values()]
        urls += [f"shipments?order={ref}", f"documents?order={ref}", f"orders?number=onum{bargain.n}z"]
    while urls:
        answer = reader.get(url := urls.pop())
        assert answer.status_code in (200, 403, 404), url
        yield url, answer.text
        if (following := (answer.json or {}).get("next")) is not None:
            urls.append(following.removeprefix("/api/v1/"))


@settings(max_examples=4, phases=UNSHRUNK, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(market=markets)
def test_no_program_is_told_of_an_order_beyond_the_tables(app: Flask, database: Database, market: Market) -> None:
    dispose(app)
    database.refresh()
    with app.app_context(), acting_as(db.session(), Principal.system("test")):
        made = PlantedMarket(db.session(), market, now() - timedelta(minutes=5))
        db.session.commit()
        refs = {order.ref: n for n, order in made.orders.items()}
        readers = [(who, program(app, made, who)) for who in holders(market)]
        db.session.commit()
    for who, reader in readers:
        may = allowed(market, who)
        readable = {b.n for b in market.bargains if oracle.reads_state(market.world, who, b)}
        listed: set[str] = set()
        for url, text in answers(reader, made, market):
            asked = {f"{word}{n}" for word, n in MARK.findall(url)}
            assert {f"{word}{n}" for word, n in MARK.findall(text)} - asked <= may, (url, who)
            named = set(REF.findall(text)) & refs.keys()
            assert {refs[ref] for ref in named if ref not in url} <= readable, (url, who)
            if url.partition("?")[0] in OF_KIND.values():
                listed |= set(re.findall(r'"ref": "((?:SO|QU|PO)-\w{8})"', text)) & refs.keys()
        assert {refs[ref] for ref in listed} == readable, who
