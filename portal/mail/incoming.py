"""Mail that comes in: nobody reads it yet, so its sender is told where to answer. Nothing is swallowed.

Machines are never answered, and nobody is answered more than a few times an hour about one ticket (RFC 3834). What is
no reply to us and comes from nobody we know is refused at the door: whoever sent it learns that from their own mail
server.
"""

import hashlib
import logging
import re
from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as POLICY
from typing import Any

import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from email_validator import EmailNotValidError, validate_email
from flask import Flask

from portal.access import Principal
from portal.access.scope import acting_as
from portal.accounts.models import Person
from portal.clock import now
from portal.config import Settings
from portal.database import ALPHABET
from portal.extensions import db
from portal.jobs.models import Job
from portal.jobs.outbox import enqueue
from portal.mail.letter import address_of
from portal.notices.models import Notice
from portal.tickets.models import Ticket

# To one sender: about one ticket, and altogether, should somebody else write in their name.
ANSWERS_PER_HOUR = 3
MOST_PER_HOUR = 20
# Nothing of the body is kept, so this only has to be more than what people send with a picture.
LARGEST = 25 * 1024 * 1024
Receive = Callable[[str, bytes], None]


class Unwanted(Exception):
    """Not a reply to us, and from nobody we know."""


log = logging.getLogger("portal.mail")
_REF = f"[{ALPHABET}]{{8}}"
_TICKET = re.compile(rf"<ticket\.(T-{_REF})@|\[(T-{_REF})\]")
_NOTICE = re.compile(rf"<notice\.(N-{_REF})@")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")


def receive(app: Flask, sender: str, data: bytes) -> None:
    """Take a mail that was sent to our reply address, from this envelope sender.

    Taking it means promising the answer: only then may the other server forget it. Raises Unwanted.
    """
    mail = message_from_bytes(data[: 256 * 1024], policy=POLICY)
    with app.app_context():
        to = _whom_to_answer(app.extensions["portal_settings"], sender, mail)
        if to is None:
            log.info("mail from a machine is not answered")
            return
        with acting_as(db.session(), Principal.system("answer a reply by mail")):
            _promise(to, mail, now(), app.extensions["portal_settings"].default_language)
            db.session.commit()


def _whom_to_answer(ours: Settings, sender: str, mail: EmailMessage) -> str | None:
    """The envelope's sender, if that is a person (RFC 3834, 2 and 4)."""
    own = {address_of(ours.mail_from).casefold(), address_of(ours.mail_reply_to).casefold()}
    names = (sender.casefold(), address_of(_header(mail, "From")).casefold())
    local_part = sender.partition("@")[0].casefold()
    if not sender or own.intersection(names) or local_part in ("mailer-daemon", "postmaster", "noreply", "no-reply"):
        return None
    automatic = _header(mail, "Auto-Submitted").partition(";")[0].strip().casefold()
    if automatic not in ("", "no") or _header(mail, "Precedence").strip().casefold() in ("bulk", "junk", "list"):
        return None
    if any(name in mail for name in ("List-Id", "X-Autoreply", "X-Autorespond", "X-Loop", "Feedback-ID")):
        return None
    try:
        return validate_email(sender, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None


def _promise(to: str, mail: EmailMessage, at: datetime, default_language: str) -> None:
    addresses = (address_of(_header(mail, "From")) or to, to)
    people = [person for address in addresses if (person := _person_with(address)) is not None]
    threads = " ".join(_header(mail, name) for name in ("References", "In-Reply-To", "Subject"))
    if not people and not (_TICKET.search(threads) or _NOTICE.search(threads)):
        raise Unwanted
    answer: dict[str, Any] = {
        "to": to,
        "language": next((person.language for person in people if person.language), default_language),
        "ticket": _ticket_of(threads, [person.id for person in people]),
        "reply_to_id": next(iter(_MESSAGE_ID.findall(_header(mail, "Message-ID"))), ""),
    }
    whom = hashlib.sha256(to.casefold().encode()).hexdigest()[:16]
    hour = f"{whom}.{at:%Y%m%d%H}"
    if _answered(hour) >= MOST_PER_HOUR:
        log.info("a sender was answered often enough for this hour")
        return
    # One key for each answer about one thing in an hour: when all are taken, they have been told.
    for number in range(ANSWERS_PER_HOUR):
        name = f"{hour}.{answer['ticket'] or 'none'}.{number}"
        if enqueue("mail.answer", key=f"mail.answer:{name}", **answer, name=name):
            return
    log.info("a sender was told often enough for this hour")


def _answered(hour: str) -> int:
    """How many answers somebody was promised in an hour."""
    keys = Job.key.startswith(f"mail.answer:{hour}.", autoescape=True)
    return db.session.scalar(sa.select(sa.func.count()).select_from(Job).where(keys)) or 0


def _person_with(address: str) -> Any:
    return db.session.execute(
        sa.select(Person.id, Person.language)
        .where(sa.func.lower(Person.email) == address.lower(), Person.disabled_at.is_(None))
        .order_by(Person.id)
        .limit(1)
    ).one_or_none()


def _ticket_of(threads: str, person_ids: list[int]) -> str | None:
    """The reference that stands in their mail: it is not looked up, so nothing is learnt from the answer.

    Where only a notice's stands there, its ticket is named to whom the notice was sent, and to nobody else.
    """
    if found := _TICKET.search(threads):
        return found[1] or found[2]
    if not (notice := _NOTICE.search(threads)):
        return None
    return db.session.scalar(
        sa.select(Ticket.ref)
        .join(Notice, Notice.ticket_id == Ticket.id)
        .where(Notice.ref == notice[1], Notice.person_id.in_(person_ids))
    )


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return str(mail.get(name, ""))
    except (ValueError, IndexError, AttributeError, TypeError):
        # Headers of strangers can be such that the standard library's parser fails on them.
        return ""


def sender_of(envelope: Envelope) -> str:
    """The envelope's sender; empty for mail that must not be answered, which aiosmtpd calls `<>`."""
    return str(envelope.mail_from or "").strip("<>")


class ReplyEndpoint:
    """What aiosmtpd asks about each mail."""

    def __init__(self, reply_address: str, receive: Receive) -> None:
        self.reply_address, self.receive = reply_address.casefold(), receive

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.casefold() != self.reply_address:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient is fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        try:
            await server.loop.run_in_executor(
                None, self.receive, sender_of(envelope), bytes(envelope.original_content or b"")
            )
        except Unwanted:
            return "550 5.7.1 Mail is not read here; please use the portal itself"
        except Exception:
            log.exception("a mail could not be taken; its sender will try again")
            return "451 4.3.0 Try again later"
        return "250 2.6.0 Thank you"


def listen(app: Flask) -> Controller:
    """Serve incoming mail at `mail_in_listen` in a thread of its own; returns what can be stopped."""
    ours: Settings = app.extensions["portal_settings"]
    if not ours.mail_in_listen:
        raise ValueError("mail_in_listen is not set")
    host, _, port = ours.mail_in_listen.rpartition(":")
    endpoint = ReplyEndpoint(reply_address(ours), lambda sender, data: receive(app, sender, data))
    controller = make_controller(endpoint, host.strip("[]"), int(port))
    controller.start()
    return controller


def make_controller(handler: Any, host: str, port: int) -> Controller:
    # Its lines for each connection would drown ours.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    return Controller(handler, hostname=host, port=port, data_size_limit=LARGEST, enable_SMTPUTF8=True, ident="portal")


def reply_address(ours: Settings) -> str:
    return address_of(ours.mail_reply_to or ours.mail_from)
