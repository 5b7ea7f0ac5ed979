"""The portal as a server's worker runs it."""

import gc

from flask import Flask

from portal.serve import settle


def test_what_is_loaded_is_left_alone_by_garbage_collection(app: Flask) -> None:
    """A look through all of it takes a tenth of a second, and it would be somebody's request that waits."""
    try:
        settle()
        assert gc.get_freeze_count() > 100_000
        assert len(gc.get_objects()) < gc.get_freeze_count() / 10
    finally:
        gc.unfreeze()
