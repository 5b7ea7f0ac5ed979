from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from tests.leads.helpers import MONDAY, LeadWorld
from tests.postbox import Postbox, open_postbox
from tests.world import World


@pytest.fixture(autouse=True)
def postbox(app: Flask) -> Iterator[Postbox]:
    """Somebody takes the mails."""
    with open_postbox(app) as box:
        yield box


@pytest.fixture
def leads(world: World) -> Iterator[LeadWorld]:
    """It is Monday morning; `let_pass` travels on from there."""
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield LeadWorld(world, clock)
