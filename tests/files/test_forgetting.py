"""Contents of files go with the last message that held them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.clock import now
from portal.files.forgetting import WAIT
from portal.files.models import Attachment
from portal.files.storage import storage
from portal.jobs.outbox import drain
from portal.tickets.messages import Message
from tests.conftest import SignIn
from tests.world import World, picture


def remove(world: World, sign_in: SignIn, message: Message, verb: str = "redaction") -> None:
    with world.session() as session:
        ref = session.get_one(Message, message.id).ticket.ref
    answer = sign_in("account-manager").send(f"/tickets/{ref}/messages/{message.ref}/{verb}", {})  # type: ignore[attr-defined]
    assert answer.status_code == 303


def stored(app: Flask, *hashes: str | None) -> list[bool]:
    with app.app_context():
        return [storage().exists(sha256) for sha256 in hashes if sha256]


def work(app: Flask, later: timedelta = timedelta(0)) -> None:
    with app.app_context():
        assert drain(now() + later)["failed"] == 0


@pytest.mark.parametrize("verb", ["withdrawal", "redaction"])
def test_with_the_words_go_the_contents_and_the_names(app: Flask, world: World, sign_in: SignIn, verb: str) -> None:
    ticket = world.make_ticket("customer")
    file = world.stored("lamp.png", picture(), thumbnail=picture("WEBP"))
    message = world.reply(ticket, "account-manager", attachments=[file])
    assert stored(app, file.sha256, file.thumbnail_sha256) == [True, True]
    remove(world, sign_in, message, verb)
    work(app)
    assert stored(app, file.sha256, file.thumbnail_sha256) == [False, False]
    with world.session() as session:
        assert session.scalars(sa.select(Attachment.filename)).all() == []


def test_an_administrator_behind_broken_glass_removes_files_too(app: Flask, world: World, sign_in: SignIn) -> None:
    ticket, file = world.make_ticket("customer"), world.stored()
    message = world.reply(ticket, "customer", attachments=[file])
    world.break_glass()
    answer = sign_in("admin").send(f"/tickets/{ticket.ref}/messages/{message.ref}/redaction", {})  # type: ignore[attr-defined]
    assert answer.status_code == 303
    work(app)
    assert stored(app, file.sha256) == [False]


def test_what_another_message_holds_stays(app: Flask, world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    first, second = world.stored(), world.stored("copy.txt")
    message = world.reply(ticket, "customer", attachments=[first])
    other = world.note(world.make_ticket("customer"), "account-manager", attachments=[second])
    remove(world, sign_in, message)
    work(app)
    assert stored(app, first.sha256) == [True]
    assert sign_in("agent").get(f"/files/{second.ref}").data == b"Some words."
    remove(world, sign_in, other)
    work(app)
    assert stored(app, first.sha256) == [False]


def test_what_somebody_is_sending_just_now_waits(app: Flask, world: World, sign_in: SignIn) -> None:
    file = world.stored()
    message = world.reply(world.make_ticket("customer"), "customer", attachments=[file])
    remove(world, sign_in, message)
    world.stored("again.txt")
    work(app)
    assert stored(app, file.sha256) == [True]
    # Nobody attached it after all.
    work(app, WAIT + timedelta(minutes=1))
    assert stored(app, file.sha256) == [False]
