"""Full-text search: the tickets in which something that the reader may read holds every word that they ask for."""

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY

from portal.access import Principal
from portal.organisations.models import Share
from portal.text import sought_words
from portal.tickets.messages import SearchEntry, capacity_token
from portal.tickets.models import Ticket

LONGEST_QUESTION = 200
MOST_WORDS = 8
# The newest matches within reach; whoever is after an older one adds a word.
MOST_MATCHES = 2000

_REFERENCE = r"\s*%s\s*([-‐-―−]|\s)?\s*((?:[0-9A-Z]\s*){8})"
# What Crockford's alphabet leaves out is read as what it looks like.
_LOOK_ALIKES = str.maketrans("OIL", "011")

# No model: the index has no rows of its own, and is only ever asked together with the entries, which are narrowed.
_fts = sa.table("search_entry_fts", sa.column("rowid", sa.Integer), sa.column("search_entry_fts", sa.Text))


def asked_words(question: str, prefix: str = Ticket.ref_prefix) -> list[str]:
    """The words to look for, each the beginning of one; a reference with this prefix in any spelling is one word."""
    if code := _code(question, prefix):
        return [code]
    return list(dict.fromkeys(sought_words(question[:LONGEST_QUESTION])))[:MOST_WORDS]


def _code(question: str, prefix: str) -> str:
    """What follows `T-` where somebody pastes a reference; words such as "telephone" are none."""
    match = re.fullmatch(_REFERENCE % prefix, question.strip()[:40], re.IGNORECASE)
    if match is None:
        return ""
    code = "".join(match[2].split()).upper()
    is_marked = match[1] is not None or any(letter.isdigit() for letter in code)
    return code.translate(_LOOK_ALIKES).casefold() if is_marked else ""


def matches(dialect: str, who: Principal, question: str, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any] | None:
    """Ids of the tickets that match and fulfil the conditions; None when there is no word to look for.

    Whoever reaches the tickets of one company alone is narrowed to them in the index itself already.
    """
    words = asked_words(question)
    if not words:
        return None
    if who.is_staff or who.acting is None:
        return _newest(dialect, words, conditions)
    token = capacity_token(who.acting.organisation_id, who.acting.capacity)
    found = _newest(dialect, words, conditions, token)
    if not who.has_shares:
        return found
    to_us = sa.select(Share.record_id).where(
        Share.record_kind == "ticket", Share.organisation_id == who.acting.organisation_id
    )
    shared = SearchEntry.ticket_id.in_(to_us)
    elsewhere = _newest(dialect, words, (*conditions, shared))
    both = sa.union_all(sa.select(found.subquery()), sa.select(elsewhere.subquery())).subquery()
    return sa.select(both.c.ticket_id)


def _newest(
    dialect: str, words: list[str], conditions: tuple[sa.ColumnElement[bool], ...], token: str = ""
) -> sa.Select[Any]:
    statement = sa.select(SearchEntry.ticket_id).where(SearchEntry.ticket_id.is_not(None))
    if conditions:
        statement = statement.join(Ticket, Ticket.id == SearchEntry.ticket_id).where(*conditions)
    return newest(statement, dialect, words, token)


def newest(statement: sa.Select[Any], dialect: str, words: list[str], token: str = "") -> sa.Select[Any]:
    """The entries of the statement that hold all these words, and the token where one is given, the newest first."""
    if dialect == "sqlite":
        # Whatever FTS5 could take for an operator is inside the quotation marks.
        query = "words : (" + " AND ".join(f'"{word}" *' for word in words) + ")"
        query = f'tokens : "{token}" AND {query}' if token else query
        statement = statement.join(_fts, _fts.c.rowid == SearchEntry.id)
        statement = statement.where(_fts.c.search_entry_fts.bool_op("MATCH")(query)).order_by(_fts.c.rowid.desc())
    else:
        lexemes = [f"'{token}'"] if token else []
        query = " & ".join([*lexemes, *(f"'{word}':*" for word in words)])
        # Written out (it is letters and digits), since a plan made for any question would be a bad one for most.
        asked = sa.literal(query, sa.Text, literal_execute=True)
        vector = sa.func.search_vector(SearchEntry.tokens, SearchEntry.words)
        statement = statement.where(vector.bool_op("@@")(sa.cast(asked, TSQUERY)))
        statement = statement.order_by(SearchEntry.id.desc())
    return statement.limit(sa.literal(MOST_MATCHES, literal_execute=True))
