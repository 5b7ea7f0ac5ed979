"""What of proposals and invoices needs a person now."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from portal.access import Action, Principal
from portal.home.task import Task
from portal.purchasing.invoices import InvoiceState, SupplierInvoice
from portal.purchasing.proposals import Proposal, ProposalState


def purchase_tasks(who: Principal) -> Iterator[Task]:
    if who.may(Action.PURCHASE_CHECK):
        yield from _of_buyer()
    if who.may(Action.PURCHASE_ANSWER):
        yield from _of_supplier()


def _of_buyer() -> Iterator[Task]:
    yield Task(
        _("Changes that suppliers propose"),
        _("Accept them, decline them, or propose something else."),
        url_for("purchasing.proposals"),
        _proposed(is_by_staff=False),
    )
    yield Task(
        _("Invoices of suppliers to check"),
        _("The supplier waits to read what becomes of them."),
        url_for("purchasing.invoices", state=InvoiceState.RECEIVED.value),
        sa.select(SupplierInvoice.id).where(SupplierInvoice.state == InvoiceState.RECEIVED),
    )


def _of_supplier() -> Iterator[Task]:
    yield Task(
        _("Changes that we propose to you"),
        _("Accept them, decline them, or propose something else."),
        url_for("purchasing.proposals"),
        _proposed(is_by_staff=True),
        is_rare=True,
    )
    yield Task(
        _("Invoices that were rejected"),
        _("Read why at the order, and send them in anew."),
        url_for("purchasing.invoices", state=InvoiceState.REJECTED.value),
        sa.select(SupplierInvoice.id).where(SupplierInvoice.state == InvoiceState.REJECTED),
        is_quiet=True,
        is_rare=True,
    )


def _proposed(*, is_by_staff: bool) -> sa.Select[Any]:
    return sa.select(Proposal.id).where(Proposal.state == ProposalState.OPEN, Proposal.is_by_staff.is_(is_by_staff))
