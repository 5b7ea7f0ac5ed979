"""How each kind of event in the contact history is told: the one place where kinds become sentences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from portal.deals.steps import INTERNAL, STEPS
from portal.languages import list_text
from portal.orders.steps import STEPS as ORDER_STEPS
from portal.organisations.history import Entry, Named
from portal.organisations.words import CHANNELS, FIELDS
from portal.rfqs.steps import STEPS as RFQ_STEPS
from portal.tickets.words import CATEGORIES, PRIORITIES, state_words


@dataclass(frozen=True, slots=True)
class Telling:
    """The name of a kind in the filter, its sentence, and whether staff alone ever read it."""

    label: Any
    sentence: Callable[[Entry, bool], str]
    is_internal: bool = False


def tell(entry: Entry, *, to_staff: bool) -> str:
    """The sentence of an entry in the reader's language; a kind that nobody told us about is still an event."""
    telling = TELLINGS.get(entry.kind)
    return telling.sentence(entry, to_staff) if telling else _("Something was recorded.")


def _say(sentence: str, **parts: object) -> Markup:
    """Fill a translated sentence; parts that are no markup are escaped."""
    return Markup(escape(sentence)) % parts  # noqa: S704  # the sentence is escaped here, the parts by `%`


def _link(endpoint: str, named: Named | None, otherwise: str) -> str:
    if named is None:
        return otherwise
    return Markup('<a href="%s"><bdi>%s</bdi></a>') % (url_for(endpoint, ref=named.ref), named.name)


def _ticket(entry: Entry) -> str:
    return _link("tickets.show", entry.ticket, _("a ticket"))


def _deal(named: Named) -> str:
    """By its reference, which does not break, and its name, if it has one yet."""
    ref = Markup('<span class="ref">%s</span>') % named.ref
    return _link("deals.show", Named(named.ref, Markup("%s %s") % (ref, named.name) if named.name else ref), "")


def _person(entry: Entry) -> str:
    return _link("organisations.show_person", entry.named("person", "person_id"), _("somebody"))


def _plain(sentence: Any) -> Callable[[Entry, bool], str]:
    return lambda entry, to_staff: str(sentence)


def _of_ticket(sentence: Any) -> Callable[[Entry, bool], str]:
    return lambda entry, to_staff: _say(str(sentence), ticket=_ticket(entry))


def _state(entry: Entry, to_staff: bool) -> str:
    before, after = (state_words(entry.params[name], staff=to_staff) for name in ("before", "after"))
    return _say(
        _("%(ticket)s went from “%(before)s” to “%(after)s”."), ticket=_ticket(entry), before=before, after=after
    )


def _became(sentence: Any, words: Mapping[Any, Any]) -> Callable[[Entry, bool], str]:
    def sentence_of(entry: Entry, to_staff: bool) -> str:
        after = words.get(entry.params["after"], entry.params["after"])
        return _say(str(sentence), ticket=_ticket(entry), after=after)

    return sentence_of


def _assigned(entry: Entry, to_staff: bool) -> str:
    if entry.params.get("person_id") is None:
        return _say(_("%(ticket)s was put back into nobody’s hands."), ticket=_ticket(entry))
    return _say(_("%(ticket)s was given to %(person)s."), ticket=_ticket(entry), person=_person(entry))


def _handed_on(entry: Entry, to_staff: bool) -> str:
    team = entry.named("team", "team_id")
    name = Markup("<bdi>%s</bdi>") % team.name if team else _("another team")
    return _say(_("%(ticket)s was handed on: %(team)s."), ticket=_ticket(entry), team=name)


def _with_ticket(sentence: Any) -> Callable[[Entry, bool], str]:
    return lambda entry, to_staff: _say(str(sentence), person=_person(entry), ticket=_ticket(entry))


def _shared_record(entry: Entry) -> str:
    return _ticket(entry) if entry.deal is None else _deal(entry.deal)


def _shared(sentence: Any) -> Callable[[Entry, bool], str]:
    """With a company or one person of it; of an offer that nobody took up, with nobody yet."""

    def sentence_of(entry: Entry, to_staff: bool) -> str:
        company = _link("organisations.show", entry.named("organisation", "organisation_id"), _("another company"))
        if entry.params.get("person_id"):
            company = _say(_("%(person)s (%(company)s)"), person=_person(entry), company=company)
        elif entry.params.get("organisation_id") is None:
            company = _("somebody invited")
        return _say(str(sentence), who=company, ticket=_shared_record(entry))

    return sentence_of


def _changed(entry: Entry, to_staff: bool) -> str:
    fields = list_text(FIELDS.get(name, name) for name in entry.params["fields"])
    return _say(_("The record was changed: %(fields)s."), fields=fields)


def _of_link(sentence: Any) -> Callable[[Entry, bool], str]:
    def sentence_of(entry: Entry, to_staff: bool) -> str:
        return _say(
            str(sentence),
            partner=_link("organisations.show", entry.named("organisation", "partner_id"), _("the partner of record")),
            customer=_link("organisations.show", entry.named("organisation", "customer_id"), _("the customer")),
        )

    return sentence_of


def _of_person(sentence: Any) -> Callable[[Entry, bool], str]:
    return lambda entry, to_staff: _say(str(sentence), person=_person(entry))


def _contact(entry: Entry, to_staff: bool) -> str:
    """What was noted by hand: the words are a person's own."""
    parts = {
        "channel": CHANNELS.get(entry.channel, entry.channel),
        "subject": Markup('<strong dir="auto">%s</strong>') % entry.params["subject"],
    }
    if entry.params.get("person_id"):
        return _say(_("%(channel)s with %(person)s: %(subject)s"), **parts, person=_person(entry))
    return _say(_("%(channel)s: %(subject)s"), **parts)


def _of_deal(step: Any) -> Callable[[Entry, bool], str]:
    """The name of the step, and the registration where its page is there to open."""

    def sentence_of(entry: Entry, to_staff: bool) -> str:
        return str(step) if entry.deal is None else _say("%(step)s: %(deal)s", step=step, deal=_deal(entry.deal))

    return sentence_of


def _of_order(step: Any) -> Callable[[Entry, bool], str]:
    """The name of the step, and the order where its page is there to open."""

    def sentence_of(entry: Entry, to_staff: bool) -> str:
        if entry.order is None:
            return str(step)
        return _say("%(step)s: %(order)s", step=step, order=_link("orders.show", entry.order, ""))

    return sentence_of


def _of_rfq(step: Any) -> Callable[[Entry, bool], str]:
    """The name of the step, and the request where its page is there to open."""

    def sentence_of(entry: Entry, to_staff: bool) -> str:
        if entry.rfq is None:
            return str(step)
        return _say("%(step)s: %(rfq)s", step=step, rfq=_link("rfqs.show", entry.rfq, ""))

    return sentence_of


def _of_sale(label: Any) -> Telling:
    """A direct sale, which no company reads of."""

    def sentence_of(entry: Entry, to_staff: bool) -> str:
        sale = _link("opportunities.show", entry.named("opportunity", "sale_id"), _("a direct sale"))
        return _say("%(step)s: %(sale)s", step=label, sale=sale)

    return Telling(label, sentence_of, is_internal=True)


def _of_lead(sentence: Any) -> Callable[[Entry, bool], str]:
    """By its reference, without a link: most who read the history do not reach the lead."""
    return lambda entry, to_staff: _say(str(sentence), lead=Markup('<bdi class="ref">%s</bdi>') % entry.params["lead"])


TELLINGS: dict[str, Telling] = {
    "contact": Telling(_l("Contact noted by hand"), _contact),
    "ticket-opened": Telling(_l("Ticket opened"), _of_ticket(_l("Ticket opened: %(ticket)s"))),
    "reply": Telling(_l("Reply"), _of_ticket(_l("Reply: %(ticket)s"))),
    "note": Telling(_l("Internal note"), _of_ticket(_l("Internal note: %(ticket)s")), is_internal=True),
    "message-withdrawn": Telling(_l("Message taken back"), _of_ticket(_l("A message was taken back: %(ticket)s"))),
    "message-redacted": Telling(
        _l("Message redacted"), _of_ticket(_l("The words of a message were removed: %(ticket)s"))
    ),
    "ticket-state": Telling(_l("State of a ticket"), _state),
    "ticket-category": Telling(
        _l("Category of a ticket"), _became(_l("The category of %(ticket)s is now “%(after)s”."), CATEGORIES)
    ),
    "ticket-priority": Telling(
        _l("Priority of a ticket"), _became(_l("The priority of %(ticket)s is now “%(after)s”."), PRIORITIES)
    ),
    "ticket-copied": Telling(_l("Colleague copied in"), _with_ticket(_l("%(person)s was copied into %(ticket)s."))),
    "ticket-left-out": Telling(
        _l("Colleague left out"), _with_ticket(_l("%(person)s is no longer copied into %(ticket)s."))
    ),
    "ticket-assigned": Telling(_l("Ticket assigned"), _assigned, is_internal=True),
    "ticket-handed-on": Telling(_l("Ticket handed on"), _handed_on, is_internal=True),
    "record-shared": Telling(_l("Record shared"), _shared(_l("Somebody was invited to join: %(ticket)s"))),
    "room-joined": Telling(_l("Joined a shared record"), _shared(_l("%(who)s joined: %(ticket)s"))),
    "share-ended": Telling(_l("Sharing ended"), _shared(_l("Sharing with %(who)s ended: %(ticket)s"))),
    "person-joined": Telling(_l("Somebody joined"), _of_person(_l("%(person)s joined the company."))),
    "membership-changed": Telling(_l("Rights changed"), _of_person(_l("The rights of %(person)s were changed."))),
    "membership-ended": Telling(_l("Somebody left"), _of_person(_l("%(person)s no longer belongs to the company."))),
    "person-invited": Telling(_l("Colleague invited"), _plain(_l("Somebody was invited to the company."))),
    "invitation-revoked": Telling(_l("Invitation withdrawn"), _plain(_l("An invitation was withdrawn."))),
    "request-declined": Telling(_l("Newcomer declined"), _of_person(_l("The request of %(person)s was declined."))),
    "person-disabled": Telling(_l("Access switched off"), _of_person(_l("The access of %(person)s was switched off."))),
    "person-enabled": Telling(
        _l("Access switched on"), _of_person(_l("The access of %(person)s was switched on again."))
    ),
    "lead-accepted": Telling(_l("Lead accepted"), _of_lead(_l("The lead %(lead)s was accepted."))),
    "organisation-created": Telling(_l("Record created"), _plain(_l("The record was created."))),
    "organisation-changed": Telling(_l("Record changed"), _changed),
    "portfolio-added": Telling(
        _l("Taken into a portfolio"), _of_person(_l("%(person)s looks after the company now.")), is_internal=True
    ),
    "portfolio-removed": Telling(
        _l("Left a portfolio"), _of_person(_l("%(person)s no longer looks after the company.")), is_internal=True
    ),
    "opportunity-opened": _of_sale(_l("Direct sale opened")),
    "opportunity-changed": _of_sale(_l("Direct sale changed")),
    "opportunity-won": _of_sale(_l("Direct sale won")),
    "opportunity-lost": _of_sale(_l("Direct sale lost")),
    "opportunity-reopened": _of_sale(_l("Direct sale reopened")),
    "partner-link-started": Telling(
        _l("Partner of record"), _of_link(_l("%(partner)s became partner of record of %(customer)s."))
    ),
    "partner-link-changed": Telling(
        _l("Partner of record changed"),
        _of_link(_l("What was agreed between %(partner)s and %(customer)s was changed.")),
    ),
    "partner-consent-given": Telling(
        _l("Consent given"), _of_link(_l("%(partner)s may open tickets for %(customer)s from now on."))
    ),
    "partner-consent-withdrawn": Telling(
        _l("Consent withdrawn"), _of_link(_l("%(partner)s may no longer open tickets for %(customer)s."))
    ),
}
TELLINGS |= {
    f"deal-{verb}": Telling(step, _of_deal(step), is_internal=verb in INTERNAL) for verb, step in STEPS.items()
}
TELLINGS |= {f"rfq-{verb}": Telling(step, _of_rfq(step)) for verb, step in RFQ_STEPS.items()}
TELLINGS |= {f"order-{verb}": Telling(step, _of_order(step)) for verb, step in ORDER_STEPS.items()}
