"""A store with a short history, and its shelf."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple
from tests.conftest import BASE

from kg.iris import Iris
from kg.namespaces import MKG, RDF, RDFS
from kg.publish.history.shelf import History
from kg.store.embedded import EmbeddedStore
from kg.store.port import Release

IRIS = Iris(BASE)
Said = tuple[str, str, str]  # the id of a project, „name“ or „partner“, the text or the other's id

Load = Callable[[str, Sequence[Said]], Release]
"""Makes a source say exactly this."""


def triples(said: Sequence[Said]) -> list[Triple]:
    """Each project has a type and what is said of it; a budget is nested in it."""
    found: list[Triple] = []
    for id, field, value in said:
        node = IRIS.entity(id)
        found.append(Triple(node, RDF.type, MKG.Project))
        if field == "name":
            found.append(Triple(node, RDFS.label, Literal(value, language="bg")))
        elif field == "budget":
            nested = NamedNode(f"{node.value}#budget")
            found += [Triple(node, MKG.budget, nested), Triple(nested, MKG.value, Literal(value))]
        else:
            found.append(Triple(node, MKG.partner, IRIS.entity(value)))
    return found


@pytest.fixture
def past(tmp_path: Path) -> EmbeddedStore:
    return EmbeddedStore.open(tmp_path / "home", base=BASE)


@pytest.fixture
def load(past: EmbeddedStore) -> Load:
    def load(source: str, said: Sequence[Said]) -> Release:
        with past.draft() as draft:
            draft.replace(IRIS.graph(source), triples(said))
            return draft.seal(agent="test", activity="load", sources=(source,))

    return load


@pytest.fixture
def shelf(past: EmbeddedStore) -> History:
    return History(past, past.home.feed)
