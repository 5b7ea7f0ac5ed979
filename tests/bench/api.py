"""Programs for the bench: their keys, and a batch of orders as an ERP would send it."""

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from portal.access import Capacity, Principal, Role
from portal.access.scope import acting_as, unscoped
from portal.accounts.models import StaffRole
from portal.api.models import ApiKey
from portal.api.scopes import OF_INTEGRATIONS, OF_ORGANISATIONS
from portal.clock import now
from portal.extensions import db
from portal.organisations.models import Organisation
from portal.products.models import Product
from tests.bench.world import HOST, Visitor

BATCH = 50
# A half of a batch is new each time, the other half was told before and has changed. As many batches are on their
# way at once as there are connections; no two of them speak of the same order.
_SCRIPT = """-- Other orders each time.
local count, began = 0, os.time()
function request()
  count = count + 1
  local body = %s
  body = body:gsub("@NEW", "N-" .. began .. "-" .. count)
  body = body:gsub("@KNOWN", "K-" .. (count %% 64)):gsub("@COUNT", tostring((began + count) %% 900 + 1))
  return wrk.format("POST", nil, nil, body)
end
"""


def program(app: Flask, person_id: int, organisation_id: int | None = None) -> Visitor:
    """A program with a key of that customer, or of an integration that account managers would let in."""
    place: dict[str, Any] = {"roles": [Role.ACCOUNT_MANAGER]}
    if organisation_id is not None:
        place = {"organisation_id": organisation_id, "capacity": Capacity.CUSTOMER}
    scopes = OF_ORGANISATIONS if organisation_id is not None else OF_INTEGRATIONS
    with app.app_context(), acting_as(db.session(), Principal.system("bench")):
        key, token = ApiKey.make(label="Bench", scopes=scopes, person_id=person_id, at=now(), days=1, **place)
        key.confirmed_at = now()
        db.session.add(key)
        db.session.commit()
    return Visitor({"Host": HOST, "Authorization": f"Bearer {token}"}, "", person_id, organisation_id)


def administrator(app: Flask) -> int:
    role = StaffRole.__table__.c
    admins = sa.select(role.person_id).where(role.role == Role.ADMIN, role.confirmed_at.is_not(None))
    return int(_ask(app, admins.order_by(role.person_id).limit(1))[0][0])


def batch(app: Flask, folder: Path) -> tuple[Path, bytes]:
    """A script of wrk, and one body."""
    organisation = Organisation.__table__.c
    companies = sa.select(organisation.ref).where(organisation.is_customer).order_by(organisation.id).limit(BATCH)
    refs = [ref for (ref,) in _ask(app, companies)]
    codes = [code for (code,) in _ask(app, sa.select(Product.__table__.c.code).order_by("code"))]
    items = [_order(place, refs[place % len(refs)], codes) for place in range(BATCH)]
    body = json.dumps({"source": "bench", "items": items})
    script = folder / "batch.lua"
    script.write_text(_SCRIPT % json.dumps(body), encoding="utf-8")
    one = body.replace("@NEW", "N-0").replace("@KNOWN", "K-0").replace("@COUNT", "1")
    return script, one.encode()


def _order(place: int, organisation: str, codes: list[str]) -> dict[str, Any]:
    lines = [
        {
            "position": position,
            "product": codes[(place + position) % len(codes)],
            "quantity": "@COUNT",
            "unit_price": "125.50",
            "tax_rate": "21",
            "promised_on": "2027-03-15",
        }
        for position in (10, 20)
    ]
    return {
        "external_id": f"{'@NEW' if place % 2 else '@KNOWN'}-{place}",
        "number": f"27-{place:05}",
        "organisation": organisation,
        "state": "confirmed",
        "currency": "EUR",
        "ordered_on": "2027-03-01",
        "lines": lines,
    }


def _ask(app: Flask, statement: Any) -> list[Any]:
    with app.app_context(), unscoped("bench"), db.engine.connect() as connection:
        return list(connection.execute(statement).all())
