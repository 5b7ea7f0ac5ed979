"""Problems as RFC 9457 writes them: what went wrong, for programs."""

from typing import Any

from flask import Response, g, json, request

PREFIX = "/api/v1/"
MEDIA_TYPE = "application/problem+json"
# The kinds of problem, each with what is told of all of them; the address of a kind is its place in the documentation.
KINDS: dict[str, tuple[int, str, str]] = {
    "malformed": (400, "Malformed request", "A parameter or a header says something that cannot be understood."),
    "not-let-in": (401, "A valid key is needed", "The key is missing, unknown, revoked, expired or asleep."),
    "not-granted": (403, "The key may not do this", "A scope or a role is missing."),
    "not-found": (404, "Not found", "There is no such record within the reach of the key."),
    "method": (405, "Method not allowed", "See the Allow header."),
    "conflict": (409, "In conflict with what is", "The record is in a state in which this cannot be done."),
    "in-progress": (409, "Still at work", "The first request with this idempotency key is not answered yet."),
    "precondition": (412, "The record is another by now", "If-Match or If-None-Match does not hold."),
    "too-large": (413, "Too large", "The body, or the batch, is larger than is taken."),
    "media-type": (415, "JSON is needed", "The body has to be application/json."),
    "invalid": (422, "Invalid", "Fields are wrong; `errors` points at each of them."),
    "reused-key": (422, "The idempotency key was used before", "Another body came with the same key."),
    "too-many": (429, "Too many requests", "Wait for as many seconds as Retry-After says."),
    "fault": (500, "A fault of ours", "Nothing was changed. Tell us the number of the request."),
    "unavailable": (503, "Not available", "Try again in a while."),
}
_OF_STATUS = {status: kind for kind, (status, _t, _d) in reversed(KINDS.items())}


class ApiProblem(Exception):
    """Answered as it stands; `errors` are (pointer, words)."""

    def __init__(
        self,
        kind: str,
        detail: Any = "",
        *,
        errors: list[tuple[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(str(detail))
        self.kind, self.detail, self.errors, self.headers = kind, str(detail), errors or [], headers or {}

    @property
    def status(self) -> int:
        return KINDS[self.kind][0]

    def response(self) -> Response:
        return problem(self.kind, self.detail, self.errors, self.headers)


def is_api() -> bool:
    """Whether a program asks, also for an address that does not exist."""
    return request.path.startswith(PREFIX)


def problem(
    kind: str, detail: str = "", errors: list[tuple[str, str]] | None = None, headers: dict[str, str] | None = None
) -> Response:
    status, title, usual = KINDS[kind]
    body: dict[str, Any] = {
        "type": f"/api/docs#{kind}",
        "title": title,
        "status": status,
        "detail": detail or usual,
        "instance": f"urn:request:{g.get('request_id', '')}",
    }
    if errors:
        body["errors"] = [{"pointer": pointer, "detail": words} for pointer, words in errors]
    response = Response(json.dumps(body) + "\n", status, content_type=MEDIA_TYPE)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="api"'
    response.headers.update(headers or {})
    return response


def problem_of(status: int, detail: str = "") -> Response:
    """For what the portal answers with a page elsewhere."""
    return problem(_OF_STATUS.get(status, "malformed" if status < 500 else "fault"), detail)
