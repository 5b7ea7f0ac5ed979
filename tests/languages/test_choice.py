"""Everyone is spoken to in a language of their own."""

from collections.abc import Iterator

import pytest
from flask import Flask, render_template_string
from flask_babel import Babel, get_locale, get_timezone, gettext

from portal.languages import LANGUAGES, choose_language, init_app, match_language, speak, speaking, voice
from portal.languages.voice import is_time_zone


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    init_app(app, Babel())
    return app


@pytest.fixture
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def test_there_are_six_languages_and_one_is_written_from_the_right() -> None:
    assert list(LANGUAGES) == ["en", "cs", "uk", "pl", "lt", "fa"]
    assert [code for code, language in LANGUAGES.items() if language.direction == "rtl"] == ["fa"]


@pytest.mark.parametrize(
    ("known", "language"),
    [
        ({"person_language": "lt", "provider_locale": "cs", "cookie_choice": "pl"}, "lt"),
        ({"provider_locale": "cs-CZ", "cookie_choice": "pl", "accept_language": "uk"}, "pl"),
        ({"provider_locale": "cs_CZ", "accept_language": "uk"}, "cs"),
        ({"provider_locale": "de-DE", "accept_language": "de, uk;q=0.5"}, "uk"),
        ({"accept_language": "en-GB,cs;q=0.1"}, "en"),
        ({"accept_language": "cs;q=0.4, fa-IR;q=0.9"}, "fa"),
        ({"accept_language": "cs;q=0, de"}, "en"),
        ({"accept_language": "*"}, "en"),
        ({"accept_language": "nonsense;;q=x,,"}, "en"),
        ({"person_language": "xx", "cookie_choice": "'; drop", "default": "pl"}, "pl"),
        ({"default": "xx"}, "en"),
        ({}, "en"),
    ],
)
def test_the_nearest_wish_is_heard(known: dict[str, str], language: str) -> None:
    assert choose_language(**known) == language


@pytest.mark.parametrize(
    ("tag", "code"),
    [("CES", "cs"), ("prs-AF", "fa"), ("uk-Cyrl-UA", "uk"), ("sk", None), (None, None), ("", None)],
)
def test_tags_of_other_standards_are_understood(tag: str | None, code: str | None) -> None:
    assert match_language(tag) == code


@pytest.mark.usefixtures("request_context")
def test_what_is_not_said_follows_the_language() -> None:
    speak("fa")
    assert (voice().calendar, voice().digits, voice().time_zone) == ("jalali", "native", "UTC")
    speak("fa", "Asia/Tehran", "gregorian", "latin")
    assert (voice().calendar, voice().digits, voice().time_zone) == ("gregorian", "latin", "Asia/Tehran")


@pytest.mark.usefixtures("request_context")
def test_a_change_in_the_request_takes_effect_at_once() -> None:
    speak("cs", "Europe/Prague")
    assert (str(get_locale()), str(get_timezone())) == ("cs", "Europe/Prague")
    speak("pl", "Europe/Warsaw")
    assert (str(get_locale()), str(get_timezone())) == ("pl", "Europe/Warsaw")


@pytest.mark.usefixtures("request_context")
def test_nonsense_from_the_database_breaks_no_page() -> None:
    speak("xx", "../etc/passwd", "mayan", "roman")
    assert (voice().language, voice().time_zone, voice().calendar, voice().digits) == (
        "en",
        "UTC",
        "gregorian",
        "latin",
    )
    assert str(get_timezone()) == "UTC"


@pytest.mark.parametrize("name", ["", "Europe", "/etc/passwd", "../x", "Mars/Phobos", "Europe/Prague\x00"])
def test_only_time_zones_are_time_zones(name: str) -> None:
    assert not is_time_zone(name)


@pytest.mark.usefixtures("request_context")
def test_mail_speaks_to_somebody_else_and_the_request_goes_on() -> None:
    speak("cs")
    with speaking("pl"):
        assert str(get_locale()) == "pl"
        with speaking("lt"):
            assert voice().language == "lt"
        assert str(get_locale()) == "pl"
    assert str(get_locale()) == "cs"


def test_a_job_without_any_context_can_speak() -> None:
    with speaking("uk") as chosen:
        assert voice() is chosen
        assert gettext("anything") == "anything"
    assert voice().language == "en"


def test_an_error_does_not_leave_the_wrong_language_behind() -> None:
    with pytest.raises(ZeroDivisionError), speaking("uk"):
        _ = 1 / 0
    assert voice().language == "en"


def test_templates_know_language_and_direction(app: Flask) -> None:
    with app.test_request_context():
        speak("fa")
        assert render_template_string("{{ lang }} {{ direction }} {{ 1234|number_text }}") == "fa rtl ۱٬۲۳۴"
