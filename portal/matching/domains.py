"""The registrable domain of whatever people type: an address of a page or of a person, a host, in any script."""

import re
from functools import cache, lru_cache

import idna
from publicsuffixlist import PublicSuffixList

# Whoever has an address there need not have anything to do with the others.
_FREE_MAIL = """
    gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com aol.com
    proton.me protonmail.com gmx.com gmx.de gmx.net web.de mail.com zoho.com tutanota.com yandex.com mail.ru
    seznam.cz email.cz post.cz centrum.cz volny.cz atlas.cz tiscali.cz azet.sk zoznam.sk
    ukr.net i.ua meta.ua bigmir.net email.ua
    wp.pl o2.pl onet.pl onet.eu op.pl interia.pl interia.eu gazeta.pl tlen.pl poczta.fm vp.pl
    inbox.lt mail.lt one.lt takas.lt delfi.lt
    chmail.ir mailfa.com yahoo.co.uk hotmail.co.uk btinternet.com
    facebook.com instagram.com linkedin.com twitter.com x.com t.me youtube.com
"""
FREE_MAIL = frozenset(_FREE_MAIL.split())
# RFC 2606, section 3: under these everybody makes up names of their own, as under a public suffix.
RESERVED = frozenset({"example.com", "example.net", "example.org"})
_MOST_CHARACTERS = 2000
_MOST_LABELS = 12
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:(//)?", re.IGNORECASE)
_DOTS = re.compile("[.。．｡]+")
_PORT = re.compile(r":\d*$")


@lru_cache(maxsize=8192)
def registrable_domain(text: str) -> str:
    """The domain that somebody registered, in ASCII: `example.co.uk` of `https://www.Example.co.uk:443/x`.

    "" where there is none: a bare public suffix, a number, no domain at all. By the public suffix list
    (publicsuffix.org), with IDNA 2008 and the mapping of UTS 46.
    """
    for word in re.split(r"[\s,;<>()\"']+", text[:_MOST_CHARACTERS]):
        if "." in _DOTS.sub(".", word) and (found := _of_host(_host(word))):
            return found
    return ""


def identifies_a_company(domain: str) -> bool:
    """Whether a registrable domain belongs to one company, and not to everybody's mailboxes or pages."""
    return bool(domain) and domain not in FREE_MAIL


def in_own_script(domain: str) -> str:
    """An ASCII domain as its owner reads it: `bücher.example` of `xn--bcher-kva.example`."""
    try:
        return idna.decode(domain) if domain else ""
    except (idna.IDNAError, UnicodeError):
        return domain


def label_of(domain: str) -> str:
    """What the owner chose of a registrable domain, in Unicode: `bücher` of `xn--bcher-kva.example`."""
    return in_own_script(domain.partition(".")[0])


def _host(word: str) -> str:
    is_url = "://" in word or word[:7].lower() == "mailto:"
    host = re.split(r"[/?#\\]", (_SCHEME.sub("", word) if is_url else word).lstrip("/"))[0]
    return _PORT.sub("", host.rpartition("@")[2])


def _of_host(host: str) -> str:
    labels = [label for label in _DOTS.split(host) if label][-_MOST_LABELS:]
    if len(labels) < 2 or ":" in host:
        return ""
    # A label further left may be no host name at all; it is of no account.
    for start in range(len(labels) - 1):
        if encoded := in_ascii(".".join(labels[start:])):
            return _registrable(encoded)
    return ""


def in_ascii(host: str) -> str:
    """A host name as it goes over the wire; empty for what cannot be one."""
    try:
        return idna.encode(host, uts46=True).decode("ascii").lower().strip(".")
    except (idna.IDNAError, UnicodeError):
        return ""


def _registrable(host: str) -> str:
    if host.rpartition(".")[2].isdigit():
        return ""
    found = _suffixes().privatesuffix(host) or ""
    if found not in RESERVED:
        return found
    own = host.removesuffix(found).rstrip(".").rpartition(".")[2]
    return f"{own}.{found}" if own and own != "www" else ""


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
