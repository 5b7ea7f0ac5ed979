"""A company is one company, whatever its legal form, spelling and script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.matching.names import name_key, skeletons

ANY = st.text(max_size=80)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Kaskáda, spol. s r. o.", "kaskada"),
        ("KASKÁDA A. S.", "kaskada"),
        ("Kaskáda v.o.s. v likvidaci", "kaskada"),
        ("ТОВ «Каскад»", "kaskad"),
        ("Товариство з обмеженою відповідальністю «Каскад»", "kaskad"),
        ("Каскад, ПрАТ", "kaskad"),
        ("ФОП Каскад", "kaskad"),
        ("Kaskada sp. z o.o. sp. k.", "kaskada"),
        ("Kaskada Spółka z ograniczoną odpowiedzialnością", "kaskada"),
        ("UAB „Kaskada“", "kaskada"),
        ("Kaskada, uždaroji akcinė bendrovė", "kaskada"),
        ("IĮ Kaskada", "kaskada"),
        ("شرکت کاسکاد (سهامی خاص)", "kskd"),
        ("شرکت با مسئولیت محدود کاسکاد", "kskd"),
        ("مؤسسه کاسکاد", "kskd"),
        ("Cascade GmbH & Co. KG", "cascade"),
        ("Cascade Private Limited", "cascade"),
        ("Cascade S.p.A.", "cascade"),
        ("Kaskáda, společnost s\u00a0r.\u00a0o.", "kaskada"),
        ("Kaskáda a.s. (v konkursu), odštěpný závod", "kaskada"),
        ("ТОВ ВКФ «Каскад»", "kaskad"),
        ("TOB «Каскад»", "kaskad"),
        ("LLC “Каскад”", "kaskad"),
        ("Kaskada Spółka z o.o. s.k. w upadłości", "kaskada"),
        ("„Kaskada“, IĮ", "kaskada"),
        ("Kaskada, I\u0328I\u0328", "kaskada ii"),
        ("Kaskada, II\u0328", "kaskada"),
        ("ŽŪB „Kaskada“", "kaskada"),
        ("Bankrutavusi UAB „Kaskada“", "kaskada"),
        ("شرکت با مسؤولیت محدود كاسكاد", "kskd"),
        ("شركت\u200cكاسكاد (سهامي\u200cخاص)", "kskd"),
        ("مؤسسه\u200cی کاسکاد", "kskd"),
        ("AS „Kaskada“", "kaskada"),
        ("Kaskada, osaühing", "kaskada"),
        ("Kaskada Ges.m.b.H.", "kaskada"),
    ],
)
def test_legal_forms_go(typed: str, key: str) -> None:
    assert name_key(typed) == key


@pytest.mark.parametrize(
    ("typed", "key"), [("AB", "ab"), ("UAB AB", "ab"), ("AB UAB", "ab"), ("a.s.", "a s"), ("ТОВ", "tov"), ("!?", "")]
)
def test_a_name_is_never_taken_away_whole(typed: str, key: str) -> None:
    assert name_key(typed) == key


@pytest.mark.parametrize("typed", ["Kaskada II", "Kaskada VI", "Kaskada SI"])
def test_a_numeral_is_no_legal_form(typed: str) -> None:
    assert name_key(typed) == typed.lower()


@pytest.mark.parametrize(("typed", "meant"), [("\u0421ascade", "Cascade"), ("Be\u0441\u043da", "Весна")])
def test_letters_of_two_alphabets_in_one_word_hide_nobody(typed: str, meant: str) -> None:
    """As by mistake on two keyboards, or so that the registration of somebody else is not found."""
    assert name_key(typed) == name_key(meant)


def test_a_form_inside_the_name_stays() -> None:
    assert name_key("Obchod AS Praha s.r.o.") == "obchod as praha"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Щедрий", "Szczedryj"),
        ("Щедрий", "Shchedryi"),
        ("Сонячний", "Soňačnyj"),
        ("Хліб", "Chlib"),
        ("فولاد", "Foolad"),
        ("نوین", "Novin"),
        ("قشم", "Gheshm"),
        ("Wrzos", "Вжос"),
        ("Šermukšnis", "Шермукшніс"),
    ],
)
def test_a_sound_is_the_same_in_every_script(one: str, other: str) -> None:
    assert skeletons(one) & skeletons(other)


@pytest.mark.parametrize(("one", "other"), [("Kaskada", "Kaskana"), ("فولاد", "Folat"), ("Сокіл", "Сокир")])
def test_another_sound_is_another_name(one: str, other: str) -> None:
    assert not skeletons(one) & skeletons(other)


@given(ANY)
def test_the_key_of_a_key_is_itself(text: str) -> None:
    assert name_key(name_key(text)) == name_key(text)


@given(ANY)
def test_what_has_letters_keeps_some(text: str) -> None:
    assert bool(name_key(text)) >= any(c.isascii() and c.isalpha() for c in text)


@given(ANY, st.sampled_from(["s.r.o.", "ТОВ", "sp. z o.o.", "UAB", "شرکت", "Ltd"]))
def test_a_legal_form_more_changes_nothing(text: str, form: str) -> None:
    name = f"{text} Vydra"
    assert name_key(f"{name} {form}") == name_key(name)
