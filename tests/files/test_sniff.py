"""Only files of known kinds come in, by what they hold and not by what they are called."""

import contextlib
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from portal.files.sniff import ALLOWED, PICTURES, TypeNotAllowed, accept_attribute, sniff


def picture(kind: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (4, 4)).save(written, kind)
    return written.getvalue()


def archive(*names: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        for name in names:
            file.writestr(name, ALLOWED_ODT if name == "mimetype" else "content")
    return written.getvalue()


ALLOWED_ODT = "application/vnd.oasis.opendocument.text"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PNG = picture("PNG")


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PNG, "a.png", "image/png"),
        (PNG, "IMG_0001.JPG", "image/png"),
        (PNG, "pasted", "image/png"),
        (picture("JPEG"), "a.jpeg", "image/jpeg"),
        (picture("GIF"), "a.gif", "image/gif"),
        (picture("WEBP"), "a.webp", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "a.heic", "image/heic"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00", "a.mp4", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00", "a.mov", "video/quicktime"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "a.webm", "video/webm"),
        (b"%PDF-1.7\n", "a.pdf", "application/pdf"),
        (archive("x.txt"), "a.zip", "application/zip"),
        (archive("x.txt"), "a", "application/zip"),
        (archive("[Content_Types].xml", "word/document.xml"), "a.docx", DOCX),
        (archive("mimetype"), "a.odt", ALLOWED_ODT),
        (archive("mimetype"), "a", ALLOWED_ODT),
        ("čeština".encode(), "a.txt", "text/plain"),
        ("čeština".encode("cp1250"), "a.csv", "text/csv"),
        ("čeština".encode("utf-16"), "a.csv", "text/csv"),
        ("\ufeffa;b".encode(), "a.csv", "text/csv"),
        (b"\x1b[31mred\x1b[0m\n", "server.log", "text/plain"),
        (b"GET / <html> 200", "server.log", "text/plain"),
        (b"# Hi <script>", "a.md", "text/markdown"),
        (b'{"a": 1}', "a.json", "application/json"),
        (b"<?xml version='1.0'?><Invoice/>", "a.xml", "application/xml"),
        (b"From: a@example.com\r\n\r\nHi", "a.eml", "message/rfc822"),
        (b"", "empty.txt", "text/plain"),
    ],
)
def test_known_kinds_come_in(content: bytes, name: str, kind: str) -> None:
    assert sniff(content, name, "application/x-lie") == kind
    assert kind in ALLOWED


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"MZ\x90\x00\x03\x00", "a.exe"),
        (b"MZ\x90\x00\x03\x00", "a.png"),
        (b"MZ\x90\x00\x03\x00", "a"),
        (b"\x7fELF\x02\x01\x01\x00", "a.txt"),
        (PNG, "a.exe"),
        (PNG, "a.png.exe"),
        (PNG, "a.html"),
        (PNG, "a.pdf"),
        (b"%PDF-1.7", "a.txt"),
        (b"<!DOCTYPE html><p>", "a.txt"),
        (b"\xef\xbb\xbf  <html>", "a"),
        ("<script>alert(1)</script>".encode("utf-16"), "a.txt"),
        (b"<!-- x --><!-- y --> <svg onload=alert(1)>", "a.txt"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "a.xml"),
        (b"<a><x:script xmlns:x='http://www.w3.org/1999/xhtml'/></a>", "a.xml"),
        (b"<?xml version='1.0'?><?xml-stylesheet href='x'?><a/>", "a.xml"),
        (b"<svg>", "a.svg"),
        (b"alert(1)", "a.js"),
        (b"{\\rtf1", "a.txt"),
        (b"no header", "a.eml"),
        (b"no element", "a.xml"),
        (b"text", "a.png"),
        (archive("word/vbaProject.bin"), "a.docx"),
        (archive("META-INF/MANIFEST.MF"), "a.zip"),
        (archive("x.txt"), "a.jar"),
        (archive("mimetype"), "a.zip"),
        (b"PK\x03\x04" + b"\x00" * 26 + b"mimetypeapplication/epub+zipPK", "a"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.doc"),
    ],
)
def test_others_stay_out(content: bytes, name: str) -> None:
    with pytest.raises(TypeNotAllowed):
        sniff(content, name)


def test_a_long_text_may_be_cut_inside_a_letter() -> None:
    assert sniff("žluťoučký".encode()[:-1], "a.txt") == "text/plain"


def test_a_hostile_row_of_comments_is_read_at_once() -> None:
    assert sniff(b"<!-- -->" * 2_000, "a.txt") == "text/plain"


@given(
    st.binary(max_size=200),
    st.sampled_from(["a.png", "a.txt", "a.xml", "a.eml", "a", "a.docx", ".", "..", ""]),
)
def test_anything_at_all_is_known_or_refused(content: bytes, name: str) -> None:
    with contextlib.suppress(TypeNotAllowed):
        assert sniff(content, name) in ALLOWED


def test_the_file_chooser_offers_what_may_come_in() -> None:
    assert accept_attribute().startswith(".png,")
    assert ".html" not in accept_attribute()
    assert PICTURES.issubset(ALLOWED)
