"""Replies, internal notes, taking back and removing words, through HTTP."""

import hashlib
import io
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.clock import now
from portal.files.models import Attachment
from portal.files.storage import storage
from portal.jobs.models import Job
from portal.notices.models import Notice
from portal.tickets.lifecycle import State
from portal.tickets.messages import Message, MessageReader
from portal.tickets.models import Ticket
from tests.conftest import SignIn
from tests.world import World, picture

pytestmark = pytest.mark.usefixtures("in_english")

SEE_OTHER, UNSOUND, FORBIDDEN = HTTPStatus.SEE_OTHER, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN
CONFLICT, NOT_FOUND, OK = HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND, HTTPStatus.OK


def said(world: World, ticket: Ticket) -> list[Message]:
    with world.session() as session:
        return list(session.scalars(sa.select(Message).where(Message.ticket_id == ticket.id).order_by(Message.id)))


def audience(world: World, message: Message) -> set[int]:
    with world.session() as session:
        found = session.scalars(sa.select(MessageReader.organisation_id).where(MessageReader.message_id == message.id))
        return set(found)


def told(world: World, kind: str) -> set[str]:
    """The names of those who were told."""
    with world.session() as session:
        ids = session.scalars(sa.select(Notice.person_id).where(Notice.kind == kind)).all()
    hints = ("customer", "customer-admin", "agent", "agent-2", "account-manager", "auditor", "partner", "partner-admin")
    return {hint for hint in hints if world.person_id(hint) in ids}


def post(client: FlaskClient, ticket: Ticket, verb: str, data: dict[str, Any], **options: Any) -> Any:
    return client.send(f"/tickets/{ticket.ref}/{verb}", data, **options)


# ── Replies ───────────────────────────────────────────────────────────────────────────────────────


def test_a_reply_is_said_told_and_mailed(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    answer = post(sign_in("agent"), ticket, "replies", {"body": "Try **another** lamp."})
    message = said(world, ticket)[-1]
    assert (answer.status_code, answer.location) == (SEE_OTHER, f"/tickets/{ticket.ref}#{message.ref}")
    assert (message.body, audience(world, message)) == ("Try **another** lamp.", {ticket.organisation_id})
    assert told(world, "reply") == {"customer"}
    with world.session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Job).where(Job.kind == "mail.notice")) == 1
    assert world.reload(ticket).state == State.OPEN


def test_an_answer_of_the_customer_reaches_the_team_until_somebody_has_it(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    post(sign_in("customer"), ticket, "replies", {"body": "Any news?"})
    assert told(world, "reply") == {"agent"}
    held = world.make_ticket("customer", assignee_id=world.person_id("account-manager"))
    post(sign_in("customer"), held, "replies", {"body": "Any news?"})
    assert told(world, "reply") == {"agent", "account-manager"}


def test_htmx_receives_the_conversation_and_the_facts(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    answer = sign_in("agent").htmx(f"/tickets/{ticket.ref}/replies", {"body": "Hello"})
    assert answer.status_code == OK
    assert answer.text.lstrip().startswith('<div id="conversation"')
    assert 'id="facts"' in answer.text
    assert "Your reply was sent." in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize("is_htmx", [False, True])
def test_an_empty_reply_is_sent_back(sign_in: SignIn, world: World, is_htmx: bool) -> None:
    ticket = world.make_ticket("customer")
    client: Any = sign_in("customer")
    send = client.htmx if is_htmx else client.send
    answer = send(f"/tickets/{ticket.ref}/replies", {"body": "  "})
    assert answer.status_code == UNSOUND
    assert 'href="#reply-body"' in answer.text
    assert len(said(world, ticket)) == 1


def test_what_is_too_long_is_kept_as_it_was_typed(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    answer = post(sign_in("customer"), ticket, "replies", {"body": "long " * 10_001})
    assert answer.status_code == UNSOUND
    assert "long long long" in answer.text


@pytest.mark.parametrize("verb", ["replies", "notes", "preview", "readers"])
@pytest.mark.parametrize(("hint", "status"), [("agent-2", FORBIDDEN), ("auditor", FORBIDDEN), ("moderator", FORBIDDEN)])
def test_who_cannot_write_here_is_refused(
    sign_in: SignIn, world: World, hint: str, status: HTTPStatus, verb: str
) -> None:
    ticket = world.make_ticket("customer")
    assert post(sign_in(hint), ticket, verb, {"body": "x"}).status_code == status
    assert len(said(world, ticket)) == 1


@pytest.mark.parametrize("verb", ["replies", "preview", "readers"])
@pytest.mark.parametrize("hint", ["rival", "supplier", "partner"])
def test_strangers_say_nothing(sign_in: SignIn, world: World, hint: str, verb: str) -> None:
    ticket = world.make_ticket("customer")
    assert post(sign_in(hint), ticket, verb, {"body": "x"}).status_code == NOT_FOUND


def test_signed_out_means_sign_in(client: Any, world: World) -> None:
    ticket = world.make_ticket("customer")
    for verb in ("replies", "notes", "preview", "readers"):
        answer = post(client, ticket, verb, {"body": "x"})
        assert answer.status_code == SEE_OTHER
        assert "/sign-in" in answer.location


def test_a_reply_in_a_room_goes_to_whom_it_names(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("partner", organisation="glass")
    glass, wolf = world.organisation("glass"), world.organisation("wolf")
    agent = sign_in("agent")
    post(agent, ticket, "replies", {"body": "to both", "audience": [glass.ref, wolf.ref]})
    post(agent, ticket, "replies", {"body": "to one", "audience": [wolf.ref]})
    both, one = said(world, ticket)[1:]
    assert (audience(world, both), audience(world, one)) == ({glass.id, wolf.id}, {wolf.id})
    answer = post(agent, ticket, "replies", {"body": "to nobody", "audience": []})
    assert answer.status_code == UNSOUND
    assert "to nobody" in answer.text
    assert "Choose at least one company" in answer.text
    # A company that is not in the room is not addressed.
    bakery = world.organisation("bakery")
    assert post(agent, ticket, "replies", {"body": "x", "audience": [bakery.ref]}).status_code == UNSOUND
    # An outsider always reads what they say, and chooses the others.
    post(sign_in("partner"), ticket, "replies", {"body": "to staff alone"})
    assert audience(world, said(world, ticket)[-1]) == {wolf.id}
    assert "to staff alone" not in sign_in("customer-admin").get(f"/tickets/{ticket.ref}").text


def test_staff_ask_or_resolve_in_the_same_breath(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    agent = sign_in("agent")
    post(agent, ticket, "replies", {"body": "Which lamp?", "then": "ask", "version": ticket.version})
    assert world.reload(ticket).state == State.WAITING
    # A customer is offered no such thing.
    post(sign_in("customer"), ticket, "replies", {"body": "x", "then": "resolve", "version": 99})
    assert world.reload(ticket).state == State.OPEN


def test_a_stale_decision_shows_both_versions_and_keeps_what_was_typed(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer", state=State.OPEN)
    agent = sign_in("agent")
    text = agent.get(f"/tickets/{ticket.ref}").text
    version, since = (text.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("version", "since"))
    with world.ticket_as(ticket, "account-manager") as (held, who):
        held.classify(who, category=held.category, priority="urgent", at=now(), version=held.version)
    world.reply(ticket, "customer", "One more thing")
    data = {"body": "All is well", "then": "resolve", "version": version, "since": since}
    answer = post(agent, ticket, "replies", data)
    assert answer.status_code == CONFLICT
    for word in ("When you looked", "Normal", "Urgent", "1 new message", "All is well", "One more thing"):
        assert word in answer.text
    assert world.reload(ticket).state == State.OPEN
    assert len(said(world, ticket)) == 2
    # The form carries the new version: sent again, it is decided anew.
    again = answer.text.partition('name="version" value="')[2].partition('"')[0]
    assert post(agent, ticket, "replies", {**data, "version": again}).status_code == SEE_OTHER
    assert world.reload(ticket).state == State.RESOLVED


def test_too_late_is_said_with_what_was_typed(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer", state=State.CLOSED, closed_at=now() - timedelta(days=31))
    customer = sign_in("customer")
    text = customer.get(f"/tickets/{ticket.ref}").text
    assert f"/tickets/new?follows={ticket.ref}" in text
    assert "/replies" not in text
    answer = post(customer, ticket, "replies", {"body": "Still broken"})
    assert answer.status_code == CONFLICT
    assert "30 days" in answer.text


# ── Files ─────────────────────────────────────────────────────────────────────────────────────────


def file(content: bytes = b"words", name: str = "log.txt") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def test_several_files_at_once(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    files = [file(picture(), "lamp.png"), file(b"a,b\n1,2", "data.csv"), file(picture("JPEG"), "foto.jpeg")]
    answer = post(sign_in("customer"), ticket, "replies", {"body": "See", "files": files})
    assert answer.status_code == SEE_OTHER
    with world.session() as session:
        found = session.scalars(sa.select(Attachment).order_by(Attachment.id)).all()
    assert [(a.filename, a.media_type, a.thumbnail_sha256 is not None) for a in found] == [
        ("lamp.png", "image/png", True),
        ("data.csv", "text/csv", False),
        ("foto.jpeg", "image/jpeg", True),
    ]
    assert {a.message_id for a in found} == {said(world, ticket)[-1].id}


def test_a_refused_file_is_told_and_the_good_ones_are_kept(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    customer = sign_in("customer")
    files = [file(name="good.txt"), file(b"MZ\x90\x00", "evil.exe"), file(b"", "empty.txt")]
    answer = post(customer, ticket, "replies", {"body": "My words", "files": files})
    assert answer.status_code == UNSOUND
    for word in ("My words", "evil.exe is of a kind", "empty.txt is empty", "good.txt"):
        assert word in answer.text
    token = answer.text.partition('name="kept"')[2].partition('value="')[2].partition('"')[0]
    answer = post(customer, ticket, "replies", {"body": "My words", "kept": [token]})
    assert answer.status_code == SEE_OTHER
    with world.session() as session:
        assert session.scalars(sa.select(Attachment.filename)).all() == ["good.txt"]
    # The token is its owner's alone, and says nothing to anybody else.
    post(sign_in("agent"), ticket, "replies", {"body": "Stolen", "kept": [token, "nonsense"]})
    with world.session() as session:
        assert session.scalars(sa.select(Attachment.filename)).all() == ["good.txt"]


def test_files_are_kept_when_the_words_are_missing(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    answer = post(sign_in("customer"), ticket, "replies", {"body": "", "files": [file(name="kept.txt")]})
    assert answer.status_code == UNSOUND
    assert "kept.txt" in answer.text
    assert 'name="kept"' in answer.text


def test_kept_files_count_once_and_no_more_than_may_be_attached(
    sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = world.app.extensions["portal_settings"]
    small = limits.model_copy(update={"attachment_max_count": 2})
    monkeypatch.setattr("portal.files.receiving.settings", lambda: small)
    ticket, customer = world.make_ticket("customer"), sign_in("customer")

    def token(name: str) -> str:
        text: str = post(customer, ticket, "replies", {"body": "", "files": [file(name.encode(), name)]}).text
        return text.partition('name="kept"')[2].partition('value="')[2].partition('"')[0]

    one, two, three = (token(f"{n}.txt") for n in range(3))
    answer = post(customer, ticket, "replies", {"body": "b", "kept": [one, one, one, two, three]})
    assert answer.status_code == SEE_OTHER
    with world.session() as session:
        assert session.scalars(sa.select(Attachment.filename).order_by(Attachment.id)).all() == ["0.txt", "1.txt"]


def test_a_kept_file_that_is_gone_meanwhile_is_asked_for_again(app: Flask, sign_in: SignIn, world: World) -> None:
    ticket, customer = world.make_ticket("customer"), sign_in("customer")
    refused = post(customer, ticket, "replies", {"body": "", "files": [file(b"kept words", "kept.txt")]}).text
    token = refused.partition('name="kept"')[2].partition('value="')[2].partition('"')[0]
    with app.app_context():
        storage().delete(hashlib.sha256(b"kept words").hexdigest())
    answer = post(customer, ticket, "replies", {"body": "Here", "kept": [token]})
    assert answer.status_code == UNSOUND
    assert "kept.txt is no longer here: please attach it again." in answer.text


def test_words_that_nobody_would_see_are_no_answer(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    answer = post(sign_in("customer"), ticket, "replies", {"body": "\u200b\n\u2800"})
    assert answer.status_code == UNSOUND


def test_limits_of_size_and_number(sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = world.make_ticket("customer")
    limits = world.app.extensions["portal_settings"]
    small = limits.model_copy(update={"attachment_max_mb": 0.001, "attachment_max_count": 2})
    monkeypatch.setattr("portal.files.receiving.settings", lambda: small)
    large = file(b"x" * 1_001, "large.txt")
    many = [file(b"%d" % n, f"{n}.txt") for n in range(3)]
    answer = post(sign_in("customer"), ticket, "replies", {"body": "b", "files": [large, *many]})
    assert answer.status_code == UNSOUND
    assert "large.txt is larger than 1 kB" in answer.text
    assert "2.txt was left out: at most 2 files" in answer.text
    assert len(said(world, ticket)) == 1


# ── Notes ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_note_is_for_staff_and_tells_the_staff_who_take_part(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer", assignee_id=world.person_id("account-manager"))
    answer = post(sign_in("agent"), ticket, "notes", {"body": "Careful"})
    note = said(world, ticket)[-1]
    assert answer.location == f"/tickets/{ticket.ref}#{note.ref}"
    assert note.is_note
    assert audience(world, note) == set()
    assert told(world, "note") == {"account-manager"}


def test_an_empty_note_is_sent_back(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    answer = post(sign_in("agent"), ticket, "notes", {"body": ""})
    assert answer.status_code == UNSOUND
    assert 'href="#note-body"' in answer.text


@pytest.mark.parametrize("hint", ["customer", "partner", "supplier", "rival"])
def test_outsiders_have_no_notes(sign_in: SignIn, world: World, hint: str) -> None:
    ticket = world.make_ticket("customer")
    assert post(sign_in(hint), ticket, "notes", {"body": "x"}).status_code == FORBIDDEN


# ── Preview and who sees this ─────────────────────────────────────────────────────────────────────


def test_the_preview_is_drawn_by_the_server(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    agent: Any = sign_in("agent")
    fragment = agent.htmx(f"/tickets/{ticket.ref}/preview", {"body": "**bold** <script>x</script>"})
    assert fragment.text.lstrip().startswith('<div class="preview" id="reply-preview"')
    assert "<strong>bold</strong>" in fragment.text
    assert "<script>x" not in fragment.text
    note = agent.htmx(f"/tickets/{ticket.ref}/preview", {"body": "*n*", "composer": "note"})
    assert 'id="note-preview"' in note.text
    page = post(agent, ticket, "preview", {"body": "**bold**", "files": [file(name="kept.txt")]})
    for word in ("<strong>bold</strong>", "**bold**</textarea>", "kept.txt", "<html"):
        assert word in page.text
    assert len(said(world, ticket)) == 1


def test_who_sees_this_follows_the_choice(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("partner", organisation="glass")
    glass, wolf = world.organisation("glass"), world.organisation("wolf")
    agent: Any = sign_in("agent")
    fragment = agent.htmx(f"/tickets/{ticket.ref}/readers", {"body": "x", "audience": [wolf.ref]}).text
    assert fragment.lstrip().startswith('<div id="reply-readers"')
    assert wolf.name in fragment
    assert glass.name not in fragment
    page = post(agent, ticket, "readers", {"body": "My words", "audience": [wolf.ref], "then": "ask"}).text
    readers = page.partition('id="reply-readers"')[2].partition("form-actions")[0]
    assert glass.name not in readers
    assert "My words" in page
    assert "Update who sees this" in page


# ── Taking back and removing ──────────────────────────────────────────────────────────────────────


def test_the_author_takes_a_message_back(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    message = world.reply(ticket, "customer", "Nonsense")
    customer = sign_in("customer")
    path = f"messages/{message.ref}/withdrawal"
    assert f"/tickets/{ticket.ref}/{path}" in customer.get(f"/tickets/{ticket.ref}").text
    assert post(customer, ticket, path, {}).status_code == SEE_OTHER
    assert said(world, ticket)[-1].body == ""
    text = sign_in("agent").get(f"/tickets/{ticket.ref}").text
    assert "This message was withdrawn." in text
    assert "Nonsense" not in text


def test_after_a_quarter_of_an_hour_it_stays(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    message = world.reply(ticket, "customer", "Sense", at=now() - timedelta(minutes=16))
    customer = sign_in("customer")
    path = f"messages/{message.ref}/withdrawal"
    assert path not in customer.get(f"/tickets/{ticket.ref}").text
    answer = post(customer, ticket, path, {})
    assert answer.status_code == CONFLICT
    assert "15 minutes" in answer.text
    assert said(world, ticket)[-1].body == "Sense"


@pytest.mark.parametrize(
    ("hint", "verb", "status"),
    [
        ("customer-admin", "withdrawal", FORBIDDEN),
        ("agent", "withdrawal", FORBIDDEN),
        ("rival", "withdrawal", NOT_FOUND),
        ("agent", "redaction", FORBIDDEN),
        ("customer", "redaction", FORBIDDEN),
        ("auditor", "redaction", FORBIDDEN),
        ("account-manager", "redaction", SEE_OTHER),
    ],
)
def test_who_takes_words_away(sign_in: SignIn, world: World, hint: str, verb: str, status: HTTPStatus) -> None:
    ticket = world.make_ticket("customer")
    message = world.reply(ticket, "customer", "Words")
    assert post(sign_in(hint), ticket, f"messages/{message.ref}/{verb}", {}).status_code == status
    assert (said(world, ticket)[-1].body == "") == (status == SEE_OTHER)


def test_an_account_manager_of_others_redacts_nothing(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("rival")
    message = said(world, ticket)[0]
    answer = post(sign_in("account-manager"), ticket, f"messages/{message.ref}/redaction", {})
    assert answer.status_code == FORBIDDEN


def test_a_message_of_another_ticket_is_not_here(sign_in: SignIn, world: World) -> None:
    ticket, other = world.make_ticket("customer"), world.make_ticket("customer")
    message = world.reply(other, "customer")
    answer = post(sign_in("customer"), ticket, f"messages/{message.ref}/withdrawal", {})
    assert answer.status_code == NOT_FOUND
    assert said(world, other)[-1].body


# ── A session that ended in the meantime ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(("verb", "hint"), [("replies", "customer"), ("notes", "agent")])
def test_what_was_typed_survives_the_end_of_the_session(sign_in: SignIn, world: World, verb: str, hint: str) -> None:
    from portal.accounts.models import SignInSession

    ticket = world.make_ticket("customer")
    client = sign_in(hint)
    with world.session() as session:
        session.execute(sa.update(SignInSession).values(ended_at=now()))
        session.commit()
    here = {"Referer": f"http://localhost/tickets/{ticket.ref}"}
    answer = post(client, ticket, verb, {"body": "Half an hour of thought"}, headers=here)
    assert answer.status_code == SEE_OTHER
    back = answer.location.partition("next=")[2]
    from urllib.parse import unquote

    again = sign_in(hint).get(unquote(back))
    assert again.status_code == OK
    assert "Half an hour of thought" in again.text
    assert len(said(world, ticket)) == 1
