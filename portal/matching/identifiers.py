"""Registration and tax numbers as people type them, made comparable."""

import re
from functools import lru_cache

from portal.matching.latin import to_latin
from portal.text import fold

# VAT prefixes are country codes, but for Greece and Northern Ireland (Council Directive 2006/112/EC, article 215).
_PREFIX_COUNTRY = {"EL": "GR", "XI": "GB"}
_CODES = """AT BE BG CY CZ DE DK EE EL ES FI FR GB GR HR HU IE IR IS IT LI LT LU LV MD ME MK MT NL NO PL PT RO RS SE SI
SK TR UA US XI CH GE AM AZ KZ"""
_COUNTRIES = frozenset(_CODES.split())
# What people write before the number itself.
_LABEL = re.compile(
    r"^(ico?|dic|vat|vatin|tin|taxid|nip|regon|krs|edrpou|iedrpou|ipn|inn|kod|pvm|pvmkodas|imk|imoneskodas|crn|reg|no|nr|number|shnshmly|shmrhthbt)+"
    r"(?=[a-z]{0,2}\d)"
)
_NOTHING = re.compile(r"(.)\1*")
_LEAST, _MOST = 5, 32


@lru_cache(maxsize=8192)
def normal_number(text: str) -> str:
    """Letters and digits alone, upper case, ASCII digits, leading zeros kept: `IČO: 001 23 456` is `00123456`.

    "" for what identifies nobody: too short, or one character over and over.
    """
    letters = "".join(to_latin(word) for word in fold(text[: 4 * _MOST]).split())
    number = _LABEL.sub("", letters).upper()[:_MOST]
    if len(number) < _LEAST or _NOTHING.fullmatch(number) or not any(c.isdigit() for c in number):
        return ""
    return number


def country_of(number: str) -> str:
    """The country that a normal number names at its beginning (ISO 3166-1 alpha-2), or ""."""
    prefix = number[:2]
    if prefix not in _COUNTRIES or not any(c.isdigit() for c in number[2:5]):
        return ""
    return _PREFIX_COUNTRY.get(prefix, prefix)


def bare_number(text: str) -> str:
    """The normal number without the prefix of a country, for comparing: `12345678` of `CZ 123 456 78`."""
    number = normal_number(text)
    bare = number[2:] if country_of(number) else number
    return bare if len(bare) >= _LEAST and not _NOTHING.fullmatch(bare) else ""


def may_be_same(a: str, b: str) -> bool:
    """Whether two typed numbers are one number, as far as the prefixes of countries tell."""
    countries = {country_of(normal_number(a)), country_of(normal_number(b))} - {""}
    return len(countries) < 2 and bare_number(a) == bare_number(b) != ""
