"""What a customer may owe us and owes: for whoever sees the finance of a company."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import FieldGroup, Principal
from portal.orders.lifecycle import PLACED, Kind
from portal.orders.models import Order
from portal.orders.parts import OrderDetails, PaymentState
from portal.organisations.models import OrganisationFinance

_UNPAID = (PaymentState.NONE.value, PaymentState.OPEN.value, PaymentState.PART.value)


@dataclass(frozen=True, slots=True)
class Credit:
    """Minor units of the currency; what is open is ordered and not paid yet, invoiced or not."""

    currency: str
    limit: int
    open: int

    @property
    def left(self) -> int:
        return self.limit - self.open


def credit_of(session: Session, who: Principal, order: Order) -> Credit | None:
    """Of the company that buys; None where there are no terms, or none for this reader."""
    if order.is_purchase or not who.sees(FieldGroup.FINANCE):
        return None
    terms = session.execute(
        sa.select(OrganisationFinance.currency, OrganisationFinance.credit_limit).where(
            OrganisationFinance.organisation_id == order.organisation_id
        )
    ).one_or_none()
    if terms is None:
        return None
    unpaid = (
        sa.select(sa.func.coalesce(sa.func.sum(OrderDetails.total - OrderDetails.paid), 0))
        .join(Order, Order.id == OrderDetails.order_id)
        .where(
            Order.organisation_id == order.organisation_id,
            Order.kind == Kind.SALES,
            Order.state.in_([state.value for state in PLACED]),
            OrderDetails.currency == terms.currency,
            OrderDetails.payment_state.in_(_UNPAID),
        )
    )
    return Credit(terms.currency, terms.credit_limit, int(session.scalar(unpaid) or 0))
