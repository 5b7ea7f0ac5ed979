"""Names in Latin letters, whatever script they are written in, and what is left of them when one only listens.

Nobody agrees on how to spell a sound of another language, and Persian writes few of its vowels. So a name is reduced to
a skeleton of consonant classes; a Latin letter that two traditions read differently (c, ch, j) gives two skeletons.
"""

import re

from anyascii import anyascii

_NOT_LETTERS = re.compile("[^a-z0-9]+")
_ARABIC = re.compile("[\u0600-\u06ff]")
# Letters that Persian took from Arabic and pronounces alike (the library transliterates them as Arabic).
_PERSIAN_SOUNDS = str.maketrans(
    {"ث": "s", "ص": "s", "ذ": "z", "ض": "z", "ظ": "z", "ط": "t", "ح": "h", "غ": "g", "ق": "g"}
)
_WAW_CONSONANT = re.compile("^و|(?<=[اوی])و|و(?=[ای])")

_BOTH = {
    "shch": "sc", "sh": "s", "zh": "z", "kh": "g", "gh": "g", "ts": "c", "dzh": "z", "dz": "z", "th": "t",
    "x": "ks", "q": "g", "h": "g", "w": "v",
}  # fmt: skip
# As in Czech, Polish and Lithuanian: c is ts, ch is kh, j is a vowel.
_SLAVIC = _BOTH | {"szcz": "sc", "sz": "s", "cz": "c", "rz": "z", "ch": "g", "j": "y"}
# As in English and in transliterations into it.
_ENGLISH = _BOTH | {
    "tch": "c", "sch": "s", "ch": "c", "ph": "f", "ck": "k", "qu": "kv", "tz": "c", "dj": "z", "j": "z",
    "ce": "se", "ci": "si", "cy": "sy", "c": "k",
}  # fmt: skip


def _sounds(table: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(table, key=len, reverse=True)))


_READINGS = tuple((_sounds(table), table) for table in (_ENGLISH, _SLAVIC))
_SILENT_H = re.compile("(?<=[aeiouy])h$")
_REPEATED = re.compile(r"(.)\1+")
_VOWELS = re.compile("[aeiou]+")


def to_latin(word: str) -> str:
    """A folded word in the letters a–z and digits, run together; empty where nothing of it has a Latin shape."""
    return _NOT_LETTERS.sub("", anyascii(word).lower())


def writes_no_vowels(text: str) -> bool:
    return _ARABIC.search(text) is not None


def readings(word: str) -> tuple[str, str]:
    """How a folded word sounds, as read in English and as read in Czech, Polish or Lithuanian."""
    heard = to_latin(_persian(word)) if writes_no_vowels(word) else _SILENT_H.sub("", to_latin(word))
    if not word.isascii():
        english = _classes(heard, *_READINGS[0])
        return english, english
    return _classes(heard, *_READINGS[0]), _classes(heard, *_READINGS[1])


def skeleton(sound: str) -> str:
    """The consonants of a sound; a word of vowels alone is better than none."""
    return _VOWELS.sub("", sound) or sound


def _classes(heard: str, pattern: re.Pattern[str], table: dict[str, str]) -> str:
    classes = pattern.sub(lambda match: table[match[0]], heard).replace("y", "i")
    return _REPEATED.sub(r"\1", classes)


def _persian(word: str) -> str:
    """Persian as it sounds: the silent w of "khwa" goes, w is a consonant beside long vowels alone, a final h is e."""
    word = _WAW_CONSONANT.sub("v", word.replace("خوا", "خا"))
    word = word.replace("و", "")
    if len(word) > 2:
        word = word.removesuffix("ه")
    return word.translate(_PERSIAN_SOUNDS)
