"""In any world, no page, list, count, search, autocomplete, export, notice or file shows a word beyond the tables."""

import re
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portal.access import Principal
from portal.access.scope import acting_as
from portal.accounts.models import SignInSession
from portal.accounts.sessions import digest, new_token
from portal.clock import now
from portal.extensions import db
from tests import oracle
from tests.conftest import Browser
from tests.databases import Database, dispose
from tests.oracle import Asker, Everything
from tests.planting import Planted

# Every row of a random world carries a word of its own: org3z, case1z, words4z, file2z.
MARK = re.compile(r"\b(org|case|words|file)(\d+)z")
# A smaller seed makes no simpler world.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
worlds = st.integers(min_value=0, max_value=2**32).map(oracle.make)


def may_see(world: Everything, who: Asker) -> set[str]:
    """The words that this asker may meet anywhere."""
    said = [(case, said) for case in world.cases for said in case.said]
    seen = {f"case{case.n}" for case in world.cases if oracle.reads_case(world, who, case)}
    seen |= {f"org{org.n}" for org in world.orgs if oracle.reads_org(world, who, org)}
    for case, one in said:
        if oracle.reads_words(world, who, case, one):
            seen |= {f"words{one.n}", f"file{one.n}"}
    for case in world.cases:
        if oracle.reads_case(world, who, case):
            # Who writes in a room is told which companies are in it.
            seen |= {f"org{loan.org.n}" for loan in case.loans if loan.live}
        # Whoever is invited is told what to.
        if any(loan.stands and loan.human is who.human for loan in case.loans):
            seen.add(f"case{case.n}")
    if who.member:
        # The switch names every organisation that the person may act for.
        seen |= {f"org{other.member.org.n}" for other in oracle.askers(who.human) if other.member}
        if who.capacity == "customer":
            # A customer knows by name who was made a partner of record of theirs: they are asked to consent.
            seen |= {f"org{link.partner.n}" for link in world.links if link.customer is who.member.org}
    else:
        # The desk reads the parties of the tickets that it works on, whatever else of them it reaches.
        for case in world.cases:
            if oracle.reads_case(world, who, case):
                seen |= {f"org{org.n}" for org in (case.org, case.opened_by) if org}
                seen |= {f"org{n}" for one in case.said for n in one.audience}
    return seen


def addresses(rows: Planted) -> list[str]:
    urls = ["/", "/tickets", "/tickets?state=all", "/tickets/new", "/tickets/export.csv", "/organisations", "/notices"]
    urls += [f"/tickets/{ticket.ref}" for ticket in rows.tickets.values()]
    urls += [f"/tickets/{ticket.ref}/shares" for ticket in rows.tickets.values()]
    urls += [f"/rooms/{share.ref}" for _case, _loan, share in rows.shares]
    urls += [f"/organisations/{org.ref}{page}" for org in rows.orgs.values() for page in ("", "/history", "/people")]
    urls += [f"/files/{file.ref}" for file in rows.files.values()]
    urls += [f"/people/{person.ref}" for person in rows.people.values()]
    for n in rows.messages:
        urls += [f"/search?q=words{n}z", f"/tickets?q=words{n}z"]
    urls += [f"/tickets/colleagues?q=human{n}z" for n in rows.people]
    return urls


@settings(max_examples=4, phases=UNSHRUNK, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds)
def test_no_answer_shows_a_word_beyond_the_tables(app: Flask, database: Database, world: Everything) -> None:
    dispose(app)
    database.refresh()
    with app.app_context(), acting_as(db.session(), Principal.system("test")):
        rows = Planted(db.session(), world, now() - timedelta(minutes=5))
        db.session.commit()
        urls = addresses(rows)
        tokens = [(who, _session(rows, who)) for human in world.humans for who in oracle.askers(human)]
        db.session.commit()
    for who, token in tokens:
        allowed = may_see(world, who)
        browser = _browser(app, token)
        for url in urls:
            response = browser.get(url)
            assert response.status_code < 500, (url, who)
            # What somebody typed into a search field stands there again: that is no answer.
            asked = {f"{kind}{n}" for kind, n in MARK.findall(url)}
            shown = {f"{kind}{n}" for kind, n in MARK.findall(response.text)}
            assert shown - asked <= allowed, (url, who)
            _check_search_finds_nothing(url, response.text, who, allowed)


def _check_search_finds_nothing(url: str, text: str, who: Asker, allowed: set[str]) -> None:
    asked = re.search(r"q=(words\d+)z", url)
    if asked and asked[1] not in allowed:
        # Only readable tickets may stand in the answer, and none of them because of the words.
        assert not re.findall(r"\bcase\d+z", text), (url, who)


def _session(rows: Planted, who: Asker) -> str:
    token, at = new_token(), now()
    key = ""
    if who.member is not None:
        person_id, org_id = rows.people[who.human.n].id, rows.orgs[who.member.org.n].id
        from portal.accounts.sessions import principal_of_person

        found = principal_of_person(person_id)
        assert found is not None
        key = next(c.key for c in found.choices if c.organisation_id == org_id and c.capacity == who.capacity)
    db.session.add(
        SignInSession(
            token_hash=digest(token),
            person_id=rows.people[who.human.n].id,
            acting_key=key,
            created_at=at,
            last_seen_at=at,
            expires_at=at + timedelta(hours=1),
        )
    )
    return token


def _browser(app: Flask, token: str) -> FlaskClient:
    browser = Browser(app, app.response_class)
    with browser.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    return browser
