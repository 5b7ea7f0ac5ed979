"""`portal receipt`: check receipts without the portal, and replace the key that signs them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from portal.clock import now
from portal.extensions import db
from portal.receipts.checking import MOST_BYTES, Refused, Verdict, check, read_bundle, read_head, read_json
from portal.receipts.jws import NotSigned, read_key_set
from portal.receipts.words import FAULTS, event_name, in_groups, kind_name
from portal.text import clean_line

_file = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


@click.group()
def receipt() -> None:
    """Check receipts, and replace the key that signs them."""


@receipt.command()
@click.argument("file", type=_file)
@click.option("--keys", type=_file, help="Public keys that you saved before; without it those in FILE are used.")
@click.option("--head", "heads", type=_file, multiple=True, help="A daily head that you saved; may be given again.")
@click.pass_context
def verify(context: click.Context, file: Path, keys: Path | None, heads: tuple[Path, ...]) -> None:
    """Check the receipts in FILE, offline.

    FILE is a download, or the text of a single receipt (- for standard input). Neither network nor database is used.
    Exits with 0 when everything holds, with 1 when something was changed, is missing or does not fit, and with 2 when a
    file cannot be read at all.
    """
    known = _read(keys, lambda text: read_key_set(read_json(text))) if keys else None
    bundle = _read(file, read_bundle)
    verdict = check(bundle, known, [_read(head, read_head) for head in heads])
    for line in _told(verdict, len(bundle.receipts)):
        # A forged file may say anything: no escape sequence of its reaches the terminal.
        click.echo(clean_line(line))
    click.echo(_summary(verdict))
    context.exit(0 if verdict.is_valid else 1)


def _read(file: Path, reader: Callable[[str], Any]) -> Any:
    """Raises UsageError, which is exit code 2, for what cannot be read."""
    try:
        with click.open_file(str(file), "rb") as stream:
            return reader(stream.read(MOST_BYTES + 1).decode("utf-8-sig"))
    except Refused as refused:
        raise click.UsageError(f"{file}: {FAULTS[refused.fault]}") from None
    except NotSigned:
        raise click.UsageError(f"{file}: no set of keys for receipts, or a changed one") from None
    except ValueError:
        raise click.UsageError(f"{file}: no text") from None


def _told(verdict: Verdict, count: int) -> list[str]:
    lines = [
        f"{said['time']}  {kind_name(said['kind'])} {said['record']}: {event_name(said['event'])}"
        f"  (receipt {said['receipt']}, number {said['sequence']}, issued by {_issuer(said)})"
        for said in verdict.receipts
    ]
    for day, numbers in sorted(verdict.days.items()):
        held = ", ".join(map(str, sorted(numbers)))
        lines.append(f"The daily head of {day} holds number {held}.")
    for problem in verdict.problems:
        where = f"Receipt {problem.place} of {count}" if problem.place else "The file"
        lines.append(f"{where}: {FAULTS[problem.fault]}")
    lines += [f"Key {in_groups(kid)}{_whence(verdict)}" for kid in verdict.kids]
    return lines


def _issuer(said: dict[str, Any]) -> str:
    return f"{said['issuer'].get('name')}, {said['issuer'].get('url')}"


def _whence(verdict: Verdict) -> str:
    if not verdict.are_keys_from_file:
        return ": one of those that you gave."
    return ": taken from the file itself. Compare it with the one that the issuer publishes, or give --keys."


def _summary(verdict: Verdict) -> str:
    if not verdict.is_valid:
        return click.style("NOT VALID", fg="red")
    if len(verdict.receipts) == 1:
        return click.style("VALID: this receipt is as it was signed.", fg="green")
    last = verdict.receipts[-1]["sequence"]
    words = f"VALID: receipts 1 to {last} are as they were signed, in their order, none between them is missing."
    return click.style(words, fg="green")


@receipt.command("rotate-key")
@with_appcontext
def rotate_key() -> None:
    """Retire the key that signs receipts and make a new one.

    Retired keys stay public, so that older receipts can be checked for ever.
    """
    from portal.receipts.keys import rotate

    kid = rotate(db.session(), now())
    db.session.commit()
    click.echo(f"Receipts are signed with the key {in_groups(kid)} from now on.")


def register(cli: click.Group) -> None:
    cli.add_command(receipt)
