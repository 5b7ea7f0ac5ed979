"""One request: pinned to what was looked up, never redirected, never for long."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.webhooks import addresses, sending
from portal.webhooks.addresses import read_address
from portal.webhooks.sending import Answer, _wait, post
from tests.webhooks.conftest import Receiver

LAN = [ip_network("127.0.0.0/8")]


def send(url: str, networks: list = LAN) -> Answer:
    return post(read_address(url, allow_plain=True), {"webhook-id": "a"}, b"{}", networks)


def test_it_is_posted_with_the_name_of_the_host(receiver: Receiver) -> None:
    receiver.answers.append((200, {}, b"Thank you\0.\x1b[31m"))
    answer = send(receiver.url + "?a=b")
    assert (answer.status, answer.error, answer.is_success) == (200, "", True)
    assert answer.text.startswith("Thank you")
    assert "\0" not in answer.text
    assert receiver.taken[0].path == "/hooks?a=b"
    assert receiver.taken[0].headers["Host"] == receiver.url.split("/")[2]


def test_without_leave_nothing_is_sent_into_this_machine(receiver: Receiver) -> None:
    answer = send(receiver.url, [])
    assert (answer.status, answer.error) == (None, "address")
    assert receiver.taken == []


def test_a_name_that_leads_elsewhere_the_second_time_is_asked_once(
    receiver: Receiver, other_receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: allowed when it is looked at, private when it is connected to."""
    asked = []

    def rebind(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1" if len(asked) == 1 else "10.0.0.1"]

    monkeypatch.setattr(addresses, "look_up", rebind)
    port = receiver.url.split(":")[2].split("/")[0]
    assert send(f"http://erp.example.com:{port}/hooks").is_success
    assert asked == ["erp.example.com"]
    assert receiver.taken[0].headers["Host"] == f"erp.example.com:{port}"
    # The next attempt asks anew, and is refused.
    assert send(f"http://erp.example.com:{port}/hooks").error == "address"
    assert len(receiver.taken) == 1


def test_the_connection_is_made_to_the_address_that_was_looked_at(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = []
    real = socket.create_connection

    def connect(place: tuple[str, int], **options: float) -> socket.socket:
        connected.append(place[0])
        return real(place, **options)

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(addresses, "look_up", lambda host, port: ["127.0.0.1"])
    port = receiver.url.split(":")[2].split("/")[0]
    assert send(f"http://erp.example.com:{port}/").is_success
    assert connected == ["127.0.0.1"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_never_followed(receiver: Receiver, other_receiver: Receiver, status: int) -> None:
    receiver.answers.append((status, {"Location": other_receiver.url}, b""))
    answer = send(receiver.url)
    assert (answer.status, answer.error, answer.is_success) == (status, "redirect", False)
    assert other_receiver.taken == []
    assert len(receiver.taken) == 1


def test_no_proxy_of_the_environment_is_asked(
    receiver: Receiver, other_receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, other_receiver.url)
    assert send(receiver.url).is_success
    assert other_receiver.taken == []


def test_a_server_that_drips_is_cut_off(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SECONDS_IN_ALL", 0.6)
    receiver.drip = 0.05
    began = time.monotonic()
    answer = send(receiver.url)
    assert (answer.status, answer.error) == (None, "timeout")
    assert time.monotonic() - began < 3


def test_a_server_that_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SECONDS_IN_ALL", 0.4)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        answer = send(f"http://127.0.0.1:{silent.getsockname()[1]}/")
    assert (answer.status, answer.error) == (None, "timeout")


def test_of_a_long_answer_the_beginning_is_read(receiver: Receiver) -> None:
    receiver.answers.append((500, {}, "ř".encode() * 5_000_000))
    answer = send(receiver.url)
    assert (answer.status, answer.error, len(answer.text)) == (500, "status", sending.MOST_KEPT)


def test_what_does_not_listen_or_speaks_something_else_is_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert send(f"http://127.0.0.1:{port}/").error == "connection"
    with socket.create_server(("127.0.0.1", 0)) as mail:

        def greet() -> None:
            line, _address = mail.accept()
            line.recv(1000)
            line.sendall(b"220 mail.example.com ESMTP\r\n")
            line.close()

        threading.Thread(target=greet, daemon=True).start()
        assert send(f"http://127.0.0.1:{mail.getsockname()[1]}/").error == "protocol"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of erp.example.com, signed by itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "erp")])
    at = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, at - timedelta(days=1), at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("erp.example.com")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "erp.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def https(certificate: Path) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    line = context.wrap_socket(server.accept()[0], server_side=True)
                    read = b""
                    while not read.endswith(b"{}") and (more := line.recv(4000)):
                        read += more
                    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                    line.close()
                except OSError:
                    if server.fileno() == -1:
                        return

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def test_the_certificate_is_asked_for_the_name_and_not_for_the_address(
    https: int, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "look_up", lambda host, port: ["127.0.0.1"])
    # Nobody has signed it.
    assert send(f"https://erp.example.com:{https}/").error == "tls"
    context = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(sending, "_tls", lambda: context)
    assert send(f"https://erp.example.com:{https}/").is_success
    assert send(f"https://other.example.com:{https}/").error == "tls"


def test_the_usual_context_checks_names_and_certificates() -> None:
    context = sending._tls()
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)


@pytest.mark.parametrize(
    ("header", "seconds"), [("120", 120), ("", None), ("soon", None), ("-5", None), ("9" * 12, None)]
)
def test_retry_after_in_seconds(header: str, seconds: int | None) -> None:
    assert _wait(header) == (None if seconds is None else timedelta(seconds=seconds))


def test_retry_after_as_a_date() -> None:
    at = datetime.now(UTC) + timedelta(hours=1)
    found = _wait(at.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    assert found is not None
    assert timedelta(minutes=59) < found <= timedelta(hours=1)
