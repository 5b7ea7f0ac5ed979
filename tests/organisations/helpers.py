"""What the tests of this room make and look at."""

import html
from datetime import date, datetime, timedelta
from typing import Any

from portal.access import Capacity
from portal.clock import now
from portal.organisations.models import (
    ActivityOrganisation,
    Channel,
    Organisation,
    OrganisationFinance,
    PartnerLink,
    record_activity,
)
from tests.world import World


def text(answer: Any) -> str:
    """The page with its entities read, as a person reads it."""
    return html.unescape(answer.get_data(as_text=True))


def enrich(world: World, key: str) -> str:
    """Give an organisation a value in every field group, each unmistakable; returns its reference."""
    organisation_id = world.organisation(key).id
    with world.session() as session:
        organisation = session.get_one(Organisation, organisation_id)
        organisation.phone, organisation.address = "+420 555 0101", "Secret Lane 7"
        organisation.phase, organisation.segment, organisation.abc_class = "leaving", "segment-umbra", "A"
        organisation.partner_tier = "gold"
        session.add(
            OrganisationFinance(
                organisation_id=organisation.id, currency="EUR", credit_limit=7_654_300, payment_days=47
            )
        )
        session.commit()
        return organisation.ref


def many_organisations(world: World, number: int, *, capacity: Capacity = Capacity.CUSTOMER) -> None:
    with world.session() as session:
        for place in range(number):
            organisation = Organisation(name=f"Firm {place:04}", country="PL", created_at=now())
            organisation.capacities = frozenset({capacity})
            session.add(organisation)
        session.commit()


def contact(
    world: World,
    key: str,
    subject: str,
    *,
    shared: bool = False,
    capacity: Capacity | None = Capacity.CUSTOMER,
    at: datetime | None = None,
    channel: Channel = Channel.PHONE,
    actor: str = "agent",
    **params: Any,
) -> None:
    """A contact that somebody wrote down."""
    organisation = world.organisation(key)
    actor_id = world.person_id(actor)
    with world.session() as session:
        session.add(
            record_activity(
                "contact",
                at=at or now(),
                actor_id=actor_id,
                concerns={organisation.id: capacity},
                readers=frozenset({organisation.id}) if shared else frozenset(),
                channel=channel,
                subject=subject,
                note=params.pop("note", ""),
                **params,
            )
        )
        session.commit()


def link_of(world: World, partner: str, customer: str, *, active: bool = True) -> str:
    """The reference of the link between the two that stands, or stood."""
    partner_id, customer_id = world.organisation(partner).id, world.organisation(customer).id
    with world.session() as session:
        links = session.query(PartnerLink).filter_by(partner_id=partner_id, customer_id=customer_id)
        return next(link.ref for link in links if (link.ends_on is None or now().date() < link.ends_on) == active)


def events(world: World, key: str) -> list[str]:
    """The kinds in the history of an organisation, in the order in which they were written."""
    with world.session() as session:
        rows = session.query(ActivityOrganisation.kind).filter_by(organisation_id=world.organisation(key).id)
        return [row.kind for row in rows.order_by(ActivityOrganisation.id)]


def yesterday() -> date:
    return (now() - timedelta(days=1)).date()
