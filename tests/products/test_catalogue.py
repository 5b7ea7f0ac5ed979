"""The catalogue of products, kept by the staff who sell."""

import pytest
import sqlalchemy as sa

from portal.products.models import Product
from tests.conftest import SignIn
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def product(world: World, code: str = "LN-100") -> Product:
    with world.session() as session:
        return session.scalars(sa.select(Product).where(Product.code == code)).one()


@pytest.mark.parametrize("hint", ["channel-manager", "account-manager", "admin"])
def test_those_who_sell_add_a_product(world: World, sign_in: SignIn, hint: str) -> None:
    browser = sign_in(hint)
    told = {"code": "LN-777", "name_en": "Moon lamp", "name_fa": "چراغ ماه", "is_active": "y"}
    assert browser.send("/products", told).status_code == 303
    assert "Moon lamp" in browser.get("/products").text
    made = product(world, "LN-777")
    assert (made.names, made.is_active) == ({"en": "Moon lamp", "fa": "چراغ ماه"}, True)


def test_one_is_edited_and_a_stale_version_is_409(world: World, sign_in: SignIn) -> None:
    browser, found = sign_in("channel-manager"), product(world)
    told = {"code": "LN-100", "name_en": "Meadow lantern", "version": found.version}
    assert "LN-100" in browser.get(f"/products/{found.ref}/edit").text
    assert browser.send(f"/products/{found.ref}", told).status_code == 303
    assert not product(world).is_active
    assert browser.send(f"/products/{found.ref}", told).status_code == 409


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"code": "ln-100"}, "Another product has this code."),
        ({"code": "LN 1"}, "A code has no spaces."),
        ({"name_en": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_is_said_with_what_was_typed(sign_in: SignIn, told: dict[str, str], words: str) -> None:
    plain = {"code": "LN-778", "name_en": "Sun lamp", "name_lt": "Saulės lempa"}
    answer = sign_in("admin").send("/products", plain | told)
    assert answer.status_code == 422
    assert words in answer.text
    assert "Saulės lempa" in answer.text


@pytest.mark.parametrize("hint", ["partner-admin", "customer", "agent", "buyer", "auditor", "newcomer"])
def test_nobody_else_keeps_it(world: World, sign_in: SignIn, hint: str) -> None:
    browser = sign_in(hint)
    assert browser.get("/products").status_code == 403
    assert browser.send("/products", {"code": "X"}).status_code == 403
    assert browser.send(f"/products/{product(world).ref}", {"code": "X"}).status_code == 403


def test_one_that_is_none_is_not_found(sign_in: SignIn) -> None:
    assert sign_in("admin").get("/products/PR-00000000/edit").status_code == 404


def test_the_catalogue_is_exported_as_it_is_listed(world: World, sign_in: SignIn) -> None:
    with world.session() as session:
        session.scalars(sa.select(Product).where(Product.code == "LN-300")).one().is_active = False
        session.commit()
    answer = sign_in("channel-manager").get("/products/export.csv")
    assert answer.mimetype == "text/csv"
    lines = [line.rsplit(",", 2)[1:] for line in answer.text.splitlines()]
    assert lines[0] == ["Code", "State"]
    assert ["LN-300", "Not offered"] in lines
    assert ["LN-100", "Offered"] in lines
    assert "/products/export.csv" in sign_in("channel-manager").get("/products").text
