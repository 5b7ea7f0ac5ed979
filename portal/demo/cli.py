"""`portal demo`: a sample world, its identity provider, a mail inbox, the worker and the portal, until Ctrl-C."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
from flask import Flask

from portal import paths
from portal.demo.cast import CAST

HOST = "127.0.0.1"
# Everything that the demonstration keeps, in the instance folder; FRESH removes just these.
REPLY_TO = "reply@lanternfield.example.com"
KEPT = ("demo.db", "demo.db-wal", "demo.db-shm", "demo-files", "demo-mail", "demo-idp", "queue.db")


@click.command()
@click.option("--port", envvar="PORT", type=int, default=None, help="The port to serve on (8000).")
@click.option("--fresh", envvar="FRESH", is_flag=True, default=False, help="Start over with a new sample world.")
def demo(port: int | None, fresh: bool) -> None:
    """Run the whole portal here, with a sample world.

    The world speaks six languages and is there to walk around in. Nothing leaves the machine: mail goes to an inbox of
    its own, and signing in is choosing who to be. The data is kept between runs.
    """
    port = port or 8000
    instance = paths.instance_folder()
    instance.mkdir(parents=True, exist_ok=True)
    if fresh:
        _remove(instance)
    _refuse_a_busy_port(port)
    smtp_port = _free_port()
    os.environ.update(_settings(port, smtp_port, instance))
    app = _fill()
    from portal.demo.sink import start_sink
    from portal.mail.incoming import receive, reply_address

    stop_sink = start_sink(
        instance / "demo-mail",
        HOST,
        smtp_port,
        lambda sender, data: receive(app, sender, data),
        reply_address=reply_address(app.extensions["portal_settings"]),
    )
    children = [_start("portal.cli", "worker"), _serve(port)]
    try:
        _wait_until_served(port, children)
        click.echo(_greeting(port, smtp_port))
        _watch(children)
    except KeyboardInterrupt:
        click.echo("\nStopping …")
    finally:
        _stop(children)
        stop_sink()


def register(cli: click.Group) -> None:
    cli.add_command(demo)


def _settings(port: int, smtp_port: int, instance: Path) -> dict[str, str]:
    base_url = f"http://{HOST}:{port}"
    provider = {
        "name": "demo",
        "label": "Lanternfield ID",
        "issuer": f"{base_url}/demo/idp",
        "client_id": "portal",
        "client_secret": secrets.token_urlsafe(32),
    }
    return {
        "PORTAL_ENVIRONMENT": "demo",
        "PORTAL_BASE_URL": base_url,
        "PORTAL_DATABASE_URL": f"sqlite:///{instance / 'demo.db'}",
        "PORTAL_STORAGE_URL": f"file:{instance / 'demo-files'}",
        "PORTAL_SMTP_URL": f"smtp://{HOST}:{smtp_port}",
        "PORTAL_MAIL_FROM": "portal@lanternfield.example.com",
        "PORTAL_MAIL_REPLY_TO": REPLY_TO,
        # Webhooks may be tried with a receiver on this machine, and leave it for nowhere.
        "PORTAL_WEBHOOK_NETWORKS": "127.0.0.0/8",
        "PORTAL_PROVIDERS": json.dumps([provider]),
        # Whoever walks around here is the whole cast at one address.
        "PORTAL_RATE_SIGN_IN": os.environ.get("PORTAL_RATE_SIGN_IN", "120 per minute"),
        "PORTAL_BRAND_NAME": os.environ.get("PORTAL_BRAND_NAME", "Lanternfield Portal"),
    }


def _remove(instance: Path) -> None:
    for name in KEPT:
        path = instance / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _refuse_a_busy_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise click.ClickException(
                f"Port {port} is in use. Stop what listens there, or choose another: make demo PORT={port + 1}"
            ) from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _fill() -> Flask:
    """Bring the database up to date and, where it is empty, plant the sample world; returns the app that did."""
    from flask_migrate import upgrade

    from portal import create_app
    from portal.demo.moving import bring_along
    from portal.seeds.world import plant_world

    app = create_app()
    with app.app_context():
        upgrade()
        plant_world(app)
        bring_along(app.extensions["portal_settings"].providers[0])
    return app


def _start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", module, *arguments])


def _serve(port: int) -> subprocess.Popen[bytes]:
    # Several threads: the portal and its provider speak to each other over HTTP.
    options = ("--bind", f"{HOST}:{port}", "--worker-class", "gthread", "--threads", "12", "--log-level", "warning")
    return _start("gunicorn", *options, "--no-control-socket", "portal.demo.app:create()")


def _wait_until_served(port: int, children: list[subprocess.Popen[bytes]]) -> None:
    for _attempt in range(300):
        if any(child.poll() is not None for child in children):
            raise click.ClickException("The portal did not start; its own words stand above.")
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise click.ClickException("The portal did not answer within 30 seconds.")


def _watch(children: list[subprocess.Popen[bytes]]) -> None:
    signal.signal(signal.SIGTERM, _interrupt)
    while True:
        for child in children:
            if child.poll() is not None:
                raise click.ClickException(f"A process of the demonstration ended (exit code {child.returncode}).")
        time.sleep(0.5)


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()


def _greeting(port: int, smtp_port: int) -> str:
    address = f"http://{HOST}:{port}"
    width = max(len(person.hint) for person in CAST)
    cast = "\n".join(f"  {person.hint:<{width}}  {person.name}, {person.organisation}" for person in CAST)
    return (
        f"\nThe portal is ready:  {address}\n"
        f"Its mail arrives at:  {address}/demo/mail\n"
        f"Replies to it go to:  {REPLY_TO} by SMTP at {HOST}:{smtp_port}\n\n"
        f"Sign in as anybody of the cast; {address}/sign-in/demo?login_hint=customer does so at once.\n{cast}\n\n"
        "Ctrl-C stops it; the data stays. make demo FRESH=1 starts over.\n"
    )
