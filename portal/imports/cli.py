"""`portal import`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.scope import acting_as
from portal.clock import now
from portal.errors import RuleBroken
from portal.extensions import db
from portal.feeds.outcome import flat
from portal.files.storage import TooLarge
from portal.imports.mapping import FIELDS, missing
from portal.imports.messages import spoken
from portal.imports.models import COUNTED, ImportContent, ImportRow, ImportRun, RowAction, State
from portal.imports.reading import UnreadableFile
from portal.imports.receiving import receive, remember
from portal.imports.rules import KINDS
from portal.imports.runs import advance, locked

_WHO = Principal.system("portal import")
_DOING = {
    State.READING: "Reading",
    State.CHECKING: "Looking what would come of it",
    State.APPLYING: "Bringing in",
    State.UNDOING: "Taking back",
}
_WORDS = {
    RowAction.CREATE: "new",
    RowAction.UPDATE: "changed",
    RowAction.UNCHANGED: "unchanged",
    RowAction.CONFLICT: "in conflict",
    RowAction.MOVED: "moved since the preview",
    RowAction.REFUSE: "refused",
}


@click.group("import")
def import_() -> None:
    """Bring in files of other systems.

    They are CSV, Excel workbooks (.xlsx) or JSON lines. Each record goes by the id that the other system has for it, so
    that the same file twice changes nothing the second time. See first what would come of it (--dry-run). Every run has
    a reference, by which it is gone on with after it was interrupted, and by which it is taken back.
    """


_OPTIONS: list[Callable[..., Any]] = [
    click.argument("file", type=click.File("rb"), required=False),
    click.option(
        "--source", default="erp", show_default=True, help="The system it comes from; ids are known for each apart."
    ),
    click.option(
        "--map",
        "mapped",
        multiple=True,
        metavar="COLUMN=FIELD",
        help="What a column is; an empty FIELD leaves it out. Without it, as last time or by the headings.",
    ),
    click.option(
        "--decimal", type=click.Choice([",", "."]), help="What stands before decimals, where the file is misread."
    ),
    click.option(
        "--date-order", type=click.Choice(["dmy", "mdy"]), help="Which comes first in 03/04/2026, the day or the month."
    ),
    click.option("--dry-run", is_flag=True, help="Show what would come of each record; change nothing."),
    click.option("--all-or-nothing", is_flag=True, help="Bring in nothing unless everything can be brought in."),
    click.option("--overwrite", is_flag=True, help="Also what was changed here since it was last brought in."),
    click.option("--resume", metavar="RUN", help="Go on with a run that was interrupted."),
]


def _command(kind: str) -> click.Command:
    def command(
        file: IO[bytes] | None,
        source: str,
        mapped: tuple[str, ...],
        decimal: str | None,
        date_order: str | None,
        dry_run: bool,
        all_or_nothing: bool,
        overwrite: bool,
        resume: str | None,
    ) -> None:
        if (file is None) == (resume is None):
            raise click.UsageError("Name a FILE, or a run to --resume.")
        session = db.session()
        if resume is not None:
            return _go_on(session, resume)
        assert file is not None
        written = {name: told for name, told in (("decimal", decimal), ("date_order", date_order)) if told}
        ref = _receive(session, kind, file, source, mapped, written, dry_run, all_or_nothing, overwrite)
        _go_on(session, ref, dry_run=dry_run)

    for option in reversed(_OPTIONS):
        command = option(command)
    command.__doc__ = f"""Bring in {kind.replace("-", " ")}.

    Fields: {", ".join(field.name for field in FIELDS[kind])}.

    Exits with 0 when everything is in, and with 1 when something was refused or left alone: it says what, and why.
    """
    return click.command(kind)(with_appcontext(command))


for _kind in KINDS:
    import_.add_command(_command(_kind))


@import_.command()
@click.argument("run")
@with_appcontext
def undo(run: str) -> None:
    """Take a run back, while nothing newer touched it."""
    session = db.session()
    with acting_as(session, _WHO):
        found = _find(session, run)
        if found.state != State.UNDOING:
            try:
                found.undo(_WHO, now())
            except RuleBroken as broken:
                raise click.ClickException(str(broken)) from None
            session.commit()
    _work(session, run)
    found = _look(session, run)
    if found.state != State.UNDONE:
        raise click.ClickException(spoken(found.reason))
    click.echo(f"{run} is taken back.")


def _receive(
    session: Session,
    kind: str,
    file: IO[bytes],
    source: str,
    mapped: tuple[str, ...],
    written: dict[str, str],
    dry_run: bool,
    is_whole: bool,
    overwrites: bool,
) -> str:
    """A run that has begun; its reference."""
    with acting_as(session, _WHO):
        try:
            run = receive(session, file, getattr(file, "name", kind), kind, source, _WHO, now())
        except UnreadableFile as error:
            raise click.ClickException(str(error)) from None
        except TooLarge as error:
            raise click.ClickException(f"The file is larger than {error.max_size} bytes.") from None
        if kind == "documents":
            written["folder"] = str(Path(getattr(file, "name", ".")).resolve().parent)
        run.form = {**run.form, **written}
        run.mapping = {**run.mapping, **_mapping(kind, run.form["columns"], mapped)}
        run.mapping = {column: name for column, name in run.mapping.items() if name}
        if lacking := [field.name for field in missing(kind, run.mapping)]:
            columns = ", ".join(run.form["columns"])
            raise click.UsageError(f"No column is mapped to {', '.join(lacking)} (--map). The columns are: {columns}.")
        remember(session, run, now())
        if dry_run:
            run.check(run.mapping, now())
            run.overwrites = overwrites
        else:
            run.bring_in_unseen(run.mapping, now(), is_whole=is_whole, overwrites=overwrites)
        session.commit()
        return run.ref


def _mapping(kind: str, columns: list[str], mapped: tuple[str, ...]) -> dict[str, str]:
    fields = {field.name for field in FIELDS[kind]}
    found: dict[str, str] = {}
    for told in mapped:
        column, equals, name = told.rpartition("=")
        if not equals or column not in columns:
            raise click.UsageError(f"--map {told}: the file has no such column. It has: {', '.join(columns)}.")
        if name and name not in fields:
            raise click.UsageError(f"--map {told}: there is no such field. There are: {', '.join(sorted(fields))}.")
        found[column] = name
    return found


def _go_on(session: Session, ref: str, *, dry_run: bool = False) -> None:
    _work(session, ref)
    run = _look(session, ref)
    with acting_as(session, _WHO):
        for line in _lines(session, run, every=dry_run):
            click.echo(line)
        counts = ", ".join(f"{run.counts[action]} {_WORDS[action]}" for action in COUNTED if run.counts.get(action))
    click.echo(f"{ref}: {counts or 'no records'}")
    if run.state == State.FAILED:
        raise click.ClickException(spoken(run.reason))
    if run.state == State.DONE and run.brought_in:
        click.echo(f"{run.brought_in} brought in. Take it back with: portal import undo {ref}")
    left_out = run.refused + run.counts.get(RowAction.MOVED, 0) + (0 if run.overwrites else run.conflicts)
    if left_out:
        raise SystemExit(1)


def _find(session: Session, ref: str) -> ImportRun:
    try:
        return locked(session, ref)
    except sa.exc.NoResultFound:
        raise click.ClickException(f"There is no import {ref}.") from None


def _look(session: Session, ref: str) -> ImportRun:
    """Detached, as it stands."""
    with acting_as(session, _WHO):
        run = _find(session, ref)
        session.expunge(run)
        session.rollback()
        return run


def _work(session: Session, ref: str) -> None:
    """Until it is over, with a bar for each part of the work."""
    shown: dict[str, Any] = {}

    def tick(run: ImportRun) -> None:
        if run.state not in shown and run.state in _DOING:
            for bar in shown.values():
                bar.render_finish()
            length = 1 if run.state == State.READING else max(1, run.records)
            shown[run.state] = click.progressbar(length=length, label=_DOING[State(run.state)], file=sys.stderr)
        if (bar := shown.get(run.state)) is not None and run.state != State.READING:
            bar.update(run.records_done - bar.pos)

    with acting_as(session, _WHO):
        _find(session, ref)
        session.rollback()
    try:
        advance(session, ref, _WHO, now(), tick=tick)
    except KeyboardInterrupt:
        with suppress(Exception):
            session.rollback()
        click.echo(f"\nInterrupted. Go on with --resume {ref}.", err=True)
        raise SystemExit(130) from None
    finally:
        for bar in shown.values():
            bar.render_finish()


def _lines(session: Session, run: ImportRun, *, every: bool) -> Iterator[str]:
    """What came of the records, by their lines in the file; without `every`, of those that were left out."""
    columns = (
        *(ImportRow.number, ImportRow.action, ImportContent.external_id, ImportContent.problems),
        *(ImportContent.before, ImportContent.after),
    )
    left_out = (RowAction.REFUSE, RowAction.CONFLICT, RowAction.MOVED)
    number = 0
    while True:
        statement = (
            sa.select(*columns)
            .join(ImportContent, ImportContent.row_id == ImportRow.id)
            .where(ImportRow.run_id == run.id, ImportRow.number > number)
            .order_by(ImportRow.number)
            .limit(500)
        )
        if not every:
            statement = statement.where(ImportRow.action.in_(left_out), ~ImportRow.is_applied)
        rows = session.execute(statement).all()
        session.rollback()
        if not rows:
            return
        for row in rows:
            yield f"{row.number}: {row.external_id or '?'} {_WORDS[RowAction(row.action)]}"
            for field, message, line in row.problems:
                yield f"    line {line}{', ' + field if field else ''}: {spoken(message)}"
            if row.before:
                old, new = flat(row.before), flat(row.after)
                for name in sorted(old | new):
                    if old.get(name) != new.get(name):
                        yield f"    {name}: {old.get(name)!r} -> {new.get(name)!r}"
        number = rows[-1].number


def register(cli: click.Group) -> None:
    cli.add_command(import_)
