"""Anybody checks a receipt: on the public page, which knows keys alone, and with the command, which knows nothing."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

from portal.languages import LANGUAGES
from portal.receipts import checking, cli, forms
from portal.receipts.heads import make_head
from portal.receipts.models import Receipt
from portal.receipts.slips import pack
from tests.conftest import SignIn
from tests.receipts.conftest import Issue, downloaded, masked
from tests.receipts.test_heads import NIGHT
from tests.statements import statements
from tests.test_pages import audit
from tests.world import World

PAGE = "/receipts/verify"


@pytest.fixture
def visitor(client: FlaskClient) -> FlaskClient:
    client.set_cookie("language", "en")
    return client


@pytest.fixture
def saved(app: Flask, world: World, chain: list[Receipt]) -> dict[str, Any]:
    """What the partner saved the day after."""
    with world.session() as session:
        make_head(session, NIGHT)
        session.commit()
    return downloaded(app, chain)


def send(browser: FlaskClient, value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    response = browser.send(PAGE, {"text": text})
    assert response.status_code == 200
    assert audit(response.text) == []
    return response.text


def test_anybody_finds_the_page(visitor: FlaskClient, sign_in: SignIn) -> None:
    assert f'href="{PAGE}"' in visitor.get("/").text
    for browser in (visitor, sign_in("customer")):
        response = browser.get(PAGE)
        assert response.status_code == 200
        assert audit(response.text) == []
        assert 'id="verdict"' not in response.text


def test_what_holds_is_shown_with_what_it_says(visitor: FlaskClient, saved: dict[str, Any]) -> None:
    page = send(visitor, saved)
    assert "Not valid" not in page
    assert "These 3 receipts were issued here" in page
    assert "November 22, 2026" in page
    assert page.count("Łódź Lamps") == 3
    assert "This receipt was issued here" in send(visitor, saved["receipts"][1])


def test_a_file_does_as_well(visitor: FlaskClient, saved: dict[str, Any]) -> None:
    file = (io.BytesIO(b"\xef\xbb\xbf" + json.dumps(saved).encode()), "receipts.json")
    page = visitor.send(PAGE, {"file": file}, content_type="multipart/form-data").text
    assert "These 3 receipts were issued here" in page


def test_what_was_changed_is_not_valid(visitor: FlaskClient, saved: dict[str, Any]) -> None:
    compact = saved["receipts"][1]
    bad = compact[:200] + ("A" if compact[200] != "A" else "B") + compact[201:]
    page = send(visitor, saved | {"receipts": [saved["receipts"][0], bad, saved["receipts"][2]]})
    assert "Not valid" in page
    assert "Receipt 2 of the file:" in page


def test_keys_in_the_file_are_not_believed(visitor: FlaskClient, chain: list[Receipt]) -> None:
    from tests.receipts.test_tampering import WHOLE

    page = send(visitor, WHOLE)
    assert "Not valid" in page
    assert "signed with a key that is not among the known ones" in page
    assert "Ąžuolas" not in page


@pytest.mark.parametrize(
    "text", ["nonsense", "{}", "[]", "a.b.c", '{"format": "portal-receipts-1"}', "eyJhIjoxfQ.e30."]
)
def test_what_is_no_receipt(visitor: FlaskClient, text: str) -> None:
    assert "Not valid" in send(visitor, text)


def test_nothing_at_all_is_asked_for(visitor: FlaskClient) -> None:
    response = visitor.send(PAGE, {"text": " "})
    assert response.status_code == 422
    assert "Choose the file of a receipt, or paste its text." in response.text
    assert audit(response.text) == []


def test_a_file_that_is_too_large(visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (checking, forms):
        monkeypatch.setattr(module, "MOST_BYTES", 1000)
    file = (io.BytesIO(b"a" * 1001), "receipts.json")
    page = visitor.send(PAGE, {"file": file}, content_type="multipart/form-data").text
    assert "The file is too large for receipts." in page


def test_forged_requests_are_refused(visitor: FlaskClient) -> None:
    assert visitor.post(PAGE, data={"text": "a.b.c"}).status_code == 400


def test_the_code_of_a_printed_one_opens_the_same_page(visitor: FlaskClient, chain: list[Receipt]) -> None:
    slip = pack(chain[0].jws)
    assert slip is not None
    page = visitor.get(PAGE, query_string={"slip": slip}).text
    assert "This receipt was issued here" in page
    assert "Łódź Lamps" in page
    assert audit(page) == []
    kid, small, signature = slip.split(".")
    for bad in (
        slip[:-6],
        f"{kid}.{small[:-4]}.{signature}",
        f"{kid}.{small}.{'A' * 86}",
        f"{small}.{kid}.",
        "a.b",
        "…",
    ):
        answer = visitor.get(PAGE, query_string={"slip": bad})
        assert answer.status_code == 200
        assert "Not valid" in answer.text


def test_the_page_asks_for_keys_alone(app: Flask, visitor: FlaskClient, saved: dict[str, Any]) -> None:
    """So it cannot tell of other receipts, nor whether there is a newer one."""
    token = visitor.csrf_token()
    with statements(app) as seen:
        visitor.post(PAGE, data={"text": saved["receipts"][0], "csrf_token": token})
    assert [statement for statement in seen if "signing_key" not in statement] == []
    assert len(seen) == 1


def test_newer_receipts_change_nothing_about_an_older_one(visitor: FlaskClient, issued: Issue) -> None:
    first = issued().jws
    before = send(visitor, first)
    issued("revoked")
    assert masked(send(visitor, first)) == masked(before)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_in_every_language(client: FlaskClient, saved: dict[str, Any], language: str) -> None:
    client.set_cookie("language", language)
    page = send(client, saved | {"receipts": saved["receipts"][1:]})
    assert f'<html lang="{language}"' in page
    assert ("Not valid" in page) == (language == "en")


# ── The command ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def files(tmp_path: Path, saved: dict[str, Any]) -> Path:
    """receipts.json, keys.json, head.json and other.json, a head that is another one."""
    from tests.receipts.test_tampering import KEYS, WHOLE, key_set

    (tmp_path / "receipts.json").write_text(json.dumps(saved), encoding="utf-8")
    (tmp_path / "keys.json").write_text(json.dumps(saved["keys"]), encoding="utf-8")
    (tmp_path / "others.json").write_text(json.dumps(key_set(KEYS)), encoding="utf-8")
    (tmp_path / "head.json").write_text(json.dumps({"head": saved["heads"][0], "says": {}}), encoding="utf-8")
    (tmp_path / "other.json").write_text(json.dumps({"head": WHOLE["heads"][0]}), encoding="utf-8")
    (tmp_path / "one.txt").write_text(saved["receipts"][0], encoding="utf-8")
    return tmp_path


def verify(files: Path, *arguments: str) -> Result:
    """Outside of any application, as on a machine that has no portal."""
    named = [str(files / part) if part.endswith((".json", ".txt")) else part for part in arguments]
    return CliRunner().invoke(cli.verify, named)


def test_the_command_says_in_plain_words_what_it_found(files: Path, saved: dict[str, Any]) -> None:
    result = verify(files, "receipts.json", "--keys", "keys.json", "--head", "head.json")
    assert result.exit_code == 0
    for said in (
        "D-00000001: Approved",
        "number 2",
        "2026-11-22T10:30:00Z",
        "VALID: receipts 1 to 3",
    ):
        assert said in result.output
    assert "The daily head of 2026-11-22 holds number 1, 2, 3." in result.output
    assert "one of those that you gave" in result.output


def test_without_keys_it_says_whence_it_has_them(files: Path, saved: dict[str, Any]) -> None:
    result = verify(files, "receipts.json")
    assert result.exit_code == 0
    assert "taken from the file itself" in result.output
    assert saved["keys"]["keys"][0]["kid"] in result.output.replace(" ", "")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("one.txt", "--keys", "keys.json"), 0, "VALID: this receipt"),
        (("one.txt",), 1, "The keys in the file are missing"),
        (("receipts.json", "--keys", "others.json"), 1, "key that is not among the known ones"),
        (("receipts.json", "--head", "other.json"), 1, "NOT VALID"),
        (("keys.json",), 2, "cannot be read"),
        (("receipts.json", "--keys", "receipts.json"), 2, "no set of keys"),
        (("receipts.json", "--head", "keys.json"), 2, "cannot be read"),
        (("missing.json",), 2, "does not exist"),
    ],
)
def test_its_exit_code_tells_scripts(files: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    result = verify(files, *arguments)
    assert (result.exit_code, said in result.output) == (code, True), result.output


def test_a_forged_file_sends_nothing_to_the_terminal(files: Path) -> None:
    from portal.receipts.jws import key_set, sign
    from tests.receipts.test_tampering import OURS, chain_of, from_base64

    payload = json.loads(from_base64(chain_of("D-00000001", 1)[0].split(".")[1]))
    forged = sign(
        payload | {"record": "\x1b[2J\x1b]0;owned\x07"}, typ="portal-receipt", public=OURS[0], private=OURS[1]
    )
    from tests.receipts.test_tampering import KEYS

    value = {"format": "portal-receipts-1", "receipts": [forged], "keys": key_set(KEYS)}
    (files / "forged.json").write_text(json.dumps(value), encoding="utf-8")
    assert "\x1b" not in verify(files, "forged.json").output


def test_bytes_that_are_no_text(files: Path) -> None:
    (files / "raw.json").write_bytes(bytes(range(256)))
    assert verify(files, "raw.json").exit_code == 2
