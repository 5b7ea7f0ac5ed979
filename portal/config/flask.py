"""The settings in the words of Flask and its extensions."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from portal import paths
from portal.config.model import Settings

MEBIBYTE = 1024 * 1024


def flask_config(settings: Settings) -> dict[str, Any]:
    """What Flask and its extensions read, derived from the settings."""
    secure = settings.is_secure
    database = settings.sqlalchemy_url
    return {
        "SECRET_KEY": settings.secret_key,
        "TESTING": settings.environment == "test",
        "DEBUG": False,
        "SERVER_NAME": urlsplit(settings.base_url).netloc,
        "PREFERRED_URL_SCHEME": urlsplit(settings.base_url).scheme,
        "TRUSTED_HOSTS": settings.allowed_hosts,
        "MAX_CONTENT_LENGTH": settings.max_request_mb * MEBIBYTE,
        "MAX_FORM_MEMORY_SIZE": MEBIBYTE,
        "SQLALCHEMY_DATABASE_URI": database,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_pre_ping": database.startswith("postgresql"),
            # What people wrote belongs into no error message and no log.
            "hide_parameters": settings.is_production,
        },
        # The prefix keeps a sister host from planting the cookie; browsers accept it through TLS alone.
        "SESSION_COOKIE_NAME": "__Host-portal" if secure else "portal",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        # The row on the server says when a session is over. The cookie is read for a day longer, so that a form which
        # is sent too late still finds whose it was.
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_absolute_hours + 24),
        # The token lives as long as the session that it is bound to.
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": settings.default_language,
        "BABEL_DEFAULT_TIMEZONE": settings.default_time_zone,
        "BABEL_TRANSLATION_DIRECTORIES": str(paths.TRANSLATIONS),
        "RATELIMIT_STORAGE_URI": settings.redis_url or "memory://",
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": settings.redis_url is not None,
        "RATELIMIT_STRATEGY": "fixed-window",
    }
