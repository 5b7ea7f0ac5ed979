"""A template database for each kind, migrated once and holding the cast; each test starts from a fresh copy."""

import os
import shutil
import uuid
from pathlib import Path

import psycopg
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import make_url

from portal.jobs.queue import SCHEMA
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
    """A database of this run, whose rows are put back for each test: copying it whole would take ten times as long."""

    def __init__(self) -> None:
        self.server = make_url(require("PostgreSQL"))
        self.name = f"portal_test_{os.getpid()}_{uuid.uuid4().hex[:6]}"
        self.url = self.server.set(database=self.name).render_as_string(hide_password=False)
        self._command(f'CREATE DATABASE "{self.name}"')

    def _command(self, statement: str) -> None:
        with self._connect(self.server) as connection:
            connection.execute(statement.encode())

    @staticmethod
    def _connect(url: sa.URL) -> psycopg.Connection:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(address, autocommit=True)

    def keep_as_template(self) -> None:
        """Keep a copy of each table in a schema beside, and write down how they are filled again from it."""
        with self._connect(self.server.set(database=self.name)) as connection:
            tables = [row[0] for row in connection.execute(_TABLES)]
            connection.execute("CREATE SCHEMA kept")
            for table in tables:
                connection.execute(f'CREATE TABLE kept."{table}" AS TABLE public."{table}"'.encode())
            filled = [t for t in tables if connection.execute(f'SELECT 1 FROM kept."{t}" LIMIT 1'.encode()).fetchone()]
            places = [f"SELECT setval('public.{name}', {last})" for name, last in connection.execute(_SEQUENCES)]
        empty = [f'DELETE FROM public."{table}"' for table in tables]
        fill = [f'INSERT INTO public."{table}" SELECT * FROM kept."{table}"' for table in filled]
        # Without its triggers, which check foreign keys, the order of the tables is of no account.
        start = ["BEGIN", "SET LOCAL session_replication_role = replica", f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"]
        self.again = "; ".join([_END_OTHERS, *start, *empty, *fill, *places, "COMMIT"])

    def refresh(self) -> None:
        with self._connect(self.server.set(database=self.name)) as connection:
            connection.execute(self.again.encode())

    def drop(self) -> None:
        self._command(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
_END_OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


Database = SqliteDatabase | PostgresqlDatabase


def dispose(app: Flask) -> None:
    """Close every pooled connection of the app."""
    from portal.extensions import db

    with app.app_context():
        db.engine.dispose()
