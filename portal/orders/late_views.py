"""What is late, by customer and by supplier: as much of it as is within the reader's reach."""

from flask import Response, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from portal.access import Action, Role
from portal.access.gate import principal, requires
from portal.extensions import db
from portal.orders.blueprint import bp
from portal.orders.lateness import MOST, late_companies
from portal.orders.lifecycle import Kind
from portal.orders.listing import kinds_of, today_of
from portal.web import render


@bp.get("/orders/late")
@requires(Action.ORDER_READ)
def show_late() -> Response:
    who, session = principal(), db.session()
    has_portfolio, mine = Role.ACCOUNT_MANAGER in who.roles, request.args.get("mine", "")
    if mine not in ("", "1") or (mine and not has_portfolio):
        raise BadRequest
    today, kinds = today_of(session), kinds_of(who)
    sides = []
    if Kind.SALES in kinds:
        found, has_more = late_companies(session, who, today, of_purchase=False, mine=bool(mine))
        sides.append((_("By customer"), _("Customer"), found, has_more))
    if Kind.PURCHASE in kinds:
        found, has_more = late_companies(session, who, today, of_purchase=True, mine=bool(mine))
        sides.append((_("By supplier"), _("Supplier"), found, has_more))
    scorecards = url_for("scorecards.index") if who.may(Action.SUPPLIER_SCORECARD_READ) else ""
    address = url_for("orders.show_late")
    tabs = [(address, _("All"), not mine), (f"{address}?mine=1", _("My portfolio"), bool(mine))]
    return render("orders/late.html", sides=sides, most=MOST, tabs=tabs if has_portfolio else [], scorecards=scorecards)
