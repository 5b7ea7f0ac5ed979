"""Ten times the file takes no more memory: rows are read and brought in some at a time."""

import subprocess
import sys

from flask import Flask

from portal.clock import now
from portal.config import Settings
from portal.imports.models import ImportRun, State
from tests.imports.world import ImportWorld
from tests.orders.helpers import OrderWorld

# Rows of each order; the peak of the process that brings them in, in megabytes.
LINES = 10
WORKER = """
import resource, sys
from portal import create_app
from portal.access import Principal
from portal.clock import now
from portal.config import load_settings
from portal.extensions import db
from portal.imports.runs import advance

url, files, ref = sys.argv[1:]
app = create_app(load_settings(environment="test", database_url=url, storage_url=files, base_url="http://localhost"))
with app.app_context():
    advance(db.session(), ref, Principal.system("test"), now())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
MOST_MORE = 25


def file_of(orders: OrderWorld, rows: int, tag: str) -> bytes:
    company = orders.world.organisation("glass").ref
    lines = ["ID,Organisation,State,Currency,Line number,Description of the line,Quantity,Unit price"]
    for number in range(rows):
        order, line = divmod(number, LINES)
        lines.append(f"{tag}{order},{company},confirmed,EUR,{line + 1},A lantern for the garden,2,12.50")
    return "\n".join(lines).encode()


def peak(app: Flask, run: ImportRun) -> float:
    settings: Settings = app.extensions["portal_settings"]
    told = [sys.executable, "-c", WORKER, settings.database_url, settings.storage_url, run.ref]
    done = subprocess.run(told, capture_output=True, text=True, timeout=300, check=True)
    return float(done.stdout.split()[-1])


def test_ten_times_the_rows_take_no_more_memory(app: Flask, imports: ImportWorld, orders: OrderWorld) -> None:
    peaks = []
    for rows in (2000, 20_000):
        run = imports.draft(file_of(orders, rows, f"M{rows}-"))
        with imports.world.session() as session:
            found = session.get_one(ImportRun, run.id)
            found.bring_in_unseen(dict(found.mapping), now(), is_whole=False, overwrites=False)
            session.commit()
        peaks.append(peak(app, run))
        done = imports.reload(run)
        assert (done.state, done.brought_in) == (State.DONE, rows // LINES)
    assert peaks[1] - peaks[0] < MOST_MORE, peaks
