"""Where webhooks may be sent: to public addresses alone, looked up at every attempt and connected to as looked up."""

import re
import socket
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import quote, urlsplit

import idna

Ip = IPv4Address | IPv6Address
Networks = Iterable[IPv4Network | IPv6Network]

LONGEST_URL = 2000
SECONDS_TO_LOOK_UP = 5.0
# The services below 1024 (mail, SSH, shares …) speak something else, and could be made to hear it.
_FIRST_FREE_PORT = 1024
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
# What a resolver of the system reads as a number: decimal, octal and hexadecimal spellings of an address.
_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# 6to4 and Teredo lead to an IPv4 address of the sender's choice; the rest is for documentation and benchmarks.
_NEVER_6 = tuple(map(IPv6Network, ("2002::/16", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16")))
_NAT64 = IPv6Network("64:ff9b::/96")
_NEVER_4 = tuple(
    map(
        IPv4Network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
            *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        ),
    )
)


class NotAnAddress(ValueError):
    """Nothing that a webhook could be sent to; the code is for words.py."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotThere(Exception):
    """It cannot be sent there now: the name is unknown (`lookup`), or leads to where nothing is sent (`address`)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Address:
    """An address in parts; the host is a plain name in ASCII, or an IP address."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _usual_port(self.scheme) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.target}"


def _usual_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def read_address(url: str, *, allow_plain: bool) -> Address:
    """What is typed as an address, in its one spelling. Raises NotAnAddress. `allow_plain`: without TLS, too."""
    if len(url) > LONGEST_URL or re.search(r"[\s\\\x00-\x1f\x7f]", url):
        raise NotAnAddress("url")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotAnAddress("url") from None
    scheme = parts.scheme.lower()
    if scheme not in ("https", "http") or not parts.hostname:
        raise NotAnAddress("url")
    if scheme == "http" and not allow_plain:
        raise NotAnAddress("plain")
    if "@" in parts.netloc:
        raise NotAnAddress("credentials")
    port = _usual_port(scheme) if port is None else port
    if port != _usual_port(scheme) and port < _FIRST_FREE_PORT:
        raise NotAnAddress("port")
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe='/?%:@!$&()*+,;=~-._')}" if parts.query else ""
    return Address(scheme, _host(parts.hostname), port, target + query)


def _host(typed: str) -> str:
    """One spelling for each host: without the last dot, in ASCII, and an IP address as everybody writes it."""
    host = typed.removesuffix(".")
    if ":" in host:
        try:
            # A zone (`%eth0`) names a way out of this machine.
            return str(IPv6Address(host.replace("%", " ")))
        except ValueError:
            raise NotAnAddress("url") from None
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            raise NotAnAddress("url") from None
    host = host.lower().removesuffix(".")
    if _NUMERIC.fullmatch(host.rpartition(".")[2]):
        try:
            return str(IPv4Address(host))
        except ValueError:
            raise NotAnAddress("numeric") from None
    if len(host) > 253 or not _NAME.fullmatch(host):
        raise NotAnAddress("url")
    return host


def literal(host: str) -> Ip | None:
    """The IP address that a host is, if it is no name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_allowed(ip: Ip, networks: Networks, *, public: bool = True) -> bool:
    """Public, unless that is not wished for, or in one of the operator's own networks that the settings name."""
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if any(ip.version == network.version and ip in network for network in networks):
        return True
    if not public:
        return False
    return _is_public_4(ip) if isinstance(ip, IPv4Address) else _is_public_6(ip)


def _is_public_4(ip: IPv4Address) -> bool:
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _NEVER_4)


def _is_public_6(ip: IPv6Address) -> bool:
    if ip in _NAT64:
        # How a network without IPv4 reaches it; what stands behind has to be public too.
        return _is_public_4(IPv4Address(int(ip) & 0xFFFFFFFF))
    return ip in _GLOBAL_UNICAST and ip.is_global and not any(ip in network for network in _NEVER_6)


def resolve(host: str, port: int, networks: Networks, *, public: bool = True) -> list[Ip]:
    """The addresses of a host, asked for now. Raises NotThere where one of them is not public: none of them counts."""
    networks = list(networks)
    known = literal(host)
    found = [known] if known is not None else _answers(host, port)
    if not found:
        raise NotThere("lookup")
    if not all(is_allowed(ip, networks, public=public) for ip in found):
        raise NotThere("address" if public else "demo")
    return found


def _answers(host: str, port: int) -> list[Ip]:
    """In a thread of its own, because the system's resolver cannot be hurried."""
    told: list[Any] = []

    def ask() -> None:
        try:
            told.extend(look_up(host, port))
        except (OSError, UnicodeError):
            told.clear()

    thread = threading.Thread(target=ask, name="webhook-lookup", daemon=True)
    thread.start()
    thread.join(SECONDS_TO_LOOK_UP)
    if thread.is_alive():
        raise NotThere("lookup")
    return list(dict.fromkeys(ip_address(found.partition("%")[0]) for found in told))


def look_up(host: str, port: int) -> list[str]:
    return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
