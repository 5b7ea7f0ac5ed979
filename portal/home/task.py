"""A line of the start page."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Task:
    """How many of something wait, and where they are."""

    title: str
    hint: str
    url: str
    # Ids of what waits, without a limit; narrowed like every statement.
    waiting: sa.Select[Any]
    # Good to know, but nothing that waits for the reader.
    is_quiet: bool = False
    # Most people never have any: told of only where there are some.
    is_rare: bool = False
