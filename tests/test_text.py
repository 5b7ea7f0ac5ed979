"""What people write is found, ordered and shown, and never does anything of its own."""

import contextlib
import cProfile
import csv
import io
import sqlite3
import time
import timeit
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import commonmark
from portal.text import (
    clean_line,
    clean_text,
    csv_safe,
    excerpt,
    fold,
    is_blank,
    like_escape,
    sort_key,
    to_html,
    to_plain,
)
from tests.services import require

# Fragments from which an attacker builds, mixed with anything at all.
PIECES = [
    "<script>", "</script>", "<img/src=x/onerror=alert(1)>", "javascript:",
    "[x](javascript:alert(1))", "![x](", ")", "](", "[", "[r]", "<svg/onload=", "hx-get=/x",
    "data-x=", "<a", "href='", '"', "'", "`", "&#106;avascript:", "&lt;", "&colon;", "\\",
    "https://", "http://a.example/", "mailto:", "_", "*", "data:text/html,",
    '<https://x.example/"onclick=1>', "//evil.example", "<p", "style='color:red'>", "<!--", "-->",
    "]]>", "&#0;", "&nbsp;",
]  # fmt: skip
SPACES = ["\n", "\n\n", "\t", "    ", "\n# ", "\n> ", "\n- ", "\n1. ", "\n```\n", "\n[r]: javascript:x\n"]
UNSEEN = ["\x00", "\u202e", "\ud800", "\u200d"]
EVIL = st.lists(st.one_of(st.sampled_from(PIECES + SPACES + UNSEEN), st.text(max_size=12)), max_size=20).map("".join)

ALLOWED = {
    "p": {"dir"}, "h3": {"dir"}, "h4": {"dir"}, "h5": {"dir"}, "h6": {"dir"}, "ul": {"dir"},
    "ol": {"dir", "start"},
    "li": set(), "blockquote": set(), "pre": {"dir"}, "code": {"dir"}, "em": set(), "strong": set(),
    "a": {"href", "rel"}, "br": set(), "hr": set(),
}  # fmt: skip


class Audit(HTMLParser):
    """Finds any tag, attribute or address that is not on the short list."""

    def __init__(self) -> None:
        super().__init__()
        self.strange: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.strange.append(tag)
        for name, value in attrs:
            is_known = name in ALLOWED.get(tag, ())
            is_open = name != "href" or (value or "").lower().startswith(("http:", "https:", "mailto:"))
            if not is_known or not is_open or (name == "dir" and value != "auto"):
                self.strange.append((tag, name, value))

    def handle_comment(self, data: str) -> None:
        self.strange.append(data)


def strange(html: str) -> list[object]:
    audit = Audit()
    audit.feed(html)
    audit.close()
    return audit.strange


@given(EVIL)
def test_html_holds_only_what_is_on_the_list(text: str) -> None:
    assert strange(to_html(text)) == []


def test_the_audit_sees_what_is_not_on_the_list() -> None:
    evil = '<p dir="rtl" onclick="x"><a href="javascript:x">a</a><a href="//b">b</a><img src="x"><!-- c --></p>'
    assert len(strange(evil)) == 7


@given(EVIL)
def test_html_is_closed_so_that_it_cannot_swallow_the_page(text: str) -> None:
    html = str(to_html(text))
    for tag in ALLOWED.keys() - {"br", "hr"}:
        assert html.count(f"<{tag}>") + html.count(f"<{tag} ") == html.count(f"</{tag}>")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a *b* **c**", '<p dir="auto">a <em>b</em> <strong>c</strong></p>'),
        ("one\ntwo", '<p dir="auto">one<br>\ntwo</p>'),
        ("<b onclick=x>", '<p dir="auto">&lt;b onclick=x&gt;</p>'),
        ("[x](javascript:alert(1))", '<p dir="auto">[x](javascript:alert(1))</p>'),
        ("[x](/sign-out) [y](//evil.example)", '<p dir="auto">[x](/sign-out) [y](//evil.example)</p>'),
        ("[x](JavaScript&colon;alert(1))", '<p dir="auto">[x](JavaScript:alert(1))</p>'),
        ("`سلام`", '<p dir="auto"><code dir="auto">سلام</code></p>'),
        ("- a\n- b", '<ul dir="auto">\n<li>a</li>\n<li>b</li>\n</ul>'),
        ("> سلام", '<blockquote>\n<p dir="auto">سلام</p>\n</blockquote>'),
        ("", ""),
    ],
)
def test_commonmark_becomes_plain_html(text: str, html: str) -> None:
    assert str(to_html(text)).strip() == html


def test_headings_begin_at_the_third_level_and_skip_none() -> None:
    html = to_html("# a\n\n#### b\n\n## c\n\n###### d")
    assert [html[at + 1 : at + 3] for at in range(len(html)) if html[at : at + 2] == "<h"] == [
        "h3", "h4", "h4", "h5",
    ]  # fmt: skip


def test_a_picture_is_a_link_and_nothing_is_fetched() -> None:
    html = to_html("![a cat](https://cats.example/1.png)")
    assert '<a href="https://cats.example/1.png"' in html
    assert ">a cat</a>" in html
    assert "<img" not in html


def test_links_give_nothing_away() -> None:
    assert 'rel="nofollow noopener noreferrer ugc"' in to_html("[x](https://a.example)")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://a.example/x.", "https://a.example/x"),
        ("(https://a.example/x)", "https://a.example/x"),
        ("https://a.example/x_(y)", "https://a.example/x_(y)"),
        ("نگاه کنید https://a.example/x، لطفاً", "https://a.example/x"),
        ("https://a.example/?a=1&b=2", "https://a.example/?a=1&amp;b=2"),
    ],
)
def test_a_bare_address_becomes_a_link_without_its_punctuation(text: str, address: str) -> None:
    assert f'<a href="{address}"' in to_html(text)


def test_a_bare_address_in_code_stays_code() -> None:
    assert "<a" not in to_html("`https://a.example`")


def test_rendering_is_quick_enough_to_be_done_on_the_page() -> None:
    text = "Since the update *both* machines print `the old` address - see https://example.com/1.\n\n" * 6
    # The processor's time, and the best of a few rounds: others may be busy on the same machine.
    seconds = min(timeit.repeat(lambda: commonmark._html(text), timer=time.process_time, number=20, repeat=5)) / 20
    assert seconds < 0.003


HOSTILE = [
    "![", "[", "[![", "*[", "[[]", "[a](", "[a](b ", "[*a](", "[a][", "](", "*a", "*_", "*a_", "**a ", "a**b c* ", "> ",
    ">", "> a\n\n", ">- ", "`a``b", "* a\n", "-\n", "- ", "a\n", "a\n=\n", "# a\n", "[a]\n", "[a]: x \"\n", "<", "<a:",
    "&", "\\", "https://a ", "http://((", "[![a](http://x)](http://y)",
]  # fmt: skip


@cache
def _work(render: Callable[[str], str], text: str) -> int:
    """How many functions are called: unlike seconds, the same on every machine."""
    profile = cProfile.Profile()
    profile.runcall(render, text)
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("evil", HOSTILE)
@pytest.mark.parametrize("render", [commonmark._html, to_plain])
def test_a_hostile_text_takes_no_longer_than_a_few_honest_ones(render: Callable[[str], str], evil: str) -> None:
    honest = "Since the update *both* machines print the old address, see https://example.com/1.\n\n" * 600
    full = (evil * 50_000)[:50_000]
    fitting = full[: commonmark._MOST_MARKS // len(evil)].ljust(50_000, "a")
    assert not commonmark._is_overloaded(honest[:50_000])
    most = 5 * _work(render, honest[:50_000])
    assert _work(render, full) < most
    assert _work(render, fitting) < most


def test_a_text_that_is_all_marks_is_shown_as_it_was_typed() -> None:
    typed = "[x](https://a.example) *b* <i>\nنشانی\n\n" + "`" * 3_000
    html = to_html(typed)
    assert html.startswith('<p dir="auto">[x](https://a.example) *b* &lt;i&gt;<br>\nنشانی</p>\n<p dir="auto">``')
    assert html.count("`") == 3_000
    assert to_plain(typed) == typed


def test_an_address_without_end_is_no_link() -> None:
    assert "<a" not in commonmark._html("[a](" + "mailto:a@a.example?subject=".ljust(3_000, "x") + ")")
    assert "<a" in commonmark._html("[a](" + "mailto:a@a.example?subject=".ljust(1_999, "x") + ")")


def test_plain_text_keeps_structure_and_addresses() -> None:
    text = "# Hi\n\n**See** [this](https://a.example).\n\n- a\n- b\n  - c\n\n1. x\n\n> q\n\n    code\n\n---"
    assert to_plain(text) == ("Hi\n\nSee this (https://a.example).\n\n- a\n- b\n  - c\n\n1. x\n\n> q\n\ncode\n\n---")


def test_plain_text_does_not_repeat_an_address() -> None:
    assert to_plain("<https://a.example> and <me@a.example>") == "https://a.example and me@a.example"


@given(EVIL)
def test_plain_text_can_be_stored_anywhere(text: str) -> None:
    plain = to_plain(text)
    assert plain.encode().decode() == plain
    assert "\x00" not in plain


@pytest.mark.parametrize("hidden", ["\u202e", "&#x202E;", "&#8238;", "&#xfeff;", "\x07", "&#7;", "&#x2066;"])
@pytest.mark.parametrize("render", [to_html, to_plain])
def test_nothing_unseen_turns_a_text_round(render: Callable[[str], str], hidden: str) -> None:
    assert not commonmark._UNWANTED.search(
        render(f"a{hidden}b [c{hidden}d](https://a.example/e{hidden}f) `g{hidden}h`")
    )


# ── Cleaning and folding ─────────────────────────────────────────────────────────────────────────


def test_lines_are_cleaned_of_what_nobody_types() -> None:
    assert clean_line(" a\x00b\u202ec\t\td\r\ne ") == "abc d e"
    assert clean_text("a\r\nb\rc\u2028d") == "a\nb\nc\nd"
    assert clean_line("e\u0301") == "é"
    assert clean_line("می‌خواهم") == "می‌خواهم"


@given(st.text(alphabet=st.characters()))
def test_cleaned_text_can_be_stored_anywhere(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode()
    assert "\x00" not in cleaned
    assert clean_text(cleaned) == cleaned


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Žluťoučký KŮŇ", "zlutoucky kun"),
        ("Łódź", "lodz"),
        ("ŠIAULIAI į ūkį", "siauliai i uki"),
        ("Ґанок", "ганок"),
        ("зв’язок", "зв'язок"),
        ("straße ÆRØ", "strasse aero"),
        ("كتاب", "کتاب"),
        ("علي", "علی"),
        ("می‌خواهم", "میخواهم"),
        ("ســلام", "سلام"),
        ("۱۲۳", "123"),
        ("٤٥٦", "456"),
        ("１２３", "123"),
        ("  a \n b\u00a0c ", "a b c"),
        ("İstanbul", "istanbul"),
    ],
)
def test_search_finds_it_however_it_is_typed(left: str, right: str) -> None:
    assert fold(left) == fold(right) == " ".join(right.split()).replace("ي", "ی")


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_folding_does_not_depend_on_composition(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


def test_wildcards_mean_themselves() -> None:
    assert like_escape(r"50%_\x") == r"50\%\_\\x"


@pytest.mark.parametrize(
    "names",
    [
        ["Adam", "Čapek", "Cibula", "Lukas", "Łukasz", "Zak", "Żak"],
        ["Ганна", "Ґанна", "Демʼян", "Євген", "Зоя", "Ірина", "Їжак", "Йосип", "Яна"],
        ["بابک", "پرویز", "تارا", "چنگیز", "زهرا", "ژاله", "کاوه", "گیتی", "لاله", "وحید", "هما", "یاسمن"],
        ["ann", "Ann Bell", "anna"],
    ],
)
def test_names_stand_in_the_order_of_their_alphabet(names: list[str]) -> None:
    keys = [sort_key(name).encode() for name in names]
    assert keys == sorted(set(keys))


def test_quotation_marks_do_not_move_a_name() -> None:
    assert sort_key("„Alfa“") < sort_key("Beta")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_sort_keys_compare_alike_as_text_and_as_bytes(name: str) -> None:
    other = sort_key("мир")
    assert (sort_key(name) < other) == (sort_key(name).encode() < other.encode())


# ── Shortening and spreadsheets ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("short", "short"),
        ("hello brave new world", "hello…"),
        ("unbelievable", "unbelieva…"),
        ("one,  two three", "one, two…"),
        ("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", "👨‍👩‍👧…"),
        ("🇨🇿🇺🇦🇵🇱🇱🇹🇮🇷🇬🇧", "🇨🇿🇺🇦🇵🇱🇱🇹…"),
        ("abcdefghe\u0301\u0301\u0301\u0301", "abcdefgh…"),
    ],
)
def test_an_excerpt_ends_between_words_and_never_inside_a_character(text: str, short: str) -> None:
    assert excerpt(text, 10) == unicodedata.normalize("NFC", short)


@given(st.text(), st.integers(min_value=1, max_value=40))
def test_an_excerpt_is_never_longer_than_asked(text: str, length: int) -> None:
    assert len(excerpt(text, length)) <= length


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\t=1",
        "\r=1",
        " =1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "\u200b=1",
        "\u202e=1",
        "|cmd",
    ],
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert csv_safe(text).startswith("'")


@given(st.text())
def test_every_cell_survives_the_way_to_a_spreadsheet(text: str) -> None:
    cell = csv_safe(text)
    written = io.StringIO(newline="")
    csv.writer(written).writerow([cell, "end"])
    assert next(csv.reader(io.StringIO(written.getvalue(), newline=""))) == [cell, "end"]
    assert cell.lstrip()[:1] not in tuple("=+-@＝＋－＠")


def test_numbers_stay_numbers() -> None:
    assert [csv_safe(value) for value in (-5, Decimal("-1.5"), None, "a=b", "")] == [
        "-5",
        "-1.5",
        "",
        "a=b",
        "",
    ]


# ── Both databases ───────────────────────────────────────────────────────────────────────────────

NAMES = [
    "Alfa", "„Alfa“", "alfa 2", "Čapek", "Capek", "Łódź", "Łukasz", "Şahin", "Žižka", "Žemyna", "Ąžuolas",
    "Ґанок", "Їжак", "Інна", "Йосип", "Щерба", "پرویز", "بابک", "کاوه", "كاوه", "ژاله", "وحید", "هما", "李", "🙂",
    "", "Zed", "Émile", "Emil", "O'Neil", "O’Neil", "ON",
]  # fmt: skip


def test_names_stand_alike_on_sqlite() -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE name (key TEXT)")
        database.executemany("INSERT INTO name VALUES (?)", [(sort_key(name),) for name in NAMES])
        rows = database.execute("SELECT key FROM name ORDER BY key").fetchall()
    assert [key for (key,) in rows] == sorted(sort_key(name) for name in NAMES)


def test_names_stand_alike_on_postgresql() -> None:
    url = require("PostgreSQL").replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            'SELECT key FROM unnest(%s::text[]) AS key ORDER BY key COLLATE "C"', [[sort_key(n) for n in NAMES]]
        ).fetchall()
    assert [key for (key,) in rows] == sorted(sort_key(name) for name in NAMES)


@pytest.mark.parametrize(
    "text", ["", " \n\t", "\u200b", "\u200c\u200d\u200e", "\u3164", "\u2800 \u00ad", "\ufe0f", "\u0301"]
)
def test_what_nobody_would_see_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "می\u200cخواهم", "7", "?", "☂", "\u200b.", "é", "क्"])
def test_whatever_is_drawn_is_not_blank(text: str) -> None:
    assert not is_blank(text)
