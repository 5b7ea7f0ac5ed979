"""A reply by mail is answered in its sender's language with the link; machines are not answered at all."""

import smtplib
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from flask import Flask

from portal.accounts.models import Person
from portal.clock import now
from portal.jobs.outbox import drain
from portal.mail.incoming import ANSWERS_PER_HOUR, LARGEST, MOST_PER_HOUR, listen
from portal.notices.notify import notify
from tests.postbox import Postbox, free_port, open_postbox
from tests.world import World

REPLY_TO = "reply@example.com"
TICKET = "T-7F3KQ92D"


@pytest.fixture
def postbox(app: Flask) -> Iterator[Postbox]:
    """Where the portal's own mail arrives, while `portal mail-in` listens beside it."""
    listening = f"127.0.0.1:{free_port()}"
    with open_postbox(
        app, mail_reply_to=REPLY_TO, mail_in_listen=listening, base_url="https://portal.example.com"
    ) as box:
        endpoint = listen(app)
        yield box
        endpoint.stop()


def write(sender: str, **headers: str) -> EmailMessage:
    mail = EmailMessage()
    given = {
        "From": sender,
        "To": REPLY_TO,
        "Subject": f"Re: [{TICKET}] The lamp",
        "Message-ID": "<abc@mail.example.com>",
        "References": f"<ticket.{TICKET}@portal.example.com>",
    }
    for name, value in {**given, **{name.replace("_", "-"): value for name, value in headers.items()}}.items():
        mail[name] = value
    mail.set_content("I have changed the bulb.\n")
    return mail


def deliver(app: Flask, mail: EmailMessage, *, sender: str | None = None, to: str = REPLY_TO) -> None:
    host, _, port = app.extensions["portal_settings"].mail_in_listen.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=30) as server:
        server.send_message(mail, from_addr=mail["From"] if sender is None else sender, to_addrs=[to])


def run(app: Flask) -> Counter[str]:
    with app.app_context():
        return drain(now())


def speak(world: World, hint: str, language: str) -> str:
    """Let them speak it; returns their address."""
    person_id = world.person_id(hint)
    with world.session() as session:
        session.get_one(Person, person_id).language = language
        session.commit()
    return str(world.person(hint).email)


@pytest.mark.parametrize("language", ["en", "cs", "uk", "pl", "lt", "fa"])
def test_a_reply_is_answered_in_its_senders_language(app: Flask, world: World, postbox: Postbox, language: str) -> None:
    address = speak(world, "customer", language)
    deliver(app, write(address))
    assert run(app) == {"done": 1}
    [answer] = postbox.letters
    assert answer.recipient == address
    assert answer.sender == ""
    assert answer.header("Content-Language") == language
    assert answer.header("Auto-Submitted") == "auto-replied"
    assert answer.header("In-Reply-To") == "<abc@mail.example.com>"
    assert f"https://portal.example.com/tickets/{TICKET}" in answer.text
    assert f"[{TICKET}]" in answer.header("Subject")
    assert "changed the bulb" not in answer.everything


def test_an_unknown_sender_of_a_reply_is_answered_in_the_default_language(app: Flask, postbox: Postbox) -> None:
    deliver(app, write("alias@elsewhere.example.net"))
    run(app)
    assert [letter.header("Content-Language") for letter in postbox.letters] == ["en"]


def test_a_stranger_who_replies_to_nothing_is_told_so_by_their_own_server(app: Flask, postbox: Postbox) -> None:
    mail = write("stranger@elsewhere.example.net", Subject="Buy now")
    del mail["References"]
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        deliver(app, mail)
    assert refusal.value.smtp_code == 550
    assert run(app) == {}


def test_only_the_reply_address_is_served(app: Flask, postbox: Postbox) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        deliver(app, write("customer@example.com"), to="somebody@elsewhere.example.net")


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; owner-email=x"},
        {"Precedence": "bulk"},
        {"Precedence": "list"},
        {"List_Id": "<list.example.org>"},
        {"From": f"Portal <{REPLY_TO}>"},
        {"From": "portal@example.com"},
    ],
)
def test_machines_are_not_answered(app: Flask, world: World, postbox: Postbox, headers: dict[str, str]) -> None:
    sender = world.person("customer").email
    mail = write(sender)
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    deliver(app, mail, sender=sender)
    assert run(app) == {}


def test_a_bounce_is_not_answered(app: Flask, world: World, postbox: Postbox) -> None:
    deliver(app, write(world.person("customer").email), sender="")
    assert run(app) == {}


def test_our_own_answer_that_comes_back_is_not_answered(app: Flask, world: World, postbox: Postbox) -> None:
    address = speak(world, "customer", "en")
    deliver(app, write(address))
    run(app)
    deliver(app, postbox.letters[0].mail, sender=address)
    assert run(app) == {}


def test_nobody_is_answered_more_than_a_few_times_an_hour(app: Flask, world: World, postbox: Postbox) -> None:
    address = speak(world, "customer", "en")
    for _ in range(ANSWERS_PER_HOUR + 3):
        deliver(app, write(address))
    run(app)
    assert len(postbox.letters) <= ANSWERS_PER_HOUR * 2
    assert len(postbox.letters) >= ANSWERS_PER_HOUR


def test_each_of_many_replies_to_different_tickets_is_answered(app: Flask, world: World, postbox: Postbox) -> None:
    address = speak(world, "customer", "en")
    refs = [f"T-7F3KQ9{number:02}" for number in range(MOST_PER_HOUR * 2 + 5)]
    for ref in refs[:7]:
        deliver(app, write(address, Subject=f"Re: [{ref}] The lamp", References=f"<ticket.{ref}@portal.example.com>"))
    run(app)
    assert sorted(letter.header("Subject").split()[0] for letter in postbox.letters) == [f"[{ref}]" for ref in refs[:7]]
    # Somebody else who writes in their name fills nobody's box.
    for ref in refs[7:]:
        deliver(app, write(address, Subject=f"Re: [{ref}] The lamp", References=f"<ticket.{ref}@portal.example.com>"))
    run(app)
    assert 7 < len(postbox.letters) <= MOST_PER_HOUR * 2


def test_the_answer_names_no_ticket_that_was_not_in_the_senders_own_mail(
    app: Flask, world: World, postbox: Postbox
) -> None:
    ticket = world.make_ticket("customer")
    mine, rivals = speak(world, "customer", "en"), speak(world, "rival", "en")
    reader = world.person_id("customer")
    with world.session() as session:
        notify([reader], kind="reply", event="message:1", at=now(), ticket_id=ticket.id)
        session.commit()
    run(app)
    notice_id = postbox.letters.pop().header("Message-ID")
    for address in (mine, rivals):
        mail = write(address, Subject="Re: your mail", In_Reply_To=notice_id)
        del mail["References"]
        deliver(app, mail)
    run(app)
    assert ticket.ref in postbox.to(mine)[0].text
    assert ticket.ref not in postbox.to(rivals)[0].everything
    assert "https://portal.example.com/tickets" in postbox.to(rivals)[0].text


def test_a_mail_that_is_too_large_is_refused(app: Flask, world: World, postbox: Postbox) -> None:
    mail = write(world.person("customer").email)
    mail.add_attachment(b"\0" * LARGEST, maintype="application", subtype="octet-stream")
    with pytest.raises(smtplib.SMTPResponseException) as refusal:
        deliver(app, mail)
    assert refusal.value.smtp_code == 552


def test_broken_mail_is_survived(app: Flask, world: World, postbox: Postbox) -> None:
    host, _, port = app.extensions["portal_settings"].mail_in_listen.rpartition(":")
    address = speak(world, "customer", "en")
    data = (
        b"From: =?utf-8?b?broken\r\nSubject: [T-7F3KQ92D] \xff\xfe\r\nMessage-ID: <a b>\r\n"
        b"References: <<ticket.T-7F3KQ92D@x>\r\nDate: never\r\nContent-Type: multipart/mixed\r\n\r\n--x"
    )
    with smtplib.SMTP(host, int(port), timeout=30) as server:
        server.sendmail(address, [REPLY_TO], data)
    run(app)
    assert TICKET in postbox.letters[0].text


def test_when_the_answer_cannot_be_promised_the_sender_tries_again(
    app: Flask, world: World, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = speak(world, "customer", "en")

    def fail(*_: object, **__: object) -> bool:
        raise OSError("the database is away")

    monkeypatch.setattr("portal.mail.incoming.enqueue", fail)
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        deliver(app, write(address))
    assert refusal.value.smtp_code == 451
