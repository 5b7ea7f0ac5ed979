"""Names of files that people send: kept in their own script, harmless on a disk and in a header."""

import re
import unicodedata
from urllib.parse import quote

LONGEST = 120
# Names that Windows gives to devices, whatever ending follows.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
# Other invisible letters can turn `fdp.exe` into `exe.pdf` before the eye; Persian is written with these two.
_KEPT_FORMATS = frozenset("\u200c\u200d")


def safe_filename(name: str) -> str:
    """The last part of a path without what a disk, a shell or the eye could take wrongly; never empty."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(letter for letter in name if not _is_trick(letter))
    name = re.sub(r"\s+", " ", _FORBIDDEN.sub("_", name)).strip(" .")
    name = _DEVICES.sub(r"_\1", name, count=1) if _DEVICES.match(name) else name
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= 10:
        name = stem[: LONGEST - len(ending) - 1].rstrip(" .") + dot + ending
    return name[:LONGEST].strip(" .") or "file"


def content_disposition(filename: str) -> str:
    """The header that has a browser save a file under its name, in any script (RFC 6266, RFC 8187)."""
    name = safe_filename(filename)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", plain).strip(" .")
    if not plain.rpartition(".")[0].strip(" ._") and "." in name:
        plain = "file." + plain.rpartition(".")[2]
    return f"attachment; filename=\"{plain or 'file'}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_trick(letter: str) -> bool:
    kind = unicodedata.category(letter)
    return kind in ("Cc", "Cs", "Co", "Cn") or (kind == "Cf" and letter not in _KEPT_FORMATS)
