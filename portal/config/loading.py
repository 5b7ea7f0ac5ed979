"""Reading and checking the settings at start-up."""

import logging
import os
import re
import secrets
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError as SourceError

from portal import paths
from portal.config.model import Settings
from portal.config.sources import PREFIX, SettingsError, from_environment, meant, one_line, read_file

# Read before any setting is, because the settings file lies in the folder that it names.
OTHER_NAMES = {"INSTANCE"}


def load_settings(**overrides: Any) -> Settings:
    """Read and check the settings; raises SettingsError with one line on the first start that cannot work."""
    _warn_of_unknown_names(os.environ)
    try:
        return Settings(**_with_own_secret(overrides))
    except ValidationError as error:
        raise SettingsError("; ".join(_explain(problem) for problem in error.errors())) from None
    except SourceError as error:
        name = re.search(r'field "(\w+)"', str(error))
        raise SettingsError(f"{name[1]}: is not valid JSON" if name else one_line(error)) from None


def _with_own_secret(overrides: dict[str, Any]) -> dict[str, Any]:
    """Outside production a key is made on the first start and kept, so that sessions outlive a restart."""
    ours = from_environment("environment") | from_environment("secret_key") | overrides
    given = _read_unless_test(overrides) | ours
    environment = given.get("environment")
    if given.get("secret_key") or environment not in ("development", "demo", "test"):
        return overrides
    if environment == "test":
        return {**overrides, "secret_key": "a key for the tests, which protects nothing"}
    kept = paths.instance_folder() / "secret_key"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    return {**overrides, "secret_key": kept.read_text(encoding="ascii").strip()}


def _read_unless_test(overrides: dict[str, Any]) -> dict[str, Any]:
    environment = (from_environment("environment") | overrides).get("environment")
    return {} if environment == "test" else read_file(Settings.model_fields)


def _warn_of_unknown_names(names: Iterable[str]) -> None:
    known = {name.upper() for name in Settings.model_fields} | OTHER_NAMES
    ours = (name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX))
    for name in sorted(name for name in ours if name not in known):
        logging.getLogger("portal").warning(
            "%s%s is not a setting of the portal%s", PREFIX, name, meant(name, known, PREFIX)
        )


def _explain(problem: Any) -> str:
    """One problem as 'name: reason', never with the value, which may be a secret."""
    where = ".".join(str(part) for part in problem["loc"])
    reason = problem["msg"].removeprefix("Value error, ")
    reason = "is not a setting" if problem["type"] == "extra_forbidden" else reason[:1].lower() + reason[1:]
    return one_line(f"{where}: {reason}" if where else reason)
