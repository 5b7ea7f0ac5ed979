"""A registration that is being written: for whom, what the form shows of it, and keeping what was typed."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from babel import Locale
from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session
from wtforms import Field, FieldList, RadioField, SelectField

from portal.access import Principal
from portal.database import new_ref
from portal.deals.forms import CURRENCIES, STEPS, DealForm, from_minor, to_minor
from portal.deals.models import REQUIRED, Deal, DealLine
from portal.deals.parties import Party
from portal.deals.programme_words import terms_of
from portal.deals.programmes import Programme
from portal.files.forgetting import forget_later
from portal.files.receiving import Received
from portal.forms import choices
from portal.languages import money_text, number_text, voice
from portal.products.models import Product
from portal.text import sort_key

# Fields whose name in the form is that of the column.
_PLAIN = frozenset({*STEPS[1], "sales_type", "currency", "close_on", "source", "description"})
# Where the form asks for what has to be there before it is submitted.
_FIELD_OF = {"programme_id": "programme"}


class Filling:
    """The form of one registration, be it stored or not yet."""

    def __init__(self, session: Session, who: Principal, party: Party | None, deal: Deal | None = None) -> None:
        self.session, self.who, self.party, self.deal = session, who, party, deal
        self.products = self._products()
        self.programmes = self._programmes()

    def _products(self) -> dict[str, Product]:
        """By reference: what is sold, and what stands on the registration already."""
        mine = self.deal.product_ids if self.deal else ()
        wanted = sa.select(Product).where(sa.or_(Product.is_active, Product.id.in_(mine))).order_by(Product.code)
        return {product.ref: product for product in self.session.scalars(wanted)}

    def _programmes(self) -> dict[str, Programme]:
        """By reference: those that are open, and the one that was chosen before."""
        mine = self.deal.programme_id if self.deal else None
        wanted = sa.select(Programme).where(sa.or_(Programme.is_open, Programme.id == mine)).order_by(Programme.id)
        return {programme.ref: programme for programme in self.session.scalars(wanted)}

    # ── The form ──────────────────────────────────────────────────────────────────────────────────

    def fresh_form(self, step: int | None) -> DealForm:
        """What is stored, to be changed."""
        form = self._with_choices(DealForm(formdata=None, data=self._stored()), step)
        form.version.data = str(self.version or "")
        form.key.data = self._keys().dumps(new_ref(Deal.ref_prefix)) if self.deal is None else ""
        return form

    def sent_form(self, step: int | None) -> DealForm:
        """What was typed."""
        return self._with_choices(DealForm(), step)

    def _with_choices(self, form: DealForm, step: int | None) -> DealForm:
        form.keep_only(step)
        if "programme" in form:
            language = voice().language
            form.programme.choices = choices((ref, p.name_in(language)) for ref, p in self.programmes.items())
            form.currency.choices = choices(self._currencies())
            self.offer_products(form)
        return form

    def offer_products(self, form: DealForm) -> None:
        """To each line of the form."""
        language = voice().language
        labels = sorted(
            ((ref, f"{p.name_in(language)} ({p.code})") for ref, p in self.products.items()),
            key=lambda labelled: sort_key(labelled[1]),
        )
        for entry in form.lines:
            entry.form.product.choices = choices([("", _("Choose …")), *labels])

    def _currencies(self) -> Iterable[tuple[str, str]]:
        mine = [self.deal.currency] if self.deal and self.deal.currency else []
        of_programmes = [programme.currency for programme in self.programmes.values()]
        names = Locale.parse(voice().language).currencies
        # Those of the programmes first, for most will want them.
        for code in dict.fromkeys([*of_programmes, *CURRENCIES, *mine]):
            yield code, f"{code} – {names.get(code, code)}"

    def _stored(self) -> dict[str, Any]:
        """The registration as the fields of its form."""
        deal = self.deal
        if deal is None:
            return {"lines": [{"quantity": 1}], "currency": self._usual_currency()}
        refs = {product.id: ref for ref, product in self.products.items()}
        currency = deal.currency or self._usual_currency()
        lines = [
            {
                "product": refs.get(line.product_id, ""),
                "quantity": line.quantity,
                "unit_price": from_minor(line.unit_price, currency),
            }
            for line in deal.lines
        ]
        programme = next((ref for ref, p in self.programmes.items() if p.id == deal.programme_id), None)
        return {
            **{name: getattr(deal, name) for name in _PLAIN},
            "programme": programme,
            "currency": currency,
            "amount": from_minor(deal.amount, currency),
            "lines": lines or [{"quantity": 1}],
        }

    def _usual_currency(self) -> str:
        deal = self.deal
        chosen = (p for p in self.programmes.values() if deal and p.id == deal.programme_id)
        programme = next(chosen, None) or next(iter(self.programmes.values()), None)
        return programme.currency if programme else CURRENCIES[0]

    @property
    def version(self) -> int | None:
        return self.deal.version_for(self.who) if self.deal else None

    @property
    def terms(self) -> dict[str, str]:
        """By the reference of a programme: what it gives, in words."""
        return {ref: terms_of(programme) for ref, programme in self.programmes.items()}

    # ── Keeping it ────────────────────────────────────────────────────────────────────────────────

    def keep(self, form: DealForm, files: list[Received], at: datetime, removed: str = "") -> Deal:
        """Store what was typed; the form is sound. `removed` is the reference of a file that goes.

        Raises Stale where the registration has moved and differs from what was typed, and RuleBroken.
        """
        version = form.version.data or ""
        if self.deal is None:
            self.deal = self._begin(form, at)
        elif not (version.isdecimal() and len(version) < 10 and int(version) == self.version):
            # Sent twice, it says what is stored already.
            if self.differences(form) or files or removed:
                self.deal.check_version(self.who, None)
            return self.deal
        else:
            lines = self._lines(form, self.deal.lines)
            self.deal.fill(self.who, lines, at, int(version), **self._facts(form))
        self.session.flush()
        self._keep_files(files, removed, at)
        return self.deal

    def _begin(self, form: DealForm, at: datetime) -> Deal:
        assert self.party is not None
        deal = Deal(
            ref=self.new_ref(form),
            organisation_id=self.party.organisation_id,
            author_id=self.party.author_id,
            created_by_id=self.who.person_id,
            created_at=at,
            **self._facts(form),
        )
        deal.lines = self._lines(form, [])
        self.session.add(deal)
        return deal

    def _facts(self, form: DealForm) -> dict[str, Any]:
        facts = {name: form[name].data or "" for name in _PLAIN if name in form and name != "close_on"}
        if "programme" in form:
            chosen = self.programmes.get(form.programme.data or "")
            facts["programme_id"] = chosen.id if chosen else None
            facts["amount"] = self._amount(form)
            facts["close_on"] = form.close_on.data
        return facts

    @staticmethod
    def _amount(form: DealForm) -> int | None:
        """As it was typed; where it was not and every line has its price, what the lines come to."""
        currency = form.currency.data
        if form.amount.data is not None:
            return to_minor(form.amount.data, currency)
        priced = [(line.unit_price.data, line.quantity.data or 1) for line in form.filled_lines]
        sums = [to_minor(price, currency) * quantity for price, quantity in priced if price is not None]
        return (sum(sums) or None) if len(sums) == len(priced) else None

    def _lines(self, form: DealForm, stored: list[DealLine]) -> list[DealLine]:
        if "lines" not in form:
            return list(stored)
        found = []
        for position, typed in enumerate(form.filled_lines):
            line = stored[position] if position < len(stored) else DealLine()
            line.position = position
            line.product_id = self.products[typed.product.data].id
            line.quantity = typed.quantity.data or 1
            price = typed.unit_price.data
            line.unit_price = None if price is None else to_minor(price, form.currency.data)
            found.append(line)
        return found

    def _keep_files(self, files: list[Received], removed: str, at: datetime) -> None:
        assert self.deal is not None
        for attachment in [file for file in self.deal.attachments if file.ref == removed]:
            forget_later(attachment.hashes)
            self.session.delete(attachment)
        for file in files:
            attachment = file.attachment(at)
            attachment.deal_id = self.deal.id
            self.session.add(attachment)

    # ── Sent twice, or changed by somebody else meanwhile ─────────────────────────────────────────

    def _keys(self) -> URLSafeSerializer:
        return URLSafeSerializer(current_app.secret_key or "", salt=f"portal.deals:{self.who.person_id}")

    def new_ref(self, form: DealForm) -> str:
        """The reference that was drawn when the form was: whoever sends it twice makes one registration."""
        try:
            return str(self._keys().loads(form.key.data or ""))
        except BadSignature:
            return new_ref(Deal.ref_prefix)

    def differences(self, form: DealForm) -> list[tuple[str, str, str]]:
        """Label, stored and typed of each field of this form in which both differ."""
        stored = self.fresh_form(None)
        found = []
        for field in form:
            if field.name in _PLAIN | {"programme", "amount", "lines"}:
                before, now = self._told(stored, stored[field.name]), self._told(form, field)
                if before != now:
                    found.append((str(field.label.text), before or "–", now or "–"))
        return found

    def _told(self, form: DealForm, field: Field) -> str:
        """A field as its reader sees it, alike for the same value however it was typed."""
        if isinstance(field, FieldList):
            return "; ".join(self._line_told(line, form.currency.data) for line in form.filled_lines)
        if field.name == "amount":
            amount = self._amount(form)
            return "" if amount is None else money_text(amount, form.currency.data)
        if isinstance(field, (SelectField, RadioField)):
            return next((str(choice.label) for choice in field.choices if choice.value == field.data), "")
        if isinstance(field.data, date):
            return str(field.write(field.data))
        return field.data or ""

    def _line_told(self, line: Any, currency: str) -> str:
        product = self.products.get(line.product.data)
        told = f"{number_text(line.quantity.data or 1)} × {product.name_in(voice().language) if product else ''}"
        price = line.unit_price.data
        return told if price is None else f"{told}, {money_text(to_minor(price, currency), currency)}"


def lacking_of(deal: Deal, today: date) -> dict[str, str]:
    """By the name of the field, what has to be done before it can be submitted."""
    lacking = {_FIELD_OF.get(name, name): _("This is needed to submit the registration.") for name in deal.missing()}
    if deal.close_on is not None and deal.close_on < today:
        lacking["close_on"] = _("This day is over. When do you expect to close the deal now?")
    return lacking


def first_step_of(lacking: dict[str, str]) -> int:
    return next(step for step, names in STEPS.items() if not lacking.keys().isdisjoint(names))


def mark(form: DealForm, lacking: dict[str, str]) -> DealForm:
    for name, message in lacking.items():
        if name in form:
            form[name].errors = [message]
    return form


def is_required(name: str) -> bool:
    return name in {_FIELD_OF.get(column, column) for column in REQUIRED}
