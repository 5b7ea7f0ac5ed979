"""Choosing the organisation, and the capacity, that a person acts for in this browser."""

from flask import flash, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from portal.access.gate import principal, signed_in
from portal.accounts.blueprint import bp
from portal.accounts.models import SignInSession
from portal.chrome import capacity_name
from portal.errors import RuleBroken
from portal.extensions import db
from portal.text import isolate
from portal.web import go_to, safe_next


@bp.post("/acting-for")
@signed_in
def update_acting_for() -> BaseResponse:
    who = principal()
    choice = next((c for c in who.choices if c.key == request.form.get("membership")), None)
    if choice is None:
        raise RuleBroken(_l("You cannot act for this organisation any more: your membership has ended."))
    db.session.get_one(SignInSession, who.session_id).acting_key = choice.key
    db.session.commit()
    flash(
        _(
            "You now act for %(organisation)s, as %(capacity)s.",
            organisation=isolate(choice.organisation_name),
            capacity=capacity_name(choice.capacity),
        ),
        "success",
    )
    return go_to(safe_next(request.form.get("next")))
