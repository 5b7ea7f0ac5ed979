"""Starting a question, complaint, claim, return or the request for a document from an order or one of its lines."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, refuse, requires
from portal.accounts.kept import refill
from portal.aftersales.asking import Wish, ask, documents_of, drafted, kinds_for, may_ask, returnable
from portal.aftersales.blueprint import bp
from portal.aftersales.forms import RequestForm
from portal.aftersales.words import DOCUMENTS, KIND_HELP
from portal.clock import now
from portal.documents.models import DocumentKind
from portal.errors import RuleBroken
from portal.extensions import db
from portal.forms import choices
from portal.languages import number_text, voice
from portal.notices.orders import News, tell_of_orders
from portal.notices.tickets import tell_of_opening
from portal.orders.models import Order
from portal.orders.money import THOUSAND
from portal.orders.requests import RequestKind, ReturnReason
from portal.orders.words import REQUEST_KINDS, RETURN_REASONS, quantity_text
from portal.text import isolate
from portal.web import find_or_404, go_to, render


@bp.get("/orders/<ref>/requests/new")
@requires(Action.ORDER_ASK)
def new(ref: str) -> Response:
    """The form of one kind; without a kind, what there is to choose from."""
    order = _asked_of(ref)
    kind, line = request.args.get("kind", ""), request.args.get("line", "")
    if kind not in kinds_for(order):
        return _choose(order, line)
    form = RequestForm(formdata=None, kind=kind, line=line)
    refill(form, url_for("aftersales.create", ref=ref))
    form.receive(principal().person_id or 0)
    return _draw(order, form)


@bp.post("/orders/<ref>/requests/new")
@requires(Action.ORDER_ASK)
def create(ref: str) -> BaseResponse:
    order, form, who, session, at = _asked_of(ref, lock=True), RequestForm(), principal(), db.session(), now()
    if form.kind.data not in kinds_for(order):
        return _choose(order, "", status=422)
    _offer(order, form)
    is_sound = form.validate_on_submit()
    files = form.receive(who.person_id or 0)
    if not is_sound or form.files.errors:
        return _draw(order, form, status=422)
    wish = _wish(order, form)
    try:
        _asked, ticket = ask(order, who, at, wish, drafted(session, who, order, wish.kind), files)
    except RuleBroken as problem:
        session.rollback()
        return _draw(_asked_of(ref), form, status=409, problem=problem.message)
    tell_of_opening(session, ticket, ticket.messages[0], who, at)
    if wish.kind == RequestKind.RETURN:
        # Its team has been told of the ticket; this is for whoever decides, and not twice for who is both.
        waits = News(order, "order-request", "ask-return", to_staff=True, event=f"opened:{ticket.id}")
        tell_of_orders(session, [waits], who, at)
    session.commit()
    flash(_("Sent. The reference is %(ref)s.", ref=ticket.ref), "success")
    return go_to(url_for("tickets.show", ref=ticket.ref))


def _asked_of(ref: str, *, lock: bool = False) -> Order:
    order = find_or_404(Order, ref=ref, lock=lock)
    if not may_ask(principal(), order):
        refuse()
    return order


def _wish(order: Order, form: RequestForm) -> Wish:
    kind = RequestKind(form.kind.data)
    line = next((line for line in order.lines if str(line.position) == form.line.data), None)
    if kind == RequestKind.RETURN:
        reason = ReturnReason(form.reason.data)
        body = form.body.data or str(RETURN_REASONS[reason])
        return Wish(kind, line, body, reason=reason, quantity=int((form.quantity.data or 0) * THOUSAND))
    if kind == RequestKind.DOCUMENT:
        document = DocumentKind(form.document.data or documents_of(order)[0])
        return Wish(kind, line, form.body.data or str(DOCUMENTS[document]), document=document)
    return Wish(kind, line, form.body.data or "")


def _offer(order: Order, form: RequestForm) -> None:
    """The lines that it can be about, and the documents."""
    language, is_return = voice().language, form.kind.data == RequestKind.RETURN
    left = returnable(db.session(), order) if is_return else {}
    lines = [("", _("Choose a line") if is_return else _("The whole order"))]
    for line in order.lines:
        name = f"{number_text(line.position)} · {line.name_in(language)}"
        if not is_return:
            lines.append((str(line.position), name))
        elif line.id in left:
            quantity = quantity_text(left[line.id], line.unit)
            lines.append((str(line.position), str(_("%(line)s: at most %(quantity)s", line=name, quantity=quantity))))
    form.line.choices = choices(lines)
    form.document.choices = choices((kind.value, DOCUMENTS[kind]) for kind in documents_of(order))


def _choose(order: Order, line: str, status: int = 200) -> Response:
    kinds = [
        (REQUEST_KINDS[kind], KIND_HELP[kind], url_for("aftersales.new", ref=order.ref, kind=kind.value, line=line))
        for kind in kinds_for(order)
    ]
    return render("aftersales/choose.html", status=status, order=order, number=_number(order), kinds=kinds)


def _draw(order: Order, form: RequestForm, *, status: int = 200, **context: Any) -> Response:
    kind = RequestKind(form.kind.data)
    _offer(order, form)
    return render(
        "aftersales/new.html",
        "aftersales/_new.html",
        status,
        order=order,
        number=_number(order),
        form=form,
        kind=kind.value,
        kind_words=REQUEST_KINDS[kind],
        kind_help=KIND_HELP[kind],
        can_return=kind != RequestKind.RETURN or len(form.line.choices) > 1,
        draft=drafted(db.session(), principal(), order, kind),
        **context,
    )


def _number(order: Order) -> str:
    return isolate(order.details.number or order.ref)
