"""Handing a mail to the mail server, over a real connection, once."""

import contextlib
import smtplib
import ssl
from email.message import EmailMessage

from portal.config import Smtp, settings
from portal.jobs.outbox import GiveUp
from portal.mail.letter import address_of, mail_host

# For each step of the conversation. All of them together stay below the lease of a job.
TIMEOUT_SECONDS = 20


class TryLater(Exception):
    """The mail server is away or says "not now"."""


def send(message: EmailMessage, *, sender: str | None = None) -> None:
    """Returns when the server has taken it. Raises GiveUp on a final no (5xx) and TryLater on any other trouble.

    `sender` is the envelope's: our own address, or nothing at all for mail that must never be answered (RFC 3834).
    """
    ours = settings()
    sender = address_of(ours.mail_from) if sender is None else sender
    recipients = [address.addr_spec for address in message["To"].addresses]
    try:
        server = _connect(ours.smtp)
    except (OSError, smtplib.SMTPException) as trouble:
        raise TryLater(_trace(trouble)) from trouble
    try:
        server.send_message(message, from_addr=sender, to_addrs=recipients)
    except smtplib.SMTPRecipientsRefused as refusal:
        code, words = next(iter(refusal.recipients.values()))
        _judge(code, words, refusal)
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refusal:
        _judge(refusal.smtp_code, refusal.smtp_error, refusal)
    except smtplib.SMTPNotSupportedError as refusal:
        raise GiveUp("the mail server cannot write to an address in this alphabet") from refusal
    except (OSError, smtplib.SMTPException) as trouble:
        raise TryLater(_trace(trouble)) from trouble
    finally:
        # It has been taken or refused by now: what the server answers to a farewell changes nothing.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()


def _connect(smtp: Smtp) -> smtplib.SMTP:
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if smtp.tls == "implicit":
        server = smtplib.SMTP_SSL(
            smtp.host, smtp.port, local_hostname=mail_host(), timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, local_hostname=mail_host(), timeout=TIMEOUT_SECONDS)
    try:
        if smtp.tls == "starttls":
            server.starttls(context=context)
        if smtp.user is not None:
            server.login(smtp.user, smtp.password or "")
    except BaseException:
        server.close()
        raise
    return server


def _judge(code: int, words: bytes | str, refusal: Exception) -> None:
    said = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    if 500 <= code < 600:
        raise GiveUp(f"the mail server refused it: {said}") from refusal
    raise TryLater(said) from refusal


def _trace(trouble: Exception) -> str:
    """What went wrong, without the addresses that smtplib puts into its exceptions."""
    if isinstance(trouble, smtplib.SMTPResponseException):
        return f"{type(trouble).__name__} {trouble.smtp_code}"
    return f"{type(trouble).__name__}: {trouble}"
