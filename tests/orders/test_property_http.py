"""In any world, no page, list, search, export, notice or file shows a word of an order beyond the tables."""

import re
from datetime import timedelta

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.access import Principal
from portal.access.scope import acting_as
from portal.clock import now
from portal.extensions import db
from tests.databases import Database, dispose
from tests.oracle import Asker, askers
from tests.orders import oracle
from tests.orders.oracle import Market
from tests.orders.planting import PlantedMarket
from tests.test_property_http import UNSHRUNK, _browser, _session, may_see

# Every row of a random world carries a word of its own.
OF_ORDER = (
    *("onum", "oref", "ocode", "odesc", "oaddr", "orem", "ocarr", "otrack", "oparc", "oplace", "opaper", "odoc"),
    *("oprop", "obill", "oscan"),
)
MARK = re.compile(rf"\b(org|osaid|onote|{'|'.join(OF_ORDER)})(\d+)z")
REF = re.compile(r"\b(?:SO|QU|PO)-[0-9A-Z]{8}\b")
markets = st.integers(min_value=0, max_value=2**32).map(oracle.make)


def allowed(market: Market, who: Asker) -> set[str]:
    """The words that this asker may meet anywhere."""
    seen = may_see(market.world, who)
    for bargain in market.bargains:
        if oracle.reads_whole(who, bargain):
            seen |= {f"{word}{bargain.n}" for word in OF_ORDER}
            # Whoever reads it whole knows with whom it is, and through whom it was sold.
            seen |= {f"org{org.n}" for org in (bargain.org, bargain.reseller) if org}
        seen |= {f"osaid{step.n}" for step in bargain.steps if oracle.reads_step(who, bargain, step)}
        if oracle.reads_note(who, bargain):
            seen |= {f"onote{step.n}" for step in bargain.steps}
    return seen


def addresses(made: PlantedMarket) -> list[str]:
    urls = ["/", "/orders", "/orders/export.csv", "/orders/late", "/orders?late=1", "/notices"]
    urls += ["/purchasing/proposals", "/purchasing/invoices", "/orders/returns"]
    for n, order in made.orders.items():
        urls += [f"/orders/{order.ref}", f"/orders/{order.ref}/invoices/new", f"/orders/{order.ref}/requests/new"]
        urls += [f"/search?q=onum{n}z", f"/orders?q=odesc{n}z", f"/orders?reference=onum{n}z"]
        urls += [f"/orders?customer_reference=oref{n}z", f"/orders?product=ocode{n}z"]
    urls += [f"/files/{file.ref}" for files in made.files.values() for file in files]
    urls += [f"/organisations/{org.ref}{page}" for org in made.rows.orgs.values() for page in ("", "/history")]
    return urls


@settings(max_examples=2, phases=UNSHRUNK, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(market=markets)
def test_no_answer_shows_a_word_of_an_order_beyond_the_tables(app: Flask, database: Database, market: Market) -> None:
    dispose(app)
    database.refresh()
    with app.app_context(), acting_as(db.session(), Principal.system("test")):
        made = PlantedMarket(db.session(), market, now() - timedelta(minutes=5))
        db.session.commit()
        urls = addresses(made)
        refs = {order.ref: n for n, order in made.orders.items()}
        tokens = [(who, _session(made.rows, who)) for human in market.world.humans for who in askers(human)]
        db.session.commit()
    for who, token in tokens:
        may, browser = allowed(market, who), _browser(app, token)
        readable = {b.n for b in market.bargains if oracle.reads_state(market.world, who, b)}
        for url in urls:
            answer = browser.get(url)
            assert answer.status_code < 500, (url, who)
            # What somebody typed into a search field or an address stands there again: that is no answer.
            asked = {f"{kind}{n}" for kind, n in MARK.findall(url)}
            shown = {f"{kind}{n}" for kind, n in MARK.findall(answer.text)} - asked
            assert shown <= may, (url, who)
            named = {refs[ref] for ref in REF.findall(answer.text) if ref in refs and ref not in url}
            assert named <= readable, (url, who)
