"""Contents are kept once, under their hash, and come back as they were."""

import hashlib
import io
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from portal.files import storage as module
from portal.files.storage import PIECE, FileMissing, Storage, StoredFile, TooLarge, storage

CONTENT = b"a picture of the broken pump" * 20_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(params=["file:files", "memory:"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return Storage.from_url(request.param, tmp_path)


def test_what_is_put_comes_back(store: Storage) -> None:
    sha256, size = store.put(io.BytesIO(CONTENT))
    assert (sha256, size) == (SHA256, len(CONTENT))
    assert store.read(sha256) == CONTENT
    assert b"".join(store.chunks(sha256)) == CONTENT
    assert max(map(len, store.chunks(sha256))) <= PIECE
    assert store.exists(sha256)


def test_it_opens_as_a_file(store: Storage) -> None:
    store.put(io.BytesIO(CONTENT))
    with store.open(SHA256) as file:
        assert file.read(9) == b"a picture"
        file.seek(-4, os.SEEK_END)
        assert (file.tell(), file.read()) == (len(CONTENT) - 4, b"pump")


def test_an_empty_file_is_a_file(store: Storage) -> None:
    assert store.read(store.put(io.BytesIO(b"")).sha256) == b""


def test_too_much_is_refused_and_nothing_is_kept(store: Storage) -> None:
    with pytest.raises(TooLarge) as refused:
        store.put(io.BytesIO(CONTENT), max_size=len(CONTENT) - 1)
    assert refused.value.max_size == len(CONTENT) - 1
    assert list(store.iter_all()) == []
    assert store.put(io.BytesIO(CONTENT), max_size=len(CONTENT)).size == len(CONTENT)


def test_a_stream_without_end_is_not_read_to_its_end(store: Storage) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"x" * size

    stream = Endless()
    with pytest.raises(TooLarge):
        store.put(stream, max_size=10 * PIECE)
    assert stream.given <= 12 * PIECE


def test_the_same_bytes_are_stored_once(store: Storage) -> None:
    store.put(io.BytesIO(CONTENT))
    store.put(io.BytesIO(CONTENT))
    assert list(store.iter_all()) == [StoredFile(SHA256, len(CONTENT))]


def test_storing_it_again_is_noticed(store: Storage) -> None:
    assert store.written_at(SHA256) is None
    store.put(io.BytesIO(CONTENT))
    first = store.written_at(SHA256)
    assert first is not None
    time.sleep(0.01)
    store.put(io.BytesIO(CONTENT))
    again = store.written_at(SHA256)
    assert again is not None
    assert again > first


def test_many_who_store_the_same_at_once_all_succeed(store: Storage) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = set(pool.map(lambda _: store.put(io.BytesIO(CONTENT)), range(24)))
    assert results == {StoredFile(SHA256, len(CONTENT))}
    assert store.read(SHA256) == CONTENT


def test_what_is_not_there_is_missing(store: Storage) -> None:
    for fetch in (store.open, store.read, store.chunks):
        with pytest.raises(FileMissing):
            fetch(SHA256)
    assert not store.exists(SHA256)
    assert store.size(SHA256) is None


def test_deleting_twice_is_no_error(store: Storage) -> None:
    store.put(io.BytesIO(CONTENT))
    store.delete(SHA256)
    store.delete(SHA256)
    assert not store.exists(SHA256)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", SHA256.upper(), SHA256 + "\n", SHA256[:-1], "a/b"])
def test_only_a_hash_is_a_name(store: Storage, name: str) -> None:
    for use in (store.open, store.size, store.delete):
        with pytest.raises(ValueError, match="SHA-256"):
            use(name)


def test_the_storage_can_be_tried(store: Storage) -> None:
    store.probe()
    assert list(store.iter_all()) == []


def test_a_folder_that_cannot_be_written_is_noticed(tmp_path: Path) -> None:
    store = Storage.from_url("file:files", tmp_path)
    (tmp_path / "files").rmdir()
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(Exception, match="files"):
        store.probe()


def test_strange_files_in_the_folder_are_passed_over(tmp_path: Path) -> None:
    store = Storage.from_url(f"file:{tmp_path}/kept", Path("/nowhere"))
    sha256, size = store.put(io.BytesIO(b"x"))
    (tmp_path / "kept" / sha256[:2] / f"{sha256}.partial").write_bytes(b"")
    (tmp_path / "kept" / ".keep").write_bytes(b"")
    assert list(store.iter_all()) == [(sha256, size)]


def test_a_half_written_file_is_mended_by_the_next_who_sends_it(tmp_path: Path) -> None:
    store = Storage.from_url("file:files", tmp_path)
    store.put(io.BytesIO(CONTENT))
    (tmp_path / "files" / SHA256[:2] / SHA256).write_bytes(CONTENT[:10])
    store.put(io.BytesIO(CONTENT))
    assert store.read(SHA256) == CONTENT


def test_use_after_a_fork_is_an_error_and_not_a_standstill(store: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_owner", os.getpid() + 1)
    with pytest.raises(RuntimeError, match="fork"):
        store.exists(SHA256)


def test_the_app_has_one_storage(tmp_path: Path) -> None:
    app = Flask(__name__)
    app.extensions["portal_settings"] = SimpleNamespace(storage_url="file:files", storage_folder=tmp_path / "files")
    with app.app_context():
        assert storage() is storage()
        storage().put(io.BytesIO(CONTENT))
    assert (tmp_path / "files" / SHA256[:2] / SHA256).is_file()
