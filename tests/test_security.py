"""What every answer and every request must bear, whoever asks."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from portal import accesslog
from tests.conftest import Browser, SignIn, make_app, make_settings
from tests.databases import Database


def test_answers_carry_the_headers_of_a_careful_site(client: FlaskClient) -> None:
    headers = client.get("/").headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert {"Cookie", "Accept-Language"} <= set(headers["Vary"].split(", "))
    assert "Strict-Transport-Security" not in headers


def test_a_secure_site_is_remembered_as_such(app, database: Database, tmp_path: Path) -> None:
    from portal import create_app

    secure = create_app(make_settings(database, tmp_path, base_url="https://portal.example.com"))
    response = secure.test_client().get("/", base_url="https://portal.example.com")
    assert "max-age=" in response.headers["Strict-Transport-Security"]
    client = secure.test_client()
    client.get("/sign-in", base_url="https://portal.example.com")
    cookies = "; ".join(response.headers.getlist("Set-Cookie"))
    assert "portal=" not in cookies.replace("__Host-portal=", "")


def test_forms_may_lead_on_to_the_providers(database: Database, tmp_path: Path) -> None:
    from portal import create_app

    provider = {
        "name": "forge",
        "label": "Forge",
        "kind": "oauth2",
        "client_id": "x",
        "issuer": "https://id.example.com",
    }
    places = {"authorize_url": "https://forge.example.com/authorize", "token_url": "https://api.example.com/token"}
    provider |= places | {"userinfo_url": "https://api.example.com/user"}
    made = create_app(make_settings(database, tmp_path, providers=[provider]))
    policy = made.test_client().get("/").headers["Content-Security-Policy"]
    assert "form-action 'self' https://forge.example.com https://id.example.com;" in policy


def test_the_page_about_a_missing_file_is_kept_by_nobody(client: FlaskClient) -> None:
    response = client.get("/static/nowhere.css")
    assert (response.status_code, response.headers["Cache-Control"]) == (404, "no-store")
    assert "Accept-Language" in response.headers["Vary"]


@pytest.mark.parametrize("host", ["evil.example.com", "localhost.evil.example.com", "localhost:80@evil.example.com"])
def test_a_forged_host_is_refused(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 400


def test_every_change_needs_the_token_of_its_session(sign_in: SignIn) -> None:
    customer, rival = sign_in("customer"), sign_in("rival")
    assert isinstance(rival, Browser)
    assert customer.post("/notices/readings").status_code == 400
    assert customer.post("/notices/readings", data={"csrf_token": rival.csrf_token()}).status_code == 400
    assert customer.send("/notices/readings").status_code == 303


def test_a_signed_out_post_leads_to_sign_in(client: FlaskClient) -> None:
    response = client.post("/notices/readings")
    assert response.status_code == 303
    assert response.headers["Location"].startswith("/sign-in")


def test_htmx_is_sent_to_sign_in_as_a_page_and_never_into_a_table(client: FlaskClient) -> None:
    response = client.get("/tickets", headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"].startswith("/sign-in")
    assert response.text == ""


@pytest.mark.parametrize(
    ("encoding", "head", "tail"),
    [
        ("application/x-www-form-urlencoded", "x=", ""),
        ("multipart/form-data; boundary=b", '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n', "\r\n--b--\r\n"),
    ],
)
def test_too_large_a_form_is_refused(sign_in: SignIn, encoding: str, head: str, tail: str) -> None:
    body = head + "y" * 2 * 1024 * 1024 + tail
    response = sign_in("customer").post("/notices/readings", data=body, content_type=encoding)
    assert response.status_code == 413


def test_writes_are_limited_for_each_person(app, database: Database, tmp_path: Path, sign_in: SignIn) -> None:
    customer = sign_in("customer")
    limited = make_app(database, tmp_path, rate_writes="3 per minute")
    limited.config["RATELIMIT_ENABLED"] = True
    from portal.extensions import limiter

    limiter.enabled = True
    limiter.init_app(limited)
    try:
        browser = Browser(limited, limited.response_class)
        with customer.session_transaction() as mine, browser.session_transaction() as cookie:
            cookie.update(mine)
        answers = [browser.send("/notices/readings") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [303, 303, 303, 429, 429]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
        assert browser.get("/notices").status_code == 200
    finally:
        limiter.enabled = False


def test_an_error_page_tells_no_internals(app, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setitem(app.view_functions, "notices.index", fail)
    from portal.access.gate import Access

    fail.portal_access = Access()
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    response = sign_in("customer").get("/notices")
    assert response.status_code == 500
    assert "secret detail" not in response.text
    assert "Traceback" not in response.text


def test_a_refusal_is_written_down_while_others_write(
    sign_in: SignIn, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between counting the refusals and adding one nobody can step in on SQLite, nor does it matter elsewhere."""
    count, engine = accesslog._lately, sa.create_engine(database.url, poolclass=sa.NullPool)
    customer = sign_in("customer")

    def count_while_others_write(*arguments: Any) -> int:
        counted = count(*arguments)
        with contextlib.suppress(sa.exc.OperationalError), engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA busy_timeout=0")
            connection.exec_driver_sql("UPDATE team SET name = name")
        return counted

    monkeypatch.setattr(accesslog, "_lately", count_while_others_write)
    assert customer.get("/tickets/T-00000000").status_code == 404
    with engine.connect() as connection:
        noted = connection.exec_driver_sql("SELECT count(*) FROM access_log WHERE reference = 'T-00000000'").scalar()
    assert noted == 1
