"""What matching found, told in the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.languages import list_text, voice
from portal.matching.domains import in_own_script
from portal.matching.reading import Candidate, Other
from portal.matching.scoring import SURE, Country, Reason, ReasonKind
from portal.products.models import in_language
from portal.text import isolate

OTHERS: Mapping[Other, Any] = {
    Other.DEAL: _l("Another registration"),
    Other.ORGANISATION: _l("An organisation that we know"),
    Other.DIRECT_SALE: _l("A direct sale of ours"),
}

# From which score on, in words and with the tone of a badge.
_LIKELIHOOD = (
    (SURE, _l("Almost certainly the same customer"), "danger"),
    (70, _l("Probably the same customer"), "waiting"),
    (0, _l("Perhaps the same customer"), "neutral"),
)

_SENTENCES: Mapping[ReasonKind, Any] = {
    ReasonKind.DOMAIN_LABEL: _l("Their web domains are almost the same."),
    ReasonKind.REGISTRATION: _l("They have the same registration number."),
    ReasonKind.TAX: _l("They have the same tax number."),
    ReasonKind.NUMBER_ABROAD: _l("They have the same number, but in registers of different countries."),
    ReasonKind.NAME: _l("They have the same name, whatever the legal form."),
    ReasonKind.NAME_SOUND: _l("Their names sound the same."),
    ReasonKind.NAME_CORE: _l("Their names differ only in words that many companies use."),
    ReasonKind.NAME_LIKE: _l("Their names are almost the same."),
    ReasonKind.NAME_PART: _l("One name is a part of the other."),
    ReasonKind.OTHER_REGISTRATION: _l("Their registration numbers differ, though they are in one country."),
}


def likelihood(score: int) -> tuple[Any, str]:
    """Label and tone of a score."""
    return next((label, tone) for least, label, tone in _LIKELIHOOD if score >= least)


def sentences(candidate: Candidate) -> list[str]:
    """The reasons, the strongest first, and last what speaks against it."""
    told = [_sentence(reason, candidate) for reason in candidate.reasons if reason.strength >= 0]
    if any(reason.params.get("country") == Country.OTHER for reason in candidate.reasons):
        told.append(_("They are in different countries, which makes it less likely."))
    return told + [_sentence(reason, candidate) for reason in candidate.reasons if reason.strength < 0]


def _sentence(reason: Reason, candidate: Candidate) -> str:
    tell = _WITH_PARTS.get(reason.kind)
    return tell(reason, candidate) if tell else str(_SENTENCES[reason.kind])


def _domain(reason: Reason, candidate: Candidate) -> str:
    domain = isolate(in_own_script(reason.params["domain"]))
    return str(_("They use the same web domain: %(domain)s", domain=domain))


def _products(reason: Reason, candidate: Candidate) -> str:
    language = voice().language
    names: Sequence[str] = [isolate(in_language(row.names, language) or row.code) for row in candidate.products]
    return str(_("Products in both: %(products)s", products=list_text(names)))


_WITH_PARTS: Mapping[ReasonKind, Callable[[Reason, Candidate], str]] = {
    ReasonKind.DOMAIN: _domain,
    ReasonKind.PRODUCTS: _products,
}
