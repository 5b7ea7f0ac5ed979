"""What the states of proposals and invoices are called, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_pgettext

from portal.purchasing.invoices import InvoiceState
from portal.purchasing.proposals import ProposalState

Words = Mapping[Any, Any]

PROPOSAL_STATES: Words = {
    ProposalState.OPEN: lazy_pgettext("proposal", "Waiting for an answer"),
    ProposalState.ACCEPTED: lazy_pgettext("proposal", "Accepted"),
    ProposalState.DECLINED: lazy_pgettext("proposal", "Declined"),
    ProposalState.ANSWERED: lazy_pgettext("proposal", "Answered with another proposal"),
    ProposalState.WITHDRAWN: lazy_pgettext("proposal", "Withdrawn"),
    ProposalState.OVERTAKEN: lazy_pgettext("proposal", "The line was changed meanwhile"),
}

INVOICE_STATES: Words = {
    InvoiceState.RECEIVED: lazy_pgettext("invoice", "Received"),
    InvoiceState.ACCEPTED: lazy_pgettext("invoice", "Accepted"),
    InvoiceState.REJECTED: lazy_pgettext("invoice", "Rejected"),
}

# The tones of badges: see `ui.badge`.
PROPOSAL_TONES: Mapping[Any, str] = {
    ProposalState.OPEN: "waiting",
    ProposalState.ACCEPTED: "done",
    ProposalState.DECLINED: "danger",
    ProposalState.ANSWERED: "neutral",
    ProposalState.WITHDRAWN: "neutral",
    ProposalState.OVERTAKEN: "neutral",
}
INVOICE_TONES: Mapping[Any, str] = {
    InvoiceState.RECEIVED: "waiting",
    InvoiceState.ACCEPTED: "done",
    InvoiceState.REJECTED: "danger",
}
