"""Who holds a key: its rights are read anew at every use."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NoReturn

import sqlalchemy as sa
from flask import g, request
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.access import Kind, Level, Principal, Role
from portal.access.gate import note
from portal.access.scope import acting_as
from portal.accounts.models import Membership
from portal.accounts.sessions import principal_of_person
from portal.api.models import ApiKey, digest
from portal.api.problems import ApiProblem
from portal.api.scopes import AREAS, ROLES, areas_of, within
from portal.clock import now
from portal.config import settings
from portal.extensions import db, limiter

TOUCH_EVERY = timedelta(minutes=1)
_LONGEST_TOKEN = 200


@dataclass(frozen=True, slots=True)
class Held:
    """The key of this request."""

    id: int
    ref: str
    scopes: frozenset[str]
    last_used_at: datetime | None
    organisation_ref: str

    def source(self, told: str) -> str:
        """The name of a source, which for a company is its own: nobody else's ids are ever met."""
        return f"{self.organisation_ref}/{told}" if self.organisation_ref else told


def let_in(scope: str) -> Principal:
    """Who asks with the key of this request. Raises ApiProblem where it lets nobody in, or not for this."""
    token = _token()
    slow_down()
    with acting_as(db.session(), Principal.system("whose key it is")):
        key = db.session.scalars(sa.select(ApiKey).where(ApiKey.secret_hash == digest(token))).first()
        who = principal_of(key, now()) if key is not None else None
        if key is None or who is None:
            _refuse(key)
        found = held(key, who)
    g.api_key, g.principal = found, who
    check_scope(found, who, scope)
    return who


def held(key: ApiKey, who: Principal) -> Held:
    return Held(
        id=key.id,
        ref=key.ref,
        scopes=frozenset(key.scopes),
        last_used_at=key.last_used_at,
        organisation_ref=who.acting.organisation_ref if who.acting else "",
    )


def check_scope(key: Held, who: Principal, scope: str) -> None:
    """Raises ApiProblem where the key is not good for this."""
    noun = scope.partition(":")[0]
    lacks_area = noun in AREAS and not who.has_area(AREAS[noun])
    if scope not in key.scopes or lacks_area:
        note("refused", organisation_id=who.organisation_id, key=key.ref)
        raise ApiProblem("not-granted", f"The key has no scope {scope}, or who answers for it lost the area.")


def _token() -> str:
    header = request.headers.get("Authorization", "")
    scheme, _space, token = header.partition(" ")
    if scheme.casefold() != "bearer" or not token.strip() or len(token) > _LONGEST_TOKEN or not token.isascii():
        raise ApiProblem("not-let-in", "Send the key as Authorization: Bearer.")
    return token.strip()


def _refuse(key: ApiKey | None) -> NoReturn:
    note("key-refused", reference=key.ref if key else "", organisation_id=key.organisation_id if key else None)
    slow_down(failed=True)
    raise ApiProblem("not-let-in")


def slow_down(*, failed: bool = False) -> None:
    """Whoever guesses keys is stopped after as many tries as somebody who signs in."""
    from limits import parse

    if not limiter.enabled:
        return
    rate, place = parse(settings().rate_sign_in), ("api-key", request.remote_addr or "")
    if failed:
        limiter.limiter.hit(rate, *place)
    elif not limiter.limiter.test(rate, *place):
        raise ApiProblem("too-many", headers={"Retry-After": str(rate.get_expiry())})


def principal_of(key: ApiKey, at: datetime) -> Principal | None:
    """The rights of a key as they stand now; None where it lets nobody in. For a session of the system."""
    return None if asleep(key, at) else _principal(key, *_answers(key))


def _principal(key: ApiKey, person: Principal | None, acting: Any) -> Principal | None:
    if person is None:
        return None
    if key.is_integration:
        roles = frozenset(Role(role) for role in key.roles) & frozenset(ROLES)
        # Other roles of whoever answers for it are none of the key's.
        return replace(
            person, kind=Kind.API_KEY, staff_roles=roles, session_id=None, acting=None, choices=(), glass_until=None
        )
    assert acting is not None
    areas = acting.areas & areas_of(key.scopes)
    return replace(
        person, kind=Kind.API_KEY, session_id=None, acting=replace(acting, areas=areas), choices=(), name=person.name
    )


def _answers(key: ApiKey) -> tuple[Principal | None, Any]:
    """Whoever answers for the key and, of a company's, in what place; nothing where they may have it no more."""
    session = db.session()
    if key.is_integration:
        person = principal_of_person(key.person_id)
        return (person if person is not None and Role.ADMIN in person.staff_roles else None), None
    membership = session.scalars(
        sa.select(Membership.id)
        .where(
            Membership.person_id == key.person_id,
            Membership.organisation_id == key.organisation_id,
            Membership.level == Level.ADMIN,
            Membership.ended_at.is_(None),
        )
        .limit(1)
    ).first()
    wanted = f"{membership}.{key.capacity}"
    person = principal_of_person(key.person_id, wanted)
    if person is None or person.is_staff or person.acting is None or person.acting.key != wanted:
        return None, None
    return person, person.acting


def asleep(key: ApiKey, at: datetime) -> Any:
    """Why a key lets nobody in, as far as it is written on the key itself; empty where it does."""
    if key.revoked_at is not None:
        return lazy_pgettext("API key", "Revoked")
    if key.expires_at is not None and key.expires_at <= at:
        return lazy_pgettext("API key", "Expired")
    if key.confirmed_at is None:
        return _l("Waiting to be confirmed")
    return ""


def states_of(keys: Iterable[ApiKey], at: datetime) -> dict[int, Any]:
    """By the key's id the same, and whether whoever answers for it still may. For a session of the system.

    One person answers for many keys, and is asked for once.
    """
    answers: dict[Any, Any] = {}
    found = {}
    for key in keys:
        place = (key.person_id, key.organisation_id, key.capacity)
        if not asleep(key, at) and place not in answers:
            answers[place] = _answers(key)
        found[key.id] = asleep(key, at) or _trouble(key, _principal(key, *answers[place]))
    return found


def _trouble(key: ApiKey, who: Principal | None) -> Any:
    if who is None:
        return _l("The person who answers for it is no administrator any more")
    if who.acting is not None and len(within(key.scopes, who.acting.areas)) < len(key.scopes):
        return _l("Some scopes rest: the person who answers for it has lost an area")
    return ""
