"""The daily head: signed once a day over all that was issued, and telling nothing about how much that was."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from portal.jobs import daily
from portal.jobs.models import Job
from portal.jobs.outbox import drain
from portal.receipts.checking import check, read_bundle
from portal.receipts.heads import make_head
from portal.receipts.jws import sha256, take_apart
from portal.receipts.merkle import DEPTH, Tree, root_of
from portal.receipts.models import DailyHead, Receipt
from tests.receipts.conftest import Issue, downloaded
from tests.world import World

NIGHT = datetime(2026, 11, 23, 0, 0, 5, tzinfo=UTC)
LATEST = "/receipts/heads/latest.json"
DAY = timedelta(days=1)


def head_at(world: World, at: datetime) -> bool:
    with world.session() as session:
        made = make_head(session, at)
        session.commit()
        return made


def says(client: FlaskClient, address: str = LATEST) -> dict[str, Any]:
    value = client.get(address).get_json()
    payload = take_apart(value["head"])[0].payload
    assert value["says"] == payload
    return payload


def test_every_receipt_of_the_day_is_proved_to_its_holder(app: Flask, world: World, chain: list[Receipt]) -> None:
    assert head_at(world, NIGHT)
    value = downloaded(app, chain)
    verdict = check(read_bundle(json.dumps(value)), saved_heads=value["heads"])
    assert verdict.is_valid
    assert verdict.days == {"2026-11-22": [1, 2, 3]}


def test_a_day_has_one_head(world: World, client: FlaskClient, issued: Issue) -> None:
    issued()
    assert head_at(world, NIGHT)
    first = client.get(LATEST).data
    assert not head_at(world, NIGHT + timedelta(hours=9))
    assert client.get(LATEST).data == first


def test_each_names_the_one_before_and_pauses_are_made_up_for(
    app: Flask, world: World, client: FlaskClient, issued: Issue
) -> None:
    early, late = issued(), issued("approved", at=NIGHT + 2 * DAY)
    head_at(world, NIGHT)
    head_at(world, NIGHT + 9 * DAY)
    first, second = (client.get(f"/receipts/heads/2026-{day}.json").get_json()["head"] for day in ("11-22", "12-01"))
    assert take_apart(second)[0].payload["previous"] == sha256(first)
    assert client.get(LATEST).get_json()["head"] == second
    assert client.get("/receipts/heads/2026-11-25.json").status_code == 404
    verdict = check(read_bundle(json.dumps(downloaded(app, [early, late]))))
    assert verdict.days == {"2026-11-22": [1], "2026-12-01": [2]}


def test_what_happens_after_midnight_waits(app: Flask, world: World, issued: Issue) -> None:
    before, after = issued(at=NIGHT - timedelta(minutes=1)), issued("approved", at=NIGHT)
    head_at(world, NIGHT + timedelta(hours=1))
    value = downloaded(app, [before, after])
    assert [proof["receipt"] for proof in value["proofs"]] == [before.sha256]
    head_at(world, NIGHT + DAY)
    assert len(downloaded(app, [before, after])["proofs"]) == 2


def test_a_head_looks_alike_whatever_it_holds(world: World, client: FlaskClient, issued: Issue) -> None:
    head_at(world, NIGHT)
    empty = says(client)
    for record in range(1, 8):
        issued(record=record, at=NIGHT)
    head_at(world, NIGHT + DAY)
    full = says(client)
    assert set(empty) == set(full) == {"day", "issuer", "previous", "root", "time"}
    assert len(empty["root"]) == len(full["root"]) == 64


@given(st.sets(st.binary(min_size=32, max_size=32), min_size=1, max_size=30))
def test_every_proof_leads_to_the_root_and_is_as_long(raw: set[bytes]) -> None:
    hashes = [part.hex() for part in raw]
    tree, alone = Tree(hashes, b"seed"), Tree(hashes[:1], b"seed")
    for found in hashes:
        assert len(tree.proof(found)) == DEPTH
        assert root_of(found, tree.proof(found)) == tree.root
    assert len(alone.proof(hashes[0])) == DEPTH
    assert Tree(hashes, b"other").root != tree.root


@pytest.mark.parametrize("address", ["/receipts/heads/2020-01-01.json", "/receipts/heads/nothing.json", LATEST])
def test_a_head_that_is_none(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_worker_promises_it_once_a_day(app: Flask, world: World, client: FlaskClient, issued: Issue) -> None:
    issued()
    for at in (NIGHT, NIGHT + timedelta(hours=1), NIGHT + DAY):
        with time_machine.travel(at, tick=False), app.app_context():
            assert daily.promise(at) == at.date()
            drain(at)
    with world.session() as session:
        kind = sa.select(Job.key, Job.done_at.is_not(None)).where(Job.kind == "receipts.head").order_by(Job.id)
        keys = [f"receipts.head:{day}" for day in ("2026-11-23", "2026-11-24")]
        assert [tuple(row) for row in session.execute(kind)] == [(key, True) for key in keys]
        assert session.scalar(sa.select(sa.func.count()).select_from(DailyHead)) == 2
    assert says(client)["day"] == "2026-11-23"
