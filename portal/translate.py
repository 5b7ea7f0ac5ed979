"""`portal translate`: keeps the catalogues of the five other languages equal to the strings in the source.

English is the message itself and needs no catalogue.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from jinja2 import TemplateSyntaxError

from portal import paths

LANGUAGES = ("cs", "uk", "pl", "lt", "fa")
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)")
SHOWN = 20  # problems of one language that `check` prints


@click.group("translate")
def translate() -> None:
    """Extract, update, compile and check the translations.

    The words are in translations/LANGUAGE/LC_MESSAGES/messages.po. After a change of strings: `update`,
    translate what is empty, `check`, `compile`.
    """


@translate.command()
def extract() -> None:
    """Write the template of all strings to translations/messages.pot."""
    target = paths.TRANSLATIONS / "messages.pot"
    target.write_bytes(_as_po(template := _template()))
    click.echo(f"{len(template)} strings are in {target}.")


@translate.command()
def update() -> None:
    """Bring every catalogue to the strings of the source.

    New ones come in empty, gone ones go.
    """
    template = _template()
    for language in LANGUAGES:
        catalog = _read(language)
        template.creation_date = catalog.creation_date
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_as_po(catalog))
        empty = sum(not _is_translated(message) for message in _messages(catalog))
        click.echo(f"{language}: {len(catalog)} strings, {empty} to translate.")


@translate.command("compile")
def compile_() -> None:
    """Turn each messages.po into the messages.mo that the portal reads."""
    for language in LANGUAGES:
        if po_path(language).exists():
            with po_path(language).with_suffix(".mo").open("wb") as file:
                write_mo(file, _read(language))


@translate.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Exit with 1 unless every catalogue is whole.

    None may lack a string, have one too many, a fuzzy one or a wrong placeholder.
    """
    template = _template()
    found = {language: list(problems(template, language)) for language in LANGUAGES}
    for language, lines in found.items():
        for line in lines[:SHOWN]:
            click.echo(f"{language}: {line}")
        if len(lines) > SHOWN:
            click.echo(f"{language}: and {len(lines) - SHOWN} more")
    if any(found.values()):
        context.exit(1)
    click.echo(f"{len(template)} strings are translated in {len(LANGUAGES)} languages.")


def problems(template: Catalog, language: str) -> Iterator[str]:
    """What keeps the catalogue of a language from being complete, a sentence each."""
    try:
        catalog = _read(language)
    except PoFileError as error:
        yield f"the catalogue cannot be read: {error}"
        return
    for message in _messages(template):
        if catalog.get(message.id, message.context) is None:
            yield f"{_shown(message)} is missing (portal translate update)"
    for message in _messages(catalog):
        if template.get(message.id, message.context) is None:
            yield f"{_shown(message)} is no longer used (portal translate update)"
        elif message.fuzzy:
            yield f"{_shown(message)} is fuzzy"
        elif not _is_translated(message):
            yield f"{_shown(message)} is not translated"
        else:
            yield from (f"{_shown(message)}: {error}" for error in [*message.check(catalog), *_misnamed(message)])


def po_path(language: str) -> Path:
    return paths.TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def register(cli: click.Group) -> None:
    cli.add_command(translate)


def _template() -> Catalog:
    """All strings of the source, as an empty catalogue."""
    catalog = Catalog(project="portal", charset="utf-8", fuzzy=False, header_comment="# Strings of the portal.")
    with (paths.TRANSLATIONS / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # Babel left it out
    reading: list[str] = []
    found = extract_from_dir(
        paths.ROOT,
        methods,
        options,
        KEYWORDS,
        comment_tags=("Translators:",),
        strip_comment_tags=True,
        callback=lambda filename, *_: reading.append(filename),
        directory_filter=lambda path: Path(path).relative_to(paths.ROOT).parts[0] in ("portal", "templates"),
    )
    try:
        # In the same order on every machine, whatever order its file system lists files in.
        for filename, line, message, comments, context in sorted(found, key=lambda string: string[:2]):
            catalog.add(message, None, [(filename, line)], auto_comments=comments, context=context)
    except TemplateSyntaxError as error:
        raise click.ClickException(f"{reading[-1]}:{error.lineno}: {error.message}") from None
    return catalog


def _read(language: str) -> Catalog:
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, project="portal", fuzzy=False, header_comment="# Strings of the portal.")
    return read_po(BytesIO(path.read_bytes()), locale=language, abort_invalid=True)


def _as_po(catalog: Catalog) -> bytes:
    buffer = BytesIO()
    # Without line numbers, or every edit of the source would touch every catalogue.
    write_po(buffer, catalog, width=110, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return buffer.getvalue()


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _is_translated(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def _misnamed(message: Message) -> Iterator[str]:
    """Placeholders that a translation lacks or invents; a plural form may say its number in words."""
    sources, texts = _texts(message.id), _texts(message.string)
    known = {name for text in sources for name in PLACEHOLDER.findall(text)}
    for text in texts:
        used = set(PLACEHOLDER.findall(text))
        lost = known - used - ({"num"} if len(sources) > 1 else set())
        if wrong := sorted(lost | (used - known)):
            yield f"%({')s, %('.join(wrong)})s stands on one side alone"


def _texts(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def _shown(message: Message) -> str:
    text = message.id[0] if isinstance(message.id, tuple | list) else message.id
    return f"'{text if len(text) <= 60 else text[:57] + '…'}'"


if __name__ == "__main__":
    translate()
