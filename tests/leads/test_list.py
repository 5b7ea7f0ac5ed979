"""Finding leads by words, and taking the list along: as much of it as its reader sees, and no more."""

import csv
import io

import pytest

from portal import exporting
from portal.leads import export
from tests.conftest import SignIn
from tests.leads.helpers import CUSTOMER, LeadWorld
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def table(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def found(sign_in: SignIn, hint: str, asked: str) -> list[str]:
    """The references in the export, which is what the list shows: both are looked at."""
    browser = sign_in(hint)
    refs = [line["Reference"] for line in table(browser.get(f"/leads/export.csv{asked}"))]
    page = browser.get(f"/leads{asked}").text
    assert all(ref in page for ref in refs)
    assert ("/leads/export.csv?q=" in page) == bool(refs)
    return refs


def test_staff_find_leads_by_customer_and_reference(leads: LeadWorld, sign_in: SignIn) -> None:
    mine, other = leads.draft(), leads.draft(name="ТОВ «Тихий Рак»")
    assert found(sign_in, "channel-manager", "?q=vodarny+TICHY") == [mine.ref]
    assert found(sign_in, "channel-manager", f"?q={other.ref.lower()}") == [other.ref]
    assert found(sign_in, "channel-manager", "?q=рак") == [other.ref]
    assert found(sign_in, "channel-manager", "?q=%25") == []
    assert "No lead matches" in sign_in("channel-manager").get("/leads?q=nobody").text


def test_a_partner_finds_no_customer_whom_they_do_not_know_yet(leads: LeadWorld, sign_in: SignIn) -> None:
    lead = leads.offered("wolf")
    assert found(sign_in, "partner", "?q=Vodarny") == []
    [line] = table(sign_in("partner").get("/leads/export.csv"))
    assert (line["Reference"], line["End customer"], line["Size"]) == (lead.ref, "", "9000.00")
    assert "Partner" not in line
    assert any(line[title] for title in line if title.startswith("Answer by"))
    assert table(sign_in("rival-partner").get("/leads/export.csv")) == []
    leads.accept(lead, "partner")
    assert found(sign_in, "partner", "?q=Vodarny") == [lead.ref]
    assert table(sign_in("partner").get("/leads/export.csv"))[0]["End customer"] == CUSTOMER["name"]


def test_a_renamed_customer_is_found_by_the_new_name(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    lead = leads.draft()
    with world.session() as session:
        session.get_one(type(lead), lead.id).customer.name = "Pramen Modrý"
        session.commit()
    assert found(sign_in, "channel-manager", "?q=pramen") == [lead.ref]
    assert found(sign_in, "channel-manager", "?q=vodarny") == []


def test_a_file_that_ends_early_says_so(leads: LeadWorld, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        leads.draft()
    monkeypatch.setattr(exporting, "MOST_EXPORTED", 3)
    monkeypatch.setattr(export, "BATCH", 2)
    lines = table(sign_in("channel-manager").get("/leads/export.csv"))
    assert len(lines) == 4
    assert "Narrow the list" in lines[-1]["Reference"]
