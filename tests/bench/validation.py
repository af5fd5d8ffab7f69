"""The gate beside pySHACL, turn by turn, with the product's own shapes and whole reports.

python -m tests.bench.validation [--entries 3400 36000 …] [--peer-up-to N] [--rounds N]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyshacl
import rdflib
from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg import pipeline, resources
from kg.bundled import AlreadyChecked
from kg.finding import Report
from kg.gate import Touched
from kg.gate.stated import is_stated
from kg.gate.with_pyshacl import _term as term
from kg.graph import Changes, CustomFunction, GraphName, Node, Outline, Row, Statement, Subject, View
from kg.iris import Iris
from kg.namespaces import DCT, RDF
from kg.pipeline import Domain
from kg.store.embedded import EmbeddedStore
from tests.bench.generate import as_csv, projects, surroundings


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def beyond(action: Callable[[], object]) -> float:
    """Memory that an action takes at its peak beyond what the process held before, in MiB."""
    Path("/proc/self/clear_refs").write_text("5")
    before = _memory("VmRSS")
    action()
    return max(0.0, _memory("VmHWM") - before)


def _memory(name: str) -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024
    raise KeyError(name)


@dataclass
class Noting:
    """A view that keeps what is read from it."""

    view: View
    read: list[Quad] = field(default_factory=list)
    asked: int = 0

    def quads(
        self,
        subject: Subject | None = None,
        predicate: NamedNode | None = None,
        object: Node | None = None,
        graph: GraphName | None = None,
    ) -> Iterator[Quad]:
        self.asked += 1
        for quad in self.view.quads(subject, predicate, object, graph):
            self.read.append(quad)
            yield quad

    def about(self, subject: Subject) -> Iterable[Quad]:
        found = list(self.view.about(subject))
        self.read += found
        self.asked += 1
        return found

    def every(self, property: NamedNode) -> tuple[Quad, ...]:
        found = self.view.every(property)
        self.read += found
        self.asked += 1
        return found

    def holds(self, subject: Subject, predicate: NamedNode, object: Node, graph: NamedNode) -> bool:
        found = self.view.holds(subject, predicate, object, graph)
        self.read += [Quad(subject, predicate, object, graph)] if found else []
        self.asked += 1
        return found

    def graph_names(self) -> Iterator[GraphName]:
        return self.view.graph_names()

    def properties(self, graph: NamedNode) -> list[NamedNode]:
        return self.view.properties(graph)

    def outline(self, graph: NamedNode) -> Outline:
        return self.view.outline(graph)

    def values(self, graph: NamedNode, properties: Sequence[NamedNode]) -> Iterator[tuple[NamedNode, Node]]:
        return self.view.values(graph, properties)

    def pairs(self, graph: NamedNode, property: NamedNode, other: NamedNode) -> Iterator[tuple[Node, Node]]:
        return self.view.pairs(graph, property, other)

    def statements(self, graph: NamedNode, properties: Sequence[NamedNode]) -> Iterator[Statement]:
        return self.view.statements(graph, properties)

    def select(self, query: str) -> Iterator[Row]:
        return self.view.select(query)

    def construct(self, query: str, functions: Mapping[NamedNode, CustomFunction] | None = None) -> Iterator[Triple]:
        return self.view.construct(query, functions)


@dataclass
class Peer:
    """pySHACL as its documentation shows it, over all shapes at once; graphs are parsed beforehand."""

    shapes: rdflib.Graph

    def over(self, quads: Iterable[Quad]) -> Callable[[], object]:
        data = rdflib.Graph(bind_namespaces="none")
        for quad in quads:
            data.add((term(quad.subject), term(quad.predicate), term(quad.object)))
        return lambda: pyshacl.validate(data, shacl_graph=self.shapes, inference="none", inplace=True)


def home(folder: Path, entries: int, domain: Domain) -> EmbeddedStore:
    """A store with this many projects, loaded with the gate off."""
    surroundings(folder)
    (folder / "bench-projects.csv").write_text(as_csv(list(projects(entries))), encoding="utf-8")
    store = EmbeddedStore.open(folder / "home")
    pipeline.ingest(
        [folder / "bench-surroundings.yaml", folder / "bench-projects.csv"],
        store=store,
        domain=domain,
        agent="bench",
        gate=AlreadyChecked(),
        watch=False,
    )
    return store


def whole(store: EmbeddedStore, domain: Domain, peer: Peer | None, rounds: int) -> None:
    """Everything, ours and pySHACL's, in turn."""
    view = store.current()
    assert view is not None
    content = pipeline.content(view, Iris(store.base))
    quads = [quad for quad in view.quads() if is_stated(quad.graph_name)]
    count = len(quads)
    theirs = peer.over(quads) if peer else None
    del quads
    reports: list[Report] = []

    def ours() -> None:
        reports[:] = [domain.gate.check(view, content)]

    ours()
    extra = beyond(ours)
    mine: list[float] = []
    yours: list[float] = []
    tuned: list[float] = []
    for _ in range(rounds):
        mine.append(seconds(ours))
        if theirs:
            yours.append(seconds(theirs))
            tuned.append(seconds(lambda: domain.reference_gate.check(view, content)))
    reading = statistics.median(seconds(lambda: sum(1 for _ in view.quads())) for _ in range(3))
    own = statistics.median(mine)
    told = f"{count:,} quads, {len(reports[0].findings)} findings: {own:.3f} s ({own / count * 1e6:.2f} µs each"
    print(f"{told}; reading all quads of the store {reading:.3f} s), {extra:.0f} MiB more", flush=True)
    if theirs:
        for name, their in (("pySHACL as documented", yours), ("pySHACL behind our port", tuned)):
            ratio = statistics.median(b / a for a, b in zip(mine, their, strict=True))
            print(f"  {name}: {statistics.median(their):.2f} s, {ratio:.1f} times", flush=True)


def one(store: EmbeddedStore, domain: Domain, peer: Peer, rounds: int) -> None:
    """One entry, and one class, beside pySHACL over what the incremental check read."""
    iris = Iris(store.base)
    for name, make in (("a new project", _project), ("another class for a programme", _class)):
        with store.draft() as draft:
            content = pipeline.content(draft, iris)
            graph = next(one for one in content if one.value.endswith("bench-projects"))
            changes = Changes(added=tuple(Quad(t.subject, t.predicate, t.object, graph) for t in make(draft, iris)))
            draft.apply(changes)
            touched = Touched.of(changes.added)
            noting = Noting(draft)
            domain.gate.check(noting, content, touched)
            # a set: pySHACL is given what was read, once
            read = {Triple(quad.subject, quad.predicate, quad.object) for quad in noting.read}
            theirs = peer.over(Quad(*triple) for triple in read)
            check = _checking(domain, draft, content, touched)
            mine, yours, tuned = [], [], []
            for _ in range(rounds):
                mine.append(seconds(check))
                yours.append(seconds(theirs))
                tuned.append(seconds(lambda: domain.reference_gate.check(draft, content, touched)))  # noqa: B023
            own = statistics.median(mine)
            print(
                f"{name}: {own * 1000:.2f} ms (highest {max(mine) * 1000:.2f}); read {len(noting.read)} quads in "
                f"{noting.asked} look-ups, {len(read)} of them different",
                flush=True,
            )
            for name_, their in (("pySHACL as documented", yours), ("pySHACL behind our port", tuned)):
                ratio = statistics.median(b / a for a, b in zip(mine, their, strict=True))
                print(f"  {name_}: {statistics.median(their) * 1000:.1f} ms, {ratio:.0f} times", flush=True)


def _checking(domain: Domain, view: View, content: Collection[NamedNode], touched: Touched) -> Callable[[], object]:
    return lambda: domain.gate.check(view, content, touched)


def _project(view: View, iris: Iris) -> list[Triple]:
    """A copy of a project and of what is nested in it, under another name."""
    old, new = f"{iris.base}/id/project/bench-7", f"{iris.base}/id/project/bench-new"

    def renamed(node: Node) -> Node:
        if isinstance(node, NamedNode) and (node.value == old or node.value.startswith((old + "/", old + "#"))):
            return NamedNode(new + node.value[len(old) :])
        return node

    subjects = {
        quad.subject
        for quad in view.quads(None, RDF.type)
        if isinstance(quad.subject, NamedNode) and renamed(quad.subject) != quad.subject
    }
    triples = [quad.triple for node in subjects for quad in view.quads(node) if "/graph/bench" in str(quad.graph_name)]
    return [
        Triple(renamed(t.subject), t.predicate, renamed(t.object))  # type: ignore[arg-type]
        for t in triples
    ]


def _class(view: View, iris: Iris) -> list[Triple]:
    """A class that nobody has heard of, for a programme: all that refer to it are judged again."""
    node = NamedNode(f"{iris.base}/id/programme/bench-7")
    return [
        Triple(node, RDF.type, NamedNode("urn:class:own")),
        Triple(node, DCT.term("title"), Literal("Програма", language="bg")),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, nargs="*", default=[3_400])
    parser.add_argument("--peer-up-to", type=int, default=3_400, help="entries up to which pySHACL judges the whole")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    domain = Domain(resources.ONTOLOGY, resources.QUERIES)
    shapes = rdflib.Graph()
    for path in (resources.ONTOLOGY / "shapes").rglob("*.ttl"):
        shapes.parse(path)
    peer = Peer(shapes)
    for entries in asked.entries:
        with tempfile.TemporaryDirectory() as name:
            store = home(Path(name), entries, domain)
            whole(store, domain, peer if entries <= asked.peer_up_to else None, asked.rounds)
            one(store, domain, peer, max(asked.rounds, 20))


if __name__ == "__main__":
    main()
