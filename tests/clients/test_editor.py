"""yaml-language-server, which editors such as VS Code ask about YAML files, with the schema of entries.

`npm ci --ignore-scripts` in `tests/clients/npm` installs it. Required in CI, elsewhere skipped without it. Its own
messages are in English and have no Bulgarian translation; those of the schema are in both languages.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg import pipeline, resources
from kg.iris import Iris
from kg.load import find
from kg.publish import schema
from kg.publish.schema.suggesting import Suggestions
from kg.store.embedded import EmbeddedStore
from tests.clients.conftest import NPM
from tests.clients.language_server import LanguageServer
from tests.publish.schema.expressions import expressions
from tests.publish.schema.test_schema import MANNERS, PLANTED
from tests.test_readme import README

LINE = "# yaml-language-server: $schema=entries.schema.json\n"
PROJECT = "записи:\n  - ид: project/a\n    тип: Проект\n"
BUNDLED = [path for path in find([resources.DATA]) if path.suffix == ".yaml"]


@pytest.fixture(scope="module")
def editor(node: str, domain: pipeline.Domain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    folder = tmp_path_factory.mktemp("editor")
    made = schema.render(schema.document(domain.forms, domain.own_forms))
    (folder / "entries.schema.json").write_bytes(made)
    with LanguageServer(node, NPM, folder) as server:
        yield server


def test_at_the_head_and_in_a_new_entry_it_proposes_what_begins_them(editor: LanguageServer) -> None:
    assert {"записи", "източник", "entries"} <= editor.completions(f"{LINE}|").keys()
    assert {"тип", "ид", "type"} <= editor.completions(f"{LINE}записи:\n  - |").keys()
    assert {"Проект", "Събитие"} <= editor.completions(f"{LINE}записи:\n  - тип: |").keys()


def test_in_an_entry_it_proposes_the_fields_of_its_type(editor: LanguageServer) -> None:
    proposed = editor.completions(f"{LINE}{PROJECT}    |")
    assert {"заглавие", "финансиран по", "промени на статуса"} <= proposed.keys()
    assert not {"ЕКАТТЕ", "ЕИК", "статус", "title", "тип", "доказателства"} & proposed.keys()
    assert proposed["бюджет"] == "бюджет:\n  стойност: $1\n  валута: $2"


def test_where_the_type_is_written_in_english_it_proposes_english_names_too(editor: LanguageServer) -> None:
    proposed = editor.completions(f"{LINE}- type: Project\n  |")
    assert {"заглавие", "title", "fundedUnder"} <= proposed.keys()
    assert not {"ekatte", "status", "eik"} & proposed.keys()


@pytest.mark.parametrize(
    ("text", "proposed", "others"),
    [
        ("    бюджет: {стойност: 1, валута: |}", {"български лев", "евро"}, {"Bulgarian lev", "лева", "BGN", "null"}),
        ("    budget:\n      currency: |", {"Bulgarian lev", "euro"}, {"български лев", "EUR"}),
        ("    промени на статуса:\n      - нов статус: |", {"в изпълнение", "планиран"}, {"running"}),
        ("    тема:\n      - |", {"климат", "енергийна ефективност"}, {"climate", "- (array item) undefined"}),
        ("    заглавие:\n      |", {"bg", "en"}, {"null"}),
        ("    участия:\n      - |", {"лице или организация", "роля", "дял"}, {"заглавие", "null"}),
        ("    начална дата: |", set(), {"null", "true"}),
    ],
)
def test_it_proposes_values_in_the_language_of_the_field(
    text: str, proposed: set[str], others: set[str], editor: LanguageServer
) -> None:
    found = editor.completions(f"{LINE}{PROJECT}{text}").keys()
    assert proposed <= found
    assert not others & found


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("    загалвие: Парк\n", 5, "непознато поле"),
        ("    тема: енергитика\n", 5, "Очаква се една от стойностите: "),
        ("    заглавие: Парк\n    статус: планиран\n", 6, "Не въвеждайте статуса направо"),
        ("    бюджет: {стойност: 1}\n", 5, "Посочете валутата на сумата"),
        ("    бюджет:\n      стойност: много\n      валута: лв.\n", 6, "Очаква се число"),
        ("    title: Park\n    заглавие: Парк\n", 6, "са едно и също поле"),
        ("    крайна дата: вчера\n", 5, "Очаква се дата"),
        ("    интернет страница: няма\n", 5, "Запишете целия адрес"),
        ("    описание: {bg: [А, Б]}\n", 5, "Обединете описанията"),
        ("    участия: [{роля: партньор}, {лице или организация: НСОРБ}]\n", 5, "Изберете ролята на участника"),
    ],
)
def test_a_mistake_is_told_once_on_its_line_in_bulgarian(
    text: str, line: int, told: str, editor: LanguageServer
) -> None:
    found = [(at, message) for at, message in editor.diagnostics(f"{LINE}{PROJECT}{text}") if told in message]
    assert [at for at, _ in found] == [line]
    assert all(at >= line for at, _ in editor.diagnostics(f"{LINE}{PROJECT}{text}"))


def test_a_misspelt_type_and_a_missing_title_are_told(editor: LanguageServer) -> None:
    assert [at for at, _ in editor.diagnostics(f"{LINE}- тип: Пректо\n")] == [2]
    assert editor.diagnostics(f"{LINE}- тип: Проект\n  тема: климат\n") == [
        (2, "Добавете заглавие на проекта. · Add the title of the project.")
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "    фина|нсиран по: Програма\n",
            ["финансиран по · fundedUnder", "Програмата, по която се финансира.", "funded"],
        ),
        ("    загл|авие: Парк\n", ["заглавие · title", "Задължително.", "Required."]),
        ("    промени на статуса: [{нов ста|тус: планиран}]\n", ["нов статус · toStatus", "Статусът след промяната."]),
        ("    промени на статуса: [{нов статус: план|иран}]\n", ["Предвиден, но още неподаден или незапочнал."]),
        ("    бюд|жет: {стойност: 1, валута: лв.}\n", ["бюджет · budget", "стойност: …, валута: …"]),
        ("    titl|e: Park\n", ["title · заглавие"]),
    ],
)
def test_hovering_tells_what_a_field_is(text: str, told: list[str], editor: LanguageServer) -> None:
    shown = editor.hover(f"{LINE}{PROJECT}{text}")
    assert [words for words in told if words not in shown] == [], shown


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.name)
def test_nothing_is_told_of_the_bundled_data(path: Path, editor: LanguageServer) -> None:
    assert editor.diagnostics(LINE + path.read_text(encoding="utf-8")) == []


def test_nothing_is_told_of_the_examples_of_the_readme(editor: LanguageServer) -> None:
    examples = [text for text in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if "тип:" in text]
    assert [editor.diagnostics(LINE + text) for text in examples] == [[], []]


def test_known_names_are_proposed_and_others_are_not_refused(
    node: str, domain: pipeline.Domain, bundled_home: Path, tmp_path: Path
) -> None:
    store = EmbeddedStore.open(bundled_home)
    release = store.current()
    assert release is not None
    known = Suggestions.of(release, Iris(store.base), domain.context)
    made = schema.render(schema.document(domain.forms, domain.own_forms, ["Project"], known))
    (tmp_path / "entries.schema.json").write_bytes(made)
    with LanguageServer(node, NPM, tmp_path) as server:
        alone = server.completions(f"{LINE}{PROJECT}    бенефициент: |")
        listed = server.completions(f"{LINE}{PROJECT}    бенефициент:\n      - |")
        assert "Община Русе" in alone.keys() & listed.keys()
        assert "Независим институт по екологични въпроси, Берлин" in alone
        assert alone["Независим институт по екологични въпроси, Берлин"].startswith('"')
        assert "Инвестиционна програма за климата" not in alone
        assert "Инвестиционна програма за климата" in server.completions(f"{LINE}{PROJECT}    финансиран по: |")
        assert (
            server.diagnostics(f"{LINE}{PROJECT}    заглавие: Парк\n    бенефициент: [Община Русе, Някой друг]\n") == []
        )


def test_its_regular_expressions_mean_the_same_to_node(node: str, domain: pipeline.Domain) -> None:
    document = schema.document(domain.forms, domain.own_forms)
    asked = {"expressions": sorted({*expressions(document)}), "texts": [*PLANTED.values(), *MANNERS, *_words()]}
    program = [node, "matched.mjs"]
    done = subprocess.run(program, cwd=NPM, input=json.dumps(asked), capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0, done.stderr
    for expression, matched in zip(asked["expressions"], json.loads(done.stdout), strict=True):
        assert [bool(re.search(expression, text)) for text in asked["texts"]] == matched, expression


def _words() -> list[str]:
    """What stands in these texts, word by word and value by value."""
    texts = "\n".join([*PLANTED.values(), *MANNERS])
    return sorted({*re.findall(r"[^\s{}\[\],]+", texts), *re.findall(r"[^{}\[\],:\n]+", texts)})
