"""One request: at its own reference for our staff, at that of its invitation for each supplier."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Response, flash, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Ground
from portal.access.finding import find, ground_of
from portal.access.gate import note_read, principal, requires
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.forms import choices
from portal.rfqs.answer_forms import DecliningForm, QuestionForm
from portal.rfqs.blueprint import bp
from portal.rfqs.drafting import supplier_rows
from portal.rfqs.forms import CancellationForm, ClarificationForm, ExtensionForm, InvitationForm
from portal.rfqs.holding import hold
from portal.rfqs.invitations import RfqInvitation
from portal.rfqs.lifecycle import Verb
from portal.rfqs.page import InvitationPage, RfqPage
from portal.rfqs.requests import Rfq, RfqTerms
from portal.web import find_or_404, go_to, render


@bp.get("/<ref>")
@requires(Action.RFQ_READ)
def show(ref: str) -> BaseResponse:
    who, session = principal(), db.session()
    if not who.is_staff:
        return draw_invitation(find_or_404(RfqInvitation, ref=ref))
    # Staff who are given the reference of an invitation are led to the request.
    invitation = find(session, RfqInvitation, RfqInvitation.ref == ref)
    if invitation is not None:
        return go_to(url_for("rfqs.show", ref=invitation.rfq.ref))
    rfq = find_or_404(Rfq, ref=ref)
    note_rfq_read(rfq)
    return draw(rfq)


def note_rfq_read(rfq: Rfq) -> None:
    note_read(rfq.ref, None, from_afar=ground_of(rfq) == Ground.ALL)


# ── What the verbs of the other modules share ─────────────────────────────────────────────────────


def held(ref: str) -> Rfq:
    """Locked, so that of two acts at once the second sees what the first has done."""
    # Whatever is not there or out of reach is answered as everywhere.
    find_or_404(Rfq, ref=ref)
    rfq = hold(db.session(), Rfq.ref == ref)
    assert rfq is not None
    return rfq


def draw(rfq: Rfq, status: int = 200, *, forms: Mapping[str, Any] | None = None, **context: Any) -> Response:
    """The buyers' page; a form that was refused goes in `forms`."""
    page = RfqPage(db.session(), principal(), rfq)
    shown = _forms(page) | dict(forms or {})
    errors = [form for form in (forms or {}).values() if form.errors]
    return render("rfqs/show.html", "rfqs/_record.html", status, record=page, forms_of=shown, refused=errors, **context)


def _forms(page: RfqPage) -> dict[str, Any]:
    """What can be done now."""
    found: dict[str, Any] = {}
    if page.may(Verb.EXTEND):
        found["extension"] = ExtensionForm(formdata=None)
    if page.may(Verb.CANCEL):
        found["cancellation"] = CancellationForm(formdata=None)
    if page.may_invite:
        found["clarification"] = ClarificationForm(formdata=None)
        if (invitation := invitation_form(page.rfq, InvitationForm(formdata=None))).supplier.choices:
            found["invitation"] = invitation
    return found


def invitation_form(rfq: Rfq, form: InvitationForm) -> InvitationForm:
    """With the suppliers that are not invited yet."""
    session = db.session()
    known = set(session.scalars(sa.select(RfqInvitation.organisation_id).where(RfqInvitation.rfq_id == rfq.id)))
    form.supplier.choices = choices((row.ref, row.name) for row in supplier_rows(session) if row.id not in known)
    return form


def refused(ref: str, problem: RuleBroken, **forms: Any) -> Response:
    """The model said no: the page as it is now, with what was typed."""
    db.session.rollback()
    told = {"problem": problem.message, "is_stale": isinstance(problem, Stale)}
    return draw(find_or_404(Rfq, ref=ref), 409, forms=forms, **told)


def settled(ref: str, words: Any) -> BaseResponse:
    """After the commit: the page anew."""
    flash(words, "success")
    return go_to(url_for("rfqs.show", ref=ref))


def draw_invitation(
    invitation: RfqInvitation, status: int = 200, *, forms: Mapping[str, Any] | None = None, **context: Any
) -> Response:
    """The supplier's page."""
    session = db.session()
    terms = session.scalars(sa.select(RfqTerms).where(RfqTerms.rfq_id == invitation.rfq_id)).one()
    given = _answer_forms() | dict(forms or {})
    errors = [form for form in (forms or {}).values() if form.errors]
    return render(
        "rfqs/invitation.html",
        "rfqs/_invitation.html",
        status,
        record=InvitationPage(session, principal(), invitation, terms),
        forms_of=given,
        refused=errors,
        **context,
    )


def _answer_forms() -> dict[str, Any]:
    return {"question": QuestionForm(formdata=None), "declining": DecliningForm(formdata=None)}
