"""`portal seed`."""

import click
import sqlalchemy as sa
from flask.cli import with_appcontext


@click.command()
@click.option("--organisations", default=100, show_default=True, type=click.IntRange(1, 100_000), help="How many.")
@click.option(
    "--people", default=500, show_default=True, type=click.IntRange(20, 1_000_000), help="How many, with staff."
)
@click.option("--tickets", default=5000, show_default=True, type=click.IntRange(0, 5_000_000), help="How many.")
@click.option("--seed", default=1, show_default=True, type=int, help="Another number gives another world.")
@with_appcontext
def seed(organisations: int, people: int, tickets: int, seed: int) -> None:
    """Fill the database with a large made-up world.

    It is for trying out how the portal bears it. Companies, people, staff and their teams, and years of tickets in six
    languages: conversations with internal notes, histories, notices, and one company that is far busier than all
    others. The sample cast is there too. What is in the database already stays; a second run adds to it. Migrate first
    (portal db upgrade), and let nobody else write meanwhile. Refuses to touch a production database.
    """
    from portal.access.scope import unscoped
    from portal.config import settings
    from portal.extensions import db
    from portal.seeds.bulk import plant

    if settings().is_production:
        raise click.ClickException("Sample data is not for production.")
    with unscoped("seed"):
        is_migrated = sa.inspect(db.engine).has_table("ticket")
    if not is_migrated:
        raise click.ClickException("The database is empty. Run `portal db upgrade` first.")
    seconds = plant(organisations, people, tickets, seed)
    click.echo(f"Added {tickets} tickets of {organisations} organisations in {seconds:.0f} s.")


def register(cli: click.Group) -> None:
    cli.add_command(seed)
