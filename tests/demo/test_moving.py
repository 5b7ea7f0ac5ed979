"""The demonstration is started on another port, with the data of the last time."""

import sqlalchemy as sa

from portal.accounts.models import Identity
from portal.demo.moving import bring_along
from tests.misbehaving_provider import settings_for


def issuers(world) -> dict[str, str]:
    with world.session() as session:
        return dict(session.execute(sa.select(Identity.subject, Identity.issuer)).all())


def test_everybody_is_still_themselves_on_another_port(app, world) -> None:
    with world.session() as session:
        session.execute(sa.update(Identity).values(provider="demo", issuer="http://127.0.0.1:8000/demo/idp"))
        session.execute(sa.update(Identity).where(Identity.subject == "demo-agent").values(provider="corporate"))
        session.commit()
    with app.app_context():
        bring_along(settings_for("http://127.0.0.1:9000/demo/idp", "demo"))
    found = issuers(world)
    assert found.pop("demo-agent") == "http://127.0.0.1:8000/demo/idp"
    assert set(found.values()) == {"http://127.0.0.1:9000/demo/idp"}


def test_whoever_came_in_at_the_new_address_already_is_left_alone(app, world) -> None:
    newcomer = world.person("newcomer")
    with world.session() as session:
        session.execute(sa.update(Identity).values(provider="demo", issuer="http://127.0.0.1:8000/demo/idp"))
        session.add(
            Identity(
                person_id=newcomer.id,
                provider="demo",
                issuer="http://127.0.0.1:9000/demo/idp",
                subject="demo-customer",
                created_at=newcomer.created_at,
                last_used_at=newcomer.created_at,
            )
        )
        session.commit()
    with app.app_context():
        bring_along(settings_for("http://127.0.0.1:9000/demo/idp", "demo"))
    with world.session() as session:
        same = session.scalars(sa.select(Identity.issuer).where(Identity.subject == "demo-customer")).all()
    assert sorted(same) == ["http://127.0.0.1:8000/demo/idp", "http://127.0.0.1:9000/demo/idp"]
