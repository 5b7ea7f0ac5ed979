"""`portal doctor`, `portal backup` and `portal restore`."""

import sys
from collections.abc import Callable
from pathlib import Path

import click
from flask.cli import with_appcontext

from portal.clock import now
from portal.config import settings
from portal.ops import backup as tar
from portal.ops.checks import examine

COLOURS = {"ok": "green", "note": "yellow", "wrong": "red"}


@click.command()
@click.pass_context
@with_appcontext
def doctor(context: click.Context) -> None:
    """Look at everything that the portal needs, a line each.

    Settings, secret key, database, migrations, file storage, job queue, mail server and each identity provider are
    tried for real; no mail is sent and nothing stays behind. Exits with 1 when something is wrong.
    """
    healthy = True
    for finding in examine(settings(), now()):
        healthy = healthy and finding.state != "wrong"
        state = click.style(f"{finding.state:<5}", fg=COLOURS[finding.state])
        click.echo(f"{state}  {finding.subject:<12}  {finding.says}")
    if not healthy:
        context.exit(1)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write the database and all stored files to FILE, a tar archive.

    It holds one moment, while people go on working, and is readable by its owner alone: keep it as safe as the
    portal itself. The same format serves SQLite and PostgreSQL. An existing FILE is never overwritten.
    """
    _report("backed up", lambda step: tar.back_up(file, now(), step))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Empty a database that holds something, and its files, first.")
@with_appcontext
def restore(file: Path, force: bool) -> None:
    """Put the backup FILE into the database and the file storage.

    The database may be new or migrated and empty, SQLite or PostgreSQL, whichever the backup was made from. It is all
    or nothing: a damaged or incomplete FILE changes no row. Stop the web and worker processes before.
    """
    _report("restored", lambda step: tar.restore(file, force=force, step=step))


def register(cli: click.Group) -> None:
    for command in (doctor, backup, restore):
        cli.add_command(command)


def _report(verb: str, work: Callable[[tar.Step], tar.Done]) -> None:
    def step(name: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r\033[K{name}", nl=False, err=True)

    try:
        done = work(step)
    except tar.CannotDo as error:
        raise click.ClickException(str(error)) from error
    finally:
        step("")
    click.echo(f"{done.rows} rows and {done.files} files are {verb}.")
    if done.missing:
        click.secho(f"The contents of {done.missing} attached files are missing.", fg="yellow", err=True)
