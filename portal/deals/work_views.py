"""What a partner does about an approved deal, written down: it keeps the protection alive."""

from typing import Any

from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.finding import is_writable
from portal.access.gate import principal, requires
from portal.clock import now
from portal.deals.act_views import act
from portal.deals.blueprint import bp
from portal.deals.forms import WorkForm
from portal.deals.lifecycle import State
from portal.deals.page import DealPage, parts
from portal.deals.protection import idle_since


@bp.post("/deals/<ref>/work")
@requires(Action.DEAL_WRITE)
def create_work(ref: str) -> BaseResponse:
    form = WorkForm()
    return act(
        ref,
        form,
        lambda deal, version: deal.log_work(principal(), now(), version, form.words.data or ""),
        _("The work is logged."),
        work=form,
    )


def _work(page: DealPage) -> dict[str, Any]:
    """The form, and until when something has to be logged; for the partner, while the deal is approved."""
    deal, who = page.deal, page.who
    is_own = who.is_staff or deal.organisation_id == who.organisation_id
    is_alive = deal.state in (State.APPROVED, State.CONVERTED)
    if not (is_alive and is_own and who.may(Action.DEAL_WRITE) and is_writable(deal)):
        return {}
    ends = idle_since(deal)
    is_urgent = ends is not None and deal.protected_until is not None and ends < deal.protected_until
    return {"work": WorkForm(formdata=None), "work_by": ends if is_urgent else None}


parts.append(_work)
