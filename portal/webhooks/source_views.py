"""One source of messages: setting it up, what came in, a new secret."""

import sqlalchemy as sa
from flask import Response, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import note, principal, requires
from portal.api.models import ApiKey
from portal.clock import now
from portal.config import settings
from portal.errors import RuleBroken
from portal.extensions import db
from portal.web import find_or_404, go_to, render
from portal.webhooks import log
from portal.webhooks.blueprint import bp
from portal.webhooks.endpoint_views import key_of
from portal.webhooks.forms import SourceForm
from portal.webhooks.models import WebhookSource

MOST_SOURCES = 10


@bp.get("/api-keys/<ref>/webhook-sources/new")
@requires(Action.API_KEY_MANAGE)
def new_source(ref: str) -> Response:
    return _form_page(key_of(ref), SourceForm(formdata=None))


def _form_page(key: ApiKey, form: SourceForm, status: int = 200) -> Response:
    return render("webhooks/new_source.html", None, status, key=key, form=form)


@bp.post("/api-keys/<ref>/webhook-sources")
@requires(Action.API_KEY_MANAGE)
def create_source(ref: str) -> Response:
    key, form, at = key_of(ref), SourceForm(), now()
    if not form.validate_on_submit():
        return _form_page(key, form, 422)
    count = sa.select(sa.func.count(WebhookSource.id)).where(WebhookSource.api_key_id == key.id)
    if (db.session.scalar(count) or 0) >= MOST_SOURCES:
        raise RuleBroken(_("This key has as many webhooks as one may have. Remove one that you do not need."))
    source = WebhookSource(
        key=key,
        api_key_id=key.id,
        person_id=principal().person_id or 0,
        name=form.name.data,
        description=form.description.data or "",
        created_at=at,
        generation=1,
        confirmed_at=None if key.is_integration else at,
    )
    db.session.add(source)
    db.session.commit()
    note("webhook-made", reference=source.ref, organisation_id=key.organisation_id)
    return _page(source, secret=source.shown_secret)


@bp.get("/webhook-sources/<ref>")
@requires(Action.API_KEY_MANAGE)
def show_source(ref: str) -> Response:
    return _page(find_or_404(WebhookSource, ref=ref))


def _page(source: WebhookSource, *, secret: str = "") -> Response:
    return render(
        "webhooks/source.html",
        fragment="webhooks/_receipts.html",
        source=source,
        key=source.key,
        secret=secret,
        listing=log.receipts(source.id),
        takes_at=f"{settings().base_url}/api/v1/webhooks/{source.ref}",
        may_confirm=source.key.is_integration and source.may_be_confirmed_by(principal().person_id),
    )


@bp.post("/webhook-sources/<ref>/confirmation")
@requires(Action.API_KEY_MANAGE)
def confirm_source(ref: str) -> BaseResponse:
    source = find_or_404(WebhookSource, ref=ref, lock=True)
    source.confirm(principal().person_id, now())
    db.session.commit()
    note("webhook-confirmed", reference=ref)
    flash(_("The webhook is confirmed."), "success")
    return go_to(url_for("webhooks.show_source", ref=ref))


@bp.post("/webhook-sources/<ref>/rotation")
@requires(Action.API_KEY_MANAGE)
def rotate_source(ref: str) -> Response:
    source = find_or_404(WebhookSource, ref=ref, lock=True)
    source.rotate(principal().person_id or 0, now())
    db.session.commit()
    note("webhook-rotated", reference=ref, organisation_id=source.key.organisation_id)
    return _page(source, secret=source.shown_secret)


@bp.post("/webhook-sources/<ref>/removal")
@requires(Action.API_KEY_MANAGE)
def remove_source(ref: str) -> BaseResponse:
    source = find_or_404(WebhookSource, ref=ref, lock=True)
    source.remove(now())
    db.session.commit()
    note("webhook-removed", reference=ref, organisation_id=source.key.organisation_id)
    flash(_("The webhook is removed."), "success")
    return go_to(url_for("webhooks.index"))
