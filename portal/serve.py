"""`portal serve`: the portal under gunicorn, for a reverse proxy in front of it."""

import gc
import os
import sys

import click
from flask import Flask
from sqlalchemy.orm import configure_mappers

from portal.config import load_settings


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Threads in each.")
def serve(bind: str, workers: int, threads: int) -> None:
    """Serve the portal with gunicorn.

    Put nginx in front: slow clients would otherwise hold threads. One worker for each processor core is a good
    start; SQLite allows one writer at a time, so for a busy team choose PostgreSQL. Jobs need `portal worker`
    beside it.
    """
    # A setting that cannot work stops here, with its one line, and not in every worker.
    load_settings()
    options = ["--bind", bind, "--workers", str(workers), "--threads", str(threads), "--worker-class", "gthread"]
    quiet = ["--access-logfile", "/dev/null", "--log-level", "warning", "--no-control-socket"]
    command = [sys.executable, "-m", "gunicorn", *options, *quiet, "portal.serve:application()"]
    # gunicorn takes this process over, so that signals reach it.
    os.execv(sys.executable, command)  # noqa: S606  # a fixed list, without a shell


def application() -> Flask:
    """The portal as a server's worker runs it."""
    from portal import create_app

    app = create_app()
    settle()
    return app


def settle() -> None:
    """What is loaded stays for good: a full garbage collection, which is due every few thousand requests, would look
    through all of it for a tenth of a second, in the middle of whatever somebody waits for."""
    configure_mappers()
    gc.collect()
    gc.freeze()


def register(cli: click.Group) -> None:
    cli.add_command(serve)
