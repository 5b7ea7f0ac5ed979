"""A document on paper, in the language, calendar, digits and direction of the voice that is in force."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache

from flask_babel import gettext as _
from flask_babel import pgettext

from portal.documents.content import Content, ContentLine, Party
from portal.documents.models import DocumentKind
from portal.documents.paper import INK, INNER, QUIET, Cell, Colour, Column, Paper
from portal.documents.words import KINDS
from portal.languages import date_text, money_text, number_text, percent, voice
from portal.orders.money import THOUSAND, WHOLE, Totals
from portal.orders.words import quantity_text
from portal.products.models import in_language

_GAP = 6.0
_HALF = (INNER - _GAP) / 2
# Papers that say when each line comes.
_AGREED = frozenset({DocumentKind.QUOTATION, DocumentKind.CONFIRMATION, DocumentKind.PURCHASE_ORDER})
# The least that is left for the name of what was ordered.
_LEAST = 44.0


def draw(content: Content, accent: str | None = None) -> bytes:
    """The file. `accent` is a colour as `#rrggbb`."""
    speaker = voice()
    title = f"{KINDS[content.kind]} {content.number}"
    is_rtl = speaker.table.direction == "rtl"
    paper = Paper(speaker.language, title, content.issued_on, is_rtl=is_rtl)
    _head(paper, content, _colour(accent))
    _parties(paper, content)
    _facts(paper, content)
    _lines(paper, content)
    if content.has_prices:
        _totals(paper, content)
    _remark(paper, content)
    ours = content.buyer.name if content.kind == DocumentKind.PURCHASE_ORDER else content.seller.name
    paper.foot(
        f"{paper.isolated(ours)} · {KINDS[content.kind]} {paper.isolated(content.number)}",
        lambda page, count: _("Page %(page)s of %(count)s", page=number_text(page), count=number_text(count)),
    )
    return paper.to_bytes()


def rate_text(hundredths: int) -> str:
    decimals = 0 if hundredths % 100 == 0 else 1 if hundredths % 10 == 0 else 2
    return percent(Decimal(hundredths) / WHOLE, decimals)


def _colour(accent: str | None) -> Colour:
    return tuple(int(accent[at : at + 2], 16) for at in (1, 3, 5)) if accent else INK  # type: ignore[return-value]


def _head(paper: Paper, content: Content, accent: Colour) -> None:
    ours = content.buyer if content.kind == DocumentKind.PURCHASE_ORDER else content.seller
    top = paper.y
    name = paper.text(ours.name, width=_HALF, size=13, bold=True, colour=accent, y=top)
    words = {"x": _HALF + _GAP, "width": _HALF, "align": "end"}
    title = paper.text(str(KINDS[content.kind]), size=17, bold=True, y=top - 1.5, **words)  # type: ignore[arg-type]
    number = paper.text(content.number, size=11, colour=QUIET, y=top + title - 1, **words)  # type: ignore[arg-type]
    paper.y = top + max(name, title + number) + 3
    paper.rule(colour=accent, thick=0.6)
    paper.y += 6


def _parties(paper: Paper, content: Content) -> None:
    blocks = [(_("Supplier"), content.seller), (_("Customer"), content.buyer)]
    buyer = f"{content.buyer.name}\n{content.buyer.address}".strip()
    if content.delivery_address and content.delivery_address not in (buyer, content.buyer.address):
        blocks.append((_("Delivery address"), Party(name="", address=content.delivery_address)))
    width = (INNER - _GAP * (len(blocks) - 1)) / len(blocks)
    top, lowest = paper.y, paper.y
    for number, (label, party) in enumerate(blocks):
        x = number * (width + _GAP)
        y = top + paper.text(label, x=x, width=width, size=7.5, bold=True, colour=QUIET, y=top) + 0.6
        for text, bold in ((party.name, True), (party.address, False)):
            y += paper.text(text, x=x, width=width, size=9, bold=bold, y=y) if text else 0
        lowest = max(lowest, y)
    paper.y = lowest + 5


def _facts(paper: Paper, content: Content) -> None:
    """In columns of label and value, as many as there is something to say of."""
    is_purchase = content.kind == DocumentKind.PURCHASE_ORDER
    told = [
        (_("Date"), date_text(content.issued_on)),
        (_("Due on"), date_text(content.due_on) if content.due_on else ""),
        (_("Valid until"), date_text(content.valid_until) if content.valid_until else ""),
        (_("Our reference"), content.order),
        (_("Order number"), content.order_number if content.order_number != content.number else ""),
        (_("Supplier’s own number") if is_purchase else _("Customer’s purchase number"), content.reference),
        (_("Day of the order"), date_text(content.ordered_on) if content.ordered_on else ""),
        (_("Payment terms"), content.payment_terms if content.has_prices else ""),
        (_("Delivery terms"), content.delivery_terms),
        (_("Carrier"), content.carrier),
        (_("Tracking number"), content.tracking_number),
    ]
    told = [(label, value) for label, value in told if value]
    width = (INNER - 3 * _GAP) / 4
    for start in range(0, len(told), 4):
        taken = 0.0
        for number, (label, value) in enumerate(told[start : start + 4]):
            x = number * (width + _GAP)
            above = paper.text(label, x=x, width=width, size=7.5, bold=True, colour=QUIET, y=paper.y)
            taken = max(taken, above + paper.text(value, x=x, width=width, size=9, y=paper.y + above))
        paper.y += taken + 2.5
    paper.y += 3


# ── Lines ─────────────────────────────────────────────────────────────────────────────────────────


def _lines(paper: Paper, content: Content) -> None:
    titles = [pgettext("order", "Line"), _("Description"), _("Quantity")]
    if content.has_prices:
        titles += [_("Unit price"), _("Discount"), _("Tax"), _("Without tax")]
    nets = content.totals.nets
    language = voice().language
    money: Callable[[int], str] = cache(lambda amount: money_text(amount, content.currency))
    rows = [_cells(content, line, net, language, money) for line, net in zip(content.lines, nets, strict=True)]
    if content.has_prices and not any(line.discount for line in content.lines):
        # A column of nothing takes room from the others.
        titles.pop(4)
        rows = [[*row[:4], *row[5:]] for row in rows]
    paper.table(_columns(paper, titles, rows), rows)


def _cells(content: Content, line: ContentLine, net: int, language: str, money: Callable[[int], str]) -> list[Cell]:
    name = in_language(line.names, language) or line.code
    code = line.code if line.code != name else ""
    due = _("Delivery on %(day)s", day=date_text(line.due_on)) if line.due_on and content.kind in _AGREED else ""
    under = " · ".join(filter(None, (code, due)))
    cells = [Cell(number_text(line.position)), Cell(name, under), Cell(quantity_text(line.quantity, line.unit))]
    if content.has_prices:
        per = quantity_text(line.price_per * THOUSAND, line.unit) if line.price_per != 1 else ""
        cells += [
            Cell(money(line.unit_price), _("per %(quantity)s", quantity=per) if per else ""),
            Cell(rate_text(line.discount) if line.discount else ""),
            Cell(rate_text(line.tax_rate)),
            Cell(money(net)),
        ]
    return cells


def _columns(paper: Paper, titles: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[Column]:
    """As wide as what stands in them; the name gets the rest."""
    widths = []
    for number, title in enumerate(titles):
        words = max((paper.width_of(word, 7.5, bold=True) for word in title.split()), default=0)
        cells = (max(paper.width_of(row[number].text, 8.5), paper.width_of(row[number].under, 7.5)) for row in rows)
        widths.append(0.0 if number == 1 else min(38.0, max(words, *cells, 8.0) + 3.5))
    widths[1] = INNER - sum(widths)
    if widths[1] < _LEAST:
        # Sums of many digits are broken rather than the names squeezed.
        rest = (INNER - _LEAST) / (INNER - widths[1])
        widths = [_LEAST if number == 1 else width * rest for number, width in enumerate(widths)]
    return [
        Column(title, width, "start" if number < 2 else "end")
        for number, (title, width) in enumerate(zip(titles, widths, strict=True))
    ]


def _totals(paper: Paper, content: Content) -> None:
    """What the lines come to, the tax of each rate, and both together; never apart from each other."""
    totals: Totals = content.totals
    currency = content.currency
    rows = [(_("Without tax"), money_text(totals.net, currency))]
    rows += [
        (
            _("Tax %(rate)s of %(amount)s", rate=rate_text(tax.rate), amount=money_text(tax.net, currency)),
            money_text(tax.tax, currency),
        )
        for tax in totals.by_rate
    ]
    line = 5.2
    if paper.room < line * (len(rows) + 2) + 6:
        paper.new_page()
    paper.y += 3
    start, width = INNER - 92.0, 92.0
    for label, value in rows:
        paper.text(label, x=start, width=width * 0.6, size=9, colour=QUIET, y=paper.y)
        paper.text(value, x=start + width * 0.6, width=width * 0.4 - 1, size=9, align="end", y=paper.y)
        paper.y += line
    paper.rule(x=start, width=width, colour=INK, thick=0.3)
    paper.y += 1.2
    label = _("Total") if content.kind != DocumentKind.CREDIT_NOTE else _("Credited in total")
    paper.text(label, x=start, width=width * 0.5, size=11, bold=True, y=paper.y)
    value = money_text(totals.total, currency)
    paper.text(value, x=start + width * 0.5, width=width * 0.5 - 1, size=11, bold=True, align="end", y=paper.y)
    paper.y += 9


def _remark(paper: Paper, content: Content) -> None:
    """As long as it may be: line by line, over as many sheets as it needs."""
    if not content.remark:
        return
    paper.y += 5
    lines = paper.wrapped(content.remark, INNER, 9)
    for number, line in enumerate(lines):
        if paper.room < 12:
            paper.new_page()
        if number == 0:
            paper.text(_("Remark"), size=7.5, bold=True, colour=QUIET)
        paper.text(line or " ", size=9)
