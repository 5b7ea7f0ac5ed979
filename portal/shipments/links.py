"""Addresses at carriers, as people and other systems tell them: only those that a reader may be sent to."""

import ipaddress
import re
from urllib.parse import urlsplit

_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# RFC 6761, RFC 6762, RFC 8375, and the names that inner networks go by.
_INNER = ("local", "localhost", "internal", "intranet", "lan", "home", "corp", "private", "test", "invalid", "onion")
_INNER_DOMAINS = ("home.arpa", "in-addr.arpa", "ip6.arpa")


def is_public_link(address: str) -> bool:
    """Whether it is https to a public host, by its name: with no credentials, and on the usual port."""
    if not address.isprintable() or re.search(r"[\s\\<>\"']", address):
        return False
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or "@" in parts.netloc or port not in (None, 443):
        return False
    return _is_public_host(host)


def _is_public_host(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    try:
        labels = host.encode("idna").decode("ascii").lower().split(".")
    except UnicodeError:
        return False
    if len(labels) < 2 or not all(_NAME.fullmatch(label) for label in labels):
        return False
    # A last part of digits would be read as an address of four bytes.
    is_inner = labels[-1] in _INNER or ".".join(labels[-2:]) in _INNER_DOMAINS or labels[-1][0].isdigit()
    return not is_inner
