"""How the changes of a ticket are told on its page: each kind of event is a sentence in the reader's language."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from portal.tickets.around import Around
from portal.tickets.conversation import Event
from portal.tickets.words import CATEGORIES, PRIORITIES, state_words

Sentence = Callable[[Event, Around, bool], str]


def tell(event: Event, around: Around, *, to_staff: bool) -> str:
    """The sentence of an event; it is markup, in which names are isolated."""
    return SENTENCES[event.kind](event, around, to_staff)


def _say(sentence: Any, event: Event, **parts: object) -> str:
    """Fill a translated sentence; whatever goes in is escaped and isolated."""
    names = {"actor": _actor(event), **parts}
    isolated = {name: Markup("<bdi>%s</bdi>") % part for name, part in names.items()}
    # The sentence is escaped here, the parts by `%`.
    return Markup(escape(str(sentence)) % isolated)  # noqa: S704  # as said above


def _actor(event: Event) -> str:
    if event.actor:
        return event.actor
    return str(_("Our staff") if event.is_by_staff else _("Somebody"))


def _state(event: Event, around: Around, to_staff: bool) -> str:
    before, after = (state_words(event.params[name], staff=to_staff) for name in ("before", "after"))
    return _say(_("%(actor)s changed the state from %(before)s to %(after)s"), event, before=before, after=after)


def _changed(sentence: Any, words: Mapping[Any, Any]) -> Sentence:
    def sentence_of(event: Event, around: Around, to_staff: bool) -> str:
        before, after = (words.get(event.params[name], event.params[name]) for name in ("before", "after"))
        return _say(sentence, event, before=before, after=after)

    return sentence_of


def _assigned(event: Event, around: Around, to_staff: bool) -> str:
    if event.params.get("person_id") is None:
        return _say(_("%(actor)s put the ticket back into nobody’s hands"), event)
    if event.person == event.actor:
        return _say(_("%(actor)s took the ticket"), event)
    return _say(_("%(actor)s gave the ticket to %(person)s"), event, person=event.person or _("somebody"))


def _handed_on(event: Event, around: Around, to_staff: bool) -> str:
    teams = [around.team(event.params.get(name)) for name in ("from_team_id", "team_id")]
    before, after = (team.name if team else _("another team") for team in teams)
    return _say(_("%(actor)s handed the ticket on from %(before)s to %(after)s"), event, before=before, after=after)


def _about(sentence: Any) -> Sentence:
    return lambda event, around, to_staff: _say(sentence, event, person=event.person or _("somebody"))


def _joined(event: Event, around: Around, to_staff: bool) -> str:
    company = event.company or _("another company")
    if event.params.get("person_id") is None:
        return _say(_("%(company)s joined"), event, company=company)
    return _say(_("%(person)s (%(company)s) joined"), event, person=event.person or _("Somebody"), company=company)


def _ended(event: Event, around: Around, to_staff: bool) -> str:
    if event.params.get("organisation_id") is None:
        return _say(_("%(actor)s took back an invitation to join"), event)
    company = event.company or _("another company")
    if event.params.get("person_id") is None:
        return _say(_("%(actor)s ended sharing with %(company)s"), event, company=company)
    person = event.person or _("somebody")
    return _say(_("%(actor)s ended sharing with %(person)s (%(company)s)"), event, person=person, company=company)


def _shared(event: Event, around: Around, to_staff: bool) -> str:
    return _say(_("%(actor)s invited somebody to join"), event)


SENTENCES: Mapping[str, Sentence] = {
    "ticket-state": _state,
    "ticket-category": _changed(_l("%(actor)s changed the category from %(before)s to %(after)s"), CATEGORIES),
    "ticket-priority": _changed(_l("%(actor)s changed the priority from %(before)s to %(after)s"), PRIORITIES),
    "ticket-assigned": _assigned,
    "ticket-handed-on": _handed_on,
    "ticket-copied": _about(_l("%(actor)s copied %(person)s in")),
    "ticket-left-out": _about(_l("%(actor)s took %(person)s off the copies")),
    "record-shared": _shared,
    "room-joined": _joined,
    "share-ended": _ended,
}

ICONS: Mapping[str, str] = {
    "ticket-category": "tag",
    "ticket-priority": "flag",
    "ticket-assigned": "hand",
    "ticket-handed-on": "arrow-end",
    "ticket-copied": "people",
    "ticket-left-out": "people",
    "record-shared": "share",
    "room-joined": "people",
    "share-ended": "share",
}
