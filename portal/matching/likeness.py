"""How alike two names are, however they are spelled: in the same letters, in another script, or nearly."""

from enum import StrEnum
from itertools import product

from rapidfuzz import fuzz

from portal.matching.names import Heard, Name

# The strength (0 to 100) of each finding in one country; see `scoring`.
_SAME, _CORE, _PART = 86, 62, 52
# Skeletons of a few consonants are shared by chance: their strength by their length, at most.
_SOUND_BY_LENGTH = (0, 20, 35, 50, 60, 68, 75)
# How alike the letters are (0 to 100) below which a common skeleton is a coincidence, where vowels are written.
_SAME_VOWELS = 70
# One letter more or less in a name of six letters, another one in a name of nine.
_LIKE_FROM, _LIKE_WEAKEST, _LIKE_STRONGEST = 88, 50, 72
_LONG_NAME = 6
_LONG_PART = 5


class Likeness(StrEnum):
    SAME = "same"
    SOUND = "sound"
    CORE = "core"
    LIKE = "like"
    PART = "part"


def likeness(a: Name, b: Name) -> tuple[Likeness, int] | None:
    """The strongest likeness of two names with its strength (0 to 100); None where there is none. Symmetric."""
    if not a.words or not b.words:
        return None
    if sorted(a.words) == sorted(b.words) or "".join(a.words) == "".join(b.words):
        return Likeness.SAME, _SAME
    found = [(Likeness.SOUND, _sound(a, b)), (Likeness.CORE, _core(a, b))]
    found += [(Likeness.LIKE, _like(a, b)), (Likeness.PART, _part(a, b))]
    how, strength = max(found, key=lambda one: one[1])
    return (how, strength) if strength else None


def _sound(a: Name, b: Name) -> int:
    """They sound the same, word by word or run together."""
    return _alike(a.heard, b.heard, a, b)


def _alike(ours: tuple[Heard, ...], theirs: tuple[Heard, ...], a: Name, b: Name) -> int:
    strengths = (
        _strength(one, other, a, b)
        for one, other in product(ours, theirs)
        if one.whole == other.whole or sorted(one.skeletons) == sorted(other.skeletons)
    )
    return max(strengths, default=0)


def _strength(one: Heard, other: Heard, a: Name, b: Name) -> int:
    """How much a common skeleton says: little where it is short, half where the vowels are others."""
    strength = _SOUND_BY_LENGTH[min(len(one.whole), len(_SOUND_BY_LENGTH) - 1)]
    is_chance = a.has_vowels and b.has_vowels and _ratio(one.sounds, other.sounds) < _SAME_VOWELS
    return strength // 2 if is_chance else strength


def _core(a: Name, b: Name) -> int:
    """They differ in words that many companies have in their names, and in nothing else."""
    if len(a.core) == len(a.words) and len(b.core) == len(b.words):
        return 0
    if sorted(a.core) == sorted(b.core):
        return _CORE
    return min(_CORE, _alike(a.core_heard, b.core_heard, a, b))


def _like(a: Name, b: Name) -> int:
    if min(len("".join(a.core)), len("".join(b.core))) < _LONG_NAME:
        return 0
    pairs = list(product(a.core_heard, b.core_heard))
    if a.has_vowels and b.has_vowels:
        ratio = max(_ratio(a.core, b.core), *(_ratio(one.sounds, other.sounds) for one, other in pairs))
    else:
        ratio = max(_ratio(one.skeletons, other.skeletons) for one, other in pairs)
    if ratio < _LIKE_FROM:
        return 0
    return round(_LIKE_WEAKEST + (ratio - _LIKE_FROM) / (100 - _LIKE_FROM) * (_LIKE_STRONGEST - _LIKE_WEAKEST))


def _ratio(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    return fuzz.ratio(" ".join(sorted(one)), " ".join(sorted(other)))


def _part(a: Name, b: Name) -> int:
    """One name is the other with something added: a branch, a town, a trade."""
    if set(a.core) == set(b.core):
        return 0
    shorter, longer = sorted((set(a.core), set(b.core)), key=len)
    is_part = shorter < longer and sum(map(len, shorter)) >= _LONG_PART
    return _PART if is_part else 0
