"""Requests for quotation of the sample world, written, answered and awarded by its people below HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.finding import find
from portal.business_hours.models import vendor_calendar
from portal.clock import now
from portal.files.models import Attachment
from portal.jobs.outbox import drain
from portal.organisations.models import Organisation
from portal.rfqs import answering, buying
from portal.rfqs.holding import hold, hold_invitation
from portal.rfqs.invitations import OfferTerms, RfqInvitation
from portal.rfqs.offers import LineTerms, RfqOffer
from portal.rfqs.requests import Rfq, RfqLine, RfqTerms, is_working_day
from tests.world import World

# Who of the cast answers for which supplier.
PEOPLE = {"looms": "supplier", "paper": "rival-supplier", "foundry": "many"}
ACTING = {"foundry": "foundry.supplier"}
LINES = (("Glass shades, frosted", 200_000, "C62"), ("Copper wire, 2 mm", 150_500, "MTR"))


class RfqWorld:
    """What a test does with requests; every step is committed, what is returned is detached."""

    def __init__(self, world: World) -> None:
        self.world = world

    def closing(self, days: int = 7) -> datetime:
        """Noon of a working day, so many days from now or a little later."""
        with self.world.session() as session:
            calendar = vendor_calendar(session)
            moment = (now() + timedelta(days=days)).replace(hour=12, minute=0, second=0, microsecond=0)
            while not is_working_day(calendar, calendar.day_of(moment)):
                moment += timedelta(days=1)
            return moment

    def draft(
        self, *suppliers: str, title: str = "Shades for the spring", files: tuple[Attachment, ...] = (), **facts: Any
    ) -> Rfq:
        """By the buyer, to these suppliers; `suppliers` are keys of companies."""
        closes_at = facts.pop("closes_at", None) or self.closing()
        lines = facts.pop("lines", LINES)
        ids = [self.world.organisation(key).id for key in suppliers]
        with self.world.as_("buyer") as session:
            who = self.who(session)
            rfq = Rfq(author_id=who.person_id, created_at=now())
            rfq.terms = RfqTerms(title=title, closes_at=closes_at, **{"currency": "EUR", **facts})
            rfq.lines = [
                RfqLine(position=10 * place, description=name, quantity=quantity, unit=unit)
                for place, (name, quantity, unit) in enumerate(lines, 1)
            ]
            session.add(rfq)
            session.flush()
            for file in files:
                file.rfq_id = rfq.id
                session.add(file)
            found = session.scalars(sa.select(Organisation).where(Organisation.id.in_(ids))).all()
            buying.choose(session, rfq, found)
            session.commit()
        return self.reload(rfq)

    def sent(self, *suppliers: str, **facts: Any) -> Rfq:
        """Open for answers of these, by default of two."""
        rfq = self.draft(*(suppliers or ("looms", "paper")), **facts)
        with self.held(rfq) as (held, who):
            buying.send(held, who, now(), held.version)
        return self.reload(rfq)

    def offered(
        self, rfq: Rfq, company: str, *prices: int | None, at: datetime | None = None, **facts: Any
    ) -> RfqInvitation:
        """An offer with a price for each line; None for one that cannot be delivered."""
        lines = {10 * place: LineTerms(price, lead_days=14) for place, price in enumerate(prices or (500, 120), 1)}
        told = OfferTerms(lines, **{"valid_until": date(2040, 1, 1), **facts})
        with self.invited(rfq, company) as (invitation, terms, who):
            answering.offer(invitation, told, who, terms, at or now(), invitation.version)
        return self.invitation(rfq, company)

    def declined(self, rfq: Rfq, company: str, reason: str = "We are booked out.") -> RfqInvitation:
        with self.invited(rfq, company) as (invitation, terms, who):
            answering.decline(invitation, who, terms, now(), invitation.version, reason=reason)
        return self.invitation(rfq, company)

    def asked(self, rfq: Rfq, company: str, body: str = "Which thread do the shades have?") -> RfqInvitation:
        with self.invited(rfq, company) as (invitation, terms, who):
            answering.ask(invitation, body, who, terms, now())
        return self.invitation(rfq, company)

    def closed(self, rfq: Rfq) -> Rfq:
        """Its time is over: the clock has struck."""
        with self.world.session() as session:
            session.get_one(Rfq, rfq.id).terms.closes_at = now() - timedelta(minutes=1)
            session.flush()
            held = hold(session, Rfq.id == rfq.id)
            assert held is not None
            held.close(now())
            session.commit()
        return self.reload(rfq)

    def awarded(self, rfq: Rfq, chosen: dict[int, str], words: dict[str, str] | None = None) -> Rfq:
        """Lines by position to companies by key, with a word for some; the time is over."""
        rfq = self.closed(rfq)
        refs = {key: self.invitation(rfq, key).ref for key in {*chosen.values(), *(words or {})}}
        seen = self.seen(rfq)
        with self.held(rfq) as (held, who):
            said = {refs[key]: text for key, text in (words or {}).items()}
            winners = {position: refs[key] for position, key in chosen.items()}
            buying.award(held, winners, seen, said, who, now(), held.version)
        return self.reload(rfq)

    def seen(self, rfq: Rfq) -> dict[str, int]:
        """The numbers of the offers that count, by the reference of the invitation."""
        with self.world.session() as session:
            asked = (
                sa.select(RfqInvitation.ref, RfqOffer.number)
                .join(RfqOffer, RfqOffer.invitation_id == RfqInvitation.id)
                .where(RfqInvitation.rfq_id == rfq.id, RfqOffer.is_current)
            )
            return {row.ref: row.number for row in session.execute(asked)}

    def reload(self, rfq: Rfq) -> Rfq:
        with self.world.session() as session:
            parts = (sa.orm.selectinload(Rfq.terms), sa.orm.selectinload(Rfq.lines))
            return session.scalars(sa.select(Rfq).where(Rfq.id == rfq.id).options(*parts)).one()

    def invitation(self, rfq: Rfq, company: str) -> RfqInvitation:
        """Detached."""
        company_id = self.world.organisation(company).id
        with self.world.session() as session:
            asked = sa.select(RfqInvitation).where(RfqInvitation.rfq_id == rfq.id)
            return session.scalars(asked.where(RfqInvitation.organisation_id == company_id)).one()

    @contextmanager
    def held(self, rfq: Rfq, hint: str = "buyer") -> Iterator[tuple[Rfq, Principal]]:
        with self.world.as_(hint) as session:
            found = hold(session, Rfq.id == rfq.id)
            assert found is not None, "out of reach"
            yield found, self.who(session)
            session.commit()

    @contextmanager
    def invited(self, rfq: Rfq, company: str) -> Iterator[tuple[RfqInvitation, RfqTerms, Principal]]:
        """The invitation as the company's person holds it, to call verbs on; committed at the end."""
        ref = self.invitation(rfq, company).ref
        with self.world.as_(PEOPLE[company], ACTING.get(company, "")) as session:
            found = hold_invitation(session, RfqInvitation.ref == ref)
            assert found is not None, "out of reach"
            yield *found, self.who(session)
            session.commit()

    def tick(self, at: datetime) -> None:
        """The worker does what is due then."""
        with self.world.app.app_context():
            drain(at)

    def offers(self, rfq: Rfq, company: str) -> list[RfqOffer]:
        ref = self.invitation(rfq, company)
        with self.world.session() as session:
            asked = sa.select(RfqOffer).where(RfqOffer.invitation_id == ref.id).order_by(RfqOffer.number)
            return list(session.scalars(asked.options(sa.orm.selectinload(RfqOffer.lines))))

    @staticmethod
    def who(session: Session) -> Principal:
        who = session.info["principal"]
        assert isinstance(who, Principal)
        return who


def reachable(session: Session, invitation: RfqInvitation) -> bool:
    return find(session, RfqInvitation, RfqInvitation.id == invitation.id) is not None
