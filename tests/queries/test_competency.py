"""The competency questions against the bundled graph in memory: with the report as the only source, and with all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pyoxigraph import NamedNode, Store

from kg import resources
from kg.library import Library, bind
from tests.queries.answers import BASE, answer

LIBRARY = Library(resources.QUERIES / "public")
COMPETENCY = yaml.safe_load((Path(__file__).parents[1] / "seed" / "competency.yaml").read_text(encoding="utf-8"))


ASKS = [
    pytest.param(question, ask, id=f"{question}-{number}-{ask['query']}")
    for question, entry in COMPETENCY["questions"].items()
    for number, ask in enumerate(entry["asks"], 1)
]


def rows(store: Store, ask: dict[str, Any], more: dict[str, str]) -> list[list[str | None]]:
    query = LIBRARY[ask["query"]]
    text = bind(query, {**ask.get("parameters", {}), **more}, ids=f"{BASE}id/", graphs=f"{BASE}graph/")
    return [list(row) for row in answer(store, text, ask["columns"])][: ask.get("first")]


def test_all_thirty_questions_are_asked() -> None:
    assert list(COMPETENCY["questions"]) == [f"CQ{number:02}" for number in range(1, 31)]


@pytest.mark.parametrize(("question", "ask"), ASKS)
def test_the_report_alone_gives_the_seed_answer(question: str, ask: dict[str, Any], bundled: Store) -> None:
    assert rows(bundled, ask, {"source": COMPETENCY["source"]}) == ask["report"]


@pytest.mark.parametrize(("question", "ask"), ASKS)
def test_all_sources_give_the_wider_answer(question: str, ask: dict[str, Any], bundled: Store) -> None:
    assert rows(bundled, ask, {}) == ask["all"]


@pytest.mark.parametrize(("question", "ask"), ASKS)
def test_each_difference_names_its_sources(question: str, ask: dict[str, Any], bundled: Store) -> None:
    assert ("because" in ask) == (ask["report"] != ask["all"])
    for reason in ask.get("because", []):
        assert bundled.contains_named_graph(NamedNode(f"{BASE}graph/{reason['source']}")), reason["source"]


def test_headers_name_the_questions_they_answer() -> None:
    asked: dict[str, set[str]] = {name: set() for name in LIBRARY}
    for question, entry in COMPETENCY["questions"].items():
        for ask in entry["asks"]:
            asked[ask["query"]].add(question)
    missing = {name: questions - set(LIBRARY[name].header["questions"]) for name, questions in asked.items()}
    assert not {name: questions for name, questions in missing.items() if questions}
