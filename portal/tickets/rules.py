"""Who reaches tickets and what hangs on them. Raw tables are for this kind of file alone: they are not narrowed."""

from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import object_session

from portal.access import Action, Capacity, FieldGroup, Ground, Noun, Principal
from portal.access.finding import is_writable
from portal.access.scope import Change, Condition, changed_fields, register, register_grounds
from portal.accounts.models import Portfolio, Team
from portal.database import among
from portal.deals.rules import evidence_writes, of_readable_deal
from portal.files.models import Attachment
from portal.organisations.models import Audience, PartnerLink, Share
from portal.organisations.rules import active_link, live_share
from portal.tickets.messages import Message, MessageReader, SearchEntry
from portal.tickets.models import Ticket, TicketCopy


def _mine(ticket: Any, who: Principal) -> Condition:
    """Outsiders reach tickets for the organisation and in the capacity that they act for."""
    return sa.and_(ticket.organisation_id == who.organisation_id, ticket.capacity == who.capacity)


def _own(ticket: Any, who: Principal) -> Condition:
    own: Condition = ticket.author_id == who.person_id
    return own


def _copied(ticket: Any, who: Principal) -> Condition:
    copy = TicketCopy.__table__.alias().c
    return among(ticket.id, sa.select(copy.ticket_id).where(copy.person_id == who.person_id))


def _opened_for(ticket: Any, who: Principal) -> Condition:
    if not who.has_links:
        return sa.false()
    link = PartnerLink.__table__.alias().c
    linked = sa.select(link.customer_id).where(
        link.partner_id == who.organisation_id, link.consented_at.is_not(None), active_link(link)
    )
    return sa.and_(ticket.opened_by_organisation_id == who.organisation_id, among(ticket.organisation_id, linked))


def _shared(ticket: Any, who: Principal) -> Condition:
    if not who.has_shares:
        return sa.false()
    share = Share.__table__.alias().c
    shared = sa.select(share.record_id).where(
        share.record_kind == "ticket",
        share.organisation_id == who.organisation_id,
        sa.or_(share.person_id.is_(None), share.person_id == who.person_id),
        live_share(share),
    )
    return among(ticket.id, shared)


def _portfolio(ticket: Any, who: Principal) -> Condition:
    portfolio = Portfolio.__table__.alias().c
    cared_for = sa.select(portfolio.organisation_id).where(portfolio.person_id == who.person_id)
    return among(ticket.organisation_id, cared_for)


def _unrestricted(ticket: Any, who: Principal) -> Condition:
    """Nearly all of them: said so that no database looks them up team by team."""
    team = Team.__table__.alias().c
    elsewhere: Condition = ticket.team_id.not_in(sa.select(team.id).where(team.is_restricted))
    return elsewhere


_Rule = Callable[[Any, Principal], Condition]
# What a message that is taken back moves in its ticket.
_MOVED = {"activity_at", "public_at", "public_version"}
_REDACTED = {"body", "redacted_at", "redacted_by_id"}
# Which of the company's tickets are one's own, and which one is copied into.
_PERSONAL: dict[Ground, _Rule] = {Ground.OWN: _own, Ground.COPIED: _copied}
_GROUNDS: dict[Ground, _Rule] = {
    Ground.OWN: lambda ticket, who: sa.and_(_mine(ticket, who), _own(ticket, who)),
    Ground.COPIED: lambda ticket, who: sa.and_(_mine(ticket, who), _copied(ticket, who)),
    Ground.COMPANY: _mine,
    Ground.OPENED_FOR: _opened_for,
    Ground.SHARED: _shared,
    Ground.TEAM: lambda ticket, who: ticket.team_id.in_(sorted(who.team_ids)),
    Ground.PORTFOLIO: _portfolio,
    Ground.SUPPLIERS: lambda ticket, who: ticket.capacity == Capacity.SUPPLIER,
    Ground.PARTNERS: lambda ticket, who: ticket.capacity == Capacity.PARTNER,
    Ground.UNRESTRICTED: _unrestricted,
    Ground.ALL: lambda ticket, who: sa.true(),
}


def ticket_readable(ticket: Any, who: Principal) -> Condition:
    if who.is_system:
        return sa.true()
    held = {reach.ground for reach in who.reach(Noun.TICKETS)}
    if Ground.ALL in held:
        return sa.true()
    reached = [_GROUNDS[g](ticket, who) for g in Ground if g in held and g in _GROUNDS and g not in _PERSONAL]
    personal = [rule(ticket, who) for ground, rule in _PERSONAL.items() if ground in held]
    if personal and Ground.COMPANY not in held:
        # The company is said once, so that the index of its tickets answers for both grounds.
        reached.append(sa.and_(_mine(ticket, who), sa.or_(*personal)))
    return sa.or_(sa.false(), *reached)


def of_readable_ticket(column: Any, who: Principal) -> Condition:
    if who.is_system or Ground.ALL in {reach.ground for reach in who.reach(Noun.TICKETS)}:
        return sa.true()
    ticket = Ticket.__table__.alias()
    return sa.exists().where(ticket.c.id == column, ticket_readable(ticket.c, who))


def message_readable(message: Any, who: Principal) -> Condition:
    """Outsiders read what their company is in the audience of, staff what their lens lets through."""
    if who.is_system:
        return sa.true()
    return sa.and_(_addressed(message, who), of_readable_ticket(message.ticket_id, who))


def _addressed(message: Any, who: Principal) -> Condition:
    if who.is_system or (who.is_staff and who.sees(FieldGroup.INTERNAL_NOTES)):
        return sa.true()
    if who.is_staff:
        to_companies: Condition = message.audience == Audience.COMPANIES
        return to_companies
    return _is_addressed_to(message.id, who)


def _is_addressed_to(message_id: Any, who: Principal) -> Condition:
    reader = MessageReader.__table__.alias().c
    return sa.exists().where(reader.message_id == message_id, reader.organisation_id == who.organisation_id)


def of_readable_message(column: Any, who: Principal) -> Condition:
    if who.is_system:
        return sa.true()
    message = Message.__table__.alias()
    return sa.exists().where(message.c.id == column, message_readable(message.c, who))


def _of_words(column: Any, who: Principal) -> Condition:
    """Of a readable message whose words still stand: files go with them."""
    message = Message.__table__.alias().c
    return sa.exists().where(
        message.id == column,
        message.withdrawn_at.is_(None),
        message.redacted_at.is_(None),
        message_readable(message, who),
    )


def _entry_readable(who: Principal) -> Condition:
    from portal.orders.rules import of_readable_order

    """The words of a ticket, or of a readable message whose words still stand."""
    gone, message = Message.__table__.alias().c, Message.__table__.alias().c
    taken_back = sa.exists().where(
        gone.id == SearchEntry.message_id, sa.or_(gone.withdrawn_at.is_not(None), gone.redacted_at.is_not(None))
    )
    addressed: Condition = sa.true()
    if not who.is_staff:
        addressed = sa.or_(SearchEntry.message_id.is_(None), _is_addressed_to(SearchEntry.message_id, who))
    elif not who.sees(FieldGroup.INTERNAL_NOTES):
        words = sa.exists().where(message.id == SearchEntry.message_id, _addressed(message, who))
        addressed = sa.or_(SearchEntry.message_id.is_(None), words)
    of_ticket = sa.and_(of_readable_ticket(SearchEntry.ticket_id, who), sa.not_(taken_back), addressed)
    return sa.or_(
        sa.and_(SearchEntry.ticket_id.is_not(None), of_ticket),
        sa.and_(SearchEntry.deal_id.is_not(None), of_readable_deal(SearchEntry.deal_id, who)),
        sa.and_(SearchEntry.order_id.is_not(None), of_readable_order(SearchEntry.order_id, who)),
    )


def _ticket_writes(who: Principal, ticket: Ticket, change: Change) -> bool:
    if change == Change.UPDATE:
        return is_writable(ticket) or (_redacts(who, ticket) and changed_fields(ticket) <= _MOVED)
    if change != Change.INSERT or not who.may(Action.TICKET_OPEN):
        return False
    if who.is_staff:
        return True
    if ticket.author_id != who.person_id:
        return False
    if ticket.opened_by_organisation_id is not None:
        return ticket.opened_by_organisation_id == who.organisation_id and who.capacity == Capacity.PARTNER
    return ticket.organisation_id == who.organisation_id and ticket.capacity == who.capacity


def _redacts(who: Principal, ticket: Ticket) -> bool:
    return who.may(Action.MESSAGE_REDACT) and is_writable(ticket, Action.MESSAGE_REDACT)


def _is_new_or_writable(who: Principal, ticket: Ticket | None) -> bool:
    if ticket is None:
        return False
    return _ticket_writes(who, ticket, Change.INSERT) if ticket.id is None else is_writable(ticket)


def _message_writes(who: Principal, message: Message, change: Change) -> bool:
    if change == Change.INSERT:
        if message.author_id != who.person_id or not _is_new_or_writable(who, message.ticket):
            return False
        return message.audience == Audience.COMPANIES or who.sees(FieldGroup.INTERNAL_NOTES)
    if change == Change.DELETE:
        return False
    if is_writable(message.ticket) and message.author_id == who.person_id:
        return True
    # The words are theirs to take, never to replace.
    is_redaction = message.redacted_at is not None and message.body == "" and changed_fields(message) <= _REDACTED
    return is_redaction and _redacts(who, message.ticket)


def _part_writes(who: Principal, part: TicketCopy, change: Change) -> bool:
    return _is_new_or_writable(who, part.ticket)


def _of_message_writes(who: Principal, part: Any, change: Change) -> bool:
    return change == Change.INSERT and who.is_signed_in


def _attachment_writes(who: Principal, attachment: Attachment, change: Change) -> bool:
    """Files go with the words of their message: by its author, or by who may redact; those of a deal while it can be
    changed, by who writes it."""
    from portal.purchasing.rules import paper_writes
    from portal.rfqs.rules import file_writes

    if attachment.deal_id is not None:
        return evidence_writes(who, attachment)
    if attachment.supplier_invoice_id is not None:
        return change == Change.INSERT and paper_writes(who, attachment)
    if attachment.order_document_id is not None:
        return False
    if attachment.rfq_id or attachment.rfq_invitation_id or attachment.rfq_offer_id:
        return file_writes(who, attachment, change)
    if change != Change.DELETE:
        return _of_message_writes(who, attachment, change)
    session = object_session(attachment)
    message = session.get(Message, attachment.message_id) if session else None
    if message is None:
        return False
    is_author = message.author_id == who.person_id and is_writable(message.ticket)
    return is_author or _redacts(who, message.ticket)


register_grounds(
    Ticket,
    Noun.TICKETS,
    {ground: partial(rule, Ticket) for ground, rule in _GROUNDS.items()},
    _ticket_writes,
    reads=lambda who: ticket_readable(Ticket, who),
)
register(TicketCopy, reads=lambda who: of_readable_ticket(TicketCopy.ticket_id, who), writes=_part_writes)
register(Message, reads=lambda who: message_readable(Message, who), writes=_message_writes)
register(
    MessageReader,
    reads=lambda who: of_readable_message(MessageReader.message_id, who),
    writes=_of_message_writes,
)


def _attachment_reads(who: Principal) -> Condition:
    from portal.documents.models import OrderDocument
    from portal.orders.rules import of_readable_order
    from portal.purchasing.invoices import SupplierInvoice
    from portal.rfqs.rules import file_readable

    paper, invoice = OrderDocument.__table__.alias().c, SupplierInvoice.__table__.alias().c
    return sa.or_(
        _of_words(Attachment.message_id, who),
        of_readable_deal(Attachment.deal_id, who),
        sa.exists().where(paper.id == Attachment.order_document_id, of_readable_order(paper.order_id, who)),
        sa.exists().where(invoice.id == Attachment.supplier_invoice_id, of_readable_order(invoice.order_id, who)),
        file_readable(who),
    )


register(Attachment, reads=_attachment_reads, writes=_attachment_writes)
register(SearchEntry, reads=_entry_readable, writes=lambda who, entry, change: who.is_signed_in)
