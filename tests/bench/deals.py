"""Registrations for the bench, written below the verbs: their life is not what is measured."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask

from portal.access import Capacity, Principal
from portal.access.scope import acting_as, unscoped
from portal.accounts.models import Membership, Person
from portal.clock import now
from portal.database import new_ref
from portal.deals.lifecycle import WAITING, State
from portal.deals.models import Deal, DealEvent, DealLine
from portal.deals.programmes import Programme
from portal.deals.review import DealReview
from portal.extensions import db
from portal.organisations.models import Organisation
from portal.products.models import Product
from portal.tickets.messages import SearchEntry, capacity_token

DAY = timedelta(days=1)
# Of a hundred: most are over, and the clock runs on about one in twelve.
SHARES = {
    State.DRAFT: 5,
    State.SUBMITTED: 4,
    State.UNDER_REVIEW: 3,
    State.RESUBMITTED: 1,
    State.RETURNED: 2,
    State.APPROVED: 15,
    State.CONVERTED: 15,
    State.REJECTED: 12,
    State.DUPLICATE: 8,
    State.WITHDRAWN: 5,
    State.EXPIRED: 28,
    State.REVOKED: 2,
}
AT_ONCE = 2_000


def fill_deals(app: Flask, count: int) -> None:
    """Of all partners, a fifth of them the busiest one's; the newest is of today, the oldest of three years ago."""
    with app.app_context(), acting_as(db.session(), Principal.system("bench")), unscoped("bench"):
        luck, at = random.Random(5), now()
        authors = [tuple(row) for row in db.session.execute(_authors())]
        customers = list(db.session.scalars(sa.select(Organisation.id).where(Organisation.is_customer)))
        products = list(db.session.scalars(sa.select(Product.id)))
        programme = db.session.scalars(sa.select(Programme.id).order_by(Programme.id)).first()
        rows = [_deal(luck, at, place / count, authors, programme) for place in range(count)]
        connection = db.session.connection()
        first = (connection.scalar(sa.select(sa.func.max(Deal.__table__.c.id))) or 0) + 1
        numbered = [{"id": id, **row} for id, row in enumerate(rows, first)]
        write(connection, Deal, numbered)
        write(connection, DealLine, (_line(luck, row, products) for row in numbered))
        write(connection, DealReview, (_review(luck, row, customers) for row in numbered if row["submitted_at"]))
        write(connection, DealEvent, (_event(row) for row in numbered if row["submitted_at"]))
        write(connection, SearchEntry, (_entry(row) for row in numbered))
        db.session.commit()
    with app.app_context(), unscoped("bench"), db.engine.connect() as fresh:
        fresh.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


def _authors() -> sa.Select[Any]:
    return (
        sa.select(Membership.organisation_id, Membership.person_id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Organisation.is_partner, Membership.is_partner, Membership.in_deals)
        .where(Membership.ended_at.is_(None), Person.disabled_at.is_(None))
        # The first is the busiest: somebody who sees all of it, and nothing else.
        .order_by(Membership.level, Membership.is_customer, Membership.is_supplier, Membership.id)
    )


def _deal(luck: random.Random, at: datetime, age: float, authors: list[Any], programme: int | None) -> dict[str, Any]:
    state = luck.choices(list(SHARES), weights=list(SHARES.values()))[0]
    organisation_id, author_id = authors[0] if luck.random() < 0.2 else luck.choice(authors)
    created = at - timedelta(minutes=1) - 1_000 * age * DAY
    customer = luck.randrange(20_000)
    is_due, is_told = state in WAITING, state != State.DRAFT
    return {
        "ref": new_ref(Deal.ref_prefix),
        "organisation_id": organisation_id,
        "author_id": author_id,
        "created_by_id": author_id,
        "programme_id": programme,
        "state": state.value,
        "customer_name": f"Customer {customer} a.s.",
        "customer_domain": f"c{customer}.example.com",
        "customer_country": "CZ",
        "amount": luck.randrange(10**7),
        "currency": "EUR",
        "created_at": created,
        "submitted_at": created if is_told else None,
        "due_at": at + luck.uniform(-3, 3) * DAY if is_due else None,
        "protected_until": at + luck.uniform(0, 90) * DAY if state == State.APPROVED else None,
        "activity_at": created,
        "public_at": created,
    }


def _line(luck: random.Random, deal: dict[str, Any], products: list[int]) -> dict[str, Any]:
    return {"deal_id": deal["id"], "position": 0, "product_id": luck.choice(products), "quantity": 10}


def _review(luck: random.Random, deal: dict[str, Any], customers: list[int]) -> dict[str, Any]:
    return {"deal_id": deal["id"], "customer_id": luck.choice(customers), "submitter_id": deal["author_id"]}


def _event(deal: dict[str, Any]) -> dict[str, Any]:
    told = {"actor_id": deal["author_id"], "is_by_staff": False, "at": deal["submitted_at"], "state": "submitted"}
    return {"deal_id": deal["id"], "verb": "submit", "params": {}, **told}


def _entry(deal: dict[str, Any]) -> dict[str, Any]:
    tokens = f"{capacity_token(deal['organisation_id'], Capacity.PARTNER)} @deal"
    return {"deal_id": deal["id"], "tokens": tokens, "words": f"{deal['customer_name']} {deal['ref']}".casefold()}


def write(connection: sa.Connection, model: Any, rows: Any) -> None:
    """Insert them, some thousands at a time; ids may be given."""
    for some in _batches(list(rows)):
        connection.execute(sa.insert(cast(sa.Table, model.__table__)), some)
    if connection.dialect.name == "postgresql":
        table = model.__tablename__
        connection.exec_driver_sql(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")


def _batches(rows: list[Any]) -> Iterator[list[Any]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))
