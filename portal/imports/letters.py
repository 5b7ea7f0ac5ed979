"""Which code page a text is in that is not UTF-8: the one whose letters stand together as they do in a language."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

# Pairs of letters, of which one has a mark, that make up 98 % of such pairs in our own translations; - is the edge of
# a word.
_CZECH = """
    -ú -č -ř -ž ač ař aš ať až bí bý bě cí ců dá dé dí dý dě dř dů eč eď eň eř eš ež há hý hů iř iš jí ká ké kó
    ký ků kž lá lé lí lš má mé mí mý mě mů ná né ní ný nč ně oč oň oř oš ož pí pě př pů rá ré rý rč rš rů sá sí
    tá té tí tý tě tř tů uč uš už vá vé ví vý vě vř vš yř yž zá zí zú zů á- ác ád áh áj ák ál ám án ás át áv áz
    ář áš é- éh él ém én és ét í- íc íd íh ík íl ím ín íp ír ís ít ív íz íč íš íž ód úd úp úr úč ý- ýc ým ýs ýt
    ýv ýš č- ča če či čk čl čn čo čt ču čá čí ď- ďt ě- ěc ěd ěh ěj ěk ěl ěm ěn ěr ěs ět ěv ěz ěď ěř ěž ň- ř- řa
    ře ři řá ří š- še ši šl št ší ťt ů- ům ůs ůt ův ůž ž- ža žd že ži žk žn žs žt žá ží
"""
_POLISH = """
    -ś -ż ać ał ań aś aż bę dą dł dź dż eć eł eń eś eż gą gł ią ić ię ił iś iż ją ję kó kę kł kż lą lę mó ną nę
    oł oń oś oż pó pł ró rą só są sę sł tó tą tę uń uż wó wą wę wł yć ył yś yż zą zę zł ób óc ód ók ól ór ót ów
    ół óź óż ą- ąc ąd ąg ąp ąz ąć ął ć- ę- ęc ęd ęk ęp ęt ęz ęś ł- ła łc łe łk łn ło łp łu ły łó łą ń- ńc ńs ś-
    śb śc śl śn śr św ść ź- źn ż- ża żd że żn żo żs ży żą
"""
_LITHUANIAN = """
    -č -į -š -ž ač aš až bą bė bę bū dą dė dų dž eį eš ež gą gė ią ič iė iš iū ių ją jį jū jų ką kė kš lą lė lį
    lų mą mė mū mų ną nč nė nę nį nų pį rą rė rę rį rš rū rų rž są sč sė sų tą tė tę tį tš tū tų uč uš už vė yš
    ą- ąl ąr ąs ąž či ė- ėj ėk ėl ėm ėn ėr ės ėt ę- ęs į- įj įm įr įs įt įv įž š- ša šd ši šj šk šm šo šs št šu
    šv šy šą šč šė šį ūk ūl ūp ūr ūs ūt ų- ųs ž- ža žb žd že ži žk žo žr žs žu žy žė
"""
_LATIN = {
    "windows-1250": (frozenset(_CZECH.split()), frozenset(_POLISH.split())),
    "windows-1257": (frozenset(_LITHUANIAN.split()),),
}
_CYRILLIC = frozenset("абвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэъё")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_ENOUGH = 20_000


def words_of_code_page(pieces: Iterable[bytes]) -> Counter[bytes]:
    """Words with letters beyond ASCII, and how often they come."""
    found: Counter[bytes] = Counter()
    for piece in pieces:
        found.update(_WORD.findall(piece))
        if len(found) > _ENOUGH:
            break
    return found


def code_page_of(words: Counter[bytes]) -> str:
    """The likeliest of the three, from words with letters beyond ASCII."""
    scores = {page: max(_score_of_latin(words, page, pairs) for pairs in known) for page, known in _LATIN.items()}
    scores["windows-1251"] = _score_of_cyrillic(words)
    return max(scores, key=lambda page: scores[page])


def _score_of_latin(words: Counter[bytes], page: str, known: frozenset[str]) -> float:
    score = 0.0
    for word, count in words.items():
        text = word.decode(page, "replace").lower()
        for pair in pairwise(f"-{text}-"):
            if not "".join(pair).isascii():
                score += count if "".join(pair) in known else -count
    return score


def _score_of_cyrillic(words: Counter[bytes]) -> float:
    """Words are of Cyrillic letters throughout, or of Latin ones."""
    score = 0.0
    for word, count in words.items():
        text = word.decode("windows-1251", "replace").lower()
        for first, second in pairwise(f"-{text}-"):
            if first.isascii() and second.isascii():
                continue
            is_plausible = all(letter in _CYRILLIC or letter == "-" for letter in (first, second))
            score += count if is_plausible else -count
    return score
