"""Signed-in browsers: a row behind a signed cookie, read once for each request."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import g
from flask_login import UserMixin

from portal.access import Acting, Area, Capacity, Kind, Level, Principal, Role
from portal.access.scope import acting_as, unscoped
from portal.accounts.break_glass import BreakGlass, live_glass
from portal.accounts.models import Membership, Person, SignInSession, StaffRole, TeamMember
from portal.clock import now
from portal.config import settings
from portal.extensions import db, login
from portal.organisations.models import Organisation, PartnerLink, Share
from portal.organisations.rules import active_link, live_share

# A browser that is in use is written down at most this often, and so many times while it may be idle.
TOUCH_EVERY = timedelta(seconds=60)
TOUCHES_WHILE_IDLE = 10


@dataclass(slots=True)
class SignedIn(UserMixin):
    """The signed-in browser of this request, as Flask-Login knows it."""

    token: str
    principal: Principal
    language: str | None
    time_zone: str | None
    calendar: str | None
    digits: str | None
    last_seen_at: datetime
    # Somebody of ours, also while no role of theirs holds.
    is_colleague: bool

    def get_id(self) -> str:
        return self.token


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    return secrets.token_urlsafe(32)


_SESSION = SignInSession.__table__.c
_PERSON = Person.__table__.c
_MEMBER = Membership.__table__.c
_ORGANISATION = Organisation.__table__.c
_ROLE = StaffRole.__table__.c
_TEAM = TeamMember.__table__.c
_GLASS = BreakGlass.__table__.c


def _with_rights(people: Any, *columns: Any) -> sa.Select[*tuple[Any, ...]]:
    """Somebody and all that they hold, in one statement: a row for each pair of membership, role and team.

    Those are a handful. A role that a second admin has not confirmed grants nothing.
    """
    share, link = Share.__table__.alias().c, PartnerLink.__table__.alias().c
    shared = sa.exists().where(share.organisation_id == _MEMBER.organisation_id, live_share(share, sa.bindparam("at")))
    linked = sa.exists().where(
        sa.or_(link.partner_id == _MEMBER.organisation_id, link.customer_id == _MEMBER.organisation_id),
        active_link(link, sa.bindparam("day")),
    )
    glass = sa.select(_GLASS.ends_at).where(_GLASS.person_id == _PERSON.id, live_glass(_GLASS, sa.bindparam("at")))
    member, organisation = Membership.__table__, Organisation.__table__
    return (
        sa.select(
            *columns,
            _PERSON.id.label("person_id"),
            _PERSON.ref,
            _PERSON.name,
            _PERSON.email,
            _PERSON.is_staff,
            _MEMBER.id.label("membership_id"),
            _MEMBER.organisation_id,
            _ORGANISATION.ref.label("organisation_ref"),
            _ORGANISATION.name.label("organisation_name"),
            _MEMBER.level,
            *(_MEMBER[f"in_{area}"] for area in Area),
            _MEMBER.decides_quotations,
            *(sa.and_(_MEMBER[f"is_{c}"], _ORGANISATION[f"is_{c}"]).label(f"as_{c}") for c in Capacity),
            shared.label("has_shares"),
            linked.label("has_links"),
            _ROLE.role,
            _TEAM.team_id,
            glass.scalar_subquery().label("glass_until"),
        )
        .select_from(
            # Side by side and not nested: SQLite would put all memberships together before it looks for these.
            people.outerjoin(member, sa.and_(_MEMBER.person_id == _PERSON.id, _MEMBER.ended_at.is_(None)))
            .outerjoin(organisation, _ORGANISATION.id == _MEMBER.organisation_id)
            .outerjoin(StaffRole.__table__, sa.and_(_ROLE.person_id == _PERSON.id, _ROLE.confirmed_at.is_not(None)))
            .outerjoin(TeamMember.__table__, _TEAM.person_id == _PERSON.id)
        )
        .order_by(_MEMBER.id)
    )


# Every request asks the first, and putting it together takes twenty times as long as asking.
_BROWSER = _with_rights(
    sa.join(SignInSession.__table__, Person.__table__, _PERSON.id == _SESSION.person_id),
    _SESSION.id,
    _SESSION.acting_key,
    _SESSION.last_seen_at,
    _SESSION.expires_at,
    _SESSION.ended_at,
    _PERSON.language,
    _PERSON.time_zone,
    _PERSON.calendar,
    _PERSON.digits,
    _PERSON.disabled_at,
).where(_SESSION.token_hash == sa.bindparam("digest"))
_SOMEBODY = _with_rights(
    Person.__table__, sa.null().label("id"), sa.bindparam("acting_key", type_=sa.Text()).label("acting_key")
).where(_PERSON.id == sa.bindparam("person_id"), _PERSON.disabled_at.is_(None))


@login.user_loader  # type: ignore[untyped-decorator]
def load(token: str) -> SignedIn | None:
    """The browser that holds this token, with today's rights; None where the session has ended."""
    at = now()
    with unscoped("who is asking"):
        found = {"digest": digest(token), "at": at, "day": at.date()}
        rows = db.session.connection().execute(_BROWSER, found).all()
    if not rows or rows[0].disabled_at is not None:
        return None
    row = rows[0]
    idle = timedelta(minutes=settings().session_idle_minutes)
    if row.ended_at is not None or at >= row.expires_at or at - row.last_seen_at >= idle:
        g.ended_session_of = row.person_id
        return None
    return SignedIn(
        token=token,
        principal=_principal(rows),
        language=row.language,
        time_zone=row.time_zone,
        calendar=row.calendar,
        digits=row.digits,
        last_seen_at=row.last_seen_at,
        is_colleague=row.is_staff,
    )


def _principal(rows: Sequence[Any]) -> Principal:
    row = rows[0]
    roles = frozenset(Role(row.role) for row in rows if row.role is not None) if row.is_staff else frozenset[Role]()
    glass_until = row.glass_until if Role.ADMIN in roles else None
    if glass_until is not None:
        roles |= {Role.BREAK_GLASS}
    # Who is staff acts as staff, whatever memberships they hold besides.
    memberships = {} if roles else {row.membership_id: row for row in rows if row.membership_id is not None}
    choices = tuple(choice for membership in memberships.values() for choice in _choices(membership))
    acting = next((c for c in choices if c.key == row.acting_key), choices[0] if choices else None)
    return Principal(
        kind=Kind.PERSON if roles or acting else Kind.NEWCOMER,
        person_id=row.person_id,
        person_ref=row.ref,
        name=row.name,
        email=row.email,
        session_id=row.id,
        acting=acting,
        choices=choices,
        staff_roles=roles,
        team_ids=frozenset(row.team_id for row in rows if row.team_id is not None) if row.is_staff else frozenset(),
        has_shares=any(membership.has_shares for membership in memberships.values()),
        has_links=any(membership.has_links for membership in memberships.values()),
        glass_until=glass_until,
    )


def _choices(row: Any) -> list[Acting]:
    """What a person may act for through one membership."""
    return [
        Acting(
            membership_id=row.membership_id,
            organisation_id=row.organisation_id,
            organisation_ref=row.organisation_ref,
            organisation_name=row.organisation_name,
            capacity=capacity,
            level=Level(row.level),
            areas=frozenset(area for area in Area if row._mapping[f"in_{area}"]),
            decides_quotations=row.decides_quotations,
        )
        for capacity in Capacity
        if row._mapping[f"as_{capacity}"]
    ]


def live_session(session: Any, at: datetime) -> sa.ColumnElement[bool]:
    """The condition under which a session still lets somebody in."""
    idle = timedelta(minutes=settings().session_idle_minutes)
    return sa.and_(session.ended_at.is_(None), session.expires_at > at, session.last_seen_at > at - idle)


def principal_of_person(person_id: int, acting_key: str = "") -> Principal | None:
    """The rights of a person as they stand now, for jobs that act on somebody's behalf; None when disabled."""
    at = now()
    with unscoped("whose job it is"):
        found = {"person_id": person_id, "acting_key": acting_key, "at": at, "day": at.date()}
        rows = db.session.connection().execute(_SOMEBODY, found).all()
    return _principal(rows) if rows else None


def touch(user: SignedIn) -> None:
    """Write down that the browser is in use; in a transaction of its own, after the answer is drawn."""
    at = now()
    idle = timedelta(minutes=settings().session_idle_minutes)
    if at - user.last_seen_at < min(TOUCH_EVERY, idle / TOUCHES_WHILE_IDLE):
        return
    with unscoped("the browser is in use"), db.engine.begin() as connection:
        connection.execute(
            sa.update(SignInSession.__table__)  # type: ignore[arg-type]
            .where(_SESSION.token_hash == digest(user.token), _SESSION.ended_at.is_(None))
            .values(last_seen_at=at)
        )


def end_sessions(person_id: int, at: datetime, *, only: int | None = None, but: int | None = None) -> int:
    """End one, all, or all but one of a person's sessions; returns how many were ended."""
    with acting_as(db.session(), Principal.system("sign out")):
        statement = sa.update(SignInSession).where(
            SignInSession.person_id == person_id, SignInSession.ended_at.is_(None)
        )
        if only is not None:
            statement = statement.where(SignInSession.id == only)
        if but is not None:
            statement = statement.where(SignInSession.id != but)
        return int(db.session.execute(statement.values(ended_at=at, id_token="")).rowcount)  # type: ignore[attr-defined]
