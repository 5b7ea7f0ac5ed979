"""What the portal logs: one line for each event, the request's id on every one, and no secrets.

JSON for machines in production, coloured text for people while developing.
"""

import logging
import re
import secrets
import sys
import time
from collections.abc import Iterable, MutableMapping
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import unquote

import structlog
from flask import Flask, Response, g, request

from portal.config import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Event = MutableMapping[str, Any]

HIDDEN = "***"
WORDS = r"token|secret|passw(?:or)?d|cookie|authorization|verifier|credential|(?:api|secret)_?key|session_?id"
SECRET_NAME = re.compile(rf"{WORDS}|^(auth(orization)?_|user_|device_)?code$", re.IGNORECASE)
# name=value, "name": "value" and Name: value, wherever they stand in a text. A wildcard before the name would
# take time that grows with the square of what somebody sends.
SECRET_IN_TEXT = re.compile(
    rf"""((?:(?:{WORDS})(?:_hint)?['"]?\s?[=:]|\b(?:code|slip)=)\s?['"]?(?:(?:bearer|basic)\s)?)[^\s&'",;<>)}}\]]+""",
    re.IGNORECASE,
)
CREDENTIALS_IN_ADDRESS = re.compile(r"(://[^\s:/@]{0,200}):[^\s/@]{1,500}@")
INVITATION = re.compile(r"(/invitations/)[\w-]{20,}")
BEARER = re.compile(r"\b(bearer|basic)\s[\w.~+/=-]{8,}", re.IGNORECASE)
SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

log = structlog.stdlib.get_logger("portal.access")


def init_app(app: Flask) -> None:
    """Log one line for each request, and answer its id in `X-Request-ID`."""
    configure(app.extensions["portal_settings"])
    app.wsgi_app = _RequestLog(app.wsgi_app)  # type: ignore[method-assign]  # Flask's documented way

    @app.url_value_preprocessor
    def begin(endpoint: str | None, values: dict[str, Any] | None) -> None:
        # The first thing that runs in a request, and it runs where routing failed too.
        g.request_id = request.environ.get("portal.request_id", "")
        facts = request.environ.setdefault("portal.log", {})
        facts["endpoint"] = endpoint
        facts["path"] = _hide_in_path(request.path, values or {})
        structlog.contextvars.bind_contextvars(endpoint=endpoint)

    @app.after_request
    def name_the_person(response: Response) -> Response:
        if (principal := g.get("principal")) is not None and principal.is_signed_in:
            request.environ["portal.log"]["person"] = principal.person_id
        return response


def configure(settings: Settings) -> None:
    """Send structlog's and the standard library's records through one chain to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_last_steps(settings)],
    )
    root = logging.getLogger()
    handler = next((known for known in root.handlers if isinstance(known, _StandardError)), None)
    if handler is None:
        root.addHandler(handler := _StandardError())
    handler.setFormatter(formatter)
    root.setLevel(settings.log_level)
    # It would write a second line for each request, with the query as it came.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    # They tell each table of a font that a document needs.
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    logging.getLogger("fpdf").setLevel(logging.WARNING)


def hide_secrets(logger: Any, method: str, event: Event) -> Event:
    """Blank what is secret by its name, and what looks secret inside texts."""
    return {name: _hidden(name, value) for name, value in event.items()}


def hide_in_text(text: str) -> str:
    text = CREDENTIALS_IN_ADDRESS.sub(rf"\1:{HIDDEN}@", text)
    text = SECRET_IN_TEXT.sub(rf"\1{HIDDEN}", text)
    text = INVITATION.sub(rf"\1{HIDDEN}", text)
    return BEARER.sub(rf"\1 {HIDDEN}", text)


def _last_steps(settings: Settings) -> list[structlog.typing.Processor]:
    if settings.log_format == "console":
        plain = structlog.dev.plain_traceback
        console = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
        return [structlog.processors.format_exc_info, hide_secrets, console]
    return [
        structlog.processors.format_exc_info,
        hide_secrets,
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
    ]


def _is_secret(name: str) -> bool:
    return SECRET_NAME.search(name) is not None


def _hidden(name: object, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _hidden(key, inner) for key, inner in value.items()}
    if value is not None and isinstance(name, str) and _is_secret(name):
        return HIDDEN
    if isinstance(value, list | tuple | set):
        return [_hidden(None, inner) for inner in value]
    if isinstance(value, str):
        return hide_in_text(value)
    # A number tells nothing; anything else is written as its text, which may.
    return value if value is None or isinstance(value, bool | int | float) else hide_in_text(str(value))


def _hide_in_path(path: str, values: dict[str, Any]) -> str:
    for name, value in values.items():
        if _is_secret(name):
            path = path.replace(str(value), HIDDEN)
    return path


def _hide_in_query(query: str) -> str:
    parts = (part.partition("=") for part in query.split("&"))
    return "&".join(
        f"{name}={HIDDEN}" if _is_secret(unquote(name)) else name + equals + value for name, equals, value in parts
    )


class _RequestLog:
    """Around the whole application, so that nothing is answered without an id and a line."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self.inner = inner

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        began = time.perf_counter()
        sent = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = sent if SANE_ID.fullmatch(sent) else secrets.token_hex(8)
        environ["portal.request_id"] = request_id
        status = "500"

        def start(line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal status
            status = line[:3]
            return start_response(line, [*headers, ("X-Request-ID", request_id)], *rest)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            return self.inner(environ, start)
        finally:
            self._write(environ, int(status), (time.perf_counter() - began) * 1000)
            structlog.contextvars.clear_contextvars()

    def _write(self, environ: "WSGIEnvironment", status: int, milliseconds: float) -> None:
        facts = {"path": environ.get("PATH_INFO", ""), **environ.get("portal.log", {})}
        if query := environ.get("QUERY_STRING", ""):
            facts["query"] = _hide_in_query(query)
        method, address = environ["REQUEST_METHOD"], environ.get("REMOTE_ADDR")
        write = log.error if status >= 500 else log.info
        write("request", method=method, status=status, ms=round(milliseconds, 1), address=address, **facts)


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at that moment, also where it has been replaced since."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # a fixed attribute there
        return sys.stderr
