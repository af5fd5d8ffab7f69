"""The W3C test suite of SHACL, against our validator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from kg.errors import KgError
from kg.graph import DEFAULT, Node, in_graph
from kg.namespaces import SH, Namespace
from kg.shacl import Indexed, Shapes, selecting, validate
from kg.shacl.paths import items
from kg.shacl.paths import read as read_path
from tests.conftest import SHARED

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
SUITE = SHARED / "suites" / "shacl"
SIZES = {"core": 98, "sparql": 23}
FAILING: dict[str, str] = {}


@cache
def load(path: Path) -> Indexed:
    """The file, with its own name for a base; read once, so that its blank nodes are the same for all who ask."""
    return Indexed(quad.triple for quad in parse(path.read_bytes(), RdfFormat.TURTLE, base_iri=path.as_uri()))


def entries(part: str) -> Iterator[tuple[Path, NamedNode]]:
    """All that are there; one file of the suite is in no manifest."""
    for path in sorted((SUITE / part).rglob("*.ttl")):
        graph = load(path)
        for _, head in graph.pairs(MF.entries):
            for entry in items(graph, head):
                assert isinstance(entry, NamedNode)
                yield path, entry


CASES = [
    pytest.param(path, entry, id=f"{part}/{entry.value.rpartition('/')[2]}")
    for part in SIZES
    if SUITE.exists()
    for path, entry in entries(part)
]
Told = tuple[str, ...]


@pytest.mark.usefixtures("shared")
def test_the_suite_is_whole() -> None:
    assert {part: sum(1 for _ in entries(part)) for part in SIZES} == SIZES


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize(("path", "entry"), CASES)
def test_a_case_of_the_suite(path: Path, entry: NamedNode) -> None:
    about = load(path)
    (action,) = about.objects(entry, MF.action)
    (expected,) = about.objects(entry, MF.result)
    data, shapes = (load(file(about, action, name)) for name in (SHT.dataGraph, SHT.shapesGraph))
    if expected == SHT.Failure:
        with pytest.raises(KgError):
            run(data, shapes)
        return
    told = run(data, shapes)
    wanted = Counter(result(about, one) for one in about.objects(expected, SH.result))
    assert told == wanted


def file(about: Indexed, action: Node, which: NamedNode) -> Path:
    (found,) = about.objects(action, which)
    return Path(str(getattr(found, "value", "")).removeprefix("file://"))


def run(data: Indexed, shapes: Indexed) -> Counter[Told]:
    """What our validator has to say."""
    store, name = Store(), NamedNode("urn:shapes")
    store.extend(in_graph(data.triples(), DEFAULT))
    store.extend(in_graph(shapes.triples(), name))
    compiled = Shapes(shapes)
    assert not compiled.beyond
    found: Counter[Told] = Counter()
    for one in validate(compiled, data, selecting(store, name)):
        path = "" if one.path is None else str(read_path(compiled.graph, one.path))
        found[tuple(map(str, (one.focus, path, one.value or "", one.component, one.severity, one.shape)))] += 1
    return found


def result(about: Indexed, node: Node) -> Told:
    """An expected result."""

    def one(property: NamedNode) -> Node | str:
        return next(iter(about.objects(node, property)), "")

    path = one(SH.resultPath)
    written = path if isinstance(path, str) else read_path(about, path)
    rest = (one(SH.value), one(SH.sourceConstraintComponent), one(SH.resultSeverity), one(SH.sourceShape))
    return tuple(map(str, (one(SH.focusNode), written, *rest)))
