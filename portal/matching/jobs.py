"""Matching as a job: after a registration is handed in, and after an organisation or a direct sale has changed."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.deals.lifecycle import State
from portal.deals.models import Deal
from portal.extensions import db
from portal.jobs.outbox import Params, enqueue, job
from portal.matching import facts, index, matching
from portal.matching.scoring import Facts


@job("deal.match")
def match_deal(params: Params, at: datetime) -> None:
    """Params: deal (a reference)."""
    session = db.session()
    deal_id = session.scalar(sa.select(Deal.id).where(Deal.ref == params["deal"])) or 0
    known = facts.of_deals(session, [deal_id])
    if deal_id not in known:
        return
    index.catch_up(session)
    index.write_deals(session, known)
    # Two that are handed in together must not miss each other: whoever asks second finds the first one's keys.
    session.commit()
    _match(session, deal_id, known[deal_id], at)


@job("organisation.match")
def match_organisation(params: Params, at: datetime) -> None:
    """Params: organisation_id."""
    session, organisation_id = db.session(), params["organisation_id"]
    index.catch_up(session)
    index.write_organisations(session, facts.of_organisations(session, [organisation_id]))
    session.commit()
    matching.keep_of_organisation(session, organisation_id, at)


@job("match.freshen")
def freshen(params: Params, at: datetime) -> None:
    """Once a day: where the rules of matching have changed, write all keys by the new ones, a few at a time, so that
    nobody waits for it. Params: none, or is_deals and last (an id), as far as it has come."""
    session = db.session()
    if not params and index.is_fresh(session):
        return
    is_deals = params.get("is_deals", False)
    last = index.freshen(session, is_deals, params.get("last", 0))
    if last is not None:
        enqueue("match.freshen", is_deals=is_deals, last=last)
    elif not is_deals:
        enqueue("match.freshen", is_deals=True, last=0)
    else:
        index.note_rules(session)


def match_all(session: Session, at: datetime) -> int:
    """Index and match everything anew, as after seeding or importing; returns how many registrations."""
    index.reindex(session)
    index.note_rules(session)
    ids = session.scalars(sa.select(Deal.id).where(Deal.state != State.DRAFT).order_by(Deal.id)).all()
    for start in range(0, len(ids), index.BATCH):
        for deal_id, known in facts.of_deals(session, ids[start : start + index.BATCH]).items():
            _match(session, deal_id, known, at)
    return len(ids)


def _match(session: Session, deal_id: int, known: Facts, at: datetime) -> None:
    matching.keep_of_deal(session, deal_id, matching.find(session, known, but_deal=deal_id), at)
    index.note_sought(session, deal_id)
