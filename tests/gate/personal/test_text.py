"""What counts as personal data in a text, and what only looks like it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kg import resources
from kg.gate.personal.egn import check_digit, valid
from kg.gate.personal.kinds import Words, read_kinds
from kg.gate.personal.text import Searcher

FOLDER = resources.ONTOLOGY / "personal"
SEARCHER = Searcher(read_kinds(FOLDER / "kinds.yaml"), Words.read(FOLDER))
AROUND = st.sampled_from(["", "ЕГН ", "ЕГН:", "с ЕГН ", "(", "„", "Лице с номер "])
BEHIND = st.sampled_from(["", ".", ",", ")", "“", " от Русе", "; адрес", "\n"])


def kinds(text: str) -> set[str]:
    return {found.kind.id for found in SEARCHER.search(text)}


@st.composite
def personal_numbers(draw: st.DrawFn) -> str:
    """A valid number of someone born in any of the three centuries."""
    born = draw(st.dates(date(1800, 1, 1), date(2099, 12, 31)))
    month = born.month + {18: 20, 19: 0, 20: 40}[born.year // 100]
    nine = f"{born.year % 100:02}{month:02}{born.day:02}{draw(st.integers(0, 999)):03}"
    return f"{nine}{check_digit(nine)}"


@given(personal_numbers(), AROUND, BEHIND)
def test_every_valid_personal_number_is_found(number: str, before: str, behind: str) -> None:
    assert valid(number)
    assert "egn" in kinds(f"{before}{number}{behind}")


@given(personal_numbers(), st.integers(1, 9), AROUND, BEHIND)
def test_a_wrong_check_digit_is_no_personal_number(number: str, more: int, before: str, behind: str) -> None:
    wrong = f"{number[:9]}{(int(number[9]) + more) % 10}"
    assert not valid(wrong)
    assert "egn" not in kinds(f"{before}{wrong}{behind}")


@given(st.from_regex(r"[0-9]{10}", fullmatch=True))
def test_a_number_without_a_date_in_it_is_none(number: str) -> None:
    month, day = int(number[2:4]) % 20, int(number[4:6])
    assume(not 1 <= month <= 12 or not 1 <= day <= 31)
    assert not valid(number)


@given(st.from_regex(r"[0-9]{9}|[0-9]{13}", fullmatch=True), st.sampled_from(["", "ЕИК ", "БУЛСТАТ: ", "ЕИК/ПИК "]))
def test_codes_of_organisations_are_nothing_personal(code: str, before: str) -> None:
    assert kinds(f"{before}{code}") == set()


@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%Y-%m-%d", "%d.%m.%Y г."]),
)
def test_dates_are_no_telephones(day: date, form: str) -> None:
    written = day.strftime(form)
    assert kinds(written) == set()
    assert kinds(f"от {written} до {written}") == set()


@given(
    st.decimals(0, 10**9, places=2),
    st.sampled_from([" ", "\u00a0", "", "."]),
    st.sampled_from(["лв.", "BGN", "EUR", "€"]),
)
def test_amounts_are_no_telephones(amount: object, separator: str, currency: str) -> None:
    written = f"{amount:,}".replace(",", separator).replace(".", ",") if separator != "." else f"{amount}"
    assert "phone" not in kinds(f"Стойност {written} {currency}")


@given(
    st.sampled_from(
        [
            "BG16RFOP001-2.001-{:04}-C01",
            "BG-RRP-4.023-{:04}",
            "ДОГ-{:05}/2023",
            "№ РД-02-20-{:02}",
            "2014BG16RFOP{:03}",
            "RO-BG-{:03}",
        ]
    ),
    st.integers(0, 99999),
)
def test_numbers_of_contracts_are_no_telephones(form: str, number: int) -> None:
    assert kinds(form.format(number)) == set()


CITIES = st.sampled_from(["02", "032", "052", "056", "042", "082"])


@st.composite
def telephones(draw: st.DrawFn) -> str:
    """A number as people in Bulgaria write it."""
    mobile = draw(st.booleans())
    code = draw(st.sampled_from(["087", "088", "089"])) if mobile else draw(CITIES)
    rest = "".join(
        str(digit)
        for digit in draw(st.lists(st.integers(1, 9), min_size=7 if mobile else 6, max_size=7 if mobile else 6))
    )
    groups = [rest[:1], rest[1:4], rest[4:]] if mobile else [rest[:3], rest[3:]]
    space = draw(st.sampled_from([" ", "-"]))
    local = space.join(groups)
    head = draw(st.sampled_from([code, f"+359 {code[1:]}", f"00359 {code[1:]}", f"({code})"]))
    if mobile:
        local = local.replace(space, "", 1)
    return f"{head}{draw(st.sampled_from([' ', '/'] if head == code and not mobile else [' ']))}{local}"


@given(telephones(), st.sampled_from(["", "тел. ", "Телефон: ", "GSM ", "на "]), BEHIND)
def test_telephones_are_found(number: str, before: str, behind: str) -> None:
    assert "phone" in kinds(f"{before}{number}{behind}")


@given(st.from_regex(r"[a-z][a-z0-9._-]{0,20}[a-z0-9]@[a-z][a-z0-9-]{0,15}[a-z0-9]\.(bg|com|eu|org)", fullmatch=True))
def test_addresses_are_found(address: str) -> None:
    assert "email" in kinds(f"пишете на {address}.")


@pytest.mark.parametrize(
    "text",
    ["Участва Мария Петрова Иванова", "МАРИЯ ПЕТРОВА ИВАНОВА", "Ivan Petrov Ivanov", "Стоян Г. Михайлов",
     "Стоян Г.Михайлов", "Елена Димитрова Георгиева-Петрова", "жалба от Иван Стоянов Дойчински"],
)  # fmt: skip
def test_full_names_of_people_are_refused(text: str) -> None:
    assert kinds(text) == {"full-name"}


@pytest.mark.parametrize("text", ["Подкрепи го Стоян Михайлов", "Maria Ivanova каза", "с Елена Петкова от Русе"])
def test_shorter_names_are_warned_of(text: str) -> None:
    assert kinds(text) == {"name"}


@pytest.mark.parametrize(
    "text",
    ["ул. Христо Ботев", "улица „Васил Левски“", "СУ „Христо Ботев“", "читалище „Георги Стойков Раковски“",
     "ОУ „Проф. Асен Златаров“", "ЕТ „Иван Петров Иванов“", "кметът Иван Петров Иванов", "Иван Иванов, кмет на Русе",
     "министърът на околната среда Стоян Петров Михайлов", "площад Александър Батенберг", "Община Бяла Слатина",
     "Дирекция „Екология и зелени системи“", "Интеррег Румъния – България", "Зелен парк „Възраждане“",
     "Регионална библиотека „Любен Каравелов“", "Нов Дунавски мост", "Русенски университет „Ангел Кънчев“"],
)  # fmt: skip
def test_offices_streets_and_institutions_are_no_private_persons(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    ["Ремонт на улица „Проф. Иван Петров Иванов“", "ул. Проф. Иван Петров Иванов", "бул. „Акад. Иван Петров Иванов“ 5",
     "Училище по изкуства „Проф. Иван Петров Иванов“", "площад Иван Петров Иванов",
     "ОУ „Иван Петров Иванов“", "в болницата „Иван Петров Иванов“", "Библиотека \"Иван Петров Иванов\"",
     "стадион «Иван Петров Иванов»", "Награда „Мария Стоянова Георгиева“", "наградата „Проф. Мария Иванова Георгиева“",
     "носи името на Иван Петров Иванов", "Паметник на Иван Петров Иванов", "Works on Prof. Ivan Petrov Ivanov Street",
     "the “Ivan Petrov Ivanov” School", "детска градина № 5 „Мария Петрова Иванова“"],
)  # fmt: skip
def test_things_may_have_the_full_name_of_a_person(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    ["Награда на Мария Стоянова Георгиева", "къща на Иван Петров Иванов", "жалба от „Иван Петров Иванов“",
     "В парка Мария Петрова Иванова засади дърво", "Улица „Възраждане“ – Мария Петрова Иванова",
     "ДГ „Зора“ и Мария Стоянова Георгиева", "Ремонт на ул. „Шипка“. Мария Стоянова Георгиева",
     "Наградата е за Мария Стоянова Георгиева", "Ivan Petrov Ivanov, school"],
)  # fmt: skip
def test_whose_something_is_may_be_a_private_person(text: str) -> None:
    assert kinds(text) == {"full-name"}


def test_a_name_behind_quotation_marks_does_not_stand_in_them() -> None:
    assert kinds("„Фестивал“ Мария Иванова") == {"name"}


@pytest.mark.parametrize(
    ("id", "found"),
    [
        ("project/za-7523169263", {"egn"}),
        ("project/za-7523169264", set()),
        ("organisation/176789478", set()),
        ("organisation/0005306320123", set()),
        ("event/2024-06-01-0888123456", {"phone"}),
        ("event/tel-359-888-123-456", {"phone"}),
        ("grant/bg16rfop001-2-001-0001-c01", set()),
        ("grant/bg-rrp-4-023-0087-c02", set()),
        ("event/2023-06-28-08-30", set()),
        ("project/pishete-na-ivan-petrov-gmail-com", {"email"}),
        ("organisation/dir-bg", set()),
        ("event/sreshta-s-ivan-stoyanov-petrov", {"full-name"}),
        ("person/ivan-stoyanov-petrov", set()),
        ("facility/ulitsa-prof-ivan-petrov-ivanov", set()),
        ("organisation/ou-hristo-botev", set()),
        ("event/sreshta-s-kmeta-ivan-stoyanov-petrov", set()),
        ("event/nagrada-na-maria-stoyanova-georgieva", {"full-name"}),
        ("facility/pametnik-na-ivan-petrov-ivanov", set()),
        ("project/elektronni-uslugi-ivanov-petrov", set()),
    ],
)
def test_what_an_id_seems_to_hold(id: str, found: set[str]) -> None:
    assert {one.kind.id for one in SEARCHER.in_id(id)} == found
    assert not list(SEARCHER.in_id(id, [frozenset({"ivan", "petrov"}), frozenset({"maria", "georgieva"})])) or (
        found & {"egn", "phone", "email"}
    )


@given(personal_numbers())
def test_a_personal_number_in_an_id_is_found_and_not_shown(number: str) -> None:
    (found,) = SEARCHER.in_id(f"project/{number}")
    assert found.kind.certain
    assert found.masked == f"{number[0]}{'•' * 9}"


def test_who_has_an_entry_may_be_named() -> None:
    officials = {frozenset({"pencho", "milkov"}), frozenset({"penco", "milkov"})}
    assert not list(SEARCHER.search("Открит от Пенчо Милков", officials))
    assert not list(SEARCHER.search("Открит от Пенчо Пламенов Милков", officials))
    assert list(SEARCHER.search("Открит от Пенчо Пламенов Петков", officials))


@given(personal_numbers(), telephones())
def test_what_is_shown_is_masked(number: str, phone: str) -> None:
    text = f"Мария Петрова Иванова, {number}, тел. {phone}, maria.ivanova@example.bg"
    found = list(SEARCHER.search(text))
    assert {one.kind.id for one in found} == {"egn", "phone", "full-name", "email"}
    for one in found:
        told = text[one.start : one.end]
        assert told not in one.masked
        kept = sum(letter.isalnum() for letter in one.masked if letter != "•")
        assert kept <= 3
    assert "Мария" not in "".join(one.masked for one in found)


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    for found in SEARCHER.search(text):
        assert 0 <= found.start < found.end <= len(text)
