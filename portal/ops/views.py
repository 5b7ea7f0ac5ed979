"""What a load balancer asks: is the process alive, and may it be sent people."""

from collections.abc import Callable

import structlog
from flask import Blueprint, Response, jsonify

from portal.access.gate import public
from portal.files.storage import storage
from portal.ops.checks import Finding, check_database, check_migrations

bp = Blueprint("ops", __name__)
log = structlog.stdlib.get_logger(__name__)

# No contents have this hash: asking for it shows that the storage answers, and writes nothing.
NOTHING = "0" * 64


def _reach_storage() -> Finding:
    storage().exists(NOTHING)
    return Finding("storage", "ok", "answers")


READY: tuple[tuple[str, Callable[[], Finding]], ...] = (
    ("database", check_database),
    ("migrations", check_migrations),
    ("storage", _reach_storage),
)


@bp.get("/healthz")
@public
def show_health() -> Response:
    """The process answers; nothing else is looked at."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def show_readiness() -> tuple[Response, int]:
    """Which part is not ready, and no more: anyone may ask. Why, is in the log."""
    parts = {subject: _is_ready(subject, check) for subject, check in READY}
    ready = all(parts.values())
    words = {subject: "ok" if is_ready else "failed" for subject, is_ready in parts.items()}
    return jsonify(status="ok" if ready else "failed", **words), 200 if ready else 503


def _is_ready(subject: str, check: Callable[[], Finding]) -> bool:
    try:
        finding = check()
    except Exception:  # whatever it is, the answer is no
        log.exception("not ready", part=subject)
        return False
    if finding.state != "ok":
        log.error("not ready", part=subject, says=finding.says)
    return finding.state == "ok"
