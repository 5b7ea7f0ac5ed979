"""The page of one lead: what its templates draw, for staff and for the partner that is asked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Action, Principal
from portal.access.gate import principal
from portal.accounts.models import Person
from portal.business_hours.models import vendor_calendar
from portal.clock import now
from portal.deals.models import Deal
from portal.deals.words import SOURCES
from portal.extensions import db
from portal.languages import country_name, number_text, voice
from portal.leads.answering import offer_to
from portal.leads.candidates import ranked_for
from portal.leads.forms import HandingForm
from portal.leads.lifecycle import Side, State, Verb, can
from portal.leads.models import Lead, LeadCandidate, LeadCustomer, LeadLine, OfferState
from portal.leads.ranking import Ranked
from portal.leads.rules import passed
from portal.leads.words import STATE_TONES, STATES, reason_text
from portal.organisations.models import Organisation
from portal.products.models import Product, in_language

# So many of the ranking are ticked to begin with.
USUALLY_ASKED = 5


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    code: str
    quantity: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A partner in the ranking, as the form shows it: ticked or not, in which place, and why it stands there."""

    ranked: Ranked
    place: str
    is_chosen: bool
    reasons: list[tuple[str, int]]


class LeadPage:
    """Read once for a request."""

    def __init__(self, lead: Lead, session: Session | None = None) -> None:
        self.session = session or db.session()
        self.who: Principal = principal()
        self.lead, self.at = lead, now()
        self.lines = _lines(self.session, lead)
        # Nothing for a partner that has not accepted.
        mine = sa.select(LeadCustomer).where(LeadCustomer.lead_id == lead.id)
        self.customer = self.session.scalars(mine).one_or_none()
        self.offer = None if self.is_staff else offer_to(self.session, self.who, lead)
        self.deal_ref = self._deal_ref()

    @property
    def is_staff(self) -> bool:
        return self.who.is_staff

    @property
    def title(self) -> str:
        if self.customer is not None and self.customer.name:
            return self.customer.name
        return str(_("Lead: %(country)s", country=country_name(self.lead.country)) if self.lead.country else _("Lead"))

    @property
    def state(self) -> tuple[str, str]:
        """In words, and the tone of the badge."""
        return str(STATES[self.lead.state]), STATE_TONES[self.lead.state]

    @property
    def source(self) -> str:
        return str(SOURCES[self.lead.source]) if self.lead.source else ""

    @property
    def may_answer(self) -> bool:
        asked = self.offer is not None and self.offer.state == OfferState.OFFERED
        return asked and self.who.may(Action.LEAD_ANSWER)

    def _deal_ref(self) -> str:
        """The registration that it became, where the reader reaches it."""
        if self.lead.deal_id is None:
            return ""
        return self.session.scalar(sa.select(Deal.ref).where(Deal.id == self.lead.deal_id)) or ""

    # ── For staff ─────────────────────────────────────────────────────────────────────────────────

    @property
    def keeps(self) -> bool:
        return self.is_staff and self.who.may(Action.LEAD_HAND_OUT)

    @property
    def may_hand_out(self) -> bool:
        return self.keeps and can(self.lead.state, Verb.HAND_OUT, Side.STAFF)

    @property
    def may_withdraw(self) -> bool:
        return self.keeps and can(self.lead.state, Verb.WITHDRAW, Side.STAFF)

    def staff_parts(self) -> dict[str, Any]:
        """Whom they chose, by name alone: in what order would tell who has passed."""
        if not self.is_staff:
            return {}
        names = sa.select(Organisation.name, Organisation.ref).join(
            LeadCandidate, LeadCandidate.organisation_id == Organisation.id
        )
        chosen = names.where(LeadCandidate.lead_id == self.lead.id).order_by(Organisation.name_key, Organisation.id)
        writer = sa.select(Person.name).where(Person.id == self.lead.created_by_id)
        people = self.session.execute(chosen).all()
        record = self.customer.organisation if self.customer else None
        return {
            "chosen": people,
            "passed": passed(self.session, self.lead.id, self.at),
            "known_by": self._known_by(len(people)),
            "writer": self.session.scalar(writer) or "",
            "known": record,
            "accepted_by": next((p for p in people if p.ref == self._partner_ref()), None),
        }

    def _partner_ref(self) -> str:
        return self.lead.partner.ref if self.lead.partner else ""

    def _known_by(self, count: int) -> datetime | None:
        """When everybody has answered at the latest."""
        lead = self.lead
        if lead.state != State.OFFERED or lead.handed_out_at is None or lead.answer_hours is None:
            return None
        return vendor_calendar(self.session).add(lead.handed_out_at, lead.answer_hours * 60 * count)


def choices_of(page: LeadPage, sent: Any = None) -> list[Choice]:
    """The ranking; with what was ticked and typed, where the form was sent."""
    ranked = ranked_for(page.session, page.who, page.lead, page.at)
    found = []
    for number, one in enumerate(ranked, 1):
        ref = one.candidate.ref
        is_chosen = ref in sent.getlist("partner") if sent else number <= USUALLY_ASKED
        place = sent.get(f"place-{ref}", "") if sent else number_text(number)
        found.append(Choice(one, place, is_chosen, [(reason_text(r), r.points) for r in one.reasons]))
    return found


def handing_form(page: LeadPage) -> HandingForm:
    form = HandingForm(formdata=None)
    form.version.data = page.lead.version
    return form


def _lines(session: Session, lead: Lead) -> list[Line]:
    language = voice().language
    asked = (
        sa.select(Product.names, Product.code, LeadLine.quantity)
        .join(Product, Product.id == LeadLine.product_id)
        .where(LeadLine.lead_id == lead.id)
        .order_by(LeadLine.position)
    )
    return [Line(in_language(row.names, language), row.code, row.quantity) for row in session.execute(asked)]
