"""What each connection is told before it is used."""

import pytest
from flask import Flask

from portal.extensions import db

TOLD = {
    "sqlite": [("PRAGMA journal_mode", "wal"), ("PRAGMA foreign_keys", 1), ("PRAGMA busy_timeout", 30_000)],
    "postgresql": [("SHOW jit", "off")],
}


@pytest.mark.parametrize("is_second", [False, True], ids=["first", "second"])
def test_each_connection_is_set_up(app: Flask, is_second: bool) -> None:
    with app.app_context(), db.engine.connect() as first, db.engine.connect() as second:
        connection = second if is_second else first
        for question, answer in TOLD[db.engine.dialect.name]:
            assert connection.exec_driver_sql(question).scalar() == answer
        # What was set outlives the transaction that it was set in.
        connection.rollback()
        for question, answer in TOLD[db.engine.dialect.name]:
            assert connection.exec_driver_sql(question).scalar() == answer
