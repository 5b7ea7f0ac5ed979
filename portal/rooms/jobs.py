"""Telling whoever has an address that something is shared with it, be it somebody known here or not."""

from datetime import datetime
from email.message import EmailMessage

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from portal.accounts.models import Identity, Person
from portal.extensions import db
from portal.jobs.outbox import Params, job
from portal.languages import date_text, speaking
from portal.mail.letter import Letter, draw, link, mail_host
from portal.mail.send import send
from portal.notices.notify import notify
from portal.organisations.models import Organisation, Share
from portal.rooms.joining import last_day, stands
from portal.rooms.words import shared_sentence, shared_sentence_html


@job("mail.share")
def mail_share(params: Params, at: datetime) -> None:
    """Mail an offer to its address, and ring the bell of who is known by it. Params: share (its reference).

    The subject of the record stays out: nobody knows yet whose address it is.
    """
    session = db.session()
    share = session.scalar(sa.select(Share).where(Share.ref == params["share"]))
    if share is None or not stands(session, share, at):
        return
    share = session.scalars(sa.select(Share).where(Share.ref == params["share"])).one()
    known = session.scalars(_known_by(share.address)).first()
    if known is not None and not known.is_staff:
        notify(
            [known.id],
            kind="shared",
            event=f"shared:{share.ref}",
            at=at,
            actor_id=share.shared_by_id,
            by_mail=False,
            share=share.ref,
            record=share.record_kind,
        )
    letter = _drawn(session, share, known) if known is None or known.wants_mail("shared") else None
    session.commit()
    if letter is not None:
        send(letter)


def _known_by(address: str) -> sa.Select[Person]:
    proved = sa.select(Identity.person_id).where(Identity.email_verified, sa.func.lower(Identity.email) == address)
    return (
        sa.select(Person)
        .where(sa.or_(sa.func.lower(Person.email) == address, Person.id.in_(proved)), Person.disabled_at.is_(None))
        .order_by(Person.id)
        .options(undefer(Person.email))
    )


def _drawn(session: Session, share: Share, known: Person | None) -> EmailMessage:
    sharer = session.get_one(Person, share.shared_by_id)
    home = session.get(Organisation, share.shared_for_id) if share.shared_for_id else None
    of = (share.record_kind, sharer.name, home.name if home else "")
    speaker = known or sharer
    with speaking(speaker.language, speaker.time_zone, speaker.calendar, speaker.digits):
        sentence = shared_sentence(*of)
        return draw(
            Letter(
                to_name=known.name if known else "",
                to_address=share.address,
                subject=sentence,
                template="share",
                message_id=f"<share.{share.ref}@{mail_host()}>",
                is_notice=known is not None,
                context={
                    "sentence": sentence,
                    "sentence_html": shared_sentence_html(*of),
                    "url": link(f"/rooms/{share.ref}"),
                    "until": date_text(last_day(share.ends_at)) if share.ends_at else "",
                },
            )
        )
