"""Teams: who works together, on which categories, and whether others may look on."""

from typing import Any

import sqlalchemy as sa
from flask import Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm.attributes import flag_modified
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Principal
from portal.access.gate import note, principal, requires
from portal.access.scope import acting_as
from portal.accounts.kept import refill
from portal.accounts.models import CategoryTeam, Person, Team, TeamMember
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.forms import choices
from portal.settings.blueprint import bp
from portal.settings.forms import CategoriesForm, TeamForm
from portal.tickets.messages import Message
from portal.tickets.models import Category, Ticket
from portal.tickets.words import CATEGORIES
from portal.web import find_or_404, go_to, render

_STALE = _l("Somebody else changed this team in the meantime. Look at it again, then decide.")


@bp.get("/settings/teams")
@requires(Action.TEAMS_MANAGE)
def teams() -> Response:
    return _index(None)


def _index(form: CategoriesForm | None, status: int = 200) -> Response:
    members = sa.select(sa.func.count()).select_from(TeamMember).where(TeamMember.team_id == Team.id).scalar_subquery()
    rows = db.session.execute(
        sa.select(Team.ref, Team.name, Team.is_restricted, Team.mailbox, members.label("members")).order_by(
            Team.name_key, Team.id
        )
    ).all()
    starts = dict(
        db.session.execute(sa.select(CategoryTeam.category, Team.ref).join(Team, Team.id == CategoryTeam.team_id)).all()
    )
    if form is None:
        form = CategoriesForm(data=starts)
    _offer(form, rows)
    begins = {row.ref: [CATEGORIES[c] for c in Category if starts.get(c) == row.ref] for row in rows}
    return render("settings/teams.html", status=status, teams=rows, begins=begins, form=form)


def _offer(form: CategoriesForm, teams: Any) -> None:
    for category in Category:
        field = form[category]
        field.label.text = CATEGORIES[category]
        field.choices = choices((row.ref, row.name) for row in teams)


@bp.post("/settings/categories")
@requires(Action.TEAMS_MANAGE)
def update_categories() -> BaseResponse:
    """Where new tickets go. A category always has a team, so that a ticket always has one."""
    form = CategoriesForm()
    found = db.session.execute(sa.select(Team.ref, Team.name, Team.id).order_by(Team.name_key)).all()
    _offer(form, found)
    if not form.validate_on_submit():
        return _index(form, 422)
    ids = {row.ref: row.id for row in found}
    known = {row.category: row for row in db.session.scalars(sa.select(CategoryTeam))}
    for category in Category:
        team_id = ids[form[category].data]
        if category in known:
            known[category].team_id = team_id
        else:
            db.session.add(CategoryTeam(category=category, team_id=team_id))
    db.session.commit()
    note("teams-changed")
    flash(_("Saved. New tickets go to these teams from now on."), "success")
    return go_to(url_for("settings.teams"))


@bp.get("/settings/teams/new")
@requires(Action.TEAMS_MANAGE)
def new_team() -> Response:
    return _page(None, refill(TeamForm(), url_for("settings.create_team")))


@bp.post("/settings/teams")
@requires(Action.TEAMS_MANAGE)
def create_team() -> BaseResponse:
    form = TeamForm()
    _offer_members(form)
    if not _validates(form, None):
        return _page(None, form, 422)
    team = Team(name=form.name.data, mailbox=form.mailbox.data or "", is_restricted=form.is_restricted.data)
    db.session.add(team)
    db.session.flush()
    _set_members(team, form.members.data)
    db.session.commit()
    note("team-changed", reference=team.ref)
    flash(_("The team is there."), "success")
    return go_to(url_for("settings.teams"))


@bp.get("/settings/teams/<ref>")
@requires(Action.TEAMS_MANAGE)
def show_team(ref: str) -> Response:
    team = find_or_404(Team, ref=ref)
    form = TeamForm(
        version=team.version,
        name=team.name,
        mailbox=team.mailbox,
        is_restricted=team.is_restricted,
        members=[member.ref for member in _members(team)],
    )
    return _page(team, refill(form, url_for("settings.update_team", ref=ref)))


@bp.post("/settings/teams/<ref>")
@requires(Action.TEAMS_MANAGE)
def update_team(ref: str) -> BaseResponse:
    team = find_or_404(Team, ref=ref, lock=True)
    form = TeamForm()
    _offer_members(form, team)
    if not _validates(form, team):
        return _page(team, form, 422)
    if form.version.data != str(team.version):
        raise Stale(_STALE)
    team.rename(form.name.data)
    team.mailbox, team.is_restricted = form.mailbox.data or "", form.is_restricted.data
    # Who belongs to it is part of what somebody looked at.
    flag_modified(team, "name")
    _set_members(team, form.members.data)
    db.session.commit()
    note("team-changed", reference=team.ref)
    flash(_("Saved."), "success")
    return go_to(url_for("settings.teams"))


@bp.post("/settings/teams/<ref>/removal")
@requires(Action.TEAMS_MANAGE)
def remove_team(ref: str) -> BaseResponse:
    team = find_or_404(Team, ref=ref, lock=True)
    if db.session.scalar(sa.select(CategoryTeam.id).where(CategoryTeam.team_id == team.id).limit(1)):
        raise RuleBroken(_l("New tickets go to this team. Choose another team for them first."))
    if _has_tickets(team.id):
        raise RuleBroken(_l("This team has tickets. Hand them on first, or rename the team."))
    team = find_or_404(Team, ref=ref, lock=True)
    for member in db.session.scalars(sa.select(TeamMember).where(TeamMember.team_id == team.id)):
        db.session.delete(member)
    db.session.flush()
    db.session.delete(team)
    db.session.commit()
    note("team-removed", reference=ref)
    flash(_("The team is removed."), "success")
    return go_to(url_for("settings.teams"))


def _has_tickets(team_id: int) -> bool:
    """Asked as the system: an administrator reads no tickets, and is told no more than that there are some."""
    with acting_as(db.session(), Principal.system("does a team have tickets")):
        return any(
            db.session.scalar(sa.select(model.id).where(column == team_id).limit(1)) is not None
            for model, column in ((Ticket, Ticket.team_id), (Message, Message.author_team_id))
        )


def _page(team: Team | None, form: TeamForm, status: int = 200) -> Response:
    if not form.members.choices:
        _offer_members(form, team)
    return render("settings/team.html", status=status, team=team, form=form)


def _members(team: Team) -> list[Any]:
    return list(
        db.session.execute(
            sa.select(Person.ref, Person.id, Person.name)
            .join(TeamMember, TeamMember.person_id == Person.id)
            .where(TeamMember.team_id == team.id)
        )
    )


def _offer_members(form: TeamForm, team: Team | None = None) -> None:
    staff = db.session.execute(
        sa.select(Person.ref, Person.name)
        .where(Person.is_staff, Person.disabled_at.is_(None))
        .order_by(Person.name_key, Person.id)
    )
    offered = {row.ref: row.name for row in staff}
    # Who has been disabled since stays until somebody takes them out.
    kept = {member.ref: member.name for member in _members(team)} if team else {}
    form.members.choices = choices({**offered, **kept}.items())


def _validates(form: TeamForm, team: Team | None) -> bool:
    if not form.validate_on_submit():
        return False
    other = sa.select(Team.id).where(Team.name == form.name.data, Team.id != (team.id if team else 0))
    if db.session.scalar(other) is not None:
        form.name.errors = [*form.name.errors, _("Another team has this name.")]
        return False
    return True


def _set_members(team: Team, refs: list[str] | None) -> None:
    wanted = set(db.session.scalars(sa.select(Person.id).where(Person.ref.in_(refs or [""]), Person.is_staff)).all())
    held = {m.person_id: m for m in db.session.scalars(sa.select(TeamMember).where(TeamMember.team_id == team.id))}
    if principal().person_id in wanted - held.keys():
        raise RuleBroken(_l("Nobody puts themselves into a team. Another administrator has to do it."))
    for person_id, member in held.items():
        if person_id not in wanted:
            db.session.delete(member)
    db.session.add_all(TeamMember(team_id=team.id, person_id=person_id) for person_id in wanted - held.keys())
