"""A newcomer's way in: which company a request concerns, who is told of it, and what its acceptance gives."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Action, Level, Principal
from portal.access.scope import acting_as
from portal.access.tables import VERBS
from portal.access.vocabulary import STAFF_ROLES
from portal.accounts.joining import JoinRequest
from portal.accounts.models import Identity, Membership, Person, StaffRole
from portal.extensions import db
from portal.notices.notify import notify
from portal.organisations.models import Organisation, record_activity

# Staff who let people in, and so hear of requests that no company's own administrator will.
_KEEPERS = [role for role in STAFF_ROLES if role in VERBS[Action.PEOPLE_MANAGE].roles]


def ask(who: Principal, company: str, message: str, at: datetime) -> JoinRequest:
    """A request of the newcomer, matched by the domain of an address that their provider vouches for.

    Nothing that they see depends on whether it matched. Commits.
    """
    assert who.person_id is not None
    with acting_as(db.session(), Principal.system("match a request to a company")):
        session = db.session()
        email = _vouched_address(session, who.person_id)
        organisation_id = _match(session, email)
        request = JoinRequest(
            person_id=who.person_id,
            company=company,
            message=message,
            email=email,
            organisation_id=organisation_id,
            created_at=at,
        )
        session.add(request)
        session.flush()
        notify(
            _who_decides(session, organisation_id),
            kind="request-to-join",
            event=f"request:{request.ref}",
            at=at,
            actor_id=who.person_id,
        )
        session.commit()
        return request


def latest_request(session: Session, person_id: int | None) -> JoinRequest | None:
    """The last that a person asked, decided or not."""
    return session.scalar(
        sa.select(JoinRequest).where(JoinRequest.person_id == person_id).order_by(JoinRequest.id.desc()).limit(1)
    )


def _vouched_address(session: Session, person_id: int) -> str:
    return (
        session.scalar(
            sa.select(Identity.email)
            .where(Identity.person_id == person_id, Identity.email_verified, Identity.email != "")
            .order_by(Identity.last_used_at.desc())
            .limit(1)
        )
        or ""
    )


def _match(session: Session, email: str) -> int | None:
    """The one company whose people have addresses of this domain; none where it is not clear which."""
    domain = email.rpartition("@")[2].lower()
    if not domain:
        return None
    found = session.scalars(
        sa.select(Organisation.id).where(sa.func.lower(Organisation.domain) == domain).limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def _who_decides(session: Session, organisation_id: int | None) -> list[int]:
    """The company's administrators; where there are none, the staff who may let people in."""
    admins = sa.select(Membership.person_id).where(
        Membership.organisation_id == organisation_id,
        Membership.level == Level.ADMIN,
        Membership.ended_at.is_(None),
    )
    keepers = (
        sa.select(StaffRole.person_id)
        .join(Person, Person.id == StaffRole.person_id)
        .where(StaffRole.role.in_(_KEEPERS), StaffRole.confirmed_at.is_not(None), Person.disabled_at.is_(None))
        .distinct()
        .limit(200)
    )
    return list(session.scalars(admins)) or list(session.scalars(keepers))


def tell_decision(session: Session, request: JoinRequest, actor_id: int | None, at: datetime) -> None:
    """A row of history for the company that it concerned, and a notice for the newcomer."""
    if not request.is_accepted and request.organisation_id is not None:
        session.add(
            record_activity(
                "request-declined",
                at=at,
                actor_id=actor_id,
                concerns={request.organisation_id: None},
                readers=frozenset({request.organisation_id}),
                person_id=request.person_id,
            )
        )
    notify(
        [request.person_id],
        kind="request-decided",
        event=f"request-decided:{request.ref}",
        at=at,
        is_accepted=bool(request.is_accepted),
    )
