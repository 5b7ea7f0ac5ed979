"""A cell that holds a file: its content as base64 or, where the command runs, its path beside the table."""

import base64
import re
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.config import settings
from portal.imports.values import Unread

# Every PDF begins so, and no path that anybody would write looks like it.
_PDF = re.compile(r"JVBERi0[A-Za-z0-9+/]*={0,2}")


def content_of(cell: Any, folder: str) -> str:
    """As base64. Raises Unread for a path where there is no folder, or one that leads out of it."""
    text = "".join(str(cell).split()) if len(str(cell)) > _LONGEST_PATH else str(cell).strip()
    if _PDF.fullmatch(text):
        return text
    if not folder:
        raise Unread(_l("Give the PDF as base64: paths are read by the command alone."))
    if len(text) > _LONGEST_PATH or "\0" in text:
        raise Unread(_NOT_THERE)
    base = Path(folder).resolve()
    try:
        # Links are followed first: what they lead to has to lie in the folder as well.
        found = (base / text).resolve(strict=True)
        if not found.is_relative_to(base) or not found.is_file():
            raise Unread(_NOT_THERE)
        if found.stat().st_size > settings().attachment_max_mb * 1_000_000:
            raise Unread(_l("The file is too large."))
        return base64.b64encode(found.read_bytes()).decode()
    except (OSError, ValueError):
        raise Unread(_NOT_THERE) from None


_LONGEST_PATH = 500
_NOT_THERE = _l("There is no such file in the folder of the table.")
