"""Inviting people: the token, who may send one, and whether it still stands."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Action, Area, Capacity, Level, Principal, Role
from portal.access.finding import writable
from portal.access.scope import acting_as
from portal.accounts.joining import INVITED_FOR, Invitation
from portal.accounts.models import Identity, Membership, Person
from portal.accounts.sessions import digest, principal_of_person
from portal.config import settings
from portal.database import new_ref
from portal.errors import RuleBroken
from portal.jobs.outbox import enqueue
from portal.organisations.models import Organisation


def token_of(ref: str) -> str:
    """The secret part of an invitation's link. It is derived, so that nothing has to store it to send it later."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return urlsafe_b64encode(hmac.digest(key, f"invitation:{ref}".encode(), hashlib.sha256)).rstrip(b"=").decode()


def link_of(ref: str) -> str:
    """The address that is mailed, and shown once to whoever invites."""
    return f"{settings().base_url}/invitations/{token_of(ref)}"


def find_by_token(session: Session, token: str, *, lock: bool = False) -> Invitation | None:
    """The invitation behind a link, open or not; asked as the system."""
    statement = sa.select(Invitation).where(Invitation.token_hash == digest(token))
    return session.scalar(statement.with_for_update(of=Invitation) if lock else statement)


def invite(
    session: Session,
    email: str,
    *,
    invited_by_id: int | None,
    language: str,
    at: datetime,
    organisation: Organisation | None = None,
    level: Level = Level.MEMBER,
    areas: frozenset[Area] = frozenset(),
    capacities: frozenset[Capacity] = frozenset(),
    staff_role: Role | None = None,
    send: bool = True,
) -> Invitation:
    """A new invitation and its mail; one to the same address and place that is still open is replaced by it."""
    if organisation is not None and _signs_in(session, email, organisation):
        raise RuleBroken(_l("Somebody with this address belongs to the company already."))
    for other in session.scalars(_open_to(email, organisation, staff_role)):
        other.revoke(at)
    ref = new_ref(Invitation.ref_prefix)
    invitation = Invitation(
        ref=ref,
        token_hash=digest(token_of(ref)),
        email=email,
        organisation_id=organisation.id if organisation else None,
        level=level,
        areas=" ".join(sorted(areas)),
        capacities=" ".join(sorted(capacities)),
        staff_role=staff_role,
        language=language,
        invited_by_id=invited_by_id,
        created_at=at,
        expires_at=at + INVITED_FOR,
    )
    session.add(invitation)
    session.flush()
    if send:
        enqueue("mail.invitation", key=f"mail.invitation:{ref}", invitation=ref)
    return invitation


def open_invitations(*columns: Any, at: datetime) -> sa.Select[Any]:
    """The newest that still stand open, to be narrowed to a company or to staff."""
    return (
        sa.select(*columns)
        .where(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > at)
        .order_by(Invitation.created_at.desc(), Invitation.id.desc())
        .limit(200)
    )


def _signs_in(session: Session, email: str, organisation: Organisation) -> bool:
    """Whether a member has this address; a contact who has never signed in is there to be invited.

    Asked as the system: with what somebody signs in is nobody else's to read.
    """
    members = (
        sa.select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .join(Identity, Identity.person_id == Person.id)
        .where(
            Membership.organisation_id == organisation.id,
            Membership.ended_at.is_(None),
            sa.func.lower(Person.email) == email.lower(),
        )
    )
    with acting_as(session, Principal.system("whether who is invited has an account")):
        return session.scalar(members.limit(1)) is not None


def _open_to(email: str, organisation: Organisation | None, role: Role | None) -> sa.Select[Invitation]:
    return sa.select(Invitation).where(
        sa.func.lower(Invitation.email) == email.lower(),
        Invitation.organisation_id == (organisation.id if organisation else None),
        Invitation.staff_role == role,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
    )


def still_stands(session: Session, invitation: Invitation, at: datetime) -> bool:
    """Whether it is open, and whoever sent it might send it today; asked as the system."""
    if not invitation.is_open(at):
        return False
    if invitation.invited_by_id is None:
        return True
    who = principal_of_person(invitation.invited_by_id)
    if who is None:
        return False
    if invitation.staff_role is not None:
        return who.may(Action.STAFF_GRANT)
    organisation_id = invitation.organisation_id
    for choice in who.choices:
        if choice.organisation_id == organisation_id:
            who = who.acting_for(choice)
    if not who.may(Action.PEOPLE_MANAGE):
        return False
    theirs = sa.select(Organisation.id).where(Organisation.id == organisation_id, writable(Organisation, who))
    return session.scalar(theirs) is not None
