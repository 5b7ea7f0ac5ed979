"""The work of an import, from the file to the end, in pieces that each stand for themselves.

Whoever does it, a worker or the command line, locks the run for each piece, looks where it stands, and goes on from
there: two who do it at once take turns.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.scope import acting_as
from portal.files.storage import FileMissing
from portal.imports.applying import NotWhole, bring_in_some, bring_in_whole
from portal.imports.journal import count, write
from portal.imports.models import CANCELLABLE, WORKING, ImportCancellation, ImportRow, ImportRun, RowAction, State
from portal.imports.previewing import check_some
from portal.imports.reading import UnreadableFile
from portal.imports.staging import Source, batches, forget, stage
from portal.imports.undoing import Touched, take_back, told
from portal.languages import speaking

Tick = Callable[[ImportRun], Any]


class Stopped(Exception):
    """Somebody wants it stopped."""


class _Ended(Exception):
    """Somebody else has done this piece, or the time is over."""


def locked(session: Session, ref: str, *, waits: bool = True) -> ImportRun:
    """For whoever works on it; that it shall be stopped can be said meanwhile.

    Raises NoResultFound, without `waits` also where somebody else has it.
    """
    statement = sa.select(ImportRun).where(ImportRun.ref == ref)
    return session.scalars(statement.with_for_update(key_share=True, skip_locked=not waits)).one()


def advance(
    session: Session,
    ref: str,
    who: Principal,
    at: datetime,
    *,
    seconds: float = float("inf"),
    tick: Tick = lambda run: None,
) -> bool:
    """Go on with the work in hand for so long, on behalf of `who`; committed piece by piece. False when it is done."""
    until = time.monotonic() + seconds
    with acting_as(session, Principal.system(f"import {ref}")):
        run = locked(session, ref)
        language = run.language
        session.rollback()
        with speaking(language):
            while (state := standing(session, ref, at)) in WORKING:
                try:
                    _WORK[State(state)](_Piece(session, ref, who, at, until, tick))
                except Stopped:
                    session.rollback()
                except _Ended:
                    return True
    return False


def standing(session: Session, ref: str, at: datetime, *, waits: bool = True) -> State:
    """Where it stands; what shall be stopped and is not over stops here. Commits. Raises NoResultFound."""
    run = locked(session, ref, waits=waits)
    if is_to_stop(session, run.id) and run.state in CANCELLABLE:
        run.counts = count(session, run)
        run.end(State.CANCELLED, at)
    state = State(run.state)
    session.commit()
    return state


def is_to_stop(session: Session, run_id: int) -> bool:
    return session.scalar(sa.select(ImportCancellation.id).where(ImportCancellation.run_id == run_id)) is not None


class _Piece:
    """What each kind of work needs."""

    def __init__(self, session: Session, ref: str, who: Principal, at: datetime, until: float, tick: Tick) -> None:
        self.session, self.ref, self.who, self.at, self.until, self.tick = session, ref, who, at, until, tick

    def find(self) -> ImportRun:
        return locked(self.session, self.ref)

    def take(self, state: State) -> ImportRun:
        """The run, if it is still in this state. Raises _Ended."""
        run = self.find()
        if run.state != state:
            self.session.rollback()
            raise _Ended
        return run

    def keep(self) -> None:
        """Raises _Ended when the time is over, and Stopped."""
        self.session.commit()
        self.session.expunge_all()
        run = self.find()
        self.tick(run)
        is_to_stop_here = is_to_stop(self.session, run.id)
        self.session.rollback()
        if is_to_stop_here:
            raise Stopped
        if time.monotonic() > self.until:
            raise _Ended

    def look_up(self, run: ImportRun) -> None:
        """Between two batches of one transaction. Raises Stopped; SQLite hears of it only when that is over."""
        self.tick(run)
        if is_to_stop(self.session, run.id):
            raise Stopped

    def end(self, state: State, reason: Any) -> None:
        run = self.find()
        run.counts = count(self.session, run)
        run.end(state, self.at, reason)
        self.session.commit()


def _read(piece: _Piece) -> None:
    session = piece.session
    run = piece.take(State.READING)
    if run.lines_read == 0:
        forget(session, run)
    source = Source.of(run)
    session.commit()
    try:
        for found in batches(source):
            run = piece.take(State.READING)
            if run.lines_read != source.skip:
                session.rollback()
                raise _Ended
            stage(session, run, found, piece.at)
            source.skip = run.lines_read
            piece.keep()
    except UnreadableFile as error:
        session.rollback()
        return piece.end(State.FAILED, error.told)
    except FileMissing:
        session.rollback()
        return piece.end(State.FAILED, _l("The file is no longer here. Please send it again."))
    run = piece.take(State.READING)
    run.state, run.position = State.CHECKING if run.is_checked else State.APPLYING, 0
    session.commit()


def _check(piece: _Piece) -> None:
    while (run := piece.find()).state == State.CHECKING:
        check_some(piece.session, run, piece.who, piece.at)
        piece.keep()


def _apply(piece: _Piece) -> None:
    run = piece.take(State.APPLYING)
    if run.is_whole:
        return _apply_whole(piece)
    while (run := piece.find()).state == State.APPLYING:
        bring_in_some(piece.session, run, piece.who, piece.at)
        piece.keep()


def _apply_whole(piece: _Piece) -> None:
    session = piece.session
    reason = _l("Not every record could be brought in, so none of them was.")
    refused = sa.select(ImportRow.id).join(ImportRun, ImportRun.id == ImportRow.run_id)
    refused = refused.where(ImportRun.ref == piece.ref, ImportRow.action == RowAction.REFUSE)
    if session.scalar(refused.limit(1)) is not None:
        session.rollback()
        return piece.end(State.FAILED, reason)
    try:
        bring_in_whole(session, piece.find, piece.who, piece.at, piece.look_up)
    except NotWhole as fault:
        session.rollback()
        write(session, fault.verdicts)
        return piece.end(State.FAILED, reason)
    session.commit()


def _undo(piece: _Piece) -> None:
    try:
        piece.take(State.UNDOING)
        take_back(piece.session, piece.find, piece.who, piece.at, piece.tick)
    except Touched as fault:
        piece.session.rollback()
        return piece.end(State.DONE if piece.find().done_at else State.CANCELLED, told(fault.numbers))
    piece.session.commit()


_WORK: dict[State, Callable[[_Piece], None]] = {
    State.READING: _read,
    State.CHECKING: _check,
    State.APPLYING: _apply,
    State.UNDOING: _undo,
}
