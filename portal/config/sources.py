"""Where settings come from besides the program: `portal.toml` of the instance folder, and the environment."""

import difflib
import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from portal import paths

PREFIX = "PORTAL_"


class SettingsError(click.ClickException):
    """The settings cannot be used; the message is the one line that says why."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"portal: {self.message}", err=True, file=file)


def settings_file() -> Path:
    return paths.instance_folder() / "portal.toml"


def beside_instance(path: str) -> Path:
    """A path of the settings, absolute: a relative one starts where the instance folder lies."""
    folder = paths.instance_folder()
    relative = Path(path)
    if relative.is_absolute():
        return relative
    if relative.parts[:1] == ("instance",):
        return folder.joinpath(*relative.parts[1:])
    return folder.parent / relative


def read_file(known: Iterable[str]) -> dict[str, Any]:
    """What the settings file says, if there is one; a key that is not known is refused."""
    path = settings_file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {one_line(error)}") from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {one_line(error)}") from None
    for key in values:
        if key not in known:
            raise SettingsError(f"{path} has an unknown key '{key}'{meant(key, known)}")
    return values


def from_environment(name: str) -> dict[str, str]:
    value = os.environ.get(f"{PREFIX}{name.upper()}")
    return {name: value} if value else {}


def meant(name: str, known: Iterable[str], prefix: str = "") -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {prefix}{close[0]}?)" if close else ""


def one_line(text: object) -> str:
    return " ".join(str(text).split())
