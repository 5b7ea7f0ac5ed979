"""A collaborative CRM portal: customers, suppliers, partners and staff on the same records."""

from importlib import import_module
from typing import Any

from flask import Flask

from portal import paths
from portal.config import Settings, flask_config, load_settings

ROOMS = (
    "home",
    "accounts",
    "settings",
    "organisations",
    "tickets",
    "orders",
    "quotations",
    "reorders",
    "purchasing",
    "rfqs",
    "scorecards",
    "aftersales",
    "deals",
    "partners",
    "rooms",
    "opportunities",
    "products",
    "leads",
    "search",
    "files",
    "documents",
    "notices",
    "imports",
    "receipts",
    "calendars",
    "api",
    "webhooks",
    "ops",
)
# Rooms with records of their own; each model has its rule beside it.
WITH_RULES = (
    "accounts",
    "business_hours",
    "organisations",
    "tickets",
    "products",
    "receipts",
    "deals",
    "orders",
    "purchasing",
    "rfqs",
    "shipments",
    "documents",
    "imports",
    "opportunities",
    "partners",
    "leads",
    "matching",
    "calendars",
    "api",
    "webhooks",
)


def create_app(settings: Settings | None = None, **config: Any) -> Flask:
    """The application: settings, extensions, rooms."""
    from portal import (
        accesslog,
        addresses,
        chrome,
        clashes,
        engines,
        errors,
        extensions,
        forms,
        languages,
        logs,
        security,
        templating,
    )
    from portal.access import gate
    from portal.access.scope import check_every_model_has_a_rule

    settings = settings or load_settings()
    app = Flask(
        "portal",
        static_folder=str(paths.STATIC),
        template_folder=str(paths.TEMPLATES),
        instance_path=str(paths.instance_folder()),
    )
    app.config.from_mapping(flask_config(settings) | {"WTF_CSRF_CHECK_DEFAULT": False} | config)
    app.extensions["portal_settings"] = settings
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_environment = templating.Environment
    app.jinja_env.add_extension("jinja2.ext.do")

    addresses.init_app(app)
    logs.init_app(app)
    security.init_app(app, settings)
    extensions.db.init_app(app)
    extensions.migrate.init_app(app, extensions.db, directory=str(paths.MIGRATIONS), render_as_batch=True)
    extensions.login.init_app(app)
    extensions.csrf.init_app(app)
    extensions.htmx.init_app(app)
    languages.init_app(app, extensions.babel)
    forms.init_app(app)
    accesslog.init_app(app)
    gate.init_app(app)
    extensions.limiter.init_app(app)
    chrome.init_app(app, settings)
    errors.init_app(app)
    clashes.init_app(app)
    # All models first: a rule looks at what its model is related to.
    for part in ("models", "rules"):
        for room in WITH_RULES:
            import_module(f"portal.{room}.{part}")
    for room in ROOMS:
        app.register_blueprint(import_module(f"portal.{room}.views").bp)
    check_every_model_has_a_rule()
    engines.init_app(app)
    return app
