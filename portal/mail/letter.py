"""One mail as it goes out: headers that cannot be injected, plain text and HTML in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _

from portal.clock import now
from portal.config import settings
from portal.jobs.outbox import GiveUp
from portal.languages import voice
from portal.text import clean_line


class _Policy(EmailPolicy):
    """SMTP's policy, with headers that survive their folding.

    The library (3.11) loses or adds blanks between words where a header of several words of another alphabet does not
    fit on one line, so texts and names are encoded in one piece (RFC 2047).
    """

    def fold(self, name: str, value: Any) -> str:
        words = "" if self.utf8 or str(value).isascii() else _encoded(name, value)
        return f"{name}: {words}{self.linesep}" if words else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        words = "" if self.utf8 or str(value).isascii() else _encoded(name, value)
        return f"{name}: {words}{self.linesep}".encode("ascii") if words else super().fold_binary(name, value)


def _encoded(name: str, value: Any) -> str:
    """The value in encoded words; empty where an address itself is written in another alphabet."""
    line = "\r\n"
    if not hasattr(value, "addresses"):
        return Header(str(value), "utf-8", header_name=name).encode(linesep=line)
    if not all(address.addr_spec.isascii() for address in value.addresses):
        return ""
    return f",{line} ".join(
        str(address)
        if address.display_name.isascii()
        else Header(address.display_name, "utf-8", header_name=name).encode(linesep=line)
        + f"{line} <{address.addr_spec}>"
        for address in value.addresses
    )


# Servers that pass on nothing but seven bits are rare, and they garble the rest in silence.
POLICY = _Policy(linesep="\r\n", max_line_length=78, cte_type="7bit", raise_on_defect=False)
SUBJECT_LENGTH = 200
RIGHT_TO_LEFT_MARK = "\u200f"


@dataclass(frozen=True, slots=True)
class Letter:
    """To whom, about what, and from which templates `mail/<template>.html` and `.txt`; made inside `speaking()`."""

    to_name: str
    to_address: str
    subject: str
    template: str
    context: Mapping[str, Any]
    message_id: str
    headers: Mapping[str, str] = field(default_factory=dict)
    is_notice: bool = True


def mail_host() -> str:
    """What our Message-IDs and list names end in."""
    return (urlsplit(settings().base_url).hostname or "localhost").replace(":", "-")


def link(path: str) -> str:
    return settings().base_url + path


def thread_id(ticket_ref: str) -> str:
    """The id that all mail about a ticket refers to; no mail has it, so no ticket has a first mail to wait for."""
    return f"<ticket.{ticket_ref}@{mail_host()}>"


def address_of(header: str | None) -> str:
    """The bare address of `Name <address>`."""
    return parseaddr(header or "")[1]


def draw(letter: Letter) -> EmailMessage:
    """The mail itself. Raises GiveUp where the address cannot be written."""
    ours, speaker = settings(), voice()
    message = EmailMessage(policy=POLICY)
    message["From"] = ours.mail_from
    try:
        message["To"] = Address(clean_line(letter.to_name), addr_spec=letter.to_address)
    except (ValueError, MessageError):
        raise GiveUp("the address of the recipient is not one") from None
    message["Subject"] = clean_line(letter.subject)[:SUBJECT_LENGTH]
    message["Date"] = format_datetime(now())
    message["Message-ID"] = letter.message_id
    if letter.is_notice:
        message["Reply-To"] = ours.mail_reply_to or ours.mail_from
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message["List-Id"] = f"<notices.{mail_host()}>"
        # A page, not an action: scanners follow links.
        message["List-Unsubscribe"] = f"<{link('/account/notifications')}>"
    for name, value in letter.headers.items():
        message[name] = clean_line(value)
    message.set_content(_render(letter, "txt"), charset="utf-8")
    message.add_alternative(_render(letter, "html"), subtype="html", charset="utf-8")
    # Last: what begins with Content- would have been moved into the text part.
    message["Content-Language"] = speaker.language
    return message


def _render(letter: Letter, kind: str) -> str:
    # Not through Flask, whose context processors draw the frame of a page and need a request.
    ours, speaker = settings(), voice()
    return current_app.jinja_env.get_template(f"mail/{letter.template}.{kind}").render(
        language=speaker.language,
        direction=speaker.table.direction,
        mark=RIGHT_TO_LEFT_MARK if speaker.table.direction == "rtl" else "",
        brand={"name": ours.brand_name},
        settings_url=link("/account/notifications") if letter.is_notice else "",
        **letter.context,
    )


def about(ticket_ref: str, subject: str) -> str:
    return f"[{ticket_ref}] {subject}"


def open_ticket_label() -> str:
    return str(_("Open the ticket"))
