"""An import: the file, how it is read, what would come of each record of it, and the journal of what did."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access import Principal
from portal.accounts.models import Person
from portal.database import Base, HasRef
from portal.errors import RuleBroken, Stale
from portal.imports.messages import Message


class State(StrEnum):
    # Received; how its columns are read is being settled.
    DRAFT = "draft"
    READING = "reading"
    CHECKING = "checking"
    # The preview is there.
    CHECKED = "checked"
    APPLYING = "applying"
    DONE = "done"
    # Nothing has been brought in.
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"
    # What had been brought in by then stays.
    CANCELLED = "cancelled"


WORKING = frozenset({State.READING, State.CHECKING, State.APPLYING, State.UNDOING})
_SETTLED = frozenset({State.DRAFT, State.CHECKED, State.FAILED, State.CANCELLED})
# What is taken back is done with soon, and done with it is as if it had never been.
CANCELLABLE = frozenset({*WORKING, State.DRAFT, State.CHECKED} - {State.UNDOING})


class Side(StrEnum):
    """Whose business it is; of shipments both."""

    SALES = "sales"
    PURCHASE = "purchase"
    BOTH = "both"


class RowAction(StrEnum):
    """What comes, or came, of a record of the file."""

    PENDING = "pending"
    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    REFUSE = "refuse"
    # Something else came of it than the preview said, so it was left alone.
    MOVED = "moved"


# The journal's own numbers; the others are for whoever may read the records.
COUNTED = (
    *(RowAction.CREATE, RowAction.UPDATE, RowAction.UNCHANGED),
    *(RowAction.CONFLICT, RowAction.MOVED, RowAction.REFUSE),
)

_MOVED_ON = _l("The import has moved on since you looked at it. Look at it again, then decide.")
OVER = _l("It is over: nothing is left to be cancelled. What was brought in can be taken back.")
_NOT_NOW = _l("The import is in a state in which this cannot be done. Look at it again, then decide.")


class ImportRun(HasRef, Base):
    __tablename__ = "import_run"
    __table_args__ = (sa.Index("ix_import_run_side", "side", "created_at", "ref"),)
    ref_prefix = "IM"

    kind: Mapped[str] = mapped_column(sa.String(16))
    side: Mapped[str] = mapped_column(sa.String(8))
    # The system that it comes from, which has names of its own for everything.
    source: Mapped[str] = mapped_column(sa.String(64))
    filename: Mapped[str]
    # Where storage keeps the file. No attachment names it, so nobody can fetch it.
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    # How the file is read, and which field each column is.
    form: Mapped[dict[str, Any]] = mapped_column(default=dict)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Of its author: texts are in it where no column says otherwise, and dates are read as there.
    language: Mapped[str] = mapped_column(sa.String(2), default="en")
    state: Mapped[str] = mapped_column(sa.String(12), default=State.DRAFT)
    # All or nothing, or record by record.
    is_whole: Mapped[bool] = mapped_column(default=False)
    # Whether conflicts are decided in favour of the file.
    overwrites: Mapped[bool] = mapped_column(default=False)
    # Whether a preview said what would come of it.
    is_checked: Mapped[bool] = mapped_column(default=False)
    # The last line of the file that has been read, and the number of the last record that the work in hand has reached.
    lines_read: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    records: Mapped[int] = mapped_column(default=0)
    records_done: Mapped[int] = mapped_column(default=0)
    # By RowAction, once they are known.
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Why it failed, or was not taken back.
    reason: Mapped[Any] = mapped_column(Message, default="")
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    cancellation: Mapped["ImportCancellation | None"] = relationship(cascade="all, delete-orphan")
    author: Mapped[Person | None] = relationship(foreign_keys=author_id)
    undone_by: Mapped[Person | None] = relationship(foreign_keys=undone_by_id)

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_working(self) -> bool:
        return self.state in WORKING

    @property
    def percent(self) -> int:
        """Of the work in hand; 0 as long as nobody knows how much it is."""
        return 100 * self.records_done // self.records if self.records else 0

    @property
    def can_be_undone(self) -> bool:
        return self.state in (State.DONE, State.CANCELLED) and bool(self.brought_in)

    @property
    def can_be_cancelled(self) -> bool:
        return self.state in CANCELLABLE and self.cancellation is None

    @property
    def can_be_read_anew(self) -> bool:
        """As long as nothing has been brought in."""
        return self.state in _SETTLED and not self.brought_in

    @property
    def brought_in(self) -> int:
        """How many records it has changed or made."""
        return int(self.counts.get("applied", 0))

    def check_version(self, version: int | None) -> None:
        """Raises Stale."""
        if version != self.version:
            raise Stale(_MOVED_ON)

    def read_as(self, decimal: str, date_order: str) -> None:
        """What stands before decimals, and which of day and month comes first; empty: every cell has to tell."""
        self.form = {**self.form, "decimal": decimal, "date_order": date_order}

    def check(self, mapping: dict[str, str], at: datetime) -> None:
        """Read the file with this mapping, and see what would come of it. Raises RuleBroken."""
        if not self.can_be_read_anew:
            raise RuleBroken(_NOT_NOW)
        self._begin(_SETTLED, State.READING, at)
        self.mapping, self.is_checked, self.cancellation = mapping, True, None
        self.lines_read, self.records, self.counts = 0, 0, {}

    def bring_in_unseen(self, mapping: dict[str, str], at: datetime, *, is_whole: bool, overwrites: bool) -> None:
        """Read the file and bring it in without a preview. Raises RuleBroken."""
        self.check(mapping, at)
        self.is_checked, self.is_whole, self.overwrites = False, is_whole, overwrites

    def bring_in(self, at: datetime, *, is_whole: bool, overwrites: bool) -> None:
        """Do what the preview said. Raises RuleBroken: all or nothing is for files that are sound throughout."""
        if is_whole and (self.refused or (self.conflicts and not overwrites)):
            raise RuleBroken(
                _l("Not every record can be brought in. Mend the file, or bring in the others record by record.")
            )
        self._begin({State.CHECKED}, State.APPLYING, at)
        self.is_whole, self.overwrites = is_whole, overwrites

    def cancel(self, who: Principal, at: datetime) -> None:
        """Ask that it stop: whoever works on it looks before each piece. Raises RuleBroken."""
        if self.state not in CANCELLABLE:
            raise RuleBroken(OVER)
        if self.cancellation is None:
            self.cancellation = ImportCancellation(person_id=who.person_id, asked_at=at)

    def undo(self, who: Principal, at: datetime) -> None:
        """Take back all of it. Raises RuleBroken."""
        self._begin({State.DONE, State.CANCELLED}, State.UNDOING, at)
        self.undone_by_id = who.person_id

    @property
    def refused(self) -> int:
        return int(self.counts.get(RowAction.REFUSE, 0))

    @property
    def conflicts(self) -> int:
        return int(self.counts.get(RowAction.CONFLICT, 0))

    def _begin(self, states: frozenset[State] | set[State], state: State, at: datetime) -> None:
        if self.state not in states:
            raise RuleBroken(_NOT_NOW)
        self.state, self.moved_at, self.reason = state, at, ""
        self.position, self.records_done = 0, 0

    def end(self, state: State, at: datetime, reason: Any = "") -> None:
        """The work in hand is over."""
        self.state, self.moved_at, self.reason = state, at, reason
        if state == State.DONE and self.done_at is None:
            self.done_at = at
        if state == State.UNDONE:
            self.undone_at = at


class ImportCancellation(Base):
    """Somebody wants it stopped. Apart from the run, which is locked as long as all or nothing is brought in."""

    __tablename__ = "import_cancellation"

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("import_run.id"), unique=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    asked_at: Mapped[datetime]

    person: Mapped[Person | None] = relationship()


class ImportRow(Base):
    """A record of the file, as whoever may run the import reads of it: where it stands, and what comes of it."""

    __tablename__ = "import_row"
    __table_args__ = (
        sa.UniqueConstraint("run_id", "number"),
        sa.Index("ix_import_row_action", "run_id", "action", "number"),
    )

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("import_run.id"))
    # Of its first and last line in the file.
    number: Mapped[int]
    last_number: Mapped[int]
    action: Mapped[str] = mapped_column(sa.String(10), default=RowAction.PENDING)
    # An earlier record of the file that speaks of the same thing.
    repeats: Mapped[int | None]
    # Which fields would change, or are at fault.
    fields: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    is_applied: Mapped[bool] = mapped_column(default=False)


class ImportContent(Base):
    """What the record says and what it changes: for whoever reads such records with all their fields."""

    __tablename__ = "import_content"
    __table_args__ = (
        sa.Index("ix_import_content_run_id_external_id", "run_id", "external_id"),
        sa.Index("ix_import_content_external_id", "external_id"),
        sa.Index("ix_import_content_run_id_claim", "run_id", "claim"),
    )

    row_id: Mapped[int] = mapped_column(sa.ForeignKey("import_row.id", ondelete="CASCADE"), unique=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("import_run.id"))
    external_id: Mapped[str] = mapped_column(sa.String(255), default="")
    # What else it is known by, or draws on: another record of the file that has the same bears on it.
    claim: Mapped[str] = mapped_column(sa.String(255), default="")
    # Of what it says; empty where it cannot be read.
    digest: Mapped[str] = mapped_column(sa.String(64), default="")
    # In the words of its shape.
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Each a field, what is wrong with it (`imports.messages`), and on which line.
    problems: Mapped[list[list[Any]]] = mapped_column(sa.JSON, default=list)
    record_id: Mapped[int | None] = mapped_column(index=True)
    # The record's own, when it had been brought in.
    version_after: Mapped[int | None]


class ImportMapping(Base):
    """Which column is which field, and how numbers and dates are written, as settled last for such files."""

    __tablename__ = "import_mapping"
    __table_args__ = (sa.UniqueConstraint("kind", "source"),)

    kind: Mapped[str] = mapped_column(sa.String(16))
    source: Mapped[str] = mapped_column(sa.String(64))
    columns: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # What stands before decimals, and which of day and month comes first; empty where every cell has to tell.
    decimal: Mapped[str] = mapped_column(sa.String(1), default="")
    date_order: Mapped[str] = mapped_column(sa.String(3), default="")
    changed_at: Mapped[datetime]
