"""Where the files lie: beside the package in a checkout, inside it (`_data`) in an installed wheel."""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
IN_CHECKOUT = (PACKAGE.parent / "pyproject.toml").is_file()
ROOT = PACKAGE.parent if IN_CHECKOUT else PACKAGE / "_data"

TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
# Of documents; not served.
FONTS = ROOT / "fonts"
TRANSLATIONS = ROOT / "translations"
MIGRATIONS = PACKAGE / "migrations"


def instance_folder() -> Path:
    """The folder of the settings file, the embedded database and the stored files (not created here)."""
    if chosen := os.environ.get("PORTAL_INSTANCE"):
        return Path(chosen).resolve()
    return (PACKAGE.parent if IN_CHECKOUT else Path.cwd()) / "instance"
