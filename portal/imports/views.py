"""Imports in the browser: send a file, say what its columns are, look, bring it in, take it back."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError, NoResultFound
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Principal
from portal.access.gate import principal, requires
from portal.access.scope import acting_as
from portal.accounts.kept import refill
from portal.clock import now
from portal.config import settings
from portal.errors import RuleBroken
from portal.exporting import table
from portal.extensions import db
from portal.files.storage import FileMissing, TooLarge, storage
from portal.imports.applying import MOST_AT_ONCE
from portal.imports.forms import ApplyForm, MappingForm, UploadForm
from portal.imports.jobs import promise
from portal.imports.listing import MOST_CHANGES, SIZE, Listed, exported, list_lines, list_runs, tabs
from portal.imports.messages import spoken
from portal.imports.models import OVER, WORKING, ImportRun, RowAction, State
from portal.imports.reading import UnreadableFile, describe
from portal.imports.receiving import receive, remember
from portal.imports.rules import kinds_of, reads_records
from portal.imports.runs import standing
from portal.imports.words import ACTION_TONES, ACTIONS, KINDS, STATES, TONES
from portal.languages import file_size, number_text
from portal.web import find_or_404, go_to, render

bp = Blueprint("imports", __name__)

# Work of which nothing was heard for so long may be taken up by whoever looks at it.
QUIET = timedelta(minutes=1)
_WORDS: dict[str, Any] = {
    "KINDS": KINDS,
    "STATES": STATES,
    "TONES": TONES,
    "ACTIONS": ACTIONS,
    "ACTION_TONES": ACTION_TONES,
    "spoken": spoken,
}


@bp.get("/imports")
@requires(Action.IMPORT_RUN)
def index() -> Response:
    page = list_runs(db.session(), after=request.args.get("after", ""), before=request.args.get("before", ""))
    return render(
        "imports/index.html",
        runs=page.rows,
        next_url=url_for("imports.index", after=page.next_cursor) if page.next_cursor else None,
        previous_url=url_for("imports.index", before=page.previous_cursor) if page.previous_cursor else None,
        **_WORDS,
    )


@bp.get("/imports/new")
@requires(Action.IMPORT_RUN)
def new() -> Response:
    form = UploadForm(kinds_of(principal()), formdata=None, kind=request.args.get("kind"))
    return _upload(refill(form, url_for("imports.create")))


@bp.post("/imports")
@requires(Action.IMPORT_RUN)
def create() -> BaseResponse:
    who = principal()
    form = UploadForm(kinds_of(who))
    if not form.validate_on_submit():
        return _upload(form, 422)
    file = form.file.data
    try:
        run = receive(db.session(), file.stream, file.filename, form.kind.data, form.source.data, who, now())
    except UnreadableFile as error:
        form.file.errors = [str(error)]
        return _upload(form, 422)
    except TooLarge as error:
        form.file.errors = [_("The file is larger than %(size)s.", size=file_size(error.max_size))]
        return _upload(form, 422)
    db.session.commit()
    return go_to(url_for("imports.show", ref=run.ref))


def _upload(form: UploadForm, status: int = 200) -> Response:
    largest = file_size(settings().max_request_mb * 1024**2)
    return render("imports/new.html", status=status, form=form, largest=largest)


@bp.get("/imports/<ref>")
@requires(Action.IMPORT_RUN)
def show(ref: str) -> Response:
    return _page(find_or_404(ImportRun, ref=ref))


@bp.get("/imports/<ref>/progress")
@requires(Action.IMPORT_RUN, quiet=True)
def progress(ref: str) -> BaseResponse:
    """What the page asks for every other second while work is in hand."""
    run = find_or_404(ImportRun, ref=ref)
    if not run.is_working:
        return go_to(url_for("imports.show", ref=ref))
    return render("imports/_progress.html", run=run, is_quiet=_is_quiet(run), **_WORDS)


@bp.get("/imports/<ref>/records.csv", defaults={"form": "csv"})
@bp.get("/imports/<ref>/records.xlsx", defaults={"form": "xlsx"})
@requires(Action.IMPORT_RUN)
def export(ref: str, form: str) -> Response:
    """What comes of each record, of all pages."""
    run = find_or_404(ImportRun, ref=ref)
    return table(f"import-{run.ref}", form, exported(db.session(), principal(), Listed.of(run), _action()))


@bp.post("/imports/<ref>/preview")
@requires(Action.IMPORT_RUN)
def create_preview(ref: str) -> BaseResponse:
    run = find_or_404(ImportRun, ref=ref, lock=True)
    form = MappingForm.of(run)
    if not form.validate_on_submit() or not form.is_whole(run.kind):
        return _page(run, mapping=form, status=422)
    run.check_version(_version(form.version.data))
    run.read_as(form.decimal.data, form.date_order.data)
    run.check(form.mapping, now())
    remember(db.session(), run, now())
    return _begun(run)


@bp.get("/imports/<ref>/mapping")
@requires(Action.IMPORT_RUN)
def edit_mapping(ref: str) -> Response:
    """Say anew what the columns are, after a preview."""
    run = find_or_404(ImportRun, ref=ref)
    if not run.can_be_read_anew:
        raise RuleBroken(_("What has been brought in is not read anew."))
    return _page(run, mapping=_mapping(run))


@bp.post("/imports/<ref>/application")
@requires(Action.IMPORT_RUN)
def create_application(ref: str) -> BaseResponse:
    run = find_or_404(ImportRun, ref=ref, lock=True)
    form = ApplyForm()
    if not form.validate_on_submit():
        return _page(run, form=form, status=422)
    run.check_version(_version(form.version.data))
    is_whole = form.mode.data == "whole"
    if is_whole:
        _check_bound(run.records)
    run.bring_in(now(), is_whole=is_whole, overwrites=form.overwrites.data)
    return _begun(run)


@bp.post("/imports/<ref>/cancellation")
@requires(Action.IMPORT_RUN)
def create_cancellation(ref: str) -> BaseResponse:
    """At once where nobody works on it, else when whoever does comes to the next piece."""
    session, at = db.session(), now()
    find_or_404(ImportRun, ref=ref).cancel(principal(), at)
    with suppress(IntegrityError):
        # Another has asked for the same meanwhile.
        session.commit()
    session.rollback()
    with acting_as(session, Principal.system(f"stop import {ref}")), suppress(NoResultFound):
        if (state := standing(session, ref, at, waits=False)) not in (State.CANCELLED, *WORKING):
            raise RuleBroken(OVER)
        if state == State.CANCELLED:
            flash(_("The import is cancelled."), "success")
    return go_to(url_for("imports.show", ref=ref))


@bp.post("/imports/<ref>/undo")
@requires(Action.IMPORT_RUN)
def create_undo(ref: str) -> BaseResponse:
    run = find_or_404(ImportRun, ref=ref, lock=True)
    run.check_version(_version(request.form.get("version")))
    _check_bound(run.brought_in)
    run.undo(principal(), now())
    return _begun(run)


@bp.post("/imports/<ref>/continuation")
@requires(Action.IMPORT_RUN)
def create_continuation(ref: str) -> BaseResponse:
    """Whoever looks at work that stands still has it gone on with, on their own behalf."""
    run = find_or_404(ImportRun, ref=ref, lock=True)
    if run.is_working:
        promise(run, principal())
    db.session.commit()
    return go_to(url_for("imports.show", ref=ref))


def _check_bound(records: int) -> None:
    if records > MOST_AT_ONCE:
        raise RuleBroken(
            _(
                "More than %(count)s records at once keep everybody else waiting: do that on the command line.",
                count=number_text(MOST_AT_ONCE),
            )
        )


def _begun(run: ImportRun) -> BaseResponse:
    promise(run, principal())
    db.session.commit()
    flash(_("It goes on by itself: you can leave this page and come back."), "info")
    return go_to(url_for("imports.show", ref=run.ref))


def _version(told: str | None) -> int | None:
    return int(told) if told and told.isdecimal() else None


def _action() -> str:
    action = request.args.get("action", "")
    if action and action not in list(RowAction):
        raise BadRequest
    return action


def _after() -> int:
    told = request.args.get("after", "0")
    if not told.isdecimal() or len(told) > 9:
        raise BadRequest
    return int(told)


def _is_quiet(run: ImportRun) -> bool:
    return run.is_working and now() - run.moved_at > QUIET


def _mapping(run: ImportRun) -> MappingForm:
    form = MappingForm.of(run, formdata=None, version=str(run.version))
    return refill(form, url_for("imports.create_preview", ref=run.ref))


def _page(
    run: ImportRun, *, mapping: MappingForm | None = None, form: ApplyForm | None = None, status: int = 200
) -> Response:
    who, action, after = principal(), _action(), _after()
    sees = reads_records(who, run.kind, run.side)
    if mapping is None and (run.state == State.DRAFT or (run.state == State.FAILED and not run.records)):
        mapping = _mapping(run)
    lines = []
    if mapping is None and not run.is_working:
        lines = list_lines(db.session(), who, Listed.of(run), action, after=after)
    last = lines[SIZE - 1].number if len(lines) > SIZE else None
    return render(
        "imports/show.html",
        status=status,
        run=run,
        sees=sees,
        mapping=mapping,
        sample=_sample(run) if mapping is not None and (sees or run.author_id == who.person_id) else {},
        form=form or ApplyForm(formdata=None, version=str(run.version)),
        lines=lines[:SIZE],
        tabs=tabs(run, action),
        action=action,
        most_changes=MOST_CHANGES,
        next_url=url_for("imports.show", ref=run.ref, action=action or None, after=last) if last else None,
        first_url=url_for("imports.show", ref=run.ref, action=action or None) if after else None,
        is_quiet=_is_quiet(run),
        **_WORDS,
    )


LONGEST_SAMPLE = 80


def _sample(run: ImportRun) -> dict[str, list[str]]:
    """The first values of each column, as they stand in the file."""
    try:
        with storage().open(run.sha256) as file:
            rows = describe(file, sheet=run.form.get("sheet", "")).sample
    except (UnreadableFile, FileMissing):
        return {}
    found: dict[str, list[str]] = {column: [] for column in run.form["columns"]}
    for row in rows:
        for column, value in row.items():
            if column in found and value not in (None, ""):
                text = str(value)
                # A file as base64 would fill the page.
                found[column].append(text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…")
    return found
