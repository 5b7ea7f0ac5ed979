"""What the tests of this room make and look at."""

import html
import re
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from portal.clock import now
from portal.organisations.models import Activity, Share
from portal.tickets.messages import MessageReader
from portal.tickets.models import Ticket
from tests.conftest import SignIn
from tests.world import World


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def form(world: World, to: str, *, company: bool = False, past: bool = False, until: date | None = None) -> dict:
    """What is sent to share with a member of the cast, or with an address."""
    address = to if "@" in to else world.person(to).email
    sent: dict[str, object] = {
        "address": address,
        "whom": "company" if company else "person",
        "ends_on": (until or now().date() + timedelta(days=30)).isoformat(),
    }
    return sent | ({"reads_past": "y"} if past else {})


def shares(world: World) -> list[Share]:
    with world.session() as session:
        return list(session.scalars(sa.select(Share).order_by(Share.id)))


def share(world: World, sign_in: SignIn, ticket: Ticket, by: str, to: str, **choices: Any) -> Share:
    """Offer the ticket; the share, detached."""
    answer = sign_in(by).send(f"/tickets/{ticket.ref}/shares", form(world, to, **choices))
    assert answer.status_code == 303, text(answer)
    return shares(world)[-1]


def join(world: World, sign_in: SignIn, offer: Share, hint: str, place: str = "") -> Any:
    browser = sign_in(hint)
    key = (
        world.acting_key(hint, place)
        if place
        else re.search(r'name="place" [^>]*value="([^"]+)"', text(browser.get(f"/rooms/{offer.ref}")))[1]
    )
    return browser.send(f"/rooms/{offer.ref}/joining", {"place": key})


def shared(world: World, sign_in: SignIn, ticket: Ticket, by: str, to: str, **choices: Any) -> Share:
    """Offered and taken up."""
    offer = share(world, sign_in, ticket, by, to, **choices)
    assert join(world, sign_in, offer, to).status_code == 303
    return shares(world)[-1]


def heard(world: World, ticket: Ticket, company: str) -> int:
    """How many messages of the ticket are addressed to the company."""
    company_id = world.organisation(company).id
    with world.session() as session:
        of_ticket = MessageReader.message.has(ticket_id=ticket.id)
        found = sa.select(sa.func.count(MessageReader.id)).where(of_ticket, MessageReader.organisation_id == company_id)
        return session.scalar(found) or 0


def kinds(world: World, ticket: Ticket) -> list[tuple[str, set[int]]]:
    """Kind and the companies that may read it, of everything that happened on the ticket."""
    with world.session() as session:
        rows = session.scalars(sa.select(Activity).where(Activity.ticket_id == ticket.id).order_by(Activity.id))
        return [(a.kind, {o.organisation_id for o in a.organisations if o.is_reader}) for a in rows]
