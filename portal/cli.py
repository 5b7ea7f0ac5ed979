"""The `portal` command."""

from importlib import import_module
from importlib.metadata import version
from typing import Any

import click
import sqlalchemy as sa
from flask.cli import ScriptInfo, routes_command
from flask_migrate.cli import db
from psycopg.errors import UndefinedColumn, UndefinedTable

from portal import create_app

COMMANDS = (
    "portal.serve",
    "portal.ops.cli",
    "portal.translate",
    "portal.demo.cli",
    "portal.seeds.cli",
    "portal.jobs.cli",
    "portal.mail.cli",
    "portal.accounts.cli",
    "portal.receipts.cli",
    "portal.imports.cli",
)

# Of PostgreSQL, where the schema is older than the program; SQLite reports the same as an operational error.
UNREADY = (UndefinedTable, UndefinedColumn)


class PortalGroup(click.Group):
    """Tells each command how to make the app, once it wants one.

    Flask's own group would make the app just to list its commands, and add options and commands that are not ours.
    """

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        # Settings come from where portal/config says, not from FLASK_DEBUG.
        extra.setdefault("obj", ScriptInfo(create_app=create_app, set_debug_flag=False))
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, context: click.Context) -> Any:
        """A database that is not there, or not ready, is told in one line: it is no fault of the program."""
        try:
            return super().invoke(context)
        except (sa.exc.OperationalError, sa.exc.ProgrammingError) as error:
            if isinstance(error, sa.exc.ProgrammingError) and not isinstance(error.orig, UNREADY):
                raise
            reason = str(error.orig).strip().splitlines()[0]
            raise click.ClickException(f"the database cannot be used: {reason} (portal doctor says more)") from None


@click.group(cls=PortalGroup)
@click.version_option(version("portal"), message="%(prog)s %(version)s")
def cli() -> None:
    """The portal: serve it, look after it, fill it."""


db.help = """Bring the database to the schema of this version, or back.

`upgrade` is what an installation needs, after every update; `current` says where it stands. Whoever changes the
models drafts a migration with `migrate`.
"""
_OF_DB = {
    "upgrade": "Bring the schema to this version, or to REVISION.",
    "downgrade": "Take the schema back by one step, or to REVISION.",
    "current": "Say at which revision the database is.",
    "history": "List all revisions, newest first.",
    "check": "Exit with 1 when the models are ahead of the migrations.",
    "migrate": "Draft a migration from what the models have and it has not.",
    "stamp": "Note a REVISION in the database without changing its schema.",
}
for name, command in db.commands.items():
    # The others make or restructure the folder of migrations, which is a part of the package.
    command.help, command.hidden = _OF_DB.get(name, command.help), name not in _OF_DB
routes_command.help = routes_command.short_help = "List every address, with its methods and its view."

cli.add_command(db)
cli.add_command(routes_command, "routes")
for name in COMMANDS:
    import_module(name).register(cli)


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
