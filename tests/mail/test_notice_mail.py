"""Mail goes out over a real connection, once, in each reader's language, and never tells what they may not read."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import gettext

from portal.accounts.models import Membership, Person
from portal.clock import now
from portal.jobs import outbox
from portal.jobs.models import Job
from portal.jobs.outbox import drain
from portal.languages import LANGUAGES, speaking
from portal.mail import jobs
from portal.notices.models import Notice
from portal.notices.notify import notify
from portal.tickets.messages import Message
from portal.tickets.models import Ticket
from tests.postbox import Postbox, free_port, open_postbox
from tests.world import World

SECRET = "zebra-margin-42"


@pytest.fixture
def postbox(app: Flask) -> Iterator[Postbox]:
    with open_postbox(app, mail_reply_to="Replies <reply@example.com>", base_url="https://portal.example.com") as box:
        yield box


def run(app: Flask, at: datetime | None = None) -> Counter[str]:
    with app.app_context():
        return drain(at or now())


def tell(world: World, kind: str, ticket: Ticket, message: Message | None, *hints: str, actor: str = "agent") -> None:
    people, actor_id = [world.person_id(hint) for hint in hints], world.person_id(actor)
    with world.session() as session:
        notify(
            people,
            kind=kind,
            event=f"{kind}:{message.id if message else ticket.id}",
            at=now(),
            actor_id=actor_id,
            ticket_id=ticket.id,
            message_id=message.id if message else None,
            **({"state": "resolved"} if kind == "state-changed" else {}),
        )
        session.commit()


def change(world: World, hint: str, **values: object) -> None:
    person_id = world.person_id(hint)
    with world.session() as session:
        person = session.get_one(Person, person_id)
        for name, value in values.items():
            setattr(person, name, value)
        session.commit()


def test_a_reply_reaches_its_reader_with_words_and_link(app: Flask, world: World, postbox: Postbox) -> None:
    change(world, "customer", language="en")
    ticket = world.make_ticket("customer", subject="The lamp flickers")
    message = world.reply(ticket, "agent", "Please *change* the bulb.\n\n<script>alert(1)</script>")
    tell(world, "reply", ticket, message, "customer")
    assert run(app) == {"done": 1}
    [letter] = postbox.letters
    customer, agent = world.person("customer"), world.person("agent")
    assert letter.recipient == customer.email
    assert letter.sender == "portal@example.com"
    assert letter.header("Subject") == f"[{ticket.ref}] The lamp flickers"
    assert letter.header("Reply-To") == "Replies <reply@example.com>"
    assert letter.header("Auto-Submitted") == "auto-generated"
    assert letter.header("List-Unsubscribe") == "<https://portal.example.com/account/notifications>"
    assert letter.header("References") == letter.header("In-Reply-To") == f"<ticket.{ticket.ref}@portal.example.com>"
    with world.session() as session:
        notice = session.scalars(sa.select(Notice)).one()
    assert letter.header("Message-ID") == f"<notice.{notice.ref}@portal.example.com>"
    assert notice.mailed_at is not None
    url = f"https://portal.example.com/tickets/{ticket.ref}#{message.ref}"
    assert url in letter.text
    assert f'href="{url}"' in letter.html
    assert f"{agent.name} replied" in letter.text
    assert "Please change the bulb." in letter.text
    assert "Please <em>change</em> the bulb." in letter.html
    assert "<script" not in letter.html
    assert world.team("care").name in letter.text
    assert agent.email not in letter.everything


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_reader_is_spoken_to_in_their_language(app: Flask, world: World, postbox: Postbox, language: str) -> None:
    change(world, "customer", language=language)
    ticket = world.make_ticket("customer")
    tell(world, "reply", ticket, world.reply(ticket, "agent", "سلام، لامپ را عوض کنید."), "customer")
    run(app)
    [letter] = postbox.letters
    table = LANGUAGES[language]
    assert letter.header("Content-Language") == language
    assert f'<html lang="{language}" dir="{table.direction}">' in letter.html
    assert "سلام، لامپ را عوض کنید." in letter.text
    assert '<p dir="auto">سلام' in letter.html
    with app.app_context(), speaking(language):
        assert str(gettext("Open the ticket")) in letter.text


def test_the_same_event_in_two_languages_is_two_mails(app: Flask, world: World, postbox: Postbox) -> None:
    change(world, "customer", language="fa")
    change(world, "customer-admin", language="cs")
    ticket = world.make_ticket("customer", copies=["customer-admin"])
    tell(world, "reply", ticket, world.reply(ticket, "agent"), "customer", "customer-admin")
    run(app)
    languages = {letter.recipient: letter.header("Content-Language") for letter in postbox.letters}
    assert languages == {world.person("customer").email: "fa", world.person("customer-admin").email: "cs"}


def test_no_note_is_ever_in_a_mail(app: Flask, world: World, postbox: Postbox) -> None:
    ticket = world.make_ticket("customer", copies=["customer-admin"])
    note = world.note(ticket, "agent", SECRET)
    everybody = ("customer", "customer-admin", "rival", "partner", "supplier", "agent", "account-manager", "auditor")
    tell(world, "note", ticket, note, *everybody, actor="admin")
    # Even a mistaken kind carries nothing: what decides is the audience that is stored with the message.
    tell(world, "reply", ticket, note, *everybody, actor="admin")
    run(app)
    outsiders = {world.person(hint).email for hint in everybody[:5]}
    assert postbox.letters
    assert not outsiders & {letter.recipient for letter in postbox.letters}
    for letter in postbox.letters:
        assert SECRET not in letter.everything
        assert "zebra" not in letter.everything
    assert any(ticket.ref in letter.text for letter in postbox.letters)


def test_who_has_lost_the_right_meanwhile_gets_nothing(app: Flask, world: World, postbox: Postbox) -> None:
    ticket = world.make_ticket("customer", copies=["customer-admin"])
    message = world.reply(ticket, "agent", SECRET)
    tell(world, "reply", ticket, message, "customer", "customer-admin", "agent-2")
    gone = world.person_id("customer-admin")
    with world.session() as session:
        for membership in session.scalars(sa.select(Membership).where(Membership.person_id == gone)):
            membership.ended_at = now()
        session.commit()
    change(world, "agent-2", disabled_at=now())
    assert run(app) == {"done": 3}
    assert [letter.recipient for letter in postbox.letters] == [world.person("customer").email]


@pytest.mark.parametrize("ending", ["withdrawn_at", "redacted_at"])
def test_words_that_were_taken_back_are_not_sent(app: Flask, world: World, postbox: Postbox, ending: str) -> None:
    ticket = world.make_ticket("customer")
    message = world.reply(ticket, "agent", SECRET)
    tell(world, "reply", ticket, message, "customer")
    with world.session() as session:
        setattr(session.get_one(Message, message.id), ending, now())
        session.commit()
    assert run(app) == {"done": 1}
    assert postbox.letters == []


def test_settings_decide_even_after_the_mail_was_promised(app: Flask, world: World, postbox: Postbox) -> None:
    ticket = world.make_ticket("customer", copies=["customer-admin"])
    message = world.reply(ticket, "agent")
    change(world, "customer-admin", mail_choices={"reply": False})
    tell(world, "reply", ticket, message, "customer", "customer-admin")
    change(world, "customer", mail_choices={"reply": False, "state-changed": True})
    tell(world, "state-changed", ticket, None, "customer", "customer-admin")
    run(app)
    assert len(postbox.to(world.person("customer").email)) == 1
    assert len(postbox.to(world.person("customer-admin").email)) == 1
    with world.session() as session:
        assert session.scalar(sa.select(sa.func.count(Notice.id))) == 4


def test_a_person_of_several_companies_gets_the_mail_of_each(app: Flask, world: World, postbox: Postbox) -> None:
    for acting, staff in (("foundry.customer", "agent"), ("foundry.supplier", "buyer")):
        ticket = world.make_ticket("many", acting=acting)
        tell(world, "reply", ticket, world.reply(ticket, staff), "many")
    run(app)
    assert len(postbox.to(world.person("many").email)) == 2


def test_headers_cannot_be_injected(app: Flask, world: World, postbox: Postbox) -> None:
    change(world, "customer", name='Eve\r\nBcc: x@example.org, "quoted" <y@example.org>', language="en")
    ticket = world.make_ticket("customer", subject="Lamp\r\nBcc: everybody@example.org\n\nBody")
    tell(world, "reply", ticket, world.reply(ticket, "agent"), "customer")
    run(app)
    [letter] = postbox.letters
    assert letter.mail["Bcc"] is None
    assert [address.addr_spec for address in letter.mail["To"].addresses] == [world.person("customer").email]
    assert letter.header("Subject") == f"[{ticket.ref}] Lamp Bcc: everybody@example.org Body"


def test_two_drains_at_once_send_one_mail_each(app: Flask, world: World, postbox: Postbox) -> None:
    ticket = world.make_ticket("customer", copies=["customer-admin"])
    for number in range(4):
        tell(world, "reply", ticket, world.reply(ticket, "agent", f"Answer {number}"), "customer", "customer-admin")
    threads = [threading.Thread(target=run, args=(app,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    run(app)
    run(app, now() + timedelta(days=1))
    ids = Counter(letter.header("Message-ID") for letter in postbox.letters)
    assert len(ids) == 8
    assert set(ids.values()) == {1}


def test_a_mail_server_that_is_down_only_delays(app: Flask, world: World, postbox: Postbox) -> None:
    ticket = world.make_ticket("customer")
    tell(world, "reply", ticket, world.reply(ticket, "agent"), "customer")
    before = app.extensions["portal_settings"]
    app.extensions["portal_settings"] = before.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{free_port()}"})
    assert run(app) == {"failed": 1}
    app.extensions["portal_settings"] = before
    assert run(app, now() + timedelta(hours=1)) == {"done": 1}
    assert len(postbox.letters) == 1


def test_not_now_is_tried_again_and_never_is_given_up(app: Flask, world: World, postbox: Postbox) -> None:
    ticket = world.make_ticket("customer")
    tell(world, "reply", ticket, world.reply(ticket, "agent"), "customer")
    postbox.answers[:] = ["451 4.3.0 busy", "550 5.1.1 no such person"]
    assert run(app) == {"failed": 1}
    assert run(app, now() + timedelta(hours=1)) == {"given up": 1}
    with world.session() as session:
        job = session.scalars(sa.select(Job)).one()
        assert "550 5.1.1 no such person" in job.last_error
        assert session.scalars(sa.select(Notice.mailed_at)).one() is None
    assert postbox.letters == []


def test_no_lock_is_held_while_the_mail_server_talks(app: Flask, world: World, postbox: Postbox) -> None:
    ticket = world.make_ticket("customer")
    tell(world, "reply", ticket, world.reply(ticket, "agent"), "customer")
    written: list[bool] = []
    send = jobs.send

    def slow(mail: object, **options: object) -> None:
        def write() -> None:
            change(world, "rival", language="lt")
            written.append(True)

        other = threading.Thread(target=write)
        other.start()
        other.join(10)
        send(mail, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "send", slow)
        assert run(app) == {"done": 1}
    assert written == [True]


def test_a_worker_that_dies_after_promising_loses_nothing(app: Flask, world: World, postbox: Postbox) -> None:
    ticket = world.make_ticket("customer")
    tell(world, "reply", ticket, world.reply(ticket, "agent"), "customer")
    with app.app_context():
        assert outbox._claim(now()) is not None
    assert run(app) == {}
    assert run(app, now() + outbox.LEASE * 2) == {"done": 1}
    assert len(postbox.letters) == 1
