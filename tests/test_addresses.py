"""The remembered addresses are those that Flask would build."""

import pytest
from flask import Flask, url_for
from werkzeug.routing import BuildError

CASES = (
    ("static", {"filename": "css/portal.css"}),
    ("static", {"filename": "img/a b&.svg"}),
    ("home.index", {}),
    ("home.index", {"q": "ř"}),
    ("notices.index", {"_anchor": "end"}),
    ("notices.index", {"_external": True}),
    ("organisations.show", {"ref": "O-7F3KQ92D"}),
    ("organisations.show", {"ref": "O-00000000"}),
    ("organisations.show", {"ref": "../a b"}),
    ("organisations.show", {"ref": "O-7F3KQ92D", "_anchor": "x"}),
    ("organisations.index", {"ref": "O-7F3KQ92D"}),
)


@pytest.mark.parametrize(("endpoint", "values"), CASES)
def test_it_is_the_same_twice_and_as_flask_builds_it(app: Flask, endpoint: str, values: dict[str, object]) -> None:
    for root in ("", "/portal"):
        with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
            expected = Flask.url_for(app, endpoint, **values)
            assert [url_for(endpoint, **values) for _ in range(2)] == [expected] * 2


def test_an_unknown_endpoint_is_a_fault(app: Flask) -> None:
    with app.test_request_context("/"):
        for _ in range(2):
            with pytest.raises(BuildError):
                url_for("no.such", ref="T-7F3KQ92D")
