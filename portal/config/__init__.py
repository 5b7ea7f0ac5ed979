"""Every setting of the portal: its type, its default and what is refused at start-up.

The environment (`PORTAL_` and the name in capitals) goes before `instance/portal.toml`, which goes before the
defaults in `model.py`.
"""

from flask import current_app

from portal.config.flask import flask_config
from portal.config.loading import load_settings
from portal.config.model import LANGUAGES, Settings
from portal.config.providers import ProviderSettings
from portal.config.sources import SettingsError
from portal.config.values import LOOPBACK, Smtp, secret_weakness

__all__ = [
    "LANGUAGES",
    "LOOPBACK",
    "ProviderSettings",
    "Settings",
    "SettingsError",
    "Smtp",
    "flask_config",
    "load_settings",
    "secret_weakness",
    "settings",
]


def settings() -> Settings:
    """The settings of the running application."""
    found: Settings = current_app.extensions["portal_settings"]
    return found
