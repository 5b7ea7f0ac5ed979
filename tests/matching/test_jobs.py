"""Registrations find each other, organisations and direct sales, however late any of them comes."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from portal.clock import now
from portal.extensions import db
from portal.jobs import daily, outbox
from portal.jobs.models import Job
from portal.matching import facts, index
from portal.matching.jobs import match_all
from portal.matching.keys import keys_of
from portal.matching.models import RULES_KIND, SOUGHT, DealMatch, MatchKey
from portal.matching.reading import Other
from portal.matching.scoring import ReasonKind
from portal.opportunities.models import Opportunity, Status
from portal.organisations.models import ExternalId, Organisation
from tests.deals.helpers import DealWorld
from tests.matching.helpers import direct_sale, match, organisation, promise, seen, work
from tests.world import World

CRANE = {"customer_name": "ТОВ «Бурштинова Чапля»", "customer_domain": "chaplia.example.org", "customer_country": "UA"}
POLISH = {"customer_name": "Bursztynowa Czapla S.A.", "customer_domain": "czapla.example.net", "customer_country": "UA"}


def test_both_registrations_show_the_other(world: World, deals: DealWorld) -> None:
    one, other = deals.submitted(**CRANE), deals.submitted(**POLISH)
    match(world, one, other)
    (a,), (b,) = seen(world, "channel-manager", one), seen(world, "channel-manager", other)
    assert (a.other, a.ref, a.name) == (Other.DEAL, other.ref, POLISH["customer_name"])
    assert (b.ref, b.score, b.reasons) == (one.ref, a.score, a.reasons)
    assert {reason.kind for reason in a.reasons} >= {ReasonKind.NAME_SOUND, ReasonKind.PRODUCTS}
    assert [product.code for product in a.products] == ["LN-100"]
    assert a.partner_ref == world.organisation("wolf").ref


def test_the_earlier_one_learns_of_the_later_one(world: World, deals: DealWorld) -> None:
    one = deals.submitted(**CRANE)
    match(world, one)
    assert seen(world, "channel-manager", one) == []
    other = deals.submitted(**POLISH)
    match(world, other)
    assert [found.ref for found in seen(world, "channel-manager", one)] == [other.ref]


def test_a_draft_is_never_found(world: World, deals: DealWorld) -> None:
    one, draft = deals.submitted(**CRANE), deals.draft(**POLISH)
    match(world, one, draft)
    assert seen(world, "channel-manager", one) == []
    with world.session() as session:
        assert session.scalar(sa.select(MatchKey.id).where(MatchKey.deal_id == draft.id).limit(1)) is None


def test_twice_is_once(world: World, deals: DealWorld) -> None:
    one, other = deals.submitted(**CRANE), deals.submitted(**POLISH)

    def rows() -> list[object]:
        with world.session() as session:
            kept = session.execute(sa.select(DealMatch.deal_id, DealMatch.other_deal_id, DealMatch.score)).all()
            keys = session.execute(sa.select(MatchKey.kind, MatchKey.value, MatchKey.deal_id)).all()
            return sorted(kept, key=str) + sorted(keys, key=str)

    match(world, one, other)
    first = rows()
    match(world, one, other, one)
    assert rows() == first


def test_what_no_longer_matches_is_gone_on_both_sides(world: World, deals: DealWorld) -> None:
    one, other = deals.submitted(**CRANE), deals.submitted(**POLISH)
    match(world, one, other)
    with world.session() as session:
        changed = session.get_one(type(other), other.id)
        changed.customer_name, changed.customer_domain = "Zcela jiná", "jina.example.org"
        session.commit()
    match(world, other)
    assert seen(world, "channel-manager", one) == seen(world, "channel-manager", other) == []


def test_an_organisation_is_found_by_name_and_number(world: World, deals: DealWorld) -> None:
    firm = organisation(world, "Burshtynova Chaplia LLC", country="UA", website="https://amber.example.org")
    with world.session() as session:
        session.add(ExternalId(source="register", kind="organisation", value="30101011", record_id=firm.id))
        session.commit()
    deal = deals.submitted(**CRANE, registration_number="ЄДРПОУ 3010 1011")
    match(world, deal)
    (found,) = seen(world, "channel-manager", deal)
    assert (found.other, found.ref, found.registration_number) == (Other.ORGANISATION, firm.ref, "30101011")
    assert found.domain == "https://amber.example.org"
    assert found.is_sure
    assert found.reasons[0].kind == ReasonKind.REGISTRATION


def test_an_open_direct_sale_is_found_and_a_lost_one_is_not(world: World, deals: DealWorld) -> None:
    firm = organisation(world, "Burshtynova Chaplia LLC", country="UA")
    sale = direct_sale(world, firm)
    deal = deals.submitted(**CRANE)
    match(world, deal)
    assert {(c.other, c.ref) for c in seen(world, "channel-manager", deal)} == {
        (Other.ORGANISATION, firm.ref),
        (Other.DIRECT_SALE, sale.ref),
    }
    with world.session() as session:
        session.get_one(Opportunity, sale.id).status = Status.LOST
        session.commit()
    match(world, deal)
    assert [found.other for found in seen(world, "channel-manager", deal)] == [Other.ORGANISATION]


def test_an_organisation_that_comes_or_is_renamed_later_is_found(world: World, deals: DealWorld) -> None:
    deal = deals.submitted(**CRANE)
    match(world, deal)
    with world.as_("admin") as session:
        firm = Organisation(name="Zcela jiná", country="UA", created_at=deal.created_at)
        session.add(firm)
        session.commit()
    work(world)
    assert seen(world, "channel-manager", deal) == []
    with world.session() as session:
        session.get_one(Organisation, firm.id).rename("Burshtynova Chaplia")
        session.commit()
    work(world)
    assert [found.name for found in seen(world, "channel-manager", deal)] == ["Burshtynova Chaplia"]


def test_reindexing_writes_the_same_keys(world: World, deals: DealWorld) -> None:
    from portal.matching.index import reindex

    match(world, deals.submitted(**CRANE))
    columns = (MatchKey.kind, MatchKey.value, MatchKey.deal_id, MatchKey.organisation_id)
    keys = sa.select(*columns).where(MatchKey.kind != SOUGHT)
    with world.session() as session:
        before = sorted(session.execute(keys).all(), key=str)
        assert reindex(session) == len({(row.deal_id, row.organisation_id) for row in before})
        assert sorted(session.execute(keys).all(), key=str) == before


def test_jobs_at_the_same_time_miss_nobody(world: World, deals: DealWorld) -> None:
    names = [f"Pensive Anvil {form}" for form in ("Ltd", "LLC", "Inc", "AG")]
    handed_in = [deals.submitted(**{**CRANE, "customer_name": name}) for name in names]
    promise(world, *handed_in)
    barrier = Barrier(3)

    def drain() -> None:
        barrier.wait()
        with world.app.app_context():
            outbox.drain(now() + timedelta(hours=2))
            db.session.remove()

    threads = [Thread(target=drain) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # What lost a race was put off, and is done now.
    with world.app.app_context():
        outbox.drain(now() + timedelta(hours=4))
    found = {deal.ref: {other.ref for other in seen(world, "channel-manager", deal)} for deal in handed_in}
    assert found == {ref: set(found) - {ref} for ref in found}


def test_keys_of_older_rules_are_written_anew(world: World, deals: DealWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few at a time, and once: whoever hands in afterwards is found beside what was handed in before."""
    monkeypatch.setattr(index, "BATCH", 1)
    older = deals.submitted(**CRANE)
    match(world, older)
    with world.session() as session:
        match_all(session, now())
        its_keys = (MatchKey.deal_id == older.id, MatchKey.kind != SOUGHT)
        session.execute(sa.update(MatchKey).where(*its_keys).values(value="as it was"))
        session.execute(sa.update(MatchKey).where(MatchKey.kind == RULES_KIND).values(value="1"))
        session.commit()
    for day in (1, 2):
        with world.app.app_context():
            daily.promise(now() + timedelta(days=day))
            outbox.drain(now() + timedelta(days=day))
    with world.session() as session:
        kept = set(session.scalars(sa.select(MatchKey.value).where(*its_keys)))
        expected = {value for _kind, value in keys_of(facts.of_deals(session, [older.id])[older.id])}
        assert kept == expected
        # On the first day each of the records and the two ends; on the second there was nothing to do.
        ran = session.scalar(sa.select(sa.func.count(Job.id)).where(Job.kind == "match.freshen"))
        assert ran == session.scalar(sa.select(sa.func.count(Organisation.id))) + 1 + 2 + 1


def test_everything_is_matched_after_seeding(world: World, deals: DealWorld) -> None:
    one, other = deals.submitted(**CRANE), deals.submitted(**POLISH)
    with world.session() as session:
        assert match_all(session, now()) == 2
        session.commit()
    assert [found.ref for found in seen(world, "channel-manager", one)] == [other.ref]
    assert [found.ref for found in seen(world, "channel-manager", other)] == [one.ref]
