"""A reference that is taken already costs nobody a page: the request is answered anew, with another."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from portal import clashes, database
from portal.files.models import Attachment
from portal.notices import notify
from portal.notices.models import Notice
from portal.organisations.models import Activity
from portal.tickets import opening_views
from portal.tickets.messages import Message
from portal.tickets.models import Ticket
from tests.conftest import SignIn
from tests.tickets.test_messages import file
from tests.tickets.test_opening import TYPED, party
from tests.world import World, picture

pytestmark = pytest.mark.usefixtures("in_english")


def refs(world: World, model: Any) -> list[str]:
    with world.session() as session:
        return list(session.scalars(sa.select(model.ref)))


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one each time that a request is answered anew."""
    real, counted = clashes._start_over, []

    def start_over(noted: int) -> None:
        counted.append(noted)
        real(noted)

    monkeypatch.setattr(clashes, "_start_over", start_over)
    return counted


def draw(monkeypatch: pytest.MonkeyPatch, taken: str, is_unlucky: Callable[[], bool]) -> None:
    """Let the lot fall on the reference that is taken."""
    real = database.new_ref

    def new_ref(prefix: str) -> str:
        return taken if taken.startswith(f"{prefix}-") and is_unlucky() else real(prefix)

    for module in (database, notify):
        monkeypatch.setattr(module, "new_ref", new_ref)


def send(client: Any, world: World) -> Any:
    files = [file(picture(), "lamp.png"), file(name="log.txt")]
    return client.send("/tickets", {**TYPED, "party": party(world, "glass"), "files": files})


@pytest.mark.parametrize("model", [Ticket, Message, Attachment, Activity, Notice])
def test_a_reference_that_is_taken_is_drawn_again(
    sign_in: SignIn, world: World, model: Any, attempts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(sign_in("customer"), world)
    before = refs(world, model)
    draw(monkeypatch, before[0], lambda: not attempts)
    client = sign_in("customer")
    answer = send(client, world)
    assert (answer.status_code, len(attempts)) == (303, 1)
    assert client.get(answer.location).text.count("The reference is") == 1
    assert len(set(refs(world, model))) == 2 * len(before)
    assert len(refs(world, Ticket)) == 2
    with world.session() as session:
        # The files were read from their beginning again.
        assert len(set(session.scalars(sa.select(Attachment.sha256)))) == 2


def test_after_the_second_time_it_is_a_fault(
    sign_in: SignIn, world: World, attempts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(sign_in("customer"), world)
    taken = refs(world, Ticket)[0]
    draw(monkeypatch, taken, lambda: True)
    with pytest.raises(IntegrityError):
        send(sign_in("customer"), world)
    assert (len(attempts), refs(world, Ticket)) == (1, [taken])


def test_other_faults_are_not_tried_again(
    sign_in: SignIn, world: World, attempts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: Any) -> None:
        raise IntegrityError("INSERT", {}, Exception("UNIQUE constraint failed: job.key"))

    monkeypatch.setattr(opening_views, "tell_of_opening", fail)
    with pytest.raises(IntegrityError):
        send(sign_in("customer"), world)
    assert not attempts
    assert refs(world, Ticket) == []
