"""Telling people: one row for each person and event, and the mail that is promised with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
# As many as go into one statement on every database.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told of one event, and what of it; see `notify`."""

    people: Iterable[int | None]
    event: str
    params: Mapping[str, Any] = field(default_factory=dict)
    ticket_id: int | None = None
    message_id: int | None = None
    deal_id: int | None = None
    order_id: int | None = None
    rfq_invitation_id: int | None = None


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
    rfq_invitation_id: int | None = None,
    by_mail: bool = True,
    **params: Any,
) -> int:
    """Tell these people, in the current transaction; returns how many had not been told of this event.

    `event` names what happened, once and for all (`message:17`): who was told of it is not told again. Nobody is told
    of what they did themselves. A ticket and a message that are named decide who can ever read the notice: name
    both for whatever is about a message. Without `by_mail` the bell alone rings.
    """
    telling = Telling(person_ids, event, params, ticket_id, message_id, deal_id, order_id, rfq_invitation_id)
    return notify_all(kind, [telling], at=at, actor_id=actor_id, by_mail=by_mail)


def notify_all(
    kind: str, tellings: Iterable[Telling], *, at: datetime, actor_id: int | None = None, by_mail: bool = True
) -> int:
    """The same for many events of one kind, in few statements."""
    if kind not in NOTICE_KINDS:
        raise ValueError(f"there is no kind of notice called {kind}")
    rows = [row for telling in tellings for row in _rows(kind, telling, actor_id, at)]
    if not rows:
        return 0
    session, told = db.session(), 0
    session.flush()
    for start in range(0, len(rows), _AT_ONCE):
        new = insert_new(session, Notice, rows[start : start + _AT_ONCE], unless=("person_id", "event"))
        if by_mail:
            _promise_mail(kind, [(notice.person_id, notice.ref) for notice in new])
        told += len(new)
    return told


def _rows(kind: str, telling: Telling, actor_id: int | None, at: datetime) -> list[dict[str, Any]]:
    people = sorted({person_id for person_id in telling.people if person_id is not None} - {actor_id})
    return [
        {
            "ref": new_ref(Notice.ref_prefix),
            "person_id": person_id,
            "event": telling.event,
            "kind": kind,
            "params": telling.params,
            "actor_id": actor_id,
            "ticket_id": telling.ticket_id,
            "message_id": telling.message_id,
            "deal_id": telling.deal_id,
            "order_id": telling.order_id,
            "rfq_invitation_id": telling.rfq_invitation_id,
            "created_at": at,
        }
        for person_id in people
    ]


def _promise_mail(kind: str, told: list[tuple[int, str]]) -> None:
    if not told:
        return
    with unscoped("who wants mail"):
        people = db.session.connection().execute(
            sa.select(_person.id, _person.mail_choices).where(
                _person.id.in_(sorted({person_id for person_id, _ref in told})), _person.disabled_at.is_(None)
            )
        )
        wanting = {id_ for id_, choices in people if (choices or {}).get(kind, True)}
    wanted = [ref for person_id, ref in told if person_id in wanting]
    enqueue_all("mail.notice", [(f"mail.notice:{ref}", {"notice": ref}) for ref in wanted])
