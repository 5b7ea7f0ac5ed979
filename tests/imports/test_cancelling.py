"""Whoever may run an import may cancel it: what was brought in record by record stays, all or nothing is nothing."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.access import Principal
from portal.clock import now
from portal.errors import RuleBroken
from portal.imports import verdicts
from portal.imports.models import ImportCancellation, ImportRun, State
from portal.imports.runs import standing
from portal.jobs.outbox import drain
from tests.conftest import SignIn
from tests.imports.test_killed import kill
from tests.imports.world import ImportWorld, jsonl
from tests.orders.helpers import OrderWorld

pytestmark = pytest.mark.usefixtures("in_english")


def ask(imports: ImportWorld, run: ImportRun) -> None:
    with imports.world.session() as session:
        session.get_one(ImportRun, run.id).cancel(Principal.system("test"), now())
        session.commit()


def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(verdicts.items.__kwdefaults__, "most", 3)


def test_what_waits_is_cancelled_at_once(sign_in: SignIn, imports: ImportWorld, orders: OrderWorld) -> None:
    run = imports.draft(jsonl(orders.shape()))
    browser, url = sign_in("account-manager"), f"/imports/{run.ref}"
    assert "Cancel the import" in browser.get(url).text
    assert browser.send(f"{url}/cancellation", {}).status_code == 303
    assert imports.reload(run).state == State.CANCELLED
    page = browser.get(url).text
    assert "The import is cancelled." in page
    assert "Cancelled" in page
    assert browser.send(f"{url}/cancellation", {}).status_code == 409
    # Nothing has come of it, so it can be begun anew.
    assert "What the columns are" in browser.get(f"{url}/mapping").text
    imports.check(run)
    assert imports.reload(run).state == State.CHECKED
    assert "Cancel the import" in browser.get(url).text


def test_what_is_queued_does_not_begin(app: Flask, sign_in: SignIn, imports: ImportWorld, orders: OrderWorld) -> None:
    run = imports.checked(jsonl(orders.shape()), hint="account-manager")
    browser, url = sign_in("account-manager"), f"/imports/{run.ref}"
    browser.send(f"{url}/application", {"version": str(run.version), "mode": "rows"})
    assert "Cancel the import" in browser.get(url).text
    assert browser.send(f"{url}/cancellation", {}).status_code == 303
    with app.app_context():
        drain(now() + timedelta(seconds=1))
    assert imports.reload(run).state == State.CANCELLED
    assert imports.dump()["trade_order"] == []


def test_record_by_record_what_is_in_stays_and_can_be_taken_back(
    imports: ImportWorld, orders: OrderWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = imports.dump()
    few_at_once(monkeypatch)
    run = imports.apply(imports.checked(jsonl(*(orders.shape() for _ in range(8)))), work=False)
    # A worker does a piece; while it does the next, somebody asks.
    assert imports.work(run, seconds=0).position > 0
    ask(imports, run)
    stopped = imports.work(run)
    assert (stopped.state, stopped.brought_in) == (State.CANCELLED, 3)
    assert len(imports.dump()["trade_order"]) == len(before["trade_order"]) + 3
    assert stopped.can_be_undone
    assert not stopped.can_be_read_anew
    assert imports.undo(stopped).state == State.UNDONE
    assert imports.dump()["trade_order"] == before["trade_order"]


def test_all_or_nothing_leaves_nothing(
    app: Flask, imports: ImportWorld, orders: OrderWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_at_once(monkeypatch)
    run = imports.checked(jsonl(*(orders.shape() for _ in range(8))))
    before = imports.dump()
    run = imports.apply(run, is_whole=True, work=False)
    asked: list[int] = []
    # SQLite lets nobody write meanwhile: there it is over before anybody can say so.
    is_open = app.extensions["portal_settings"].database_url.startswith("postgresql")

    def tick(found: ImportRun) -> None:
        if not asked and is_open:
            ask(imports, run)
        asked.append(found.position)

    if not is_open:
        ask(imports, run)
    stopped = imports.work(run, tick=tick)
    assert (stopped.state, stopped.brought_in) == (State.CANCELLED, 0)
    assert imports.dump() == before
    assert len(asked) == (1 if is_open else 0)


def test_what_is_over_is_not_cancelled(sign_in: SignIn, imports: ImportWorld, orders: OrderWorld) -> None:
    run = imports.brought_in(jsonl(orders.shape()))
    refused = sign_in("account-manager").send(f"/imports/{run.ref}/cancellation", {})
    assert refused.status_code == 409
    assert "can be taken back" in refused.text
    assert imports.reload(run).state == State.DONE
    with pytest.raises(RuleBroken):
        ask(imports, run)


def test_a_worker_that_was_killed_does_not_go_on_with_what_is_cancelled(
    app: Flask, imports: ImportWorld, orders: OrderWorld, sign_in: SignIn, tmp_path: Path
) -> None:
    run = imports.apply(imports.checked(jsonl(*(orders.shape() for _ in range(20)))), work=False)
    kill(app, run, tmp_path, "apply", 3)
    stood = len(imports.dump()["trade_order"])
    assert sign_in("account-manager").send(f"/imports/{run.ref}/cancellation", {}).status_code == 303
    stopped = imports.work(run)
    assert (stopped.state, stopped.brought_in) == (State.CANCELLED, stood)
    assert imports.undo(stopped).state == State.UNDONE


def test_many_who_cancel_at_once_and_a_worker_settle_to_one_outcome(
    app: Flask, imports: ImportWorld, orders: OrderWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_at_once(monkeypatch)
    run = imports.apply(imports.checked(jsonl(*(orders.shape() for _ in range(12)))), work=False)
    before = len(imports.dump()["trade_order"])
    faults: list[BaseException] = []

    def cancel() -> None:
        try:
            with app.app_context():
                ask(imports, run)
        except (RuleBroken, sa.exc.IntegrityError):
            pass
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=cancel) for _ in range(4)]
    for thread in threads:
        thread.start()
    done = imports.work(run)
    for thread in threads:
        thread.join()
    assert faults == []
    with imports.world.session() as session:
        state = standing(session, run.ref, now())
    done = imports.reload(run)
    assert state == done.state
    assert done.state in (State.DONE, State.CANCELLED)
    assert done.brought_in == len(imports.dump()["trade_order"]) - before
    assert len([row for row in imports.rows(run) if row.is_applied]) == done.brought_in


@pytest.mark.parametrize(("hint", "status"), [("buyer", 404), ("agent", 403), ("customer", 403)])
def test_nobody_else_cancels_it(
    sign_in: SignIn, imports: ImportWorld, orders: OrderWorld, hint: str, status: int
) -> None:
    run = imports.draft(jsonl(orders.shape()))
    assert sign_in(hint).send(f"/imports/{run.ref}/cancellation", {}).status_code == status
    assert imports.reload(run).state == State.DRAFT
    with imports.world.session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ImportCancellation)) == 0


def test_signed_out_nothing_is_cancelled(client, imports: ImportWorld, orders: OrderWorld) -> None:
    run = imports.draft(jsonl(orders.shape()))
    client.post(f"/imports/{run.ref}/cancellation")
    assert imports.reload(run).state == State.DRAFT
