"""One question across everything within reach; each kind shows its first few, and none says how many there are."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, request

from portal.access import Action, Noun
from portal.access.gate import principal, signed_in
from portal.accounts.models import Person
from portal.deals import listing as deals
from portal.deals.words import STATE_TONES, STATES
from portal.extensions import db
from portal.opportunities import listing as opportunities
from portal.orders import listing as orders
from portal.orders.words import STATE_TONES as ORDER_TONES
from portal.orders.words import STATES as ORDER_STATES
from portal.organisations import listing as organisations
from portal.organisations.models import Organisation
from portal.rfqs import listing as rfqs
from portal.rfqs.words import states_told as rfq_states
from portal.text import clean_line, like_escape, sort_key
from portal.tickets import listing as tickets
from portal.tickets.search import LONGEST_QUESTION
from portal.tickets.words import states_told
from portal.web import render

bp = Blueprint("search", __name__)
MOST = 8


@bp.get("/search")
@signed_in
def index() -> Response:
    who, session = principal(), db.session()
    question = clean_line(request.args.get("q", "")[:LONGEST_QUESTION])
    found: dict[str, list[Any]] = {
        kind: [] for kind in ("tickets", "orders", "rfqs", "deals", "opportunities", "organisations", "people")
    }
    more_url = more_orders_url = more_deals_url = more_opportunities_url = None
    if question and who.may(Action.TICKET_READ):
        filters = tickets.Filters(q=question)
        page = tickets.list_tickets(session, who, filters, size=MOST)
        found["tickets"], more_url = list(page.rows), filters.url() if page.next_cursor else None
    if question and who.may(Action.ORDER_READ):
        wanted = orders.Filters(q=question)
        page = orders.list_orders(session, who, wanted, size=MOST)
        found["orders"], more_orders_url = list(page.rows), wanted.url() if page.next_cursor else None
    if question and who.may(Action.RFQ_READ):
        found["rfqs"] = list(rfqs.list_rfqs(session, who, rfqs.Filters(q=question), size=MOST).rows)
    if question and who.may(Action.DEAL_READ):
        asked = deals.Filters(q=question)
        page = deals.list_deals(session, who, asked, size=MOST)
        found["deals"], more_deals_url = list(page.rows), asked.url() if page.next_cursor else None
        sought = opportunities.Filters(q=question)
        page = opportunities.list_opportunities(session, who, sought, size=MOST)
        found["opportunities"], more_opportunities_url = list(page.rows), sought.url() if page.next_cursor else None
    if question and who.reach(Noun.ORGANISATIONS):
        statement = sa.select(Organisation.ref, Organisation.name, Organisation.country)
        matching = statement.where(organisations.named(question)).order_by(Organisation.name_key).limit(MOST)
        found["organisations"] = list(session.execute(matching))
        key = Person.name_key.like(f"%{like_escape(_folded(question))}%", escape="\\")
        people = sa.select(Person.ref, Person.name).where(key).order_by(Person.name_key).limit(MOST)
        found["people"] = list(session.execute(people))
    return render(
        "search/index.html",
        question=question,
        found=found,
        more_url=more_url,
        more_orders_url=more_orders_url,
        more_deals_url=more_deals_url,
        more_opportunities_url=more_opportunities_url,
        order_states={state: (words, ORDER_TONES[state]) for state, words in ORDER_STATES.items()},
        rfq_states=rfq_states(is_staff=who.is_staff),
        deal_states={state: (words, STATE_TONES[state]) for state, words in STATES.items()},
        states=states_told(staff=who.is_staff),
    )


def _folded(question: str) -> str:
    return sort_key(question).partition("\x1f")[0] or question.casefold()
