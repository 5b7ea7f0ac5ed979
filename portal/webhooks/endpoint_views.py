"""One endpoint: setting it up, what was sent there, pausing, sending once more."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext, pgettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import note, principal, requires
from portal.api.models import ApiKey
from portal.clock import now
from portal.errors import RuleBroken
from portal.extensions import db
from portal.jobs.outbox import enqueue
from portal.languages import number_text
from portal.web import find_or_404, go_to, render
from portal.webhooks import log
from portal.webhooks.blueprint import bp
from portal.webhooks.events import TRIAL, body_of
from portal.webhooks.forms import EndpointForm, RedeliveryForm
from portal.webhooks.models import Pause, State, WebhookDelivery, WebhookEndpoint
from portal.webhooks.words import FAULTS, PAUSES, STATES, TONES

MOST_ENDPOINTS = 10
# One press brings so many back; the next one the rest.
MOST_AT_ONCE = 500


def key_of(ref: str) -> ApiKey:
    """A key to set something up for. Raises RuleBroken where it is revoked."""
    key = find_or_404(ApiKey, ref=ref)
    if key.revoked_at is not None:
        raise RuleBroken(_("This key is revoked."))
    return key


@bp.get("/api-keys/<ref>/webhooks/new")
@requires(Action.API_KEY_MANAGE)
def new(ref: str) -> Response:
    key = key_of(ref)
    return _form_page(key, _form(key, EndpointForm(formdata=None)))


def _form(key: ApiKey, form: EndpointForm) -> EndpointForm:
    nouns = (scope.removesuffix(":read") for scope in key.scopes if scope.endswith(":read"))
    return form.offer(nouns, to_staff=key.is_integration)


def _form_page(key: ApiKey, form: EndpointForm, status: int = 200) -> Response:
    return render("webhooks/new.html", None, status, key=key, form=form)


@bp.post("/api-keys/<ref>/webhooks")
@requires(Action.API_KEY_MANAGE)
def create(ref: str) -> Response:
    key = key_of(ref)
    form = _form(key, EndpointForm())
    if not form.validate_on_submit():
        return _form_page(key, form, 422)
    count = sa.select(sa.func.count(WebhookEndpoint.id)).where(WebhookEndpoint.api_key_id == key.id)
    if (db.session.scalar(count) or 0) >= MOST_ENDPOINTS:
        raise RuleBroken(_("This key has as many webhooks as one may have. Remove one that you do not need."))
    at = now()
    endpoint = WebhookEndpoint(
        key=key,
        api_key_id=key.id,
        person_id=principal().person_id or 0,
        url=form.url.data,
        description=form.description.data or "",
        types=sorted(form.types.data),
        created_at=at,
        generation=1,
        confirmed_at=None if key.is_integration else at,
    )
    db.session.add(endpoint)
    db.session.commit()
    note("webhook-made", reference=endpoint.ref, organisation_id=key.organisation_id)
    return _page(endpoint, secret=endpoint.shown_secret)


@bp.get("/webhooks/<ref>")
@requires(Action.API_KEY_MANAGE)
def show(ref: str) -> Response:
    return _page(find_or_404(WebhookEndpoint, ref=ref))


def _page(endpoint: WebhookEndpoint, *, secret: str = "") -> Response:
    state = request.args.get("state", "")
    if state and state not in STATES:
        raise BadRequest
    listing = log.deliveries(endpoint.id, state)

    def address(**more: Any) -> str:
        return url_for("webhooks.show", ref=endpoint.ref, **({"state": state} if state else {}) | more)

    return render(
        "webhooks/show.html",
        fragment="webhooks/_deliveries.html",
        endpoint=endpoint,
        key=endpoint.key,
        secret=secret,
        listing=listing,
        attempts=log.attempts(db.session(), [row.id for row in listing.rows]),
        tabs=_tabs(endpoint.ref, state),
        address=address,
        may_confirm=endpoint.key.is_integration and endpoint.may_be_confirmed_by(principal().person_id),
        redelivery=RedeliveryForm(formdata=None),
        STATES=STATES,
        TONES=TONES,
        PAUSES=PAUSES,
        FAULTS=FAULTS,
    )


def _tabs(ref: str, current: str) -> list[tuple[str, Any, bool]]:
    everything = (url_for("webhooks.show", ref=ref), pgettext("deliveries", "All"), not current)
    states = [(url_for("webhooks.show", ref=ref, state=state), STATES[state], state == current) for state in STATES]
    return [everything, *states]


def _locked(ref: str) -> WebhookEndpoint:
    return find_or_404(WebhookEndpoint, ref=ref, lock=True)


def _done(endpoint: WebhookEndpoint, words: str, *, wake: bool = True) -> BaseResponse:
    """Committed; a worker looks at what this means for what is due."""
    if wake:
        enqueue("webhooks.send", endpoint=endpoint.id)
    db.session.commit()
    flash(words, "success")
    return go_to(url_for("webhooks.show", ref=endpoint.ref))


@bp.post("/webhooks/<ref>/confirmation")
@requires(Action.API_KEY_MANAGE)
def create_confirmation(ref: str) -> BaseResponse:
    endpoint = _locked(ref)
    endpoint.confirm(principal().person_id, now())
    note("webhook-confirmed", reference=ref)
    return _done(endpoint, _("The webhook is confirmed."), wake=False)


@bp.post("/webhooks/<ref>/rotation")
@requires(Action.API_KEY_MANAGE)
def create_rotation(ref: str) -> Response:
    endpoint = _locked(ref)
    endpoint.rotate(principal().person_id or 0, now())
    db.session.commit()
    note("webhook-rotated", reference=ref, organisation_id=endpoint.key.organisation_id)
    return _page(endpoint, secret=endpoint.shown_secret)


@bp.post("/webhooks/<ref>/pause")
@requires(Action.API_KEY_MANAGE)
def create_pause(ref: str) -> BaseResponse:
    endpoint = _locked(ref)
    endpoint.stop(Pause.WISHED, now())
    return _done(endpoint, _("Nothing is sent there from now on."))


@bp.post("/webhooks/<ref>/resumption")
@requires(Action.API_KEY_MANAGE)
def create_resumption(ref: str) -> BaseResponse:
    endpoint = _locked(ref)
    endpoint.resume()
    return _done(endpoint, _("Events are sent there again."))


@bp.post("/webhooks/<ref>/removal")
@requires(Action.API_KEY_MANAGE)
def create_removal(ref: str) -> BaseResponse:
    endpoint = _locked(ref)
    endpoint.remove(now())
    enqueue("webhooks.send", endpoint=endpoint.id)
    db.session.commit()
    note("webhook-removed", reference=ref, organisation_id=endpoint.key.organisation_id)
    flash(_("The webhook is removed."), "success")
    return go_to(url_for("webhooks.index"))


def _must_send(endpoint: WebhookEndpoint) -> None:
    if not endpoint.is_live:
        raise RuleBroken(_("Nothing is sent there at present: it is paused, or waits to be confirmed."))


@bp.post("/webhooks/<ref>/trials")
@requires(Action.API_KEY_MANAGE)
def create_trial(ref: str) -> BaseResponse:
    endpoint, at = _locked(ref), now()
    _must_send(endpoint)
    body = body_of(TRIAL, at)
    db.session.add(
        WebhookDelivery(endpoint=endpoint, type=TRIAL, body=body, created_at=at, next_at=at, state=State.PENDING)
    )
    return _done(endpoint, _("A test event is on its way. Look here again in a moment."))


@bp.post("/webhooks/<ref>/deliveries/<delivery_ref>/redelivery")
@requires(Action.API_KEY_MANAGE)
def create_redelivery(ref: str, delivery_ref: str) -> BaseResponse:
    endpoint = _locked(ref)
    delivery = find_or_404(WebhookDelivery, ref=delivery_ref, lock=True)
    if delivery.endpoint_id != endpoint.id:
        abort(404)
    _must_send(endpoint)
    delivery.redeliver(now())
    return _done(endpoint, _("It is on its way once more, under the same id."))


@bp.post("/webhooks/<ref>/redelivery")
@requires(Action.API_KEY_MANAGE)
def create_redeliveries(ref: str) -> BaseResponse:
    """Of all that was given up lately."""
    endpoint, form, at = _locked(ref), RedeliveryForm(), now()
    if not form.validate_on_submit():
        raise BadRequest
    _must_send(endpoint)
    dead = (
        sa.select(WebhookDelivery)
        .where(
            WebhookDelivery.endpoint_id == endpoint.id,
            WebhookDelivery.state == State.DEAD,
            WebhookDelivery.created_at >= at - timedelta(days=int(form.days.data)),
        )
        .order_by(WebhookDelivery.id)
        .limit(MOST_AT_ONCE)
    )
    found = db.session.scalars(dead).all()
    for delivery in found:
        delivery.redeliver(at)
    count = len(found)
    words = ngettext(
        "%(count)s delivery is on its way once more.",
        "%(count)s deliveries are on their way once more.",
        count,
        count=number_text(count),
    )
    return _done(endpoint, words)
