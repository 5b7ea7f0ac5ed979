"""Alembic, on the application's own engine."""

from typing import Any, Literal

from alembic import context
from flask import current_app

from portal.access.scope import unscoped

# The application has set up its own logs; alembic.ini sets none.
config = context.config
database = current_app.extensions["migrate"].db


def _render(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    from portal.database import SortKey, UtcDateTime

    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, SortKey):
        autogen.imports.add("from portal.database import SortKey")
        return "SortKey()"
    return False


def _include(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """The full-text index is written by hand, differently for each database."""
    return not (name or "").startswith(("search_entry_fts", "ix_search_entry_full_text"))


def _drop_empty(context: Any, revision: Any, directives: Any) -> None:
    if getattr(config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


with unscoped("migration"), database.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_as_batch=True,
        render_item=_render,
        include_object=_include,
        compare_type=True,
        process_revision_directives=_drop_empty,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
