"""What the logs say, and what they never say."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from flask import Flask, abort

from portal import logs
from portal.config import load_settings


@pytest.fixture
def app() -> Iterator[Flask]:
    """A bare application, so that only the logs are tested."""
    app = Flask("portal")
    app.extensions["portal_settings"] = load_settings(environment="test", log_format="json", log_level="INFO")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    level = logging.getLogger().level
    logs.init_app(app)

    @app.get("/invitations/<token>")
    def show_invitation(token: str) -> str:
        logging.getLogger("somebody.else").warning("asked %s with code=%s", "https://u:hunter2@example.com", "c0de")
        structlog.get_logger("ours").info("asked", headers={"Authorization": "Bearer abcdefgh"}, count=3)
        return "x"

    @app.get("/fault")
    def fault() -> str:
        raise ValueError("password=hunter2")

    @app.get("/gone")
    def gone() -> str:
        abort(410)

    yield app
    logging.getLogger().setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_each_request_is_one_line(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    app.test_client().get("/gone?page=2")
    (line,) = lines(capsys)
    assert (line["event"], line["method"], line["path"], line["status"]) == ("request", "GET", "/gone", 410)
    assert line["query"] == "page=2"
    assert line["endpoint"] == "gone"
    assert isinstance(line["ms"], float)


def test_request_id_is_answered_and_on_every_line(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    answer = app.test_client().get("/invitations/abc", headers={"X-Request-ID": "from-the-proxy-1"})
    assert answer.headers["X-Request-ID"] == "from-the-proxy-1"
    assert [line["request_id"] for line in lines(capsys)] == ["from-the-proxy-1"] * 3


@pytest.mark.parametrize("sent", ["short", "x" * 65, "with blank inside", "sørlig-12345", 'quote"quote'])
def test_strange_request_id_is_replaced(app: Flask, sent: str) -> None:
    answer = app.test_client().get("/gone", headers={"X-Request-ID": sent})
    assert logs.SANE_ID.fullmatch(answer.headers["X-Request-ID"])
    assert answer.headers["X-Request-ID"] != sent


def test_id_of_one_request_does_not_stay_for_the_next(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    client = app.test_client()
    first, second = client.get("/gone"), client.get("/gone")
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    logging.getLogger("worker").warning("between requests")
    assert "request_id" not in lines(capsys)[-1]


def test_secrets_are_in_no_line(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    client = app.test_client()
    client.get("/invitations/T0KEN?code=c0de&access_token=hunter2&q=hello", headers={"Cookie": "portal=hunter2"})
    client.get("/fault")
    written = capsys.readouterr().err
    for secret in ("T0KEN", "c0de", "hunter2", "abcdefgh"):
        assert secret not in written
    assert "q=hello" in written
    assert "ValueError" in written


def test_fault_is_logged_with_its_traceback(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.test_client().get("/fault").status_code == 500
    fault, request = lines(capsys)
    assert "Traceback" in fault["exception"]
    assert (request["status"], request["level"]) == (500, "error")
    assert fault["request_id"] == request["request_id"]


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("GET /x?code=1&a=2", "GET /x?code=***&a=2"),
        ('{"client_secret": "abc", "a": 1}', '{"client_secret": "***", "a": 1}'),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("smtp://user:pass@host", "smtp://user:***@host"),
        ("id_token_hint=abc", "id_token_hint=***"),
        ("next=/invitations/0123456789abcdefABCDEF_-xyz", "next=/invitations/***"),
        ("error code: 404", "error code: 404"),
        ("the secret of success", "the secret of success"),
    ],
)
def test_secrets_inside_texts(text: str, becomes: str) -> None:
    assert logs.hide_in_text(text) == becomes


def test_secrets_by_name_however_deep() -> None:
    event = {"a": {"Set-Cookie": "x", "b": [{"password": 1}]}, "token": None, "status_code": 200}
    assert logs.hide_secrets(None, "", event) == {
        "a": {"Set-Cookie": "***", "b": [{"password": "***"}]},
        "token": None,
        "status_code": 200,
    }
