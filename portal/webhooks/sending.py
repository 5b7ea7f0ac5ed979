"""One request to a receiver: to the very address that was looked up, once, and never for long."""

import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse

import certifi

from portal.text import clean_text
from portal.webhooks.addresses import Address, Ip, Networks, NotThere, resolve

SECONDS_TO_CONNECT = 5.0
# For all of it, the look-up and the slowest answer included.
SECONDS_IN_ALL = 15.0
MOST_READ = 4096
MOST_KEPT = 500
SUCCESS = range(200, 300)
GONE = 410
USER_AGENT = "Portal-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request; without a status, an error says why (see words.py)."""

    status: int | None
    error: str
    milliseconds: int
    text: str = ""
    # How long the receiver asks to be left alone.
    wait: timedelta | None = None

    @property
    def is_success(self) -> bool:
        return self.status in SUCCESS


class _Late(Exception):
    pass


def post(
    address: Address, headers: Mapping[str, str], body: bytes, networks: Networks, *, public: bool = True
) -> Answer:
    """No proxy is asked, no redirect is followed, and a server that drips is cut off."""
    began = time.monotonic()
    status, error, text, wait = None, "", "", None
    try:
        found = resolve(address.host, address.port, networks, public=public)
        response, read = _exchange(address, headers, body, found, began + SECONDS_IN_ALL)
        status, text = response.status, clean_text(read.decode("utf-8", "replace"))[:MOST_KEPT]
        wait = _wait(response.getheader("Retry-After") or "")
        error = "redirect" if status in range(300, 400) else "" if status in SUCCESS else "status"
    except NotThere as refusal:
        error = refusal.code
    except (_Late, TimeoutError):
        error = "timeout"
    except ssl.SSLError:
        error = "tls"
    except HTTPException:
        error = "protocol"
    except OSError:
        error = "connection"
    passed = time.monotonic() - began
    if status is None and passed >= SECONDS_IN_ALL:
        error = "timeout"
    return Answer(status, error, int(passed * 1000), text, wait)


def _exchange(
    address: Address, headers: Mapping[str, str], body: bytes, found: Sequence[Ip], until: float
) -> tuple[HTTPResponse, bytes]:
    raw = _connect(found, address.port, until)
    # The time of each read is bounded by the socket, that of all of them by this: it hangs up, whoever reads.
    line = raw.dup()
    guard = threading.Timer(max(0.0, until - time.monotonic()), _hang_up, [line])
    guard.daemon = True
    guard.start()
    try:
        if address.scheme == "https":
            raw = _tls().wrap_socket(raw, server_hostname=address.host)
        connection = HTTPConnection(address.host, address.port)
        connection.sock = raw
        connection.request("POST", address.target, body, {"Host": address.netloc, **headers})
        response = connection.getresponse()
        if time.monotonic() >= until:
            # Cut off in the middle of its headers, which looks like their end.
            raise _Late
        return response, _read(response)
    finally:
        guard.cancel()
        line.close()
        raw.close()


def _connect(found: Sequence[Ip], port: int, until: float) -> socket.socket:
    """To one of these addresses and no other: the name is not asked for again."""
    fault: OSError = OSError("no address")
    for ip in found:
        left = min(SECONDS_TO_CONNECT, until - time.monotonic())
        if left <= 0:
            raise _Late
        try:
            line = socket.create_connection((str(ip), port), timeout=left)
        except OSError as error:
            fault = error
            continue
        line.settimeout(SECONDS_IN_ALL)
        return line
    raise fault


def _hang_up(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It is closed already.
        return


def _read(response: HTTPResponse) -> bytes:
    """The beginning of the answer, as far as it comes; the status has decided."""
    try:
        return response.read(MOST_READ)
    except (OSError, HTTPException):
        return b""


@cache
def _tls() -> ssl.SSLContext:
    """The authorities of the machine, and those that browsers trust."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _wait(header: str) -> timedelta | None:
    """What Retry-After says, in seconds or as a date."""
    if header.isascii() and header.isdecimal() and len(header) < 9:
        return timedelta(seconds=int(header))
    try:
        found = parsedate_to_datetime(header)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)) - datetime.now(UTC)
