"""The schema of entry files: valid, the same every time, kind to what is right, and not blind to what is wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator
from tests.malformed.cases import ENTRY_FORM, GATE, WARNINGS, YAML_FORM
from tests.publish.schema.conftest import Judge
from tests.publish.schema.core import resolved
from tests.test_readme import README

from kg import pipeline, resources
from kg.load import find
from kg.publish import schema
from kg.publish.schema.parts import Schema

BUNDLED = [path for path in find([resources.DATA]) if path.suffix == ".yaml"]
EXAMPLES = [text for text in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if "тип:" in text]
MALFORMED = {
    case.name: text
    for case in (*YAML_FORM, *ENTRY_FORM, *GATE)
    for name, text in case.files.items()
    if name.endswith(".yaml") and not name.endswith(".columns.yaml") and isinstance(text, str)
}
UNSEEN = {
    "the editor says it of the YAML itself": {
        "a tag on a text",
        "an anchor",
        "a list as a field's name",
        "a field twice",
    },
    "the editor resolves it before": {
        "null",
        "a tilde",
        "half of a pair",
        "a number that can be two",
        "a number with an exponent",
        "a number in other digits",  # no signs that texts are judged by
    },
    "no regular expression has a calendar or compares numbers": {
        "a day that is none",
        "a day that is none, ISO",
        "a week that is none",
        "an end before its start",
        "an impossible hour",
        "an hour without a day",
        "a span for a day",
        "a span for a start",
        "a span that runs backwards",
    },
    "`period:` may give the year, and `--assign-ids` the id": {"a day without a year", "no id"},
    "it takes what else is known": {"an unknown name", "a name of two", "a name of another kind"},
    "it takes two fields or entries": {
        "one id twice in a file",
        "one id in two files of a source",
        "two fields that say two days",
        "evidence for a field that is not there",
        "a value for two fields",
        "an inference without a rule",
        "a file name that is no source id",
    },
}
"""Mistakes that a schema cannot see, by why."""


def test_it_is_a_schema_of_its_draft(document: Schema) -> None:
    assert document["$schema"] == schema.DRAFT == Draft7Validator.META_SCHEMA["$id"]
    Draft7Validator.check_schema(document)


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.name)
def test_the_bundled_data_is_valid(path: Path, judge: Judge) -> None:
    assert judge(path.read_text(encoding="utf-8")) == []


def test_the_bundled_data_was_found() -> None:
    assert len(BUNDLED) >= 28


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_examples_of_the_readme_are_valid(text: str, judge: Judge) -> None:
    assert judge(text) == []


def test_the_examples_of_the_readme_were_found() -> None:
    assert len(EXAMPLES) == 2


def test_what_is_taken_with_a_warning_is_valid(judge: Judge) -> None:
    taken = [text for case in WARNINGS for name, text in case.files.items() if name.endswith(".yaml")]
    assert taken
    assert [judge(text) for text in taken if isinstance(text, str)] == [[]] * len(taken)


PROJECT = "- {ид: project/a, тип: Проект, заглавие: Парк, %s}\n"
ORGANISATION = "- {ид: organisation/a, тип: Организация, наименование: А, %s}\n"
PLANTED = {
    "an unknown field": PROJECT % "загалвие: Парк",
    "an unknown part": PROJECT % "бюджет: {стойност: 1, валута: лв., сума: 1}",
    "a part of something else": PROJECT % "промени на статуса: {нов статус: планиран, сатус: x}",
    "a text for parts": PROJECT % "бюджет: 250000",
    "parts for a text": PROJECT % "финансиран по: {име: x}",
    "a misspelt code": PROJECT % "тема: енергитика",
    "a misspelt code in a list": PROJECT % "тема: [енергетика, клмат]",
    "a code of another list": ORGANISATION % "вид: обучение",
    "a number for a code": PROJECT % "тема: 5",
    "a list where one value belongs": ORGANISATION % "вид: [фонд, училище]",
    "two budgets": PROJECT % "бюджет: [{стойност: 1, валута: лв.}, {стойност: 2, валута: лв.}]",
    "two titles in one language": PROJECT % "описание: {bg: [А, Б]}",
    "two dates": PROJECT % "начална дата: [2023, 2024]",
    "a list in a list": PROJECT % "партньор: [[НСОРБ]]",
    "a derived status": PROJECT % "статус: планиран",
    "a derived amount": PROJECT % "бюджет: {стойност: 1, валута: лв., стойност в евро: 0.51}",
    "no title in a new entry": "- {тип: Проект, тема: климат}\n",
    "no name in a new entry in English": "- {type: Organisation, kind: fund}\n",
    "an amount without currency": PROJECT % "бюджет: {стойност: 1}",
    "a participation without role": PROJECT % "участия: [{лице или организация: НСОРБ}]",
    "an observation without number": "- {id: observation/a, type: Observation, measures: participants}\n",
    "a period without dates": PROJECT % "период: {}",
    "a permission without reason": PROJECT % "разрешени лични данни: {за поле: описание}",
    "a reason of one word": PROJECT % "разрешени лични данни: {за поле: описание, мотив: кратко}",
    "no type": "- {ид: project/a, заглавие: Парк}\n",
    "an unknown type": "- {ид: project/a, тип: Пректо, заглавие: Парк}\n",
    "an id that is none": "- {ид: зелен парк, тип: Проект, заглавие: Парк}\n",
    "an id of another kind": "- {ид: event/a, тип: Проект, заглавие: Парк}\n",
    "an id of an unknown kind": "- {ид: banana/a, тип: Сума, стойност: 1, валута: лв.}\n",
    "a field in both languages": PROJECT % "title: Park",
    "an unknown language": PROJECT % "описание: {на български: x}",
    "a language that is not kept": PROJECT % "описание: {de: x}",
    "a register's code with letters": ORGANISATION % "ЕИК: BG176789478",
    "a register's code that is too short": ORGANISATION % "ЕИК: '17678947'",
    "a register's number with too many digits": ORGANISATION % "ЕИК: 12345678901234",
    "a code of a place that is a fraction": "- {ид: place/a, тип: Място, наименование: А, ЕКАТТЕ: 63.427}\n",
    "a code of a place in small letters": "- {ид: place/a, тип: Място, наименование: А, код по NUTS: bg323}\n",
    "a homepage without http": PROJECT % "интернет страница: www.example.org",
    "a homepage that is no address": PROJECT % "интернет страница: няма",
    "an address with a space": PROJECT % "същото като: 'https://example.org/a b'",
    "words for a date": PROJECT % "начална дата: миналата година",
    "a year of two digits": PROJECT % "начална дата: 28.06.23",
    "a number for a date": PROJECT % "начална дата: 20230628",
    "a truth value for a date": PROJECT % "начална дата: true",
    "words for a number": PROJECT % "бюджет: {стойност: много, валута: лв.}",
    "a number with its currency": PROJECT % "бюджет: {стойност: 100 лв., валута: лв.}",
    "a debt": PROJECT % "бюджет: {стойност: -5, валута: лв.}",
    "a debt as a text": PROJECT % "бюджет: {стойност: '-5 000,00', валута: лв.}",
    "a fraction of participants": "- {id: observation/a, type: Observation, measures: participants, count: 26.5}\n",
    "an hour that is none": "- {ид: event/a, тип: Събитие, заглавие: А, начален час: '25:00'}\n",
    "a field that the class does not have": "- {ид: post/a, тип: Длъжност, наименование: А, вид: фонд}\n",
    "evidence without fields": PROJECT % "доказателства: страница 3",
    "an unknown field in evidence": PROJECT % "доказателства: [{за поле: заглавие, стр: 3}]",
    "a place that is none": PROJECT % "доказателства: [{място в източника: горе}]",
    "an entry that is a text": "- project/a\n",
    "an unknown key at the head": "автор: аз\nзаписи: []\n",
    "no entries": "източник: report\n",
    "a source with spaces": "източник: моят файл\nзаписи: []\n",
    "a source that is taken": "източник: meta\nзаписи: []\n",
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_refused(name: str, judge: Judge) -> None:
    assert judge(PLANTED[name])


MANNERS = (
    PROJECT % "Финансиран  По: „Енергия“, ТЕМА: [Климат, ENERGY]",
    PROJECT % "начална дата: 2024, крайна дата: 06.2025",
    PROJECT % "начална дата: 2024-03-15, крайна дата: през юли 2025 г.",
    PROJECT % "бюджет: {стойност: '1 250 000,50', валута: „лв.“}, бенефициент: 000530632",
    PROJECT % "бюджет: {value: 1.250.000, currency: EUR}, статус:, тема:",
    PROJECT % "описание: {bg: [Един текст], en: One text}, съкращение: [А, Б], друго заглавие: true",
    PROJECT % "разрешени лични данни: {за поле: Описание.bg, мотив: Служебен телефон от сайта}",
    PROJECT % "тема: https://w3id.org/municipal-kg/code/theme/climate",
    ORGANISATION % "ЕИК: 000530632, вид: [фонд], дата на основаване: 1947, ekatte: 63427",
    "- {ТИП: ПРОЕКТ, ИД: project/a, Заглавие: Парк}\n",
    "- {тип: Проект, ид: , заглавие: 2024}\n",
    "- {type: project, id: project/menergers, budget: {value: 1, currency: лв.}}\n",  # told of elsewhere
    "- {ид: event/a, тип: Събитие, заглавие: А, начален час: 9.30, краен час: 17:00 ч., дата: 26–30.06.2023 г.}\n",
    "- {ид: event/a, тип: Събитие, заглавие: А, период: {крайна дата: 2023}, дата: 28 юни}\n",
    "период: 2023\nоснование: изведено\nизточник: report-2023\nзаписи: []\n",
    "[]",
)


@pytest.mark.parametrize("text", MANNERS)
def test_people_may_write_in_their_manner(text: str, judge: Judge) -> None:
    assert judge(text) == []


def _seen(judge: Judge) -> Iterator[tuple[str, bool]]:
    """The malformed files that are YAML at all, and whether the schema refuses them."""
    for name, text in MALFORMED.items():
        if name == "an alias bomb":
            continue  # the complaint would be as long as what it unfolds to
        try:
            resolved(text)
        except (yaml.YAMLError, RecursionError):
            continue
        yield name, bool(judge(text))


def test_of_the_malformed_files_it_refuses_all_but_what_it_cannot_see(judge: Judge) -> None:
    seen = dict(_seen(judge))
    assert {name for name, refused in seen.items() if not refused} == set().union(*UNSEEN.values())
    assert sum(seen.values()) >= 70


def test_it_is_the_same_every_time(document: Schema, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from kg.cli import main; main()", "schema"],
        env={**os.environ, "KG_HOME": str(tmp_path), "PYTHONHASHSEED": "1"},
        capture_output=True,
    )
    assert done.stdout == schema.render(document), done.stderr.decode()


def test_it_is_written_in_letters_and_everything_in_it_is_used(document: Schema) -> None:
    made = schema.render(document).decode()
    assert "„заглавие“" in made and "\\u04" not in made
    assert json.loads(made) == document
    referred = set(re.findall(r'"#/definitions/([^"]+)"', made))
    assert referred == document["definitions"].keys()


def test_a_schema_of_some_classes_proposes_these_and_takes_the_others(domain: pipeline.Domain) -> None:
    document = schema.document(domain.forms, domain.own_forms, ["Project", "Event"])
    type_ = document["definitions"]["entry"]["properties"]["тип"]["anyOf"][0]
    assert type_["enum"] == ["Проект", "Събитие"]
    validator = Draft7Validator(document)
    assert not validator.is_valid(resolved(PROJECT % "статус: планиран"))
    assert validator.is_valid(resolved(ORGANISATION % "вид: фонд"))
    assert not validator.is_valid(resolved(ORGANISATION % "видд: фонд"))
    nested = schema.document(domain.forms, domain.own_forms, ["Amount"])
    assert nested["definitions"]["entry"]["properties"]["тип"]["anyOf"][0]["enum"] == ["Сума"]


def test_every_class_and_field_is_there_in_both_languages(document: Schema, domain: pipeline.Domain) -> None:
    definitions, context = document["definitions"], domain.context
    for name in context.classes:
        fields = definitions[f"class.{name}"]
        properties = fields.get("properties") or fields["allOf"][0]["properties"]
        form = domain.forms.of(name)
        for field in (*form.own, *form.others):
            alias = context.aliases[field.name]
            assert {field.name, alias} <= properties.keys()
            assert properties[field.name].get("doNotSuggest")
            proposed = field in form.own and not field.derived
            assert bool(properties[alias].get("doNotSuggest")) is not proposed
            if proposed:
                described = definitions[properties[alias]["$ref"].rpartition("/")[2]]
                own = context.hints.definition(field.term.coercion or "", "bg")  # of a register's code
                told = own or ("" if field.term.reverse else context.hints.definition(field.term.iri, "bg"))
                assert described["title"].startswith(alias) and told in described["description"]
