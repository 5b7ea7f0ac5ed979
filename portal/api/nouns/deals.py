"""Deal registrations."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.api.answers import DealAnswer
from portal.api.nouns.noun import Filter, MovingNoun, equals, money, told
from portal.deals.lifecycle import State
from portal.deals.models import Deal, DealLine
from portal.deals.programmes import Programme
from portal.organisations.models import Organisation
from portal.products.models import Product

_BRIEF = (
    *("ref", "state", "customer_name", "customer_domain", "customer_country", "registration_number", "tax_number"),
    *("currency", "close_on", "created_at", "submitted_at", "due_at", "decided_at", "outcome"),
    *("protected_from", "protected_until"),
)
_REST = ("contact_name", "contact_role", "contact_email", "contact_phone", "source", "sales_type", "description")


class Deals(MovingNoun):
    name, kind, model = "deals", "deal", Deal
    says = "What partners register, and what became of it."
    answer = DealAnswer
    filters = {
        "state": Filter("Only those in this state.", equals(Deal.state), tuple(map(str, State))),
        "organisation": Filter("Of this partner (its reference).", equals(Organisation.ref), (), "O-7F3KQ92D"),
    }

    def statement(self, who: Principal) -> sa.Select[Any]:
        return (
            sa.select(
                Deal.id,
                self.moved(who),
                *(getattr(Deal, name) for name in (*_BRIEF, *_REST)),
                Deal.amount,
                Organisation.ref.label("organisation"),
                Organisation.name.label("organisation_name"),
                Programme.ref.label("programme"),
            )
            .outerjoin(Organisation, Organisation.id == Deal.organisation_id)
            .outerjoin(Programme, Programme.id == Deal.programme_id)
        )

    def in_brief(self, session: Session, rows: Sequence[Any], who: Principal) -> list[dict[str, Any]]:
        return [
            {
                **told(row, *_BRIEF, "organisation", "organisation_name", "programme"),
                "amount": money(row.amount, row.currency) if row.currency else None,
                **self.updated(row, who),
            }
            for row in rows
        ]

    def rest(self, session: Session, row: Any, who: Principal) -> dict[str, Any]:
        lines = session.execute(
            sa.select(DealLine.quantity, DealLine.unit_price, Product.code)
            .join(Product, Product.id == DealLine.product_id)
            .where(DealLine.deal_id == row.id)
            .order_by(DealLine.position)
        )
        return {
            **told(row, *_REST),
            "lines": [
                {
                    "product": line.code,
                    "quantity": line.quantity,
                    "unit_price": money(line.unit_price, row.currency) if row.currency else None,
                }
                for line in lines
            ],
        }
