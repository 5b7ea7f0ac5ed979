"""What a file really is, by its first bytes. Its name only chooses between kinds that look alike."""

import re
from pathlib import PurePosixPath

# How much of a file `sniff` wants to see; more does no harm.
HEAD = 16 * 1024

PICTURES = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp"))

_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"

# Every type that may be attached, with the name endings that it may go by.
ALLOWED: dict[str, tuple[str, ...]] = {
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/heic": ("heic", "heif"),
    "application/pdf": ("pdf",),
    "video/mp4": ("mp4", "m4v"),
    "video/quicktime": ("mov",),
    "video/webm": ("webm",),
    "application/zip": ("zip",),
    f"{_OFFICE}.wordprocessingml.document": ("docx",),
    f"{_OFFICE}.spreadsheetml.sheet": ("xlsx",),
    f"{_OFFICE}.presentationml.presentation": ("pptx",),
    f"{_OPEN}.text": ("odt",),
    f"{_OPEN}.spreadsheet": ("ods",),
    f"{_OPEN}.presentation": ("odp",),
    "message/rfc822": ("eml",),
    "application/json": ("json",),
    "application/xml": ("xml", "isdoc"),
    "text/csv": ("csv", "tsv"),
    "text/markdown": ("md",),
    "text/plain": ("txt", "log", "text", "ini", "conf", "yaml", "yml"),
}

_BY_ENDING = {ending: kind for kind, endings in ALLOWED.items() for ending in endings}
_TEXT = frozenset(kind for kind in ALLOWED if kind.startswith(("text/", "message/"))) | {
    "application/json",
    "application/xml",
}
_ZIPPED = frozenset(kind for kind in ALLOWED if kind.startswith((_OFFICE, _OPEN))) | {"application/zip"}
_SHOWN = PICTURES | {"image/heic"}

_SIGNATURES: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"....ftyp(heic|heix|hevc|mif1|msf1)", re.DOTALL), "image/heic"),
    (re.compile(rb"....ftypqt  ", re.DOTALL), "video/quicktime"),
    (re.compile(rb"....ftyp(isom|iso[2-9]|mp4[12]|avc1|M4V |dash|MSNV)", re.DOTALL), "video/mp4"),
    (re.compile(rb"\x1aE\xdf\xa3.{4,64}webm", re.DOTALL), "video/webm"),
    (re.compile(rb"%PDF-\d"), "application/pdf"),
    (re.compile(rb"PK\x03\x04|PK\x05\x06"), "application/zip"),
)

# Text that a browser or an office program would run rather than show: documents, or XML that has it inside.
# The groups are atomic, else a row of comments would be tried in every combination.
_ACTIVE_START = re.compile(
    r"\s*+(?>(?><\?xml[^>]*>|<!--.*?-->)\s*+)*+"
    r"(<\s*(!doctype\s+(html|svg)|html|head|body|script|svg|iframe)\b|<\?(php|=)|\{\\rtf)",
    re.IGNORECASE | re.DOTALL,
)
_ACTIVE_XML = re.compile(
    r"<\s*(\w+:)?(svg|script|html)\b|http://www\.w3\.org/(1999/xhtml|2000/svg|1999/XSL)|<\?xml-stylesheet",
    re.IGNORECASE,
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MAIL_HEADER = re.compile(r"[!-9;-~]+:[ \t]?\S")


class TypeNotAllowed(Exception):
    """This kind of file may not be attached. `found` is what it seems to be, or an empty string."""

    def __init__(self, found: str = "") -> None:
        super().__init__(found or "unknown type")
        self.found = found


def sniff(head: bytes, filename: str, claimed: str = "") -> str:
    """The media type of a file from its first bytes (`HEAD` of them suffice); raises TypeNotAllowed.

    What the sender claimed decides nothing. The name must fit: `invoice.exe` is refused whatever it holds.
    Only pictures may carry the ending of another kind of picture, as telephones often send them.
    """
    ending = PurePosixPath(filename.replace("\\", "/")).suffix.lower().removeprefix(".").strip()
    named = _BY_ENDING.get(ending)
    if ending and named is None:
        raise TypeNotAllowed(ending)
    found = _from_signature(head, named) or _from_text(head, named)
    if named is not None and named != found and not (named in _SHOWN and found in _SHOWN):
        raise TypeNotAllowed(found)
    return found


def accept_attribute() -> str:
    """The value of `accept` on a file input: all endings that may be attached."""
    return ",".join(f".{ending}" for ending in _BY_ENDING)


def _from_signature(head: bytes, named: str | None) -> str | None:
    found = next((kind for pattern, kind in _SIGNATURES if pattern.match(head)), None)
    if found == "application/zip":
        return _from_zip(head, named)
    return found


def _from_zip(head: bytes, named: str | None) -> str:
    """Office documents are archives: their first entries tell, and where they do not, their name may."""
    if re.search(rb"vbaProject|macroEnabled|META-INF/MANIFEST\.MF|AndroidManifest|classes\.dex", head):
        raise TypeNotAllowed("application/zip")
    kind = re.match(rb"PK\x03\x04.{26}mimetype(application/[\w.+-]+?)(?=PK|$)", head[:200], re.DOTALL)
    if kind:
        found = kind[1].decode("ascii")
        if found not in ALLOWED:
            raise TypeNotAllowed(found)
        return found
    return named if named in _ZIPPED else "application/zip"


def _from_text(head: bytes, named: str | None) -> str:
    text = _decoded(head)
    if _CONTROLS.search(text):
        raise TypeNotAllowed
    if _ACTIVE_START.match(text) or (named == "application/xml" and _ACTIVE_XML.search(text)):
        raise TypeNotAllowed("text/html")
    if named == "message/rfc822" and not _MAIL_HEADER.match(text):
        raise TypeNotAllowed("text/plain")
    if named == "application/xml" and not text.lstrip().startswith("<"):
        raise TypeNotAllowed("text/plain")
    return named if named in _TEXT else "text/plain"


def _decoded(head: bytes) -> str:
    """The beginning of a text. Spreadsheets still write the old eight-bit code pages."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", errors="replace")
    for cut in range(4):  # a head may end inside a letter
        try:
            return head[: len(head) - cut].decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
    return head.decode("cp1250", errors="replace")
