"""What the page of a request shows to buyers and auditors, and that of an invitation to its supplier."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.accounts.models import Person
from portal.business_hours.models import vendor_calendar
from portal.clock import now
from portal.files.models import Attachment
from portal.orders.lifecycle import Kind
from portal.orders.models import Order
from portal.orders.parts import OrderDetails
from portal.organisations.models import Activity, Organisation
from portal.rfqs.invitations import RfqInvitation, RfqQuestion
from portal.rfqs.lifecycle import INVITATION, REQUEST, Answer, Side, State, Verb
from portal.rfqs.requests import Rfq, RfqTerms
from portal.rfqs.rules import answers, writes_requests
from portal.rfqs.showing import AskedLine, Offer, clarifications_of, files_of, lines_of, offers_of
from portal.rfqs.steps import STEPS

MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class Invited:
    """A supplier on the list of a request, as buyers see it."""

    id: int
    ref: str
    version: int
    name: str
    organisation_ref: str
    answer: str
    invited_at: datetime | None
    answered_at: datetime | None
    reason: str
    word: str
    order_number: str
    offer: Offer | None
    # The purchase order that the ERP has sent under that number.
    order_ref: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    words: str
    by: str
    supplier: str


class RfqPage:
    """For our staff."""

    def __init__(self, session: Session, who: Principal, rfq: Rfq) -> None:
        self.session, self.who, self.rfq, self.terms, self.at = session, who, rfq, rfq.terms, now()
        self.state = rfq.state_at(self.at)
        self.lines: list[AskedLine] = lines_of(session, rfq.id)
        self.files = files_of(session, Attachment.rfq_id, [rfq.id]).get(rfq.id, [])
        self.invited = invited_of(session, rfq, self.lines)
        self.clarifications = clarifications_of(session, rfq.id)
        self.questions = self._questions()
        self.writes = writes_requests(who)
        self.calendar = vendor_calendar(session)
        self.missing = rfq.missing(self.at, chosen=len(self.invited)) if self.writes and rfq.is_draft else {}

    @property
    def zone(self) -> str:
        return self.calendar.time_zone.key.replace("_", " ")

    def may(self, verb: Verb) -> bool:
        return self.writes and verb in REQUEST.verbs_from(self.state, Side.BUYER)

    @property
    def may_invite(self) -> bool:
        return self.writes and self.state == State.OPEN

    @property
    def is_sent(self) -> bool:
        return not self.rfq.is_draft

    @property
    def offers(self) -> list[Invited]:
        return [one for one in self.invited if one.offer is not None]

    @property
    def winners(self) -> list[Invited]:
        return [one for one in self.invited if one.answer == Answer.WON]

    def _questions(self) -> list[Any]:
        """Those of all suppliers, the unanswered ones first."""
        asked = (
            sa.select(
                RfqQuestion.ref, RfqQuestion.at, RfqQuestion.body, RfqQuestion.clarification_id, Organisation.name
            )
            .join(RfqInvitation, RfqInvitation.id == RfqQuestion.invitation_id)
            .outerjoin(Organisation, Organisation.id == RfqInvitation.organisation_id)
            .where(RfqInvitation.rfq_id == self.rfq.id)
            .order_by(RfqQuestion.clarification_id.is_not(None), RfqQuestion.id)
        )
        return list(self.session.execute(asked))

    def steps(self) -> list[Step]:
        """What has happened, the latest first; what was said to all at once is one step."""
        of = sa.select(RfqInvitation.id).where(RfqInvitation.rfq_id == self.rfq.id)
        rows = _steps(self.session, Activity.rfq_invitation_id.in_(of))
        found: dict[tuple[Any, ...], Step] = {}
        for row in rows:
            verb = row.kind.removeprefix("rfq-")
            key = (row.at, verb) if verb in ("clarify", "extend", "cancel") else (row.at, verb, row.supplier)
            supplier = "" if len(key) == 2 else row.supplier or ""
            found.setdefault(key, Step(row.at, str(STEPS[verb]), row.actor or "", supplier))
        return list(found.values())


_INVITED = (
    sa.select(
        *(RfqInvitation.id, RfqInvitation.ref, RfqInvitation.version, RfqInvitation.answer, RfqInvitation.word),
        *(RfqInvitation.invited_at, RfqInvitation.answered_at, RfqInvitation.reason, RfqInvitation.order_number),
        *(RfqInvitation.organisation_id, Organisation.name, Organisation.ref.label("organisation_ref")),
    )
    .outerjoin(Organisation, Organisation.id == RfqInvitation.organisation_id)
    .order_by(Organisation.name_key, RfqInvitation.ref)
)


def invited_of(session: Session, rfq: Rfq, lines: list[AskedLine]) -> list[Invited]:
    """By name, with the offers that count."""
    rows = session.execute(_INVITED.where(RfqInvitation.rfq_id == rfq.id)).all()
    offers = offers_of(session, [row.id for row in rows], lines, rfq.terms.currency)
    current = {offer.invitation_id: offer for offer in offers if offer.is_current}
    orders = orders_of(session, [(row.organisation_id, row.order_number) for row in rows if row.order_number])
    return [_invited(row, current.get(row.id), orders.get((row.organisation_id, row.order_number), "")) for row in rows]


def _invited(row: Any, offer: Offer | None, order_ref: str) -> Invited:
    return Invited(
        id=row.id,
        ref=row.ref,
        version=row.version,
        name=row.name or "",
        organisation_ref=row.organisation_ref or "",
        answer=row.answer,
        invited_at=row.invited_at,
        answered_at=row.answered_at,
        reason=row.reason,
        word=row.word,
        order_number=row.order_number,
        offer=offer,
        order_ref=order_ref,
    )


def orders_of(session: Session, wanted: list[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """References of the purchase orders within reach that have these numbers, by supplier and number."""
    if not wanted:
        return {}
    asked = (
        sa.select(Order.organisation_id, Order.ref, OrderDetails.number)
        .join(OrderDetails, OrderDetails.order_id == Order.id)
        .where(Order.kind == Kind.PURCHASE, Order.organisation_id.in_({company for company, _number in wanted}))
        .where(OrderDetails.number.in_({number for _company, number in wanted}))
    )
    return {(row.organisation_id, row.number): row.ref for row in session.execute(asked)}


class InvitationPage:
    """For the supplier: nothing here is read from the request itself or from another invitation."""

    def __init__(self, session: Session, who: Principal, invitation: RfqInvitation, terms: RfqTerms) -> None:
        self.session, self.who, self.invitation, self.terms, self.at = session, who, invitation, terms, now()
        self.lines: list[AskedLine] = lines_of(session, invitation.rfq_id)
        self.files = files_of(session, Attachment.rfq_invitation_id, [invitation.id]).get(invitation.id, [])
        self.offers = offers_of(session, [invitation.id], self.lines, terms.currency)
        self.clarifications = clarifications_of(session, invitation.rfq_id)
        asked = sa.select(RfqQuestion.at, RfqQuestion.body, RfqQuestion.clarification_id)
        self.questions = list(
            session.execute(asked.where(RfqQuestion.invitation_id == invitation.id).order_by(RfqQuestion.id))
        )
        self.is_over = terms.is_over(self.at)
        self.answers = answers(who, invitation) and invitation.is_open(terms, self.at)
        self.won = self._won() if invitation.answer == Answer.WON else frozenset()

    @property
    def offer(self) -> Offer | None:
        return next((offer for offer in self.offers if offer.is_current), None)

    @property
    def earlier(self) -> list[Offer]:
        return [offer for offer in self.offers if not offer.is_current]

    def may(self, verb: Verb) -> bool:
        return self.answers and verb in INVITATION.verbs_from(self.invitation.answer, Side.SUPPLIER)

    @property
    def order_url(self) -> str:
        number, company = self.invitation.order_number, self.invitation.organisation_id
        ref = orders_of(self.session, [(company, number)]).get((company, number)) if number else None
        return url_for("orders.show", ref=ref) if ref else ""

    def _won(self) -> frozenset[int]:
        """Positions of the lines that were awarded to this supplier."""
        from portal.rfqs.awarding import RfqAward

        positions = {line.id: line.position for line in self.lines}
        asked = sa.select(RfqAward.line_id).where(RfqAward.invitation_id == self.invitation.id)
        return frozenset(positions[line_id] for line_id in self.session.scalars(asked))

    def steps(self) -> list[Step]:
        rows = _steps(self.session, Activity.rfq_invitation_id == self.invitation.id)
        return [Step(row.at, str(STEPS[row.kind.removeprefix("rfq-")]), row.actor or "", "") for row in rows]


def _steps(session: Session, condition: sa.ColumnElement[bool]) -> list[Any]:
    asked = (
        sa.select(Activity.at, Activity.kind, Person.name.label("actor"), Organisation.name.label("supplier"))
        .outerjoin(RfqInvitation, RfqInvitation.id == Activity.rfq_invitation_id)
        .outerjoin(Organisation, Organisation.id == RfqInvitation.organisation_id)
        .outerjoin(Person, Person.id == Activity.actor_id)
        .where(condition)
        .order_by(Activity.id.desc())
        .limit(MOST_STEPS)
    )
    return list(session.execute(asked))
