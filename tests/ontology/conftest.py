"""The ontology, the context and the code lists, read once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rdflib import Graph

ONTOLOGY = Path(__file__).parents[2] / "ontology"


@pytest.fixture(scope="session")
def ontology() -> Graph:
    return Graph().parse(ONTOLOGY / "municipal.ttl", format="turtle")


@pytest.fixture(scope="session")
def context() -> dict[str, Any]:
    """The terms of `context.jsonld`; a term that stands twice is an error."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)
        return dict(pairs)

    text = (ONTOLOGY / "context.jsonld").read_text(encoding="utf-8")
    terms: dict[str, Any] = json.loads(text, object_pairs_hook=once)["@context"]
    return terms


@pytest.fixture(scope="session")
def codes() -> dict[str, Graph]:
    """One graph per code list, by the name of its file."""
    return {path.stem: Graph().parse(path, format="turtle") for path in sorted((ONTOLOGY / "codes").glob("*.ttl"))}
