"""The locks, the front-end files and the wheel's contents, as far as the checkout shows them."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from portal import paths

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")


def pinned(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", ROOT.joinpath(lock).read_text(), re.MULTILINE))


def named(requirements: list[object]) -> set[str]:
    names = (re.match(r"[A-Za-z0-9._-]+", entry) for entry in requirements if isinstance(entry, str))
    return {match[0].lower().replace("_", "-") for match in names if match}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_a_hash_for_each_package_and_no_address(lock: str) -> None:
    text = ROOT.joinpath(lock).read_text()
    assert not re.search(r"://|--index-url|--extra-index|--find-links|file:", text)
    for entry in re.split(r"\n(?=[a-z0-9])", text)[1:]:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_locks_hold_what_the_project_names() -> None:
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())
    assert named(project["project"]["dependencies"]) <= pinned("requirements.lock")
    assert named(project["dependency-groups"]["build"]) <= pinned("requirements-build.lock")
    assert named(project["dependency-groups"]["dev"]) <= pinned("requirements-dev.lock")
    assert pinned("requirements.lock") <= pinned("requirements-dev.lock")


def test_npm_lock_is_hashed_and_names_no_registry() -> None:
    lock = json.loads(ROOT.joinpath("package-lock.json").read_text())
    wanted = json.loads(ROOT.joinpath("package.json").read_text())
    assert lock["packages"][""]["dependencies"] == wanted["dependencies"]
    for name, package in lock["packages"].items():
        assert "resolved" not in package
        assert not name or package["integrity"].startswith("sha512-")


def test_served_files_are_there_and_complete() -> None:
    vendor = paths.STATIC / "vendor"
    faces = vendor.joinpath("fonts.css").read_text()
    names = re.findall(r'url\("([^"]+)"\)', faces)
    assert names
    for name in names:
        assert vendor.joinpath(name).stat().st_size > 1000
    for name in ("htmx.min.js", "bootstrap.min.css", "bootstrap.rtl.min.css"):
        text = vendor.joinpath(name).read_text()
        assert len(text) > 10_000
        assert "sourceMappingURL" not in text


LETTERS = "AaZzžřůěščďťňĚŘŮґєіїҐЄІЇщЩąćęłńóśźżŁąčęėįšųūžĖپچژگکی۰۱۲۳۴۵۶۷۸۹«»„“”–—…€₴\u200c"


def test_documents_have_fonts_with_the_letters_of_all_six_languages() -> None:
    for name in ("regular.ttf", "bold.ttf"):
        with TTFont(paths.FONTS / name) as font:
            known = font.getBestCmap()
        assert [letter for letter in LETTERS if ord(letter) not in known] == []
    for name in ("inter", "vazirmatn"):
        assert "Open Font License" in paths.FONTS.joinpath(f"{name}-LICENSE.txt").read_text().title()


def test_fonts_cover_the_letters_of_all_six_languages() -> None:
    faces = paths.STATIC.joinpath("vendor", "fonts.css").read_text()
    ranges = [
        (int(first, 16), int(last or first, 16))
        for first, last in re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", faces)
    ]
    assert [x for x in LETTERS + "\u200f" if not any(first <= ord(x) <= last for first, last in ranges)] == []
