"""What a proved identity means: whom it signs in, who is new here, and which invitation it accepts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer_group

from portal.access import Principal
from portal.access.scope import acting_as
from portal.accounts.invitations import find_by_token, still_stands
from portal.accounts.joining import Invitation
from portal.accounts.joins import contact_of, take_up
from portal.accounts.models import Identity, Person, SignInSession
from portal.accounts.oidc import Claims
from portal.accounts.refusals import NotAdmitted
from portal.accounts.sessions import digest, new_token
from portal.config import settings
from portal.extensions import db
from portal.languages import match_language
from portal.languages.voice import is_time_zone
from portal.notices.notify import notify


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody signs in from, in which language, and the session that ends with it, if one was open."""

    user_agent: str
    address: str
    language: str | None = None
    session_id: int | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who was signed in, with the new token, and the company that an invitation has just opened to them."""

    token: str
    person_id: int
    joined: str = ""


def sign_in(claims: Claims, browser: Browser, at: datetime, *, invitation: str | None = None) -> Admitted:
    """Sign in whom the claims prove; somebody unknown becomes a newcomer. Raises NotAdmitted; commits."""
    with acting_as(db.session(), Principal.system("sign in")):
        try:
            return _sign_in(db.session(), claims, browser, at, invitation)
        except IntegrityError:
            # The same new identity came in through another window at the same moment: now it is known.
            db.session.rollback()
            return _sign_in(db.session(), claims, browser, at, invitation)


def _sign_in(
    session: Session, claims: Claims, browser: Browser, at: datetime, invitation_token: str | None
) -> Admitted:
    identity = _identity_of(session, claims)
    if identity is not None and identity.person.is_disabled:
        raise NotAdmitted("disabled", person_id=identity.person_id)
    invitation = _invitation(session, invitation_token, claims, at)
    if identity is not None and invitation is not None and invitation.invited_by_id == identity.person_id:
        raise NotAdmitted("invitation_closed", invitation.ref)
    if identity is None:
        invited_in = invitation.language if invitation else None
        contact = contact_of(session, invitation) if invitation else None
        identity = _newcomer(session, claims, at, browser.language or invited_in, contact)
    else:
        _keep_up(identity, claims, at, browser.language)
    joined = ""
    if invitation is not None:
        take_up(session, invitation, identity.person, at)
        joined = invitation.organisation.name if invitation.organisation else ""
        notify(
            [invitation.invited_by_id],
            kind="invitation-accepted",
            event=f"invitation:{invitation.ref}",
            at=at,
            actor_id=identity.person_id,
        )
    token = _open_session(session, identity, claims, browser, at)
    session.commit()
    return Admitted(token, identity.person_id, joined)


def _identity_of(session: Session, claims: Claims) -> Identity | None:
    return session.scalar(
        sa.select(Identity)
        .join(Identity.person)
        .where(Identity.issuer == claims.issuer, Identity.subject == claims.subject)
        .options(sa.orm.contains_eager(Identity.person).undefer(Person.email))
    )


def _invitation(session: Session, token: str | None, claims: Claims, at: datetime) -> Invitation | None:
    """The invitation that this sign-in may accept; bound to an address that the provider vouches for."""
    if token is None:
        return None
    invitation = find_by_token(session, token, lock=True)
    if invitation is None or not still_stands(session, invitation, at):
        raise NotAdmitted("invitation_closed")
    if claims.email and not invitation.is_for(claims.email):
        raise NotAdmitted("invitation_other_address", invitation.ref)
    if not claims.email_verified:
        raise NotAdmitted("invitation_unverified", invitation.ref)
    return invitation


def _newcomer(
    session: Session, claims: Claims, at: datetime, language: str | None, contact: Person | None = None
) -> Identity:
    """A person whom nobody knows yet, or that contact; `language` is theirs where the provider names none.

    An address alone never connects them to anybody (OpenID Connect Core, 5.7): to a contact it is the invitation that
    does, which was sent there.
    """
    if contact is not None:
        identity = identity_from(claims, contact, at)
        session.add(identity)
        _keep_up(identity, claims, at, language)
        session.flush()
        return identity
    name = claims.name or (claims.email or "").partition("@")[0] or claims.subject
    person = Person(
        name=name,
        email=_vouched(claims),
        language=match_language(claims.locale) or language,
        time_zone=claims.zoneinfo if claims.zoneinfo and is_time_zone(claims.zoneinfo) else None,
        created_at=at,
    )
    identity = identity_from(claims, person, at)
    session.add_all([person, identity])
    session.flush()
    return identity


def identity_from(claims: Claims, person: Person, at: datetime) -> Identity:
    return Identity(
        person=person,
        provider=claims.provider,
        issuer=claims.issuer,
        subject=claims.subject,
        email=claims.email or "",
        email_verified=claims.email_verified,
        created_at=at,
        last_used_at=at,
    )


def _keep_up(identity: Identity, claims: Claims, at: datetime, language: str | None) -> None:
    """Follow what the provider says now; what the person settled themselves stays."""
    person, vouched = identity.person, _vouched(claims)
    if vouched and person.email in ("", identity.email):
        person.email = vouched
    identity.email, identity.email_verified = claims.email or "", claims.email_verified
    identity.provider, identity.last_used_at = claims.provider, at
    if person.language is None:
        person.language = match_language(claims.locale) or language
    if person.time_zone is None and claims.zoneinfo and is_time_zone(claims.zoneinfo):
        person.time_zone = claims.zoneinfo


def _vouched(claims: Claims) -> str:
    return claims.email if claims.email and claims.email_verified else ""


def _open_session(session: Session, identity: Identity, claims: Claims, browser: Browser, at: datetime) -> str:
    if browser.session_id is not None:
        before = session.get(SignInSession, browser.session_id)
        if before is not None:
            before.end(at)
    # What is long over is of no use to anybody, nor is the ID token in it.
    long_over = SignInSession.expires_at < at - timedelta(days=1)
    session.execute(sa.delete(SignInSession).where(SignInSession.person_id == identity.person_id, long_over))
    token = new_token()
    session.add(
        SignInSession(
            token_hash=digest(token),
            person_id=identity.person_id,
            identity_id=identity.id,
            provider=claims.provider,
            id_token=claims.id_token or "",
            user_agent=browser.user_agent[:300],
            address=browser.address[:64],
            created_at=at,
            last_seen_at=at,
            expires_at=at + timedelta(hours=settings().session_absolute_hours),
        )
    )
    return token


def connect(claims: Claims, person_id: int, at: datetime) -> bool:
    """Let a person sign in this way too; False where they could already. Raises NotAdmitted; commits."""
    with acting_as(db.session(), Principal.system("connect an identity")):
        session = db.session()
        known = _identity_of(session, claims)
        if known is not None:
            if known.person_id != person_id:
                raise NotAdmitted("identity_taken")
            return False
        person = session.get_one(Person, person_id, options=[undefer_group("contact")])
        session.add(identity_from(claims, person, at))
        person.email = person.email or _vouched(claims)
        session.commit()
        return True
