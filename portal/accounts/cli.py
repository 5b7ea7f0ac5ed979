"""`portal staff` and `portal invite`: letting the first people in, from the command line."""

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from portal.access import Area, Capacity, Level, Principal, Role
from portal.access.scope import acting_as
from portal.access.vocabulary import STAFF_ROLES
from portal.accounts.invitations import invite, link_of
from portal.accounts.joining import Invitation
from portal.accounts.models import Person, StaffRole
from portal.clock import now
from portal.config import LANGUAGES, settings
from portal.errors import RuleBroken
from portal.extensions import db
from portal.organisations.models import Organisation
from portal.text import clean_line

_language = click.option("--language", type=click.Choice(LANGUAGES), help="The language of the invitation.")
_send = click.option("--send/--no-send", default=False, help="Also send it by e-mail (the worker does).")


@click.group()
def staff() -> None:
    """Who works here: add somebody, or list them."""


@staff.command()
@click.argument("email")
@click.option(
    "--role", type=click.Choice([role.value for role in STAFF_ROLES]), required=True, help="What they will do."
)
@_language
@_send
@with_appcontext
def add(email: str, role: str, language: str | None, send: bool) -> None:
    """Invite EMAIL as a member of staff, and print the link.

    The link works once, for seven days, and only for an account with this address. While there is no administrator
    every role holds at once; afterwards a role that reads content waits until an administrator confirms it.
    """
    with acting_as(db.session(), Principal.system("portal staff add")):
        invitation = _invite(db.session(), email, language=language, send=send, staff_role=Role(role))
        _print(invitation, f"Invited {invitation.email} as {role}.", send)


@staff.command("list")
@with_appcontext
def list_staff() -> None:
    """Print everybody who works here, with their roles."""
    with acting_as(db.session(), Principal.system("portal staff list")):
        rows = db.session.execute(
            sa.select(Person.name, Person.email, Person.disabled_at, StaffRole.role, StaffRole.confirmed_at)
            .outerjoin(StaffRole, StaffRole.person_id == Person.id)
            .where(Person.is_staff)
            .order_by(Person.name_key, Person.id, StaffRole.role)
        ).all()
    for row in rows:
        state = "disabled" if row.disabled_at else "" if row.confirmed_at or not row.role else "to be confirmed"
        click.echo("\t".join([row.role or "-", row.email, row.name, state]).rstrip())
    if not rows:
        click.echo("Nobody works here yet: portal staff add EMAIL --role admin")


@click.command("invite")
@click.argument("email")
@click.option("--organisation", required=True, help="The reference of the organisation, such as O-7F3KQ92D.")
@click.option("--level", type=click.Choice([level.value for level in Level]), default="member", show_default=True)
@click.option(
    "--capacity", "capacities", type=click.Choice([c.value for c in Capacity]), multiple=True, help="All, unless named."
)
@click.option("--area", "areas", type=click.Choice([a.value for a in Area]), multiple=True, help="All, unless named.")
@_language
@_send
@with_appcontext
def invite_person(
    email: str,
    organisation: str,
    level: str,
    capacities: tuple[str, ...],
    areas: tuple[str, ...],
    language: str | None,
    send: bool,
) -> None:
    """Invite EMAIL into an organisation, and print the link.

    The link works once, for seven days, and only for an account with this address.
    """
    with acting_as(db.session(), Principal.system("portal invite")):
        company = db.session.scalar(sa.select(Organisation).where(Organisation.ref == organisation.upper()))
        if company is None:
            raise click.BadParameter(f"there is no organisation {organisation}", param_hint="--organisation")
        wanted = frozenset(Capacity(capacity) for capacity in capacities) or company.capacities
        if not wanted <= company.capacities:
            raise click.BadParameter(
                f"{company.name} is only {', '.join(sorted(company.capacities))}", param_hint="--capacity"
            )
        invitation = _invite(
            db.session(),
            email,
            language=language or company.language,
            send=send,
            organisation=company,
            level=Level(level),
            capacities=wanted,
            areas=frozenset(Area(area) for area in areas) or frozenset(Area),
        )
        _print(invitation, f"Invited {invitation.email} into {company.name} as {level}.", send)


def _invite(session: Session, email: str, *, language: str | None, **wanted: object) -> Invitation:
    address = clean_line(email)
    if address.count("@") != 1 or " " in address or address.startswith("@") or address.endswith("@"):
        raise click.BadParameter(f"{address} is no e-mail address", param_hint="EMAIL")
    try:
        return invite(
            session,
            address,
            invited_by_id=None,
            language=language or settings().default_language,
            at=now(),
            **wanted,  # type: ignore[arg-type]  # each command names its own
        )
    except RuleBroken as broken:
        raise click.ClickException(str(broken.message)) from None


def _print(invitation: Invitation, sentence: str, send: bool) -> None:
    """Only once it is kept: a link that was printed works."""
    link, until = link_of(invitation.ref), invitation.expires_at
    db.session.commit()
    click.echo(sentence + (" The e-mail is on its way." if send else ""))
    click.echo(f"This link works once, until {until:%Y-%m-%d %H:%M} UTC:")
    click.echo(link)


def register(cli: click.Group) -> None:
    cli.add_command(staff)
    cli.add_command(invite_person)
