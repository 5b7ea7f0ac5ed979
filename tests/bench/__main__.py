"""`make bench`: the pages on both databases, beside the floor of the same run.

QUICK=1 takes about a minute: a tenth of the tickets and deals, SQLite alone, each cell once instead of the median of
three.
"""

import gc
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal import create_app
from portal.extensions import db
from tests.bench.cells import Cell, cells_of
from tests.bench.deals import fill_deals
from tests.bench.orders import fill_orders
from tests.bench.servers import Measured, Server, median_of, serving, wrk_path
from tests.bench.world import HOST, Database, Town

QUICK = bool(os.environ.get("QUICK"))
SIZES = (
    {"organisations": 30, "people": 600, "tickets": 10_000}
    if QUICK
    else {"organisations": 1000, "people": 5000, "tickets": 100_000}
)
DEALS = 5_000 if QUICK else 50_000
ORDERS = 5_000 if QUICK else 50_000
DATABASES = ("SQLite",) if QUICK else ("SQLite", "PostgreSQL")
CONNECTIONS = (1, 8)
REPEATS = 1 if QUICK else 3
# Where a slow machine has used up so many seconds, what is left is measured once instead of three times.
BUDGET = 480
SECONDS = 1


@dataclass(frozen=True)
class Line:
    cell: Cell
    connections: int
    portal: Measured
    floor: Measured

    @property
    def ratio(self) -> float:
        return self.portal.rate / self.floor.rate


def main() -> None:
    wrk_path()
    began = time.monotonic()
    world = f"{SIZES['tickets']} tickets of {SIZES['organisations']} organisations, {DEALS} deals, {ORDERS} orders"
    print(f"{world}; load {os.getloadavg()[0]:.1f}")
    failures = 0
    for kind in DATABASES:
        with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
            database = Database(kind, Path(folder))
            try:
                print(f"\n{kind}", flush=True)
                for line in _measure(database, Path(folder), began + BUDGET):
                    _print(line)
                    failures += line.portal.failures + line.floor.failures
            finally:
                database.drop()
    print(f"\n{time.monotonic() - began:.0f} s; load {os.getloadavg()[0]:.1f}")
    if failures:
        sys.exit(f"{failures} requests failed")


def _measure(database: Database, folder: Path, deadline: float) -> Iterator[Line]:
    secret = secrets.token_urlsafe(48)
    began = time.monotonic()
    database.fill(secret, SIZES)
    print(f"filled in {time.monotonic() - began:.0f} s\n", flush=True)
    environment = database.environment(secret)
    os.environ.update(environment, PORTAL_LOG_LEVEL="WARNING")
    app = create_app(RATELIMIT_ENABLED=False)
    fill_deals(app, DEALS)
    long_order = fill_orders(app, ORDERS, Town(app).busy_companies()[0])
    cells = cells_of(app, folder, long_order)
    with app.app_context():
        db.engine.dispose()
    gc.collect()
    floor_environment = {"BENCH_DATABASE": database.url, "BENCH_FLOOR": str(folder / "floor.json")}
    print(f"{'':33}    portal: req/s  p50 ms  p99 ms     floor: req/s  p50 ms  p99 ms   ratio  statements  bytes")
    with (
        serving("portal", folder / "portal.log", {**environment, "PORTAL_LOG_LEVEL": "INFO"}) as portal,
        serving("floor", folder / "floor.log", floor_environment) as floor,
    ):
        for cell in cells:
            _warm(portal, floor, cell)
            for connections in CONNECTIONS:
                repeats = REPEATS if time.monotonic() < deadline else 1
                runs = [_both(portal, floor, cell, connections) for _ in range(repeats)]
                yield Line(cell, connections, median_of([run[0] for run in runs]), median_of([run[1] for run in runs]))


def _warm(portal: Server, floor: Server, cell: Cell) -> None:
    """Every worker has drawn it once, and both send what they should."""
    for _ in range(8):
        status, body = portal.ask(cell.path, cell.all_headers, cell.body)
        if status != cell.expected:
            raise SystemExit(f"{cell.name}: {cell.path} answered {status}")
        floor_status, floor_body = floor.ask(f"/{cell.number}", {}, cell.body)
    if cell.kind in ("list", "deals", "conversation") and abs(len(floor_body) / len(body) - 1) > 0.05:
        raise SystemExit(f"{cell.name}: the floor sends {len(floor_body)} bytes, the portal {len(body)}")
    if floor_status != cell.expected:
        raise SystemExit(f"{cell.name}: the floor answered {floor_status}")


def _both(portal: Server, floor: Server, cell: Cell, connections: int) -> tuple[Measured, Measured]:
    one = portal.load(cell.path, cell.all_headers, connections, SECONDS, cell.script)
    other = floor.load(f"/{cell.number}", {"Host": HOST, **cell.headers}, connections, SECONDS, cell.script)
    return one, other


def _print(line: Line) -> None:
    measured = "  ".join(f"{m.rate:>15.0f}  {m.p50:>6.1f}  {m.p99:>6.1f}" for m in (line.portal, line.floor))
    name = f"{line.cell.name}, {line.connections} conn."
    tail = f"{line.ratio:>6.0%}  {line.cell.statements:>10}  {line.cell.size:>5}"
    print(f"{name:33} {measured}  {tail}", flush=True)


if __name__ == "__main__":
    main()
