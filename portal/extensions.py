"""The Flask extensions, made once and bound to an app by `create_app`."""

from flask import Flask, current_app, g, request
from flask_babel import Babel
from flask_htmx import HTMX
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from portal.access.scope import ScopedSession
from portal.config import settings
from portal.database import Base

db = SQLAlchemy(model_class=Base, session_options={"class_": ScopedSession, "expire_on_commit": False})
migrate = Migrate()
login = LoginManager()
# A hash of address and browser: nothing that our own row for each signed-in browser needs.
login.session_protection = None
babel = Babel()
htmx = HTMX()
csrf = CSRFProtect()


def _who_asks() -> str:
    """One allowance for each key and each person, whatever their address; for the others by address."""
    if (key := g.get("api_key")) is not None:
        return f"key:{key.ref}"
    who = g.get("principal")
    return f"person:{who.person_id}" if who is not None and who.person_id else get_remote_address()


limiter = Limiter(
    _who_asks,
    # One allowance for all writes together; sign-in has its own, stricter one.
    application_limits=[lambda: settings().rate_writes],
    # Programs have a rate of their own.
    application_limits_exempt_when=lambda: (
        request.method in ("GET", "HEAD", "OPTIONS") or "api_key" in g or request.endpoint == "webhooks.receive"
    ),
)


def this_app() -> Flask:
    """The application itself, for threads of its own: `current_app` stands for it in one thread alone."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # Flask types the proxy as the app
    return app
