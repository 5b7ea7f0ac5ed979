"""Tickets and what is said on them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from portal.access import Principal
from portal.accounts.models import Person, Team
from portal.api.answers import TicketAnswer
from portal.api.nouns.noun import Condition, Filter, MovingNoun, equals, told
from portal.organisations.models import Organisation
from portal.tickets.lifecycle import PUBLIC_STATES, State
from portal.tickets.messages import Message
from portal.tickets.models import Category, Ticket

_BRIEF = ("ref", "subject", "category", "priority", "capacity", "related_reference", "created_at")
_AUTHOR = aliased(Person)
MOST_MESSAGES = 1000


def _in_state(who: Principal, value: str) -> Condition:
    """As the reader is told it: being on hold is the staff's affair."""
    if who.is_staff:
        return Ticket.state == value
    return Ticket.state.in_([state for state, public in PUBLIC_STATES.items() if public == value])


class Tickets(MovingNoun):
    name, kind, model = "tickets", "ticket", Ticket
    says = "What is asked of us, and what is said on it to the company of the reader."
    answer = TicketAnswer
    filters = {
        "state": Filter(
            "Only those in this state, as it is told to the reader.",
            _in_state,
            tuple(dict.fromkeys((*map(str, State), *PUBLIC_STATES.values()))),
        ),
        "category": Filter("Only those of this category.", equals(Ticket.category), tuple(map(str, Category))),
        "organisation": Filter("Of this organisation (its reference).", equals(Organisation.ref), (), "O-7F3KQ92D"),
    }

    def statement(self, who: Principal) -> sa.Select[Any]:
        return (
            sa.select(
                Ticket.id,
                self.moved(who),
                Ticket.state,
                *(getattr(Ticket, name) for name in _BRIEF),
                Organisation.ref.label("organisation"),
                Organisation.name.label("organisation_name"),
                Team.name.label("team"),
            )
            .outerjoin(Organisation, Organisation.id == Ticket.organisation_id)
            .outerjoin(Team, Team.id == Ticket.team_id)
        )

    def in_brief(self, session: Session, rows: Sequence[Any], who: Principal) -> list[dict[str, Any]]:
        return [
            {
                **told(row, *_BRIEF, "organisation", "organisation_name", "team"),
                "state": row.state if who.is_staff else PUBLIC_STATES[State(row.state)],
                **self.updated(row, who),
            }
            for row in rows
        ]

    def rest(self, session: Session, row: Any, who: Principal) -> dict[str, Any]:
        messages = session.execute(
            sa.select(Message, _AUTHOR.name.label("author"))
            .outerjoin(_AUTHOR, _AUTHOR.id == Message.author_id)
            .where(Message.ticket_id == row.id)
            .order_by(Message.id)
            .limit(MOST_MESSAGES)
        )
        return {
            "messages": [
                {
                    **told(message, "ref", "channel", "created_at", "body"),
                    "author": author,
                    "is_by_staff": message.author_organisation_id is None,
                    "is_note": message.is_note,
                    "is_gone": message.is_gone,
                }
                for message, author in messages
            ]
        }
