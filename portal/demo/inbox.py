"""The demonstration's inbox: everybody's mail, newest first, for anyone to read and to reply to."""

import smtplib
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import default as POLICY
from email.utils import make_msgid
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from portal import paths
from portal.access.gate import public
from portal.clock import now
from portal.config import settings
from portal.demo.sink import SUFFIX
from portal.mail.letter import POLICY as WRITTEN
from portal.mail.letter import address_of
from portal.security import POLICY as PAGE_POLICY
from portal.security import csp_nonce
from portal.text import clean_text
from portal.web import done, render

bp = Blueprint("demo_mail", __name__)
MOST = 100
# The mail is shown as any mail program would show it: its own styles, no scripts, nothing from elsewhere.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self';"
    " sandbox allow-popups allow-popups-to-escape-sandbox"
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the list shows of a mail."""

    name: str
    recipients: tuple[str, ...]
    sender: str
    subject: str
    at: datetime | None


class ReplyForm(FlaskForm):
    body = TextAreaField(validators=[DataRequired(), Length(max=10_000)])


def mail_folder() -> Path:
    return paths.instance_folder() / "demo-mail"


@bp.get("/demo/mail")
@public
def index() -> Response:
    recipient = request.args.get("to", "").strip().casefold()
    everything = _envelopes()
    shown = [mail for mail in everything if not recipient or recipient in mail.recipients]
    return render(
        "demo/mail_index.html",
        "demo/_mail_list.html",
        mails=shown[:MOST],
        recipient=recipient,
        recipients=sorted({to for mail in everything for to in mail.recipients} | ({recipient} - {""})),
    )


@bp.get("/demo/mail/<name>")
@public
def show(name: str) -> Response:
    return _page(name, ReplyForm(formdata=None))


@bp.get("/demo/mail/<name>/html")
@public
def show_html(name: str) -> Response:
    """The HTML part alone, in a frame that can do nothing but open links elsewhere."""
    part = _mail(name).get_body(("html",))
    if part is None:
        abort(404)
    # A link opens a window of its own: the portal refuses to be shown in a frame.
    words = str(part.get_content()).replace("<head>", '<head><base target="_blank">', 1)
    response = make_response(words)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@bp.post("/demo/mail/<name>/replies")
@public
def create_reply(name: str) -> BaseResponse:
    """Reply as the recipient of the mail, over SMTP, as their mail program would."""
    mail, form = _mail(name), ReplyForm()
    if not form.validate_on_submit():
        return _page(name, form, status=422)
    to = _reply_address(mail)
    if to is None:
        abort(404)
    recipient = next(iter(_recipients(mail)), "")
    reply = EmailMessage(policy=WRITTEN)
    reply["From"], reply["To"] = recipient, to
    reply["Subject"] = "Re: " + _header(mail, "Subject")
    reply["Message-ID"] = make_msgid(domain="mail.example.com")
    reply["In-Reply-To"] = _header(mail, "Message-ID")
    reply["References"] = " ".join((_header(mail, "References"), _header(mail, "Message-ID"))).strip()
    reply.set_content(clean_text(form.body.data))
    smtp = settings().smtp
    with smtplib.SMTP(smtp.host, smtp.port, timeout=10) as server:
        server.send_message(reply, from_addr=recipient, to_addrs=[to])
    flash(_("Your reply was sent. The answer arrives here in a moment."), "success")
    return done(url_for("demo_mail.index", to=recipient))


def _page(name: str, form: ReplyForm, status: int = 200) -> Response:
    mail = _mail(name)
    text = mail.get_body(("plain",))
    response = render(
        "demo/mail_show.html",
        status=status,
        name=name,
        mail=_envelope(mail_folder() / f"{name}{SUFFIX}"),
        headers=[(key, _header(mail, key)) for key in dict.fromkeys(mail.keys())],
        text=text.get_content() if text is not None else "",
        has_html=mail.get_body(("html",)) is not None,
        may_reply=_reply_address(mail) is not None,
        form=form,
    )
    policy = PAGE_POLICY.format(nonce=csp_nonce(), form_targets="")
    response.headers["Content-Security-Policy"] = f"{policy}; frame-src 'self'"
    return response


def _envelopes() -> list[Envelope]:
    """Newest first: the names of the files sort by time."""
    return [_envelope(path) for path in sorted(mail_folder().glob(f"*{SUFFIX}"), reverse=True)]


@lru_cache(maxsize=4096)
def _envelope(path: Path) -> Envelope:
    with path.open("rb") as file:
        mail: Any = BytesHeaderParser(policy=POLICY).parse(file)
    date = mail["Date"]
    return Envelope(
        name=path.name.removesuffix(SUFFIX),
        recipients=_recipients(mail),
        sender=_header(mail, "From"),
        subject=_header(mail, "Subject"),
        at=date.datetime if date is not None and date.datetime and date.datetime.tzinfo else now(),
    )


def _mail(name: str) -> EmailMessage:
    # The names are our own; nothing else of the folder, or above it, is ever opened.
    path = mail_folder() / f"{name}{SUFFIX}"
    if path.name not in {known.name for known in mail_folder().glob(f"*{SUFFIX}")}:
        abort(404)
    return message_from_bytes(path.read_bytes(), policy=POLICY)


def _recipients(mail: Any) -> tuple[str, ...]:
    return tuple(str(value).strip().casefold() for value in mail.get_all("Delivered-To", []))


def _reply_address(mail: EmailMessage) -> str | None:
    ours = settings().mail_reply_to
    wanted = address_of(_header(mail, "Reply-To"))
    return wanted if ours and wanted.casefold() == address_of(ours).casefold() else None


def _header(mail: Any, name: str) -> str:
    return " ".join(str(value) for value in mail.get_all(name, []))
