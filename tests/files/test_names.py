"""Names of files keep their script and lose their tricks."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.files.names import LONGEST, content_disposition, safe_filename


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\jana\\Foto č. 1.JPG", "Foto č. 1.JPG"),
        ("رسید‌ها.pdf", "رسید‌ها.pdf"),
        ("рахунок.pdf", "рахунок.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\x00b\r\n.txt", "ab.txt"),
        ('a"b<c>|d?*.txt', "a_b_c__d__.txt"),
        (".htaccess", "htaccess"),
        ("...", "file"),
        ("", "file"),
        ("/", "file"),
        ("con.txt", "_con.txt"),
        ("concert.txt", "concert.txt"),
        ("a  b .txt", "a b.txt"),
        ("e\u0301.txt", "é.txt"),
    ],
)
def test_a_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_filename(name) == safe


def test_a_long_name_keeps_its_ending() -> None:
    safe = safe_filename("x" * 500 + ".pdf")
    assert len(safe) == LONGEST
    assert safe.endswith("x.pdf")


@given(st.text())
def test_any_name_becomes_a_safe_one(name: str) -> None:
    safe = safe_filename(name)
    assert 0 < len(safe) <= LONGEST
    assert not re.search(r'[/\\\x00-\x1f\x7f"<>:|?*\u202a-\u202e\u2066-\u2069]', safe)
    assert safe not in (".", "..")
    assert safe_filename(safe) == safe


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("report.pdf", "report.pdf"),
        ("účet č. 1.pdf", "ucet c. 1.pdf"),
        ("رسید.pdf", "file.pdf"),
        ("№;x.txt", "No_x.txt"),
    ],
)
def test_the_header_has_both_names(name: str, plain: str) -> None:
    header = content_disposition(name)
    assert f'filename="{plain}"' in header
    assert unquote(header.rpartition("''")[2]) == name


@given(st.text())
def test_the_header_is_one_line_of_ascii(name: str) -> None:
    header = content_disposition(name)
    assert re.fullmatch(r"attachment; filename=\"[\w .()-]+\"; filename\*=UTF-8''[\w.~%-]+", header, re.ASCII)
