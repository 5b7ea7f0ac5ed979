"""Two suppliers who are asked the same never see one another, whatever each of them does and wherever they look."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from portal.access.finding import find
from portal.clock import now
from portal.files.models import Attachment
from portal.jobs.outbox import drain
from portal.notices.models import Notice
from portal.organisations.models import Activity, ActivityOrganisation, Organisation
from portal.rfqs import answering, buying
from portal.rfqs.models import (
    Rfq,
    RfqAward,
    RfqClarification,
    RfqInvitation,
    RfqLine,
    RfqOffer,
    RfqOfferLine,
    RfqQuestion,
    RfqTerms,
)
from tests.conftest import SignIn
from tests.postbox import Postbox
from tests.rfqs.helpers import RfqWorld
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")
HOME = "/requests-for-quotation"
# What the other one does, each word of it its own.
SECRETS = ("Papírny", "Řehoř", "777.77", "secretremark", "secretreason", "secretquestion", "secretfile", "secretword")


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def main(answer: Any) -> str:
    """The page without its frame, and without what differs between two draws of the same."""
    body = text(answer).partition("<main")[2].partition("</main")[0] or text(answer)
    return re.sub(r'name="csrf_token" value="[^"]*"|<time[^>]*>[^<]*</time>|title="[^"]*"', "", body)


def rival_answers(rfqs: RfqWorld, world: World, rfq: Rfq) -> None:
    """The other supplier offers, with files and remarks, changes its mind, asks, declines, and offers once more."""
    rfqs.offered(rfq, "paper", 77_777, 1, remark="secretremark", files=[world.stored("secretfile.txt")])
    rfqs.asked(rfq, "paper", "secretquestion of Papírny")
    with rfqs.invited(rfq, "paper") as (invitation, terms, who):
        answering.withdraw(invitation, who, terms, now(), invitation.version)
    rfqs.declined(rfq, "paper", "secretreason")
    rfqs.offered(rfq, "paper", 77_777, 2, remark="secretremark")


def everywhere(ref: str) -> list[str]:
    """All that a supplier opens."""
    return [
        "/",
        HOME,
        f"{HOME}?q=shades",
        f"{HOME}/export.csv",
        f"{HOME}/states",
        f"{HOME}/{ref}",
        f"{HOME}/{ref}/offer",
        "/search?q=shades",
        "/notices",
        "/orders",
    ]


def test_what_one_does_changes_no_letter_of_what_the_other_sees(sign_in: SignIn, rfqs: RfqWorld, world: World) -> None:
    rfq = rfqs.sent()
    invitation = rfqs.offered(rfq, "looms")
    supplier, company = sign_in("supplier"), world.organisation("looms").ref
    urls = [*everywhere(invitation.ref), f"/organisations/{company}", f"/organisations/{company}/history"]
    before = {url: supplier.get(url) for url in urls}
    rival_answers(rfqs, world, rfq)
    after = {url: supplier.get(url) for url in urls}
    for url in urls:
        assert main(after[url]) == main(before[url]), url
        assert after[url].headers.get("ETag") == before[url].headers.get("ETag")
    assert rfqs.invitation(rfq, "looms").version == invitation.version
    assert rfqs.reload(rfq).version == rfq.version


def test_no_word_of_the_other_is_ever_shown(sign_in: SignIn, rfqs: RfqWorld, world: World) -> None:
    rfq = rfqs.sent(files=(world.stored("drawing.txt"),))
    rfqs.offered(rfq, "looms")
    rival_answers(rfqs, world, rfq)
    with rfqs.held(rfq) as (held, who):
        buying.clarify(held, "Which thread?", "E27.", who, now(), held.version)
    ref = rfqs.invitation(rfq, "looms").ref
    stages: list[Callable[[], object]] = [
        lambda: None,
        lambda: rfqs.awarded(rfq, {10: "paper"}, {"paper": "secretword", "looms": "Next time."}),
    ]
    supplier, company = sign_in("supplier"), world.organisation("looms").ref
    for stage in stages:
        stage()
        for url in [*everywhere(ref), f"/organisations/{company}/history"]:
            page = text(supplier.get(url))
            assert not [secret for secret in (*SECRETS, rfq.ref) if secret in page], url
    assert "Next time." in text(supplier.get(f"{HOME}/{ref}"))


def test_the_other_one_and_the_request_itself_are_not_found(sign_in: SignIn, rfqs: RfqWorld, world: World) -> None:
    rfq = rfqs.sent(files=(world.stored("drawing.txt"),))
    rival_answers(rfqs, world, rfq)
    other, own = rfqs.invitation(rfq, "paper").ref, rfqs.invitation(rfq, "looms").ref
    supplier = sign_in("supplier")
    with world.session() as session:
        mine = sa.select(RfqInvitation.id).where(RfqInvitation.ref == own).scalar_subquery()
        files = session.scalars(
            sa.select(Attachment.ref).where(
                sa.or_(Attachment.rfq_invitation_id.is_(None), Attachment.rfq_invitation_id != mine)
            )
        ).all()
    never = text(supplier.get(f"{HOME}/QI-00000000"))
    assert len(files) == 3
    for url in (
        *(f"{HOME}/{ref}" for ref in (other, rfq.ref)),
        f"{HOME}/{other}/offer",
        *(f"/files/{f}" for f in files),
    ):
        answer = supplier.get(url)
        assert answer.status_code == 404, url
        assert len(text(answer)) == pytest.approx(len(never), abs=200)
    for verb in ("offers", "withdrawal", "declining", "questions"):
        assert supplier.send(f"{HOME}/{other}/{verb}", {"version": 1}).status_code == 404
    for url in (f"{HOME}/{own}/comparison", f"{HOME}/{rfq.ref}/comparison"):
        assert supplier.get(url).status_code == 404
    assert supplier.get(f"{HOME}/{rfq.ref}/comparison.csv").status_code == 403
    assert supplier.send(f"{HOME}/{rfq.ref}/award", {"version": 1}).status_code == 403


def test_below_the_pages_there_is_nothing_of_the_other_either(rfqs: RfqWorld, world: World) -> None:
    rfq = rfqs.sent(files=(world.stored("drawing.txt"),))
    rfqs.offered(rfq, "looms")
    rival_answers(rfqs, world, rfq)
    rfqs.awarded(rfq, {10: "paper", 20: "looms"})
    company = world.organisation("looms").id
    with world.as_("supplier") as session:

        def count(model: Any) -> int:
            return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0

        assert count(Rfq) == 0
        assert [count(model) for model in (RfqTerms, RfqInvitation, RfqOffer, RfqAward)] == [1, 1, 1, 1]
        assert [count(model) for model in (RfqLine, RfqOfferLine, RfqQuestion, RfqClarification)] == [2, 2, 0, 0]
        assert set(session.scalars(sa.select(RfqInvitation.organisation_id))) == {company}
        told = sa.select(Activity.id).where(Activity.rfq_invitation_id.is_not(None))
        readers = sa.select(ActivityOrganisation.organisation_id).where(ActivityOrganisation.activity_id.in_(told))
        assert set(session.scalars(readers)) == {company}
        assert find(session, Organisation, Organisation.name.like("Pap%")) is None


def test_each_step_is_read_by_that_supplier_alone(rfqs: RfqWorld, world: World) -> None:
    rfq = rfqs.sent("looms", "paper", "foundry")
    rival_answers(rfqs, world, rfq)
    with rfqs.held(rfq) as (held, who):
        buying.cancel(held, who, now(), held.version, reason="Put off.")
    with world.session() as session:
        rows = session.execute(
            sa.select(Activity.id, RfqInvitation.organisation_id, ActivityOrganisation.organisation_id.label("reader"))
            .join(RfqInvitation, RfqInvitation.id == Activity.rfq_invitation_id)
            .join(ActivityOrganisation, ActivityOrganisation.activity_id == Activity.id)
        ).all()
        notices = session.execute(
            sa.select(Notice.kind, RfqInvitation.organisation_id).join(
                RfqInvitation, RfqInvitation.id == Notice.rfq_invitation_id
            )
        ).all()
    assert len(rows) == len({row.id for row in rows})
    assert all(row.organisation_id == row.reader for row in rows)
    assert {notice.kind for notice in notices} == {"rfq-new", "rfq-changed", "rfq-answered"}


def test_account_managers_read_none_of_it_in_the_history(rfqs: RfqWorld, world: World) -> None:
    """They read the contact history of all, but no purchase prices."""
    rfqs.offered(rfqs.sent(), "looms")
    for hint, is_read in (("account-manager", False), ("agent", False), ("buyer", True), ("auditor", True)):
        with world.as_(hint) as session:
            found = session.scalars(sa.select(Activity.id).where(Activity.rfq_invitation_id.is_not(None))).first()
            assert (found is not None) == is_read, hint


def test_mail_tells_each_supplier_its_own_and_nobody_elses(rfqs: RfqWorld, world: World, postbox: Postbox) -> None:
    rfq = rfqs.sent()
    rfqs.offered(rfq, "looms")
    rival_answers(rfqs, world, rfq)
    rfqs.awarded(rfq, {10: "paper"}, {"paper": "secretword", "looms": "Next time."})
    with world.app.app_context():
        drain(now() + timedelta(seconds=5))
    refs = {key: rfqs.invitation(rfq, key).ref for key in ("looms", "paper")}
    addresses = {hint: world.person(hint).email for hint in ("supplier", "supplier-admin", "rival-supplier", "buyer")}
    mails = [(letter.recipient, letter.everything) for letter in postbox.letters]
    to_looms = [whole for to, whole in mails if to in (addresses["supplier"], addresses["supplier-admin"])]
    assert len(to_looms) == 4
    for whole in to_looms:
        assert refs["looms"] in whole
        assert not [word for word in (rfq.ref, refs["paper"], *SECRETS) if word in whole]
    assert any(refs["paper"] in whole for to, whole in mails if to == addresses["rival-supplier"])
    assert all(rfq.ref in whole for to, whole in mails if to == addresses["buyer"])


def test_who_is_chosen_in_a_draft_knows_nothing_of_it(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfq = rfqs.draft("looms")
    ref, supplier = rfqs.invitation(rfq, "looms").ref, sign_in("supplier")
    assert supplier.get(f"{HOME}/{ref}").status_code == 404
    assert ref not in text(supplier.get(HOME))


def test_a_company_answers_as_the_supplier_that_it_is(sign_in: SignIn, rfqs: RfqWorld) -> None:
    """The foundry buys from us too: as a customer nobody there reads what it was asked as a supplier."""
    ref = rfqs.invitation(rfqs.sent("foundry"), "foundry").ref
    assert sign_in("many", acting="foundry.supplier").get(f"{HOME}/{ref}").status_code == 200
    assert sign_in("many", acting="foundry.customer").get(f"{HOME}/{ref}").status_code in (403, 404)
