"""A template database for each kind, migrated once and holding the cast; each test starts from a fresh copy."""

import os
import shutil
import uuid
from pathlib import Path

import psycopg
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import make_url

from tests.services import require


class SqliteDatabase:
    """A file, copied over for each test."""

    def __init__(self, folder: Path) -> None:
        self.path, self.template = folder / "portal.db", folder / "template.db"
        self.url = f"sqlite:///{self.path}"

    def keep_as_template(self) -> None:
        with sa.create_engine(self.url).connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self.path, self.template)

    def refresh(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self.template, self.path)

    def drop(self) -> None:
        pass


class PostgresqlDatabase:
    """A database of this run, made anew from its template for each test."""

    def __init__(self) -> None:
        self.server = make_url(require("PostgreSQL"))
        self.name = f"portal_test_{os.getpid()}_{uuid.uuid4().hex[:6]}"
        self.url = self.server.set(database=self.name).render_as_string(hide_password=False)
        self._command(f'CREATE DATABASE "{self.name}"')

    def _command(self, *statements: str) -> None:
        address = self.server.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def keep_as_template(self) -> None:
        self._command(f'ALTER DATABASE "{self.name}" RENAME TO "{self.name}_template"')

    def refresh(self) -> None:
        self._command(
            f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)',
            f'CREATE DATABASE "{self.name}" TEMPLATE "{self.name}_template"',
        )

    def drop(self) -> None:
        self._command(
            f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)',
            f'DROP DATABASE IF EXISTS "{self.name}_template" WITH (FORCE)',
        )


Database = SqliteDatabase | PostgresqlDatabase


def dispose(app: Flask) -> None:
    """Close every pooled connection of the app."""
    from portal.extensions import db

    with app.app_context():
        db.engine.dispose()
