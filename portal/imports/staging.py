"""Reading the file into the journal: each record once, with what cannot be read of it."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Self

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.feeds.lookups import chunks
from portal.files.storage import storage
from portal.imports import reading
from portal.imports.candidates import Candidate, candidates
from portal.imports.messages import kept
from portal.imports.models import ImportContent, ImportRow, ImportRun, RowAction
from portal.imports.verdicts import claim_of, fields_of

AT_ONCE = 500


@dataclass(slots=True)
class Source:
    """What reading needs to know of a run, while no transaction is open."""

    kind: str
    sha256: str
    form: reading.FileForm
    mapping: dict[str, str]
    language: str
    # The last line that has been read already.
    skip: int

    @classmethod
    def of(cls, run: ImportRun) -> Self:
        return cls(run.kind, run.sha256, form_of(run), dict(run.mapping), run.language, run.lines_read)


def form_of(run: ImportRun) -> reading.FileForm:
    return reading.FileForm.of_kept(run.form)


def batches(source: Source) -> Iterator[list[Candidate]]:
    """The records that have not been read yet, some at a time."""
    with storage().open(source.sha256) as file:
        rows = reading.rows(file, source.form, skip=source.skip)
        found = candidates(source.kind, rows, source.mapping, source.form, language=source.language)
        while some := list(islice(found, AT_ONCE)):
            yield some


def forget(session: Session, run: ImportRun) -> None:
    """What an earlier preview said."""
    session.execute(sa.delete(ImportContent).where(ImportContent.run_id == run.id))
    session.execute(sa.delete(ImportRow).where(ImportRow.run_id == run.id))


def stage(session: Session, run: ImportRun, found: Sequence[Candidate], at: datetime) -> None:
    """Write these down."""
    told = [
        candidate.shape.model_dump(mode="json", exclude_unset=True) if candidate.shape else {} for candidate in found
    ]
    earlier = _earlier(session, run, {candidate.external_id for candidate in found if candidate.shape})
    rows, contents = [], []
    for candidate, values in zip(found, told, strict=True):
        row, content = _refusal(candidate) if candidate.shape is None else _record(candidate, values, earlier)
        rows.append({"run_id": run.id, "number": candidate.first_row, "last_number": candidate.last_row, **row})
        named = {"external_id": candidate.external_id, "claim": claim_of(run.kind, values)}
        contents.append({"run_id": run.id, **named, **content})
    returned = sa.insert(ImportRow).returning(ImportRow.id, sort_by_parameter_order=True)
    ids = session.scalars(returned, rows).all()
    session.execute(
        sa.insert(ImportContent), [{"row_id": id_, **content} for id_, content in zip(ids, contents, strict=True)]
    )
    run.lines_read = found[-1].last_row
    run.records += len(found)
    run.moved_at = at


def _refusal(candidate: Candidate) -> tuple[dict[str, Any], dict[str, Any]]:
    problems = [[problem.field, kept(problem.message), problem.row] for problem in candidate.problems]
    row = {"action": RowAction.REFUSE, "repeats": None, "fields": fields_of(problems)}
    return row, {"told": {}, "digest": "", "problems": problems}


def _record(
    candidate: Candidate, told: dict[str, Any], earlier: dict[str, tuple[int, str]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """One that speaks of the same record as an earlier one adds nothing where it says the same."""
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    content: dict[str, Any] = {"told": told, "digest": digest, "problems": []}
    number, other = earlier.get(candidate.external_id, (None, ""))
    earlier[candidate.external_id] = candidate.first_row, digest
    if number is None:
        return {"action": RowAction.PENDING, "repeats": None, "fields": []}, content
    if digest == other:
        content["problems"] = [
            ["", kept(_l("Line %(number)s of the file says the same.", number=number)), candidate.first_row]
        ]
        return {"action": RowAction.UNCHANGED, "repeats": number, "fields": []}, content
    return {"action": RowAction.PENDING, "repeats": number, "fields": []}, content


def _earlier(session: Session, run: ImportRun, keys: set[str]) -> dict[str, tuple[int, str]]:
    """The last record of the file before these that speaks of the same."""
    found: dict[str, tuple[int, str]] = {}
    for part in chunks(sorted(keys)):
        rows = session.execute(
            sa.select(ImportContent.external_id, ImportRow.number, ImportContent.digest)
            .join(ImportRow, ImportRow.id == ImportContent.row_id)
            .where(ImportContent.run_id == run.id, ImportContent.external_id.in_(part), ImportContent.digest != "")
            .order_by(ImportRow.number)
        )
        found.update({row.external_id: (row.number, row.digest) for row in rows})
    return found
