"""Drawing answers: the one place that knows htmx."""

from http import HTTPStatus
from typing import Any, TypedDict, TypeVar
from urllib.parse import urlsplit, urlunsplit

import sqlalchemy as sa
from flask import Response, abort, current_app, make_response, redirect, render_template, request
from sqlalchemy.orm.interfaces import ORMOption
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as BaseResponse

from portal.access.finding import find
from portal.access.gate import note, principal
from portal.access.scope import acting_as
from portal.database import Base, HasRef
from portal.extensions import db, htmx
from portal.filtering import AddressFilters
from portal.paging import Order, Page, fetch_page

M = TypeVar("M", bound=Base)


def wants_fragment() -> bool:
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render(page: str, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """The page; or, for htmx, the same fragment file that the page includes."""
    name = fragment if fragment and wants_fragment() else page
    return make_response(render_template(name, **context), status)


class Place(TypedDict):
    """After or before which place a list goes on."""

    after: str
    before: str


def place() -> Place:
    """As the address says."""
    return {"after": request.args.get("after", ""), "before": request.args.get("before", "")}


def render_list(room: str, page: Page, filters: AddressFilters, status: int = 200, **context: Any) -> Response:
    """A page of the list of a room, whose index.html includes its _list.html."""
    answer = render(
        f"{room}/index.html",
        f"{room}/_list.html",
        status,
        filters=filters,
        next_url=filters.url(after=page.next_cursor) if page.next_cursor else None,
        previous_url=filters.url(before=page.previous_cursor) if page.previous_cursor else None,
        **context,
    )
    if wants_fragment() and status == HTTPStatus.OK:
        # Shareable as it stands, without the filters that are not set.
        answer.headers["HX-Push-Url"] = filters.url(**place())
    return answer


def done(url: str, fragment: str | None = None, **context: Any) -> BaseResponse:
    """After a change: htmx receives the fragment, everybody else goes on to the page."""
    if fragment and wants_fragment():
        return make_response(render_template(fragment, **context))
    return go_to(url)


def go_to(url: str) -> BaseResponse:
    if request.headers.get("HX-Request"):
        return Response(status=200, headers={"HX-Redirect": url})
    return redirect(url, 303)


def safe_next(target: str | None, default: str = "/") -> str:
    """A path on this site, or the default: `next` leads nowhere else."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or any(ord(c) < 32 or c == "\\" for c in target):
        return default
    # What does not exist at all is left to the page that says so.
    return target if is_page(parts.path, missing=True) else default


def page_here() -> str:
    """The address of the page that is being drawn; for a refused form, of the page on which it was filled in."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.rstrip("?")
    before = urlsplit(request.referrer or "")
    return urlunsplit(("", "", before.path, before.query, "")) if before.netloc == request.host else ""


def is_page(path: str, *, missing: bool = False) -> bool:
    """Whether one may be led to this path: no address that only forms are sent to, nor a step of signing in.

    `missing` is the answer for what does not exist at all.
    """
    try:
        endpoint, _values = current_app.url_map.bind("").match(path, method="GET")
    except NotFound:
        return missing
    except HTTPException:
        return False
    return endpoint not in ("accounts.start_sign_in", "accounts.finish_sign_in")


def requested_page(statement: sa.Select[Any], order: Order, size: int) -> Page:
    """The page of a list that the address asks for; a place that is none in this list is answered with 400."""
    return fetch_page(db.session(), statement, order, size, **place())


def find_or_404(model: type[M], *, ref: str, options: tuple[ORMOption, ...] = (), lock: bool = False) -> M:
    """The record at this reference within reach, else 404: out of reach and never issued are answered alike."""
    assert issubclass(model, HasRef)
    condition: sa.ColumnElement[bool] = model.ref == ref
    record = find(db.session(), model, condition, options=options, lock=lock)
    if record is not None:
        return record
    _offer_switch(model, condition)
    note("not-found", reference=ref)
    abort(404)


def _offer_switch(model: type[Base], condition: sa.ColumnElement[bool]) -> None:
    """Where another of the person's own memberships reaches the record, offer to act for that one."""
    who = principal()
    for choice in who.choices:
        if choice == who.acting:
            continue
        with acting_as(db.session(), who.acting_for(choice)):
            found = db.session.execute(sa.select(model.id).where(condition)).first()
        if found is not None:
            label = choice.organisation_name
            page = render_template(
                "errors/switch.html",
                membership=choice.key,
                organisation_name=label,
                capacity=choice.capacity,
                next=request.path,
            )
            abort(make_response(page, 404))
