"""Company names for comparing: without legal forms, quotes and accents, in Latin letters, and as they sound."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from portal.matching.latin import readings, skeleton, to_latin, writes_no_vowels
from portal.matching.legal_forms import common_words, strip_forms
from portal.text import fold

# Nobody's name is longer; what is typed beyond it costs no time.
MOST_LETTERS = 300
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile("['\u05f3\u02b9\u2032]")
_QUOTES = re.compile("'{2,}")
# Lithuanian forms that are Roman numerals once folded, the Persian word for a company where nothing but a joiner parts
# it from the name, and a Ukrainian form typed in Latin letters.
_TELLING = (
    (re.compile(r"\b([IVSB])Į\b", re.IGNORECASE), " individuali įmonė "),
    (re.compile("\\b(شر[کك]ت)\u200c(?!ها)"), r"\1 "),
    (re.compile(r"\bTOB\b(?=\W*[а-яіїєґ])", re.IGNORECASE), "ТОВ"),
)
# Letters of the Latin alphabet that look like ones of the Cyrillic; the other way round it is the same table.
_LATIN, _CYRILLIC = "aceiopxyABCEHIKMOPTXY", "асеіорхуАВСЕНІКМОРТХУ"
_TO_CYRILLIC, _TO_LATIN = str.maketrans(_LATIN, _CYRILLIC), str.maketrans(_CYRILLIC, _LATIN)
_MIXED = re.compile(r"(?=\w*[a-zA-Z])(?=\w*[а-яА-ЯіІїЇєЄґҐ])\w+")


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of a name as one tradition reads them: with vowels, and their consonants alone."""

    sounds: tuple[str, ...]
    skeletons: tuple[str, ...]

    @property
    def whole(self) -> str:
        return "".join(self.skeletons)


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart.

    `words` are Latin; `core` is those that are not shared by half of all companies (all, where there are no others).
    `heard` and `core_heard` are what each way of reading makes of them: one or two.
    """

    words: tuple[str, ...]
    core: tuple[str, ...]
    heard: tuple[Heard, ...]
    core_heard: tuple[Heard, ...]
    has_vowels: bool

    @property
    def key(self) -> str:
        return " ".join(self.words)


@lru_cache(maxsize=8192)
def name_of(text: str) -> Name:
    """Take a name apart; never fails, and a name of no letters has no words."""
    own = _own_words(text)
    core = [word for word in own if word not in common_words()] or own
    return Name(
        words=tuple(_latin(word) for word in own),
        core=tuple(_latin(word) for word in core),
        heard=_heard(own),
        core_heard=_heard(core),
        has_vowels=not any(writes_no_vowels(word) for word in core),
    )


def name_key(text: str) -> str:
    """The name in Latin letters without its legal form: equal for `Kaskáda, s. r. o.` and `KASKADA a.s.`.

    A firm called "AB" stays "ab". The key of a key is itself.
    """
    return name_of(text).key


def skeletons(text: str) -> frozenset[str]:
    """How the name sounds, run together, once for each way of reading it: `Сонячний` and `Soniachnyi` share one."""
    return frozenset(heard.whole for heard in name_of(text).heard) - {""}


def _own_words(text: str) -> list[str]:
    """The folded words of the name proper, in its own script."""
    text = _MIXED.sub(_in_one_script, unicodedata.normalize("NFC", text[:MOST_LETTERS]))
    for told_by, spelled_out in _TELLING:
        text = told_by.sub(spelled_out, text)
    folded = fold(_APOSTROPHES.sub("", _QUOTES.sub(" ", fold(text))))
    words = [word for word in _WORD.findall(folded) if _latin(word)]
    stripped = strip_forms(words)
    # A form may show only once it is transliterated.
    as_latin = strip_forms([_latin(word) for word in stripped])
    if len(as_latin) == len(stripped):
        return stripped
    return strip_forms(as_latin)


def _in_one_script(mixed: re.Match[str]) -> str:
    """A word typed in two alphabets, by mistake or to pass for another one, in the one that all of it has."""
    for table in (_TO_CYRILLIC, _TO_LATIN):
        word = mixed[0].translate(table)
        if not _MIXED.fullmatch(word):
            return word
    return mixed[0]


def _latin(word: str) -> str:
    return to_latin(word) or word


def _heard(words: list[str]) -> tuple[Heard, ...]:
    # English, then Slavic; mostly they agree.
    both = dict.fromkeys(zip(*(readings(word) for word in words), strict=True)) if words else {}
    return tuple(Heard(sounds, tuple(skeleton(sound) for sound in sounds)) for sounds in both)
