"""A request that is being written: what the form shows of it, and keeping what was typed."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from babel import Locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.business_hours.models import vendor_calendar
from portal.deals.forms import CURRENCIES
from portal.feeds.amounts import THOUSANDTHS, to_decimal
from portal.files.models import Attachment
from portal.files.receiving import Received
from portal.forms import choices
from portal.languages import voice
from portal.organisations.models import Organisation
from portal.products.models import Product
from portal.rfqs.buying import choose
from portal.rfqs.forms import DraftForm
from portal.rfqs.invitations import RfqInvitation
from portal.rfqs.requests import Rfq, RfqLine, RfqTerms
from portal.text import sort_key

_TERMS = ("title", "description", "currency", "delivery_address", "delivery_terms", "payment_terms")
_NOON = time(12)
# More suppliers than anybody looks through.
MOST_SUPPLIERS = 500


def supplier_rows(session: Session, *refs: str) -> list[Any]:
    """Suppliers within reach, by name; these alone where references are given."""
    asked = sa.select(Organisation.id, Organisation.ref, Organisation.name, Organisation.country)
    asked = asked.where(Organisation.is_supplier).order_by(Organisation.name_key, Organisation.ref)
    if refs:
        asked = asked.where(Organisation.ref.in_(refs))
    return list(session.execute(asked.limit(MOST_SUPPLIERS)))


class Drafting:
    """The form of one request, be it stored or not yet."""

    def __init__(self, session: Session, who: Principal, rfq: Rfq | None = None) -> None:
        self.session, self.who, self.rfq = session, who, rfq
        self.zone = vendor_calendar(session).time_zone
        mine = [line.product_id for line in rfq.lines if line.product_id] if rfq else []
        wanted = sa.select(Product).where(sa.or_(Product.is_active, Product.id.in_(mine))).order_by(Product.code)
        self.products = {product.ref: product for product in session.scalars(wanted)}
        self.suppliers = {row.ref: row for row in supplier_rows(session)}

    def fresh_form(self) -> DraftForm:
        form = DraftForm(formdata=None, data=self._stored())
        form.version.data = str(self.rfq.version) if self.rfq else ""
        return self.with_choices(form)

    def sent_form(self) -> DraftForm:
        return self.with_choices(DraftForm())

    def with_choices(self, form: DraftForm) -> DraftForm:
        language = voice().language
        names = Locale.parse(language).currencies
        form.currency.choices = choices((code, f"{code} – {names.get(code, code)}") for code in CURRENCIES)
        form.suppliers.choices = choices((ref, row.name) for ref, row in self.suppliers.items())
        labels = sorted(
            ((ref, f"{p.name_in(language)} ({p.code})") for ref, p in self.products.items()),
            key=lambda labelled: sort_key(labelled[1]),
        )
        for entry in form.lines:
            entry.form.product.choices = choices([("", _("Not from the catalogue")), *labels])
        return form

    def _stored(self) -> dict[str, Any]:
        rfq = self.rfq
        if rfq is None:
            return {"lines": [{}], "currency": CURRENCIES[0], "suppliers": []}
        refs = {product.id: ref for ref, product in self.products.items()}
        closes_at = rfq.terms.closes_at.astimezone(self.zone) if rfq.terms.closes_at else None
        asked = sa.select(Organisation.ref).join(RfqInvitation, RfqInvitation.organisation_id == Organisation.id)
        return {
            **{name: getattr(rfq.terms, name) for name in _TERMS},
            "closes_on": closes_at.date() if closes_at else None,
            "closes_time": closes_at.time() if closes_at else None,
            "lines": [self._line(line, refs) for line in rfq.lines] or [{}],
            "suppliers": list(self.session.scalars(asked.where(RfqInvitation.rfq_id == rfq.id))),
        }

    @staticmethod
    def _line(line: RfqLine, refs: dict[int, str]) -> dict[str, Any]:
        return {
            "product": refs.get(line.product_id or 0, ""),
            "description": line.description,
            "quantity": to_decimal(line.quantity, THOUSANDTHS),
            "unit": line.unit,
            "wished_on": line.wished_on,
        }

    def check(self, form: DraftForm) -> bool:
        """A line without a quantity would be lost."""
        lacking = [line for line in form.filled_lines if line.lacks_quantity]
        for line in lacking:
            line.quantity.errors = [_("Say how much you want.")]
        return not lacking

    def keep(self, form: DraftForm, files: Iterable[Received], at: datetime) -> Rfq:
        """Store what was typed; the form is sound. Raises Stale and RuleBroken."""
        terms = {name: form[name].data or "" for name in _TERMS} | {"closes_at": moment_of(form, self.zone)}
        if self.rfq is None:
            self.rfq = Rfq(author_id=self.who.person_id, created_at=at)
            self.rfq.terms = RfqTerms(**terms)
            self.session.add(self.rfq)
        else:
            version = form.version.data or ""
            self.rfq.check_version(int(version) if version.isdecimal() and len(version) < 10 else 0)
            self.rfq.check_draft()
            for name, value in terms.items():
                setattr(self.rfq.terms, name, value)
            self.rfq.lines = []
            # The positions are free again before the new lines take them.
            self.session.flush()
        self.rfq.lines = list(self._lines(form))
        self.rfq.moved_at = at
        self.session.flush()
        for file in files:
            attachment = file.attachment(at)
            attachment.rfq_id = self.rfq.id
            self.session.add(attachment)
        refs = [ref for ref in form.suppliers.data or [] if ref in self.suppliers]
        found = self.session.scalars(sa.select(Organisation).where(Organisation.ref.in_(refs))).all() if refs else []
        choose(self.session, self.rfq, found)
        return self.rfq

    def _lines(self, form: DraftForm) -> Iterator[RfqLine]:
        for place, line in enumerate(form.filled_lines, 1):
            product = self.products.get(line.product.data)
            yield RfqLine(
                position=10 * place,
                product_id=product.id if product else None,
                description=line.description.data or "",
                quantity=line.quantity.thousandths or 0,
                unit=line.unit.data,
                wished_on=line.wished_on.data,
            )

    def files(self) -> list[Any]:
        """What is attached already."""
        if self.rfq is None:
            return []
        asked = sa.select(Attachment.ref, Attachment.filename, Attachment.size).where(Attachment.rfq_id == self.rfq.id)
        return list(self.session.execute(asked.order_by(Attachment.id)))


def moment_of(form: Any, zone: Any) -> datetime | None:
    """The moment that a day and a time of the wall clock name where we work; noon where no time was said."""
    if form.closes_on.data is None:
        return None
    return datetime.combine(form.closes_on.data, form.closes_time.data or _NOON, zone)
