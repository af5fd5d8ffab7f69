"""What the seed states is in the graph, source by source, and what must never be asserted is nowhere.

`relations.csv`: one row per relation of the seed, with the pattern that asks for it and the source that must answer it.
A pattern that begins with `ABSENT` must have no answer there: the relation is left out, for the reason beside it.
`never.csv`: patterns without an answer in the whole graph. `planted` is data that would break the rule; it shows that
the pattern would see it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import Quad, QueryBoolean, RdfFormat, Store, parse

from kg import pipeline
from kg.derive import derive
from kg.graph import DEFAULT, Changes
from kg.iris import Iris
from kg.namespaces import PREFIXES
from tests.conftest import BASE
from tests.memory import Memory

HERE = Path(__file__).parent
SOURCES = Callable[[str], Store]
NOT_MODELLED = "ABSENT "
PROLOGUE = f"BASE <{BASE}/>\n" + "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


RELATIONS = rows("relations.csv")
NEVER = rows("never.csv")


def ask(store: Store, pattern: str) -> bool:
    answer = store.query(f"{PROLOGUE}ASK {{ {pattern} }}")
    assert isinstance(answer, QueryBoolean)
    return bool(answer)


@pytest.fixture(scope="session")
def told_by(bundled_memory: Memory, domain: pipeline.Domain) -> SOURCES:
    """The graph as it is when one source alone is loaded: what it says, what follows, and the code lists."""
    iris = Iris(BASE)

    @cache
    def alone(source: str) -> Store:
        memory, graph = Memory(), iris.graph(source)
        for name, triples in domain.system.items():
            memory.replace(name, triples)
        said = [quad.triple for quad in bundled_memory.quads(None, None, None, graph)]
        assert said, f"there is no source {source}"
        memory.replace(graph, said)
        derive(memory, None, domain.rules, iris, None)
        return memory.store

    return alone


def label(row: Mapping[str, str]) -> str:
    return f"{row['subject']}-{row['predicate']}-{row['object']}"[:80]


@pytest.mark.parametrize("row", RELATIONS, ids=label)
def test_the_source_states_the_relation(row: dict[str, str], told_by: SOURCES) -> None:
    pattern = row["pattern"]
    absent = pattern.startswith(NOT_MODELLED)
    assert ask(told_by(row["graph"]), pattern.removeprefix(NOT_MODELLED)) is not absent


def test_all_123_relations_are_walked_and_at_most_8_are_left_out_with_a_reason() -> None:
    left_out = [row for row in RELATIONS if row["pattern"].startswith(NOT_MODELLED)]
    assert len(RELATIONS) == 123
    assert 0 < len(left_out) <= 8
    assert all(len(row["reason"].split()) > 3 for row in left_out)


def test_the_relations_are_the_seeds_own(shared: Path) -> None:
    facts = json.loads((shared / "seed" / "facts.json").read_text(encoding="utf-8"))["relations"]
    theirs = [(fact["subject"], fact["predicate"], fact["basis"]) for fact in facts]
    assert sorted((row["subject"], row["predicate"], row["basis"]) for row in RELATIONS) == sorted(theirs)


def test_what_only_another_source_says_does_not_count_as_said_here(told_by: SOURCES) -> None:
    partner = "</id/project/menergers> mkg:involves ?partner . FILTER(?partner != </id/municipality/rse27>)"
    assert ask(told_by("menergers-euki"), partner)
    assert not ask(told_by("report-2023-w26"), partner)


def test_52_things_are_never_asserted() -> None:
    assert len({row["name"] for row in NEVER}) == len(NEVER) == 52


@pytest.mark.parametrize("row", NEVER, ids=lambda row: str(row["name"]))
def test_it_is_asserted_nowhere(row: dict[str, str], bundled: Store) -> None:
    assert not ask(bundled, row["pattern"]), row["why"]


@pytest.mark.parametrize("row", NEVER, ids=lambda row: str(row["name"]))
def test_the_pattern_sees_it_when_it_is_planted(row: dict[str, str]) -> None:
    memory = Memory()
    text = PROLOGUE.replace("BASE", "@base", 1).replace("\n", " .\n", 1) + row["planted"]
    memory.apply(Changes(added=tuple(planted(text))))
    assert ask(memory.store, row["pattern"])


def planted(text: str) -> list[Quad]:
    """Statements outside of a graph go into one of no importance, so that they are in the merge."""
    other = Iris(BASE).graph("planted")
    return [
        Quad(quad.subject, quad.predicate, quad.object, other if quad.graph_name == DEFAULT else quad.graph_name)
        for quad in parse(text.rstrip() + ("" if text.rstrip().endswith("}") else " ."), RdfFormat.TRIG)
    ]
