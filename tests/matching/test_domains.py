"""The domain of a company is found in whatever people type into the field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.matching.domains import identifies_a_company, label_of, registrable_domain


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("https://www.Marble-Otter.co.uk:8443/about?x=1#y", "marble-otter.co.uk"),
        ("marble-otter.co.uk.", "marble-otter.co.uk"),
        ("//shop.marble-otter.example/", "marble-otter.example"),
        ("jana@posta.kaskada.cz", "kaskada.cz"),
        ("Jana Nová <jana@kaskada.cz>", "kaskada.cz"),
        ("mailto:jana@kaskada.cz", "kaskada.cz"),
        ("https://jana:heslo@kaskada.cz", "kaskada.cz"),
        ("kaskada.cz, www.kaskada.example", "kaskada.cz"),
        ("KASKADA.com.ua", "kaskada.com.ua"),
        ("kaskada.waw.pl", "kaskada.waw.pl"),
        ("žąsys.example", "xn--sys-hpa81d.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("www.bücher.example", "xn--bcher-kva.example"),
        ("каскад。укр", "xn--80aamvb5b.xn--j1amh"),
        ("my_shop.kaskada.cz", "kaskada.cz"),
        ("kaskada.github.io", "kaskada.github.io"),
        ("www.kaskada.example.com", "kaskada.example.com"),
    ],
)
def test_what_people_type(typed: str, domain: str) -> None:
    assert registrable_domain(typed) == domain


@pytest.mark.parametrize(
    "typed", ["", "Kaskada", "co.uk", "kyiv.ua", "localhost", "10.0.0.1", "http://[::1]/", "..", "@"]
)
def test_where_there_is_none(typed: str) -> None:
    assert registrable_domain(typed) == ""


@pytest.mark.parametrize("domain", ["gmail.com", "seznam.cz", "ukr.net", "wp.pl", "inbox.lt", "chmail.ir", ""])
def test_a_free_mailbox_names_no_company(domain: str) -> None:
    assert not identifies_a_company(domain)


def test_its_owner_chose_the_first_label() -> None:
    assert label_of("xn--bcher-kva.example") == "bücher"


@given(st.text(max_size=60) | st.lists(st.text(max_size=6), max_size=4).map(".".join))
def test_a_domain_is_its_own_domain(text: str) -> None:
    found = registrable_domain(text)
    assert found.isascii()
    assert registrable_domain(found) == found
