"""What went wrong, told so that a person knows what to do next."""

import math
import time
from typing import Any, cast

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_babel import lazy_gettext as _l
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError
from werkzeug.wrappers import Response as BaseResponse

from portal.api.problems import is_api, problem_of
from portal.extensions import db, limiter
from portal.languages import voice

PAGES = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503})


class RuleBroken(Exception):
    """A rule of a model says no, for now; the message is for the person, in their language."""

    def __init__(self, message: Any, **context: Any) -> None:
        super().__init__(str(message))
        self.message = message
        self.context = context


class Stale(RuleBroken):
    """The record has moved on since it was looked at."""


def _page(status: int, **context: Any) -> Response:
    db.session.rollback()
    if is_api():
        return problem_of(status, str(context.get("text", "")))
    if request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
        # The page stays as it is, with what was typed; the words appear above it.
        response = make_response(render_template(f"errors/{status}.html", **context), status)
        response.headers["HX-Retarget"] = "#flashes"
        response.headers["HX-Reswap"] = "innerHTML show:top"
        if status in (403, 404) and (access := g.get("access")) and access.quiet:
            # Said once: with this status htmx polls no further.
            response.status_code = 286
        return response
    return make_response(render_template(f"errors/{status}.html", **context), status)


def _on_http(error: HTTPException) -> BaseResponse:
    if error.response is not None:
        return cast(BaseResponse, error.response)
    status = error.code if error.code in PAGES else 400
    if not 400 <= (error.code or 500) < 600:
        return error.get_response()
    response = _page(status or 500)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    if isinstance(error, RateLimitExceeded) and (limit := limiter.current_limit) is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(limit.reset_at - time.time())))
    return response


def _on_forged_host(error: SecurityError) -> Response:
    """No address can be built for a host that is not ours, so no page of ours can be drawn either."""
    response = make_response("400 Bad Request", 400)
    response.mimetype = "text/plain"
    return response


def _on_rule(error: RuleBroken) -> Response:
    words = {"title": _l("That cannot be done"), "steps": [_l("Go back to the page that you came from.")]}
    return _page(409, text=error.message, **({} if isinstance(error, Stale) else words) | error.context)


def _on_stale(error: StaleDataError) -> Response:
    return _page(409, text=_l("Somebody else changed this in the meantime. Look at it again, then decide."))


def _on_csrf(error: CSRFError) -> BaseResponse:
    from portal.access.gate import principal, to_sign_in

    if not principal().is_signed_in and not g.access.public:
        return to_sign_in(keep=False)
    return _page(
        400,
        title=_l("This page was open for too long"),
        text=_l("Go back, reload the page and send it again: what you typed is still there."),
    )


def _on_fault(error: InternalServerError) -> Response:
    try:
        return _page(500)
    except Exception:
        # Even the error page failed. The last resort needs no database and no session: no context processor runs.
        speaker, page = voice(), current_app.jinja_env.get_template("errors/plain.html")
        words = page.render(
            language=speaker.language, direction=speaker.table.direction, request_id=g.get("request_id", "")
        )
        return make_response(words, 500)


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(SecurityError, _on_forged_host)
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(RuleBroken, _on_rule)
    app.register_error_handler(StaleDataError, _on_stale)
    app.register_error_handler(InternalServerError, _on_fault)
