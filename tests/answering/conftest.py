"""A release to ask about."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, Quad

from tests.answering.asking import build, node


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """g1 says 5, g2 says 5 again and 7, g3 0 to 199 of others; the default graph is their merge."""
    path = tmp_path_factory.mktemp("releases") / "1"
    quads = [Quad(node("a"), node("amount"), Literal(5), graph) for graph in (node("g1"), node("g2"), DefaultGraph())]
    quads += [Quad(node("b"), node("amount"), Literal(7), graph) for graph in (node("g2"), DefaultGraph())]
    for number in range(200):
        quads += [
            Quad(node(f"s{number}"), node("is"), Literal(number), graph) for graph in (node("g3"), DefaultGraph())
        ]
    return build(path, quads)
