"""What staff see of a review beside the registration itself, and what they may decide now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import pgettext
from sqlalchemy.orm import Session, aliased

from portal.access import Action, Principal
from portal.access.finding import is_writable
from portal.accounts.models import Person
from portal.deals.decision_forms import FORMS, NEW, CustomerForm
from portal.deals.extensions import Extension
from portal.deals.lifecycle import WAITING, Side, State, Verb, verbs_from
from portal.deals.models import Deal, DealEvent
from portal.deals.review import DealReview
from portal.deals.words import STATES
from portal.errors import RuleBroken
from portal.forms import choices
from portal.matching.reading import Candidate, Other, matches_of
from portal.organisations.listing import named
from portal.organisations.models import Organisation
from portal.tickets.forms import place

MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or something with a page of its own; empty where it is nobody."""

    ref: str = ""
    name: str = ""

    def __bool__(self) -> bool:
        return bool(self.ref)


@dataclass(frozen=True, slots=True)
class MayDecide:
    """What this reader may do now: nothing else is offered."""

    take: bool = False
    put_back: bool = False
    customer: bool = False
    found: bool = False
    approve: bool = False
    send_back: bool = False
    reject: bool = False
    mark_duplicate: bool = False
    revoke: bool = False
    extend: bool = False


class ReviewPanel:
    """The review of one registration, read once for a request."""

    def __init__(self, session: Session, who: Principal, deal: Deal, review: DealReview) -> None:
        self.session, self.who, self.deal, self.review = session, who, deal, review
        self.version = deal.version
        self.customer, self.reviewer, self.first_approver, self.escalated_to = _around(session, review)
        self.extension = _pending(session, deal)
        self.seen = _count_events(session, deal)
        self.why_not = _why_not(who, deal, review)
        self.may = _may(self)
        self.matches = matches_of(session, deal.id)

    @property
    def needs_two(self) -> bool:
        """Whether two people must approve it."""
        deal = self.deal
        return deal.programme is not None and deal.programme.needs_two(deal.amount or 0, deal.currency)

    @property
    def needs_second(self) -> bool:
        """Whether one of two has approved."""
        return self.deal.state == State.UNDER_REVIEW and self.review.first_approver_id is not None

    @property
    def is_first_approver(self) -> bool:
        return self.review.first_approver_id == self.who.person_id

    def forms(self, given: Mapping[str, Any], question: str, back: str) -> dict[str, Any]:
        """What the page asks for, by its name with `_form` after it: fresh but for what was refused."""
        offered = {
            "customer": self.may.customer,
            "approval": self.may.approve,
            "return": self.may.send_back,
            "rejection": self.may.reject,
            "duplicate": self.may.mark_duplicate,
            "revocation": self.may.revoke,
            "extension": self.may.extend,
        }
        forms: dict[str, Any] = {}
        for name in offered:
            form = given.get(name)
            if form is None and offered[name]:
                form = place(FORMS[name](formdata=None), name)
                if name == "approval" and self.needs_second:
                    form["reason"].data = _first_words(self.session, self.deal)
            if form is None:
                continue
            form.version.data, form.seen.data, form.back.data = self.version, self.seen, back
            if name == "customer":
                self.offer_customers(form, question)
            forms[name] = form
        return forms

    def offer_customers(self, form: CustomerForm, question: str) -> None:
        """Those that matching found, those within reach of this name, and a new one; the likeliest is chosen."""
        found = {match.organisation_ref: match.name for match in organisations_of(self.matches)}
        if question:
            found |= {row.ref: row.name for row in customers_named(self.session, question)}
        if self.customer:
            found.setdefault(self.customer.ref, self.customer.name)
        offered = [*found.items()]
        if self.may.found:
            offered.append((NEW, _("A new customer record, made from this registration")))
        form.customer.choices = choices(offered)
        if form.customer.data is None:
            form.customer.data = self.customer.ref or next((ref for ref, name in offered), None)
        form.named.data = question or form.named.data


def panel_of(session: Session, who: Principal, deal: Deal) -> ReviewPanel | None:
    """For staff alone, and from the submission on."""
    if not who.is_staff:
        return None
    review = session.scalars(sa.select(DealReview).where(DealReview.deal_id == deal.id)).one_or_none()
    return ReviewPanel(session, who, deal, review) if review is not None else None


def organisations_of(matches: list[Candidate]) -> list[Candidate]:
    """The matches that name an organisation, each once."""
    found = {match.organisation_ref: match for match in reversed(matches) if match.other != Other.DEAL}
    return [match for ref, match in reversed(found.items()) if ref]


def customers_named(session: Session, question: str) -> list[Any]:
    statement = sa.select(Organisation.id, Organisation.ref, Organisation.name)
    statement = statement.where(named(question), Organisation.is_customer.is_(True))
    return list(session.execute(statement.order_by(Organisation.name_key).limit(MOST_FOUND)))


def _around(session: Session, review: DealReview) -> tuple[Named, Named, Named, Named]:
    """The customer, the reviewer, who approved first, and to whom it was escalated."""
    people = [aliased(Person) for _person in range(3)]
    entities: list[Any] = [Organisation, *people]
    columns = [column for entity in entities for column in (entity.ref, entity.name)]
    statement = sa.select(*columns).select_from(DealReview)
    statement = statement.outerjoin(Organisation, Organisation.id == DealReview.customer_id)
    ids = (DealReview.reviewer_id, DealReview.first_approver_id, DealReview.escalated_to_id)
    for person, id in zip(people, ids, strict=True):
        statement = statement.outerjoin(person, person.id == id)
    row = session.execute(statement.where(DealReview.id == review.id)).one()
    customer, reviewer, first, escalated = (Named(row[n] or "", row[n + 1] or "") for n in (0, 2, 4, 6))
    return customer, reviewer, first, escalated


@dataclass(frozen=True, slots=True)
class Asked:
    """An extension that waits for a decision."""

    ref: str
    asked_by_id: int
    asked_at: datetime
    evidence: str
    days: int


def _pending(session: Session, deal: Deal) -> Asked | None:
    columns = (Extension.ref, Extension.asked_by_id, Extension.asked_at, Extension.evidence, Extension.days)
    statement = sa.select(*columns).where(Extension.deal_id == deal.id, Extension.decided_at.is_(None))
    row = session.execute(statement).one_or_none()
    return Asked(*row) if row else None


def _first_words(session: Session, deal: Deal) -> str:
    """What the first of two wrote to the partner, who has not read it yet: the second may send it, or other words."""
    statement = sa.select(DealEvent.reason).where(DealEvent.deal_id == deal.id, DealEvent.verb == "approve-first")
    return session.scalar(statement.order_by(DealEvent.id.desc()).limit(1)) or ""


def _count_events(session: Session, deal: Deal) -> int:
    return session.scalar(sa.select(sa.func.count(DealEvent.id)).where(DealEvent.deal_id == deal.id)) or 0


def _why_not(who: Principal, deal: Deal, review: DealReview) -> str | None:
    """Why somebody who decides on registrations does not decide on this one."""
    if not who.may(Action.DEAL_DECIDE) or not is_writable(deal):
        return None
    try:
        review.check_disinterested(who)
    except RuleBroken as problem:
        return str(problem.message)
    return None


def _may(panel: ReviewPanel) -> MayDecide:
    who, deal = panel.who, panel.deal
    if panel.why_not or not who.may(Action.DEAL_DECIDE) or not is_writable(deal):
        return MayDecide()
    verbs = verbs_from(deal.state, Side.STAFF)
    asked = panel.extension
    return MayDecide(
        take=Verb.TAKE in verbs,
        put_back=Verb.PUT_BACK in verbs,
        customer=deal.state in WAITING,
        found=deal.state in WAITING and who.may(Action.ORGANISATION_WRITE),
        approve=Verb.APPROVE in verbs and not panel.is_first_approver,
        send_back=Verb.RETURN in verbs,
        reject=Verb.REJECT in verbs,
        mark_duplicate=Verb.MARK_DUPLICATE in verbs,
        revoke=Verb.REVOKE in verbs,
        extend=asked is not None and asked.asked_by_id != who.person_id,
    )


# ── Two versions ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Difference:
    label: str
    before: str
    now: str


def differences(session: Session, deal: Deal, seen: int) -> list[Difference]:
    """What a registration was after so many steps, beside what it is now; what has stayed is left out."""
    columns = (DealEvent.verb, DealEvent.state, DealEvent.params, Person.name)
    statement = sa.select(*columns).outerjoin(Person, Person.id == DealEvent.actor_id)
    events = list(session.execute(statement.where(DealEvent.deal_id == deal.id).order_by(DealEvent.id)))
    before, now = _told(events[:seen]), _told(events)
    names = _names(session, {told["customer"] for told in (before, now)} - {None})
    rows = [
        (_("State"), *(str(STATES[told["state"]]) if told["state"] else "" for told in (before, now))),
        (_("Reviewer"), *(told["reviewer"] or pgettext("reviewer", "Nobody") for told in (before, now))),
        (_("Customer"), *(names.get(told["customer"], "–") for told in (before, now))),
        (_("First approval"), *(told["first"] or "–" for told in (before, now))),
    ]
    return [Difference(*row) for row in rows if row[1] != row[2]]


def _told(events: list[Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"state": "", "reviewer": "", "customer": None, "first": ""}
    for event in events:
        told["state"] = event.state
        if event.verb == Verb.TAKE:
            told["reviewer"] = event.name or ""
        elif event.verb in (Verb.PUT_BACK, "approve-first"):
            told["reviewer"] = ""
        if event.verb == "approve-first":
            told["first"] = event.name or ""
        elif event.verb == "name-customer":
            told["customer"], told["first"] = event.params.get("organisation_id"), ""
    return told


def _names(session: Session, ids: set[Any]) -> dict[Any, str]:
    if not ids:
        return {}
    return {
        row.id: row.name
        for row in session.execute(
            sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(sorted(ids)))
        )
    }
