"""A lead that is being written: what the form shows of it, and keeping what was typed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from babel import Locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.finding import find
from portal.deals.forms import CURRENCIES, from_minor, to_minor
from portal.forms import choices
from portal.languages import voice
from portal.leads.forms import LeadForm
from portal.leads.models import Lead, LeadCustomer, LeadLine
from portal.organisations.models import Organisation
from portal.products.models import Product
from portal.text import sort_key

CUSTOMER = ("name", "domain", "contact_name", "contact_role", "contact_email", "contact_phone")


class Filling:
    """The form of one lead, be it stored or not yet."""

    def __init__(self, session: Session, who: Principal, lead: Lead | None = None) -> None:
        self.session, self.who, self.lead = session, who, lead
        mine = lead.product_ids if lead else ()
        wanted = sa.select(Product).where(sa.or_(Product.is_active, Product.id.in_(mine))).order_by(Product.code)
        self.products = {product.ref: product for product in session.scalars(wanted)}

    def fresh_form(self) -> LeadForm:
        form = LeadForm(formdata=None, data=self._stored())
        form.version.data = str(self.lead.version) if self.lead else ""
        return self.with_choices(form)

    def sent_form(self) -> LeadForm:
        return self.with_choices(LeadForm())

    def with_choices(self, form: LeadForm) -> LeadForm:
        language = voice().language
        names = Locale.parse(language).currencies
        form.currency.choices = choices((code, f"{code} – {names.get(code, code)}") for code in CURRENCIES)
        labels = sorted(
            ((ref, f"{p.name_in(language)} ({p.code})") for ref, p in self.products.items()),
            key=lambda labelled: sort_key(labelled[1]),
        )
        for entry in form.lines:
            entry.form.product.choices = choices([("", _("Choose …")), *labels])
        return form

    def _stored(self) -> dict[str, Any]:
        lead = self.lead
        if lead is None:
            return {"lines": [{}], "currency": CURRENCIES[0]}
        customer, refs = lead.customer, {product.id: ref for ref, product in self.products.items()}
        lines = [{"product": refs.get(line.product_id, ""), "quantity": line.quantity} for line in lead.lines]
        record = customer.organisation
        return {
            **{name: getattr(customer, name) for name in CUSTOMER},
            "organisation": record.ref if record else "",
            "country": lead.country,
            "currency": lead.currency,
            "amount": from_minor(lead.amount, lead.currency) if lead.currency else None,
            "source": lead.source,
            "description": lead.description,
            "lines": lines or [{}],
        }

    def check(self, form: LeadForm) -> bool:
        """Whether the record that was named is one that the writer reaches."""
        named = form.organisation.data
        if named and self._record(named) is None:
            form.organisation.errors = [_("No record within your reach has this reference.")]
            return False
        return True

    def _record(self, ref: str) -> Organisation | None:
        return find(self.session, Organisation, Organisation.ref == ref.upper())

    def keep(self, form: LeadForm, at: datetime) -> Lead:
        """Store what was typed; the form is sound. Raises Stale and RuleBroken."""
        record = self._record(form.organisation.data) if form.organisation.data else None
        customer = {name: form[name].data or "" for name in CUSTOMER}
        customer["organisation_id"] = record.id if record else None
        amount, currency = form.amount.data, form.currency.data
        facts = {
            "country": form.country.data,
            "currency": currency,
            "amount": to_minor(amount, currency) if amount is not None else None,
            "source": form.source.data,
            "description": form.description.data or "",
        }
        if self.lead is None:
            self.lead = Lead(created_by_id=self.who.person_id, created_at=at, **facts)
            self.lead.customer = LeadCustomer(**customer)
            self.lead.lines = list(self._lines(form))
            self.session.add(self.lead)
        else:
            version = form.version.data or ""
            seen = int(version) if version.isdecimal() and len(version) < 10 else 0
            self.lead.fill(self._lines(form), at, seen, customer=customer, **facts)
        self.session.flush()
        return self.lead

    def _lines(self, form: LeadForm) -> Iterable[LeadLine]:
        for position, line in enumerate(form.filled_lines):
            product = self.products[line.product.data]
            yield LeadLine(position=position, product_id=product.id, quantity=line.quantity.data)
