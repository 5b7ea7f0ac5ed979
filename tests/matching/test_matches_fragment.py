"""What staff read beside a registration: who else it may be, why, and both records field by field."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import render_template

from portal.access.scope import acting_as
from portal.deals.models import Deal
from portal.extensions import db
from portal.languages import speaking
from portal.languages.table import LANGUAGES
from portal.matching.comparing import compare
from portal.matching.reading import Candidate, matches_of
from portal.matching.rules import were_sought
from portal.matching.scoring import Reason, ReasonKind
from portal.matching.words import sentences
from tests.deals.helpers import DealWorld
from tests.matching.helpers import direct_sale, match, organisation
from tests.world import World

OURS = {
    "customer_name": "ТОВ «Бурштинова Чапля»",
    "customer_domain": "https://www.чапля.example/контакти",
    "customer_country": "UA",
    "registration_number": "ЄДРПОУ 3010 1011",
}
THEIRS = {
    "customer_name": "Burshtynova Chaplia <LLC>",
    "customer_domain": "xn--" + "чапля".encode("punycode").decode() + ".example",
    "customer_country": "UA",
    "tax_number": "UA30101011",
}


def drawn(world: World, deal: Deal) -> str:
    who = world.principal("channel-manager")
    with world.app.test_request_context(headers={"Accept-Language": "en"}), acting_as(db.session(), who):
        session = db.session()
        found = session.scalars(sa.select(Deal).where(Deal.id == deal.id)).one()
        matches = compare(found, matches_of(session, deal.id))
        return render_template("deals/_matches.html", matches=matches, were_sought=were_sought(session, deal.id))


def test_both_stand_side_by_side_with_the_reasons(world: World, deals: DealWorld) -> None:
    deal, other = deals.submitted(**OURS), deals.submitted("rival-partner", **THEIRS)
    match(world, deal, other)
    page = drawn(world, deal)
    assert "Almost certainly the same customer" in page
    assert "They use the same web domain: \u2068чапля.example\u2069" in page
    assert "They have the same registration number." in page
    assert "Their names sound the same." in page
    assert "Products in both:" in page
    assert "<bdi>Burshtynova Chaplia &lt;LLC&gt;</bdi>" in page
    assert other.ref in page
    assert world.organisation("herons").name in page


def test_it_says_when_nobody_has_looked_yet(world: World, deals: DealWorld) -> None:
    deal = deals.submitted(**OURS)
    assert "is not done yet" in drawn(world, deal)
    match(world, deal)
    assert "No other registration" in drawn(world, deal)


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_every_reason_is_told_in_every_language(world: World, language: str) -> None:
    candidate = Candidate(**dict.fromkeys(Candidate.__slots__, ""))
    reasons = tuple(Reason(kind, {"strength": 1, "domain": "a.example"}) for kind in ReasonKind)

    def told(language: str) -> list[str]:
        with speaking(language):
            return sentences(replace(candidate, reasons=reasons, products=()))

    with world.app.test_request_context():
        assert len(told(language)) == len(ReasonKind)
        assert not set(told(language)) & set(told("en"))


def test_an_organisation_and_its_direct_sale_are_drawn(world: World, deals: DealWorld) -> None:
    firm = organisation(world, "Burshtynova Chaplia", country="UA")
    sale = direct_sale(world, firm)
    deal = deals.submitted(**OURS)
    match(world, deal)
    page = drawn(world, deal)
    assert firm.ref in page
    assert sale.ref in page
    assert "A direct sale of ours" in page
