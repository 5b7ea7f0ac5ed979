"""For whom a registration is written: the partner, and the person there who is its author."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.accounts.models import Membership, Person
from portal.organisations.listing import named
from portal.organisations.models import Organisation

MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Party:
    """Whose registration it is: a partner, and the person there who is its author."""

    organisation_id: int
    organisation_ref: str
    name: str
    author_id: int
    author_ref: str
    author_name: str


def own_party(who: Principal) -> Party:
    acting = who.acting
    assert acting is not None
    assert who.person_id is not None
    return Party(
        acting.organisation_id,
        acting.organisation_ref,
        acting.organisation_name,
        who.person_id,
        who.person_ref,
        who.name,
    )


def find_partners(session: Session, words: str) -> list[Any]:
    """Partners within reach whose name has these words, or with this reference."""
    found = (
        sa.select(Organisation.ref, Organisation.name, Organisation.country)
        .where(Organisation.is_partner, named(words))
        .order_by(Organisation.name_key, Organisation.id)
        .limit(MOST_FOUND)
    )
    return list(session.execute(found))


def people_who_register(organisation_id: int) -> sa.Select[int, str, str, str]:
    """The people of a partner who register deals for it, by name."""
    return (
        sa.select(Person.id, Person.ref, Person.name, Membership.level)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.is_partner,
            Membership.in_deals,
            Membership.ended_at.is_(None),
            Person.disabled_at.is_(None),
            Person.is_staff.is_(False),
        )
        .order_by(Person.name_key, Person.id)
    )


def party_of(session: Session, organisation: Organisation, person_ref: str) -> Party | None:
    """For staff: that person as the author; None where they register nothing for this partner."""
    found = session.execute(people_who_register(organisation.id).where(Person.ref == person_ref)).first()
    if found is None or not organisation.is_partner:
        return None
    return Party(organisation.id, organisation.ref, organisation.name, found.id, found.ref, found.name)
