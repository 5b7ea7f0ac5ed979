"""Files as other systems write them, read to the records that come of them."""

import io
from typing import Any

from portal.imports.candidates import Candidate, candidates
from portal.imports.mapping import guess
from portal.imports.reading import FileForm, describe, rows


def file_of(text: str, encoding: str = "utf-8") -> io.BytesIO:
    return io.BytesIO(text.encode(encoding))


def read(file: io.BytesIO, form: FileForm | None = None) -> list[dict[str, Any]]:
    """The cells of every row."""
    return [row.cells for row in rows(file, form or describe(file))]


def told(kind: str, file: io.BytesIO, *, language: str = "en", form: FileForm | None = None) -> list[Candidate]:
    """The records of a file whose columns are known by their headings."""
    form = form or describe(file)
    mapping = guess(kind, form.columns)
    return list(candidates(kind, rows(file, form), mapping, form, language=language))
