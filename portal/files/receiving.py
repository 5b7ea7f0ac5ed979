"""Files that come with a form: checked and stored at once, and kept for it when the rest of the form is refused.

A kept file is a signed token in the form, bound to the person who sent it: nobody attaches contents by their hash.
"""

import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage
from wtforms import MultipleFileField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from portal.config import settings
from portal.files.models import Attachment
from portal.files.names import safe_filename
from portal.files.sniff import HEAD, PICTURES, TypeNotAllowed, accept_attribute, sniff
from portal.files.storage import TooLarge, storage
from portal.files.thumbnails import NotAPicture, make_thumbnail
from portal.forms import PortalForm, choices
from portal.languages.formats import file_size, number_text

# As long as a session lasts at most, by default.
KEEP_SECONDS = 12 * 3600
MEGABYTE = 1000**2


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is stored and not yet attached to anything."""

    sha256: str
    filename: str
    media_type: str
    size: int
    thumbnail_sha256: str | None

    @property
    def is_stored(self) -> bool:
        return all(storage().exists(sha256) for sha256 in (self.sha256, self.thumbnail_sha256) if sha256)

    def attachment(self, at: datetime) -> Attachment:
        return Attachment(
            sha256=self.sha256,
            filename=self.filename,
            media_type=self.media_type,
            size=self.size,
            thumbnail_sha256=self.thumbnail_sha256,
            created_at=at,
        )


class NotReceived(Exception):
    """The file is refused; the message is for the person, in their language."""


class FilesForm(PortalForm):
    """A form with attachments; `receive` is called whether the rest of it is sound or not."""

    files = MultipleFileField(_l("Attachments"))
    kept = SelectMultipleField(
        _l("Already attached"),
        choices=[],
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def receive(self, person_id: int) -> list[Received]:
        """What was kept and what came with this request; what is refused is told at the field."""
        kept = (_read_token(token, person_id) for token in self.kept.data or [])
        # Our own form sends each of them once, and never more than may be attached.
        received = list(dict.fromkeys(file for file in kept if file))[: settings().attachment_max_count]
        # Elsewhere the same file was attached and removed for good in the meantime.
        gone = [file for file in received if not file.is_stored]
        received = [file for file in received if file not in gone]
        problems = [str(_("%(name)s is no longer here: please attach it again.", name=file.filename)) for file in gone]
        for file in self.files.data or []:
            if not isinstance(file, FileStorage) or not file.filename:
                continue
            try:
                found = _receive(file, len(received))
            except NotReceived as refusal:
                problems.append(str(refusal))
                continue
            if found not in received:
                received.append(found)
        if problems:
            self.files.errors = [*self.files.errors, *dict.fromkeys(problems)]
        self.keep(received, person_id)
        return received

    def keep(self, received: Iterable[Received], person_id: int) -> None:
        """Have these ticked as attached already."""
        self.kept.choices = choices(
            (_token(found, person_id), f"{found.filename} · {file_size(found.size)}") for found in received
        )
        self.kept.data = [choice.value for choice in self.kept.choices]

    @property
    def accepted_files(self) -> str:
        return accept_attribute()

    @property
    def files_help(self) -> str:
        limits = settings()
        return str(
            _(
                "Up to %(count)s files of at most %(size)s each, %(total)s together: pictures, documents, tables, "
                "archives.",
                count=number_text(limits.attachment_max_count),
                size=file_size(limits.attachment_max_mb * MEGABYTE),
                total=file_size(limits.max_request_mb * MEGABYTE),
            )
        )


def _receive(file: FileStorage, already: int) -> Received:
    limits = settings()
    name = safe_filename(file.filename or "")
    if already >= limits.attachment_max_count:
        raise NotReceived(
            _(
                "%(name)s was left out: at most %(count)s files can be attached.",
                name=name,
                count=number_text(limits.attachment_max_count),
            )
        )
    head = file.stream.read(HEAD)
    file.stream.seek(0)
    if not head:
        raise NotReceived(_("%(name)s is empty.", name=name))
    try:
        media_type = sniff(head, name)
        stored = storage().put(file.stream, limits.attachment_max_mb * MEGABYTE)
    except TypeNotAllowed:
        raise NotReceived(_("%(name)s is of a kind that cannot be attached.", name=name)) from None
    except TooLarge as error:
        size = file_size(error.max_size)
        raise NotReceived(_("%(name)s is larger than %(size)s.", name=name, size=size)) from None
    return Received(stored.sha256, name, media_type, stored.size, _thumbnail(stored.sha256, media_type))


def _thumbnail(sha256: str, media_type: str) -> str | None:
    """The hash of the drawn picture; None for what is no picture that we can draw."""
    if media_type not in PICTURES:
        return None
    try:
        drawn = make_thumbnail(storage().read(sha256))
    except NotAPicture:
        return None
    return storage().put(io.BytesIO(drawn)).sha256


def _serializer(person_id: int) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=f"portal.files:{person_id}")


def _token(received: Received, person_id: int) -> str:
    return str(_serializer(person_id).dumps(astuple(received)))


def _read_token(token: str, person_id: int) -> Received | None:
    try:
        return Received(*_serializer(person_id).loads(token, max_age=KEEP_SECONDS))
    except (BadSignature, TypeError):
        return None
