from collections.abc import Iterator

import pytest
from flask import Flask

from tests.postbox import Postbox, open_postbox
from tests.rfqs.helpers import RfqWorld
from tests.world import World


@pytest.fixture
def rfqs(world: World) -> RfqWorld:
    return RfqWorld(world)


@pytest.fixture
def postbox(app: Flask) -> Iterator[Postbox]:
    """Somebody takes the mails."""
    with open_postbox(app) as box:
        yield box
