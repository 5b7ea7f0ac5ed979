"""A number is the same number with and without its label, spaces and country."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.matching.identifiers import bare_number, may_be_same, normal_number

ANY = st.text(max_size=40)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("IČO: 001 23 456", "00123456"),
        ("DIČ CZ00123456", "CZ00123456"),
        ("NIP 123-456-32-18", "1234563218"),
        ("ЄДРПОУ ٤٠١٢٣٤٥٦", "40123456"),
        ("۱۰۱۰۱۲۳۴۵۶۷", "10101234567"),
        ("شناسه ملی ۱۰۱۰۱۲۳۴۵۶۷", "10101234567"),
        ("LT 100012345678", "LT100012345678"),
        ("SC123456", "SC123456"),
        ("00000000", ""),
        ("42", ""),
        ("zatím nevíme", ""),
    ],
)
def test_what_people_type(typed: str, number: str) -> None:
    assert normal_number(typed) == number


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("CZ00123456", "00123456", True),
        ("CZ00123456", "PL00123456", False),
        ("EL123456789", "GR 123456789", True),
        ("00123456", "123456", False),
        ("", "", False),
        ("00000000", "00000000", False),
    ],
)
def test_the_country_may_be_left_out(a: str, b: str, same: bool) -> None:
    assert may_be_same(a, b) is may_be_same(b, a) is same


@given(ANY)
def test_a_normal_number_is_normal(text: str) -> None:
    found = normal_number(text)
    assert normal_number(found) == found
    assert bare_number(found) == bare_number(text)
