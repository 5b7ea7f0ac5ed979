"""`python -m tests.bench.matching`: a conflict check against 50,000 registrations, on both databases.

The names are made of few syllables, and a tenth of the registrations bear the commonest name of all, so that keys are
shared far more than they would be outside.
"""

import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade
from sqlalchemy.orm import Session

from portal import create_app
from portal.access import Principal
from portal.access.scope import acting_as, unscoped
from portal.clock import now
from portal.config import load_settings
from portal.deals.models import Deal, DealLine
from portal.extensions import db
from portal.organisations.models import Organisation
from portal.products.models import Product
from portal.seeds.cast import plant_cast
from portal.serve import settle
from portal.text import sort_key
from portal.tickets import models  # noqa: F401  # rules look at all of them
from tests.bench.world import HOST, Database

REGISTRATIONS = int(os.environ.get("REGISTRATIONS", "50000"))
ORGANISATIONS = REGISTRATIONS // 10
CHECKS = 300
CUSTOMERS = REGISTRATIONS // 3
SYLLABLES = (
    *(("ka", "ка", "کا"), ("sko", "ско", "اسکو"), ("ra", "ра", "را"), ("ve", "ве", "وه"), ("mi", "мі", "می")),
    *(("lu", "лу", "لو"), ("po", "по", "پو"), ("dar", "дар", "دار"), ("ton", "тон", "تون"), ("gri", "грі", "گری")),
    *(("shi", "ші", "شی"), ("bel", "бел", "بل"), ("zo", "зо", "زو"), ("cha", "ча", "چا"), ("lek", "лек", "لک")),
    *(("nov", "нов", "نوو"), ("tar", "тар", "تار"), ("ost", "ост", "است"), ("rym", "рим", "ریم")),
)
FORMS = ("%s s.r.o.", "%s Trade Group a.s.", "ТОВ «%s»", "%s Sp. z o.o.", "UAB „%s“", "شرکت %s", "%s Group Ltd")
COUNTRIES = ("CZ", "UA", "PL", "LT", "IR", "GB")
COMMON = "International Trade Group"


def names(luck: random.Random) -> list[str]:
    """Of one customer, in three scripts."""
    word = luck.choices(SYLLABLES, k=luck.randint(2, 4))
    return ["".join(script).title() for script in zip(*word, strict=True)]


def registrations(luck: random.Random) -> Iterator[dict[str, Any]]:
    customers = [names(luck) for _ in range(CUSTOMERS)]
    for number in range(REGISTRATIONS):
        customer = luck.randrange(CUSTOMERS)
        is_common = number % 10 == 0
        name = COMMON if is_common else luck.choice(customers[customer])
        domain = f"c{customer}.example.com" if number % 25 else "shared.example.com"
        yield {
            "customer_name": luck.choice(FORMS) % name,
            "customer_domain": "" if luck.random() < 0.2 else f"https://www.{domain}/",
            "customer_country": COUNTRIES[customer % 6],
            "registration_number": "" if luck.random() < 0.5 else f"{customer:08}",
        }


def fill(session: Session) -> None:
    """Below the verbs: the life of a registration is not what is measured."""
    luck, at = random.Random(7), now()
    plant_cast(session, issuer="https://idp.example.com", at=at)
    session.flush()
    partners = session.scalars(sa.select(Organisation.id).where(Organisation.is_partner)).all()
    author = session.scalar(sa.select(sa.func.min(Organisation.id)))
    products = session.scalars(sa.select(Product.id)).all()
    common = {"state": "submitted", "author_id": author, "created_by_id": author, "created_at": at}
    moved = {"activity_at": at, "public_at": at, "submitted_at": at}
    rows = [
        {**told, **common, **moved, "ref": f"D-{number:08}", "organisation_id": luck.choice(partners)}
        for number, told in enumerate(registrations(luck))
    ]
    firms = [
        {"name": name, "name_key": sort_key(name), "created_at": at, "country": "CZ", "ref": f"O-{number:08}"}
        for number, name in enumerate(luck.choice(FORMS) % luck.choice(names(luck)) for _ in range(ORGANISATIONS))
    ]
    session.execute(sa.insert(Organisation), firms)
    session.execute(sa.insert(Deal), rows)
    ids = session.scalars(sa.select(Deal.id)).all()
    lines = [{"deal_id": id, "position": 0, "product_id": luck.choice(products), "quantity": 1} for id in ids]
    session.execute(sa.insert(DealLine), lines)
    session.commit()


def milliseconds(times: list[float]) -> str:
    ordered = sorted(times)
    return (
        f"p50 {statistics.median(ordered):.1f}  p95 {ordered[len(ordered) * 95 // 100]:.1f}  max {ordered[-1]:.1f} ms"
    )


class Stopwatch:
    """What passed on the wall, and how much of it this process worked: a busy machine lengthens the one alone."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.own: list[float] = []

    @contextmanager
    def timed(self) -> Iterator[None]:
        wall, own = time.perf_counter(), time.process_time()
        yield
        self.wall.append(1000 * (time.perf_counter() - wall))
        self.own.append(1000 * (time.process_time() - own))

    def told(self, title: str) -> str:
        return f"  {title:<24} {milliseconds(self.wall)}; own work {milliseconds(self.own)}"


def measure() -> None:
    # Rules look at all models, which the application brings.
    from portal.matching import facts, jobs, matching

    # As a worker has it that serves: what was loaded for the filling is nobody's who asks.
    settle()
    session, luck = db.session(), random.Random(11)
    ids = session.scalars(sa.select(Deal.id)).all()
    chosen = luck.sample(list(ids), CHECKS)
    worst = session.scalars(sa.select(Deal.id).where(Deal.customer_name.contains(COMMON)).limit(CHECKS)).all()
    for title, deals in (("a check", chosen), ("of the commonest name", worst)):
        watch, found = Stopwatch(), 0
        for about in facts.of_deals(session, deals).values():
            with watch.timed():
                found += len(matching.find(session, about).deals)
        print(f"{watch.told(title)}; {found / len(watch.wall):.1f} registrations found on average")
    watch = Stopwatch()
    for ref in session.scalars(sa.select(Deal.ref).where(Deal.id.in_(chosen))).all():
        with watch.timed():
            jobs.match_deal({"deal": ref}, now())
            session.commit()
    print(watch.told("the whole job"))


def main() -> None:
    print(f"{REGISTRATIONS} registrations, {ORGANISATIONS} organisations; load {os.getloadavg()[0]:.1f}")
    for kind in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
            database = Database(kind, Path(folder))
            app = create_app(
                load_settings(environment="test", database_url=database.url, base_url=f"http://{HOST}",
                              storage_url=f"file:{folder}/files", mail_from="portal@example.com")
            )  # fmt: skip
            try:
                with app.app_context(), acting_as(db.session(), Principal.system("bench")):
                    upgrade()
                    fill(db.session())
                    from portal.matching import index

                    began = time.monotonic()
                    count = index.reindex(db.session())
                    db.session.commit()
                    print(f"{kind}: the keys of {count} records in {time.monotonic() - began:.0f} s", flush=True)
                    with unscoped("bench"), db.engine.begin() as connection:
                        connection.exec_driver_sql("ANALYZE")
                    measure()
                    db.session.remove()
                    db.engine.dispose()
            finally:
                database.drop()


if __name__ == "__main__":
    main()
