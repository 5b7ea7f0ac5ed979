"""Text that people write: cleaned, folded for search, sorted, shortened, and made safe for where it goes."""

import re
import unicodedata
from datetime import datetime
from decimal import Decimal

from portal.commonmark import to_html, to_plain

__all__ = [
    "clean_cell",
    "clean_line",
    "clean_text",
    "csv_safe",
    "excerpt",
    "fold",
    "is_blank",
    "isolate",
    "like_escape",
    "sort_key",
    "sought_words",
    "to_html",
    "to_plain",
    "words_of",
]

# Controls but tab and newline, bidi embeddings, overrides and isolates, lone surrogates, the byte order mark
# and what is no character at all. Direction marks and the joiners stay: Persian is written with them.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
_GAPS = re.compile(r"\s+")
# Letters and a symbol that are drawn as nothing: the fillers of Korean and the empty Braille cell.
_UNDRAWN = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def clean_text(text: str) -> str:
    """Text of several lines without what a keyboard cannot mean, composed (NFC), with `\\n` for line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text))


def clean_line(text: str) -> str:
    """The same for one line: every run of white space is one space, and none at the ends."""
    return _GAPS.sub(" ", clean_text(text)).strip()


def is_blank(text: str) -> bool:
    """Whether nobody would see anything: empty, spaces, joiners, marks and other characters without a shape."""
    return not any(c not in _UNDRAWN and unicodedata.category(c)[0] not in "CZM" for c in text)


def isolate(text: str) -> str:
    """Text for the inside of a plain sentence, kept apart from its direction (Unicode's FSI and PDI)."""
    return f"\u2068{text}\u2069"


# ── Search ────────────────────────────────────────────────────────────────────────────────────────

_SAME_LETTERS = {
    "ł": "l", "đ": "d", "ð": "d", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t",
    "ґ": "г", "ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ہ": "ه", "ھ": "ه", "ٱ": "ا", "ـ": "",
    "’": "'", "‘": "'", "ʼ": "'", "ʹ": "'", "`": "'", "´": "'",
}  # fmt: skip


class _Folding(dict[int, str]):
    """What each character becomes, found out when first met and kept for the scripts that are met often."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if code < 0x3000:
            self[code] = folded
        return folded


def _fold_character(character: str) -> str:
    before, folded = "", character
    while before != folded:
        before = folded
        folded = unicodedata.normalize("NFKD", folded.casefold())
        folded = "".join(_fold_letter(letter) for letter in folded)
    return folded


def _fold_letter(letter: str) -> str:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf", "Cs"):
        return ""
    digit = unicodedata.decimal(letter, None)
    return _SAME_LETTERS.get(letter, letter) if digit is None else str(digit)


_folding = _Folding()


def fold(text: str) -> str:
    """Text as search compares it: no case, marks, joiners or letter variants, ASCII digits, single spaces.

    The same for what is stored and what is asked, and folding twice changes nothing.
    """
    folded = text.casefold() if text.isascii() and "`" not in text else text.translate(_folding)
    return " ".join(folded.split())


_WORD = re.compile(r"[^\W_]+")
# Signs that people mean when they type them ("100%", "error_code"): in the index they are letters of private use, which
# no fold makes and no word holds otherwise.
_SIGNS = str.maketrans({"%": "\ue025", "٪": "\ue025", "_": "\ue05f"})
_SIGN = re.compile(r"[%٪_]")
_SOUGHT = re.compile(r"[\w%٪]+")
_SIGNED = re.compile(r"\w*[%٪_][\w%٪]*")
# A row of signs is a rule or an empty line to fill in: nobody looks for more of it than its beginning.
_MOST_SIGNS = 6
# PostgreSQL indexes no word of more than 2046 bytes; nobody types one of more than this.
_LONGEST_WORD = 60


def words_of(text: str) -> list[str]:
    """The folded words of a text: letters and digits alone, an apostrophe inside a word is no end of it.

    The full-text index holds these and is asked for these, so neither database has anything left to interpret.
    """
    folded = fold(text).replace("'", "")
    words = [word[:_LONGEST_WORD] for word in _WORD.findall(folded)]
    for signed in _SIGNED.findall(folded) if _SIGN.search(folded) else ():
        places = [0, *(match.start() for match in _SIGN.finditer(signed))][: _MOST_SIGNS + 1]
        words += [signed[place:].translate(_SIGNS)[:_LONGEST_WORD] for place in dict.fromkeys(places)]
    return words


def sought_words(question: str) -> list[str]:
    """The words of a question: like those of a text, but one with a sign in it is looked for just as it stands."""
    folded = fold(question).replace("'", "")
    words = (match[0] for match in _SOUGHT.finditer(folded))
    return [word.translate(_SIGNS)[:_LONGEST_WORD] for word in words]


def like_escape(text: str) -> str:
    """Text for the inside of a LIKE pattern with `escape="\\\\"`, where `%` and `_` mean themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# ── Order ─────────────────────────────────────────────────────────────────────────────────────────

# Letters in the order of their alphabets, moved to places that follow one another; Latin ones already do.
_ALPHABETS = (
    (0x0400, "абвгґдеєжзиіїйклмнопрстуфхцчшщъыьэюя"),
    (0x0620, "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"),
)
_PLACES = {letter: chr(start + place) for start, letters in _ALPHABETS for place, letter in enumerate(letters)}
_OWN_LETTERS = frozenset("ґїй")


class _Ordering(dict[int, str]):
    """The place of each character in the order of names; punctuation only separates words."""

    def __missing__(self, code: int) -> str:
        character = chr(code).casefold()
        letters = character if character in _OWN_LETTERS else _folding[code]
        place = "".join(" " if unicodedata.category(x)[0] in "PSZC" else _PLACES.get(x, x) for x in letters)
        if code < 0x3000:
            self[code] = place
        return place


_ordering = _Ordering()


def sort_key(name: str) -> str:
    """A key whose order, byte by byte, is that of names: the same on every database (column collation "C").

    Accents and case only break ties, so the order suits all six languages, none perfectly: č stands with c.
    """
    composed = unicodedata.normalize("NFC", name)
    places = " ".join(composed.translate(_ordering).split())
    return f"{places[:200]}\x1f{clean_line(composed).casefold()[:200]}"


# ── Shortening ────────────────────────────────────────────────────────────────────────────────────


def excerpt(text: str, length: int) -> str:
    """The beginning of a text on one line, at most `length` characters with the ellipsis, cut between words.

    A word that alone is too long is cut, but never inside what a reader sees as one character.
    """
    line = clean_line(text)
    if len(line) <= length:
        return line
    end = length - 1
    space = line.rfind(" ", 0, end + 1)
    if space >= length // 2:
        return line[:space].rstrip(" ,;:–—-") + "…"
    while end > 0 and _joined(line, end):
        end -= 1
    return line[:end].rstrip() + "…"


def _joined(line: str, cut: int) -> bool:
    """Whether the characters on both sides of a cut belong to one grapheme."""
    after, before = line[cut], line[cut - 1]
    if unicodedata.category(after).startswith("M") or after == "\u200d" or before == "\u200d":
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return True
    flags = re.search("[\U0001f1e6-\U0001f1ff]*$", line[:cut])
    return flags is not None and len(flags[0]) % 2 == 1 and "\U0001f1e6" <= after <= "\U0001f1ff"


# ── Spreadsheets ──────────────────────────────────────────────────────────────────────────────────

_FORMULA = re.compile(r"[\s\x00-\x1f]*[=+\-@|%＝＋－＠﹢﹣−]|[\t\r\n]")


def clean_cell(value: object) -> str:
    """A value as text that a cell can hold."""
    return _UNWANTED.sub("", str(value))


def csv_safe(value: object) -> str:
    """A value for a CSV cell that no spreadsheet takes for a formula (OWASP, "CSV injection").

    Numbers and times of our own are left alone; text that begins like a formula gets an apostrophe.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, int | float | Decimal):
        return str(value)
    text = clean_cell(value)
    visible = "".join(letter for letter in text[:64] if unicodedata.category(letter) != "Cf")
    return f"'{text}" if _FORMULA.match(visible) else text
