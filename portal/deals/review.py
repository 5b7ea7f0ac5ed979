"""The review of a registration: what staff alone know of it, and their decisions."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access import Principal
from portal.accounts.models import Person
from portal.database import Base, session_of
from portal.deals import clock, protection
from portal.deals.lifecycle import Side, State, Verb, target_of
from portal.deals.models import Deal, Outcome
from portal.errors import RuleBroken
from portal.organisations.models import Organisation


class DealReview(Base):
    """What staff alone know of a registration: whose customer it is, who has it in hand, who approved it first."""

    __tablename__ = "deal_review"

    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deal.id"), unique=True)
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    # Who submitted it first, be it on the partner's behalf: see `rules.has_part_in` for who does not decide on it.
    submitter_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    reviewer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    taken_at: Mapped[datetime | None]
    first_approver_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    escalated_at: Mapped[datetime | None]
    escalated_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    deal: Mapped[Deal] = relationship()
    customer: Mapped[Organisation | None] = relationship()
    reviewer: Mapped[Person | None] = relationship(foreign_keys=reviewer_id)

    # ── The work on it ────────────────────────────────────────────────────────────────────────────

    def take(self, who: Principal, at: datetime, version: int) -> None:
        """Begin the review. Raises Stale, and RuleBroken where it is not theirs to decide."""
        self._begin(who, version, Verb.TAKE)
        self.reviewer_id, self.taken_at = who.person_id, at
        self.deal.happened(Verb.TAKE, who, at)

    def put_back(self, who: Principal, at: datetime, version: int) -> None:
        """Leave it to others; the clock runs on."""
        self.deal.check_version(who, version)
        self.deal.state = target_of(self.deal.state, Verb.PUT_BACK, Side.STAFF)
        self.reviewer_id = self.taken_at = None
        self.deal.happened(Verb.PUT_BACK, who, at)

    def name_customer(self, who: Principal, customer_id: int, at: datetime, version: int) -> None:
        """Say which organisation the registration is about; the partner does not learn of it."""
        self.deal.check_version(who, version)
        if self.deal.state not in (State.SUBMITTED, State.RESUBMITTED, State.UNDER_REVIEW):
            raise RuleBroken(_l("The customer is named while the registration waits for a decision."))
        if customer_id == self.deal.organisation_id:
            raise RuleBroken(_l("A partner cannot be its own customer here."))
        if customer_id != self.customer_id:
            # Whoever approved it first approved another customer.
            before, self.customer_id, self.first_approver_id = self.customer_id, customer_id, None
            self.deal.happened("name-customer", who, at, is_public=False, organisation_id=customer_id)
            protection.pass_on(session_of(self), self.deal, before, who, at)

    # ── Decisions ─────────────────────────────────────────────────────────────────────────────────

    def approve(self, who: Principal, at: datetime, version: int, *, reason: str, note: str = "") -> bool:
        """Approve it, so that it is protected from now on; False where a second person has to approve it still.

        Raises Stale, and RuleBroken where somebody else holds the place.
        """
        target, deal = self._begin(who, version, Verb.APPROVE, move=False), self.deal
        if self.customer_id is None:
            raise RuleBroken(_l("Say first which customer this is about."))
        assert deal.programme is not None
        if deal.programme.needs_two(deal.amount or 0, deal.currency):
            if self.first_approver_id is None:
                self.first_approver_id, self.reviewer_id = who.person_id, None
                deal.happened("approve-first", who, at, reason=reason, note=note, is_public=False)
                return False
            if self.first_approver_id == who.person_id:
                raise RuleBroken(_l("A second person has to approve this amount."))
        protection.claim(session_of(self), deal, self.customer_id, at)
        deal.state, deal.outcome = target, Outcome.CLEAR
        took = self._settle(at)
        protection.start(deal, at)
        deal.happened(Verb.APPROVE, who, at, reason=reason, note=note, took=took)
        return True

    def send_back(self, who: Principal, at: datetime, version: int, *, reason: str, note: str = "") -> None:
        """Return it to the partner with a question; the clock stops until they answer."""
        self.deal.state = self._begin(who, version, Verb.RETURN, move=False)
        took = self._settle(at)
        # What comes back may be another thing than what was approved first.
        self.deal.decided_at = self.first_approver_id = None
        self.deal.happened(Verb.RETURN, who, at, reason=reason, note=note, took=took)

    def reject(
        self, who: Principal, at: datetime, version: int, *, reason: str, note: str = "", outcome: Outcome
    ) -> None:
        self.deal.state, self.deal.outcome = self._begin(who, version, Verb.REJECT, move=False), outcome
        took = self._settle(at)
        self.deal.happened(Verb.REJECT, who, at, reason=reason, note=note, took=took)

    def mark_duplicate(
        self,
        who: Principal,
        at: datetime,
        version: int,
        *,
        reason: str,
        note: str = "",
        outcome: Outcome,
        in_line: bool = False,
    ) -> None:
        """Somebody else has the place; `in_line`: this one is offered it when it becomes free."""
        target = self._begin(who, version, Verb.MARK_DUPLICATE, move=False)
        if outcome == Outcome.CLEAR:
            raise RuleBroken(_l("Say with whom the registration is in conflict."))
        if in_line and self.customer_id is None:
            raise RuleBroken(_l("Say first which customer this is about."))
        self.deal.state, self.deal.outcome = target, outcome
        self.deal.in_line_since = at if in_line else None
        self.first_approver_id = None
        took = self._settle(at)
        self.deal.happened(Verb.MARK_DUPLICATE, who, at, reason=reason, note=note, took=took)

    def revoke(self, who: Principal, at: datetime, version: int, *, reason: str, note: str = "") -> None:
        """End the protection of an approved registration; whoever waits in line is offered the place."""
        from portal.deals.extensions import pending_extension

        self.deal.state = self._begin(who, version, Verb.REVOKE, move=False)
        self.deal.protected_until = at
        if (pending := pending_extension(session_of(self), self.deal)) is not None:
            pending.decided_by_id, pending.decided_at, pending.is_granted = who.person_id, at, False
            pending.reason = reason
        self.deal.happened(Verb.REVOKE, who, at, reason=reason, note=note)
        protection.release(session_of(self), self.deal, who, at)

    # ── What they share ───────────────────────────────────────────────────────────────────────────

    def _begin(self, who: Principal, version: int, verb: Verb, *, move: bool = True) -> State:
        self.deal.check_version(who, version)
        self.check_disinterested(who)
        target = target_of(self.deal.state, verb, Side.STAFF)
        if move:
            self.deal.state = target
        return target

    def check_disinterested(self, who: Principal) -> None:
        """Raises RuleBroken for who submitted it, and for who belongs to a company that profits from it."""
        from portal.deals.rules import is_interested

        if is_interested(session_of(self), who.person_id, self.deal):
            raise RuleBroken(_l("Nobody decides on what they submitted, or what a company of theirs profits from."))

    def _settle(self, at: datetime) -> tuple[int, int]:
        """The clock stops; how long the decision took, and by how much it was late, is kept with it."""
        deal, session = self.deal, session_of(self)
        took = clock.minutes_passed(session, deal.waiting_since, at)
        late = clock.minutes_passed(session, deal.due_at, at)
        deal.late_minutes += late
        deal.waiting_since, deal.due_at, deal.decided_at = None, None, at
        self.escalated_at = self.escalated_to_id = None
        return took, late
