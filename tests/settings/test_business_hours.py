"""The business hours as the administrator sets them: typed as people write hours and days, in any digits."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time

import html5lib
import pytest
import sqlalchemy as sa
import time_machine

from portal.accounts.models import AccessLog, Person
from portal.business_hours import vendor_calendar
from portal.business_hours.models import BusinessHours

PAGE = "/settings/business-hours"
OFFICE = ((time(9), time(12)), (time(13), time(17)))
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "9-12, 13:00–17:00")
FORM = {"version": "0", **WEEK, "time_zone": "Europe/London", "country": "GB", "subdivision": "", "closed_days": ""}


@pytest.fixture
def calendar(world):
    def calendar():
        with world.session() as session:
            return vendor_calendar(session)

    return calendar


@pytest.fixture
def admin(sign_in):
    return sign_in("admin")


def speak(world, **words) -> None:
    with world.session() as session:
        session.execute(sa.update(Person).values(words))
        session.commit()


# ── The standing set ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("in_english")
def test_the_administrator_sets_them(admin, calendar) -> None:
    assert 'value="09:00–17:00"' in admin.get(PAGE).text
    typed = {**FORM, "subdivision": "scotland", "closed_days": "2026-12-31\n\n12/24/2026\n", "saturday": "18–24"}
    assert admin.send(PAGE, typed).location == PAGE
    found = calendar()
    assert found.windows == (*(OFFICE,) * 5, ((time(18), time(0)),), ())
    assert (found.time_zone.key, found.country, found.subdivision) == ("Europe/London", "GB", "SCT")
    assert found.closed_days == {date(2026, 12, 31), date(2026, 12, 24)}


@pytest.mark.usefixtures("in_english")
def test_what_was_set_is_shown_again(admin) -> None:
    admin.send(PAGE, {**FORM, "subdivision": "ENG", "closed_days": "2026-12-31", "sunday": "0-24"})
    page = admin.get(PAGE).text
    for shown in ('value="09:00–12:00, 13:00–17:00"', 'value="00:00–24:00"', 'value="England"', "2026-12-31"):
        assert shown in page
    # What is sent again as it is shown stays what it was.
    assert admin.send(PAGE, {**FORM, "version": "1", "subdivision": "England", "sunday": "00:00–24:00"}).location


@pytest.mark.parametrize(("language", "monday", "sunday"), [("en", "Monday", "Sunday"), ("cs", "Pondělí", "Neděle")])
def test_each_day_is_called_by_its_name(admin, world, language, monday, sunday) -> None:
    speak(world, language=language)
    page = admin.get(PAGE).text
    assert re.search(rf'for="monday">\s*{monday}\s*<', page)
    assert re.search(rf'for="sunday">\s*{sunday}\s*<', page)


@pytest.mark.parametrize("hint", ["agent", "channel-manager", "auditor", "customer-admin", "newcomer"])
def test_nobody_else_does(sign_in, calendar, hint) -> None:
    browser, before = sign_in(hint), calendar()
    assert browser.get(PAGE).status_code == 403
    assert browser.send(PAGE, FORM).status_code == 403
    assert calendar() == before


def test_signed_out_goes_to_sign_in(client) -> None:
    assert client.get(PAGE).location.startswith("/sign-in")
    assert client.send(PAGE, FORM).location.startswith("/sign-in")


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("monday", "morning", "Enter hours such as 09:00–17:00."),
        ("monday", "9-12 13-17", "Enter hours such as"),
        ("tuesday", "17:00–9:00", "Hours end after they begin."),
        ("tuesday", "9-9", "Hours end after they begin."),
        ("friday", "9-13, 12-17", "These hours overlap."),
        ("friday", "9:60-12", "There is no such time."),
        ("friday", "9-25", "There is no such time."),
        ("time_zone", "Europe/Nowhere", "Not a valid choice."),
        ("country", "XX", "Not a valid choice."),
        ("subdivision", "Bavaria", "Known are: \u2068England\u2069, \u2068Northern Ireland\u2069, "),
        ("closed_days", "2026-12-24\nsoon", "is no date. Write one on each line, such as 2026-12-31."),
        ("closed_days", "2026-12-24\n" * 401, "These are too many days."),
    ],
)
def test_what_is_wrong_is_said_and_stays_as_it_was_typed(admin, calendar, field, typed, words) -> None:
    before = calendar()
    response = admin.send(PAGE, {**FORM, field: typed})
    assert response.status_code == 422
    assert words in response.text
    if "time_zone" != field != "country":
        assert typed.strip() in response.text
    assert 'value="9-12, 13:00–17:00"' in response.text
    assert calendar() == before


@pytest.mark.usefixtures("in_english")
def test_a_week_without_any_hours_is_refused(admin) -> None:
    response = admin.send(PAGE, {**FORM, **dict.fromkeys(WEEK, "")})
    assert response.status_code == 422
    assert "Enter hours for at least one day." in response.text


@pytest.mark.usefixtures("in_english")
def test_a_part_of_a_country_without_parts_is_refused(admin) -> None:
    response = admin.send(PAGE, {**FORM, "country": "CZ", "subdivision": "Morava"})
    assert response.status_code == 422
    assert "for the whole of it" in response.text


# ── Two at once ───────────────────────────────────────────────────────────────────────────────────


def test_a_stale_look_is_refused(admin, calendar, world) -> None:
    assert admin.send(PAGE, FORM).status_code == 303
    kept = calendar()
    # The first to be set is seen as version 0, and there is one now.
    for seen in ("0", "", "7"):
        assert admin.send(PAGE, {**FORM, "version": seen, "country": "CZ"}).status_code == 409
    assert calendar() == kept
    assert admin.send(PAGE, {**FORM, "version": "1", "country": "CZ"}).status_code == 303
    assert calendar().country == "CZ"
    with world.session() as session:
        assert session.scalar(sa.select(BusinessHours.version)) == 2


def test_of_two_who_set_the_very_first_at_once_one_is_told(sign_in, calendar) -> None:
    browsers = [sign_in("admin"), sign_in("admin")]
    wanted = [{**FORM, "country": country} for country in ("GB", "CZ")]
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda browser, form: browser.send(PAGE, form).status_code, browsers, wanted))
    assert sorted(answers) == [303, 409]
    assert calendar().country == ("GB", "CZ")[answers.index(303)]


def test_a_change_is_in_the_access_log(admin, world) -> None:
    admin.send(PAGE, FORM)
    with world.session() as session:
        log = session.scalars(sa.select(AccessLog).where(AccessLog.kind == "business-hours-changed")).all()
    assert [entry.person_id for entry in log] == [world.person_id("admin")]


# ── In the reader's own way ───────────────────────────────────────────────────────────────────────


def test_persian_hours_and_days_are_read_and_shown_as_they_are_written(admin, calendar, world) -> None:
    speak(world, language="fa")
    typed = {**FORM, **dict.fromkeys(WEEK, ""), "saturday": "۹ تا ۱۲:۳۰، ۱۳:۰۰–۱۷"}
    typed |= {"time_zone": "Asia/Tehran", "country": "IR", "closed_days": "۱۴۰۵/۰۹/۲۵"}
    assert admin.send(PAGE, typed).status_code == 303
    found = calendar()
    assert found.windows[5] == ((time(9), time(12, 30)), (time(13), time(17)))
    assert found.closed_days == {date(2026, 12, 16)}
    page = admin.get(PAGE).text
    assert "۰۹:۰۰ تا ۱۲:۳۰، ۱۳:۰۰ تا ۱۷:۰۰" in page
    assert "۱۴۰۵/۰۹/۲۵" in page
    # The week begins on Saturday there.
    assert page.index('name="saturday"') < page.index('name="monday"')


@pytest.mark.parametrize("language", ["en", "cs", "uk", "pl", "lt", "fa"])
def test_what_is_shown_can_be_sent_back_in_every_language(admin, calendar, world, language) -> None:
    admin.send(PAGE, {**FORM, "subdivision": "NIR", "closed_days": "2026-12-31", "sunday": "0-24"})
    before = calendar()
    speak(world, language=language)
    assert admin.send(PAGE, fields_of(admin.get(PAGE).text)).status_code == 303
    assert calendar() == before


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    form = next(form for form in tree.iter("form") if (form.get("action") or "").endswith(PAGE))
    sent = {field.get("name"): field.get("value") or "" for field in form.iter("input")}
    sent |= {field.get("name"): field.text or "" for field in form.iter("textarea")}
    for select in form.iter("select"):
        sent |= {select.get("name"): o.get("value") for o in select.iter("option") if o.get("selected") is not None}
    return sent


# ── What applies ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("in_english")
@time_machine.travel(datetime(2026, 11, 20, 10, tzinfo=UTC), tick=False)
def test_the_next_twelve_months_are_shown(sign_in) -> None:
    admin = sign_in("admin")
    admin.send(PAGE, {**FORM, "subdivision": "ENG", "closed_days": "2026-12-31\n2028-01-03"})
    page = admin.get(PAGE).text
    assert "Open now" in page
    table = page[page.index("<table") : page.index("</table>")]
    for shown in ("Friday, December 25, 2026", "Christmas Day", "Thursday, December 31, 2026", "Your own closed day"):
        assert shown in table
    assert "Good Friday" in table
    assert "Closed anyway" in table
    assert "2028" not in table


@pytest.mark.usefixtures("in_english")
def test_without_a_country_it_says_what_to_do(admin) -> None:
    assert "Choose a country above" in admin.get(PAGE).text


def test_the_settings_lead_there(admin, sign_in) -> None:
    assert f'href="{PAGE}"' in admin.get("/settings").text
    assert f'href="{PAGE}"' not in sign_in("auditor").get("/settings").text


@pytest.mark.usefixtures("in_english")
def test_who_sees_what_tells_of_it(client) -> None:
    assert "Set the business hours" in client.get("/who-sees-what").text
