"""What was typed into a form whose session had ended is offered back, to the same person, for an hour."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
import time_machine

from portal.accounts.models import KeptForm
from portal.clock import now

pytestmark = pytest.mark.usefixtures("in_english")

PROFILE = {
    "name": "Božena, as typed",
    "language": "cs",
    "time_zone": "Europe/Prague",
    "calendar": "jalali",
    "digits": "",
}
PAGE = "http://localhost/account"


@pytest.fixture
def typed(sign_in, world):
    """The customer's session ends while the profile is being typed; the browser, and where sign-in leads back to."""

    def typed(data=PROFILE, **kwargs):
        client = sign_in("customer")
        token = client.csrf_token()
        with time_machine.travel(now() + timedelta(hours=2)):
            response = client.post(
                "/account", data={**data, "csrf_token": token}, **({"headers": {"Referer": PAGE}} | kwargs)
            )
        assert response.status_code == 303
        parts = urlsplit(response.location)
        assert parts.path == "/sign-in"
        return client, parse_qs(parts.query)["next"][0]

    return typed


@pytest.fixture
def kept(world):
    def kept() -> list[KeptForm]:
        with world.session() as session:
            return list(session.scalars(sa.select(KeptForm).order_by(KeptForm.id)))

    return kept


def test_it_is_offered_back_after_the_real_sign_in(demo, typed, go_through, world) -> None:
    client, back = typed()
    assert back.startswith("/account?kept=K-")
    with time_machine.travel(now() + timedelta(hours=2)):
        assert "not lost" in client.get("/sign-in", query_string={"next": back}).text
    response = go_through(client, "demo", login_hint="customer", next=back)
    assert response.location == back
    page = client.get(back).text
    assert 'value="Božena, as typed"' in page
    assert '<option selected value="jalali">' in page
    assert world.person("customer").name == "Božena Tichá"


def test_the_page_says_so(demo, typed, go_through) -> None:
    client, back = typed({**PROFILE, "language": "en"})
    client.set_cookie("language", "en")
    go_through(client, "demo", login_hint="customer", next=back)
    page = client.get(back).text
    assert 'role="status"' in page
    assert page.count("notice--info") == 1


def test_another_person_never_gets_it(demo, typed, go_through) -> None:
    client, back = typed()
    go_through(client, "demo", login_hint="rival", next=back)
    assert "as typed" not in client.get(back).text


def test_it_is_gone_after_an_hour(typed, sign_in, kept) -> None:
    _client, back = typed()
    made = kept()[0].created_at
    with time_machine.travel(made + timedelta(minutes=59)):
        assert "as typed" in sign_in("customer").get(back).text
    with time_machine.travel(made + timedelta(minutes=61)):
        assert "as typed" not in sign_in("customer").get(back).text


def test_it_fills_its_own_form_alone(typed, sign_in, kept) -> None:
    _client, back = typed()
    ref = kept()[0].ref
    assert "as typed" in sign_in("customer").get(back).text
    assert "as typed" not in sign_in("customer").get(f"/account/notifications?kept={ref}").text


def test_the_token_is_not_kept(typed, kept) -> None:
    typed()
    assert "csrf_token" not in [name for name, _value in kept()[0].fields]


def test_nothing_is_kept_for_whom_nobody_knows(client, kept) -> None:
    response = client.send("/account", PROFILE, headers={"Referer": PAGE})
    assert response.location == "/sign-in?next=/account"
    assert kept() == []


def test_what_is_too_large_is_not_kept(typed, kept) -> None:
    _client, back = typed({**PROFILE, "name": "x" * 300_000})
    assert back == "/account"
    assert kept() == []


def test_only_so_many_are_kept(typed, kept) -> None:
    for _ in range(7):
        typed()
    assert len(kept()) == 5


def test_a_form_on_a_refused_page_leads_back_to_one_that_can_be_opened(typed) -> None:
    _client, back = typed(headers={"Referer": "http://localhost/account/sessions/endings"})
    assert back.startswith("/account/sessions?kept=")


def test_a_page_of_another_site_is_not_led_back_to(typed) -> None:
    _client, back = typed(headers={"Referer": "https://elsewhere.example.com/account"})
    assert back.startswith("/account?kept=")


def test_the_question_of_the_page_is_kept_too(typed) -> None:
    _client, back = typed(headers={"Referer": f"{PAGE}?tab=name&kept=K-OLD"})
    assert back.startswith("/account?tab=name&kept=K-")
    assert "OLD" not in back


def test_htmx_is_sent_to_sign_in_whole(sign_in) -> None:
    client = sign_in("customer")
    token = client.csrf_token()
    with time_machine.travel(now() + timedelta(hours=2)):
        response = client.post(
            "/account",
            data={**PROFILE, "csrf_token": token},
            headers={"HX-Request": "true", "HX-Current-URL": PAGE},
        )
    assert response.status_code == 200
    assert response.headers["HX-Redirect"].startswith("/sign-in?next=")
    assert "kept" in response.headers["HX-Redirect"]


def test_it_is_kept_when_the_session_was_too_old(sign_in, kept) -> None:
    client = sign_in("customer")
    token = client.csrf_token()
    with time_machine.travel(now() + timedelta(hours=12, minutes=5)):
        client.post("/account", data={**PROFILE, "csrf_token": token}, headers={"Referer": PAGE})
    assert len(kept()) == 1


def test_it_is_kept_when_the_device_was_signed_out_elsewhere(sign_in, kept) -> None:
    client, other = sign_in("customer"), sign_in("customer")
    token = client.csrf_token()
    other.send("/account/sessions/endings")
    client.post("/account", data={**PROFILE, "csrf_token": token}, headers={"Referer": PAGE})
    assert len(kept()) == 1


def test_a_reply_is_offered_back_in_its_own_composer(demo, sign_in, go_through, world) -> None:
    ticket = world.make_ticket()
    client, page = sign_in("agent"), f"/tickets/{ticket.ref}"
    token = client.csrf_token()
    with time_machine.travel(now() + timedelta(hours=2)):
        response = client.post(
            f"{page}/notes",
            data={"body": "Nothing for the customer", "csrf_token": token},
            headers={"Referer": f"http://localhost{page}"},
        )
    back = parse_qs(urlsplit(response.location).query)["next"][0]
    assert go_through(client, "demo", login_hint="agent", next=back).location == back
    shown = client.get(back).text
    assert shown.count("Nothing for the customer</textarea>") == 1
    reply, _, _ = shown.partition("Nothing for the customer</textarea>")
    assert f'action="{page}/notes"' in reply[reply.rindex("<form") :]
    assert "Nothing for the customer" not in client.get(page).text


@pytest.fixture
def sent_late(sign_in):
    """Somebody signs out in another window and then sends a form; the browser, and where sign-in leads back to."""

    def sent_late(hint: str, page: str, action: str, data):
        client = sign_in(hint)
        token = client.csrf_token()
        client.post("/sign-out", data={"csrf_token": token})
        response = client.post(
            action, data={**data, "csrf_token": token}, headers={"Referer": f"http://localhost{page}"}
        )
        assert response.status_code == 303
        return client, parse_qs(urlsplit(response.location).query)["next"][0]

    return sent_late


def test_it_is_kept_when_the_person_signed_out_in_another_window(demo, sent_late, go_through) -> None:
    client, back = sent_late("customer", "/account", "/account", PROFILE)
    assert back.startswith("/account?kept=K-")
    go_through(client, "demo", login_hint="customer", next=back)
    assert "as typed" in client.get(back).text


def test_an_hour_after_signing_out_nobody_is_known(sign_in, kept) -> None:
    client = sign_in("customer")
    token = client.csrf_token()
    client.post("/sign-out", data={"csrf_token": token})
    with time_machine.travel(now() + timedelta(minutes=61)):
        client.post("/account", data={**PROFILE, "csrf_token": token}, headers={"Referer": PAGE})
    assert kept() == []


def test_what_somebody_else_made_the_browser_send_is_not_kept(sign_in, kept) -> None:
    client = sign_in("customer")
    with time_machine.travel(now() + timedelta(hours=2)):
        response = client.post("/account", data={**PROFILE, "csrf_token": "planted"}, headers={"Referer": PAGE})
    assert response.location == "/sign-in?next=/account"
    assert kept() == []


def test_a_new_ticket_is_offered_back_whichever_address_it_was_sent_to(demo, sent_late, go_through) -> None:
    for action in ("/tickets", "/tickets/new"):
        data = {"subject": "Late subject", "body": "Late words", "category": "question"}
        client, back = sent_late("customer", "/tickets/new", action, data)
        go_through(client, "demo", login_hint="customer", next=back)
        page = client.get(back).text
        assert 'value="Late subject"' in page
        assert "Send it now" not in page


@pytest.mark.parametrize(
    ("hint", "page", "action", "data", "typed_again"),
    [
        ("account-manager", "/organisations/new", "/organisations", {"name": "Late & Co"}, 'value="Late &amp; Co"'),
        ("account-manager", "/organisations/{ref}/edit", "/organisations/{ref}", {"name": "Late"}, 'value="Late"'),
        ("agent", "/organisations/{ref}/contacts/new", "/organisations/{ref}/contacts", {"note": "Rang"}, "Rang</text"),
        (
            "account-manager",
            "/organisations/{ref}/partners/new",
            "/organisations/{ref}/partners",
            {"partner": "W"},
            '"W"',
        ),
    ],
)
def test_records_are_offered_back_in_their_forms(
    demo, sent_late, go_through, world, hint, page, action, data, typed_again
) -> None:
    ref = world.organisation("glass").ref
    client, back = sent_late(hint, page.format(ref=ref), action.format(ref=ref), data)
    go_through(client, "demo", login_hint=hint, next=back)
    assert typed_again in client.get(back).text


def test_what_fits_no_form_may_be_sent_as_it_was(demo, sent_late, go_through, world) -> None:
    ticket = world.make_ticket()
    page = f"/tickets/{ticket.ref}"
    client, back = sent_late("agent", page, f"{page}/team", {"team": "T-1", "note": "Yours, I think"})
    go_through(client, "demo", login_hint="agent", next=back)
    shown = client.get(back).text
    assert "What you had sent is still here" in shown
    assert "Yours, I think</blockquote>" in shown
    offered = shown[shown.index("What you had sent") :].partition("</form>")[0]
    assert f'action="{page}/team"' in offered
    assert '<input type="hidden" name="team" value="T-1">' in offered
    assert "What you had sent" not in client.get(page).text


def test_nobody_else_may_send_it(demo, sent_late, go_through, world) -> None:
    ticket = world.make_ticket()
    page = f"/tickets/{ticket.ref}"
    client, back = sent_late("agent", page, f"{page}/team", {"team": "T-1"})
    go_through(client, "demo", login_hint="customer", next=back)
    assert "What you had sent" not in client.get(back).text
