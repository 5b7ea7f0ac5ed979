"""What the outbox does about mail."""

import logging
from datetime import datetime

import sqlalchemy as sa

from portal.accounts.invitations import link_of, still_stands
from portal.accounts.joining import Invitation
from portal.accounts.models import Person
from portal.extensions import db
from portal.jobs.outbox import Params, job
from portal.languages import speaking
from portal.mail.compose import notice_mail
from portal.mail.letter import draw
from portal.mail.letters import answer_letter, invitation_letter
from portal.mail.send import send
from portal.notices.models import Notice
from portal.organisations.models import Organisation

log = logging.getLogger("portal.mail")

# Each of these ends its transaction before it talks to the mail server: on SQLite everybody else's changes would wait
# for an answer from far away. Nothing has been written by then; the effect and the end of the job follow together.


@job("mail.notice")
def mail_notice(params: Params, at: datetime) -> None:
    """Mail one notice to its reader, if by now they may still read it and want it. Params: notice (its reference)."""
    ref = params["notice"]
    mail = notice_mail(db.session(), ref)
    db.session.commit()
    if mail is None:
        log.info("nothing to send for notice %s", ref)
        return
    send(mail)
    db.session.scalars(sa.select(Notice).where(Notice.ref == ref)).one().mailed_at = at


@job("mail.invitation", secrets=("link",))
def mail_invitation(params: Params, at: datetime) -> None:
    """Mail an invitation, if it still stands. Params: invitation (its reference); the link is derived from that."""
    row = db.session.execute(
        sa.select(Invitation, Organisation.name, Person.name)
        .outerjoin(Organisation, Organisation.id == Invitation.organisation_id)
        .outerjoin(Person, Person.id == Invitation.invited_by_id)
        .where(Invitation.ref == params["invitation"])
    ).one_or_none()
    if row is None or not still_stands(db.session(), row[0], at):
        return
    invitation, organisation, inviter = row
    with speaking(invitation.language):
        mail = draw(invitation_letter(invitation, link_of(invitation.ref), organisation, inviter))
    db.session.commit()
    send(mail)


@job("mail.answer", secrets=("to",))
def mail_answer(params: Params, at: datetime) -> None:
    """Tell whoever replied by mail where to answer. Params: see incoming.py."""
    with speaking(params["language"]):
        mail = draw(answer_letter(params["name"], params["to"], params["ticket"], params["reply_to_id"]))
    db.session.commit()
    # An empty sender: whatever comes back of it goes to nobody, so two machines cannot talk for ever (RFC 3834, 3.3).
    send(mail, sender="")
