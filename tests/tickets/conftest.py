"""What tests of tickets share."""

import pytest
import sqlalchemy as sa

from portal.accounts.models import Person
from tests.world import World


@pytest.fixture
def in_english(world: World) -> None:
    """Everybody is spoken to in English, so that tests can read what a page says."""
    with world.session() as session:
        session.execute(sa.update(Person).values(language="en"))
        session.commit()
