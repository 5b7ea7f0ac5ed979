"""Which countries lie beside each other, and what is spoken there."""

from functools import lru_cache

from babel.languages import get_official_languages

# Common land borders in Europe and around Iran, each once, by ISO 3166-1; Ireland and Iceland, Malta and Cyprus have
# at most one. Sea is no obstacle where a bridge or a tunnel crosses it: Denmark and Sweden, Britain and France.
_BORDERS = """
AD:ES FR; AL:GR ME MK XK; AM:AZ GE IR TR; AT:CH CZ DE HU IT LI SI SK; AZ:GE IR TR; BA:HR ME RS; BE:DE FR LU NL;
BG:GR MK RO RS TR; BY:LT LV PL RU UA; CH:DE FR IT LI; CZ:DE PL SK; DE:DK FR LU NL PL; DK:SE; EE:LV RU; ES:FR PT;
FI:NO RU SE; FR:GB IT LU MC; GB:IE; GE:TR; GR:MK TR; HR:HU ME RS SI; HU:RO RS SI SK UA; IQ:IR TR; IR:AF PK TM TR;
IT:SI SM VA; LT:LV PL RU; LV:RU; MD:RO UA; ME:RS XK; MK:RS XK; NO:RU SE; PL:RU SK UA; RO:RS UA; RS:XK; RU:UA; SK:UA
"""


def _pairs() -> frozenset[frozenset[str]]:
    sides = (border.strip().split(":") for border in _BORDERS.split(";"))
    return frozenset(frozenset({one, other}) for one, others in sides for other in others.split())


_NEIGHBOURS = _pairs()


def are_neighbours(one: str, other: str) -> bool:
    return frozenset({one, other}) in _NEIGHBOURS


@lru_cache(maxsize=512)
def speaks_language_of(language: str, country: str) -> bool:
    """Whether the language is official in the country, there as a whole or in a part of it."""
    return bool(language and country) and language in get_official_languages(country, regional=True, de_facto=True)
