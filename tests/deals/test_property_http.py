"""In any world, no page, list, board, search, export, notice or file shows a word of a deal beyond the tables."""

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
from tests.deals import oracle
from tests.deals.oracle import Trade
from tests.deals.planting import PlantedTrade
from tests.oracle import Asker, askers
from tests.test_property_http import UNSHRUNK, _browser, _session, may_see

# Every row of a random world carries a word of its own.
MARK = re.compile(r"\b(org|lead|proof|reason|note|evidence|sold|sale)(\d+)z")
trades = st.integers(min_value=0, max_value=2**32).map(oracle.make)


def allowed(trade: Trade, who: Asker) -> set[str]:
    """The words that this asker may meet anywhere."""
    seen = may_see(trade.world, who)
    seen |= {f"org{org.n}" for org in trade.world.orgs if oracle.reads_org(trade, who, org)}
    for lead in (lead for lead in trade.leads if oracle.reads_lead(who, lead)):
        seen |= {f"lead{lead.n}", f"proof{lead.n}", f"evidence{lead.n}"}
        seen |= {f"reason{step.n}" for step in lead.steps if oracle.reads_step(who, lead, step)}
        if oracle.reads_what_it_became(who, lead):
            seen.add(f"sold{lead.n}")
        if who.roles:
            # Staff read the parties of what they work on, whatever else of them they reach.
            seen |= {f"note{step.n}" for step in lead.steps}
            parties = [lead.org, lead.customer, *(guest.org for guest in lead.guests)]
            seen |= {f"org{org.n}" for org in parties if org}
    for sale in (sale for sale in trade.sales if oracle.reads_sale(who, sale)):
        seen |= {f"sale{sale.n}", f"org{sale.customer.n}"}
    return seen


def addresses(made: PlantedTrade) -> list[str]:
    urls = ["/", "/deals", "/deals/board", "/deals/queue", "/deals/export.csv", "/notices"]
    urls += ["/opportunities", "/opportunities/export.csv"]
    for n, deal in made.deals.items():
        urls += [f"/deals/{deal.ref}{page}" for page in ("", "/edit", "/shares")]
        urls += [f"/search?q=lead{n}z", f"/deals?q=lead{n}z", f"/deals/queue/{deal.ref}"]
    urls += [f"/files/{file.ref}" for file in made.files.values()]
    urls += [f"/organisations/{org.ref}{page}" for org in made.rows.orgs.values() for page in ("", "/history")]
    return urls


@settings(max_examples=2, phases=UNSHRUNK, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trade=trades)
def test_no_answer_shows_a_word_of_a_deal_beyond_the_tables(app: Flask, database: Database, trade: Trade) -> None:
    dispose(app)
    database.refresh()
    with app.app_context(), acting_as(db.session(), Principal.system("test")):
        made = PlantedTrade(db.session(), trade, now() - timedelta(minutes=5))
        db.session.commit()
        urls = addresses(made)
        tokens = [(who, _session(made.rows, who)) for human in trade.world.humans for who in askers(human)]
        db.session.commit()
    for who, token in tokens:
        may, browser = allowed(trade, who), _browser(app, token)
        for url in urls:
            answer = browser.get(url)
            assert answer.status_code < 500, (url, who)
            # What somebody typed into a search field stands there again: that is no answer.
            asked = {f"{kind}{n}" for kind, n in MARK.findall(url)}
            shown = {f"{kind}{n}" for kind, n in MARK.findall(answer.text)} - asked
            assert shown <= may, (url, who)
