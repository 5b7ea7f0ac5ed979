"""Where the contents of files lie: each under the SHA-256 of its bytes, in a folder, in memory or in S3.

The same bytes are stored once, whoever sent them, so nobody may delete contents without knowing that no
attachment names them any more, and nobody may fetch them by hash: an attachment authorises its file.
"""

import hashlib
import io
import os
import re
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, NamedTuple, Self

import obstore
from flask import current_app
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, MemoryStore, from_url

if TYPE_CHECKING:
    from obstore import ReadableFile
    from obstore.store import ObjectStore
    from typing_extensions import Buffer

PIECE = 256 * 1024
IN_MEMORY = 1024 * 1024
# So that a forgotten bound is not an unbounded upload.
LARGEST = 1024**3

_HASH = re.compile(r"[0-9a-f]{64}")
_KEY = re.compile(r"[0-9a-f]{2}/([0-9a-f]{64})")


class TooLarge(Exception):
    """More bytes than the bound that was given; nothing was stored."""

    def __init__(self, max_size: int) -> None:
        super().__init__(f"larger than {max_size} bytes")
        self.max_size = max_size


class FileMissing(LookupError):
    """No contents are stored under this hash."""


class StoredFile(NamedTuple):
    sha256: str
    size: int


def storage() -> "Storage":
    """The storage of the current app, opened at first use."""
    found: Storage | None = current_app.extensions.get("portal_storage")
    if found is None:
        settings = current_app.extensions["portal_settings"]
        folder: Path | None = settings.storage_folder
        url = settings.storage_url if folder is None else f"file:{folder}"
        found = current_app.extensions["portal_storage"] = Storage.from_url(url, Path.cwd())
    return found


class Storage:
    """Contents by hash. Safe to share between threads; two who put the same bytes at once both succeed."""

    def __init__(self, store: "ObjectStore") -> None:
        self._objects = store

    @classmethod
    def from_url(cls, url: str, root: Path) -> Self:
        """Open `file:FOLDER` (relative to `root`, made if absent), `memory:` or `s3://BUCKET/PREFIX`.

        S3 takes its keys, region and endpoint from the usual `AWS_…` environment variables.
        """
        scheme, _, rest = url.partition(":")
        if scheme == "memory":
            return cls(MemoryStore())
        if scheme == "file":
            return cls(LocalStore(root / rest.removeprefix("//"), mkdir=True))
        return cls(from_url(url))

    def put(self, stream: IO[bytes], max_size: int = LARGEST) -> StoredFile:
        """Store what is left of a stream; raises TooLarge as soon as it has more than `max_size` bytes."""
        digest = hashlib.sha256()
        with SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
            size = 0
            while piece := stream.read(PIECE):
                size += len(piece)
                if size > max_size:
                    raise TooLarge(max_size)
                digest.update(piece)
                spool.write(piece)
            stored = StoredFile(digest.hexdigest(), size)
            # Also where they are there already: whoever is about to delete them sees that they are wanted again.
            spool.seek(0)
            obstore.put(self._store, _key(stored.sha256), spool)
        return stored

    def open(self, sha256: str) -> io.BufferedReader:
        """The contents as a binary file; raises FileMissing."""
        try:
            return io.BufferedReader(_Reader(obstore.open_reader(self._store, _key(sha256))))
        except (NotFoundError, FileNotFoundError):
            raise FileMissing(sha256) from None

    def chunks(self, sha256: str) -> Iterator[bytes]:
        """The contents piece by piece, for a response; raises FileMissing at once, not at the first piece."""
        return _pieces(self.open(sha256))

    def read(self, sha256: str) -> bytes:
        """The whole contents; raises FileMissing."""
        with self.open(sha256) as file:
            return file.read()

    def size(self, sha256: str) -> int | None:
        """The number of bytes; None when there is nothing."""
        try:
            return int(obstore.head(self._store, _key(sha256))["size"])
        except (NotFoundError, FileNotFoundError):
            return None

    def written_at(self, sha256: str) -> datetime | None:
        """When the contents were put here last; None when there are none."""
        try:
            written: datetime = obstore.head(self._store, _key(sha256))["last_modified"]
        except (NotFoundError, FileNotFoundError):
            return None
        return written

    def exists(self, sha256: str) -> bool:
        return self.size(sha256) is not None

    def delete(self, sha256: str) -> None:
        """Forget the contents; it is no error when there are none."""
        try:
            obstore.delete(self._store, _key(sha256))
        except (NotFoundError, FileNotFoundError):
            return

    def iter_all(self) -> Iterator[StoredFile]:
        """Everything stored, in no order; half-written leftovers and strange files are passed over."""
        for batch in obstore.list(self._store):
            for found in batch:
                if match := _KEY.fullmatch(str(found["path"])):
                    yield StoredFile(match[1], int(found["size"]))

    def probe(self) -> None:
        """Write, read and delete a small object; raises whatever stands in the way."""
        path = f"probe/{secrets.token_hex(8)}"
        obstore.put(self._store, path, b"portal")
        try:
            if bytes(obstore.get(self._store, path).bytes()) != b"portal":
                raise OSError("storage returned other bytes than were stored")
        finally:
            obstore.delete(self._store, path)

    @property
    def _store(self) -> "ObjectStore":
        _refuse_after_fork()
        return self._objects


class _Reader(io.RawIOBase):
    """A stored object as Python's own kind of file."""

    def __init__(self, source: "ReadableFile") -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer") -> int:
        view = memoryview(buffer)
        piece = bytes(self._source.read(len(view)))
        view[: len(piece)] = piece
        return len(piece)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        return self._source.tell()


def _pieces(file: io.BufferedReader) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _key(sha256: str) -> str:
    if not _HASH.fullmatch(sha256):
        raise ValueError("not a SHA-256 in hexadecimal")
    return f"{sha256[:2]}/{sha256}"


# The library's threads do not survive a fork, and a child that inherited them would wait for ever.
_owner: int | None = None


def _refuse_after_fork() -> None:
    global _owner
    if _owner is None:
        _owner = os.getpid()
    elif _owner != os.getpid():
        raise RuntimeError("storage was used before this process was forked; use it only in the workers")
