"""Every page as its readers open it: axe finds nothing, nothing overflows, no script is refused by the policy."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from portal.api.models import ApiKey
from portal.clock import now
from portal.receipts.issuing import issue
from portal.receipts.models import Receipt
from portal.seeds.webhooks import plant_webhooks
from portal.webhooks.models import WebhookEndpoint, WebhookSource
from tests.browser.conftest import Live, NewPage, axe, set_language
from tests.deals.helpers import DealWorld
from tests.imports.world import ImportWorld, jsonl
from tests.opportunities.helpers import Sales
from tests.orders.helpers import LINES, OrderWorld
from tests.purchasing.test_proposals import propose
from tests.purchasing.test_sending import invoiced
from tests.rfqs.helpers import LINES as LINES_ASKED
from tests.rfqs.helpers import RfqWorld
from tests.scorecards.helpers import Deliveries, days_ago, moment, weekday_ago
from tests.world import World

# Who looks at what; the names in braces are those of `refs`.
PAGES = {
    "": ["/", "/sign-in", "/who-sees-what", "/receipts/verify", "/api/docs", "/demo/mail"],
    "newcomer": ["/", "/account/request"],
    "customer": [
        "/",
        "/tickets",
        "/tickets?q=nothing",
        "/tickets/{ticket}",
        "/tickets/new",
        "/tickets/states",
        "/tickets/T-00000000",
        "/orders",
        "/orders?from=x&kind=quotation",
        "/orders?q=nothing",
        "/orders/states",
        "/orders/{sale}",
        "/orders/{offer}",
        "/search?q=glass",
        "/notices",
        "/account",
        "/account/sessions",
        "/account/calendars",
        "/account/identities",
        "/account/notifications",
        "/settings/staff",
    ],
    "customer-admin": [
        "/organisations/{organisation}",
        "/organisations/{organisation}/edit",
        "/organisations/{organisation}/history",
        "/organisations/{organisation}/people",
        "/organisations/{organisation}/people/invitations",
        "/organisations/{organisation}/people/{person}",
        "/organisations/{organisation}/access-log",
        "/organisations/{organisation}/partners/new",
        "/requests",
        "/account/api-keys",
        "/webhooks",
        "/webhooks/{webhook}",
        "/webhook-sources/{source}",
        "/api-keys/{key}/webhooks/new",
        "/api-keys/{key}/webhook-sources/new",
        "/people/{person}",
        "/notices",
    ],
    "partner": [
        "/leads",
        "/",
        "/organisations",
        "/organisations/{organisation}",
        "/tickets/new",
        "/receipts/{receipt}",
        "/deals/new",
        "/deals/new?step=all",
        "/deals/states",
        "/deals/{draft}/edit",
        "/deals/{draft}/edit?step=2&more=1",
        "/deals/{draft}/edit?step=3",
        "/deals/{draft}",
        "/deals/{deal}",
        "/orders",
        "/orders/{sale}",
        "/deals",
        "/deals/board",
        "/deals/programmes",
        "/opportunities",
        "/opportunities/{opportunity}",
        "/partners/{partner}",
    ],
    "supplier": [
        "/",
        "/orders",
        "/orders/{purchase}",
        "/orders/{purchase}/lines/20/proposals/new",
        "/orders/{purchase}/shipments/new",
        "/orders/{purchase}/invoices/new",
        "/purchasing/proposals",
        "/purchasing/invoices",
        "/requests-for-quotation",
        "/requests-for-quotation/states",
        "/requests-for-quotation/{invitation}",
        "/requests-for-quotation/{invitation}/offer",
        "/requests-for-quotation/{won}",
        "/scorecards/{supplier}",
        "/scorecards/{supplier}?by=quarter",
        "/scorecards/{supplier}/lines?measure=confirmed",
    ],
    "buyer": [
        "/requests-for-quotation",
        "/requests-for-quotation/new",
        "/requests-for-quotation/states",
        "/requests-for-quotation/{drafted_rfq}",
        "/requests-for-quotation/{drafted_rfq}/edit?missing=1",
        "/requests-for-quotation/{rfq}",
        "/requests-for-quotation/{closed_rfq}/comparison",
        "/requests-for-quotation/{awarded_rfq}",
        "/requests-for-quotation/{awarded_rfq}/comparison",
        "/requests-for-quotation/{awarded_rfq}/suppliers/{won}",
        "/",
        "/orders",
        "/orders/late",
        "/orders/{purchase}",
        "/purchasing/proposals",
        "/purchasing/invoices",
        "/purchasing/invoices/{invoice}",
        "/scorecards",
        "/scorecards/{supplier}/lines",
    ],
    "channel-manager": [
        "/leads",
        "/leads/new",
        "/leads/states",
        "/organisations/{partner}/skills",
        "/",
        "/deals",
        "/deals/board",
        "/deals/queue",
        "/deals/queue/{waiting}",
        "/deals/new",
        "/deals/new?find=wilk",
        "/deals/new?organisation={partner}",
        "/deals/{deal}",
        "/deals/{waiting}",
        "/deals/decision-times",
        "/deals/programmes",
        "/partners/{partner}",
        "/deals/{deal}/conversion",
        "/opportunities",
        "/opportunities/{opportunity}/edit",
        "/settings",
        "/settings/tiers",
        "/settings/tiers/silver",
        "/settings/absences",
    ],
    "agent": [
        "/",
        "/orders",
        "/tickets",
        "/tickets/{ticket}",
        "/tickets/new",
        "/organisations/{organisation}/contacts/new",
    ],
    "account-manager": [
        "/",
        "/orders/late",
        "/orders/returns",
        "/search?q=la",
        "/organisations",
        "/organisations/{organisation}",
        "/organisations/{organisation}/edit",
        "/organisations/{organisation}/history",
        "/organisations/new",
        "/opportunities/new?organisation={organisation}",
        "/people/{person}",
        "/imports",
        "/imports/new",
        "/imports/{drafted}",
        "/imports/{checked}",
        "/imports/{imported}",
    ],
    "auditor": ["/orders/{sale}", "/settings/access-log", "/settings/break-glass"],
    "admin": [
        "/",
        "/settings",
        "/settings/teams",
        "/settings/teams/new",
        "/settings/teams/{team}",
        "/settings/staff",
        "/settings/staff/{colleague}",
        "/settings/staff/{manager}/portfolio",
        "/settings/break-glass",
        "/settings/business-hours",
        "/settings/api-keys",
        "/webhooks",
    ],
}


def refs(world: World) -> dict[str, str]:
    """What the addresses name; the ticket has an answer and a note."""
    ticket = world.make_ticket("customer", subject="Glass <b>&amp;", body="Some **words** <script>alert(1)</script>.")
    world.reply(ticket, "agent", "An answer.")
    world.note(ticket, "agent", "A note.")
    deals = DealWorld(world)
    orders = OrderWorld(world)
    return (
        plant_orders(orders)
        | webhooks(world)
        | plant_imports(ImportWorld(world), orders)
        | plant_rfqs(RfqWorld(world))
        | {
            "ticket": ticket.ref,
            "organisation": world.organisation("glass").ref,
            "team": world.team("care").ref,
            "person": world.person("customer").ref,
            "colleague": world.person("agent").ref,
            "manager": world.person("account-manager").ref,
            "receipt": receipt(world).ref,
            "partner": world.organisation("wolf").ref,
            "supplier": world.organisation("looms").ref,
            "opportunity": Sales(deals).converted(products=("LN-300",)).ref,
            "draft": deals.draft().ref,
            "waiting": deals.under_review("rival-partner", amount=9_000_000).ref,
            "deal": deals.approved(description="Some **words** <script>alert(1)</script>.").ref,
        }
    )


def plant_imports(imports: ImportWorld, orders: OrderWorld) -> dict[str, str]:
    """One whose columns are to be settled, one with a preview that has something of everything, one that is done."""
    known = orders.shape()
    done = imports.brought_in(jsonl(known))
    told = ({**known, "state": "shipped"}, orders.shape(), orders.shape(total="1.00"), {**known, "number": "2"})
    return {
        "drafted": imports.draft(jsonl(orders.shape())).ref,
        "checked": imports.checked(jsonl(*told)).ref,
        "imported": done.ref,
    }


def plant_rfqs(rfqs: RfqWorld) -> dict[str, str]:
    """A draft with gaps, one with an offer and a question, one to be decided on, one that is awarded."""
    lines = (
        *LINES_ASKED,
        ("Some <b>&amp; packing paper, cut to size as in the drawing that is attached here", 12_500, "KGM"),
    )
    open_, closed, awarded = (
        rfqs.sent(title="Glass <b>&amp;", lines=lines, description="**Some** words.") for _ in "123"
    )
    rfqs.offered(open_, "looms", 500, None, 12_345_678)
    invitation = rfqs.asked(open_, "looms", "Which <b>thread</b>?")
    for rfq in (closed, awarded):
        rfqs.offered(rfq, "looms", 500, None, 12_345_678)
        rfqs.offered(rfq, "paper", 510, 99, 12_345_600)
    closed = rfqs.closed(closed)
    awarded = rfqs.awarded(awarded, {10: "looms", 20: "paper"}, {"paper": "Thank <b>you</b>."})
    return {
        "invitation": invitation.ref,
        "won": rfqs.invitation(awarded, "looms").ref,
        "drafted_rfq": rfqs.draft(title="").ref,
        "rfq": open_.ref,
        "closed_rfq": closed.ref,
        "awarded_rfq": awarded.ref,
    }


def webhooks(world: World) -> dict[str, str]:
    """As in the sample world: deliveries of each state, messages that were done and one that was not."""
    admin = world.principal("customer-admin")
    with world.session() as session:
        plant_webhooks(session, admin, now())
        session.commit()
        endpoint, source = (
            session.scalars(sa.select(WebhookEndpoint)).one(),
            session.scalars(sa.select(WebhookSource)).one(),
        )
        return {"webhook": endpoint.ref, "source": source.ref, "key": session.scalars(sa.select(ApiKey.ref)).one()}


def plant_orders(orders: OrderWorld) -> dict[str, str]:
    """One of each kind; of the sale a part has come, and the rest is late."""
    first, second = ({**line, "promised_on": "2020-03-02"} for line in LINES)
    lines = [{**first, "shipped": "10", "delivered": "7"}, second]
    sale = orders.sales(state="shipped", lines=lines, payment_state="part", remark="<b>Ring</b>")
    offer, purchase = orders.quotation(), orders.purchase()
    propose(orders, purchase)
    invoice = invoiced(orders, purchase)
    plant_scorecard(Deliveries(orders))
    orders.sales("bakery", reseller="wolf", lines=[{**first, "shipped": "7"}, second])
    return {"sale": sale.ref, "offer": offer.ref, "purchase": purchase.ref, "invoice": invoice.ref}


def plant_scorecard(deliveries: Deliveries) -> None:
    """A line that was met, and one that was neither confirmed nor delivered."""
    day, due = weekday_ago(60), days_ago(40)
    deliveries.line(day, promised=due, confirmed=(due, moment(day, "11:00")), arrived=((due, "10"),))
    deliveries.line(day, promised=due)


def receipt(world: World) -> Receipt:
    """Of the partner."""
    company_id = world.organisation("wolf").id
    known = {"record_id": 1, "record_ref": "D-00000000", "organisation_id": company_id}
    content = {"customer": "Lamps <b>&amp;", "value": {"amount": 100, "currency": "EUR"}, "lines": [{"quantity": 2}]}
    with world.session() as session:
        made = issue(session, kind="trial", event="approved", at=now(), content=content, **known)
        session.commit()
        return made


def watch(page: Page, faults: list[str]) -> None:
    """Note what the policy refuses and what scripts stumble over."""
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    page.on("pageerror", lambda error: faults.append(str(error)))


# What a browser makes of a page is the same for both databases; each serves one of the two rounds.
@pytest.mark.parametrize(
    ("database", "language", "theme", "width"),
    [("sqlite", "en", "light", 1280), ("postgresql", "fa", "dark", 390)],
    indirect=["database"],
)
def test_every_page_is_fit_for_everybody(new_page: NewPage, live: Live, language: str, theme: str, width: int) -> None:
    known = refs(World(live.app))
    faults: list[str] = []
    for hint, addresses in PAGES.items():
        page = new_page(hint, viewport={"width": width, "height": 900})
        if not hint:
            page.goto("/")
        set_language(page, language)
        page.context.add_cookies([{"name": "theme", "value": theme, "url": live.url}])
        watch(page, faults)
        for address in addresses:
            response = page.goto(address.format(**known))
            assert response is not None
            if response.status >= 500 or (response.status == 404 and "T-0000" not in address):
                faults.append(f"{hint} {address}: {response.status}")
                continue
            faults += [f"{hint} {fault}" for fault in axe(page)]
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 0:
                faults.append(f"{hint} {address} is {over} px too wide in {language}")
    assert "\n".join(faults) == ""
