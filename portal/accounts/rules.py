"""Who reaches people and what they hold. Raw tables are for this kind of file alone: they are not narrowed."""

from typing import Any

import sqlalchemy as sa

from portal.access import Action, Ground, Noun, Principal
from portal.access.scope import Change, Condition, changed_fields, nobody, register, signed_in
from portal.accounts.break_glass import LONGEST, BreakGlass
from portal.accounts.joining import Invitation, JoinRequest
from portal.accounts.models import (
    AccessLog,
    CategoryTeam,
    Identity,
    KeptForm,
    Membership,
    Person,
    Portfolio,
    SignInSession,
    StaffRole,
    Team,
    TeamMember,
)
from portal.deals.rules import of_readable_deal
from portal.jobs.models import Job
from portal.notices.models import Notice
from portal.orders.rules import of_readable_order
from portal.organisations.models import Share
from portal.organisations.rules import live_share, of_readable_organisation
from portal.rfqs.rules import of_readable_invitation
from portal.rooms.rules import of_readable_record, offered_to
from portal.tickets.messages import Message, MessageReader
from portal.tickets.rules import of_readable_message, of_readable_ticket


def _colleague(person: Any, who: Principal) -> Condition:
    membership = Membership.__table__.alias().c
    return sa.exists().where(membership.person_id == person.id, membership.organisation_id == who.organisation_id)


def _wrote_to_us(person: Any, who: Principal) -> Condition:
    """Whoever wrote a message that is addressed to my company is known to it by name."""
    reader = MessageReader.__table__.alias().c
    return sa.exists().where(reader.organisation_id == who.organisation_id, reader.author_id == person.id)


def _in_a_room(person: Any, who: Principal) -> Condition:
    """Whoever shared a record that I reach, or joined it as one person, is known by name in its room."""
    share = Share.__table__.alias().c
    return sa.exists().where(
        sa.or_(share.person_id == person.id, share.shared_by_id == person.id),
        share.organisation_id.is_not(None),
        live_share(share),
        of_readable_record(share, who),
    )


def _invites_me(person: Any, who: Principal) -> Condition:
    share = Share.__table__.alias().c
    return sa.exists().where(share.shared_by_id == person.id, live_share(share), offered_to(share, who))


def _of_reachable_company(person: Any, who: Principal) -> Condition:
    membership = Membership.__table__.alias().c
    return sa.exists().where(
        membership.person_id == person.id, of_readable_organisation(membership.organisation_id, who)
    )


def _asks_to_join(person: Any, who: Principal) -> Condition:
    """Whoever asks to be let in is known to those who decide it, for as long as it is open."""
    request = JoinRequest.__table__.alias().c
    mine: Condition = request.organisation_id == who.organisation_id
    if who.is_staff:
        mine = sa.or_(request.organisation_id.is_(None), of_readable_organisation(request.organisation_id, who))
    return sa.exists().where(request.person_id == person.id, request.decided_at.is_(None), mine)


def _person_reads(who: Principal) -> Condition:
    if not who.is_staff:
        if who.acting is None:
            return Person.id == who.person_id
        known = [Person.id == who.person_id, _colleague(Person, who), _wrote_to_us(Person, who)]
        known += [_in_a_room(Person, who), _invites_me(Person, who)]
        if who.may(Action.PEOPLE_MANAGE):
            known.append(_asks_to_join(Person, who))
        return sa.or_(*known)
    held = {reach.ground for reach in who.reach(Noun.ORGANISATIONS)}
    if Ground.ALL in held:
        return sa.true()
    if not held:
        return Person.is_staff.is_(True)
    message = Message.__table__.alias().c
    return sa.or_(
        Person.is_staff,
        _of_reachable_company(Person, who),
        _asks_to_join(Person, who) if who.may(Action.PEOPLE_MANAGE) else sa.false(),
        # In a readable ticket a company outside their reach may have written too: its author is known by name.
        sa.exists().where(message.author_id == Person.id, of_readable_ticket(message.ticket_id, who)),
        _in_a_room(Person, who),
    )


def _person_writes(who: Principal, person: Person, change: Change) -> bool:
    if change == Change.UPDATE:
        return person.id == who.person_id or who.may(Action.STAFF_GRANT)
    return change == Change.INSERT and who.is_staff and who.may(Action.PEOPLE_MANAGE)


def manages_people_of(who: Principal, organisation_id: int | None) -> bool:
    """Cheap part of the answer: a company's own admin for it, staff for whom they can write (asked by the view)."""
    if not who.may(Action.PEOPLE_MANAGE):
        return False
    return who.is_staff or (organisation_id is not None and organisation_id == who.organisation_id)


def _membership_reads(who: Principal) -> Condition:
    if who.is_staff:
        return sa.or_(Membership.person_id == who.person_id, of_readable_organisation(Membership.organisation_id, who))
    return sa.or_(Membership.person_id == who.person_id, Membership.organisation_id == who.organisation_id)


def _of_organisation_writes(who: Principal, record: Any, change: Change) -> bool:
    return change != Change.DELETE and manages_people_of(who, record.organisation_id)


def _invitation_reads(who: Principal) -> Condition:
    if not who.may(Action.PEOPLE_MANAGE):
        return sa.false()
    if not who.is_staff:
        return Invitation.organisation_id == who.organisation_id
    of_companies = of_readable_organisation(Invitation.organisation_id, who)
    if who.may(Action.STAFF_GRANT):
        return sa.or_(Invitation.organisation_id.is_(None), of_companies)
    return of_companies


def _invitation_writes(who: Principal, invitation: Invitation, change: Change) -> bool:
    if invitation.staff_role is not None:
        return change != Change.DELETE and who.may(Action.STAFF_GRANT)
    return _of_organisation_writes(who, invitation, change)


def _request_reads(who: Principal) -> Condition:
    own = JoinRequest.person_id == who.person_id
    if not who.may(Action.PEOPLE_MANAGE):
        return own
    if who.is_staff:
        # A request that matched no company waits for any of those who let people in.
        return sa.or_(
            own,
            JoinRequest.organisation_id.is_(None),
            of_readable_organisation(JoinRequest.organisation_id, who),
        )
    return sa.or_(own, JoinRequest.organisation_id == who.organisation_id)


def _request_writes(who: Principal, request: JoinRequest, change: Change) -> bool:
    if change == Change.INSERT:
        return request.person_id == who.person_id and request.decided_at is None
    return change == Change.UPDATE and manages_people_of(who, request.organisation_id)


def _own(model: Any) -> Any:
    return lambda who: model.person_id == who.person_id if who.person_id is not None else sa.false()


def _own_writes(who: Principal, record: Any, change: Change) -> bool:
    return who.person_id is not None and record.person_id == who.person_id


def _staff_reads(who: Principal) -> Condition:
    return sa.true() if who.is_staff else sa.false()


def _granted(action: Action) -> Any:
    return lambda who, record, change: who.may(action)


def _role_writes(who: Principal, role: StaffRole, change: Change) -> bool:
    return who.may(Action.STAFF_GRANT) and role.person_id != who.person_id


def _glass_reads(who: Principal) -> Condition:
    return sa.true() if who.may(Action.BREAK_GLASS_READ) else sa.false()


def _glass_writes(who: Principal, glass: BreakGlass, change: Change) -> bool:
    """Everybody their own: what was opened is ended, and otherwise stays as it was written."""
    if glass.person_id != who.person_id or not who.may(Action.BREAK_GLASS):
        return False
    if change == Change.INSERT:
        return glass.ended_at is None and glass.started_at < glass.ends_at <= glass.started_at + LONGEST
    return change == Change.UPDATE and glass.ended_at is not None and changed_fields(glass) <= {"ended_at"}


def opened_under(glass: type[BreakGlass]) -> sa.ScalarSelect[int]:
    """How many records were opened while it lasted; a number is all that those learn who do not read the log."""
    log = AccessLog.__table__.alias().c
    over_at = sa.func.coalesce(glass.ended_at, glass.ends_at)
    return (
        sa.select(sa.func.count(log.reference.distinct()))
        .where(
            log.person_id == glass.person_id,
            log.kind == "break-glass-read",
            log.reference != "",
            log.at.between(glass.started_at, over_at),
        )
        .scalar_subquery()
    )


def _log_reads(who: Principal) -> Condition:
    if not who.may(Action.ACCESS_LOG_READ):
        return sa.false()
    return sa.true() if who.is_staff else AccessLog.organisation_id == who.organisation_id


def _notice_reads(who: Principal) -> Condition:
    return sa.and_(
        Notice.person_id == who.person_id,
        sa.or_(Notice.ticket_id.is_(None), of_readable_ticket(Notice.ticket_id, who)),
        sa.or_(Notice.message_id.is_(None), of_readable_message(Notice.message_id, who)),
        sa.or_(Notice.deal_id.is_(None), of_readable_deal(Notice.deal_id, who)),
        sa.or_(Notice.order_id.is_(None), of_readable_order(Notice.order_id, who)),
        sa.or_(Notice.rfq_invitation_id.is_(None), of_readable_invitation(Notice.rfq_invitation_id, who)),
    )


def _notice_writes(who: Principal, notice: Notice, change: Change) -> bool:
    if change == Change.INSERT:
        return who.is_signed_in
    return change == Change.UPDATE and notice.person_id == who.person_id


def _inserts_signed_in(who: Principal, record: Any, change: Change) -> bool:
    return change == Change.INSERT and who.is_signed_in


register(Person, reads=_person_reads, writes=_person_writes)
register(Identity, reads=_own(Identity), writes=_own_writes)
register(Membership, reads=_membership_reads, writes=_of_organisation_writes)
register(StaffRole, reads=_staff_reads, writes=_role_writes)
register(Portfolio, reads=_staff_reads, writes=_granted(Action.STAFF_GRANT))
register(Team, reads=signed_in, writes=_granted(Action.TEAMS_MANAGE))
register(TeamMember, reads=_staff_reads, writes=_granted(Action.TEAMS_MANAGE))
register(CategoryTeam, reads=signed_in, writes=_granted(Action.TEAMS_MANAGE))
register(Invitation, reads=_invitation_reads, writes=_invitation_writes)
register(JoinRequest, reads=_request_reads, writes=_request_writes)
register(SignInSession, reads=_own(SignInSession), writes=_own_writes)
register(KeptForm, reads=_own(KeptForm), writes=_own_writes)
register(AccessLog, reads=_log_reads)
register(BreakGlass, reads=_glass_reads, writes=_glass_writes)
register(Notice, reads=_notice_reads, writes=_notice_writes)
register(Job, reads=nobody, writes=_inserts_signed_in)
