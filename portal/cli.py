"""The `portal` command."""

from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec

import click
from flask.cli import FlaskGroup, routes_command

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
)


@click.group(
    cls=FlaskGroup,
    create_app=create_app,
    add_version_option=False,
    # `flask run` and its debugger are no way to serve this; `portal serve` is.
    add_default_commands=False,
    # Settings come from where portal/config.py says, not from a stray .env or FLASK_DEBUG.
    load_dotenv=False,
    set_debug_flag=False,
    context_settings={"auto_envvar_prefix": None},
)
@click.version_option(version("portal"), message="%(prog)s %(version)s")
def cli() -> None:
    """The portal: serve it, look after it, fill it."""


cli.add_command(routes_command, "routes")
for name in COMMANDS:
    if find_spec(name):
        import_module(name).register(cli)


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
