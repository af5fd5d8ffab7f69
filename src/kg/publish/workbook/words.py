"""What a workbook says to the person who fills it in, in Bulgarian."""

from __future__ import annotations

from collections.abc import Sequence

from kg import expected
from kg.context import Codes, Context
from kg.form import Need
from kg.load import exported
from kg.load.from_workbook import ABOUT
from kg.load.table import NOT_LOADED
from kg.publish.workbook.columns import Column, Content

INSTRUCTIONS, ORIGIN, LISTS, RESULT, EXPORTED = "Указания", "Източник", "Списъци", "Проверка", "Изнесено"
"""What the sheets for people are called."""
MARK = NOT_LOADED[0]
KEPT = exported.EXPORTED[0]
STATE = exported.MARKS
SOURCE = exported.FROM_SOURCE[0]
ROW = exported.ROW[0]
ID = "ид"

NEEDS = {
    Need.REQUIRED: "Задължително поле.",
    Need.RECOMMENDED: "Препоръчително поле: без него записът се приема с предупреждение.",
    Need.OPTIONAL: "",
}
_EITHER = {
    Need.REQUIRED: ("Задължително", "."),
    Need.RECOMMENDED: ("Препоръчително", "; без него записът се приема с предупреждение."),
}
_LANGUAGES = {"bg": "на български", "en": "на английски"}
_OWN = {
    Content.ID: "Идентификатор на записа: вид и име с малки латински букви, например {kind}/zelen-park. "
    "За нов запис може да остане празно: при зареждане с --assign-ids се попълва. Веднъж избран, не се променя.",
    Content.SOURCE: "Източникът, от който е редът. Не го променяйте; за нов ред оставете празно.",
    Content.ROW: "По тази колона зареждането познава кой ред какъв е бил. Не я променяйте.",
}
_UNCHANGED = "Не се променя; за нов ред – празно."
_SEVERAL = "Може да са няколко, разделени с точка и запетая (;)."
_NEW = "За нещо, което още го няма, първо добавете запис – в друг лист или файл."


def about(column: Column, either: Sequence[str], kind: str | None, context: Context, codes: Codes) -> str:
    """What stands in the comment of a heading: what the field is, what it takes, whether it must be there.

    `either` are the headings one of which is enough.
    """
    if column.last is None:
        return _OWN[column.content].format(kind=kind or "вид")
    lines = [_definition(column, context)]
    told = expected.term(context, codes, column.last.term)["bg"]
    if column.content is not Content.TEXT and told.casefold() not in (
        expected.TEXT["bg"],
        lines[0].removesuffix(".").casefold(),
    ):
        lines.append(f"Очаква се: {told}.")
    if column.several:
        lines.append(_SEVERAL)
    if column.content is Content.REFERENCE and column.last.wanted.classes:
        lines.append(_NEW)
    lines.append(_need(column, either, context))
    return "\n\n".join(line for line in lines if line)


def _definition(column: Column, context: Context) -> str:
    """What each field on the way is, and the language of the text."""
    told = []
    for field in column.fields:
        text = context.hints.definition(field.term.coercion or "", "bg") if field.wanted.patterns else None
        text = text or context.hints.definition(field.term.iri, "bg")
        if text:
            told.append(text)
    language = next((_LANGUAGES[step] for step in reversed(column.path) if step in _LANGUAGES), None)
    if language is not None:
        told.append(f"Тук – {language}.")
    return " ".join(told)


def _need(column: Column, either: Sequence[str], context: Context) -> str:
    """Whether the field must be there; a part of something is needed where that is there."""
    last = column.fields[-1]
    if either:
        how, end = _EITHER[last.need]
        when = ""
        if len(column.fields) > 1:
            whole = column.fields[-2]
            when = f", когато е попълнено друго от „{context.aliases.get(whole.name, whole.name)}“"
        return f"{how} е поне едно от: {', '.join(f'„{heading}“' for heading in either)}{when}{end}"
    if len(column.fields) > 1 and last.need is Need.REQUIRED and column.need is not Need.REQUIRED:
        whole = column.fields[-2]
        told = f"Задължително, когато е попълнено друго от „{context.aliases.get(whole.name, whole.name)}“."
        return f"{told} {NEEDS[column.need]}".strip()
    return NEEDS[column.need]


def prompt(column: Column, context: Context, codes: Codes, *, listed: bool) -> str:
    """What is shown beside a cell while it is filled in: a line or two; `listed` where it has a list to choose from."""
    if column.last is None:
        return "Оставете празно за нов запис." if column.content is Content.ID else _UNCHANGED
    if column.content is Content.TEXT:
        return ""
    if listed:
        told = "Изберете от списъка"
        told += (
            " или напишете наименование, съкращение или идентификатор." if column.content is Content.REFERENCE else "."
        )
    else:
        text = expected.term(context, codes, column.last.term)["bg"]
        if text == expected.TEXT["bg"]:
            return _SEVERAL if column.several else ""
        told = f"{text[:1].upper()}{text[1:]}."
    return f"{told} {_SEVERAL}" if column.several else told


WRONG = {
    Content.CODE: "Изберете стойност от списъка.",
    Content.REFERENCE: "Няма такова наименование в списъка. Ако записът е нов или е посочен с друго негово име, "
    "стойността може да остане.",
    Content.DECIMAL: "Запишете само числото, без валута.",
    Content.INTEGER: "Запишете цяло число.",
}
"""What a spreadsheet says of a value that a cell does not take."""


def instructions(sheets: Sequence[str], exported: bool) -> list[tuple[str, str]]:
    """The lines of the sheet of instructions, each with the name of its look."""
    lines = [
        ("small", f"{MARK}: този лист е само за четене."),
        ("title", "Указания за попълване"),
        ("text", f"Записите се въвеждат в {_named(sheets)}: един ред – един запис."),
        ("head", "Как се попълва"),
        ("text", "Цветът на заглавието казва колко е нужна колоната:"),
        ("required", "задължителна – без нея записът се отказва; когато е на няколко езика, стига един от тях"),
        ("recommended", "препоръчителна – без нея има предупреждение"),
        ("optional", "по желание – празната клетка значи „не е посочено“"),
        ("text", "Посочете с мишката заглавието на колона: показва се какво се пише в нея."),
        ("text", "Колона, която не ви трябва, може да се изтрие. Заглавията не се променят."),
        (
            "text",
            "За второ участие, втора промяна на статуса и т.н. добавете колони с номер: „участия.2.роля“, "
            "„участия.2.лице или организация“.",
        ),
        (
            "text",
            "Където се избира, до клетката се отваря списък. Наименованията в него са на вече познати записи; "
            "приемат се и съкращенията, ЕИК и идентификаторите им.",
        ),
        ("text", "Няколко стойности в една клетка се разделят с точка и запетая: Община Русе; НСОРБ."),
        ("text", "Дати: 28.06.2023, само месец 06.2023, само година 2023 или период 26–30.06.2023."),
        ("text", "Суми: само числото, например 250 000,00; валутата е в съседната колона."),
        (
            "text",
            f"В листа „{ORIGIN}“ кажете чии са новите редове, ако добавите такива."
            if exported
            else f"В листа „{ORIGIN}“ кажете чия е таблицата.",
        ),
        (
            "text",
            "Идентификаторът (колона „ид“) на нов запис може да остане празен: зареждането с --assign-ids го попълва "
            "в копие на файла, с което се продължава нататък.",
        ),
        ("text", "Лични данни – ЕГН, лични телефони и адреси, имена на частни лица – не се въвеждат."),
        (
            "text",
            "Ако такова нещо трябва да остане, добавете колоните „разрешени лични данни.за поле“ (заглавието на "
            "колоната, например описание.bg) и „разрешени лични данни.мотив“ (защо, с едно изречение).",
        ),
        ("head", "Как се проверява и зарежда"),
        ("code", "kg check ФАЙЛ.xlsx --annotate --assign-ids"),
        (
            "text",
            "Проверява, без да записва, и оставя до файла копие ФАЙЛ.checked.xlsx: грешните клетки са оцветени, "
            "а в бележката към всяка пише какво да се поправи.",
        ),
        ("code", "kg load ФАЙЛ.xlsx --assign-ids"),
        ("text", "Зарежда всичко наведнъж или, ако нещо е сгрешено, нищо."),
        (
            "text",
            f"Лист, чиято първа клетка започва с „{MARK}“, като този, не се чете при зареждане. За свои бележки "
            f"може да добавите и колона, чието заглавие започва така, например „{MARK}: мои бележки“.",
        ),
    ]
    if exported:
        lines += [
            ("head", "Изнесени записи"),
            (
                "text",
                "Редовете са записи, които вече са въведени. Всеки идва от един източник, посочен в колоната "
                f"„{SOURCE}“; когато за едно и също нещо говорят няколко източника, редовете са няколко.",
            ),
            ("text", "Зареждат се само клетките, които промените; изпразнена клетка премахва стойността."),
            ("text", "Ако междувременно друг е променил същото, зареждането го казва и не презаписва."),
            ("text", "Изтрит ред или колона не изтрива нищо. Записи се оттеглят с kg withdraw."),
            (
                "text",
                f"Нов ред се добавя в края, с празна клетка в „{SOURCE}“; чии са новите редове, се пише в листа "
                f"„{ORIGIN}“.",
            ),
            ("text", f"„{ID}“ и „{SOURCE}“ на изнесен ред не се променят: по тях се познава кой запис е."),
        ]
    return [(look, text) for look, text in lines if text]


_ORIGINS = (
    ("заглавие.bg", "", "Как се нарича, например „Проекти на дирекция Околна среда, 2024 г.“"),
    ("заглавие.en", "", "Същото на английски"),
    ("издател", "", "Организацията, която отговаря за записите, например Община Русе"),
    ("лиценз", "", "Адресът му, например https://creativecommons.org/licenses/by/4.0/; празно – „не е посочен“"),
    ("интернет страница", "", "Където се публикува, ако се публикува"),
    ("бележка", "", "Каквото още трябва да се знае за записите"),
)


def origins(exported: bool) -> list[tuple[str, str, str]]:
    """The sheet that says whose the workbook is, or of an exported one its new rows: names, values, what to write."""
    told = "Чия е таблицата. Попълнете втората колона; без заглавие зареждането предупреждава."
    if exported:
        told = f"Чии са новите редове с празна клетка в „{SOURCE}“. Ако не добавяте такива, оставете листа празен."
    return [(ABOUT[0], "", told), *_ORIGINS]


def _named(sheets: Sequence[str]) -> str:
    names = [f"„{name}“" for name in sheets]
    if len(names) == 1:
        return f"листа {names[0]}"
    return f"листовете {', '.join(names[:-1])} и {names[-1]}"
