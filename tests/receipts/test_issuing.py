"""A receipt is signed in the transaction of what it tells of, and stands in one unbroken chain."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.receipts.checking import RECEIPT, check, read_bundle
from portal.receipts.issuing import issue
from portal.receipts.jws import from_base64, open_signed, take_apart
from portal.receipts.keys import published_keys
from portal.receipts.models import Receipt, SigningKey
from tests.receipts.conftest import AT, CONTENT, Issue, downloaded
from tests.world import World


def says(receipt: Receipt) -> dict[str, Any]:
    return take_apart(receipt.jws)[0].payload


def test_it_says_what_happened_and_is_signed(issued: Issue, world: World) -> None:
    receipt = issued("approved")
    with world.session() as session:
        keys = published_keys(session)
    told = open_signed(receipt.jws, keys, typ=RECEIPT).payload
    salt = told.pop("salt")
    assert told == {
        "content": CONTENT,
        "event": "approved",
        "issuer": {"name": "Portal", "url": "http://localhost"},
        "kind": "trial",
        "previous": None,
        "receipt": receipt.ref,
        "record": "D-00000001",
        "sequence": 1,
        "time": "2026-11-22T09:30:00Z",
    }
    assert len(from_base64(salt)) * 8 >= 128


def test_two_of_the_same_words_differ(issued: Issue) -> None:
    first, other = issued(record=1), issued(record=2)
    assert says(first)["salt"] != says(other)["salt"]
    assert first.sha256 != other.sha256


def test_each_names_the_one_before_it(chain: list[Receipt], issued: Issue) -> None:
    assert [receipt.sequence for receipt in chain] == [1, 2, 3]
    assert [says(receipt)["previous"] for receipt in chain] == [None, chain[0].sha256, chain[1].sha256]
    assert says(issued(record=2))["previous"] is None


@pytest.mark.parametrize("hint", ["partner", "partner-admin", "channel-manager", "customer"])
def test_whoever_acts_the_chain_goes_on(issued: Issue, hint: str) -> None:
    issued("submitted")
    assert issued("approved", hint=hint).sequence == 2


def test_without_its_transaction_there_is_none(world: World) -> None:
    with world.session() as session:
        company = world.organisation("wolf").id
    with world.session() as session:
        known = {"kind": "deal", "record_id": 1, "record_ref": "D-00000001", "organisation_id": company}
        issue(session, **known, event="submitted", at=AT, content={})
        session.rollback()
    with world.session() as session:
        assert session.scalars(sa.select(Receipt)).all() == []


@pytest.mark.parametrize("content", [{"a": 1.5}, {"a": {1: 2}}, {"a": [AT]}, {"a": 2**60}])
def test_what_has_no_canonical_form_is_refused(issued: Issue, content: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        issued(content=content)


def test_many_at_once_make_one_chain(app: Flask, world: World, issued: Issue) -> None:
    """The key is made by one of them too."""
    barrier, faults = threading.Barrier(8), []

    def work(n: int) -> None:
        try:
            barrier.wait(30)
            issued("extended", at=AT + timedelta(minutes=n))
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    assert faults == []
    with world.session() as session:
        receipts = list(session.scalars(sa.select(Receipt).order_by(Receipt.sequence)))
        assert session.scalar(sa.select(sa.func.count()).select_from(SigningKey)) == 1
    assert [receipt.sequence for receipt in receipts] == list(range(1, 9))
    value = downloaded(app, receipts)
    assert check(read_bundle(json.dumps(value))).is_valid
