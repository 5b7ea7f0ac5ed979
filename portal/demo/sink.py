"""The demonstration's mail server: it keeps every mail as a file and sends nothing anywhere.

What is addressed to the portal's reply address is also handed on, as a real server would hand it to `portal mail-in`.
"""

import itertools
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.clock import now
from portal.mail.incoming import Receive, Unwanted, make_controller, sender_of

log = logging.getLogger("portal.demo")
SUFFIX = ".eml"


class Sink:
    def __init__(self, folder: Path, reply_address: str = "", on_reply: Receive | None = None) -> None:
        self.folder, self.on_reply = folder, on_reply
        self.reply_address = reply_address.casefold()
        self._numbers = itertools.count(1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        data = bytes(envelope.original_content or b"")
        self._keep(envelope, data)
        if self.on_reply and self.reply_address in [to.casefold() for to in envelope.rcpt_tos]:
            try:
                await server.loop.run_in_executor(None, self.on_reply, sender_of(envelope), data)
            except Unwanted:
                return "550 5.7.1 Mail is not read here"
            except Exception:
                log.exception("a reply could not be taken")
                return "451 4.3.0 Try again later"
        return "250 2.6.0 Kept"

    def _keep(self, envelope: Envelope, data: bytes) -> None:
        """Write the mail under a name that sorts by time; readers never see half of it."""
        at: datetime = now().astimezone(UTC)
        name = f"{at:%Y%m%d-%H%M%S-%f}-{os.getpid()}-{next(self._numbers)}"
        trace = f"Return-Path: <{sender_of(envelope)}>\r\n"
        trace += "".join(f"Delivered-To: {to}\r\n" for to in envelope.rcpt_tos)
        unfinished = self.folder / f".{name}"
        unfinished.write_bytes(trace.encode() + data)
        unfinished.rename(self.folder / f"{name}{SUFFIX}")


def start_sink(
    folder: Path, host: str, port: int, on_reply: Receive | None = None, *, reply_address: str = ""
) -> Callable[[], None]:
    """Serve it in a thread of its own, keeping mail in `folder`; returns what stops it."""
    folder.mkdir(parents=True, exist_ok=True)
    controller = make_controller(Sink(folder, reply_address, on_reply), host, port)
    controller.start()
    return controller.stop
