"""What keeps a catalogue from being complete is found; the command mends what it can."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from click.testing import CliRunner

from portal import paths, translate


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project of its own, with two strings in Python and two in a template."""
    for name, content in {
        "portal/views.py": "_('Hello %(name)s', name=n)\nngettext('%(num)s day', '%(num)s days', 3)\n",
        "templates/page.html": '{{ _("New ticket") }}{% trans %}Send{% endtrans %}',
        "translations/babel.cfg": paths.TRANSLATIONS.joinpath("babel.cfg").read_text(),
        "node_modules/other/portal/x.py": "_('not ours')",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "TRANSLATIONS", tmp_path / "translations")
    return tmp_path


def run(command: str) -> tuple[int, str]:
    result = CliRunner().invoke(translate.translate, [command])
    return result.exit_code, result.output


def fill(language: str = "cs", **changes: str) -> None:
    """Translate everything, save what `changes` says by the beginning of the message."""
    path = translate.po_path(language)
    catalog = translate._read(language)
    for message in translate._messages(catalog):
        key = message.id if isinstance(message.id, str) else message.id[0]
        text = next((new for start, new in changes.items() if key.startswith(start)), key)
        message.string = text if isinstance(message.id, str) else (text,) * catalog.num_plurals
    path.write_bytes(translate._as_po(catalog))


def wrong(language: str = "cs") -> list[str]:
    return list(translate.problems(translate._template(), language))


def test_strings_of_code_and_templates_are_found(house: Path) -> None:
    assert {str(m.id) for m in translate._messages(translate._template())} == {
        "Hello %(name)s",
        "('%(num)s day', '%(num)s days')",
        "New ticket",
        "Send",
    }


def test_new_catalogue_waits_for_its_translator(house: Path) -> None:
    assert run("update")[0] == 0
    assert len(wrong()) == 4
    code, output = run("check")
    assert code == 1
    assert "cs: 'New ticket' is not translated" in output


def test_translated_catalogues_pass_and_are_compiled(house: Path) -> None:
    run("update")
    for language in translate.LANGUAGES:
        fill(language)
    assert run("check") == (0, "4 strings are translated in 5 languages.\n")
    run("compile")
    assert translate.po_path("fa").with_suffix(".mo").stat().st_size > 0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"Send": ""}, "'Send' is not translated"),
        ({"Hello": "Ahoj"}, "'Hello %(name)s': %(name)s stands on one side alone"),
        ({"Hello": "Ahoj %(jmeno)s"}, "'Hello %(name)s': "),
        ({"%(num)s": ""}, "'%(num)s day' is not translated"),
    ],
)
def test_bad_translation_is_found(house: Path, changes: dict[str, str], says: str) -> None:
    run("update")
    fill(**changes)
    assert any(line.startswith(says) for line in wrong())


def test_fuzzy_string_is_found(house: Path) -> None:
    run("update")
    fill()
    path = translate.po_path("cs")
    path.write_text(path.read_text().replace('msgid "Send"', '#, fuzzy\nmsgid "Send"'))
    assert wrong() == ["'Send' is fuzzy"]


def test_changed_source_makes_catalogues_stale(house: Path) -> None:
    run("update")
    fill()
    house.joinpath("templates/page.html").write_text('{{ _("Open a ticket") }}')
    assert wrong() == [
        "'Open a ticket' is missing (portal translate update)",
        "'New ticket' is no longer used (portal translate update)",
        "'Send' is no longer used (portal translate update)",
    ]
    run("update")
    assert wrong() == ["'Open a ticket' is not translated"]


def test_update_keeps_translations_and_changes_nothing_twice(house: Path) -> None:
    run("update")
    fill(Send="Odeslat")
    run("update")
    first = translate.po_path("cs").read_bytes()
    assert b'msgstr "Odeslat"' in first
    run("update")
    assert translate.po_path("cs").read_bytes() == first


def test_broken_template_is_named(house: Path) -> None:
    house.joinpath("templates/page.html").write_text("{% if %}")
    code, output = run("check")
    assert code == 1
    assert "templates/page.html:1:" in output


def test_plural_forms_are_those_of_the_language() -> None:
    forms = {language: Catalog(locale=language).num_plurals for language in translate.LANGUAGES}
    assert forms == {"cs": 3, "uk": 3, "pl": 3, "lt": 3, "fa": 1}
