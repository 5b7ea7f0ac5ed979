"""A mail server in the test process, which keeps what it takes and refuses what it is told to."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as POLICY

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask


@dataclass
class Letter:
    sender: str
    recipient: str
    data: bytes

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.data, policy=POLICY)

    def header(self, name: str) -> str:
        return str(self.mail.get(name, ""))

    @property
    def text(self) -> str:
        body = self.mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    @property
    def html(self) -> str:
        body = self.mail.get_body(("html",))
        assert body is not None
        return str(body.get_content())

    @property
    def everything(self) -> str:
        """Every header and part, decoded, and the mail as it went over the wire."""
        headers = "\n".join(f"{name}: {value}" for name, value in self.mail.items())
        return "\n".join((headers, self.text, self.html, self.data.decode("ascii")))


@dataclass
class Postbox:
    letters: list[Letter] = field(default_factory=list)
    # What the server says to the next mails, first come first served; then it takes them.
    answers: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answers:
            return self.answers.pop(0)
        sender = str(envelope.mail_from or "").strip("<>")
        for recipient in envelope.rcpt_tos:
            self.letters.append(Letter(sender, recipient, bytes(envelope.original_content or b"")))
        return "250 2.0.0 Taken"

    def to(self, address: str) -> list[Letter]:
        return [letter for letter in self.letters if letter.recipient == address]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def open_postbox(app: Flask, **settings: object) -> Iterator[Postbox]:
    """Serve one on a free port, and have the app send its mail there."""
    postbox = Postbox(port=free_port())
    controller = Controller(postbox, hostname="127.0.0.1", port=postbox.port)
    controller.start()
    try:
        with changed_settings(app, smtp_url=f"smtp://127.0.0.1:{postbox.port}", **settings):
            yield postbox
    finally:
        controller.stop()


@contextmanager
def changed_settings(app: Flask, **changes: object) -> Iterator[None]:
    before = app.extensions["portal_settings"]
    app.extensions["portal_settings"] = before.model_copy(update=changes)
    try:
        yield
    finally:
        app.extensions["portal_settings"] = before
