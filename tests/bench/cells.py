"""What is measured: each page with who asks for it, and what the floor does instead."""

import json
import re
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask

from portal.access import Capacity
from portal.deals.models import Deal
from portal.orders.models import Order
from portal.paging import Order as Sorting
from portal.tickets.models import Ticket
from tests.bench import api
from tests.bench.world import HOST, Town, Visitor
from tests.statements import statements

_ROW = re.compile(r"<tr>\s*<th scope=\"row\"")
_ITEM = {"list": _ROW, "deals": _ROW, "orders": _ROW, "lines": _ROW, "conversation": re.compile(r'<li class="message ')}
# Bytes at most of the values of a row and of what stands between them; the floor makes up the rest.
_USUAL = {"list": 400, "deals": 400, "orders": 400, "lines": 500, "conversation": 900}
_VALUES = {
    "list": ("ref", "subject", "state", "category", "created_at", "organisation", "person"),
    "deals": ("ref", "customer_name", "state", "amount", "currency", "due_at", "organisation"),
    "orders": ("ref", "number", "state", "ordered_on", "due_on", "total", "currency", "organisation"),
    "lines": ("position", "code", "quantity", "unit", "unit_price", "discount", "net", "promised_on", "delivered"),
    "conversation": ("ref", "created_at", "channel", "person", "body"),
}


@dataclass
class Cell:
    name: str
    path: str
    visitor: Visitor
    kind: str
    asked: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    # A script of wrk and a body to try, where the cell changes something.
    script: Path | None = None
    body: bytes | None = None
    expected: int = 200
    number: int = 0
    statements: int = 0
    size: int = 0

    @property
    def all_headers(self) -> dict[str, str]:
        return {**self.visitor.headers, **self.headers}


def cells_of(app: Flask, folder: Path, long_order: str) -> list[Cell]:
    """All cells, counted and with the template of their floor written to the file that the floor reads."""
    town = Town(app)
    found = [*_cells(app, town, folder), *_deal_cells(app, town), *_order_cells(app, town, long_order)]
    found += _api_cells(app, town, folder)
    client = app.test_client(use_cookies=False)
    floors = []
    for number, cell in enumerate(found):
        cell.number = number
        answer = _ask(client, cell)
        if answer.status_code != cell.expected:
            raise SystemExit(f"{cell.name}: {cell.path} answered {answer.status_code}")
        with statements(app) as seen:
            _ask(client, cell)
        cell.statements, cell.size = len(seen), len(answer.data)
        floor: dict[str, Any] = {"number": number, "kind": cell.kind, "asked": cell.asked, "size": cell.size}
        floor |= {"template": "", "rows": 0}
        if cell.kind in _ITEM:
            floor["template"], floor["rows"] = _template(cell.kind, answer.get_data(as_text=True))
        floors.append(floor)
    (folder / "floor.json").write_text(json.dumps(floors), encoding="utf-8")
    return found


def _ask(client: Any, cell: Cell) -> Any:
    method = client.get if cell.body is None else client.post
    content = {} if cell.body is None else {"data": cell.body}
    return method(cell.path, base_url=f"http://{HOST}", headers=cell.all_headers, **content)


def _template(kind: str, html: str) -> tuple[str, int]:
    """The page with its items drawn by a loop from the values of a row, padded to the length that they have in it."""
    starts = [match.start() for match in _ITEM[kind].finditer(html)]
    if len(starts) < 2:
        raise SystemExit(f"a page of the kind {kind} has {len(starts)} items:\n{html[:2000]}")
    length = (starts[-1] - starts[0]) // (len(starts) - 1)
    end = starts[-1] + length
    values = "".join(f"<td>{{{{ row.{name} }}}}</td>" for name in _VALUES[kind])
    padding = "x" * max(0, length - _USUAL[kind])
    item = f"<tr>{values}<td>{padding}</td></tr>"
    head, tail = html[: starts[0]], html[end:]
    return f"{_raw(head)}{{% for row in rows %}}{item}{{% endfor %}}{_raw(tail)}{{{{ padding }}}}", len(starts)


def _raw(text: str) -> str:
    return "{% raw %}" + text + "{% endraw %}"


def _cells(app: Flask, town: Town, folder: Path) -> list[Cell]:
    hot, second = town.busy_companies()[:2]
    member, admin, busy, agent = town.busiest_member(), town.admin_of(second), town.admin_of(hot), town.agent()
    ticket_id, ticket, message_id, message = town.conversation_of(hot)
    word = town.common_word(hot)
    company = {"organisation_id": hot, "capacity": Capacity.CUSTOMER.value, "is_staff": False}
    own = {**company, "organisation_id": member.organisation_id, "author_id": member.person_id}
    others = {**company, "organisation_id": second}
    staff: dict[str, Any] = {"is_staff": True}
    talk = {"ticket_id": ticket_id, "message_id": message_id}
    found = []
    for name, visitor, asked in (
        ("own list, member", member, own),
        ("own list, administrator", admin, others),
        ("hot company", busy, company),
        ("staff list", agent, staff),
    ):
        found.append(Cell(f"{name}, page 1", "/tickets", visitor, "list", asked))
        page, path, place = _deep_page(app, found[-1])
        found.append(Cell(f"{name}, page {page}", path, visitor, "list", {**asked, "place": place}))
    search = {**company, "question": word}
    poll = f"/tickets/{ticket}/news?after={message}"
    found += [
        Cell("search", f"/tickets?{urlencode({'q': word})}", busy, "list", search),
        Cell("ticket, customer", f"/tickets/{ticket}", busy, "conversation", talk),
        Cell("ticket, staff", f"/tickets/{ticket}", agent, "conversation", talk),
        Cell("poll", poll, busy, "poll", talk, headers={"HX-Request": "true"}, expected=204),
        _create(member, folder),
    ]
    return found


def _deal_cells(app: Flask, town: Town) -> list[Cell]:
    partner, manager = town.partner(), town.channel_manager()
    company: dict[str, Any] = {"organisation_id": partner.organisation_id, "is_staff": False}
    staff: dict[str, Any] = {"is_staff": True}
    found = []
    for name, visitor, asked in (("deals of a partner", partner, company), ("deals, staff", manager, staff)):
        found.append(Cell(f"{name}, page 1", "/deals", visitor, "deals", asked))
        page, path, place = _deep_page(app, found[-1], Deal)
        found.append(Cell(f"{name}, page {page}", path, visitor, "deals", {**asked, "place": place}))
    return [*found, Cell("deals, queue", "/deals/queue", manager, "deals", {**staff, "is_queue": True})]


def _order_cells(app: Flask, town: Town, long_order: str) -> list[Cell]:
    hot = town.busy_companies()[0]
    customer, agent = town.admin_of(hot), town.agent()
    company: dict[str, Any] = {"organisation_id": hot, "capacity": Capacity.CUSTOMER.value, "is_staff": False}
    found = []
    for name, visitor, asked in (
        ("orders of a customer", customer, company),
        ("orders, staff", agent, {"is_staff": True}),
    ):
        found.append(Cell(f"{name}, page 1", "/orders", visitor, "orders", asked))
        page, path, place = _deep_page(app, found[-1], Order)
        found.append(Cell(f"{name}, page {page}", path, visitor, "orders", {**asked, "place": place}))
    asked = {**company, "ref": long_order}
    return [*found, Cell("order with 200 lines", f"/orders/{long_order}", customer, "lines", asked)]


def _api_cells(app: Flask, town: Town, folder: Path) -> list[Cell]:
    hot = town.busy_companies()[0]
    company: dict[str, Any] = {"organisation_id": hot, "capacity": Capacity.CUSTOMER.value, "is_staff": False}
    reader = api.program(app, town.admin_of(hot).person_id, hot)
    found = [
        Cell("API, orders of a customer", "/api/v1/orders?limit=50", reader, "api", {**company, "limit": 50}),
        Cell("API, the latest 200", "/api/v1/orders?limit=200", reader, "api", {**company, "limit": 200}),
    ]
    script, body = api.batch(app, folder)
    erp = api.program(app, api.administrator(app))
    return [
        *found,
        Cell(
            f"API, batch of {api.BATCH} orders", "/api/v1/orders/batch", erp, "batch", {"rows": api.BATCH},
            headers={"Content-Type": "application/json"}, script=script, body=body,
        ),
    ]  # fmt: skip


def _deep_page(app: Flask, first: Cell, model: Any = Ticket) -> tuple[int, str, tuple[str, str]]:
    """Where "next" leads to when it is followed 19 times, or as often as it can be to a full page; and its place."""
    client = app.test_client(use_cookies=False)
    path, page = first.path, 1
    while page < 20:
        html = client.get(path, headers=first.all_headers).get_data(as_text=True)
        match = re.search(r'rel="next" href="([^"]+)"', html)
        if match is None:
            break
        path, page, before = unescape(match[1]), page + 1, path
    else:
        before = path
    cursor = parse_qs(urlsplit(before).query)["after"][0]
    with app.app_context():
        moved = model.activity_at if first.asked["is_staff"] else model.public_at
        time, ref = Sorting((moved, model.ref), is_descending=True).place(cursor)
    return page if before == path else page - 1, before, (time.isoformat(), ref)


def _create(visitor: Visitor, folder: Path) -> Cell:
    fields = {
        "csrf_token": visitor.csrf_token,
        "party": visitor.party,
        "category": "question",
        "subject": "Where is the key of the shed?",
        "priority": "normal",
    }
    body = urlencode(fields)
    script = folder / "create.lua"
    script.write_text(
        f"""-- Another text each time.
local count = 0
function request()
  count = count + 1
  local body = {json.dumps(body)} .. "&body=We+looked+for+it+in+all+places,+" .. count .. "+of+them."
  return wrk.format("POST", nil, nil, body)
end
""",
        encoding="utf-8",
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Cell(
        "create a ticket", "/tickets", visitor, "insert", headers=headers, script=script,
        body=f"{body}&body=We+looked+everywhere.".encode(), expected=303,
    )  # fmt: skip
