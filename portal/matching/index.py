"""The keys in the database: written anew for a record, and asked for the records that share some of them.

The session serves the system.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.deals.lifecycle import State
from portal.deals.models import Deal
from portal.matching import facts
from portal.matching.keys import RULES, STRONG, KeyKind, keys_of
from portal.matching.models import RULES_KIND, SOUGHT, MatchKey
from portal.matching.scoring import Facts
from portal.organisations.models import Organisation

# Of a key that says something, the newest so many records; one of the others that more have says nothing.
MOST_STRONG, MOST_WEAK = 100, 40
# So many of those who share most are looked at closely.
MOST_CANDIDATES = 150
BATCH = 500
_WEIGHTS = {
    KeyKind.NUMBER: 8,
    KeyKind.DOMAIN: 8,
    KeyKind.NAME: 6,
    KeyKind.SOUND: 5,
    KeyKind.WORD: 2,
    KeyKind.EDGE: 1,
}

_Owner = InstrumentedAttribute[int | None]


@dataclass(frozen=True, slots=True)
class Candidates:
    deal_ids: tuple[int, ...]
    organisation_ids: tuple[int, ...]


def write_deals(session: Session, known: Mapping[int, Facts]) -> None:
    """Write the keys of these registrations anew."""
    _write(session, MatchKey.deal_id, known)


def write_organisations(session: Session, known: Mapping[int, Facts]) -> None:
    _write(session, MatchKey.organisation_id, known)


def _write(session: Session, owner: _Owner, known: Mapping[int, Facts]) -> None:
    session.execute(sa.delete(MatchKey).where(owner.in_(list(known)), MatchKey.kind != SOUGHT))
    rows = [
        {"kind": kind.value, "value": value, owner.key: id}
        for id, about in known.items()
        for kind, value in sorted(keys_of(about))
    ]
    if rows:
        session.execute(sa.insert(MatchKey), rows)


def note_sought(session: Session, deal_id: int) -> None:
    """Say, once, that matches of a registration were looked for."""
    if session.scalar(sa.select(MatchKey.id).where(MatchKey.deal_id == deal_id, MatchKey.kind == SOUGHT)) is None:
        session.add(MatchKey(kind=SOUGHT, value="", deal_id=deal_id))


def catch_up(session: Session) -> int:
    """Write the keys of organisations that are newer than any that has some, however they came; returns how many."""
    last = session.scalar(sa.select(sa.func.max(MatchKey.organisation_id))) or 0
    return _index(session, Organisation.id, last, _organisations)


def reindex(session: Session) -> int:
    """Write the keys of every organisation and every submitted registration anew; returns how many records."""
    session.execute(sa.delete(MatchKey).where(MatchKey.kind != SOUGHT))
    return catch_up(session) + _index(session, Deal.id, 0, _deals, Deal.state != State.DRAFT)


def is_fresh(session: Session) -> bool:
    """Whether all keys are written by the rules of today."""
    kept = sa.select(MatchKey.id).where(MatchKey.kind == RULES_KIND, MatchKey.value == str(RULES))
    return session.scalar(kept) is not None


def freshen(session: Session, is_deals: bool, last: int) -> int | None:
    """Write the keys of the next few registrations, or organisations, after this id anew; the id of the last one, None
    where there are no more."""
    id, write = (Deal.id, _deals) if is_deals else (Organisation.id, _organisations)
    some = sa.select(id).where(id > last).order_by(id).limit(BATCH)
    ids = session.scalars(some.where(Deal.state != State.DRAFT) if is_deals else some).all()
    write(session, ids)
    return ids[-1] if ids else None


def note_rules(session: Session) -> None:
    """Say that all keys are written by the rules of today."""
    session.execute(sa.delete(MatchKey).where(MatchKey.kind == RULES_KIND))
    session.add(MatchKey(kind=RULES_KIND, value=str(RULES)))


def _organisations(session: Session, ids: Iterable[int]) -> None:
    write_organisations(session, facts.of_organisations(session, ids))


def _deals(session: Session, ids: Iterable[int]) -> None:
    write_deals(session, facts.of_deals(session, ids))


def _index(
    session: Session,
    id: Any,
    last: int,
    write: Callable[[Session, Iterable[int]], None],
    *where: sa.ColumnElement[bool],
) -> int:
    count = 0
    while ids := session.scalars(sa.select(id).where(id > last, *where).order_by(id).limit(BATCH)).all():
        write(session, ids)
        last, count = ids[-1], count + len(ids)
    return count


def candidates(session: Session, about: Facts, *, but_deal: int = 0) -> Candidates:
    """Who shares keys with these facts, those who share most first; one statement, whatever the number of records."""
    found = session.execute(_sharing(sorted(keys_of(about)))).all() if keys_of(about) else []
    holders = Counter((row.kind, row.value) for row in found)
    weights: Counter[tuple[int, int]] = Counter()
    for row in found:
        kind = KeyKind(row.kind)
        is_common = kind not in STRONG and holders[row.kind, row.value] > MOST_WEAK
        if not is_common and (row.deal_id is None or row.deal_id != but_deal):
            weights[row.deal_id or 0, row.organisation_id or 0] += _WEIGHTS[kind]
    best = sorted(weights, key=lambda one: (-weights[one], -one[0], -one[1]))[:MOST_CANDIDATES]
    return Candidates(tuple(deal for deal, _ in best if deal), tuple(firm for _, firm in best if firm))


def _sharing(keys: list[tuple[KeyKind, str]]) -> sa.CompoundSelect[Any]:
    parts = []
    for kind, value in keys:
        newest = (
            sa.select(MatchKey.kind, MatchKey.value, MatchKey.deal_id, MatchKey.organisation_id)
            .where(MatchKey.kind == kind.value, MatchKey.value == value)
            .order_by(MatchKey.id.desc())
            .limit(MOST_STRONG if kind in STRONG else MOST_WEAK + 1)
        )
        # SQLite takes a limit inside a union only from a subquery.
        parts.append(sa.select(newest.subquery()))
    return sa.union_all(*parts)
