"""The `portal` command tells what it can do, also where nothing is set up yet."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from portal.cli import cli


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        # `db` is a library's, and makes the app before it reads on.
        if isinstance(command, click.Group) and name != "db":
            yield from commands(command, *path, name)


@pytest.fixture(autouse=True)
def nothing_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_INSTANCE", str(tmp_path))
    monkeypatch.delenv("PORTAL_ENVIRONMENT", raising=False)


def test_help_lists_every_command_with_a_whole_sentence() -> None:
    result = CliRunner().invoke(cli, ["--help"])
    assert result.exit_code == 0
    listed = dict(re.findall(r"^  ([a-z-]+) {2,}(\S.*)$", result.output.partition("Commands:")[2], re.MULTILINE))
    assert set(listed) == {
        "backup", "db", "demo", "doctor", "import", "invite", "jobs", "mail-in", "receipt", "restore", "routes", "seed",
        "serve", "staff", "translate", "worker",
    }  # fmt: skip
    assert all(sentence.endswith(".") and not sentence.endswith("...") for sentence in listed.values())
    assert "FLASK" not in result.output


@pytest.mark.parametrize("path", list(commands(cli)), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*path, "--help"])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.output.startswith(f"Usage: cli {' '.join(path)}")
    assert "..." not in result.output.partition("Commands:")[2]


def test_what_needs_settings_says_which_in_one_line() -> None:
    result = CliRunner().invoke(cli, ["jobs"])
    assert result.exit_code == 2
    assert result.stderr.startswith("portal: secret_key is missing")
    assert len(result.stderr.splitlines()) == 1
