"""The orders of a random world as rows, written by the system."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.access import Capacity
from portal.documents.models import OrderDocument
from portal.files.models import Attachment
from portal.notices.models import Notice
from portal.orders.models import Order
from portal.orders.parts import OrderCost, OrderDetails, OrderEvent, OrderLine
from portal.organisations.models import Activity, record_activity
from portal.purchasing.invoices import SupplierInvoice
from portal.purchasing.proposals import Proposal
from portal.shipments.models import Parcel, Shipment, ShipmentEvent, ShipmentLine
from portal.tickets.messages import SearchEntry
from tests.orders.oracle import Bargain, Market, Step
from tests.planting import Planted

DAY = timedelta(days=1)


class PlantedMarket:
    """By the numbers that they have in the random world; every text carries a word of its own."""

    def __init__(self, session: Session, market: Market, at: datetime) -> None:
        self.rows = Planted(session, market.world, at)
        self.session, self.market, self.at = session, market, at
        self.orders: dict[int, Order] = {}
        self.events: dict[int, OrderEvent] = {}
        self.activities: dict[int, Activity] = {}
        self.notices: dict[tuple[int, int], Notice] = {}
        self.files: dict[int, list[Attachment]] = {}
        # What whoever reads an order whole reads of it, by model and the number of the order.
        self.hung: dict[type, dict[int, Any]] = {}
        for bargain in market.bargains:
            self._order(bargain)
        session.flush()

    def _hang(self, n: int, row: Any) -> Any:
        self.session.add(row)
        self.hung.setdefault(type(row), {})[n] = row
        return row

    def _order(self, bargain: Bargain) -> None:
        n = bargain.n
        line = OrderLine(
            position=10,
            code=f"ocode{n}z",
            descriptions={"en": f"odesc{n}z"},
            quantity=1000,
            unit_price=100,
            promised_on=(self.at + (n - 2) * DAY).date(),
        )
        order = Order(
            kind=bargain.kind,
            organisation_id=self.rows.orgs[bargain.org.n].id,
            capacity=bargain.capacity,
            reseller_id=self.rows.orgs[bargain.reseller.n].id if bargain.reseller else None,
            state=bargain.state,
            ordered_on=self.at.date(),
            valid_until=date(2040, 1, 1),
            created_at=self.at,
            details=OrderDetails(
                number=f"onum{n}z",
                customer_reference=f"oref{n}z",
                currency="EUR",
                delivery_address=f"oaddr{n}z",
                remark=f"orem{n}z",
                rounding="document",
            ),
            lines=[line],
        )
        self.session.add(order)
        order.reckon()
        self.session.flush()
        self.orders[n] = order
        for model, row in ((OrderDetails, order.details), (OrderLine, line), (SearchEntry, order.search_entry)):
            self.hung.setdefault(model, {})[n] = row
        for step in bargain.steps:
            self._step(order, bargain, step)
        self._on_its_way(n, order, line)
        self._papers(n, order)
        if bargain.kind == "purchase":
            self._of_supplier(n, order, line)
        self._hang(n, OrderCost(order=order, line=line, cost=7))
        for human in self.market.world.humans:
            notice = Notice(
                person_id=self.rows.people[human.n].id,
                event=f"order:{order.id}:order",
                kind="reply",
                order_id=order.id,
                created_at=self.at,
            )
            self.session.add(notice)
            self.notices[human.n, n] = notice

    def _step(self, order: Order, bargain: Bargain, step: Step) -> None:
        event = OrderEvent(
            order=order,
            verb="order",
            side="erp",
            at=self.at,
            state=order.state,
            reason=f"osaid{step.n}z",
            note=f"onote{step.n}z",
            is_public=step.is_public,
        )
        self.session.add(event)
        self.events[step.n] = event
        concerns: dict[int, Capacity | None] = {order.organisation_id: Capacity(order.capacity)}
        if order.reseller_id is not None:
            concerns.setdefault(order.reseller_id, Capacity.PARTNER)
        readers = frozenset(concerns) if step.is_public else frozenset[int]()
        activity = record_activity(
            "order-order",
            at=self.at,
            actor_id=None,
            concerns=concerns,
            readers=readers,
            order_id=order.id,
            order_kind=order.kind,
        )
        self.session.add(activity)
        self.activities[step.n] = activity

    def _on_its_way(self, n: int, order: Order, line: OrderLine) -> None:
        shipment = Shipment(
            order=order, number=f"onote{n}y", carrier=f"ocarr{n}z", tracking_number=f"otrack{n}z", created_at=self.at
        )
        shipment.lines = [ShipmentLine(line=line, quantity=500)]
        shipment.parcels = [Parcel(number=f"oparc{n}z")]
        shipment.events = [ShipmentEvent(at=self.at, state="in-transit", place=f"oplace{n}z")]
        self._hang(n, shipment)
        for row in (shipment.lines[0], shipment.parcels[0], shipment.events[0]):
            self.hung.setdefault(type(row), {})[n] = row

    def _papers(self, n: int, order: Order) -> None:
        paper = OrderDocument(
            order=order, kind="confirmation", number=f"opaper{n}z", issued_on=self.at.date(), created_at=self.at
        )
        paper.attachments = [self._file(f"odoc{n}z.pdf")]
        self._hang(n, paper)
        self.files[n] = list(paper.attachments)

    def _of_supplier(self, n: int, order: Order, line: OrderLine) -> None:
        author = self.rows.people[self.market.world.humans[0].n].id
        same = {"quantity": 1000, "unit_price": 100, "quantity_before": 1000, "unit_price_before": 90}
        proposal = Proposal(
            order=order,
            line=line,
            number=1,
            is_by_staff=False,
            author_id=author,
            at=self.at,
            reason=f"oprop{n}z",
            **same,
        )
        self._hang(n, proposal)
        invoice = SupplierInvoice(
            order=order,
            number=f"obill{n}z",
            issued_on=self.at.date(),
            currency="EUR",
            total=1,
            author_id=author,
            received_at=self.at,
        )
        invoice.attachments = [self._file(f"oscan{n}z.pdf")]
        self._hang(n, invoice)
        self.files[n] += invoice.attachments

    def _file(self, name: str) -> Attachment:
        return Attachment(sha256="0" * 64, filename=name, media_type="application/pdf", size=1, created_at=self.at)
