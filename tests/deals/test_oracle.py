"""What a partner can find out of rivals: nothing. The same story is played with and without them, and compared."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from portal.deals.models import Deal, Outcome
from portal.jobs import outbox
from portal.products.models import Product
from tests.conftest import SignIn
from tests.databases import Database, dispose
from tests.deals.helpers import DealWorld
from tests.opportunities.helpers import Sales
from tests.statements import statements
from tests.world import World

MONDAY = datetime(2030, 3, 4, 10, tzinfo=UTC)
NAME, DOMAIN = "Sklárny Jitřní Rosa s.r.o.", "jitrni-rosa.example.com"
TYPED = {
    "customer_name": NAME,
    "customer_domain": DOMAIN,
    "customer_country": "CZ",
    "contact_name": "Alžběta Rosická",
    "contact_email": f"alzbeta.rosicka@{DOMAIN}",
    "currency": "EUR",
    "close_on": "2030-06-30",
    "lines-0-quantity": "20",
    "lines-0-unit_price": "12.5",
}
PAGES = (
    "/",
    "/deals",
    "/deals?state=waiting",
    "/deals?sort=due",
    "/deals?protected=now",
    "/deals?q=rosa",
    "/deals/export.csv",
    "/deals/board",
    "/deals/new",
    "/deals/new?step=all",
    "/deals/programmes",
    "/partners/own",
    "/notices",
    "/opportunities",
    "/organisations",
    f"/search?q={NAME}",
    f"/search?q={DOMAIN}",
)
# By chance, or by the second: not what anybody could learn from.
REF = re.compile(r"\b[A-Z]{1,2}-[0-9A-HJKMNP-TV-Z]{8}\b")
CHANCE = (
    re.compile(r'nonce="[^"]*"|nonce-[\w+/=-]+'),
    re.compile(r'name="(?:csrf_token|key)"[^>]*value="[^"]*"|value="[^"]*"[^>]*name="(?:csrf_token|key)"'),
    re.compile(r'"X-CSRFToken": *"[^"]*"|csrf-token" content="[^"]*"'),
    re.compile(r"\b[0-9a-f]{16,64}\b"),
    re.compile(r'class="fingerprint">[^<]*'),
    re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])"),
    re.compile(r'"salt": *"[^"]*"|&#34;salt&#34;: *&#34;[\w-]*'),
    # The QR code of a receipt.
    re.compile(r'\bd="[^"]{500,}"'),
    re.compile(r"[\w-]{20,}\.[\w-]{20,}\.[\w-]{20,}"),
)
HEADERS_BY_CHANCE = {"X-Request-Id", "Set-Cookie", "Content-Length", "Etag"}


@dataclass
class Record:
    """All that the partner was told, in its order: what was asked, and the answer with its number of statements."""

    told: list[tuple[str, str]] = field(default_factory=list)
    refs: dict[str, str] = field(default_factory=dict)

    def add(self, asked: str, answer: str) -> None:
        self.told.append((self.plain(asked), self.plain(answer)))

    def plain(self, text: str) -> str:
        for pattern in CHANCE:
            text = pattern.sub("…", text)
        return REF.sub(lambda found: self.refs.setdefault(found[0], f"{found[0][0]}#{len(self.refs)}"), text)


class Story:
    """A partner's registration, from the empty form to the outcome and beyond, minute by minute."""

    def __init__(self, app: Flask, sign_in: SignIn) -> None:
        self.app, self.world = app, World(app)
        self.deals = DealWorld(self.world)
        self.sales = Sales(self.deals)
        self.browsers: dict[str, FlaskClient] = {hint: sign_in(hint) for hint in ("partner", "partner-admin")}
        self.record, self.letters = Record(), list[EmailMessage]()

    def send(self, url: str, typed: dict[str, Any]) -> str:
        with statements(self.app) as seen:
            answer = self.browsers["partner"].send(url, typed)
        self._keep(f"POST {url}", answer, len(seen))
        return str(answer.location)

    def look_around(self, deal: Deal | None = None) -> None:
        """Every page of theirs, and where the deal's own pages lead."""
        pages = list(PAGES)
        if deal is not None:
            pages += [f"/deals/{deal.ref}", f"/deals/{deal.ref}/edit", f"/search?q={deal.ref}"]
        found = [link for url in pages for link in self._get("partner", url)]
        for url in dict.fromkeys(link for link in found if link not in pages):
            self._get("partner", url)
        for url in ("/", "/deals", *pages[len(PAGES) :]):
            self._get("partner-admin", url)

    def _get(self, hint: str, url: str) -> list[str]:
        with statements(self.app) as seen:
            answer = self.browsers[hint].get(url)
        self._keep(f"{hint} {url}", answer, len(seen))
        return re.findall(r'href="(/(?:deals|receipts|opportunities|rooms)/[A-Z][^"#?]*)', answer.text)

    def _keep(self, asked: str, answer: Any, count: int) -> None:
        headers = sorted(f"{name}: {value}" for name, value in answer.headers if name not in HEADERS_BY_CHANCE)
        self.record.add(asked, "\n".join([str(answer.status_code), f"{count} statements", *headers, answer.text]))

    def work(self, at: datetime) -> None:
        with self.app.app_context(), mock.patch("portal.mail.jobs.send", self.letters.append):
            assert set(outbox.drain(at)) <= {"done"}
        for letter in self.letters:
            if any(who in str(letter["To"]) for who in ("latarnia-i-wilk",)):
                parts = [part.get_content() for part in letter.walk() if not part.is_multipart()]
                self.record.add(f"letter to {letter['To']}", "\n".join([str(letter["Subject"]), *parts]))
        self.letters.clear()

    def newest(self) -> Deal:
        """Theirs, whatever others wrote."""
        with self.world.session() as session:
            mine = sa.select(Deal).where(Deal.author_id == self.world.person_id("partner"))
            return session.scalars(mine.order_by(Deal.id.desc()).limit(1)).one()


def _nobody(story: Story) -> None:
    """They are alone."""


def _under_review(story: Story) -> None:
    story.deals.draft("rival-partner")
    story.deals.under_review("rival-partner")


def _in_line(story: Story) -> None:
    story.deals.approved("rival-partner")
    waits = story.deals.under_review("rival-partner")
    with story.deals.reviewed(waits, "channel-manager") as (review, who):
        told = {"reason": "Taken.", "outcome": Outcome.PARTNER, "in_line": True}
        review.mark_duplicate(who, datetime.now(UTC), review.deal.version, **told)


def _direct_sale(story: Story) -> None:
    story.sales.direct()


Rival = Callable[[Story], None]
Decision = Callable[[Any, Any, datetime], None]


def _approve(review: Any, who: Any, at: datetime) -> None:
    assert review.approve(who, at, review.deal.version, reason="Well prepared.")


def _reject(review: Any, who: Any, at: datetime) -> None:
    review.reject(who, at, review.deal.version, reason="We sell there.", outcome=Outcome.DIRECT_SALE)


def _duplicate(review: Any, who: Any, at: datetime) -> None:
    told = {"reason": "Taken.", "outcome": Outcome.PARTNER, "in_line": True}
    review.mark_duplicate(who, at, review.deal.version, **told)


@contextmanager
def _minutes() -> Iterator[Callable[[], datetime]]:
    """The time stands still until the next step, so that it tells nothing."""
    with ExitStack() as stack:
        moments = iter(range(1, 100))

        def next_minute() -> datetime:
            stack.pop_all().close()
            at = MONDAY + timedelta(minutes=next(moments))
            stack.enter_context(time_machine.travel(at, tick=False))
            return at

        yield next_minute


def _play(app: Flask, database: Database, sign_in: SignIn, rival: Rival, decide: Decision) -> Record:
    dispose(app)
    database.refresh()
    with _minutes() as tick:
        tick()
        story = Story(app, sign_in)
        # Somebody, somewhere, has registered something before: the first receipt makes the key.
        story.deals.under_review("rival-partner", customer="bakery", customer_name="Any", customer_domain="any.example")
        rival(story)
        story.work(tick())
        story.letters.clear()
        story.record.told.clear()
        _tell(story, tick, decide)
    return story.record


def _tell(story: Story, tick: Callable[[], datetime], decide: Decision) -> None:
    story.look_around()
    with story.world.session() as session:
        product = session.scalars(sa.select(Product.ref).where(Product.code == "LN-100")).one()
        typed = {**TYPED, "programme": story.deals.programme(session).ref, "lines-0-product": product}
    tick()
    story.send("/deals/new?step=all", {**typed, "customer_country": "", "close_on": "soon", "press": "submit"})
    story.send("/deals/new?step=all", {**typed, "press": "save"})
    deal = story.newest()
    tick()
    story.look_around(deal)
    story.send(f"/deals/{deal.ref}/edit?step=all", {**typed, "version": deal.public_version, "press": "submit"})
    story.work(tick())
    story.deals.review(deal, "channel-manager", "glass", at=tick())
    story.look_around(deal)
    with story.deals.reviewed(deal, "channel-manager") as (review, who):
        decide(review, who, tick())
    story.work(tick())
    story.look_around(deal)


def _kinds(told: list[tuple[str, str]]) -> set[str]:
    """What was asked for, apart from which one of its kind."""
    return {re.split(r" to |[A-Z]#", asked)[0] for asked, _ in told}


@pytest.mark.parametrize(
    ("rival", "decide"), [(_under_review, _approve), (_in_line, _duplicate), (_direct_sale, _reject)]
)
def test_a_partner_is_told_the_same_with_and_without_rivals(
    app: Flask, database: Database, sign_in: SignIn, rival: Rival, decide: Decision
) -> None:
    """Until the outcome, and after the same outcome for ever: so they differ in nothing but its own words."""
    alone = _play(app, database, sign_in, _nobody, decide).told
    told = _play(app, database, sign_in, rival, decide).told
    assert {"letter", "partner /deals/", "partner /receipts/", "POST /deals/", "partner /deals/board"} <= _kinds(alone)
    assert [asked for asked, _ in told] == [asked for asked, _ in alone]
    for (asked, answer), (_, other) in zip(told, alone, strict=True):
        assert answer == other, asked
