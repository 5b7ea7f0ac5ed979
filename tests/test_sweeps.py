"""What must be true of the whole application, so that nobody has to remember it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.routing import Rule

from portal import paths
from portal.access.gate import access_of
from portal.access.scope import OutOfScope, check_every_model_has_a_rule, unscoped
from portal.database import Base
from portal.extensions import db
from tests.conftest import SignIn
from tests.databases import dispose
from tests.world import World

TABLE = Path(__file__).with_name("access-table.txt")
# Where tables may be read without being narrowed: the rules themselves, the look-up of who asks, whom to
# tell of an event, and operations.
RAW_TABLES = re.compile(r"(rules|reach|sessions|accesslog|outbox|backup|checks)\.py$|/notices/|/seeds/|/migrations/")

ENDING = ("/sign-out", "/account/sessions/<ref>/ending", "/account/sessions/endings", "/settings/break-glass/ending")
HINTS = {
    "customer": "customer-member",
    "customer-admin": "customer-admin",
    "supplier": "supplier-member",
    "supplier-admin": "supplier-admin",
    "partner": "partner-member",
    "partner-admin": "partner-admin",
    "agent": "agent",
    "moderator": "moderator",
    "account-manager": "account-manager",
    "buyer": "buyer",
    "channel-manager": "channel-manager",
    "auditor": "auditor",
    "admin": "admin",
    "newcomer": "newcomer",
    # The administrator once more, with break-glass access.
    "admin-by-break-glass": "admin break-glass",
}


def routes(app: Flask) -> Iterator[tuple[str, Rule]]:
    """Each address with each of its verbs, but for the files that are the same for everybody."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if not rule.endpoint.endswith("static"):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, rule


def expected() -> dict[str, str]:
    """The committed table: `GET /tickets: customer-member agent …`."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))


def test_every_route_declares_its_access(app: Flask) -> None:
    missing = [rule.rule for _, rule in routes(app) if access_of(app, rule.endpoint) is None]
    assert missing == []


def test_the_table_lists_every_route_and_no_other(app: Flask) -> None:
    assert {f"{method} {rule.rule}" for method, rule in routes(app)} == set(expected())


@pytest.mark.parametrize("hint", ["", *HINTS])
def test_every_route_answers_each_role_as_the_table_says(app: Flask, sign_in: SignIn, world: World, hint: str) -> None:
    table = expected()
    if hint.endswith("-by-break-glass"):
        world.break_glass()
    browser = sign_in(hint.removesuffix("-by-break-glass") or "customer")
    wrong = {}
    for method, rule in routes(app):
        # Signing out and ending sessions would end the very session that asks, and its break-glass access.
        if rule.rule in ENDING:
            continue
        if not hint:
            with browser.session_transaction() as cookie:
                cookie.pop("_user_id", None)
        url = re.sub(r"<(?:[^:>]*:)?[^>]*>", "X-00000000", rule.rule)
        kwargs = {"data": {"csrf_token": browser.csrf_token()}} if method != "GET" else {}
        # A stream that is left half read keeps its connection.
        response = browser.open(url, method=method, buffered=True, **kwargs)
        key = f"{method} {rule.rule}"
        answer = response.status_code
        location = response.headers.get("Location", "")
        if table[key] == "public":
            is_right = answer != 403 and not location.startswith("/sign-in?")
        elif table[key] == "api-key":
            # A browser is nobody there, whoever is signed in.
            is_right = answer == 401
        elif not hint:
            is_right = answer == 303 and location.startswith("/sign-in")
        elif table[key] == "signed-in" or not set(HINTS[hint].split()).isdisjoint(table[key].split()):
            is_right = answer != 403 and not location.startswith("/sign-in") and answer < 500
        else:
            is_right = answer == 403
        if not is_right:
            wrong[key] = (answer, location)
    assert wrong == {}


def test_a_model_without_a_rule_stops_the_start() -> None:
    class Stray(Base):
        __tablename__ = "stray"
        word: Mapped[str] = mapped_column()

    try:
        with pytest.raises(OutOfScope, match="Stray"):
            check_every_model_has_a_rule()
    finally:
        Base.registry._dispose_cls(Stray)
        Base.metadata.remove(Stray.__table__)


def test_tables_are_read_raw_in_the_rules_alone() -> None:
    found = [
        f"{path.relative_to(paths.PACKAGE)}:{number}"
        for path in paths.PACKAGE.rglob("*.py")
        if not RAW_TABLES.search(str(path)) and path.name != "scope.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"__table__(?!_args)|literal_column\(|\bsa\.text\(", line)
    ]
    assert found == []


def test_migrations_equal_the_models_both_ways(app: Flask) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    def is_ours(item: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
        return not (name or "").startswith(("search_entry_fts", "ix_search_entry_full_text"))

    with app.app_context(), unscoped("compare the schema"):
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_ours})
            assert compare_metadata(context, Base.metadata) == []
        downgrade(revision="base")
        left = set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}
        assert {name for name in left if not name.startswith("sqlite_")} == set()
        upgrade()
    dispose(app)
