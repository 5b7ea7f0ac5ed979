"""Files that are not in UTF-8 are read in the code page of their language, short ones too."""

import io

import pytest

from portal.imports.reading import UnreadableFile, describe, rows
from tests.imports.helpers import file_of, read

CZECH = [
    "Číslo objednávky;Zákazník;Popis\n24-1;Sklárna Jezeří;Zahradní lucerna",
    "Název;Město\nŘezáč;Brno",
    "Jméno;E-mail\nNovák;a@example.com",
    "Kód;Název;MJ\n1;Žárovka;ks\n2;Svítidlo přisazené;ks\n3;Kabel;m",
    "Zákazník;Stav\nElektro;Potvrzeno",
    "Město\nPlzeň",
]
POLISH = [
    "Nr zamówienia;Klient;Ilość\nZ/1;Świece Łódź;10",
    "Nazwa;Miasto\nZakład Oświetlenia;Kraków",
    "Imię i nazwisko;E-mail\nWójcik;a@example.com",
    "Kod;Opis\n1;Żarówka\n2;Oprawa oświetleniowa",
    "Miasto\nŁódź",
]
LITHUANIAN = [
    "Užsakymo numeris;Klientas;Kiekis\nU-1;UAB Šviesa;10",
    "Pavadinimas;Miestas\nŽibintas;Šiauliai",
    "Vardas;El. paštas\nJonas Kazlauskas;a@example.com",
    "Kodas;Prekė;Mėnuo\n1;Lemputė;spalis\n2;Šviestuvas;gegužė",
    "Miestas\nPanevėžys",
]
UKRAINIAN = [
    "Номер замовлення;Клієнт;Кількість\n1;ТОВ «Світло»;10",
    "Назва;Місто\nЛампа;Київ",
    "ПІБ;E-mail\nКоваль;a@example.com",
    "Місто\nЇжакевичі",
]
CASES = [
    (text, page)
    for texts, page in (
        (CZECH, "windows-1250"),
        (POLISH, "windows-1250"),
        (LITHUANIAN, "windows-1257"),
        (UKRAINIAN, "windows-1251"),
    )
    for text in texts
]


@pytest.mark.parametrize(("text", "page"), CASES)
def test_the_code_page_of_a_language_is_known(text: str, page: str) -> None:
    file = file_of(text, page)
    form = describe(file)
    assert form.encoding == page
    heading, first, *_rest = text.split("\n")
    assert (form.columns, list(read(file)[0].values())) == (heading.split(";"), first.split(";"))


@pytest.mark.parametrize(("text", "page"), CASES)
def test_the_same_in_utf8_is_utf8(text: str, page: str) -> None:
    assert describe(file_of(text)).encoding == "utf-8"
    assert describe(file_of(text, "utf-8-sig")).encoding == "utf-8-sig"
    assert describe(file_of(text, "utf-8-sig")).columns == text.split("\n")[0].split(";")


def test_letters_that_come_late_are_read_as_well() -> None:
    rest = "1;Lamp;pcs\n" * 50_000
    file = file_of(f"Code;Name;Unit\n{rest}2;Žárovka přisazená;ks\n", "windows-1250")
    form = describe(file)
    assert form.encoding == "windows-1250"
    assert [row.cells["Name"] for row in rows(file, form)][-1] == "Žárovka přisazená"


@pytest.mark.parametrize("length", range(65_530, 65_545))
def test_a_letter_may_be_cut_where_the_sample_ends(length: int) -> None:
    text = "a,b\n" + "x" * (length - 4) + "ž,č\n"
    assert describe(file_of(text)).encoding == "utf-8"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_told_to_be_saved_as_utf8(encoding: str) -> None:
    with pytest.raises(UnreadableFile, match="UTF-8"):
        describe(file_of("Number,Customer\n1,Glass\n", encoding))


def test_bytes_that_are_no_letters_are_told_with_their_line() -> None:
    with pytest.raises(UnreadableFile) as told:
        describe(io.BytesIO(b"a;b\n1;\x9a\x9a\n2;\xe1\x81\n"))
    assert told.value.line == 3
