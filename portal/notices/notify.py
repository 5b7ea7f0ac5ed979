"""Telling people: one row for each person and event, and the mail that is promised with it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from portal.access.scope import unscoped
from portal.accounts.models import Person
from portal.database import new_ref
from portal.extensions import db
from portal.jobs.outbox import enqueue_all, insert_new
from portal.notices.kinds import NOTICE_KINDS
from portal.notices.models import Notice

_person = Person.__table__.c


def notify(
    person_ids: Iterable[int | None],
    *,
    kind: str,
    event: str,
    at: datetime,
    actor_id: int | None = None,
    ticket_id: int | None = None,
    message_id: int | None = None,
    deal_id: int | None = None,
    order_id: int | None = None,
    by_mail: bool = True,
    **params: Any,
) -> int:
    """Tell these people, in the current transaction; returns how many had not been told of this event.

    `event` names what happened, once and for all (`message:17`): who was told of it is not told again. Nobody is told
    of what they did themselves. A ticket and a message that are named decide who can ever read the notice: name
    both for whatever is about a message. Without `by_mail` the bell alone rings.
    """
    if kind not in NOTICE_KINDS:
        raise ValueError(f"there is no kind of notice called {kind}")
    people = sorted({person_id for person_id in person_ids if person_id is not None} - {actor_id})
    if not people:
        return 0
    session = db.session()
    session.flush()
    common = {
        "event": event,
        "kind": kind,
        "params": params,
        "actor_id": actor_id,
        "ticket_id": ticket_id,
        "message_id": message_id,
        "deal_id": deal_id,
        "order_id": order_id,
        "created_at": at,
    }
    rows = [{**common, "ref": new_ref(Notice.ref_prefix), "person_id": person_id} for person_id in people]
    told = insert_new(session, Notice, rows, unless=("person_id", "event"))
    if by_mail:
        _promise_mail(kind, {notice.person_id: notice.ref for notice in told})
    return len(told)


def _promise_mail(kind: str, refs: dict[int, str]) -> None:
    if not refs:
        return
    with unscoped("who wants mail"):
        people = db.session.connection().execute(
            sa.select(_person.id, _person.mail_choices).where(
                _person.id.in_(sorted(refs)), _person.disabled_at.is_(None)
            )
        )
        wanting = [refs[id_] for id_, choices in people if (choices or {}).get(kind, True)]
    enqueue_all("mail.notice", [(f"mail.notice:{ref}", {"notice": ref}) for ref in wanting])
