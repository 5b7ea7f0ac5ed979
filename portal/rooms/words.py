"""What is told of sharing, by kind of record, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import Markup

# With the name of who shares it, that and their company, and without either.
SENTENCES: Mapping[str, tuple[Any, Any, Any]] = {
    "ticket": (
        _l("%(actor)s shares a ticket with you"),
        _l("%(actor)s (%(company)s) shares a ticket with you"),
        _l("A ticket is shared with you"),
    ),
    "deal": (
        _l("%(actor)s shares a deal registration with you"),
        _l("%(actor)s (%(company)s) shares a deal registration with you"),
        _l("A deal registration is shared with you"),
    ),
}


def shared_sentence(kind: str, sharer: str, company: str = "") -> str:
    """As plain text."""
    named, at_company, unnamed = SENTENCES[kind]
    if not sharer:
        return str(unnamed)
    return str(at_company if company else named) % {"actor": sharer, "company": company}


def shared_sentence_html(kind: str, sharer: str, company: str = "") -> Markup:
    """The same with the names isolated from the direction around them."""
    named, at_company, unnamed = SENTENCES[kind]
    parts = {"actor": Markup("<bdi>{}</bdi>").format(sharer), "company": Markup("<bdi>{}</bdi>").format(company)}
    # The sentence is ours or a translator's; what people wrote is escaped as it goes in.
    return Markup(unnamed if not sharer else at_company if company else named) % parts  # noqa: S704  # as said above
