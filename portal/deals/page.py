"""The page of one registration: everything that its templates draw, for the partner and for staff alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session, aliased

from portal.access import Action, FieldGroup, Level, Principal
from portal.access.finding import is_writable
from portal.access.gate import principal
from portal.accounts.models import Person
from portal.clock import now
from portal.deals import clock
from portal.deals.extensions import why_not
from portal.deals.filling import Filling
from portal.deals.forms import ExtensionForm, WithdrawalForm
from portal.deals.lifecycle import EDITABLE, Side, State, Verb, verbs_from
from portal.deals.models import Deal, DealEvent, DealLine, side_of
from portal.deals.parties import people_who_register
from portal.deals.programmes import Programme
from portal.deals.sentences import DECIDED, ICONS, standing, tell
from portal.deals.terms import holding
from portal.deals.words import OUTCOMES, SALES_TYPES, SOURCES, STATE_TONES, STATES
from portal.extensions import db
from portal.files.models import Attachment
from portal.languages import number_text, voice
from portal.organisations.models import Organisation
from portal.products.models import Product, in_language
from portal.receipts.models import Receipt
from portal.rooms.kinds import KINDS
from portal.rooms.page import guests_who_see
from portal.tickets.audience import Group

_OVER = (State.EXPIRED, State.WITHDRAWN, State.REJECTED)


@dataclass(frozen=True, slots=True)
class May:
    """What this reader may do to this registration now: nothing else is offered."""

    edit: bool = False
    remove: bool = False
    submit: bool = False
    withdraw: bool = False
    extend: bool = False
    take_place: bool = False
    leave_line: bool = False
    copy: bool = False


def may_do(who: Principal, deal: Deal, at: datetime) -> May:
    is_guest = not who.is_staff and deal.organisation_id != who.organisation_id
    if is_guest or not who.may(Action.DEAL_WRITE) or not is_writable(deal):
        return May()
    verbs = verbs_from(deal.state, side_of(who))
    is_offered = deal.offered_until is not None and at < deal.offered_until
    return May(
        edit=deal.state in EDITABLE,
        remove=deal.state == State.DRAFT and deal.created_by_id == who.person_id,
        submit=Verb.SUBMIT in verbs or Verb.RESUBMIT in verbs,
        withdraw=Verb.WITHDRAW in verbs,
        extend=deal.is_protected(at),
        take_place=Verb.ACCEPT_PLACE in verbs and is_offered,
        leave_line=deal.in_line_since is not None,
        copy=deal.state in _OVER,
    )


@dataclass(frozen=True, slots=True)
class Event:
    """A step of its life, as its reader may know it: `note` is for staff alone."""

    verb: str
    at: datetime
    sentence: str
    icon: str
    reason: str
    note: str
    outcome: str
    is_public: bool


def events_of(session: Session, who: Principal, deal: Deal) -> list[Event]:
    """The steps in their order; a guest of its room reads those that are theirs to read."""
    reads_notes = who.is_staff and who.sees(FieldGroup.INTERNAL_NOTES)
    columns = [
        getattr(DealEvent, name) for name in ("verb", "at", "reason", "outcome", "actor_id", "is_by_staff", "is_public")
    ]
    asked = (
        sa.select(*columns, Person.name, *((DealEvent.note,) if reads_notes else ()))
        .outerjoin(Person, Person.id == DealEvent.actor_id)
        .where(DealEvent.deal_id == deal.id)
        .order_by(DealEvent.id)
    )
    return [_event(row, row.note if reads_notes else "") for row in session.execute(asked)]


def _event(row: Any, note: str) -> Event:
    side = Side.CLOCK if row.actor_id is None else Side.STAFF if row.is_by_staff else Side.PARTNER
    return Event(
        verb=row.verb,
        at=row.at,
        sentence=tell(row.verb, row.name, side),
        icon=ICONS.get(row.verb, "history"),
        reason=row.reason,
        note=note,
        outcome=str(OUTCOMES[row.outcome]) if row.outcome and row.verb in DECIDED else "",
        is_public=row.is_public,
    )


# Other modules of this room add what the page needs of them: each gives names for the templates.
parts: list[Callable[["DealPage"], dict[str, Any]]] = []


class DealPage:
    """Read once for a request; forms that were refused take the place of fresh ones."""

    def __init__(self, deal: Deal, session: Session | None = None) -> None:
        self.session = session or db.session()
        self.who: Principal = principal()
        self.deal, self.at = deal, now()
        self.may = may_do(self.who, deal, self.at)
        self.around = _around(self.session, deal)
        self.lines = _lines(self.session, deal)
        self.events = events_of(self.session, self.who, deal)
        self.files = _files(self.session, deal)
        self.receipts = _receipts(self.session, deal)
        self.why_no_extension = why_not(self.session, deal, self.at) if self.may.extend else None
        self.readers = readers_of(self.session, self.who, deal, self.around.organisation)

    @property
    def is_staff(self) -> bool:
        return self.who.is_staff

    @property
    def title(self) -> str:
        return self.deal.customer_name or str(_("Registration without a name"))

    @property
    def version(self) -> int:
        return self.deal.version_for(self.who)

    @property
    def state(self) -> tuple[str, str]:
        """In words, and the tone of the badge."""
        return str(STATES[self.deal.state]), STATE_TONES[self.deal.state]

    @property
    def standing(self) -> list[str]:
        late = clock.minutes_passed(self.session, self.deal.due_at, self.at) if self.is_late else 0
        return standing(self.deal, self.at, late, is_ours=self.is_staff)

    @property
    def question(self) -> str:
        """What a returned registration was returned with."""
        asked = (event.reason for event in reversed(self.events) if event.verb == Verb.RETURN)
        return next(asked, "") if self.deal.state == State.RETURNED else ""

    @property
    def is_late(self) -> bool:
        return self.deal.due_at is not None and self.at >= self.deal.due_at

    @property
    def outcome(self) -> str:
        return str(OUTCOMES[self.deal.outcome]) if self.deal.outcome else ""

    @property
    def programme(self) -> str:
        return in_language(self.around.programme, voice().language) if self.around.programme else ""

    @property
    def source(self) -> str:
        return str(SOURCES[self.deal.source]) if self.deal.source else ""

    @property
    def sales_type(self) -> str:
        return str(SALES_TYPES[self.deal.sales_type]) if self.deal.sales_type else ""

    @property
    def lines_come_to(self) -> int | None:
        """All lines together; None where one has no price."""
        sums = [line.sum for line in self.lines if line.sum is not None]
        return sum(sums) if sums and len(sums) == len(self.lines) else None

    @property
    def extension_terms(self) -> str:
        assert self.deal.programme is not None
        days = holding(self.deal).extension_days
        text: str = ngettext(
            "The protection becomes %(count)s day longer, if we agree.",
            "The protection becomes %(count)s days longer, if we agree.",
            days,
            count=number_text(days),
        )
        return text

    def forms(self, given: dict[str, Any]) -> dict[str, Any]:
        """What the page asks for, fresh but for what was refused."""
        found: dict[str, Any] = {}
        if self.may.withdraw:
            found["withdrawal"] = given.get("withdrawal") or WithdrawalForm(formdata=None)
        if self.may.extend and self.why_no_extension is None:
            found["extension"] = given.get("extension") or ExtensionForm(formdata=None)
        return found


@dataclass(frozen=True, slots=True)
class Around:
    """The names that stand around a registration, as far as its reader knows them."""

    organisation: str
    organisation_ref: str
    author: str
    author_ref: str
    writer: str
    programme: dict[str, Any]


def _around(session: Session, deal: Deal) -> Around:
    writer = aliased(Person)
    row = session.execute(
        sa.select(
            Organisation.name,
            Organisation.ref,
            Person.name.label("author"),
            Person.ref.label("author_ref"),
            writer.name.label("writer"),
            Programme.names.label("programme"),
        )
        .select_from(Deal)
        .outerjoin(Organisation, Organisation.id == Deal.organisation_id)
        .outerjoin(Person, Person.id == Deal.author_id)
        .outerjoin(writer, writer.id == Deal.created_by_id)
        .outerjoin(Programme, Programme.id == Deal.programme_id)
        .where(Deal.id == deal.id)
    ).one()
    return Around(
        row.name or "", row.ref or "", row.author or "", row.author_ref or "", row.writer or "", row.programme or {}
    )


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    code: str
    quantity: int
    unit_price: int | None

    @property
    def sum(self) -> int | None:
        return None if self.unit_price is None else self.unit_price * self.quantity


def _lines(session: Session, deal: Deal) -> list[Line]:
    language = voice().language
    asked = (
        sa.select(Product.names, Product.code, DealLine.quantity, DealLine.unit_price)
        .join(Product, Product.id == DealLine.product_id)
        .where(DealLine.deal_id == deal.id)
        .order_by(DealLine.position)
    )
    return [
        Line(in_language(row.names, language), row.code, row.quantity, row.unit_price) for row in session.execute(asked)
    ]


def _files(session: Session, deal: Deal) -> list[Any]:
    asked = sa.select(Attachment.ref, Attachment.filename, Attachment.size, Attachment.thumbnail_sha256)
    return list(session.execute(asked.where(Attachment.deal_id == deal.id).order_by(Attachment.id)))


def _receipts(session: Session, deal: Deal) -> list[Any]:
    asked = sa.select(Receipt.ref, Receipt.event, Receipt.at).where(
        Receipt.kind == "deal", Receipt.record_id == deal.id
    )
    return list(session.execute(asked.order_by(Receipt.sequence)))


def question_of(session: Session, deal: Deal) -> str | None:
    """What a returned registration was returned with."""
    if deal.state != State.RETURNED:
        return None
    asked = sa.select(DealEvent.reason).where(DealEvent.deal_id == deal.id, DealEvent.verb == Verb.RETURN)
    return session.scalar(asked.order_by(DealEvent.id.desc()).limit(1)) or None


# ── Who sees this ─────────────────────────────────────────────────────────────────────────────────


def form_readers(session: Session, who: Principal, filling: Filling) -> list[Group]:
    """Who reads it as it is now, while it is written."""
    deal, party = filling.deal, filling.party
    if deal is not None:
        name = session.scalar(sa.select(Organisation.name).where(Organisation.id == deal.organisation_id))
        return readers_of(session, who, deal, name or "")
    assert party is not None
    draft = Deal(
        organisation_id=party.organisation_id,
        author_id=party.author_id,
        created_by_id=who.person_id,
        created_at=now(),
    )
    return readers_of(session, who, draft, party.name)


def readers_of(session: Session, who: Principal, deal: Deal, organisation: str) -> list[Group]:
    """The partner's people by name; of the staff the roles, and of a draft nobody but who wrote it down for them."""
    groups = [Group(organisation, names_at_partner(session, who, deal))]
    if deal.id is not None:
        groups += guests_who_see(session, KINDS["deal"], deal.id, now())
    if deal.state != State.DRAFT:
        roles = [_("channel managers"), _("account managers of the partner and of the customer"), _("auditors")]
        groups.append(Group(_("Our staff"), roles))
    elif deal.created_by_id != deal.author_id:
        writer = who.name if who.person_id == deal.created_by_id else _("who wrote it down for you")
        groups.append(Group(_("Our staff"), [writer]))
    return groups


def names_at_partner(session: Session, who: Principal, deal: Deal) -> list[str]:
    """The author and the company's administrators. A guest is not told by name who of the partner reads it."""
    if not who.is_staff and deal.organisation_id != who.organisation_id:
        return [_("those of this company who look after it")]
    people = session.execute(people_who_register(deal.organisation_id)).all()
    return [row.name for row in people if row.level == Level.ADMIN or row.id == deal.author_id]
