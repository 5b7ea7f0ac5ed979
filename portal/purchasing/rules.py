"""Who reads and writes what suppliers propose and send in: both sides of the order, and nobody else."""

from sqlalchemy.orm import object_session

from portal.access import Action, Principal
from portal.access.finding import is_writable
from portal.access.scope import Change, changed_fields, register
from portal.files.models import Attachment
from portal.orders.rules import acts_on, of_readable_order, order_of
from portal.purchasing.invoices import SupplierInvoice
from portal.purchasing.proposals import Proposal

# What was proposed or sent in stays as it was: only what becomes of it changes.
_ANSWERED = frozenset({"state", "answered_by_id", "answered_at", "answer"})
_CHECKED = frozenset({"state", "checked_by_id", "checked_at", "reason"})


def _proposal_writes(who: Principal, proposal: Proposal, change: Change) -> bool:
    order = order_of(proposal)
    if order is None or not order.is_purchase or not acts_on(who, order):
        return False
    if change == Change.INSERT:
        return proposal.author_id == who.person_id and proposal.is_by_staff == who.is_staff
    return change == Change.UPDATE and changed_fields(proposal) <= _ANSWERED


def _invoice_writes(who: Principal, invoice: SupplierInvoice, change: Change) -> bool:
    order = order_of(invoice)
    if order is None or change == Change.DELETE:
        return False
    if change == Change.INSERT:
        is_own = invoice.author_id == who.person_id and order.is_purchase
        return is_own and who.may(Action.PURCHASE_ANSWER) and is_writable(order, Action.PURCHASE_ANSWER)
    is_theirs = who.may(Action.PURCHASE_CHECK) and is_writable(order, Action.PURCHASE_CHECK)
    return is_theirs and changed_fields(invoice) <= _CHECKED


def paper_writes(who: Principal, paper: Attachment) -> bool:
    """A file of an invoice goes in with it, and stays."""
    session = object_session(paper)
    invoice = session.get(SupplierInvoice, paper.supplier_invoice_id) if session else None
    return invoice is not None and _invoice_writes(who, invoice, Change.INSERT)


register(Proposal, reads=lambda who: of_readable_order(Proposal.order_id, who), writes=_proposal_writes)
register(SupplierInvoice, reads=lambda who: of_readable_order(SupplierInvoice.order_id, who), writes=_invoice_writes)
