"""The addresses of the API: for each noun its list, one record, by what a source calls it, and what is told."""

from collections.abc import Callable
from urllib.parse import urlencode

from flask import Response, g, request
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.finding import find
from portal.access.gate import keyed, note, principal
from portal.api import docs_views, key_views
from portal.api.blueprint import bp
from portal.api.bodies import body, shaped
from portal.api.conditions import answer, as_json
from portal.api.keys import TOUCH_EVERY
from portal.api.nouns import NOUNS
from portal.api.nouns.noun import Condition, Noun
from portal.api.once import once
from portal.api.problems import ApiProblem
from portal.api.rules import touch
from portal.api.shapes import ReplyShape, TicketShape
from portal.api.tickets import allow, open_one, reply
from portal.api.writing import TOLD, batch, find_id, is_source, put
from portal.clock import now
from portal.config import settings
from portal.documents.models import OrderDocument
from portal.documents.views import drawn
from portal.extensions import db, limiter
from portal.feeds.outcome import Problem
from portal.files.names import content_disposition
from portal.files.views import send
from portal.paging import fetch_page

__all__ = ["bp", "docs_views", "key_views"]

USUAL, MOST = 50, 200


def _rate() -> str:
    return settings().rate_api


def _add(rule: str, endpoint: str, scope: str, view: Callable[..., BaseResponse], method: str = "GET") -> None:
    limited = limiter.limit(_rate, override_defaults=True)(keyed(scope)(view))
    bp.add_url_rule(rule, endpoint, keyed(scope)(limited), methods=[method])


def _conditions(noun: Noun) -> list[Condition]:
    """What the address narrows the list to. Raises ApiProblem for what no list takes."""
    who, found = principal(), []
    for name, value in request.args.items():
        if name in ("limit", "after"):
            continue
        narrowing = noun.filters.get(name)
        if narrowing is None or len(request.args.getlist(name)) > 1:
            raise ApiProblem("malformed", f"There is no such parameter here, or it stands there twice: {name}.")
        if "\0" in value or (narrowing.choices and value not in narrowing.choices):
            raise ApiProblem("malformed", f"The parameter {name} does not take this value.")
        try:
            found.append(narrowing.condition(who, value))
        except (ValueError, OverflowError) as error:
            raise ApiProblem("malformed", f"The parameter {name} does not take this value.") from error
    return found


def _limit() -> int:
    asked = request.args.get("limit", str(USUAL))
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 4 and 1 <= int(asked) <= MOST):
        raise ApiProblem("malformed", f"limit is a number from 1 to {MOST}.")
    return int(asked)


def _index(noun: Noun) -> Response:
    who, session, limit = principal(), db.session(), _limit()
    statement = noun.statement(who).where(*_conditions(noun))
    page = fetch_page(session, statement, noun.sorting(who), limit, after=request.args.get("after", ""))
    following = None
    if page.next_cursor:
        following = f"{request.path}?{urlencode(request.args.to_dict() | {'after': page.next_cursor})}"
    response = as_json({"items": noun.in_brief(session, page.rows, who), "next": following})
    if following:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def _missing(reference: str) -> ApiProblem:
    note("not-found", reference=reference)
    return ApiProblem("not-found")


def _one(noun: Noun, condition: Condition, reference: str) -> Response:
    record = noun.whole(db.session(), condition, principal())
    if record is None:
        raise _missing(reference)
    return answer(record)


def _show(noun: Noun, ref: str) -> Response:
    if "\0" in ref:
        raise ApiProblem("not-found")
    return _one(noun, noun.model.ref == ref, ref)


def _show_external(noun: Noun, source: str, external_id: str) -> Response:
    found = find_id(source, noun.kind, external_id) if is_source(source) and "\0" not in external_id else None
    if found is None:
        raise _missing(external_id)
    return _one(noun, noun.model.id == found, external_id)


def _put(noun: Noun, source: str, external_id: str) -> Response:
    if not is_source(source) or "\0" in external_id:
        raise ApiProblem("malformed", "A source is at most 40 letters, figures and hyphens.")
    return once(lambda: put(noun, source, external_id, principal()))


def _batch(noun: Noun) -> Response:
    return once(lambda: batch(noun, principal()))


def _bound(view: Callable[..., Response], noun: Noun) -> Callable[..., Response]:
    def bound(**values: str) -> Response:
        return view(noun, **values)

    return bound


for noun in NOUNS.values():
    at, name = f"/api/v1/{noun.name}", noun.name.replace("-", "_")
    by_external_id = f"{at}/by-external-id/<source>/<external_id>"
    _add(at, f"{name}_index", f"{noun.name}:read", _bound(_index, noun))
    _add(f"{at}/<ref>", f"{name}_show", f"{noun.name}:read", _bound(_show, noun))
    _add(by_external_id, f"{name}_show_external", f"{noun.name}:read", _bound(_show_external, noun))
    if noun.name in TOLD:
        _add(by_external_id, f"{name}_put", f"{noun.name}:write", _bound(_put, noun), "PUT")
        _add(f"{at}/batch", f"{name}_batch", f"{noun.name}:write", _bound(_batch, noun), "POST")


def _open_ticket() -> Response:
    return once(_opened)


def _opened() -> Response:
    who, session = principal(), db.session()
    allow(who, Action.TICKET_OPEN)
    ticket = open_one(session, shaped(TicketShape, body()), who, now())
    if isinstance(ticket, Problem):
        raise ApiProblem("invalid", errors=[(f"/{ticket.field}", str(ticket.message))])
    return _ticket(ticket.ref, 201)


def _ticket(ref: str, status: int) -> Response:
    record = NOUNS["tickets"].whole(db.session(), NOUNS["tickets"].model.ref == ref, principal())
    if record is None:
        # It went to a team whose tickets are not the key's to read.
        return as_json({"ref": ref}, 202)
    return answer(record, status, f"/api/v1/tickets/{ref}")


def _reply(ref: str) -> Response:
    return once(lambda: _replied(ref))


def _replied(ref: str) -> Response:
    who = principal()
    allow(who, Action.TICKET_REPLY)
    reply(db.session(), ref, shaped(ReplyShape, body()).body, who, now())
    return _ticket(ref, 201)


def _show_file(ref: str) -> Response:
    """The PDF of a document: what the source made, or what the portal draws in the language that is asked for."""
    document = find(db.session(), OrderDocument, OrderDocument.ref == ref) if "\0" not in ref else None
    if document is None:
        raise _missing(ref)
    if document.content is not None:
        return drawn(document.content, document.kind, document.number)
    (file,) = document.attachments
    return send(file.sha256, file.media_type, content_disposition(file.filename), ref)


_add("/api/v1/documents/<ref>/file", "documents_file", "documents:read", _show_file)
_add("/api/v1/tickets", "tickets_open", "tickets:write", _open_ticket, "POST")
_add("/api/v1/tickets/<ref>/replies", "tickets_reply", "tickets:write", _reply, "POST")


@bp.app_errorhandler(ApiProblem)
def _on_problem(problem: ApiProblem) -> Response:
    db.session.rollback()
    return problem.response()


@bp.after_request
def _touch(response: Response) -> Response:
    key = g.get("api_key")
    if key is not None and (key.last_used_at is None or now() - key.last_used_at >= TOUCH_EVERY):
        db.session.rollback()
        g.writes_anyway = True
        touch(key.id, now())
    return response
