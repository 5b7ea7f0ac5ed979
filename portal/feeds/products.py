"""Products as the ERP tells them, with what each customer pays. For a session of the system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.access import Principal
from portal.feeds import amounts
from portal.feeds.lookups import by_external_id, by_name, chunks, forget, records, remembered
from portal.feeds.outcome import Action, Outcome, Problem, refused
from portal.feeds.shapes import ProductShape
from portal.organisations.models import Organisation
from portal.products.models import Product, ProductPrice

NOUN = "product"
_FIELDS = ("code", "names", "unit", "is_active", "is_reorderable")
# What tells the prices of one product apart.
_Terms = tuple[int, str, int, date]


@dataclass(slots=True)
class _Known:
    products: dict[str, Product]
    by_code: dict[str, Product]
    organisations: dict[str, int]
    # Our references by id, in which prices are told.
    refs: dict[int, str]
    prices: dict[int, dict[_Terms, ProductPrice]]


def feed_products(
    session: Session, source: str, shapes: Sequence[ProductShape], who: Principal, at: datetime
) -> list[Outcome]:
    """Bring these in, in their order; flushed. What is refused changes nothing, nor does the same feed a second time.

    A product whose code we have already goes by the external id from then on.
    """
    known = _read(session, source, shapes)
    named = set(known.products)
    outcomes = [_feed(session, shape, known) for shape in shapes]
    return remembered(session, source, NOUN, named, shapes, outcomes)


def restore(
    session: Session,
    source: str,
    external_id: str,
    before: Mapping[str, Any] | None,
    product: Product,
    who: Principal,
    at: datetime,
) -> None:
    """As it was `before` a feed; where it was nothing it goes, unless something hangs on it (IntegrityError)."""
    prices = _prices(session, [product.id]).get(product.id, {})
    for price in prices.values():
        session.delete(price)
    session.flush()
    if not before:
        forget(session, NOUN, product.id)
        session.delete(product)
        session.flush()
        return
    for name in _FIELDS:
        setattr(product, name, before[name])
    names = {told["organisation"] for told in before["prices"].values()}
    found = by_name(session, source, "organisation", Organisation, names)
    for told in before["prices"].values():
        currency, until = told["currency"], told["valid_until"]
        unit_price, per = amounts.price(Decimal(told["unit_price"]), told["price_per"], currency)
        session.add(
            ProductPrice(
                product_id=product.id,
                organisation_id=found[told["organisation"]],
                currency=currency,
                minimum=amounts.quantity(Decimal(told["minimum"])),
                unit_price=unit_price,
                price_per=per,
                valid_from=date.fromisoformat(told["valid_from"]),
                valid_until=date.fromisoformat(until) if until else None,
            )
        )
    flag_modified(product, "names")
    session.flush()


def _read(session: Session, source: str, shapes: Sequence[ProductShape]) -> _Known:
    ids = by_external_id(session, source, NOUN, {shape.external_id for shape in shapes})
    codes = {shape.code for shape in shapes}
    of_code = {
        row.code: row.id
        for part in chunks(sorted(codes))
        for row in session.execute(sa.select(Product.code, Product.id).where(Product.code.in_(part)))
    }
    found = records(session, Product, {*ids.values(), *of_code.values()})
    names = {price.organisation for shape in shapes for price in shape.prices}
    organisations = by_name(session, source, "organisation", Organisation, names)
    prices = _prices(session, list(found))
    concerned = {*organisations.values(), *(terms[0] for kept in prices.values() for terms in kept)}
    return _Known(
        products={key: found[id_] for key, id_ in ids.items() if id_ in found},
        by_code={code: found[id_] for code, id_ in of_code.items()},
        organisations=organisations,
        refs={
            row.id: row.ref
            for part in chunks(sorted(concerned))
            for row in session.execute(sa.select(Organisation.id, Organisation.ref).where(Organisation.id.in_(part)))
        },
        prices=prices,
    )


def _prices(session: Session, ids: Sequence[int]) -> dict[int, dict[_Terms, ProductPrice]]:
    found: dict[int, dict[_Terms, ProductPrice]] = {}
    for part in chunks(sorted(ids)):
        for price in session.scalars(sa.select(ProductPrice).where(ProductPrice.product_id.in_(part))):
            found.setdefault(price.product_id, {})[_terms(price)] = price
    return found


def _terms(price: ProductPrice) -> _Terms:
    return price.organisation_id, price.currency, price.minimum, price.valid_from


def _feed(session: Session, shape: ProductShape, known: _Known) -> Outcome:
    product = known.products.get(shape.external_id) or known.by_code.get(shape.code)
    problems, prices = _check(shape, known, product)
    if problems:
        return refused(*problems)
    if product is None:
        product = Product(**{name: getattr(shape, name) for name in _FIELDS})
        session.add(product)
        # Prices name it by its id.
        session.flush()
        before: dict[str, Any] = {}
    else:
        before = _snapshot(product, known)
        for name in shape.model_fields_set & set(_FIELDS):
            # A system that knows a name in one language says nothing of the others.
            value = product.names | shape.names if name == "names" else getattr(shape, name)
            setattr(product, name, value)
    known.products[shape.external_id] = known.by_code[shape.code] = product
    if "prices" in shape.model_fields_set:
        _replace(session, product, prices, known)
    after = _snapshot(product, known)
    if not before:
        return Outcome(Action.CREATE, product, {}, after)
    outcome = Outcome(Action.UPDATE, product, before, after)
    if not outcome.changes:
        return Outcome(Action.UNCHANGED, product, before, after)
    # Prices stand elsewhere, yet a price that has changed makes it another product to who looked at it.
    flag_modified(product, "names")
    return outcome


def _check(
    shape: ProductShape, known: _Known, product: Product | None
) -> tuple[list[Problem], dict[_Terms, dict[str, Any]]]:
    """What cannot be so, and the prices by their terms."""
    problems: list[Problem] = []
    other = known.by_code.get(shape.code)
    if other is not None and other is not product:
        problems.append(Problem("code", _l("Another product has this code.")))
    prices: dict[_Terms, dict[str, Any]] = {}
    for place, price in enumerate(shape.prices):
        where = f"prices.{place}"
        organisation_id = known.organisations.get(price.organisation)
        if organisation_id is None:
            problems.append(Problem(f"{where}.organisation", _l("There is no such organisation here.")))
            continue
        if price.valid_until is not None and price.valid_until < price.valid_from:
            problems.append(Problem(f"{where}.valid_until", _l("It would end before it begins.")))
        terms = (organisation_id, price.currency, amounts.quantity(price.minimum), price.valid_from)
        if terms in prices:
            problems.append(Problem(where, _l("There is another price on the same terms.")))
        unit_price, per = amounts.price(price.unit_price, price.price_per, price.currency)
        prices[terms] = {"unit_price": unit_price, "price_per": per, "valid_until": price.valid_until}
    return problems, prices


def _replace(session: Session, product: Product, prices: Mapping[_Terms, Mapping[str, Any]], known: _Known) -> None:
    kept = known.prices.setdefault(product.id, {})
    for terms in [terms for terms in kept if terms not in prices]:
        session.delete(kept.pop(terms))
    for terms, values in prices.items():
        if terms in kept:
            for name, value in values.items():
                setattr(kept[terms], name, value)
            continue
        organisation_id, currency, minimum, valid_from = terms
        kept[terms] = ProductPrice(
            product_id=product.id,
            organisation_id=organisation_id,
            currency=currency,
            minimum=minimum,
            valid_from=valid_from,
            **values,
        )
        session.add(kept[terms])


def _snapshot(product: Product, known: _Known) -> dict[str, Any]:
    """The product as plain values in the words of its shape; prices by whose they are and on which terms."""
    values: dict[str, Any] = {name: getattr(product, name) for name in _FIELDS}
    values["names"] = dict(product.names)
    values["prices"] = {}
    for price in known.prices.get(product.id, {}).values():
        ref = known.refs[price.organisation_id]
        minimum = amounts.to_decimal(price.minimum, amounts.THOUSANDTHS)
        values["prices"][f"{ref} {price.currency} {minimum} {price.valid_from}"] = {
            "organisation": ref,
            "currency": price.currency,
            "minimum": str(minimum),
            "unit_price": str(amounts.major(price.unit_price, price.currency)),
            "price_per": price.price_per,
            "valid_from": price.valid_from.isoformat(),
            "valid_until": price.valid_until.isoformat() if price.valid_until else None,
        }
    return values
