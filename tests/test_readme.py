"""What the README shows is what happens."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from kg import pipeline
from kg.errors import DataError
from kg.formats import REPORTS, by_name
from kg.library import Library
from kg.resources import QUERIES
from kg.store.embedded import EmbeddedStore

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def block(language: str, word: str) -> str:
    """The code block in this language that holds the word."""
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return next(text for text in blocks if word in text)


@pytest.fixture
def store(bundled_home: Path, tmp_path: Path) -> EmbeddedStore:
    shutil.copytree(bundled_home, tmp_path / "home")
    return EmbeddedStore.open(tmp_path / "home")


def test_the_project_of_the_example_is_loaded(store: EmbeddedStore, domain: pipeline.Domain, tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(block("yaml", "източници:"), encoding="utf-8")
    file = tmp_path / "my-projects.yaml"
    file.write_text(block("yaml", "записи:"), encoding="utf-8")
    first = pipeline.ingest([file], store=store, domain=domain, agent="test")
    again = pipeline.ingest([file], store=store, domain=domain, agent="test")
    assert first.changed and not first.report.warnings
    assert not again.changed


def test_the_table_of_the_example_is_loaded(store: EmbeddedStore, domain: pipeline.Domain, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text(block("csv", "ид,"), encoding="utf-8")
    assert pipeline.ingest([file], store=store, domain=domain, agent="test").changed


def test_the_permission_of_the_example_is_needed_and_enough(
    store: EmbeddedStore, domain: pipeline.Domain, tmp_path: Path
) -> None:
    file, text = tmp_path / "house.yaml", block("yaml", "разрешени лични данни:")
    file.write_text(text, encoding="utf-8")
    assert pipeline.ingest([file], store=store, domain=domain, agent="test").changed
    file.write_text(text.partition("  разрешени")[0], encoding="utf-8")
    with pytest.raises(DataError):
        pipeline.ingest([file], store=store, domain=domain, agent="test")


def test_the_mistake_of_the_example_is_told_as_shown(
    store: EmbeddedStore, domain: pipeline.Domain, tmp_path: Path
) -> None:
    file = tmp_path / "my-projects.yaml"
    text = block("yaml", "записи:").replace("програма за климата", "програма за климат")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as refusal:
        pipeline.ingest([file], store=store, domain=domain, agent="test")
    wrong = [finding for finding in refusal.value.findings if finding.refuses]
    assert [(str(finding.at), finding.field) for finding in wrong] == [("my-projects.yaml:5", "финансиран по")]
    assert wrong[0].messages["bg"] in README
    assert wrong[0].messages["en"] in README
    assert f"→ „{wrong[0].suggestion}“" in README


def test_the_named_forms_of_a_report_exist() -> None:
    commands = block("sh", "--format sarif")
    named = re.findall(r"--format (\w+)", commands)
    assert {"json", "sarif", "html", "ttl"} <= set(named)
    assert [name for name in named if by_name(name, REPORTS) is None] == []


def test_the_named_queries_and_commands_exist() -> None:
    names = set(re.findall(r"kg query ([a-z-]+)", README))
    assert names and names <= set(Library(QUERIES / "public"))


def test_the_set_up_is_two_commands_and_ci_runs_the_second_ones_tests() -> None:
    commands = [line for line in README.splitlines() if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    ci = (Path(__file__).parents[1] / ".ci" / "run").read_text(encoding="utf-8")
    assert commands[1].endswith(".venv/bin/python -m pytest") and 'python" -m pytest' in ci
    assert "-e '.[test]'" in commands[1] and "-e '.[test]'" in ci
