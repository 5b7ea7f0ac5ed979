"""What is measured: the portal as it is served in production, and the floor beside it.

The floor is a bare Flask app that sends as many bytes from one ORM statement and one template, or after one INSERT with
its commit: nobody signs in, nothing is narrowed, nothing is translated.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, redirect, render_template
from jinja2 import DictLoader
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal import create_app
from portal.access import Acting, Area, Capacity, Kind, Level, Principal
from portal.accounts.models import AccessLog, Person
from portal.deals.models import Deal
from portal.orders.models import Order
from portal.orders.parts import OrderDetails, OrderLine
from portal.organisations.models import Organisation
from portal.tickets.messages import Message
from portal.tickets.models import Ticket
from portal.tickets.search import matches


def portal() -> Flask:
    # The limits would be what is measured.
    return create_app(RATELIMIT_ENABLED=False)


def floor() -> Flask:
    """A route for each cell, as they are written down in the file that BENCH_FLOOR names."""
    app = Flask("floor")
    engine = sa.create_engine(os.environ["BENCH_DATABASE"])
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _as_the_portal_does)
    cells = json.loads(Path(os.environ["BENCH_FLOOR"]).read_text(encoding="utf-8"))
    app.jinja_loader = DictLoader({f"{cell['number']}.html": cell["template"] for cell in cells})
    for cell in cells:
        view = _VIEWS[cell["kind"]](app, engine, cell)
        name = str(cell["number"])
        app.add_url_rule(f"/{name}", endpoint=name, view_func=view, methods=["GET", "POST"])
    return app


def _as_the_portal_does(connection: Any, record: Any) -> None:
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000")


def _page(app: Flask, engine: sa.Engine, cell: dict[str, Any], statement: sa.Select[Any]) -> Any:
    name, padding = f"{cell['number']}.html", ""

    def view() -> str:
        with Session(engine) as session:
            rows = session.execute(statement).all()
        return render_template(name, rows=rows[: cell["rows"]], padding=padding)

    with app.test_request_context():
        # As many bytes as the portal sends.
        padding = "x" * (cell["size"] - len(view().encode()))
    return view


def _list(app: Flask, engine: sa.Engine, cell: dict[str, Any]) -> Any:
    asked = cell["asked"]
    moved = Ticket.activity_at if asked["is_staff"] else Ticket.public_at
    statement = (
        sa.select(
            Ticket.ref,
            Ticket.subject,
            Ticket.state,
            Ticket.category,
            Ticket.created_at,
            moved,
            Organisation.name.label("organisation"),
            Person.name.label("person"),
        )
        .join(Organisation, Organisation.id == Ticket.organisation_id)
        .join(Person, Person.id == Ticket.author_id)
        .order_by(moved.desc(), Ticket.ref.desc())
        .limit(26)
    )
    if not asked["is_staff"]:
        statement = statement.where(
            Ticket.organisation_id == asked["organisation_id"], Ticket.capacity == asked["capacity"]
        )
    if author_id := asked.get("author_id"):
        statement = statement.where(Ticket.author_id == author_id)
    if place := asked.get("place"):
        statement = statement.where(sa.tuple_(moved, Ticket.ref) < (datetime.fromisoformat(place[0]), place[1]))
    if question := asked.get("question"):
        found = matches(engine.dialect.name, _who(asked), question)
        statement = statement.where(Ticket.id.in_(found))
    return _page(app, engine, cell, statement)


def _deals(app: Flask, engine: sa.Engine, cell: dict[str, Any]) -> Any:
    asked = cell["asked"]
    moved = Deal.activity_at if asked["is_staff"] else Deal.public_at
    statement = (
        sa.select(
            Deal.ref,
            Deal.customer_name,
            Deal.state,
            Deal.amount,
            Deal.currency,
            Deal.due_at,
            moved,
            Organisation.name.label("organisation"),
        )
        .outerjoin(Organisation, Organisation.id == Deal.organisation_id)
        .limit(26)
    )
    if asked.get("is_queue"):
        statement = statement.where(Deal.due_at.is_not(None)).order_by(Deal.due_at, Deal.ref)
        return _page(app, engine, cell, statement)
    statement = statement.order_by(moved.desc(), Deal.ref.desc())
    if not asked["is_staff"]:
        statement = statement.where(Deal.organisation_id == asked["organisation_id"])
    if place := asked.get("place"):
        statement = statement.where(sa.tuple_(moved, Deal.ref) < (datetime.fromisoformat(place[0]), place[1]))
    return _page(app, engine, cell, statement)


def _orders(app: Flask, engine: sa.Engine, cell: dict[str, Any]) -> Any:
    asked = cell["asked"]
    moved = Order.activity_at if asked["is_staff"] else Order.public_at
    statement = (
        sa.select(
            *(Order.ref, Order.state, Order.ordered_on, Order.due_on, moved),
            *(OrderDetails.number, OrderDetails.total, OrderDetails.currency),
            Organisation.name.label("organisation"),
        )
        .join(OrderDetails, OrderDetails.order_id == Order.id)
        .join(Organisation, Organisation.id == Order.organisation_id)
        .order_by(moved.desc(), Order.ref.desc())
        .limit(26)
    )
    if asked["is_staff"]:
        statement = statement.where(Order.kind == "sales")
    else:
        statement = statement.where(
            Order.organisation_id == asked["organisation_id"], Order.capacity == asked["capacity"]
        )
    if place := asked.get("place"):
        statement = statement.where(sa.tuple_(moved, Order.ref) < (datetime.fromisoformat(place[0]), place[1]))
    return _page(app, engine, cell, statement)


def _lines(app: Flask, engine: sa.Engine, cell: dict[str, Any]) -> Any:
    line = OrderLine
    columns = (line.position, line.code, line.quantity, line.unit, line.unit_price, line.discount, line.net)
    statement = (
        sa.select(*columns, line.promised_on, line.delivered)
        .join(Order, Order.id == line.order_id)
        .where(Order.ref == cell["asked"]["ref"])
        .order_by(line.position)
    )
    return _page(app, engine, cell, statement)


def _api(app: Flask, engine: sa.Engine, cell: dict[str, Any]) -> Any:
    """The list as JSON: one statement, and as many bytes as the portal sends."""
    asked, padding = cell["asked"], ""
    columns = [column.label(f"{model.__tablename__}_{column.key}") for model in (Order, OrderDetails)
               for column in model.__table__.c]  # fmt: skip
    statement = (
        sa.select(*columns, Organisation.name)
        .join(OrderDetails, OrderDetails.order_id == Order.id)
        .join(Organisation, Organisation.id == Order.organisation_id)
        .where(Order.organisation_id == asked["organisation_id"], Order.capacity == asked["capacity"])
        .order_by(Order.public_at, Order.ref)
        .limit(asked["limit"])
    )

    def view() -> Response:
        with Session(engine) as session:
            rows = [dict(row._mapping) for row in session.execute(statement)]
        # The floor need not send all that it has read.
        text = json.dumps(rows, default=str)[: cell["size"]]
        return Response(text + padding, content_type="application/json")

    with app.test_request_context():
        padding = " " * (cell["size"] - len(view().data))
    return view


def _who(asked: dict[str, Any]) -> Principal:
    acting = Acting(0, asked["organisation_id"], "", "", Capacity(asked["capacity"]), Level.ADMIN, frozenset(Area))
    return Principal(kind=Kind.PERSON, acting=acting, has_shares=False, has_links=False)


def _conversation(app: Flask, engine: sa.Engine, cell: dict[str, Any]) -> Any:
    statement = (
        sa.select(Message.ref, Message.body, Message.created_at, Message.channel, Person.name.label("person"))
        .join(Person, Person.id == Message.author_id)
        .where(Message.ticket_id == cell["asked"]["ticket_id"], Message.audience == "companies")
        .order_by(Message.id)
    )
    return _page(app, engine, cell, statement)


def _poll(app: Flask, engine: sa.Engine, cell: dict[str, Any]) -> Any:
    asked = cell["asked"]
    later = sa.select(Message.ref).where(Message.ticket_id == asked["ticket_id"], Message.id > asked["message_id"])

    def view() -> Response:
        with Session(engine) as session:
            return Response(status=200 if session.execute(later).all() else 204)

    return view


def _insert(app: Flask, engine: sa.Engine, cell: dict[str, Any]) -> Any:
    def view() -> Any:
        with Session(engine) as session:
            session.add(AccessLog(at=datetime.now(UTC), kind="bench"))
            session.commit()
        return redirect("/", 303)

    return view


def _batch(app: Flask, engine: sa.Engine, cell: dict[str, Any]) -> Any:
    """As many rows in one transaction as there are orders in the batch."""

    def view() -> Response:
        with Session(engine) as session:
            session.add_all([AccessLog(at=datetime.now(UTC), kind="bench") for _ in range(cell["asked"]["rows"])])
            session.commit()
        return Response("{}", content_type="application/json")

    return view


_VIEWS = {
    "list": _list,
    "deals": _deals,
    "orders": _orders,
    "lines": _lines,
    "conversation": _conversation,
    "poll": _poll,
    "insert": _insert,
    "api": _api,
    "batch": _batch,
}
