"""The keys that sign: made when needed, sealed at rest, replaced, and public for ever."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.access.scope import OutOfScope
from portal.ops.checks import check_receipts
from portal.receipts.checking import check, read_bundle
from portal.receipts.cli import rotate_key
from portal.receipts.jws import from_base64, read_key_set, take_apart
from portal.receipts.keys import can_sign
from portal.receipts.models import Receipt, SigningKey
from tests.conftest import SignIn
from tests.postbox import changed_settings
from tests.receipts.conftest import AT, Issue, downloaded
from tests.world import World

KEYS = "/.well-known/portal-receipt-keys.json"


def kid_of(receipt: Receipt) -> str:
    return take_apart(receipt.jws)[0].kid


def test_one_key_signs_them_all(issued: Issue, world: World) -> None:
    assert kid_of(issued()) == kid_of(issued(record=2)) == kid_of(issued("approved"))
    with world.session() as session:
        assert can_sign(session) is True


def test_the_private_half_is_sealed(issued: Issue, world: World) -> None:
    issued()
    with world.session() as session:
        key = session.scalars(sa.select(SigningKey)).one()
    # A nonce and a tag around 32 bytes; and none of it is readable without the secret key of the settings.
    assert len(from_base64(key.sealed)) == 12 + 32 + 16
    with (
        changed_settings(world.app, secret_key="another secret key, as long as it must be"),
        world.session() as session,
    ):
        assert can_sign(session) is False


def test_after_a_rotation_the_old_ones_still_hold(app: Flask, issued: Issue) -> None:
    first = issued()
    result = app.test_cli_runner().invoke(rotate_key)
    assert result.exit_code == 0
    second = issued("approved", at=AT + timedelta(days=1))
    assert kid_of(first) != kid_of(second)
    value = downloaded(app, [first, second])
    verdict = check(read_bundle(json.dumps(value)))
    assert verdict.is_valid
    assert verdict.kids == [kid_of(first), kid_of(second)]


def test_another_secret_key_makes_another_signing_key(app: Flask, issued: Issue, world: World) -> None:
    first = issued()
    with changed_settings(app, secret_key="another secret key, as long as it must be"):
        second = issued("approved")
    assert kid_of(first) != kid_of(second)
    with world.session() as session:
        retired, in_use = session.scalars(sa.select(SigningKey).order_by(SigningKey.id)).all()
    assert (retired.in_use, in_use.in_use) == (None, True)
    assert retired.retired_at == AT
    assert check(read_bundle(json.dumps(downloaded(app, [first, second])))).is_valid


def test_public_keys_are_at_a_well_known_address(app: Flask, client: FlaskClient, issued: Issue) -> None:
    assert client.get(KEYS).get_json() == {"keys": []}
    kids = {kid_of(issued())}
    app.test_cli_runner().invoke(rotate_key)
    kids.add(kid_of(issued("approved")))
    response = client.get(KEYS)
    assert set(read_key_set(response.get_json())) == kids
    assert {"kty", "crv", "x", "kid", "alg", "use"} == set(response.get_json()["keys"][0])
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in response.headers


def test_the_doctor_says_whether_it_can_be_used(app: Flask, issued: Issue) -> None:
    def says() -> str:
        with app.app_context():
            return check_receipts().says

    assert says().startswith("no key yet")
    issued()
    assert says() == "the signing key can be used"
    with changed_settings(app, secret_key="another secret key, as long as it must be"):
        assert "does not open the signing key" in says()


@pytest.mark.parametrize("hint", ["auditor", "admin", "channel-manager", "partner-admin"])
def test_nobody_reads_the_private_ones(issued: Issue, world: World, hint: str) -> None:
    issued()
    with world.as_(hint) as session:
        assert session.scalars(sa.select(SigningKey)).all() == []
        session.add(SigningKey(kid="x", public="x", sealed="x", created_at=AT))
        with pytest.raises(OutOfScope):
            session.flush()
        session.rollback()


def test_signed_in_or_not_the_keys_are_the_same(client: FlaskClient, sign_in: SignIn, issued: Issue) -> None:
    issued()
    assert sign_in("customer").get(KEYS).data == client.get(KEYS).data
