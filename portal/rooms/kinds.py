"""What can be shared: for each kind of record its model, its addresses, and whom it can be shared with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Action, Area, Capacity, Ground, Principal
from portal.access.finding import find, grounds_of, is_writable
from portal.access.principal import Acting
from portal.access.scope import Condition
from portal.database import session_of
from portal.deals.lifecycle import State
from portal.deals.models import Deal
from portal.deals.rules import of_readable_deal
from portal.organisations.models import Audience, Share, record_activity
from portal.organisations.rules import live_share
from portal.tickets.messages import Message, MessageReader
from portal.tickets.models import Ticket
from portal.tickets.readers import companies_here
from portal.tickets.rules import of_readable_ticket


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A kind of record, as `Share.record_kind` names it; `plural` begins its address."""

    name: str
    plural: str
    model: Any
    area: Area
    # Who joins acts in one of these.
    capacities: frozenset[Capacity]
    # The column that its heading is made of.
    title: str
    of_readable: Callable[[Any, Principal], Condition]
    is_owned: Callable[[Any, Principal], bool]
    # The companies that read it now: its own and those that joined.
    companies: Callable[[Session, Any], Iterable[int]]
    # What was said so far that the session's principal reads, and opening it to a company.
    past: Callable[[Session, int], list[int]]
    open_past: Callable[[Session, list[int], int], None]
    # Writing something into the history of the companies that it concerns.
    note: Callable[..., None]
    # Why it can be shared with nobody yet, if so.
    refusal: Callable[[Any], Any] = lambda record: None

    def manages(self, who: Principal, record: Any) -> bool:
        """Whether they share it and end its shares: its owner, their company's admin, and staff who write in it."""
        if not who.may(Action.RECORD_SHARE) or not is_writable(record):
            return False
        return who.is_staff or self.is_owned(record, who)

    def fits(self, choice: Acting) -> bool:
        """Whether whoever acts so could reach it at all."""
        return choice.capacity in self.capacities and self.area in choice.areas

    def find(self, session: Session, record_id: int) -> Any:
        """The record, as the session's principal holds it."""
        condition: sa.ColumnElement[bool] = self.model.id == record_id
        return find(session, self.model, condition)

    def url(self, ref: str) -> str:
        return f"/{self.plural}/{ref}"


def _owns_ticket(ticket: Ticket, who: Principal) -> bool:
    held = set(grounds_of(ticket))
    is_author = ticket.author_id == who.person_id and not held.isdisjoint({Ground.OWN, Ground.OPENED_FOR})
    return is_author or Ground.COMPANY in held


def _messages_so_far(session: Session, ticket_id: int) -> list[int]:
    """Internal notes are nobody's to share."""
    said = sa.select(Message.id).where(Message.ticket_id == ticket_id, Message.audience == Audience.COMPANIES)
    return list(session.scalars(said))


def _let_read(session: Session, message_ids: list[int], organisation_id: int) -> None:
    known = sa.select(MessageReader.message_id).where(MessageReader.organisation_id == organisation_id)
    missing = sa.select(Message).where(Message.id.in_(message_ids), Message.id.not_in(known))
    for message in session.scalars(missing).all():
        session.add(MessageReader(message=message, organisation_id=organisation_id))


def _owns_deal(deal: Deal, who: Principal) -> bool:
    return not {Ground.OWN, Ground.COMPANY}.isdisjoint(grounds_of(deal))


def _partners_here(session: Session, deal: Deal) -> list[int]:
    joined = sa.select(Share.organisation_id).where(
        Share.record_kind == "deal",
        Share.record_id == deal.id,
        Share.organisation_id.is_not(None),
        live_share(Share),
    )
    return [deal.organisation_id, *(found for found in session.scalars(joined) if found is not None)]


def _note_deal(deal: Deal, kind: str, who: Principal, at: datetime, *, readers: frozenset[int], **params: Any) -> None:
    concerns: dict[int, Capacity | None] = {deal.organisation_id: Capacity.PARTNER}
    concerns |= dict.fromkeys(readers, Capacity.PARTNER)
    session_of(deal).add(
        record_activity(
            kind, at=at, actor_id=who.person_id, concerns=concerns, readers=readers, deal_id=deal.id, **params
        )
    )


def _why_not_yet(deal: Deal) -> Any:
    """A draft is told to nobody."""
    return _l("Submit it for review first: a draft is shared with nobody.") if deal.state == State.DRAFT else None


KINDS: dict[str, RecordKind] = {
    "ticket": RecordKind(
        name="ticket",
        plural="tickets",
        model=Ticket,
        area=Area.SUPPORT,
        capacities=frozenset(Capacity),
        title="subject",
        of_readable=of_readable_ticket,
        is_owned=_owns_ticket,
        companies=companies_here,
        past=_messages_so_far,
        open_past=_let_read,
        note=Ticket.record,
    ),
    "deal": RecordKind(
        name="deal",
        plural="deals",
        model=Deal,
        area=Area.DEALS,
        capacities=frozenset({Capacity.PARTNER}),
        title="customer_name",
        of_readable=of_readable_deal,
        is_owned=_owns_deal,
        companies=_partners_here,
        # Its steps are read from a moment on: the rule of the steps looks at the share itself.
        past=lambda session, deal_id: [],
        open_past=lambda session, ids, organisation_id: None,
        note=_note_deal,
        refusal=_why_not_yet,
    ),
}
