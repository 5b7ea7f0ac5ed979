"""What suppliers and buyers do with purchase orders: proposals of changes, and invoices to be checked."""

from portal.purchasing.invoices import SupplierInvoice
from portal.purchasing.proposals import Proposal

__all__ = ["Proposal", "SupplierInvoice"]
