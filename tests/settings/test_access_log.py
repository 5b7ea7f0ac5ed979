"""The access log: all of it for auditors, a company's own part for its administrators, nothing for others."""

from datetime import timedelta

import pytest

from portal.accounts.models import AccessLog
from portal.clock import now

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def entries(world):
    """Rows of the log: so many about the glass works, and one about the bakery."""

    def entries(count: int = 3) -> None:
        glass, bakery = world.organisation("glass"), world.organisation("bakery")
        agent = world.person_id("agent")
        with world.session() as session:
            for number in range(count):
                session.add(
                    AccessLog(
                        at=now() - timedelta(minutes=number),
                        kind="read",
                        person_id=agent,
                        organisation_id=glass.id,
                        reference=f"O-GLASS{number:03}",
                        address="192.0.2.7",
                        request_id=f"r{number}",
                    )
                )
            session.add(
                AccessLog(at=now(), kind="read", person_id=agent, organisation_id=bakery.id, reference="O-BAKERY00")
            )
            session.commit()

    return entries


def test_the_auditor_reads_everything(sign_in, entries) -> None:
    entries()
    page = sign_in("auditor").get("/settings/access-log")
    assert page.status_code == 200
    for shown in ("O-GLASS000", "O-BAKERY00", "192.0.2.7", "Alice Hartwell"):
        assert shown in page.text


@pytest.mark.parametrize("hint", ["admin", "agent", "account-manager", "customer", "newcomer", "moderator"])
def test_others_do_not(sign_in, world, entries, hint) -> None:
    entries()
    client = sign_in(hint)
    assert client.get("/settings/access-log").status_code == 403
    assert client.get(f"/organisations/{world.organisation('glass').ref}/access-log").status_code == 403


def test_signed_out_goes_to_sign_in(client) -> None:
    assert client.get("/settings/access-log").location.startswith("/sign-in")


def test_a_companys_administrator_sees_who_looked_at_it(sign_in, world, entries) -> None:
    entries()
    client = sign_in("customer-admin")
    for page in ("/settings/access-log", f"/organisations/{world.organisation('glass').ref}/access-log"):
        text = client.get(page).text
        assert "O-GLASS000" in text
        assert "O-BAKERY00" not in text
        assert "192.0.2.7" not in text
    assert client.get(f"/organisations/{world.organisation('bakery').ref}/access-log").status_code == 404
    assert (
        sign_in("partner-admin").get(f"/organisations/{world.organisation('glass').ref}/access-log").status_code == 403
    )


def test_it_is_filtered_by_what_happened(sign_in, entries) -> None:
    entries()
    client = sign_in("auditor")
    assert "O-GLASS000" not in client.get("/settings/access-log?kind=sign-in").text
    assert "O-GLASS000" in client.get("/settings/access-log?kind=read").text
    assert client.get("/settings/access-log?kind=nonsense").status_code == 400


def test_it_is_read_page_by_page(sign_in, entries) -> None:
    entries(120)
    client = sign_in("auditor")
    page, seen = client.get("/settings/access-log?kind=read"), []
    while True:
        seen += [line for line in page.text.split() if line.startswith('class="ref">O-')]
        following = page.text.partition('rel="next" href="')[2].partition('"')[0]
        if not following:
            break
        page = client.get(following.replace("&amp;", "&"))
    assert len(seen) == len(set(seen)) == 121
    assert client.get("/settings/access-log?after=nonsense").status_code == 400


def test_a_refusal_is_written_and_shown(sign_in) -> None:
    assert sign_in("agent").get("/settings/teams").status_code == 403
    page = sign_in("auditor").get("/settings/access-log?kind=refused")
    assert "/settings/teams" in page.text
    assert "Alice Hartwell" in page.text
