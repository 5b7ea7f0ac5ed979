"""By which keys a record is found among tens of thousands: equal in records that may speak of the same customer."""

from collections.abc import Iterable
from enum import StrEnum
from itertools import product

from portal.matching.domains import identifies_a_company, registrable_domain
from portal.matching.identifiers import bare_number
from portal.matching.names import Name, name_of
from portal.matching.scoring import Facts

# Raise it with every change of what keys come out of a record: those that are stored are written anew, by the job
# `match.freshen`.
RULES = 2
# Longer ones are cut: what is equal that far is looked at.
LONGEST = 64
_MOST_WORDS = 4
_SHORTEST_WORD = 3
# Letters at each end, of words from so long to so long; a letter more or less stays within one of the two.
_EDGES = ((3, 4, 8), (4, 7, 12), (6, 11, LONGEST))


class KeyKind(StrEnum):
    DOMAIN = "domain"
    NUMBER = "number"  # of registration or tax: the one often is the other with a prefix
    NAME = "name"
    SOUND = "sound"
    WORD = "word"
    EDGE = "edge"


# Keys of these kinds say something however many have them; of the others, those that many have say nothing.
STRONG = frozenset({KeyKind.DOMAIN, KeyKind.NUMBER, KeyKind.NAME, KeyKind.SOUND})


def keys_of(facts: Facts) -> frozenset[tuple[KeyKind, str]]:
    """The few keys (kind, value) of a record; values are ASCII where the script has a Latin form."""
    name = name_of(facts.name)
    domain = registrable_domain(facts.domain)
    found = {(KeyKind.DOMAIN, domain)} if identifies_a_company(domain) else set()
    found |= {(KeyKind.NUMBER, bare_number(number)) for number in (facts.registration_number, facts.tax_number)}
    found.add((KeyKind.NAME, "".join(name.words)))
    found |= {(KeyKind.SOUND, heard.whole) for heard in name.heard + name.core_heard}
    found |= {(KeyKind.WORD, word) for word in _words(name)}
    found |= {(KeyKind.EDGE, edge) for edge in _edges(name)}
    return frozenset((kind, value[:LONGEST]) for kind, value in found if value)


def _words(name: Name) -> Iterable[str]:
    """The longest of the words that are not everybody's, as they sound: order and additions do not matter."""
    for heard in name.core_heard:
        long = [word for word in heard.skeletons if len(word) >= _SHORTEST_WORD]
        yield from sorted(long, key=len, reverse=True)[:_MOST_WORDS]


def _edges(name: Name) -> Iterable[str]:
    """Beginning and end of a name: whoever spells one of its sounds differently leaves one of them whole."""
    for heard, (size, least, most) in product(name.core_heard, _EDGES):
        if least <= len(heard.whole) <= most:
            yield f"{heard.whole[:size]}-"
            yield f"-{heard.whole[-size:]}"
