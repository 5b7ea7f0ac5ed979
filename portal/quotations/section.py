"""What the page of a quotation asks of the customer, and what it shows of the answer to both sides."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Action, Principal
from portal.access.finding import is_writable
from portal.accounts.models import Person
from portal.business_hours.models import vendor_calendar
from portal.clock import now
from portal.languages import money_text, voice
from portal.orders.lifecycle import Kind, State, Verb
from portal.orders.models import Order
from portal.orders.page import Section, form_of
from portal.orders.parts import OrderEvent
from portal.organisations.models import Organisation
from portal.quotations.consent import digest_of, is_over
from portal.quotations.forms import ConsentForm, RefusalForm
from portal.text import isolate


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as it was written down; names are told to the customer and to staff."""

    at: datetime
    person: str
    name: str
    total: str
    wording: str
    language: str
    sha256: str
    is_unchanged: bool


@dataclass(frozen=True, slots=True)
class QuotationPart:
    ref: str
    version: int
    state: str
    total: str
    valid_until: date | None
    is_over: bool
    # Whether the reader belongs to the customer that it was made for.
    is_ours: bool
    wording: str
    seen: str
    language: str
    consent: ConsentForm | None
    refusal: RefusalForm | None
    given: Given | None


def quotation_section(session: Session, who: Principal, order: Order) -> Section | None:
    if order.kind != Kind.QUOTATION:
        return None
    today = vendor_calendar(session).day_of(now())
    seen, is_ours = digest_of(order), not who.is_staff and who.organisation_id == order.organisation_id
    decides = order.state == State.OFFERED and not is_over(order, today) and may_decide(who, order)
    part = QuotationPart(
        ref=order.ref,
        version=order.version_for(who),
        state=order.state,
        total=money_text(order.details.total, order.details.currency),
        valid_until=order.valid_until,
        is_over=is_over(order, today),
        is_ours=is_ours,
        wording=wording_of(session, order) if decides else "",
        seen=seen,
        language=voice().language,
        consent=form_of("consent", ConsentForm, url_for("quotations.create_consent", ref=order.ref))
        if decides
        else None,
        refusal=form_of("refusal", RefusalForm, url_for("quotations.create_refusal", ref=order.ref))
        if decides
        else None,
        given=_given(session, order, seen, tells_names=is_ours or who.is_staff),
    )
    return Section("quotations/_quotation.html", part)


def may_decide(who: Principal, order: Order) -> bool:
    return who.may(Action.QUOTATION_DECIDE) and is_writable(order, Action.QUOTATION_DECIDE)


def wording_of(session: Session, order: Order) -> str:
    """What is agreed to, in the language of whoever reads it."""
    company = session.scalar(sa.select(Organisation.name).where(Organisation.id == order.organisation_id))
    return str(
        _(
            "I accept the quotation %(number)s of %(total)s on behalf of %(company)s.",
            number=isolate(order.details.number or order.ref),
            total=isolate(money_text(order.details.total, order.details.currency)),
            company=isolate(company or ""),
        )
    )


def _given(session: Session, order: Order, digest: str, *, tells_names: bool) -> Given | None:
    if order.state not in (State.ACCEPTED, State.ORDERED):
        return None
    asked = (
        sa.select(OrderEvent.at, OrderEvent.params, Person.name)
        .outerjoin(Person, Person.id == OrderEvent.actor_id)
        .where(OrderEvent.order_id == order.id, OrderEvent.verb == Verb.ACCEPT)
        .order_by(OrderEvent.id.desc())
        .limit(1)
    )
    row = session.execute(asked).one_or_none()
    # What was accepted elsewhere, the ERP told us; then there is nothing to show.
    if row is None or "sha256" not in row.params:
        return None
    return _told(row, digest, tells_names)


def _told(row: Any, digest: str, tells_names: bool) -> Given:
    params = row.params
    return Given(
        at=row.at,
        person=(row.name or "") if tells_names else "",
        name=params["name"] if tells_names else "",
        total=money_text(params["total"], params["currency"]),
        wording=params["wording"],
        language=params["language"],
        sha256=params["sha256"],
        is_unchanged=params["sha256"] == digest,
    )
