"""A template filled in as an officer would, and sixty-four mistakes, each in one cell of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

PROJECT = {
    "заглавие.bg": "Зелена алея",
    "промени на статуса.нов статус": "в изпълнение",
    "промени на статуса.дата": "15.03.2024",
    "финансиран по": "Европейска инициатива за климата",
    "бенефициент": "Община Русе",
    "бюджет.стойност": "250000",
    "бюджет.валута": "евро",
    "начална дата": "03.2024",
    "крайна дата": "2025",
}
EVENT = {"заглавие.bg": "Среща по проекта", "вид": "среща", "дата": "27.06.2024", "организатор": "Община Русе"}
ORGANISATION = {"наименование.bg": "Фонд за зелени градове", "вид": "фонд"}
PLACE = {"наименование.bg": "Крайречният парк", "вид": "населено място", "част от": "place/rse27"}
GOOD = {"Проект": PROJECT, "Събитие": EVENT, "Организация": ORGANISATION, "Място": PLACE}
NAMING = {
    "Проект": "заглавие.bg",
    "Събитие": "заглавие.bg",
    "Организация": "наименование.bg",
    "Място": "наименование.bg",
}
CLASSES = ("Project", "Event", "Organisation", "Place")


@dataclass(frozen=True)
class Mistake:
    """A row with one wrong cell."""

    sheet: str
    heading: str  # of the cell that is wrong
    value: str  # what stands there
    more: dict[str, str] = field(default_factory=dict)  # what else is in the row, and is right
    without: tuple[str, ...] = ()  # what is not


MISTAKES = (
    Mistake("Проект", "заглавие.bg", ""),
    Mistake("Проект", "заглавие.bg", "Зелeна улица с латинско е"),
    Mistake("Проект", "ид", "project/Зелен Парк"),
    Mistake("Проект", "ид", "event/zelen-park"),
    Mistake("Проект", "ид", "project/row-3"),
    Mistake("Проект", "промени на статуса.нов статус", ""),
    Mistake("Проект", "промени на статуса.нов статус", "в изпълнени"),
    Mistake("Проект", "промени на статуса.нов статус", "runing"),
    Mistake("Проект", "промени на статуса.дата", "вчера"),
    Mistake("Проект", "промени на статуса.лице или организация", "Общинa Рус"),
    Mistake("Проект", "бюджет.стойност", "5 лв."),
    Mistake("Проект", "бюджет.стойност", "12O"),
    Mistake("Проект", "бюджет.стойност", "-5"),
    Mistake("Проект", "бюджет.стойност", "1.234"),
    Mistake("Проект", "бюджет.стойност", "двеста хиляди"),
    Mistake("Проект", "бюджет.стойност", ""),
    Mistake("Проект", "бюджет.валута", "евроо"),
    Mistake("Проект", "бюджет.валута", ""),
    Mistake("Проект", "начална дата", "31.04.2024"),
    Mistake("Проект", "начална дата", "2024-13-02"),
    Mistake("Проект", "начална дата", "28/06/2024"),
    Mistake("Проект", "начална дата", "28.06.24"),
    Mistake("Проект", "начална дата", "2031"),
    Mistake("Проект", "крайна дата", "края на годината"),
    Mistake("Проект", "финансиран по", "Европейска инициатива за климат"),
    Mistake("Проект", "финансиран по", "Община Русе"),
    Mistake("Проект", "финансиран по", "programme/eukii"),
    Mistake("Проект", "финансиран от", "НДЕФФ"),
    Mistake("Проект", "партньор", "НСОРБ; НДЕФ; Русенски универзитет"),
    Mistake("Проект", "партньор", "organisation/ndeff; НСОРБ"),
    Mistake("Проект", "водещ партньор", "Община Бяла"),
    Mistake("Проект", "интернет страница", "www.ruse-bg.eu"),
    Mistake("Проект", "интернет страница", "https://ruse-bg.eu/нашият проект"),
    Mistake("Проект", "тема", "климатт"),
    Mistake("Проект", "тема", "климат; образованее"),
    Mistake("Проект", "местоположение", "place/rse2"),
    Mistake("Проект", "номер в keep.eu", "N 1234"),
    Mistake("Проект", "описание.bg", "За въпроси: ivan.petrov.1980@abv.bg"),
    Mistake("Проект", "описание.bg", "Обадете се на 0888 123 456 след обяд."),
    Mistake("Проект", "описание.bg", "Ръководител с ЕГН 7501020018."),
    Mistake("Проект", "описание.bg", "Подписа Иван Петров Георгиев."),
    Mistake("Проект", "участия.роля", "координаторр", {"участия.лице или организация": "НСОРБ"}),
    Mistake("Проект", "участия.роля", "", {"участия.лице или организация": "НСОРБ"}),
    Mistake("Проект", "участия.лице или организация", "", {"участия.роля": "координатор"}),
    Mistake("Събитие", "заглавие.bg", ""),
    Mistake("Събитие", "вид", "обученне"),
    Mistake("Събитие", "вид", ""),
    Mistake("Събитие", "дата", ""),
    Mistake("Събитие", "дата", "28 юни"),
    Mistake("Събитие", "дата", "30–26.06.2023"),
    Mistake("Събитие", "дата", "2024-02-30"),
    Mistake("Събитие", "начален час", "17 и половина"),
    Mistake("Събитие", "краен час", "25:10"),
    Mistake("Събитие", "начин на провеждане", "онлайнн"),
    Mistake("Събитие", "организатор", "Община Русее"),
    Mistake("Събитие", "по проект", "MENERGERSS"),
    Mistake("Събитие", "участник", "НСОРБ; НДЕФФ"),
    Mistake("Организация", "наименование.bg", ""),
    Mistake("Организация", "вид", "фонт"),
    Mistake("Организация", "ЕИК", "12345678"),
    Mistake("Организация", "дата на основаване", "XX век"),
    Mistake("Място", "ЕКАТТЕ", "63 42 7"),
    Mistake("Място", "код по NUTS", "bg 323"),
    Mistake("Място", "код на държава", "Вg"),
)


def headings(sheet: Worksheet) -> dict[str, int]:
    """The number of the column under each heading."""
    return {str(cell.value): number for number, cell in enumerate(sheet[1], 1)}


def planted(book: Workbook) -> dict[tuple[str, str], Mistake]:
    """Fills the sheets in, one good row before each wrong one; the cells that are wrong."""
    wrong: dict[tuple[str, str], Mistake] = {}
    rows: dict[str, Iterator[int]] = {name: iter(range(2, 1000)) for name in GOOD}
    for number, mistake in enumerate(MISTAKES):
        sheet = book[mistake.sheet]
        assert isinstance(sheet, Worksheet)
        columns = headings(sheet)
        kind = {"Проект": "project", "Събитие": "event", "Организация": "organisation", "Място": "place"}[mistake.sheet]
        for sound in (True, False):
            row = next(rows[mistake.sheet])
            name = GOOD[mistake.sheet][NAMING[mistake.sheet]]
            values = {
                "ид": f"{kind}/row-{number * 2 + sound}",
                **GOOD[mistake.sheet],
                NAMING[mistake.sheet]: f"{name} {number * 2 + sound}",
            }
            if not sound:
                values |= {**mistake.more, mistake.heading: mistake.value}
                wrong[mistake.sheet, sheet.cell(row, columns[mistake.heading]).coordinate] = mistake
            for heading, value in values.items():
                sheet.cell(row, columns[heading], value or None)
    return wrong
