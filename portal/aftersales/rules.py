"""What has been asked of a line whoever asked it: a colleague's return counts, though their ticket is not read."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access.scope import unscoped
from portal.orders.models import Order
from portal.orders.requests import Decision, OrderRequest, RequestKind

_request = OrderRequest.__table__.c


def asked_to_return(session: Session, order: Order) -> dict[int, tuple[int, int]]:
    """By the id of the line: the thousandths that wait for our decision, and those that we have agreed to."""
    asked = sa.select(_request.line_id, _request.decision, sa.func.sum(_request.quantity).label("quantity")).where(
        _request.order_id == order.id,
        _request.kind == RequestKind.RETURN,
        _request.decision != Decision.REFUSED,
        _request.line_id.is_not(None),
    )
    found: dict[int, tuple[int, int]] = {}
    with unscoped("how much of a line may still be returned"):
        for row in session.connection().execute(asked.group_by(_request.line_id, _request.decision)):
            waiting, agreed = found.get(row.line_id, (0, 0))
            if row.decision == Decision.CONFIRMED:
                agreed += int(row.quantity or 0)
            else:
                waiting += int(row.quantity or 0)
            found[row.line_id] = (waiting, agreed)
    return found
