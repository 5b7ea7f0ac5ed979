"""Writing a registration, through HTTP: step by step and on one page, kept at every press, by partners and for them."""

from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from portal.access import Area
from portal.accounts.models import Membership
from portal.clock import now
from portal.deals.lifecycle import State
from portal.deals.models import Deal, DealLine
from portal.deals.programmes import Programme
from portal.files.models import Attachment
from portal.products.models import Product
from tests.conftest import SignIn
from tests.deals.helpers import DealWorld
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")

SEE_OTHER, UNSOUND, FORBIDDEN = HTTPStatus.SEE_OTHER, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN
CONFLICT, NOT_FOUND, OK = HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND, HTTPStatus.OK

CUSTOMER = {
    "customer_name": "Szklarnia Poranek sp. z o.o.",
    "customer_domain": "https://www.Poranek.example.net/kontakt",
    "customer_country": "PL",
    "contact_name": "Bronisława Poranna",
    "contact_email": "bronislawa@poranek.example.net",
}


def file(name: str = "proof.txt", content: bytes = b"They said yes.") -> Any:
    return BytesIO(content), name


@pytest.fixture
def wanted(world: World, deals: DealWorld) -> dict[str, Any]:
    """What the second step asks for."""
    with world.session() as session:
        product = session.scalars(sa.select(Product.ref).where(Product.code == "LN-200")).one()
        programme = deals.programme(session).ref
    return {
        "programme": programme,
        "currency": "EUR",
        "close_on": (now() + timedelta(days=60)).date().isoformat(),
        "lines-0-product": product,
        "lines-0-quantity": "20",
        "lines-0-unit_price": "12.5",
    }


def stored(world: World) -> list[Deal]:
    with world.session() as session:
        found = session.scalars(sa.select(Deal).order_by(Deal.id)).all()
        for deal in found:
            _ = deal.lines
        return list(found)


def fields(deal: Deal, **typed: Any) -> dict[str, Any]:
    return {"version": deal.public_version, **typed}


def post(client: FlaskClient, deal: Deal, step: int | str, **typed: Any) -> Any:
    return client.send(f"/deals/{deal.ref}/edit?step={step}", fields(deal, **typed))


# ── Step by step ──────────────────────────────────────────────────────────────────────────────────


def test_three_steps_lead_to_a_submitted_registration(sign_in: SignIn, world: World, wanted: dict[str, Any]) -> None:
    partner = sign_in("partner")
    answer = partner.send("/deals/new?step=1", {**CUSTOMER, "press": "next"})
    deal = stored(world)[0]
    assert (answer.status_code, answer.location) == (SEE_OTHER, f"/deals/{deal.ref}/edit?step=2")
    assert (deal.state, deal.author_id, deal.created_by_id) == (State.DRAFT, *[world.person_id("partner")] * 2)
    answer = post(partner, deal, 2, **wanted, press="next")
    assert answer.location == f"/deals/{deal.ref}/edit?step=3"
    answer = post(partner, stored(world)[0], 3, source="event", description="We met at a fair.", press="submit")
    assert answer.location == f"/deals/{deal.ref}"
    deal = stored(world)[0]
    assert (deal.state, deal.amount, deal.currency) == (State.SUBMITTED, 25_000, "EUR")
    assert (deal.customer_domain, deal.source) == ("https://www.Poranek.example.net/kontakt", "event")
    assert [(line.quantity, line.unit_price) for line in deal.lines] == [(20, 1250)]
    assert "A decision is due by" in partner.get(f"/deals/{deal.ref}").text


def test_the_whole_works_as_one_page(sign_in: SignIn, world: World, wanted: dict[str, Any]) -> None:
    partner = sign_in("partner")
    text = partner.get("/deals/new?step=all").text
    for name in ("customer_name", "lines-0-product", "description", "files"):
        assert f'name="{name}"' in text
    answer = partner.send("/deals/new?step=all", {**CUSTOMER, **wanted, "press": "submit", "files": [file()]})
    deal = stored(world)[0]
    assert (answer.location, deal.state) == (f"/deals/{deal.ref}", State.SUBMITTED)
    with world.session() as session:
        assert session.scalars(sa.select(Attachment.filename).where(Attachment.deal_id == deal.id)).all() == [
            "proof.txt"
        ]


@pytest.mark.parametrize(
    ("step", "typed"),
    [
        (1, {"customer_name": "Only a name"}),
        (2, {"currency": "CZK", "lines-0-quantity": "1"}),
        (3, {"description": "Only words"}),
        ("all", {"contact_role": "Buyer", "currency": "EUR"}),
    ],
)
def test_a_draft_is_saved_at_any_step_however_little_is_told(
    sign_in: SignIn, world: World, deals: DealWorld, step: int | str, typed: dict[str, Any]
) -> None:
    partner = sign_in("partner")
    answer = partner.send(f"/deals/new?step={step}", {**typed, "press": "save"})
    deal = stored(world)[0]
    assert (answer.status_code, answer.location) == (SEE_OTHER, f"/deals/{deal.ref}/edit?step={step}")
    assert deal.state == State.DRAFT
    page = partner.get(answer.location).text
    assert "The draft is saved." in page
    name, value = next(iter(typed.items()))
    assert str(getattr(deal, name)) == value
    assert value in page
    # And again, when it is there already.
    kept = deals.draft()
    assert post(partner, kept, step, **typed, press="save").status_code == SEE_OTHER


def test_one_step_leaves_what_the_others_told(sign_in: SignIn, world: World, deals: DealWorld) -> None:
    deal = deals.draft(products=("LN-100", "LN-200"))
    post(sign_in("partner"), deal, 1, customer_name="Another name", press="next")
    kept = stored(world)[0]
    assert (kept.customer_name, kept.amount, len(kept.lines)) == ("Another name", 1_250_000, 2)
    assert kept.customer_country == ""


def test_no_more_than_nine_fields_are_needed(deals: DealWorld, world: World) -> None:
    deal = deals.draft(amount=None, close_on=None, contact_name="", customer_domain="")
    with world.session() as session:
        found = session.get_one(Deal, deal.id)
        assert found.missing() == ["customer_domain", "contact_name", "amount", "close_on"]
        assert len(Deal(created_at=now()).missing()) == 9


# ── What is refused ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("step", "typed", "at"),
    [
        (1, {"contact_email": "nobody"}, "contact_email"),
        (1, {"customer_domain": "not a domain"}, "customer_domain"),
        (1, {"customer_country": "Narnia"}, "customer_country"),
        (1, {"customer_name": "x" * 201}, "customer_name"),
        (2, {"amount": "a lot"}, "amount"),
        (2, {"amount": "-5"}, "amount"),
        (2, {"amount": "9" * 30}, "amount"),
        (2, {"amount": "1.005"}, "amount"),
        (2, {"close_on": "someday"}, "close_on"),
        (2, {"close_on": "0001-01-01"}, "close_on"),
        (2, {"programme": "PG-00000000"}, "programme"),
        (2, {"currency": "XXX"}, "currency"),
        (2, {"lines-0-quantity": "-3"}, "lines"),
        (2, {"lines-0-quantity": "0"}, "lines"),
        (2, {"lines-0-quantity": "9" * 14}, "lines"),
        (2, {"lines-0-quantity": "1.5"}, "lines"),
        (2, {"lines-0-product": "PR-00000000"}, "lines"),
        (2, {"lines-0-unit_price": "0.001"}, "lines"),
        (2, {"lines-0-unit_price": "-1"}, "lines"),
        (2, {"lines-0-product": "", "lines-0-unit_price": "5"}, "lines"),
        (3, {"source": "gossip"}, "source"),
        (3, {"description": "x" * 10_001}, "description"),
    ],
)
def test_what_is_malformed_is_sent_back_as_it_was_typed(
    sign_in: SignIn, world: World, deals: DealWorld, wanted: dict[str, Any], step: int, typed: dict[str, str], at: str
) -> None:
    deal = deals.draft()
    sent = {**CUSTOMER, **wanted, "description": "Kept words", **typed, "press": "next"}
    answer = post(sign_in("partner"), deal, step, **sent)
    assert answer.status_code == UNSOUND
    assert f'href="#{at}"' in answer.text
    kept = {1: "Bronisława", 2: 'value="20"', 3: "Kept words"}[step]
    assert kept in answer.text or at in ("description", "lines")
    assert stored(world)[0].public_version == deal.public_version


def test_a_registration_has_at_most_fifty_lines(sign_in: SignIn, world: World, deals: DealWorld, wanted: Any) -> None:
    deal, partner = deals.draft(), sign_in("partner")
    product = wanted["lines-0-product"]

    def lines(count: int) -> dict[str, Any]:
        return {f"lines-{n}-product": product for n in range(count)}

    assert post(partner, deal, 2, **{**wanted, **lines(60)}, press="save").status_code == UNSOUND
    assert post(partner, deal, 2, **{**wanted, **lines(50)}, press="save").status_code == SEE_OTHER
    assert len(stored(world)[0].lines) == 50


def test_what_is_hidden_in_text_does_not_arrive(sign_in: SignIn, world: World) -> None:
    typed = {"customer_name": "Gla\x00ss \u202eevil\u202c  Ltd", "contact_phone": "\x00", "press": "save"}
    assert sign_in("partner").send("/deals/new?step=1", typed).status_code == SEE_OTHER
    deal = stored(world)[0]
    assert (deal.customer_name, deal.contact_phone) == ("Glass evil Ltd", "")


@pytest.mark.parametrize("version", ["", "x", "\x00", "9" * 5000, "-1"])
def test_a_forged_version_is_a_stale_one(sign_in: SignIn, deals: DealWorld, world: World, version: str) -> None:
    deal = deals.draft()
    data = {"version": version, "customer_name": "Mine", "press": "save"}
    assert sign_in("partner").send(f"/deals/{deal.ref}/edit?step=1", data).status_code == CONFLICT
    assert stored(world)[0].customer_name == deal.customer_name


def test_a_submission_leads_to_the_first_step_with_a_problem(sign_in: SignIn, world: World, deals: DealWorld) -> None:
    deal = deals.draft(contact_email="", close_on=None)
    answer = post(sign_in("partner"), deal, 3, description="It is all here.", press="submit")
    assert answer.status_code == UNSOUND
    assert f'action="/deals/{deal.ref}/edit?step=1"' in answer.text
    assert 'href="#contact_email"' in answer.text
    kept = stored(world)[0]
    assert (kept.state, kept.description) == (State.DRAFT, "It is all here.")


def test_nothing_is_submitted_that_should_be_closed_yesterday(sign_in: SignIn, world: World, deals: DealWorld) -> None:
    deal = deals.draft(close_on=(now() - timedelta(days=3)).date())
    answer = post(sign_in("partner"), deal, "all", press="submit", **_as_typed(deal, world))
    assert answer.status_code == UNSOUND
    assert "This day is over" in answer.text


def _as_typed(deal: Deal, world: World) -> dict[str, Any]:
    with world.session() as session:
        programme = session.get_one(Programme, deal.programme_id).ref
        product = session.scalars(sa.select(Product.ref).join(DealLine, DealLine.product_id == Product.id)).first()
    return {
        **{name: getattr(deal, name) for name in CUSTOMER},
        "programme": programme,
        "currency": deal.currency,
        "amount": "12500",
        "close_on": deal.close_on.isoformat() if deal.close_on else "",
        "lines-0-product": product,
        "lines-0-quantity": "10",
        "lines-0-unit_price": "125",
    }


def test_what_may_not_be_submitted_today_is_saved_all_the_same(sign_in: SignIn, world: World, deals: DealWorld) -> None:
    for _ in range(world.app.extensions["portal_settings"].deals_per_day):
        deals.submitted()
    deal = deals.draft()
    answer = post(sign_in("partner"), deal, 3, description="One too many", press="submit")
    assert answer.status_code == CONFLICT
    assert "as many registrations as it may within a day" in answer.text
    assert (stored(world)[-1].state, stored(world)[-1].description) == (State.DRAFT, "One too many")


# ── Lines and files, without scripts ──────────────────────────────────────────────────────────────


def test_lines_are_added_and_removed_by_buttons(sign_in: SignIn, world: World, deals: DealWorld, wanted: Any) -> None:
    deal, partner = deals.draft(products=("LN-100",)), sign_in("partner")
    answer = post(partner, deal, 2, **wanted, press="add-line")
    assert urlsplit(answer.location).fragment == "lines-1-product"
    page = partner.get(answer.location).text
    assert 'id="lines-1-product"' in page
    more = {"lines-1-product": wanted["lines-0-product"], "lines-1-quantity": "7"}
    post(partner, stored(world)[0], 2, **wanted, **more, press="save")
    assert [line.quantity for line in stored(world)[0].lines] == [20, 7]
    post(partner, stored(world)[0], 2, **wanted, **more, press="remove-line-0")
    assert [line.quantity for line in stored(world)[0].lines] == [7]
    # What is wrong with a line does not keep it.
    broken = {**wanted, "lines-0-quantity": "lots", "press": "remove-line-0"}
    assert post(partner, stored(world)[0], 2, **broken).status_code == SEE_OTHER
    assert stored(world)[0].lines == []


def test_evidence_is_stored_while_it_is_a_draft_and_removable(sign_in: SignIn, world: World, deals: DealWorld) -> None:
    deal, partner = deals.draft(), sign_in("partner")
    post(partner, deal, 3, files=[file(), file("photo.txt", b"Another.")], press="save")
    with world.session() as session:
        first, second = session.scalars(sa.select(Attachment).order_by(Attachment.id)).all()
    page = partner.get(f"/deals/{deal.ref}/edit?step=3").text
    assert f'href="/files/{first.ref}"' in page
    assert partner.get(f"/files/{first.ref}").data == b"They said yes."
    assert sign_in("rival-partner").get(f"/files/{first.ref}").status_code == NOT_FOUND
    post(partner, stored(world)[0], 3, press=f"remove-file-{first.ref}")
    with world.session() as session:
        assert session.scalars(sa.select(Attachment.ref)).all() == [second.ref]


def test_who_has_the_deals_alone_reads_their_evidence(sign_in: SignIn, world: World, deals: DealWorld) -> None:
    deal, person_id = deals.draft(), world.person_id("partner")
    post(sign_in("partner"), deal, 3, files=[file()], press="save")
    with world.session() as session:
        for membership in session.scalars(sa.select(Membership).where(Membership.person_id == person_id)):
            membership.areas = frozenset({Area.DEALS})
        ref = session.scalars(sa.select(Attachment.ref)).one()
        session.commit()
    assert sign_in("partner").get(f"/files/{ref}").data == b"They said yes."
    assert sign_in("channel-manager").get(f"/files/{ref}").status_code == NOT_FOUND
    assert sign_in("moderator").get(f"/files/{ref}").status_code == FORBIDDEN


def test_a_file_of_a_refused_form_is_kept_for_it(sign_in: SignIn, world: World, deals: DealWorld) -> None:
    deal = deals.draft()
    answer = post(sign_in("partner"), deal, 3, source="gossip", files=[file()], press="save")
    assert (answer.status_code, "proof.txt" in answer.text) == (UNSOUND, True)


def test_there_are_only_so_many_files(sign_in: SignIn, world: World, deals: DealWorld) -> None:
    deal, partner = deals.draft(), sign_in("partner")
    most = world.app.extensions["portal_settings"].attachment_max_count
    many = [file(f"{n}.txt", f"File {n}".encode()) for n in range(most)]
    assert post(partner, deal, 3, files=many, press="save").status_code == SEE_OTHER
    again = post(partner, stored(world)[0], 3, files=[file()], press="save")
    assert (again.status_code, "These are too many files" in again.text) == (UNSOUND, True)


# ── Twice, or by two at once ──────────────────────────────────────────────────────────────────────


def test_who_sends_a_new_one_twice_makes_one(sign_in: SignIn, world: World, wanted: dict[str, Any]) -> None:
    partner = sign_in("partner")
    key = partner.get("/deals/new?step=all").text.partition('name="key"')[2].partition('value="')[2].partition('"')[0]
    data = {**CUSTOMER, **wanted, "key": key, "press": "submit"}
    first, second = (partner.send("/deals/new?step=all", data) for _ in range(2))
    assert len(stored(world)) == 1
    assert first.location == second.location == f"/deals/{stored(world)[0].ref}"
    # A key of somebody else's is none.
    sign_in("rival-partner").send("/deals/new?step=all", data)
    assert len({deal.organisation_id for deal in stored(world)}) == 2


def test_of_two_who_write_at_once_the_second_sees_both(sign_in: SignIn, world: World, deals: DealWorld) -> None:
    deal = deals.draft()
    post(sign_in("partner-admin"), deal, 1, **CUSTOMER, press="save")
    answer = post(sign_in("partner"), deal, 1, **{**CUSTOMER, "customer_name": "Mine instead"}, press="save")
    assert answer.status_code == CONFLICT
    assert 'value="Mine instead"' in answer.text
    assert "Szklarnia Poranek" in answer.text
    assert stored(world)[0].customer_name == CUSTOMER["customer_name"]
    # Saved again, it takes its place.
    again = post(sign_in("partner"), stored(world)[0], 1, **{**CUSTOMER, "customer_name": "Mine instead"}, press="save")
    assert (again.status_code, stored(world)[0].customer_name) == (SEE_OTHER, "Mine instead")


def test_what_is_submitted_is_edited_no_more(sign_in: SignIn, world: World, deals: DealWorld) -> None:
    deal, partner = deals.submitted(), sign_in("partner")
    assert partner.get(f"/deals/{deal.ref}/edit").location == f"/deals/{deal.ref}"
    answer = post(partner, deals.reload(deal), 1, **CUSTOMER, press="save")
    assert answer.status_code == CONFLICT
    assert stored(world)[0].customer_name == deal.customer_name


# ── Deleting ──────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_is_deleted_with_its_files(sign_in: SignIn, world: World, deals: DealWorld) -> None:
    deal, partner = deals.draft(), sign_in("partner")
    post(partner, deal, 3, files=[file()], press="save")
    assert "Delete draft" in partner.get(f"/deals/{deal.ref}/edit").text
    assert partner.send(f"/deals/{deal.ref}/removal").location == "/deals"
    assert stored(world) == []
    assert partner.send(f"/deals/{deal.ref}/removal").status_code == NOT_FOUND
    with world.session() as session:
        assert session.scalars(sa.select(Attachment)).all() == []


def test_what_was_submitted_or_is_anothers_is_not_deleted(sign_in: SignIn, world: World, deals: DealWorld) -> None:
    submitted, draft = deals.submitted(), deals.draft()
    assert sign_in("partner").send(f"/deals/{submitted.ref}/removal").status_code == CONFLICT
    assert sign_in("partner-admin").send(f"/deals/{draft.ref}/removal").status_code == FORBIDDEN
    assert len(stored(world)) == 2


# ── Who may ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hint", ["customer", "supplier-admin", "agent", "account-manager", "auditor", "admin"])
def test_who_registers_no_deals_is_refused(sign_in: SignIn, world: World, deals: DealWorld, hint: str) -> None:
    deal, browser = deals.draft(), sign_in(hint)
    for path in ("/deals/new", f"/deals/{deal.ref}/edit"):
        assert browser.get(path).status_code == FORBIDDEN
        assert browser.send(path, CUSTOMER).status_code == FORBIDDEN
    assert browser.send(f"/deals/{deal.ref}/removal").status_code == FORBIDDEN
    assert len(stored(world)) == 1


def test_a_rival_and_a_colleague_find_no_draft_of_mine(sign_in: SignIn, world: World, deals: DealWorld) -> None:
    mine, of_admin = deals.draft(), deals.draft("partner-admin")
    for hint, deal in (("rival-partner", mine), ("channel-manager", mine), ("partner", of_admin)):
        browser = sign_in(hint)
        assert browser.get(f"/deals/{deal.ref}/edit").status_code == NOT_FOUND
        assert browser.send(f"/deals/{deal.ref}/edit?step=1", fields(deal)).status_code == NOT_FOUND
        assert browser.send(f"/deals/{deal.ref}/removal").status_code == NOT_FOUND
    assert sign_in("partner-admin").get(f"/deals/{mine.ref}/edit").status_code == OK


def test_signed_out_means_sign_in_and_what_was_typed_is_there_again(
    sign_in: SignIn, client: FlaskClient, deals: DealWorld
) -> None:
    deal = deals.draft()
    for path in ("/deals/new", f"/deals/{deal.ref}/edit", f"/deals/{deal.ref}/removal"):
        answer = client.send(path, CUSTOMER)
        assert (answer.status_code, "/sign-in" in answer.location) == (SEE_OTHER, True)
    partner = sign_in("partner")
    data = {**CUSTOMER, "version": "1", "csrf_token": partner.csrf_token()}
    page = f"/deals/{deal.ref}/edit?step=1"
    with time_machine.travel(now() + timedelta(hours=13)):
        late = partner.post(page, data=data, headers={"Referer": f"http://localhost{page}"})
    back = parse_qs(urlsplit(late.location).query)["next"][0]
    text = sign_in("partner").get(back).text
    assert 'value="Szklarnia Poranek sp. z o.o."' in text


# ── On a partner's behalf ─────────────────────────────────────────────────────────────────────────


def test_a_channel_manager_registers_for_a_partner(sign_in: SignIn, world: World, wanted: dict[str, Any]) -> None:
    manager, wolf = sign_in("channel-manager"), world.organisation("wolf")
    assert "For which partner?" in manager.get("/deals/new").text
    assert wolf.ref in manager.get("/deals/new?find=latarnia").text
    assert world.organisation("glass").ref not in manager.get("/deals/new?find=mesicni").text
    people = manager.get(f"/deals/new?organisation={wolf.ref}").text
    assert world.person("partner").name in people
    assert world.person("rival-partner").name not in people
    address = f"/deals/new?step=all&organisation={wolf.ref}&person={world.person('partner').ref}"
    assert world.person("partner").name in manager.get(address).text
    manager.send(address, {**CUSTOMER, **wanted, "press": "save"})
    deal = stored(world)[0]
    assert deal.organisation_id == wolf.id
    assert (deal.author_id, deal.created_by_id) == (world.person_id("partner"), world.person_id("channel-manager"))
    assert sign_in("partner").get(f"/deals/{deal.ref}/edit").status_code == OK
    assert sign_in("channel-manager-2").get(f"/deals/{deal.ref}/edit").status_code == NOT_FOUND


def test_staff_name_nobody_who_registers_nothing(sign_in: SignIn, world: World) -> None:
    manager, wolf, herons = sign_in("channel-manager"), world.organisation("wolf"), world.organisation("herons")
    for organisation, hint in ((wolf, "rival-partner"), (herons, "partner"), (wolf, "channel-manager")):
        address = f"/deals/new?organisation={organisation.ref}&person={world.person(hint).ref}"
        assert manager.get(address).status_code == NOT_FOUND
        assert manager.send(address, CUSTOMER).status_code == NOT_FOUND
    assert manager.send("/deals/new", CUSTOMER).status_code == HTTPStatus.BAD_REQUEST
    assert stored(world) == []
