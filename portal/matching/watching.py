"""Organisations and direct sales that change are matched again, whoever changes them.

What the system adds in bulk is not promised job by job: `index.catch_up` finds new organisations by itself.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import object_session

from portal.jobs.outbox import enqueue
from portal.opportunities.models import Opportunity
from portal.organisations.models import Organisation

_TELLING = frozenset({"name", "domain", "website", "country"})


def _is_by_a_person(record: Any) -> bool:
    session = object_session(record)
    who = session.info.get("principal") if session else None
    return who is not None and not who.is_system


def _organisation_added(mapper: Any, connection: sa.Connection, organisation: Organisation) -> None:
    if _is_by_a_person(organisation):
        _match(organisation.id)


def _organisation_changed(mapper: Any, connection: sa.Connection, organisation: Organisation) -> None:
    state = sa.inspect(organisation)
    if any(state.attrs[name].history.has_changes() for name in _TELLING):
        _match(organisation.id)


def _sale_changed(mapper: Any, connection: sa.Connection, opportunity: Opportunity) -> None:
    if opportunity.deal_id is None and _is_by_a_person(opportunity):
        _match(opportunity.customer_id)


def _match(organisation_id: int) -> None:
    enqueue("organisation.match", organisation_id=organisation_id)


event.listen(Organisation, "after_insert", _organisation_added)
event.listen(Organisation, "after_update", _organisation_changed)
event.listen(Opportunity, "after_insert", _sale_changed)
event.listen(Opportunity, "after_update", _sale_changed)
