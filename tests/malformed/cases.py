"""Malformed inputs of every reader: the files, and what must be said of them and where.

A place is a locator's text: `case.yaml:3`, `case.csv:2 „header“`, `case.xlsx[Лист1]:2 „header“`. A case may hold
several mistakes; all of them must be told at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tests.malformed import books

from kg.errors import Exit

BASE = "http://localhost:8000"
NS = "https://w3id.org/municipal-kg/ns#"


class Said(NamedTuple):
    """One expected finding: its place, and words of its message in both languages."""

    at: str
    en: str
    bg: str


@dataclass(frozen=True, slots=True)
class Case:
    """Files by name, and the findings that refuse them."""

    name: str
    files: Mapping[str, str | bytes]
    says: tuple[Said, ...]
    exit: Exit = Exit.REFUSED


def yaml(name: str, text: str | bytes, *says: tuple[str, str, str]) -> Case:
    """A mistake in case.yaml; places are lines."""
    return Case(name, {"case.yaml": text}, tuple(Said(f"case.yaml:{at}", en, bg) for at, en, bg in says))


def event(name: str, *said: str, **fields: str) -> Case:
    """A mistake in the first of these fields of an otherwise good event."""
    lines = ["- id: event/a", "  type: Event", "  kind: training", "  title: {bg: Обучение, en: Training}"]
    if "date" not in fields:
        lines.append("  date: 28.06.2023")
    at = len(lines) + 1
    lines += [f"  {field}: {value}" for field, value in fields.items()]
    return yaml(name, "\n".join(lines) + "\n", (str(at), said[0], said[1]))


def csv(name: str, text: str | bytes, *says: tuple[str, str, str]) -> Case:
    """A mistake in case.csv; places are lines, with the column's header where one is to blame."""
    return Case(name, {"case.csv": text}, tuple(Said(f"case.csv:{at}", en, bg) for at, en, bg in says))


def xlsx(name: str, raw: bytes, *says: tuple[str, str, str]) -> Case:
    """A mistake in case.xlsx."""
    return Case(name, {"case.xlsx": raw}, tuple(Said(f"case.xlsx{at}", en, bg) for at, en, bg in says))


def rdf(name: str, suffix: str, text: str | bytes, at: int, en: str, bg: str) -> Case:
    """A mistake in an RDF file."""
    return Case(name, {f"case.{suffix}": text}, (Said(f"case.{suffix}:{at}", en, bg),))


def ids(name: str, id: str, en: str, bg: str) -> Case:
    """An id that is none, on the first line."""
    return yaml(name, f"- id: {id}\n  type: Event\n  title: Обучение\n", ("1", en, bg))


def sources(name: str, text: str, at: int, en: str, bg: str) -> Case:
    """A mistake in sources.yaml beside a good file."""
    return Case(name, {"sources.yaml": text, "case.yaml": ONE}, (Said(f"sources.yaml:{at}", en, bg),))


def columns(name: str, text: str, at: str, en: str, bg: str) -> Case:
    """A mistake in the column map of a good table."""
    table = "number,name\n1,Обучение\n"
    return Case(name, {"case.columns.yaml": text, "case.csv": table}, (Said(at, en, bg),))


ONE = "- {id: event/a, type: Event, kind: training, title: {bg: Обучение, en: Training}, date: 28.06.2023}\n"
SOURCE = "  - {id: case, title: x, licenceNotStated: true}"
HEAD = ("id", "type", "kind", "title.bg", "date")
ROW = ("event/a", "Event", "training", "Обучение", "28.06.2023")
NO_ID, NOT_AN_ID = "is no id; write event/name", "не е идентификатор; пишете event/име"
NO_DATE, NOT_A_DATE = "is no date that can be read", "не може да се прочете като дата"
NO_DAY, NOT_A_DAY = "is no day of the calendar", "не е ден от календара"
NO_NUMBER, NOT_A_NUMBER = "is no number; write", "не е число; пишете"

YAML_FORM = (
    yaml("empty file", b"", ("1", "the file is empty", "файлът е празен")),
    yaml("only blank lines", "\n\n  \n", ("1", "the file is empty", "файлът е празен")),
    yaml("only a comment", "# нищо\n", ("1", "holds no entries", "не съдържа записи")),
    yaml("a text instead of a list", "просто текст\n", ("1", "no list of entries", "списък със записи")),
    yaml("a group where a list belongs", "entries:\n  id: event/a\n", ("2", "must be a list", "трябва да са списък")),
    yaml("no entries at the head", "source: case\n", ("1", "there is no „entries:“", "липсва „entries:“")),
    yaml("an entry that is a text", "- event/a\n", ("1", "an entry must have fields", "записът трябва да има полета")),
    yaml("an entry that is a list", "- [event/a, Event]\n", ("1", "an entry must have fields", "трябва да има полета")),
    yaml(
        "an unknown key at the head",
        f"author: аз\nentries:\n{ONE}",
        ("1", "„author“ is not known at the head", "„author“ не е познато в началото"),
    ),
    yaml("a list as the source", f"source: [a, b]\nentries:\n{ONE}", ("1", "must be one word", "една дума")),
    yaml(
        "a tab as indent", "- id: event/a\n\ttype: Event\n", ("2", "the file breaks off here", "не може да се прочете")
    ),
    yaml("an unclosed quotation mark", '- id: event/a\n  title: "Обучение\n', ("2", "breaks off", "не може да се")),
    yaml("an unclosed bracket", "- id: event/a\n  title: {bg: Обучение\n", ("2", "breaks off", "не може да се")),
    yaml("a colon inside a text", "- id: event/a\n  title: Обучение: първи ден\n", ("2", "breaks off", "двоеточията")),
    yaml("uneven indent", "- id: event/a\n   type: Event\n", ("2", "breaks off", "Проверете отстъпа")),
    yaml("two documents", f"{ONE}---\n{ONE}", ("2", "one document", "един документ")),
    yaml("a Python object", "- !!python/object/apply:os.system [echo]\n", ("1", "the tag", "означението")),
    yaml("a tag on a text", "- id: !!binary ZXZlbnQ=\n  type: Event\n", ("1", "the tag", "означението")),
    yaml("an anchor", "- id: &a event/a\n  type: Event\n", ("1", "anchors and aliases", "отпратки")),
    yaml("a merge key", "- id: event/a\n  <<: *b\n", ("2", "anchors and aliases", "отпратки")),
    yaml(
        "an alias bomb",
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
        ("1", "anchors and aliases", "отпратки"),
    ),
    yaml("brackets without end", "[" * 100_000, ("1", "nested more than", "са вложени на повече от")),
    yaml(
        "deep nesting",
        "- id: event/a\n" + "".join("  " * (n + 1) + "title:\n" for n in range(20)),
        ("13", "nested more than", "са вложени на повече от"),
    ),
    yaml("a list as a field's name", "- ? [id]\n  : event/a\n", ("1", "must be a word", "трябва да е дума")),
    yaml(
        "a field twice",
        "- id: event/a\n  type: Event\n  title: А\n  title: Б\n",
        ("4", "the field „title“ is here twice (first on line 3)", "„title“ е написано два пъти (първо на ред 3)"),
    ),
    yaml("a language twice", "- id: event/a\n  title:\n    bg: А\n    bg: Б\n", ("4", "is here twice", "два пъти")),
    yaml(
        "a field under both of its names",
        "- id: event/a\n  type: Event\n  title: А\n  заглавие: Б\n",
        ("4", "are the same field", "са едно и също поле"),
    ),
    event("null", "„null“ is no value", "„null“ не е стойност", description="null"),
    event("a tilde", "„~“ is no value", "„~“ не е стойност", description="~"),
    yaml("UTF-16 without a mark", ONE.encode("utf-16-le"), ("1", "control character U+0000", "управляващият знак")),
    yaml("a picture", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xd8", ("1", "neither UTF-8 nor", "нито в UTF-8")),
    yaml(
        "Latin-1", "- id: event/a\n  title: Fête à Ségovie\n".encode("latin-1"), ("2", "save it as UTF-8", "като UTF-8")
    ),
    yaml(
        "CP1251 with a byte that it does not have",
        b"- id: event/a\n  title: \xce\xe1\xf3\xf7\xe5\xed\xe8\xe5 \x98\n",
        ("2", "neither UTF-8 nor", "нито в UTF-8"),
    ),
    yaml("a NUL byte", "- id: event/a\n  type: Event\0\n", ("2", "control character U+0000", "управляващият знак")),
    yaml("a form feed", "- id: event/a\n  title: А\n\f\n", ("3", "control character U+000C", "управляващият знак")),
    yaml(
        "a C1 control character",
        "- id: event/a\n  title: А\x85\x81Б\n",
        ("2", "control character U+0081", "управляващият знак"),
    ),
    yaml(
        "half of a pair",
        '- id: event/a\n  type: Event\n  title: "\\ud83d"\n',
        ("3", "breaks off", "не може да се прочете"),
    ),
)

ENTRY_FORM = (
    ids("an id with a space", "event/my event", NO_ID, NOT_AN_ID),
    ids("an id with a colon", "event/a:b", NO_ID, NOT_AN_ID),
    ids("an id that is an address", "https://example.org/a", NO_ID, NOT_AN_ID),
    ids("an id with a scheme of its own", "urn:a/b", NO_ID, NOT_AN_ID),
    ids("an id in capital letters", "Event/A", NO_ID, NOT_AN_ID),
    ids("an id in Cyrillic", "event/обучение", NO_ID, NOT_AN_ID),
    ids("an id with look-alike letters", "event/оbuchenie", NO_ID, NOT_AN_ID),
    ids("an id without a kind", "training", NO_ID, NOT_AN_ID),
    ids("an id of three parts", "event/a/b", NO_ID, NOT_AN_ID),
    ids("an id that climbs", "event/../meta", NO_ID, NOT_AN_ID),
    ids("an id with nothing behind the stroke", "event/", NO_ID, NOT_AN_ID),
    ids("an id that is too long", f"event/{'a' * 61}", NO_ID, NOT_AN_ID),
    ids("an id of an unknown kind", "banana/a", NO_ID, NOT_AN_ID),
    ids("an id of another kind", "project/a", "begins with event/", "започва с event/"),
    ids("a list as id", "[event/a]", "must be one word", "трябва да е една дума"),
    yaml(
        "no id",
        "- type: Event\n  title: А\n",
        ("1", "has no „id:“; „event/a“", "няма идентификатор (поле „ид“); подходящ е „event/a“"),
    ),
    yaml("no type", "- id: event/a\n  title: А\n", ("1", "has no „type:“", "няма тип")),
    yaml("an unknown type", "- id: event/a\n  type: Evnet\n", ("2", "did you mean „Event“", "може би „Event“")),
    yaml(
        "an unknown type in Bulgarian",
        "- id: event/a\n  тип: Съботие\n",
        ("2", "did you mean „Събитие“", "може би „Събитие“"),
    ),
    yaml("a type that is a field", "- id: event/a\n  type: title\n", ("2", "is no type; ", "не е познат тип")),
    yaml(
        "one id twice in a file",
        f"{ONE}{ONE}",
        ("2", "already described at case.yaml:1", "вече е описано на case.yaml:1"),
    ),
    Case(
        "one id in two files of a source",
        {
            "a.yaml": f"source: case\nentries:\n{ONE}",
            "b.csv": f"{','.join(HEAD)}\n{','.join(ROW)}\n",
            "b.columns.yaml": "source: case\n"
            "columns: {id: id, type: type, kind: kind, title.bg: title.bg, date: date}\n",
        },
        (
            Said(
                "b.csv:2 „id“", "already described at a.yaml:3 of the same source", "вече е описано на a.yaml:3 в същия"
            ),
        ),
    ),
    event(
        "an unknown field",
        "unknown field „titel“; did you mean „title“",
        "непознато поле „titel“; може би „title“",
        titel="А",
    ),
    event("an unknown field in Bulgarian", "did you mean „организатор“", "може би „организатор“", организтор="НДЕФ"),
    event(
        "a field that the class does not have",
        "unknown field „constructor“",
        "непознато поле „constructor“",
        constructor="x",
    ),
    yaml(
        "an unknown code",
        "- id: event/a\n  type: Event\n  title: А\n  kind: trainning\n",
        ("4", "„trainning“ is not in the list of „kind“; possible: training", "„trainning“ не е в списъка за „kind“"),
    ),
    event(
        "an unknown code in a list",
        "„banana“ is not in the list",
        "„banana“ не е в списъка",
        theme="[energy-efficiency, banana]",
    ),
    event(
        "an empty language",
        "„deutsch language“ is no language",
        "„deutsch language“ не е език",
        description="{deutsch language: x}",
    ),
    event("fields in a text", "must be a text", "трябва да е текст", description="{bg: {en: x}}"),
    event("fields in a date", "takes a text", "приема текст", date="{start: 2023}"),
    event("fields in a reference", "takes a text", "приема текст", organiser="{id: organisation/ndef}"),
    event("a text for an amount", "takes fields of its own", "пишете {стойност: …, валута: …", budget="469794.74"),
    event(
        "an unknown field in an amount",
        "unknown field „valeu“; did you mean „value“",
        "може би „value“",
        budget="{valeu: 1}",
    ),
    event(
        "an unknown currency",
        "„XYZ“ is not in the list of „currency“",
        "„XYZ“ не е в списъка",
        budget="{value: 1, currency: XYZ}",
    ),
    event(
        "a number that can be two",
        "can be read in two ways; for thousands write 1234, else 1.2340",
        "ако са хиляди, пишете 1234, а ако не са – 1,2340",
        budget="{value: 1.234, currency: EUR}",
    ),
    event("a number with its currency", NO_NUMBER, NOT_A_NUMBER, budget="{value: 100 лв., currency: BGN}"),
    event("words for a number", NO_NUMBER, NOT_A_NUMBER, budget="{value: сто, currency: BGN}"),
    event("spaces in the wrong places", NO_NUMBER, NOT_A_NUMBER, budget="{value: 1 00 000, currency: BGN}"),
    event(
        "an endless number",
        "more digits than can be kept",
        "повече цифри",
        budget=f"{{value: {'9' * 19}, currency: BGN}}",
    ),
    event("a number with an exponent", NO_NUMBER, NOT_A_NUMBER, budget="{value: 1e6, currency: BGN}"),
    event("infinity", NO_NUMBER, NOT_A_NUMBER, budget="{value: INF, currency: BGN}"),
    event("a number in other digits", NO_NUMBER, NOT_A_NUMBER, budget="{value: ١٢, currency: BGN}"),
    event("no whole number", "is no whole number", "не е цяло число", count="26.5"),
    event("a day that is none", NO_DAY, NOT_A_DAY, date="31.02.2023"),
    event("a day that is none, ISO", NO_DAY, NOT_A_DAY, date="2023-02-30"),
    event("a week that is none", NO_DAY, NOT_A_DAY, date="2023-W60"),
    event("a month that is none", NO_DAY, NOT_A_DAY, date="13.2023"),
    event(
        "a day without a year",
        "has no year; add it, for example 28 юни 2024",
        "е без година; добавете я, например 28 юни 2024",
        date="28 юни",
    ),
    event("a year of two digits", "four digits", "с четири цифри", date="28.06.23"),
    event("an American date", NO_DATE, NOT_A_DATE, date="06/28/2023"),
    event("an end before its start", "ends before it starts", "свършва преди да е започнало", date="30–26.06.2023"),
    event("words for a date", NO_DATE, NOT_A_DATE, date="миналата седмица"),
    event("a year far away", "the year is outside", "годината е извън", date="0023"),
    event("an impossible hour", "no possible hour", "невъзможен час", date="28.06.2023 25:70"),
    event("an hour without a day", "an hour but no day", "съдържа час, но не и ден", date="06.2023 17:00"),
    event("two dates", "takes one date", "приема една дата", date="[2023-06-28, 2023-06-30]"),
    event("a time that is none", "is no hour", "не е час", startTime="25:00"),
    yaml(
        "a span for a start",
        "- {id: project/a, type: Project, title: А,\n   startDate: 15.03.2024 - 20.03.2024}\n",
        (
            "2",
            "write its start here, and its end in „endDate“",
            "тук напишете началото, а края – в „крайна дата“",
        ),
    ),
    event("a span for a day", "not a longer span", "а не период", issued="26–30.06.2023"),
    yaml(
        "two fields that say two days",
        "- id: event/a\n  type: Event\n  date: 28.06.2023\n  startDate: 27.06.2023\n",
        ("4", "„startDate“ says another startDate than „date“ does", "каквото „date“"),
    ),
    event(
        "an unknown name",
        "nothing known is called „НДЕФФ“; did you mean",
        "няма запис с име „НДЕФФ“; може би",
        organiser="НДЕФФ",
    ),
    event(
        "a name of two",
        "may be any of organisation/zora-ruse, organisation/zora-sofia",
        "може да е всяко от",
        organiser="Читалище Зора",
    ),
    event(
        "a name of another kind",
        "nothing known is called „Енергия за всички“",
        "няма запис с име",
        organiser="Енергия за всички",
    ),
    event("an address with a space", "is no web address", "не е уеб адрес", homepage="https://example.org/a b"),
    event("an address with brackets", "is no web address", "не е уеб адрес", homepage='"https://example.org/<a>"'),
    event(
        "a homepage without http",
        "write it with https:// in front",
        "напишете го с https:// отпред",
        homepage="www.example.org",
    ),
    event("evidence that is a text", "evidence takes fields", "доказателството има полета", evidence="страница 3"),
    event(
        "an unknown field in evidence",
        "unknown field „form“ in evidence",
        "непознато поле „form“ в доказателство",
        evidence="[{of: title, form: x}]",
    ),
    event(
        "fields in evidence",
        "„at“ in evidence takes a text",
        "„at“ в доказателство приема текст",
        evidence="[{of: title, at: {page: 3}}]",
    ),
    event(
        "evidence for an unknown field",
        "unknown field „titel“; did you mean „title“",
        "може би „title“",
        evidence="[{of: titel}]",
    ),
    event(
        "evidence for a field that is not there",
        "unknown field „organiser“",
        "непознато поле „organiser“",
        evidence="[{of: organiser}]",
    ),
    event(
        "a span that runs backwards",
        "the first number must be the smaller",
        "първото число трябва да е по-малкото",
        evidence="[{of: title, at: 216-194}]",
    ),
    event(
        "a place that is none", "is no place in a text", "не е място в текст", evidence="[{of: title, at: горе вляво}]"
    ),
    event(
        "an unknown basis",
        "„guess“ is not in the list of „basis“",
        "„guess“ не е в списъка",
        evidence="[{of: title, basis: guess}]",
    ),
    event(
        "an unknown rule",
        "is not in the list of „rule“",
        "не е в списъка за „rule“",
        evidence="[{of: title, basis: inferred, rule: my-feeling}]",
    ),
    event(
        "a value for two fields",
        "exactly one field beside it",
        "точно едно поле",
        evidence="[{of: [title, kind], ofValue: x}]",
    ),
    yaml(
        "a file's basis that is none",
        f"basis: guess\nentries:\n{ONE}",
        ("1", "„guess“ is not in the list of „basis“", "„guess“ не е в списъка за „basis“"),
    ),
    yaml("a file's period that is none", f"period: някога\nentries:\n{ONE}", ("1", NO_DATE, NOT_A_DATE)),
    yaml(
        "a source id with a space",
        f"source: my source\nentries:\n{ONE}",
        ("1", "„my source“ is no source id", "„my source“ не е идентификатор на източник"),
    ),
    yaml(
        "a source that is the graph of graphs",
        f"source: meta\nentries:\n{ONE}",
        ("1", "„meta“ is no source id", "„meta“ не е идентификатор на източник"),
    ),
    yaml(
        "a source below a derived graph",
        f"source: derived\nentries:\n{ONE}",
        ("1", "is no source id", "не е идентификатор на източник"),
    ),
    Case(
        "a file name that is no source id",
        {"Отчет (2).yaml": ONE},
        (Said("Отчет (2).yaml:1", "rename the file", "преименувайте файла"),),
    ),
    Case(
        "a file of another kind",
        {"case.docx": "x"},
        (Said("case.docx:1", "„.docx“ are not read; put the data into a workbook", "пренесете данните в таблица"),),
        Exit.USAGE,
    ),
    Case(
        "a workbook of another kind",
        {"case.xls": "x"},
        (Said("case.xls:1", "open it and save it as .xlsx", "запишете като .xlsx"),),
        Exit.USAGE,
    ),
    Case(
        "a file without an ending", {"case": "x"}, (Said("case:1", "without an ending", "без окончание"),), Exit.USAGE
    ),
)

CSV_FORM = (
    csv("an empty table", b"", ("1", "the file is empty", "файлът е празен")),
    csv(
        "a header twice",
        "id,type,id\nevent/a,Event,event/b\n",
        ("1 „id“", "the header „id“ is here twice", "„id“ се повтаря"),
    ),
    csv(
        "a column without a header",
        "id,,type\nevent/a,x,Event\n",
        ("1", "column 2 has no header", "колона 2 няма заглавие"),
    ),
    csv(
        "a row that is too long",
        "id,type\nevent/a,Event,x,y\n",
        ("2", "the row has 4 cells and the header 2", "редът има 4 клетки"),
    ),
    csv(
        "a quotation mark without its pair",
        'id,type,title.bg\nevent/a,Event,А\nevent/b,Event,"Б\n',
        ("3", "not closed", "незатворена кавичка"),
    ),
    csv("a text behind a quotation mark", 'id,type,title.bg\nevent/a,Event,"А"Б\n', ("2", "quotation mark", "кавичка")),
    csv("a NUL byte in a table", "id,type\nevent/a,Ev\0ent\n", ("2", "control character U+0000", "управляващият знак")),
    csv(
        "an endless cell",
        f"id,type,title.bg\nevent/a,Event,{'x' * 1_000_001}\n",
        ("2", "field larger than", "не може да се прочете"),
    ),
    csv("a table without ids", "type,title.bg\nEvent,А\n", ("2", "has no „id:“", "няма идентификатор")),
    csv("a table without types", "id,title.bg\nevent/a,А\n", ("2", "has no „type:“", "няма тип")),
    csv(
        "an unknown header",
        "id,type,titel.bg\nevent/a,Event,А\n",
        ("1 „titel.bg“", "did you mean „title“", "може би „title“"),
    ),
    csv(
        "a wrong language in a header",
        "id,type,title.de1!\nevent/a,Event,А\n",
        ("1 „title.de1!“", "is no language", "не е език"),
    ),
    csv("a date that is none in a table", "id,type,date\nevent/a,Event,31.02.2023\n", ("2 „date“", NO_DAY, NOT_A_DAY)),
    csv(
        "a number that is none in a table",
        "id;type;budget.value\nproject/a;Project;много\n",
        ("2 „budget.value“", NO_NUMBER, NOT_A_NUMBER),
    ),
    csv(
        "an error value in a table",
        "id,type,title.bg\nevent/a,Event,#REF!\n",
        ("2 „title.bg“", "holds #REF! and no value", "съдържа #REF!, а не стойност"),
    ),
    csv(
        "an unknown name in a table",
        "id,type,organiser\nevent/a,Event,НДЕФ;Никой\n",
        ("2 „organiser“", "nothing known is called „Никой“", "няма запис с име „Никой“"),
    ),
    csv(
        "two columns that collide",
        "id,type,title,title.bg\nevent/a,Event,А,Б\n",
        ("2 „title.bg“", "collides with another column", "се сблъсква с друга колона"),
    ),
    csv(
        "Latin-1 in a table",
        "id,type,title.bg\nevent/a,Event,Fête à Ségovie\n".encode("latin-1"),
        ("2", "save it as UTF-8", "като UTF-8"),
    ),
    csv(
        "mistakes behind a text of three lines",
        'id,type,description.bg,date\nevent/a,Event,"1\n2\n3",2023\nevent/b,Event,x,вчера\n',
        ("5 „date“", NO_DATE, NOT_A_DATE),
    ),
    csv(
        "one id twice in a table",
        "id,type,title.bg\nevent/a,Event,А\nevent/b,Event,Б\nevent/a,Event,В\n",
        ("4 „id“", "already described at case.csv:2", "вече е описано на case.csv:2"),
    ),
    Case(
        "an id with a space in a TSV",
        {"case.tsv": "id\ttype\nevent/my event\tEvent\n"},
        (Said("case.tsv:2 „id“", NO_ID, NOT_AN_ID),),
    ),
    Case("an empty TSV", {"case.tsv": " \n"}, (Said("case.tsv:1", "the file is empty", "файлът е празен"),)),
)

XLSX_FORM = (
    xlsx("no workbook at all", b"id,type\nevent/a,Event\n", (":1", "not an .xlsx workbook", "не е таблица .xlsx")),
    xlsx("an empty workbook file", b"", (":1", "the file is empty", "файлът е празен")),
    xlsx("a workbook with a password", books.locked(), (":1", "it has a password", "защитена с парола")),
    xlsx("a workbook with encrypted parts", books.flagged(), (":1", "protected by a password", "защитена с парола")),
    xlsx(
        "a zip archive of something else",
        books.packed({"a.txt": "x"}),
        (":1", "not an .xlsx workbook", "не е таблица .xlsx"),
    ),
    xlsx("half a workbook", books.workbook([HEAD, ROW])[:2000], (":1", "not an .xlsx workbook", "не е таблица .xlsx")),
    xlsx("a zip bomb", books.bomb(), (":1", "unpacks to 64 MiB", "се разгръща до 64 MiB")),
    xlsx("a zip bomb that hides its size", books.lying_bomb(), (":1", "not an .xlsx workbook", "не е таблица .xlsx")),
    xlsx("a workbook of too many parts", books.many_parts(), (":1", "has 10006 parts", "се състои от 10006 части")),
    xlsx(
        "a cell at the end of the world",
        books.far_cell(),
        (":1", "spans 1048576 × 16384 cells", "заема 1048576 × 16384 клетки"),
    ),
    xlsx(
        "a sheet that is no XML",
        books.packed(books.skeleton(b"<worksheet><sheetData><row")),
        (":1", "cannot be read", "не може да се прочете"),
    ),
    xlsx("a workbook without a cell", books.workbook([]), (":1", "the workbook is empty", "таблицата е празна")),
    xlsx(
        "an error of a formula",
        books.workbook([HEAD, (*ROW[:3], "#REF!", ROW[4])]),
        ("[Лист1]:2 „title.bg“", "holds #REF! and no value", "съдържа #REF!, а не стойност"),
    ),
    xlsx(
        "a formula without a result",
        books.workbook([HEAD, (*ROW[:3], "=A1&B1", ROW[4])]),
        ("[Лист1]:2 „title.bg“", "holds =A1&B1 and no value", "съдържа =A1&B1, а не стойност"),
    ),
    xlsx(
        "a header twice in a sheet",
        books.workbook([("id", "id"), ("event/a", "event/b")]),
        ("[Лист1]:1 „id“", "„id“ is here twice", "„id“ се повтаря"),
    ),
    xlsx(
        "a column without a header in a sheet",
        books.workbook([("id", None, "type"), ("event/a", "x", "Event")]),
        ("[Лист1]:1", "column B has no header", "колона B няма заглавие"),
    ),
    xlsx(
        "a row that is longer than its header",
        books.workbook([HEAD, (*ROW, "x")]),
        ("[Лист1]:2", "no heading above it", "няма заглавие"),
    ),
    xlsx(
        "an id with a space on the second sheet",
        books.workbook([HEAD, ROW], more={"Още": [HEAD, ("event/b c", *ROW[1:])]}),
        ("[Още]:2 „id“", NO_ID, NOT_AN_ID),
    ),
    xlsx("a number for a date", books.workbook([HEAD, (*ROW[:4], 45105)]), ("[Лист1]:2 „date“", NO_DATE, NOT_A_DATE)),
)

RDF_FORM = (
    rdf(
        "no dot",
        "ttl",
        f"@prefix mkg: <{NS}> .\n<event/a> a mkg:Event\n<event/b> a mkg:Event .\n",
        3,
        "breaks off",
        "не може да се прочете",
    ),
    rdf("an unknown prefix", "ttl", "<event/a>\n  a foo:Event .\n", 2, "breaks off", "не може да се прочете"),
    rdf("an IRI with a space", "ttl", f"<event/a b> a <{NS}Event> .\n", 1, "breaks off", "не може да се прочете"),
    rdf(
        "a text without end",
        "ttl",
        f'<event/a> a <{NS}Event> .\n<event/a> <{NS}date> "x .\n',
        2,
        "breaks off",
        "не може да се прочете",
    ),
    rdf("an empty graph", "ttl", "@prefix mkg: <x:> .\n", 1, "holds no triples", "не съдържа твърдения"),
    rdf(
        "an unknown class",
        "ttl",
        f"@prefix mkg: <{NS}> .\n<event/a> a mkg:Evnet .\n",
        2,
        "no term „Evnet“; did you mean „Event“",
        "няма „Evnet“; може би „Event“",
    ),
    rdf(
        "an unknown property",
        "ttl",
        f"@prefix mkg: <{NS}> .\n<event/a> a mkg:Event ;\n  mkg:organizer <organisation/ndef> .\n",
        3,
        "no term „organizer“; did you mean „organiser“",
        "може би „organiser“",
    ),
    rdf(
        "an id under the base that is none",
        "ttl",
        f"<event/a> a <{NS}Event> .\n<event/%D0%B0> a <{NS}Event> .\n",
        2,
        "is no id; write kind/name",
        "не е идентификатор; пишете вид/име",
    ),
    rdf(
        "an id under the base of an unknown kind",
        "ttl",
        f"<banana/a> a <{NS}Event> .\n",
        1,
        "is no id; write kind/name",
        "не е идентификатор; пишете вид/име",
    ),
    rdf(
        "an empty text",
        "ttl",
        f"<event/a> a <{NS}Event> .\n<event/a> <http://purl.org/dc/terms/title> ' '@bg .\n",
        2,
        "an empty text says nothing",
        "празният текст не казва нищо",
    ),
    rdf(
        "a statement about a statement",
        "ttl",
        f"<event/a> a <{NS}Event> .\n<event/a> <{NS}about> <<( <event/a> a <{NS}Event> )>> .\n",
        2,
        "a statement about a statement",
        "твърдение за твърдение",
    ),
    rdf(
        "text that is not UTF-8",
        "ttl",
        f'<event/a> a <{NS}Event> .\n<event/a> <{NS}about> "'.encode() + b'\xce\xe1\xf3" .\n',
        2,
        "breaks off",
        "не може да се прочете",
    ),
    rdf(
        "blank nodes in a knot",
        "ttl",
        "".join(f"_:b{n} <{NS}about> _:b{(n + 1) % 2001} .\n" for n in range(2001)),
        1,
        "give the nodes names of their own",
        "дайте им имена",
    ),
    rdf("no full IRI", "nt", "<event/a> <x:p> <x:o> .\n", 1, "breaks off", "не може да се прочете"),
    rdf(
        "a statement without an object",
        "nt",
        "<x:s> <x:p> <x:o> .\n<x:s> <x:p> .\n",
        2,
        "breaks off",
        "не може да се прочете",
    ),
    rdf("five terms in a line", "nq", "<x:s> <x:p> <x:o> <x:g> <x:h> .\n", 1, "breaks off", "не може да се прочете"),
    rdf(
        "a graph of another base",
        "nq",
        f"<{BASE}/id/event/a> <{NS}about> <{BASE}/id/event/a> <https://elsewhere.example/graph/x> .\n",
        1,
        "the graph „https://elsewhere.example/graph/x“ cannot be loaded",
        "не може да се зареди",
    ),
    rdf(
        "the graph of graphs",
        "nq",
        f'<{BASE}/graph/x> <{NS}owner> "me" <{BASE}/graph/meta> .\n',
        1,
        "/graph/meta“ cannot be loaded",
        "/graph/meta“ не може да се зареди",
    ),
    rdf(
        "a derived graph",
        "trig",
        f"<{BASE}/graph/derived> {{ <event/a> <{NS}about> <event/a> }}\n",
        1,
        "cannot be loaded",
        "не може да се зареди",
    ),
    rdf(
        "a graph without a name", "trig", f"_:g {{ <event/a> <{NS}about> <event/a> }}\n", 1, "without a name", "без име"
    ),
    rdf(
        "a brace without end",
        "trig",
        f"<{BASE}/graph/case> {{\n<event/a> <{NS}about> <event/a> .\n",
        3,
        "breaks off",
        "не може да се прочете",
    ),
    rdf("no JSON", "jsonld", '{"@id": "event/a",\n', 2, "breaks off", "не може да се прочете"),
    rdf(
        "a remote context",
        "jsonld",
        '{"@context": "https://schema.org/",\n "@id": "event/a", "name": "x"}',
        1,
        "fetched from elsewhere",
        "не се изтегля",
    ),
    rdf(
        "a remote context among others",
        "jsonld",
        '{"@context": [{"a": "x:a"},\n "http://127.0.0.1:9/c"], "@id": "event/a"}',
        2,
        "fetched from elsewhere",
        "не се изтегля",
    ),
    rdf(
        "an imported context",
        "jsonld",
        '{"@context": {"@version": 1.1,\n "@import": "http://127.0.0.1:9/c"}, "@id": "event/a"}',
        2,
        "fetched from elsewhere",
        "не се изтегля",
    ),
    rdf("JSON without meaning", "jsonld", '{"name": "x"}', 1, "holds no triples", "не съдържа твърдения"),
    rdf("a bad keyword", "jsonld", '{"@id": 5, "@type": "x:y"}', 1, "", ""),
    rdf("deep JSON", "jsonld", '{"x:a":' * 50_000, 1, "", ""),
    rdf(
        "an entity that expands",
        "rdf",
        '<?xml version="1.0"?>\n<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>\n<r>&b;</r>',
        2,
        "<!DOCTYPE",
        "<!DOCTYPE",
    ),
    rdf(
        "an entity from a file",
        "rdf",
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<r>&x;</r>',
        1,
        "<!DOCTYPE",
        "<!DOCTYPE",
    ),
    rdf("an entity in UTF-16", "rdf", '<!DOCTYPE r [<!ENTITY a "aaaa">]>\n<r>&a;</r>'.encode("utf-16"), 1, "", ""),
    rdf(
        "an unclosed tag",
        "rdf",
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n<rdf:Description>\n</rdf:RDF>',
        3,
        "breaks off",
        "не може да се прочете",
    ),
    rdf("XML that is not RDF", "rdf", "<html>\n<body>x</body></html>", 1, "", ""),
)

SOURCE_FORM = (
    sources(
        "no list of sources",
        "source: case\n",
        1,
        "first line must be „sources:“",
        "първият ред трябва да е „източници:“",
    ),
    sources(
        "a source id with spaces",
        "sources:\n  - {id: my source, title: x, licenceNotStated: true}\n",
        2,
        "'my source' is no source id",
        "„my source“ не е идентификатор на източник",
    ),
    sources(
        "a source id that is taken",
        "sources:\n  - {id: meta, title: x, licenceNotStated: true}\n",
        2,
        "'meta' is no source id",
        "„meta“ не е идентификатор",
    ),
    sources(
        "a source twice",
        f"sources:\n{SOURCE}\n{SOURCE}\n",
        3,
        "'case' is here twice",
        "„case“ се повтаря",
    ),
    sources(
        "a source without a licence",
        "sources:\n  - {id: case, title: x}\n",
        2,
        "names no licence",
        "не е посочен лиценз",
    ),
    sources(
        "a source without a title",
        "sources:\n  - {id: case, licenceNotStated: true}\n",
        2,
        "has no title",
        "няма заглавие",
    ),
    sources(
        "an unknown field of a source",
        "sources:\n  - id: case\n    title: x\n    licencse: https://x.org/\n    licenceNotStated: true\n",
        4,
        "did you mean „licence“",
        "може би „licence“",
    ),
    sources(
        "a licence that is no address",
        "sources:\n  - id: case\n    title: x\n    licence: CC BY\n",
        4,
        "is no web address",
        "не е уеб адрес",
    ),
    sources(
        "a rank that is none",
        "sources:\n  - id: case\n    title: x\n    licenceNotStated: true\n    rank: first\n",
        5,
        "rank 'first'",
        "rank „first“",
    ),
    sources(
        "a checksum that is none",
        "sources:\n  - id: case\n    title: x\n    licenceNotStated: true\n    sha256: abc\n",
        5,
        "64 digits",
        "64 знака",
    ),
    sources(
        "a day of issue that is none",
        "sources:\n  - id: case\n    title: x\n    licenceNotStated: true\n    issued: 31.02.2023\n",
        5,
        NO_DAY,
        NOT_A_DAY,
    ),
    sources(
        "a document that is none",
        "sources:\n  - id: case\n    title: x\n    licenceNotStated: true\n    document: My Report\n",
        5,
        "is no id of a document",
        "не е идентификатор на документ",
    ),
    sources("a text for a source", "sources:\n  - case\n", 2, "a source has fields", "източникът има полета"),
    sources(
        "a language that is not kept",
        "sources:\n  - id: case\n    title: {de: x}\n    licenceNotStated: true\n",
        3,
        "takes a text, or bg: and en:",
        "приема текст или bg: и en:",
    ),
    sources(
        "a value that is null",
        "sources:\n  - id: case\n    title: ~\n    licenceNotStated: true\n",
        3,
        "is no value",
        "не е стойност",
    ),
    sources(
        "one source for two documents",
        "sources:\n  - {id: case, title: x, licenceNotStated: true, document: report/a}\n"
        "  - {id: other, title: x, licenceNotStated: true, document: report/a}\n",
        3,
        "'case' is already the source of report/a",
        "„case“ вече е източникът на report/a",
    ),
    columns(
        "a map that is a list", "- number\n", "case.columns.yaml:1", "begins with „columns:“", "започва с „columns:“"
    ),
    columns(
        "a map without columns", "source: case\n", "case.columns.yaml:1", "there is no „columns:“", "липсва „columns:“"
    ),
    columns(
        "an unknown key of a map",
        "colums: {}\ncolumns: {number: contractNumber, name: title.bg}\n",
        "case.columns.yaml:1",
        "„colums“ is not known",
        "„colums“ не е познато",
    ),
    columns(
        "a column that the map does not know",
        "columns: {number: contractNumber}\n",
        "case.csv:1 „name“",
        "does not know the column „name“",
        "не познава „name“",
    ),
    columns(
        "a column that the table does not have",
        "columns: {number: contractNumber, name: title.bg, sum: budget.value}\n",
        "case.csv:1",
        "the column „sum“ is missing",
        "липсва колоната „sum“",
    ),
    columns(
        "a template over a column that is not there",
        "id: project/{code}\ncolumns: {number: contractNumber, name: title.bg}\n",
        "case.csv:1",
        "the column „code“ is missing",
        "липсва колоната „code“",
    ),
    columns(
        "an unknown way to match",
        "columns:\n  number: contractNumber\n  name: {path: organiser, match: guess}\n",
        "case.columns.yaml:3",
        "match (label or notation)",
        "match (label или notation)",
    ),
    columns(
        "constants that are a list",
        "constants: [a]\ncolumns: {number: contractNumber, name: title.bg}\n",
        "case.columns.yaml:1",
        "constants are „field: value“ lines",
        "константите се пишат",
    ),
    columns(
        "a value that the map does not know",
        "id: project/{number}\nconstants: {type: Project}\ncolumns:\n  number: contractNumber\n"
        "  name: {path: statusChange.toStatus, values: {Сключен: signed}}\n",
        "case.csv:2 „name“",
        "not among the values that the column map knows",
        "не е сред стойностите",
    ),
    columns(
        "a delimiter of two characters",
        "delimiter: ', '\ncolumns: {number: contractNumber, name: title.bg}\n",
        "case.columns.yaml:1",
        "delimiter",
        "delimiter",
    ),
    columns(
        "a sheet in a map of a text table",
        "sheet: Лист1\ncolumns: {a.b.: contractNumber, name: title.bg}\n",
        "case.csv:1",
        "„a.b.“ is missing",
        "липсва колоната „a.b.“",
    ),
    columns(
        "a map under the wrong path",
        "id: event/{number}\nconstants: {type: Event}\ncolumns: {number: contractNumber, name: titel.bg}\n",
        "case.csv:2 „name“",
        "did you mean „title“",
        "може би „title“",
    ),
    columns(
        "a map that is not YAML", "columns: {number: [\n", "case.columns.yaml:2", "breaks off", "не може да се прочете"
    ),
)

# pySHACL takes its time, so these files hold several mistakes each.
GATE = (
    yaml(
        "an organisation that is wrong in many ways",
        """\
- id: organisation/a
  type: Organisation
  kind: ngo
  name: {de: Verein, bg: [Сдружение, Дружество]}
  eik: 176789479
  acronym: {fr: X}
- id: event/a
  type: Event
  kind: training
  title: Обучение
  startDate: 28.06.2023
  endDate: 27.06.2023
  organiser: organisation/nobody
""",
        ("4", "Say which language the name is in", "Посочете на кой език е наименованието"),
        ("4", "Keep one name for each language", "Оставете по едно наименование"),
        ("5", "its check digit (the ninth) does not fit", "контролната цифра (деветата) не отговаря"),
        ("6", "Say which language the acronym is in", "Посочете на кой език е съкращението"),
        ("11", "the end cannot come before the start", "краят не може да е преди началото"),
        ("13", "In “organiser”, name an organisation", "Посочете в „организатор“"),
    ),
    yaml(
        "entries that say too little, or what cannot be",
        """\
- id: event/b
  type: Event
  kind: training
  date: 28.06.2023
  organiser: programme/eco
- id: observation/a
  type: Observation
  title: Брой
  measures: participants
  count: -5
  about: event/b
- id: project/a
  type: Project
  title: Проект
  budget: {value: -1, currency: BGN}
- id: place/x
  type: Place
  kind: settlement
  name: Айтос
  ekatte: 702
- id: place/y
  type: Place
  kind: province
  name: Айтос
  nuts: bg341
- id: municipality/x
  type: Municipality
  kind: municipality
  name: Община
  lau: RS27
- id: organisation/b
  type: Organisation
""",
        ("1", "Add the title of the event", "Добавете заглавие на събитието"),
        ("5", "In “organiser”, name an organisation", "Посочете в „организатор“"),
        ("10", "a whole number not below zero", "цяло число, не по-малко от нула"),
        ("15", "a number not below zero", "число, не по-малко от нула"),
        ("20", "it has 5 digits", "състои се от 5 цифри"),
        ("25", "Check the NUTS code", "Проверете кода по NUTS"),
        ("30", "3 capital Latin letters and 2 digits", "3 главни латински букви и 2 цифри"),
        ("31", "Add the name of the organisation", "Добавете наименование на организацията"),
    ),
    yaml(
        "an inference without a rule",
        "- id: event/a\n  type: Event\n  kind: training\n  title: Обучение\n  date: 2023\n"
        "  evidence: [{of: date, at: 1-2, basis: inferred}]\n",
        ("6", "The statement is inferred: say how in “rule”", "Сведението е изведено: посочете в „правило“ как"),
    ),
    csv(
        "a table with lost zeros and a mistyped ЕИК",
        "id;тип;name.bg;ЕИК;ЕКАТТЕ;kind;стойност\norganisation/a;Организация;А;176789479;;ngo;\n"
        "place/a;Място;Айтос;;702;settlement;\n",
        ("2 „ЕИК“", "does not fit the others", "не отговаря на останалите"),
        ("3 „ЕКАТТЕ“", "it has 5 digits", "състои се от 5 цифри"),
    ),
    xlsx(
        "a sheet with a debt and a stranger",
        books.workbook(
            [(*HEAD, "budget.value", "budget.currency", "organiser"), (*ROW, -5, "BGN", "organisation/nobody")]
        ),
        ("[Лист1]:2 „budget.value“", "a number not below zero", "число, не по-малко от нула"),
        ("[Лист1]:2 „organiser“", "name an organisation", "Посочете в „организатор“"),
    ),
    rdf(
        "a name without a language",
        "ttl",
        f"<event/a> <{NS}organiser> <organisation/a> .\n\n<organisation/a> a <{NS}Organisation> ;\n"
        '  <http://www.w3.org/2004/02/skos/core#prefLabel> "x" .\n',
        3,
        "Say which language the name is in",
        "Посочете на кой език е наименованието",
    ),
    rdf(
        "a mistyped ЕИК in JSON-LD",
        "jsonld",
        f'[{{"@id": "organisation/b", "@type": "{NS}Organisation"}},\n{{"@id": "organisation/a", '
        f'"{NS}registerCode": {{"@value": "1767", "@type": "{NS}EIK"}}}}]',
        2,
        "it has 9 or 13 digits",
        "състои се от 9 или 13 цифри",
    ),
)
WARNINGS = (
    csv("a table of a header only", "id,type,title.bg\n", ("1", "holds no entries", "няма записи")),
    xlsx("a sheet of a header only", books.workbook([HEAD]), (":1", "holds no entries", "няма записи")),
    yaml("an empty list of entries", "entries: []\n", ("1", "holds no entries", "няма записи")),
)
REFUSED = (*YAML_FORM, *ENTRY_FORM, *CSV_FORM, *XLSX_FORM, *RDF_FORM, *SOURCE_FORM, *GATE)
