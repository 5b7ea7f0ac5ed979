"""What is wrong with a record is read by everybody in their own language, whoever had the file read."""

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext

from portal.accounts.models import Person
from portal.imports.messages import kept, spoken
from portal.languages import speaking
from tests.conftest import SignIn
from tests.imports.world import ImportWorld, jsonl
from tests.orders.helpers import OrderWorld
from tests.world import World


def test_a_message_is_told_in_the_language_of_its_reader(app: Flask) -> None:
    with app.test_request_context(), speaking("cs"):
        told = kept(_l("It comes to %(reckoned)s, not %(told)s.", reckoned="3.50", told="1.00"))
        inner = kept(_l("Line %(line)s: %(message)s", line=3, message=_l("This is not a number.")))
    with app.test_request_context(), speaking("en"):
        assert spoken(told) == "It comes to 3.50, not 1.00."
        assert spoken(inner) == "Line 3: This is not a number."
        assert spoken(kept(lazy_ngettext("%(num)s record", "%(num)s records", 1))) == "1 record"
    with app.test_request_context(), speaking("pl"):
        assert spoken(inner) != "Line 3: This is not a number."
        assert "This is not" not in spoken(inner)


@pytest.mark.parametrize("words", ["Plain words of an older run.", ""])
def test_words_that_were_kept_before_stay_as_they_are(app: Flask, words: str) -> None:
    with app.test_request_context():
        assert spoken(kept(words)) == words
        assert spoken({"say": "system", "words": ["x"], "with": {}}) != "x"


def test_two_colleagues_read_the_same_problem_each_in_their_language(
    sign_in: SignIn, imports: ImportWorld, orders: OrderWorld, world: World
) -> None:
    with world.session() as session:
        session.execute(sa.update(Person).values(language="cs"))
        session.commit()
    run = imports.checked(jsonl(orders.shape(total="1.00")), hint="account-manager")
    browser = sign_in("account-manager")
    assert "It comes to" not in browser.get(f"/imports/{run.ref}").text
    with world.session() as session:
        session.execute(sa.update(Person).values(language="en"))
        session.commit()
    assert "It comes to 3686.87, not 1.00." in browser.get(f"/imports/{run.ref}").text
    assert "It comes to 3686.87, not 1.00." in browser.get(f"/imports/{run.ref}/records.csv").text


def test_why_an_import_failed_is_told_in_the_language_of_the_reader(
    sign_in: SignIn, imports: ImportWorld, orders: OrderWorld, world: World
) -> None:
    with world.session() as session:
        session.execute(sa.update(Person).values(language="fa"))
        session.commit()
    shape = orders.shape()
    run = imports.checked(jsonl(shape, orders.shape()), hint="account-manager")
    orders.feed({**shape, "number": "OTHER"})
    failed = imports.apply(run, is_whole=True, hint="account-manager")
    with world.session() as session:
        session.execute(sa.update(Person).values(language="en"))
        session.commit()
    page = sign_in("account-manager").get(f"/imports/{failed.ref}?action=moved").text
    assert "Not every record could be brought in" in page
    assert "Something has changed since the preview" in page
