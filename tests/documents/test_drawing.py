"""What stands on paper: in each language, over many sheets, and always the same."""

import hashlib
import re
from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from portal.documents.drawing import draw
from portal.documents.models import DocumentKind
from portal.languages import money_text
from portal.languages.table import LANGUAGES
from portal.languages.voice import speaking
from tests.documents.helpers import content_with, read, words


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", DocumentKind)
def test_every_kind_in_every_language(kind: DocumentKind, language: str) -> None:
    content = content_with(3, kind)
    with speaking(language):
        data = draw(content)
        total = money_text(content.totals.total, "EUR")
    found = read(data)
    assert len(found.pages) == 1
    assert found.trailer["/Root"]["/Lang"] == language  # type: ignore[index]
    assert "FV-1" in str(found.metadata.title)  # type: ignore[union-attr]
    text = words(data)
    assert "Скло України" in text
    assert "Praha" in text
    plain = text.replace("\u00a0", " ")
    if language != "fa":
        # Digits of its own come out in an order of the reader's of the file.
        assert (total.replace("\u00a0", " ").replace("\u202f", " ") in plain) == content.has_prices


def test_the_totals_on_paper_are_those_of_the_order() -> None:
    content = content_with(5)
    totals = content.totals
    with speaking("en"):
        text = words(draw(content))
        assert sum(totals.nets) == totals.net
        for amount in (*totals.nets, *(tax.tax for tax in totals.by_rate), totals.net, totals.total):
            assert money_text(amount, "EUR") in text


def test_a_credit_note_is_negative() -> None:
    content = content_with(2, DocumentKind.CREDIT_NOTE)
    with speaking("en"):
        text = words(draw(content))
        assert content.totals.total < 0
        assert money_text(content.totals.total, "EUR") in text


def test_a_delivery_note_has_no_prices() -> None:
    content = content_with(2, DocumentKind.DELIVERY_NOTE)
    with speaking("en"):
        text = words(draw(content))
    assert "€" not in text
    assert "Unit price" not in text
    assert "Lantern 2" in text


def test_two_hundred_lines_go_over_many_sheets() -> None:
    content = content_with(200)
    with speaking("en"):
        found = read(draw(content))
    pages = [page.extract_text() for page in found.pages]
    assert len(pages) > 5
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Description" in page or "LN-" not in page
    told = [int(code) for page in pages for code in re.findall(r"LN-(\d+)", page)]
    assert told == list(range(1, 201))
    assert money_text(content.totals.total, "EUR") in pages[-1]


def test_a_very_long_name_and_remark_are_broken() -> None:
    content = content_with(1, remark="word " * 2000)
    line = content.lines[0].model_copy(update={"names": {"en": "Unbreakable" * 30}})
    with speaking("en"):
        data = draw(content.model_copy(update={"lines": [line]}))
    assert words(data).count("word") == 2000
    assert len(read(data).pages) > 1


@pytest.mark.parametrize(
    "name", ["\u202egnp.exe", "a\x00b", "\U0001f3ee lantern", "漢字", "", " ", "<b>bold</b> **x**"]
)
def test_strange_names_are_drawn(name: str) -> None:
    content = content_with(1)
    line = content.lines[0].model_copy(update={"names": {"en": name}})
    with speaking("fa"):
        assert draw(content.model_copy(update={"lines": [line]})).startswith(b"%PDF-")


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_same_content_is_the_same_file(language: str) -> None:
    with speaking(language):
        first, second = (hashlib.sha256(draw(content_with(3))).hexdigest() for _ in range(2))
    assert first == second


def test_persian_is_written_from_the_right_in_its_own_letters() -> None:
    with speaking("fa"):
        data = draw(content_with(1))
    text = words(data)
    assert "فانوس" in text
    assert "فاکتور" in text
    # The last day of the leap year 1408 of the Jalali calendar.
    assert "اسفند" in text
    # Latin names stay as they are.
    assert "Lumen & Co." in text


@pytest.mark.parametrize(("kind", "is_told"), [(DocumentKind.CONFIRMATION, True), (DocumentKind.INVOICE, False)])
def test_a_confirmation_says_when_each_line_comes(kind: DocumentKind, is_told: bool) -> None:
    content = content_with(1, kind)
    line = content.lines[0].model_copy(update={"due_on": date(2030, 3, 15)})
    with speaking("en"):
        told = words(draw(content.model_copy(update={"lines": [line]})))
    assert ("Delivery on Mar 15, 2030" in told) == is_told
