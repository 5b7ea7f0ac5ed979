"""Who reads and sets what was agreed with partners."""

from typing import Any

import sqlalchemy as sa

from portal.access import Action, Capacity, FieldGroup, Noun, Principal
from portal.access.scope import Change, Condition, register
from portal.partners.models import Absence, Target, TierTerms


def _terms_read(who: Principal) -> Condition:
    return sa.true() if who.reach(Noun.DEALS) else sa.false()


def _targets_read(who: Principal) -> Condition:
    if who.is_staff:
        return sa.true() if who.sees(FieldGroup.PARTNER_TERMS) else sa.false()
    if who.capacity == Capacity.PARTNER and who.reach(Noun.DEALS):
        return Target.organisation_id == who.organisation_id
    return sa.false()


def _manages(who: Principal, record: Any, change: Change) -> bool:
    return who.may(Action.PARTNER_TERMS_MANAGE)


def _absences_read(who: Principal) -> Condition:
    return sa.true() if who.is_staff else sa.false()


def _absence_writes(who: Principal, absence: Absence, change: Change) -> bool:
    """One's own alone."""
    return who.may(Action.DEAL_DECIDE) and absence.person_id == who.person_id


register(TierTerms, reads=_terms_read, writes=_manages)
register(Target, reads=_targets_read, writes=_manages)
register(Absence, reads=_absences_read, writes=_absence_writes)
