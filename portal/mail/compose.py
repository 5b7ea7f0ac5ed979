"""The mail that goes with a notice: what its reader may read at this moment, in their language, and nothing else.

Rights are asked as the reader. The words of an internal note are not even loaded: nobody gets them by mail.
"""

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Action, Principal
from portal.access.scope import acting_as
from portal.accounts.models import Person, Team
from portal.accounts.sessions import principal_of_person
from portal.deals.models import Deal, DealEvent
from portal.files.models import Attachment
from portal.languages import datetime_text, speaking
from portal.leads.models import Lead
from portal.mail.letter import Letter, about, draw, link, mail_host, open_ticket_label, thread_id
from portal.notices.kinds import ADMIN_KINDS, MANAGER_KINDS
from portal.notices.models import Notice
from portal.notices.places import place_of
from portal.notices.words import sentence, sentence_html
from portal.orders.models import Order
from portal.orders.parts import OrderDetails, OrderEvent
from portal.organisations.models import Audience, Organisation
from portal.rfqs.models import Rfq, RfqInvitation, RfqTerms
from portal.rfqs.telling import words_of
from portal.text import excerpt, to_html, to_plain
from portal.tickets.messages import Message
from portal.tickets.models import Ticket

PREVIEW = 120


@dataclass(frozen=True, slots=True)
class Recipient:
    person_id: int
    name: str
    email: str
    language: str | None
    time_zone: str | None
    calendar: str | None
    digits: str | None


def notice_mail(session: Session, ref: str) -> EmailMessage | None:
    """The mail for a notice; None where there is nothing (more) to send. The session serves the system."""
    recipient = _recipient(session, ref)
    if recipient is None:
        return None
    found = _as_reader(session, ref, recipient.person_id)
    if found is None or found.is_gone:
        return None
    with speaking(recipient.language, recipient.time_zone, recipient.calendar, recipient.digits):
        return draw(_letter(ref, found, recipient))


def _recipient(session: Session, ref: str) -> Recipient | None:
    """Who it goes to, if they still want mail of this kind and have not got it."""
    row = session.execute(
        sa.select(
            Notice.kind,
            Notice.mailed_at,
            Person.mail_choices,
            Person.disabled_at,
            Person.id,
            Person.name,
            Person.email,
            Person.language,
            Person.time_zone,
            Person.calendar,
            Person.digits,
        )
        .join(Person, Person.id == Notice.person_id)
        .where(Notice.ref == ref)
    ).one_or_none()
    if row is None or row.mailed_at is not None or row.disabled_at is not None or not row.email:
        return None
    if not (row.mail_choices or {}).get(row.kind, True):
        return None
    return Recipient(*row[4:])


@dataclass(frozen=True, slots=True)
class Found:
    """What the reader can see of it."""

    notice: sa.Row[Any]
    is_staff: bool
    files: int
    # What was written to them with a step of a deal or an order.
    reason: str = ""

    @property
    def is_gone(self) -> bool:
        return self.notice.withdrawn_at is not None or self.notice.redacted_at is not None


def _as_reader(session: Session, ref: str, person_id: int) -> Found | None:
    """The notice through the eyes of its reader, acting for whichever organisation reaches it."""
    reader = principal_of_person(person_id)
    if reader is None:
        return None
    capacities = [reader.acting_for(choice) for choice in reader.choices] or [reader]
    for who in capacities:
        with acting_as(session, who):
            if (found := _read(session, ref, who)) is not None:
                return found
    return None


def _read(session: Session, ref: str, who: Principal) -> Found | None:
    row = session.execute(
        sa.select(
            Notice.kind,
            Notice.params,
            Notice.created_at,
            Ticket.ref.label("ticket_ref"),
            Ticket.subject,
            Deal.ref.label("deal_ref"),
            Deal.customer_name,
            Order.ref.label("order_ref"),
            OrderDetails.number.label("order_number"),
            Notice.rfq_invitation_id,
            sa.func.coalesce(Rfq.ref, RfqInvitation.ref).label("rfq_ref"),
            RfqTerms.title.label("rfq_title"),
            Message.id.label("message_id"),
            Message.ref.label("message_ref"),
            Message.withdrawn_at,
            Message.redacted_at,
            sa.case((Message.audience == Audience.COMPANIES, Message.body)).label("words"),
            Person.name.label("actor"),
            sa.func.coalesce(Team.name, Organisation.name).label("side"),
        )
        .outerjoin(Ticket, Ticket.id == Notice.ticket_id)
        .outerjoin(Message, Message.id == Notice.message_id)
        .outerjoin(Deal, Deal.id == Notice.deal_id)
        .outerjoin(Order, Order.id == Notice.order_id)
        .outerjoin(OrderDetails, OrderDetails.order_id == Order.id)
        .outerjoin(RfqInvitation, RfqInvitation.id == Notice.rfq_invitation_id)
        .outerjoin(Rfq, Rfq.id == RfqInvitation.rfq_id)
        .outerjoin(RfqTerms, RfqTerms.rfq_id == RfqInvitation.rfq_id)
        .outerjoin(Person, Person.id == Notice.actor_id)
        .outerjoin(Team, Team.id == Message.author_team_id)
        .outerjoin(Organisation, Organisation.id == Message.author_organisation_id)
        .where(Notice.ref == ref, Notice.person_id == who.person_id)
    ).one_or_none()
    if row is None or (row.kind in MANAGER_KINDS and not who.may(Action.PEOPLE_MANAGE)):
        return None
    if row.kind in ADMIN_KINDS and not who.may(Action.BREAK_GLASS):
        return None
    if "lead" in row.params and session.scalar(sa.select(Lead.id).where(Lead.ref == row.params["lead"])) is None:
        # Its time is over, or somebody else has it.
        return None
    files = 0
    if row.words is not None:
        counted = sa.select(sa.func.count(Attachment.id)).where(Attachment.message_id == row.message_id)
        files = session.scalar(counted) or 0
    reason = ""
    events: Any = DealEvent if row.deal_ref else OrderEvent if row.order_ref else None
    if events is not None and "event_id" in row.params:
        # Through the reader's own eyes, as everything here.
        reason = session.scalar(sa.select(events.reason).where(events.id == row.params["event_id"])) or ""
    if row.rfq_ref:
        reason = words_of(session, row.rfq_invitation_id, row.params)
    return Found(row, who.is_staff, files, reason)


def _letter(ref: str, found: Found, recipient: Recipient) -> Letter:
    notice = found.notice
    words = notice.words or found.reason or notice.params.get("reason", "")
    record_ref = notice.ticket_ref or notice.deal_ref or notice.order_ref or notice.rfq_ref
    subject = notice.subject or notice.customer_name or notice.order_number or notice.rfq_title
    plain = sentence(notice.kind, notice.params, notice.actor, is_staff=found.is_staff)
    headers = {}
    if record_ref:
        headers = dict.fromkeys(("In-Reply-To", "References"), thread_id(record_ref))
    return Letter(
        to_name=recipient.name,
        to_address=recipient.email,
        subject=about(record_ref, subject or plain) if record_ref else plain,
        template="notice",
        message_id=f"<notice.{ref}@{mail_host()}>",
        headers=headers,
        context={
            "sentence": plain,
            "sentence_html": sentence_html(notice.kind, notice.params, notice.actor, is_staff=found.is_staff),
            "at": datetime_text(notice.created_at),
            "side": notice.side,
            "record_ref": record_ref,
            "subject": subject,
            "is_note": notice.kind == "note",
            "words_html": to_html(words) if words else "",
            "words_text": to_plain(words) if words else "",
            "preview": excerpt(to_plain(words), PREVIEW) if words else "",
            "files": found.files,
            "url": link(
                place_of(
                    notice.kind,
                    notice.ticket_ref,
                    notice.message_ref,
                    deal_ref=notice.deal_ref,
                    order_ref=notice.order_ref,
                    lead_ref=notice.params.get("lead"),
                    rfq_ref=notice.rfq_ref,
                )
            ),
            "url_label": open_ticket_label() if notice.ticket_ref else None,
        },
    )
