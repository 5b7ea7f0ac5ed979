"""How receipts call what `following.content_of` puts into them, in the order in which they show it."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.deals.words import OUTCOMES, STATES
from portal.receipts.words import LABELS, Label, country, day, moment, one_of

LABELS |= {
    "customer": Label(_l("Customer")),
    "name": Label(lazy_pgettext("company", "Name")),
    "domain": Label(_l("Web domain")),
    "country": Label(_l("Country"), country),
    "registration_number": Label(_l("Registration number")),
    "tax_number": Label(_l("Tax number")),
    "state": Label(_l("State"), one_of(STATES)),
    "outcome": Label(_l("Outcome"), one_of(OUTCOMES)),
    "reason": Label(_l("Reason")),
    "protected_from": Label(_l("Protected from"), moment),
    "protected_until": Label(_l("Protected until"), moment),
    "due_at": Label(_l("Decision due"), moment),
    "late_minutes": Label(_l("Late by (minutes)")),
    "amount": Label(_l("Size of the deal")),
    "currency": Label(_l("Currency")),
    "close_on": Label(_l("Expected close date"), day),
    "programme": Label(_l("Programme")),
    "lines": Label(_l("Lines")),
    "product": Label(_l("Product")),
    "quantity": Label(_l("Quantity")),
    "unit_price": Label(_l("Expected unit price")),
}
