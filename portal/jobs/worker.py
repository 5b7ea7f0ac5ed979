"""The worker: drains the outbox when the bell rings, when it starts, and every few seconds besides."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import date

from flask import Flask
from huey.consumer import Consumer

from portal.clock import now
from portal.jobs import daily
from portal.jobs.outbox import drain, prune
from portal.jobs.queue import bell_of

EVERY = 5.0
PRUNE_EVERY = 3600.0
# How long a worker that was asked to stop waits for the jobs in hand; the leases cover what it leaves.
PATIENCE = 25.0

log = logging.getLogger("portal.jobs")


def work(app: Flask, *, threads: int = 2) -> None:
    """Work until SIGTERM or SIGINT; the jobs in hand are finished first."""
    queue = bell_of(app).queue()
    # Bells that rang while nobody listened say no more than the look that follows.
    queue.storage.flush_queue()
    consumer = Consumer(
        queue,
        workers=threads,
        periodic=False,
        initial_delay=0.05,
        max_delay=0.5,
        graceful_signal="TERM",
        shutdown_timeout=PATIENCE,
    )
    app.extensions["portal_worker_stop"] = consumer.stop_flag
    heart = threading.Thread(target=beat, args=(app, consumer.stop_flag.wait), name="outbox", daemon=True)
    heart.start()
    consumer.run()
    heart.join(PATIENCE)


def beat(app: Flask, wait: Callable[[float], bool]) -> None:
    """Look into the outbox again and again, until `wait` says that it is over."""
    pruned_at = float("-inf")
    promised_on: date | None = None
    stopped = False
    while not stopped:
        try:
            with app.app_context():
                if promised_on != now().date():
                    promised_on = daily.promise(now())
                drain(now(), stop=lambda: wait(0))
                if time.monotonic() - pruned_at > PRUNE_EVERY:
                    prune(now())
                    pruned_at = time.monotonic()
        except Exception:
            # The database is away: it may come back, and then the work is still there.
            log.exception("the outbox cannot be read")
        stopped = wait(EVERY)
