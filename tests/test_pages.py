"""The page audit: every page is valid HTML with one first heading, unique ids and labelled fields, in one language."""

import re

import html5lib
import pytest

from tests.browser.test_every_page import PAGES, refs
from tests.conftest import SignIn
from tests.world import World

ID = re.compile(r'\sid="([^"]*)"')


def audit(text: str) -> list[str]:
    """What is wrong with a page, a line each."""
    parser = html5lib.HTMLParser()
    tree = parser.parse(text)
    faults = [f"invalid HTML: {code} {details} at {place}" for place, code, details in parser.errors]
    ids = ID.findall(re.sub(r"<(svg|script)\b.*?</\1>", "", text, flags=re.DOTALL))
    faults += [f"two elements are called {name}" for name in sorted(set(ids)) if ids.count(name) > 1]
    spoken = re.sub(r"\{\{|\{%|%\(\w+\)s", "UNDRAWN", text)
    faults += ["a placeholder is not filled"] if "UNDRAWN" in spoken else []
    space = "{http://www.w3.org/1999/xhtml}"
    headings = len(list(tree.iter(f"{space}h1")))
    faults += [f"{headings} first headings"] if headings != 1 else []
    labelled = {label.get("for") for label in tree.iter(f"{space}label")}
    for kind in ("input", "select", "textarea"):
        for field in tree.iter(f"{space}{kind}"):
            has_label = field.get("id") in labelled or field.get("aria-label") or field.get("aria-labelledby")
            if field.get("type") not in ("hidden", "submit") and not has_label:
                faults.append(f"no label for {kind} {field.get('name')}")
    for element in tree.iter():
        if element.get("style") is not None or any(name.startswith(("on", "hx-on")) for name in element.attrib):
            faults.append(f"inline style or script on {element.tag}")
    scripts = [s for s in tree.iter(f"{space}script") if not s.get("nonce")]
    return faults + [f"a script without nonce: {script.get('src')}" for script in scripts]


@pytest.mark.parametrize("hint", [hint for hint in PAGES if hint])
def test_every_page_passes_the_audit(world: World, sign_in: SignIn, hint: str) -> None:
    known = refs(world)
    browser, faults = sign_in(hint), {}
    for address in PAGES[hint]:
        response = browser.get(address.format(**known))
        if found := audit(response.text):
            faults[address] = found
    assert faults == {}
