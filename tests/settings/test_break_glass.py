"""Break-glass access: with a reason, for a while, told to the other administrators, and every read in the log."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import undefer_group

from portal.access import Role
from portal.access.gate import access_of
from portal.access.tables import VERBS
from portal.accounts.break_glass import BreakGlass
from portal.accounts.models import AccessLog, Person, StaffRole, TeamMember
from portal.clock import now
from portal.documents.models import OrderDocument
from portal.jobs.outbox import drain
from portal.notices.models import Notice
from portal.orders.requests import OrderRequest
from portal.organisations.models import Organisation
from portal.tickets.models import Ticket
from tests.conftest import SignIn
from tests.deals.helpers import DealWorld
from tests.leads.helpers import LeadWorld
from tests.opportunities.helpers import Sales
from tests.orders.helpers import OrderWorld
from tests.organisations.helpers import text
from tests.postbox import Postbox, open_postbox
from tests.rfqs.helpers import RfqWorld
from tests.statements import statements
from tests.test_sweeps import routes
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")

PAGE = "/settings/break-glass"
REASON = "A customer asks us to remove a password."
ASKED = {"reason": REASON, "length": "60"}


@pytest.fixture
def second_admin(world: World) -> int:
    """The moderator administers the portal as well, and reads Persian."""
    person_id = world.person_id("moderator")
    with world.session() as session:
        session.add(StaffRole(person_id=person_id, role=Role.ADMIN, granted_at=now(), confirmed_at=now()))
        session.get_one(Person, person_id).language = "fa"
        session.commit()
    return person_id


@pytest.fixture
def postbox(app: Flask) -> Iterator[Postbox]:
    with open_postbox(app) as box:
        yield box


@pytest.fixture
def ticket(world: World) -> Ticket:
    ticket = world.make_ticket("customer", subject="My password", body="It is swordfish.")
    world.reply(ticket, "agent", "Please change it.", attachments=[world.stored("secret.png", thumbnail=b"drawn")])
    world.note(ticket, "agent", "They have to call.")
    return ticket


Log = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def log(world: World) -> Log:
    """What the access log holds of the administrator's break-glass access: kind and reference, in order."""

    admin = world.person_id("admin")

    def log() -> list[tuple[str, str]]:
        with world.session() as session:
            kinds = AccessLog.kind.startswith("break-glass")
            rows = session.execute(
                sa.select(AccessLog.kind, AccessLog.reference)
                .where(kinds, AccessLog.person_id == admin)
                .order_by(AccessLog.id)
            )
            return [tuple(row) for row in rows]

    return log


def opened(sign_in: SignIn) -> FlaskClient:
    browser = sign_in("admin")
    assert browser.send(PAGE, ASKED).status_code == 303
    return browser


def count(world: World, *conditions: sa.ColumnElement[bool]) -> int:
    with world.session() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(BreakGlass).where(*conditions)) or 0


# ── Opening it ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reason", ["", "   ", "Because.", "  too short ", "x" * 501])
def test_without_a_reason_it_stays_shut(sign_in: SignIn, world: World, reason: str) -> None:
    browser = sign_in("admin")
    page = browser.send(PAGE, {**ASKED, "reason": reason})
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    assert count(world) == 0
    assert browser.get("/tickets").status_code == 403


@pytest.mark.parametrize("length", ["", "0", "-30", "45", "241", "600", "x"])
def test_it_lasts_as_long_as_is_offered_and_no_longer(sign_in: SignIn, world: World, length: str) -> None:
    assert sign_in("admin").send(PAGE, {**ASKED, "length": length}).status_code == 422
    assert count(world) == 0


@pytest.mark.parametrize("hint", ["moderator", "agent", "account-manager", "auditor", "customer-admin", "newcomer"])
def test_nobody_but_an_administrator_opens_it(sign_in: SignIn, world: World, hint: str) -> None:
    browser = sign_in(hint)
    assert browser.send(PAGE, ASKED).status_code == 403
    assert browser.send(f"{PAGE}/ending").status_code == 403
    assert count(world) == 0


def test_a_form_without_its_token_is_refused(sign_in: SignIn, world: World) -> None:
    assert sign_in("admin").post(PAGE, data=ASKED).status_code == 400
    assert count(world) == 0


def test_one_at_a_time(sign_in: SignIn, world: World) -> None:
    browser = opened(sign_in)
    page = browser.send(PAGE, {**ASKED, "length": "240"})
    assert page.status_code == 409
    assert "open already" in text(page)
    assert count(world) == 1
    assert "Open break-glass access" not in text(browser.get(PAGE))


def test_twenty_at_once_open_one(app: Flask, sign_in: SignIn, world: World) -> None:
    browsers = [sign_in("admin") for _ in range(20)]
    tokens = [browser.csrf_token() for browser in browsers]

    def ask(turn: int) -> int:
        return browsers[turn].post(PAGE, data={**ASKED, "csrf_token": tokens[turn]}).status_code

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(20)))
    assert sorted(answers) == [303] + [409] * 19
    assert count(world, BreakGlass.ended_at.is_(None)) == count(world) == 1


# ── What it opens ─────────────────────────────────────────────────────────────────────────────────


def test_the_administrator_reads_content_while_it_lasts(sign_in: SignIn, ticket: Ticket) -> None:
    browser = sign_in("admin")
    assert browser.get(f"/tickets/{ticket.ref}").status_code == 403
    browser = opened(sign_in)
    page = text(browser.get(f"/tickets/{ticket.ref}"))
    assert all(words in page for words in ("It is swordfish.", "Please change it.", "They have to call."))
    assert "My password" in text(browser.get("/tickets"))
    assert "My password" in text(browser.get("/search?q=swordfish"))
    with time_machine.travel(now() + timedelta(hours=1), tick=True):
        again = sign_in("admin")
        assert again.get(f"/tickets/{ticket.ref}").status_code == 403
        assert "Break-glass access until" not in text(again.get("/"))


def test_ended_now_it_is_over_in_another_tab_too(sign_in: SignIn, world: World, ticket: Ticket, log: Log) -> None:
    browser, other_tab = opened(sign_in), sign_in("admin")
    assert other_tab.get(f"/tickets/{ticket.ref}").status_code == 200
    assert browser.send(f"{PAGE}/ending").location == PAGE
    assert other_tab.get(f"/tickets/{ticket.ref}").status_code == 403
    assert other_tab.get(f"/tickets/{ticket.ref}/news?after=").status_code == 403
    assert other_tab.send(f"{PAGE}/ending").location == PAGE
    assert [kind for kind, _ in log()].count("break-glass-ended") == 1
    assert count(world, BreakGlass.ended_at < BreakGlass.ends_at) == 1


def test_an_open_page_asks_no_further_once_it_is_over(sign_in: SignIn, ticket: Ticket, log: Log) -> None:
    browser = opened(sign_in)
    browser.send(f"{PAGE}/ending")
    poll = browser.htmx(f"/tickets/{ticket.ref}/news?after=")
    assert poll.status_code == 286  # htmx asks no further
    assert poll.headers["HX-Retarget"] == "#flashes"
    assert "swordfish" not in poll.text
    assert "break-glass-read" not in dict(log())


def test_nobody_is_granted_it_as_a_role(sign_in: SignIn, world: World) -> None:
    browser, ref = sign_in("admin"), world.person("agent").ref
    assert browser.send(f"/settings/staff/{ref}/roles", {"role": "break-glass"}).status_code == 422
    invited = {"email": "new@example.com", "role": "break-glass", "language": "en"}
    assert browser.send("/settings/staff/invitations", invited).status_code == 422


def test_a_reason_that_was_typed_when_the_session_ended_is_offered_back(
    sign_in: SignIn, world: World, ticket: Ticket
) -> None:
    browser = sign_in("admin")
    token = browser.csrf_token()
    with time_machine.travel(now() + timedelta(hours=2), tick=True):
        sent = browser.post(PAGE, data={**ASKED, "length": "240", "csrf_token": token})
        assert sent.location.startswith("/sign-in?next=")
        assert count(world) == 0
        page = sign_in("admin").get(unquote(sent.location.partition("next=")[2]))
    assert REASON in text(page)
    assert re.search(r'value="240"[^>]* checked', page.text)


def test_a_role_that_is_taken_away_takes_it_along(sign_in: SignIn, world: World, ticket: Ticket) -> None:
    browser = opened(sign_in)
    with world.session() as session:
        session.delete(session.scalars(sa.select(StaffRole).where(StaffRole.role == Role.ADMIN)).one())
        session.commit()
    assert browser.get(f"/tickets/{ticket.ref}").status_code == 403


def test_it_redacts_a_message(sign_in: SignIn, client: FlaskClient, ticket: Ticket, world: World, log: Log) -> None:
    with world.session() as session:
        first = session.get_one(Ticket, ticket.id).messages[0].ref
    browser = opened(sign_in)
    action = f"/tickets/{ticket.ref}/messages/{first}/redaction"
    assert action in browser.get(f"/tickets/{ticket.ref}").text
    assert browser.send(action).status_code == 303
    assert "swordfish" not in sign_in("customer").get(f"/tickets/{ticket.ref}").text
    assert ("break-glass-redacted", first) in log()


def test_it_writes_nothing_else(sign_in: SignIn, world: World) -> None:
    """An agent who is an administrator besides works on what is theirs, and on nothing that the glass opened."""
    person_id = world.person_id("agent")
    with world.session() as session:
        session.add(StaffRole(person_id=person_id, role=Role.ADMIN, granted_at=now(), confirmed_at=now()))
        session.commit()
    ticket = world.make_ticket("customer", team="confidential")
    world.break_glass("agent")
    browser = sign_in("agent")
    page = browser.get(f"/tickets/{ticket.ref}")
    assert page.status_code == 200
    assert "/replies" not in page.text
    assert "/notes" not in page.text
    verbs = "replies notes state assignment team classification copies closure preview"
    for verb in verbs.split():
        answer = browser.send(f"/tickets/{ticket.ref}/{verb}", {"body": "Hello.", "version": "1", "verb": "hold"})
        assert answer.status_code in (403, 404, 405), verb
    after = world.reload(ticket)
    assert (after.version, after.state, after.assignee_id) == (ticket.version, ticket.state, None)


def test_what_it_opens_of_a_company_it_does_not_let_change(sign_in: SignIn, world: World) -> None:
    ref = world.organisation("glass").ref
    with world.session() as session:
        session.get_one(Organisation, world.organisation("glass").id, options=[undefer_group("phase")]).phase = "loyal"
        session.commit()
    browser = opened(sign_in)
    assert "Life-cycle phase" in text(browser.get(f"/organisations/{ref}"))
    assert 'name="phase"' not in browser.get(f"/organisations/{ref}/edit").text
    assert 'name="phase"' not in browser.get("/organisations/new").text


def test_who_only_looks_on_is_told_of_nothing(sign_in: SignIn, world: World) -> None:
    """Not even where they are in the team whose ticket it is."""
    admin, team = world.person_id("admin"), world.team("care").id
    with world.session() as session:
        session.add(TeamMember(team_id=team, person_id=admin))
        session.commit()
    world.break_glass()
    party = f"{world.organisation('glass').ref}.customer"
    sent = {"subject": "A lamp", "body": "It flickers.", "category": "question", "priority": "normal", "party": party}
    assert sign_in("customer").send("/tickets", sent).status_code == 303
    with world.session() as session:
        told = set(session.scalars(sa.select(Notice.person_id)))
    assert world.person_id("agent") in told
    assert admin not in told


def test_outsiders_see_one_more_of_the_staff(sign_in: SignIn, world: World, ticket: Ticket) -> None:
    seen = text(sign_in("customer").get(f"/tickets/{ticket.ref}"))
    world.break_glass()
    page = text(sign_in("customer").get(f"/tickets/{ticket.ref}"))
    assert "Administrator of the portal" in page
    assert "Administrator of the portal" not in seen
    assert "break-glass" not in page
    assert world.person("admin").name not in page
    assert world.person("admin").name in text(sign_in("agent").get(f"/tickets/{ticket.ref}"))


# ── Who is told ───────────────────────────────────────────────────────────────────────────────────


def test_the_other_administrators_are_told_at_once(
    app: Flask, sign_in: SignIn, world: World, second_admin: int, postbox: Postbox
) -> None:
    assert world.person("moderator").name in text(sign_in("admin").get(PAGE))
    opened(sign_in)
    with app.app_context():
        drain(now())
    letters = [letter for letter in postbox.letters if letter.recipient == world.person("moderator").email]
    assert len(letters) == len(postbox.letters) == 1
    assert REASON in letters[0].text
    assert "دسترسی اضطراری" in letters[0].text
    assert PAGE in letters[0].text
    bell = sign_in("moderator").get("/notices")
    assert REASON in text(bell)
    assert f'href="{PAGE}"' in bell.text
    assert REASON in text(sign_in("moderator").get(PAGE))


def test_nobody_switches_that_mail_off(sign_in: SignIn, world: World, second_admin: int) -> None:
    browser = sign_in("moderator")
    assert 'value="break-glass"' not in browser.get("/account/notifications").text
    assert browser.send("/account/notifications", {}).status_code == 303
    assert "break-glass" not in world.person("moderator").mail_choices


def test_who_is_no_administrator_any_more_gets_no_mail(
    app: Flask, sign_in: SignIn, world: World, second_admin: int, postbox: Postbox
) -> None:
    opened(sign_in)
    with world.session() as session:
        role = sa.select(StaffRole).where(StaffRole.person_id == second_admin, StaffRole.role == Role.ADMIN)
        session.delete(session.scalars(role).one())
        session.commit()
    with app.app_context():
        drain(now())
    assert postbox.letters == []


def test_an_administrator_alone_is_told_so_and_written_down(sign_in: SignIn, log: Log) -> None:
    browser = sign_in("admin")
    assert "You are the only administrator, so nobody is told." in text(browser.get(PAGE))
    assert browser.send(PAGE, ASKED).status_code == 303
    assert log() == [("break-glass", "")]
    assert REASON in text(sign_in("auditor").get("/settings/access-log?kind=break-glass"))


# ── What is written down ──────────────────────────────────────────────────────────────────────────


def test_the_auditor_reads_who_opened_it_and_opens_nothing(sign_in: SignIn, world: World, ticket: Ticket) -> None:
    browser = opened(sign_in)
    for _ in range(2):
        browser.get(f"/tickets/{ticket.ref}")
    page = sign_in("auditor").get(PAGE)
    assert page.status_code == 200
    row = re.search(r"<tbody>.*?</tbody>", page.text, re.S)
    assert row is not None
    assert all(shown in row[0] for shown in (world.person("admin").name, REASON, ">1<"))
    assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0]


def test_every_read_is_in_the_log(app: Flask, sign_in: SignIn, world: World, ticket: Ticket, log: Log) -> None:
    """Each address that it opens, and none of those that an administrator has in any case."""
    with world.session() as session:
        held = session.get_one(Ticket, ticket.id)
        first, file = held.messages[0].ref, held.messages[1].attachments[0].ref
    company, person = world.organisation("glass").ref, world.person("customer").ref
    sale = Sales(DealWorld(world)).direct().ref
    deal, lead = DealWorld(world).submitted().ref, LeadWorld(world, None).draft().ref
    sold = OrderWorld(world).sales()
    order = sold.ref
    with world.session() as session:
        request = OrderRequest(order_id=sold.id, ticket_id=ticket.id, kind="return", reason="late", at=now(), version=1)
        session.add(request)
        session.commit()
    asked_back = request.ref
    with world.session() as session:
        document = session.scalars(sa.select(OrderDocument.ref)).one()
    rfqs = RfqWorld(world)
    rfq = rfqs.sent("looms")
    asked = rfqs.offered(rfq, "looms").ref
    browser = opened(sign_in)
    addresses = {
        "/requests-for-quotation": "",
        "/requests-for-quotation/export.csv": "",
        "/requests-for-quotation/export.xlsx": "",
        f"/requests-for-quotation/{rfq.ref}": rfq.ref,
        f"/requests-for-quotation/{rfq.ref}/comparison": rfq.ref,
        f"/requests-for-quotation/{rfq.ref}/suppliers/{asked}": rfq.ref,
        f"/leads/{lead}": lead,
        "/leads": "",
        "/leads/export.csv": "",
        "/leads/export.xlsx": "",
        f"/deals/{deal}": deal,
        "/deals/board": "",
        f"/tickets/{ticket.ref}": ticket.ref,
        f"/tickets/{ticket.ref}/news?after={first}": ticket.ref,
        f"/files/{file}": file,
        f"/files/{file}/thumbnail": file,
        f"/organisations/{company}": company,
        f"/organisations/{company}/history": company,
        f"/people/{person}": person,
        "/tickets": "",
        "/tickets/export.csv": "",
        "/tickets/export.xlsx": "",
        "/orders": "",
        f"/orders/{order}": order,
        "/orders/returns": "",
        f"/orders/returns/{asked_back}": asked_back,
        "/orders/late": "",
        "/orders/export.csv": "",
        "/orders/export.xlsx": "",
        f"/orders/{order}/documents/{document}": order,
        "/deals": "",
        "/deals/export.csv": "",
        "/deals/export.xlsx": "",
        "/deals/programmes": "",
        f"/opportunities/{sale}": sale,
        "/opportunities": "",
        "/opportunities/export.csv": "",
        "/opportunities/export.xlsx": "",
        "/search?q=swordfish": "",
        "/notices": "",
    }
    for address, reference in addresses.items():
        before = log()
        assert browser.get(address, buffered=True).status_code == 200, address
        assert log() == [*before, ("break-glass-read", reference)], address
    asked = {re.sub(r"/[A-Z]+-\w+", "/<ref>", address.partition("?")[0]) for address in addresses}
    # The life of a ticket, a deal, a lead or an order, drawn as a table, tells of none; nor do one's own calendars.
    tables = {"/tickets/states", "/deals/states", "/leads/states", "/orders/states", "/requests-for-quotation/states"}
    assert asked >= _opened_by_it(app) - tables - {"/account/calendars"}
    before = log()
    for address in ("/", PAGE, "/account", "/account/calendars", "/who-sees-what", "/tickets/T-00000000"):
        browser.get(address)
    assert log() == before


def _opened_by_it(app: Flask) -> set[str]:
    """Where an administrator is let in for the sake of the glass alone."""
    declared = {rule.rule: access_of(app, rule.endpoint) for method, rule in routes(app) if method == "GET"}
    granted = {url: VERBS[access.action].roles for url, access in declared.items() if access and access.action}
    granted = {re.sub(r"<\w+>", "<ref>", url): roles for url, roles in granted.items()}
    return {url for url, roles in granted.items() if Role.BREAK_GLASS in roles and Role.ADMIN not in roles}


def test_a_companys_administrator_sees_that_it_was_read(sign_in: SignIn, ticket: Ticket) -> None:
    opened(sign_in).get(f"/tickets/{ticket.ref}")
    page = text(sign_in("customer-admin").get("/settings/access-log?kind=break-glass-read"))
    assert ticket.ref in page


def test_the_list_goes_on_page_by_page(sign_in: SignIn, world: World) -> None:
    at = now()
    with world.session() as session:
        for number in range(45):
            past = at - timedelta(days=number + 1)
            session.add(
                BreakGlass(
                    person_id=world.person_id("admin"),
                    reason=f"Reason number {number}.",
                    started_at=past,
                    ends_at=past + timedelta(hours=1),
                    ended_at=past + timedelta(hours=1),
                )
            )
        session.commit()
    browser, seen, url = sign_in("admin"), [], PAGE
    with statements(world.app) as asked:
        browser.get(PAGE)
    assert len(asked) <= 6
    while url:
        page = browser.get(url).text
        seen += re.findall(r"Reason number (\d+)", page)
        url = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert seen == [str(number) for number in range(45)]
    assert browser.get(f"{PAGE}?after=nonsense").status_code == 400


# ── On every page ─────────────────────────────────────────────────────────────────────────────────


def test_a_banner_says_until_when_and_ends_it(sign_in: SignIn, ticket: Ticket) -> None:
    browser = sign_in("admin")
    assert "minutes left" not in text(browser.get("/"))
    browser = opened(sign_in)
    for address in ("/", f"/tickets/{ticket.ref}", "/settings", "/tickets/T-00000000", "/organisations/new"):
        page = browser.get(address)
        assert "60 minutes left" in text(page), address
        assert f'action="{PAGE}/ending"' in page.text
        assert "minutes left" not in text(sign_in("agent").get(address))


def test_the_page_costs_nobody_a_statement(app: Flask, sign_in: SignIn, ticket: Ticket) -> None:
    auditor, admin = sign_in("auditor"), opened(sign_in)
    for browser in (auditor, admin):
        browser.get("/tickets")
    counts = []
    for browser in (auditor, admin):
        with statements(app) as asked:
            browser.get("/tickets")
        counts.append(len([statement for statement in asked if not statement.startswith("INSERT INTO access_log")]))
    assert counts[0] == counts[1] <= 6
