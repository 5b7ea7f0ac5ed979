"""CommonMark to HTML that can do no harm, and to plain text.

Two walls: the parser is told to write no raw HTML, no images and only links that leave openly; then all that
is not on a short list is removed from what it wrote.
"""

import re
from functools import lru_cache
from html import escape
from types import SimpleNamespace
from typing import Any

import nh3
from markdown_it import MarkdownIt, helpers
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup

_BLOCKS = ("p", "h3", "h4", "h5", "h6", "ul", "ol")
_ALLOWED = {*_BLOCKS, "li", "blockquote", "pre", "code", "em", "strong", "a", "br", "hr"}
_SCHEMES = ("http", "https", "mailto")
_LINK = re.compile(rf"(?:{'|'.join(_SCHEMES)}):[^\s\\]+", re.IGNORECASE)
_BARE = re.compile(r"https?://[^\s<>\"'`\\،؛؟«»“”„|]+", re.IGNORECASE)
_TRAILING = ".,;:!?)]}*_~"
# A text of this many characters is rendered each time; shorter ones, which most are, are remembered.
_REMEMBERED = 8_000
# What makes the parser work, a hundred times as hard as letters do: at this many it takes 0.1 s at worst. A text with
# more of them is a pasted log, or means to hold the server.
_MARKS = (*"*_[`<>&\\\n", "://")
_MOST_MARKS = 3_000
_LONGEST_ADDRESS = 2_000
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")

_cleaner = nh3.Cleaner(
    tags=_ALLOWED,
    clean_content_tags=set(),
    attributes={"a": {"href"}, "ol": {"start"}},
    tag_attribute_values={block: {"dir": {"auto"}} for block in _BLOCKS},
    set_tag_attribute_values={"pre": {"dir": "auto"}, "code": {"dir": "auto"}},
    link_rel="nofollow noopener noreferrer ugc",
    url_schemes=set(_SCHEMES),
    url_relative="deny",
)


def to_html(markdown: str) -> Markup:
    """The text as safe HTML. Headings start at h3; every outermost block finds its own direction."""
    return _remembered_html(markdown) if len(markdown) <= _REMEMBERED else _html(markdown)


def to_plain(markdown: str) -> str:
    """The text without marks, for mail and for search; links with their address behind them."""
    markdown = _UNWANTED.sub("", markdown)
    if _is_overloaded(markdown):
        return markdown
    page = _PlainPage()
    for token in _parser.parse(markdown):
        page.add(token)
    # Once more: an entity (`&#x202E;`) is read only now.
    return _UNWANTED.sub("", "\n".join(page.lines))


def _html(markdown: str) -> Markup:
    markdown = _UNWANTED.sub("", markdown)
    html = _as_typed(markdown) if _is_overloaded(markdown) else _parser.render(markdown)
    return Markup(_cleaner.clean(_UNWANTED.sub("", html)))  # noqa: S704  # just cleaned


_remembered_html = lru_cache(maxsize=1024)(_html)


def _is_overloaded(markdown: str) -> bool:
    return sum(map(markdown.count, _MARKS)) > _MOST_MARKS


def _as_typed(text: str) -> str:
    """Paragraphs and lines, every mark shown as it is."""
    paragraphs = (escape(part).replace("\n", "<br>\n") for part in re.split(r"\n\s*\n", text.strip()))
    return "".join(f'<p dir="auto">{paragraph}</p>\n' for paragraph in paragraphs)


# ── The parser ────────────────────────────────────────────────────────────────────────────────────


def _is_open_link(url: str) -> bool:
    """Whether a link shows where it leads: no scripts, no data, no address that depends on this page."""
    return _LINK.fullmatch(url) is not None


def _polish(state: StateCore) -> None:
    """Shift headings, give blocks their direction, turn pictures and bare addresses into links."""
    level = 2
    for token in state.tokens:
        if token.type == "heading_open":
            # One deeper than the last one at most, whatever was typed: screen readers follow the levels.
            level = min(int(token.tag[1]) + 2, level + 1, 6)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{level}"
    inside = 0
    for token in state.tokens:
        is_list = token.type in ("bullet_list_open", "ordered_list_open")
        if not inside and (is_list or token.type in ("paragraph_open", "heading_open")):
            token.attrSet("dir", "auto")
        inside += is_list - (token.type in ("bullet_list_close", "ordered_list_close"))
        if token.type == "inline" and token.children and _has_links(token):
            token.children = _linked(token.children)


def _has_links(inline: Token) -> bool:
    return "![" in inline.content or "://" in inline.content


def _linked(children: list[Token]) -> list[Token]:
    linked: list[Token] = []
    depth = 0
    for token in children:
        depth += (token.type == "link_open") - (token.type == "link_close")
        if token.type == "image":
            linked += _picture(token, inside_link=depth > 0)
        elif token.type == "text" and depth == 0 and "://" in token.content:
            linked += _bare_links(token.content)
        else:
            linked.append(token)
    return linked


def _picture(token: Token, *, inside_link: bool) -> list[Token]:
    source = str(token.attrGet("src") or "")
    words = _words(token.children or []) or source
    return [_text(words)] if inside_link else _anchor(source, words)


def _bare_links(content: str) -> list[Token]:
    tokens: list[Token] = []
    done = 0
    for found in _BARE.finditer(content):
        address = found[0].rstrip(_TRAILING)
        if found[0][len(address) :].startswith(")") and "(" in address:
            address += ")"
        url = _parser.normalizeLink(address)
        if address.endswith("://") or not _is_open_link(url):
            continue
        tokens += [_text(content[done : found.start()]), *_anchor(url, address)]
        done = found.start() + len(address)
    return [*tokens, _text(content[done:])]


def _anchor(url: str, words: str) -> list[Token]:
    return [Token("link_open", "a", 1, attrs={"href": url}), _text(words), Token("link_close", "a", -1)]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.disable(["html_block", "html_inline"])
    parser.core.ruler.push("polish", _polish)
    parser.validateLink = _is_open_link  # type: ignore[method-assign]  # the documented way to replace it
    parser.helpers = SimpleNamespace(**vars(helpers) | {"parseLinkDestination": _address_within_bounds})  # type: ignore[assignment]  # ditto
    return parser


def _address_within_bounds(text: str, start: int, end: int) -> Any:
    """Every `[` may look for its address anew, and would read to the end of the text each time."""
    return helpers.parseLinkDestination(text, start, min(end, start + _LONGEST_ADDRESS))


_parser = _make_parser()


# ── Plain text ───────────────────────────────────────────────────────────────────────────────────


class _PlainPage:
    """Lines of plain text, filled block by block; knows the quotes and list items that it is inside."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._prefixes: list[str] = []
        self._numbers: list[int | None] = []
        self._apart = False  # whether an empty line goes before the next block
        self._at_list_start = False

    def add(self, token: Token) -> None:
        match token.type:
            case "blockquote_open":
                self._prefixes.append("> ")
            case "bullet_list_open" | "ordered_list_open":
                start = int(token.attrGet("start") or 1)
                self._numbers.append(start if token.tag == "ol" else None)
                self._at_list_start = True
            case "list_item_open":
                self._prefixes.append(self._bullet())
                self._apart = self._apart and len(self._numbers) == 1 and self._at_list_start
                self._at_list_start = False
            case "blockquote_close" | "list_item_close":
                self._prefixes.pop()
            case "bullet_list_close" | "ordered_list_close":
                self._numbers.pop()
                self._apart = True
            case "inline":
                self._write(_spoken(token.children or []))
            case "fence" | "code_block":
                self._write(token.content.rstrip("\n"))
            case "hr":
                self._write("---")

    def _bullet(self) -> str:
        number = self._numbers[-1]
        if number is None:
            return "- "
        self._numbers[-1] = number + 1
        return f"{number}. "

    def _write(self, content: str) -> None:
        if self._apart:
            self.lines.append("")
        for line in content.split("\n"):
            self.lines.append(("".join(self._prefixes) + line).rstrip())
            # The mark of a list item stands before its first line, blanks of that width before the rest.
            self._prefixes = [mark if mark == "> " else " " * len(mark) for mark in self._prefixes]
        self._apart = True


def _words(children: list[Token]) -> str:
    return "".join("\n" if token.type in ("softbreak", "hardbreak") else token.content for token in children)


def _spoken(children: list[Token]) -> str:
    """The words of one block; a link's address follows its words unless it is them."""
    parts: list[str] = []
    opened: list[tuple[str, int]] = []
    for token in children:
        if token.type == "link_open":
            opened.append((str(token.attrGet("href") or ""), len(parts)))
        elif token.type == "link_close" and opened:
            address, start = opened.pop()
            if "".join(parts[start:]) not in (address, address.removeprefix("mailto:")):
                parts.append(f" ({address})")
        else:
            parts.append(_words([token]))
    return "".join(parts)
