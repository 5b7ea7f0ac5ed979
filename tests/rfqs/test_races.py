"""What comes in at once settles to one outcome, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier
from time import sleep
from typing import Any

import sqlalchemy as sa

from portal.clock import now
from portal.rfqs.models import RfqAward, RfqTerms
from tests.conftest import SignIn
from tests.rfqs.filled import HOME, award, offer
from tests.rfqs.helpers import RfqWorld
from tests.world import World


def at_once(*acts: Callable[[], Any]) -> list[int]:
    """The answers' codes, in the order of the acts."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> int:
        barrier.wait()
        return int(act().status_code)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_two_awards_at_once_one_holds(sign_in: SignIn, rfqs: RfqWorld, world: World) -> None:
    rfq = rfqs.sent()
    rfqs.offered(rfq, "looms")
    rfqs.offered(rfq, "paper")
    rfq = rfqs.closed(rfq)
    refs = [rfqs.invitation(rfq, key).ref for key in ("looms", "paper")]
    given = award(rfqs, rfq)
    acts = []
    for ref in refs:
        buyer, token = sign_in("buyer"), given | {"line-10": ref, "line-20": ref}
        token["csrf_token"] = buyer.csrf_token()
        acts.append(lambda buyer=buyer, token=token: buyer.post(f"{HOME}/{rfq.ref}/award", data=token))
    assert sorted(at_once(*acts)) == [303, 409]
    with world.session() as session:
        winners = set(session.scalars(sa.select(RfqAward.invitation_id)))
    assert len(winners) == 1
    assert sorted(rfqs.invitation(rfq, key).answer for key in ("looms", "paper")) == ["not-won", "won"]


def test_an_offer_that_changes_while_it_is_awarded_is_never_awarded_unseen(
    sign_in: SignIn, rfqs: RfqWorld, world: World
) -> None:
    """The time runs out in the very moment: the offer is in before it and seen to have moved, or it comes too late."""
    for pause in (0.0, 0.39, 0.4, 0.41):
        rfq = rfqs.sent()
        invitation = rfqs.offered(rfq, "looms", 500, 120)
        supplier, buyer = sign_in("supplier"), sign_in("buyer")
        revised = offer(invitation.version, "9.99", "9.99") | {"csrf_token": supplier.csrf_token()}
        given = award(rfqs, rfq, whole=invitation.ref) | {"csrf_token": buyer.csrf_token()}
        with world.session() as session:
            over = now() + timedelta(milliseconds=400)
            session.execute(sa.update(RfqTerms).where(RfqTerms.rfq_id == rfq.id).values(closes_at=over))
            session.commit()
        awarded, changed = at_once(
            partial(_as_soon_as_it_can_be, buyer, f"{HOME}/{rfq.ref}/award", given, over),
            partial(_after, pause, supplier, f"{HOME}/{invitation.ref}/offers", revised),
        )
        numbers = [one.number for one in rfqs.offers(rfq, "looms")]
        if changed == 303:
            assert (awarded, numbers) == (409, [1, 2])
        else:
            assert (awarded, changed, numbers) == (303, 409, [1])


def _as_soon_as_it_can_be(browser: Any, url: str, given: dict[str, Any], over: datetime) -> Any:
    while True:
        is_last = now() > over
        answer = browser.post(url, data=given)
        if is_last or answer.status_code != 409:
            return answer


def _after(pause: float, browser: Any, url: str, given: dict[str, Any]) -> Any:
    sleep(pause)
    return browser.post(url, data=given)


def test_of_two_colleagues_who_offer_at_once_one_is_told(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    invitation = rfqs.invitation(rfq, "looms")
    acts = []
    for hint, price in (("supplier", "1.00"), ("supplier-admin", "2.00")):
        browser, given = sign_in(hint), offer(invitation.version, price, price)
        given["csrf_token"] = browser.csrf_token()
        acts.append(lambda b=browser, g=given: b.post(f"{HOME}/{invitation.ref}/offers", data=g))
    assert sorted(at_once(*acts)) == [303, 409]
    assert [(one.number, one.is_current) for one in rfqs.offers(rfq, "looms")] == [(1, True)]
