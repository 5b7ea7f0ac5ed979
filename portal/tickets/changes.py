"""What has changed since somebody looked: both versions of the ticket, side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.tickets.around import Around
from portal.tickets.conversation import Event, Said
from portal.tickets.models import Ticket
from portal.tickets.words import CATEGORIES, PRIORITIES, state_words


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact of the ticket: as it was looked at, and as it is now."""

    label: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Changes:
    differences: list[Difference]
    events: list[Event]
    messages: list[Said]


def mark(said: Sequence[Said], happened: Sequence[Event]) -> str:
    """Where a reader of the page stands: the last change and the last message that they have seen."""
    last_event = happened[-1].ref if happened else ""
    last_message = said[-1].ref if said else ""
    return f"{last_event}.{last_message}"


def changes_since(
    seen: str,
    ticket: Ticket,
    around: Around,
    said: Sequence[Said],
    happened: Sequence[Event],
    staff: Mapping[int, str],
    *,
    to_staff: bool,
) -> Changes:
    """Both versions, from the history: each change knows what was before it."""
    last_event, _dot, last_message = seen.partition(".")
    later = _after(happened, last_event)
    messages = _after(said, last_message)

    def nobody_or(person_id: int | None) -> str:
        return staff.get(person_id, _("somebody")) if person_id else _("Nobody")

    def team(team_id: int | None) -> str:
        found = around.team(team_id)
        return found.name if found else _("another team")

    facts: list[tuple[str, str, str, Any, Callable[[Any], Any]]] = [
        (_("State"), "ticket-state", "before", ticket.state, lambda value: state_words(value, staff=to_staff)),
        (_("Category"), "ticket-category", "before", ticket.category, CATEGORIES.__getitem__),
        (_("Priority"), "ticket-priority", "before", ticket.priority, PRIORITIES.__getitem__),
        (_("Team"), "ticket-handed-on", "from_team_id", ticket.team_id, team),
        (_("Assigned to"), "ticket-assigned ticket-handed-on", "from_person_id", ticket.assignee_id, nobody_or),
    ]
    differences = []
    for label, kinds, name, value, words in facts:
        first = next((event for event in later if event.kind in kinds.split()), None)
        if first is not None:
            before, now = str(words(first.params.get(name))), str(words(value))
            differences += [Difference(label, before, now)] if before != now else []
    return Changes(differences, list(later), list(messages))


def _after(items: Sequence[Any], ref: str) -> Sequence[Any]:
    """What follows the one of this reference; all where it is not among them, since nothing was seen then."""
    refs = [item.ref for item in items]
    return items[refs.index(ref) + 1 :] if ref in refs else items
