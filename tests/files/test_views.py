"""Downloads: a file is as reachable as the message that it hangs on, and harmless in every browser."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from flask.testing import FlaskClient

from portal.clock import now
from portal.database import session_of
from portal.files.models import Attachment
from portal.tickets.messages import Message
from tests.conftest import SignIn
from tests.world import World, picture

OK, FORBIDDEN, NOT_FOUND = HTTPStatus.OK, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND


@pytest.fixture
def drawing(world: World) -> Attachment:
    """A picture that the customer sent with a reply."""
    attachment = world.stored("Lampa ů.png", picture(), thumbnail=picture("WEBP"))
    world.reply(world.make_ticket("customer"), "customer", attachments=[attachment])
    return attachment


@pytest.mark.parametrize("hint", ["customer", "customer-admin", "agent", "agent-2", "auditor"])
def test_whoever_reads_the_message_downloads_its_file(sign_in: SignIn, drawing: Attachment, hint: str) -> None:
    answer = sign_in(hint).get(f"/files/{drawing.ref}")
    assert answer.status_code == OK
    assert answer.data == picture()
    headers = answer.headers
    assert headers["Content-Disposition"].startswith("attachment;")
    assert "Lampa%20%C5%AF.png" in headers["Content-Disposition"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Content-Length"] == str(len(picture()))
    assert "Cookie" in headers["Vary"]


def test_the_thumbnail_is_ours_and_shown_in_the_page(sign_in: SignIn, drawing: Attachment) -> None:
    answer = sign_in("customer").get(f"/files/{drawing.ref}/thumbnail")
    assert (answer.status_code, answer.mimetype) == (OK, "image/webp")
    assert answer.headers["Content-Disposition"] == "inline"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_browser_that_has_it_is_asked_for_its_rights_again(sign_in: SignIn, drawing: Attachment) -> None:
    customer = sign_in("customer")
    tag = customer.get(f"/files/{drawing.ref}").headers["ETag"]
    again = customer.get(f"/files/{drawing.ref}", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (HTTPStatus.NOT_MODIFIED, b"")
    rival = sign_in("rival").get(f"/files/{drawing.ref}", headers={"If-None-Match": tag})
    assert rival.status_code == NOT_FOUND


@pytest.mark.parametrize("path", ["", "/thumbnail"])
@pytest.mark.parametrize("hint", ["rival", "supplier", "partner", "partner-admin"])
def test_strangers_find_nothing(sign_in: SignIn, drawing: Attachment, hint: str, path: str) -> None:
    assert sign_in(hint).get(f"/files/{drawing.ref}{path}").status_code == NOT_FOUND


@pytest.mark.parametrize("hint", ["moderator", "admin", "newcomer"])
def test_who_reads_no_tickets_is_refused(sign_in: SignIn, drawing: Attachment, hint: str) -> None:
    assert sign_in(hint).get(f"/files/{drawing.ref}").status_code == FORBIDDEN


def test_signed_out_means_sign_in(client: FlaskClient, drawing: Attachment) -> None:
    answer = client.get(f"/files/{drawing.ref}")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert "/sign-in" in answer.location


def test_a_file_of_a_note_is_for_staff(sign_in: SignIn, world: World) -> None:
    attachment = world.stored()
    world.note(world.make_ticket("customer"), "agent", attachments=[attachment])
    assert sign_in("customer").get(f"/files/{attachment.ref}").status_code == NOT_FOUND
    assert sign_in("agent").get(f"/files/{attachment.ref}").status_code == OK


def test_one_file_on_two_messages_has_two_audiences(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    shown, hidden = world.stored(), world.stored()
    world.reply(ticket, "agent", attachments=[shown])
    world.note(ticket, "agent", attachments=[hidden])
    assert shown.sha256 == hidden.sha256
    customer = sign_in("customer")
    assert customer.get(f"/files/{shown.ref}").status_code == OK
    assert customer.get(f"/files/{hidden.ref}").status_code == NOT_FOUND
    assert customer.get(f"/files/{shown.sha256}").status_code == NOT_FOUND


@pytest.mark.parametrize("verb", ["withdraw", "redact"])
def test_with_the_words_of_a_message_its_files_are_gone(sign_in: SignIn, world: World, verb: str) -> None:
    ticket = world.make_ticket("account-manager", organisation="glass", behalf="customer")
    attachment = world.stored("lamp.png", picture(), thumbnail=picture("WEBP"))
    message = world.reply(ticket, "account-manager", attachments=[attachment], at=now() - timedelta(minutes=1))
    assert sign_in("customer").get(f"/files/{attachment.ref}").status_code == OK
    with world.ticket_as(ticket, "account-manager") as (held, who):
        getattr(session_of(held).get_one(Message, message.id), verb)(who, now())
    for hint in ("customer", "account-manager", "auditor"):
        assert sign_in(hint).get(f"/files/{attachment.ref}").status_code == NOT_FOUND
        assert sign_in(hint).get(f"/files/{attachment.ref}/thumbnail").status_code == NOT_FOUND


def test_what_is_no_picture_has_no_thumbnail(sign_in: SignIn, world: World) -> None:
    attachment = world.stored()
    world.reply(world.make_ticket("customer"), "customer", attachments=[attachment])
    assert sign_in("customer").get(f"/files/{attachment.ref}/thumbnail").status_code == NOT_FOUND


def test_a_name_of_two_lines_writes_no_header(sign_in: SignIn, world: World) -> None:
    attachment = world.stored("evil\r\nX-Evil: yes.txt")
    world.reply(world.make_ticket("customer"), "customer", attachments=[attachment])
    answer = sign_in("customer").get(f"/files/{attachment.ref}")
    assert answer.status_code == OK
    assert "X-Evil" not in answer.headers
