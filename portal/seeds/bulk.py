"""A large world for trying out how the portal bears it: thousands of people and years of tickets, all made up."""

import io
import random
from bisect import bisect
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import accumulate
from typing import Any

import click
import sqlalchemy as sa
from PIL import Image, ImageDraw

from portal.access import Principal
from portal.access.scope import acting_as, unscoped
from portal.accounts.models import Identity
from portal.clock import now
from portal.config import settings
from portal.demo.cast import CAST
from portal.extensions import db
from portal.files.storage import StoredFile, storage
from portal.seeds.cast import plant_cast
from portal.seeds.companies import Neighbourhood, Settler
from portal.seeds.conversations import Teller
from portal.seeds.loading import Loader
from portal.seeds.world import SINCE
from portal.tickets.lifecycle import State

# Tickets in one transaction: whoever interrupts loses at most these, and keeps none by halves.
BATCH = 2000
# Days back to the oldest ticket.
OLDEST = 1000
BUSY_TICKETS = 2000


def plant_bulk(*, organisations: int, people: int, tickets: int, seed: int, at: datetime) -> None:
    """Add to a migrated database what is asked for, beside what is there; with progress bars.

    The same seed gives the same world on an empty database. What is added later is another part of it.
    """
    issuer = _issuer()
    _plant_cast(issuer, at)
    with _writing() as loader:
        settler = Settler(loader, random.Random(seed), at, issuer)
        luck = random.Random(seed * 1_000_003 + settler.organisations.next_id)
        settler.luck = luck
        with click.progressbar(length=1, label=f"{organisations} organisations, {people} people") as bar:
            hood = settler.settle(organisations, people)
            bar.update(1)
    _tell(hood, luck, tickets, seed, at)
    _look_over()


def _tell(hood: Neighbourhood, luck: random.Random, count: int, seed: int, at: datetime) -> None:
    files = [_picture(colour) for colour in ("#2f5d8a", "#8a2f4b", "#2f8a55")]
    plan = list(_plan(hood, luck, count))
    with click.progressbar(length=len(plan), label=f"{count} tickets") as bar:
        for start in range(0, len(plan), BATCH):
            with _writing() as loader:
                teller = Teller(loader, luck, at, hood, files, seed)
                for place, (age, company) in enumerate(plan[start : start + BATCH], start):
                    last = place - len(plan) + len(State)
                    # The youngest few take each state in turn, so that a small world has all of them.
                    teller.tell(hood.companies[company], age, tuple(State)[last] if last >= 0 else None)
                loader.write()
            bar.update(min(BATCH, len(plan) - start))


def _plan(hood: Neighbourhood, luck: random.Random, count: int) -> list[tuple[float, int]]:
    """Age in days and company of every ticket, oldest first: a few companies write most, one far more than others."""
    busy = min(BUSY_TICKETS, count // 4)
    weights = list(accumulate(1 / (place + 6) ** 0.8 for place in range(1, len(hood.companies))))
    places = [0] * (busy if weights else count)
    if weights:
        places += [1 + bisect(weights, luck.random() * weights[-1]) for _ in range(count - busy)]
    return sorted(((0.02 + OLDEST * luck.random() ** 1.15, place) for place in places), reverse=True)


@contextmanager
def _writing() -> Iterator[Loader]:
    """A transaction of the database itself, past row scope: the rows are made here, nobody sent them."""
    with unscoped("seed"), db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            # A gibibyte at most, while it lasts: the indexes are written all over.
            connection.exec_driver_sql("PRAGMA cache_size=-1000000")
            with _indexed_at_once(connection):
                yield Loader(connection)
        else:
            yield Loader(connection)


@contextmanager
def _indexed_at_once(connection: sa.Connection) -> Iterator[None]:
    """FTS5 takes rows one by one, as the trigger gives them, six times as long as all in one statement."""
    run = connection.exec_driver_sql
    trigger = run("SELECT sql FROM sqlite_master WHERE name = 'search_entry_insert'").scalar_one()
    last = run("SELECT coalesce(max(id), 0) FROM search_entry").scalar_one()
    run("DROP TRIGGER search_entry_insert")
    yield
    run(
        "INSERT INTO search_entry_fts (rowid, tokens, words) SELECT id, tokens, words FROM search_entry WHERE id > ?",
        (last,),
    )
    run(trigger)


def _look_over() -> None:
    """Let the database count what it holds, so that it plans well from the first request on."""
    with unscoped("seed"):
        if db.engine.dialect.name == "sqlite":
            with db.engine.begin() as connection:
                connection.exec_driver_sql("ANALYZE")
        else:
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
    db.engine.dispose()


def _issuer() -> str:
    """Of the provider that the cast signs in with: the configured one, else the demonstration's."""
    providers = settings().providers
    return providers[0].issuer if providers else f"{settings().base_url}/demo/idp"


def _plant_cast(issuer: str, at: datetime) -> None:
    """So that one can sign in, in the demonstration, and look around."""
    with acting_as(db.session(), Principal.system("seed")):
        subjects = [person.subject for person in CAST]
        known: Any = db.session.scalar(sa.select(Identity.id).where(Identity.subject.in_(subjects)).limit(1))
        if known is None:
            plant_cast(db.session(), issuer=issuer, at=at - SINCE)
        db.session.commit()


def _picture(colour: str) -> StoredFile:
    """A few drawn pictures stand for all that was attached."""
    image = Image.new("RGB", (640, 420), "#eef1f4")
    ImageDraw.Draw(image).rectangle((60, 60, 580, 360), outline=colour, width=12)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return storage().put(io.BytesIO(buffer.getvalue()))


def plant(organisations: int, people: int, tickets: int, seed: int) -> float:
    """`plant_bulk` as of now; returns how many seconds it took."""
    began = now()
    plant_bulk(organisations=organisations, people=people, tickets=tickets, seed=seed, at=began)
    return (now() - began).total_seconds()
