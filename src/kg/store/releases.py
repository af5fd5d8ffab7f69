"""What a release and a draft have in common, reading, and the sealed release itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.errors import NotAcceptableError, QueryError, StoreError
from kg.formats import Format, Kind
from kg.graph import CustomFunction, GraphName, Node, Outline, Row, Statement, Subject
from kg.namespaces import RDF
from kg.resources import QUERIES
from kg.rq import QueryFile
from kg.store.disk import surroundings, trouble
from kg.store.pin import Sealed
from kg.store.port import Manifest

T = TypeVar("T")

KEPT = 10_000
"""Statements with one property that are kept in memory."""


@cache
def _query(name: str) -> QueryFile:
    return QueryFile.read(QUERIES / "system" / f"{name}.rq")


class EngineView:
    """A view of one engine directory."""

    @property
    def path(self) -> Path:
        """The directory; of a sealed release any process may open it read-only (`kg.store.pin.Sealed`)."""
        raise NotImplementedError

    @property
    def _engine(self) -> ox.Store:
        raise NotImplementedError

    def quads(
        self,
        subject: Subject | None = None,
        predicate: NamedNode | None = None,
        object: Node | None = None,
        graph: GraphName | None = None,
    ) -> Iterator[Quad]:
        """Quads that match; `graph=DEFAULT` reads the merge, None every graph and the merge."""
        try:  # as `surroundings` does, which takes as long as a look-up
            yield from self._engine.quads_for_pattern(subject, predicate, object, graph)
        except (OSError, RuntimeError) as cause:
            raise trouble(cause, self.path) from cause

    def about(self, subject: Subject) -> Iterable[Quad]:
        """What named graphs say of a thing."""
        return [quad for quad in self.quads(subject) if isinstance(quad.graph_name, NamedNode)]

    def every(self, property: NamedNode) -> tuple[Quad, ...]:
        """See `View`."""
        found = self.quads(None, property)
        return tuple(quad for quad in found if isinstance(quad.graph_name, NamedNode))

    def holds(self, subject: Subject, predicate: NamedNode, object: Node, graph: NamedNode) -> bool:
        """See `View`: no term has to be looked up."""
        try:
            return Quad(subject, predicate, object, graph) in self._engine
        except (OSError, RuntimeError) as cause:
            raise trouble(cause, self.path) from cause

    def graph_names(self) -> Iterator[GraphName]:
        """The names of the graphs; one that was emptied may be among them."""
        with surroundings(self.path):
            found = self._engine.named_graphs()
        return self._told(found)

    def properties(self, graph: NamedNode) -> list[NamedNode]:
        """The properties with which a named graph says something."""
        return [property for (property,) in self._rows(_query("properties").text, graph)]

    def outline(self, graph: NamedNode) -> Outline:
        """See `View`. The engine looks up each term that it hands out, which takes longer than to find it: it is asked
        for the things alone, with the places of their properties and classes in two lists.
        """
        properties = [property for property in self.properties(graph) if property != RDF.type]
        classes = [value for _, value in self.values(graph, [RDF.type])]
        table = [(property, None) for property in properties] + [(RDF.type, cls) for cls in classes]
        rows = [(*row, Literal(str(place))) for place, row in enumerate(table)]
        things = self._rows(_query("outline").tabled(rows), graph)
        return Outline(properties, classes, ((thing, places.value) for thing, places in things))

    def values(self, graph: NamedNode, properties: Sequence[NamedNode]) -> Iterator[tuple[NamedNode, Node]]:
        """See `View`."""
        rows = self._rows(_query("values").tabled(_placed(properties)), graph)
        return ((properties[int(place.value)], value) for place, value in rows)

    def pairs(self, graph: NamedNode, property: NamedNode, other: NamedNode) -> Iterator[tuple[Node, Node]]:
        """See `View`."""
        return ((value, beside) for value, beside in self._rows(_query("pairs").tabled([(property, other)]), graph))

    def statements(self, graph: NamedNode, properties: Sequence[NamedNode]) -> Iterator[Statement]:
        """See `View`."""
        rows = self._rows(_query("statements").tabled(_placed(properties)), graph)
        return ((thing, properties[int(place.value)], value) for thing, place, value in rows)

    def _rows(self, query: str, graph: NamedNode) -> Iterator[Any]:
        """Solutions over one named graph, to be unpacked into their terms."""
        with surroundings(self.path):
            found = self._engine.query(query, default_graph=[graph])
        return self._told(iter(found))  # type: ignore[arg-type]

    def select(self, query: str) -> Iterator[Row]:
        """Solutions of a SELECT query. Raises QueryError when it is malformed or of another form."""
        solutions = self._evaluate(query)
        if not isinstance(solutions, ox.QuerySolutions):
            raise QueryError("this is not a SELECT query", "това не е заявка SELECT")
        names = [variable.value for variable in solutions.variables]
        return self._told({name: solution[at] for at, name in enumerate(names)} for solution in solutions)

    def construct(self, query: str, functions: Mapping[NamedNode, CustomFunction] | None = None) -> Iterator[Triple]:
        """Triples of a CONSTRUCT query. Raises QueryError when it is malformed or of another form."""
        triples = self._evaluate(query, functions)
        if not isinstance(triples, ox.QueryTriples):
            raise QueryError("this is not a CONSTRUCT query", "това не е заявка CONSTRUCT")
        return self._told(triples)

    def answer(self, query: str, format: Format, output: IO[bytes]) -> None:
        """Writes the answer of a trusted query; there is no deadline here.

        Raises QueryError, and NotAcceptableError when the format cannot hold this kind of answer.
        """
        found = self._evaluate(query)
        graph = isinstance(found, ox.QueryTriples)
        if graph is (format.kind is Kind.RESULTS):
            wanted = "ttl, nt, jsonld, rdf" if graph else "csv, json, tsv, xml"
            raise NotAcceptableError(
                f"this query cannot be answered as {format.name}; use {wanted}",
                f"тази заявка не може да се отговори като {format.name}; ползвайте {wanted}",
            )
        with surroundings(self.path):
            found.serialize(output, format.engine)  # type: ignore[arg-type]

    def _evaluate(
        self, query: str, functions: Mapping[NamedNode, CustomFunction] | None = None
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        engine = self._engine
        try:
            with surroundings(self.path):
                return engine.query(query, custom_functions=dict(functions or {}))
        except SyntaxError as cause:
            raise QueryError(f"the query is malformed: {cause}", f"заявката е сгрешена: {cause}") from cause

    def _told(self, found: Iterator[T]) -> Iterator[T]:
        with surroundings(self.path):
            yield from found


class EmbeddedRelease(EngineView):
    """A sealed release: its manifest, and its directory opened read-only."""

    def __init__(self, manifest: Manifest, sealed: Sealed) -> None:
        self._manifest = manifest
        self._sealed: Sealed | None = sealed
        self._path = sealed.path

    def __repr__(self) -> str:
        return f"<release {self.number} of {self._manifest.base}>"

    @property
    def manifest(self) -> Manifest:
        return self._manifest

    @property
    def number(self) -> int:
        return self._manifest.number

    @property
    def path(self) -> Path:
        return self._path

    @property
    def _engine(self) -> ox.Store:
        if self._sealed is None or self._sealed.engine is None:
            raise StoreError(f"release {self.number} is closed", f"издание {self.number} е затворено")
        return self._sealed.engine

    def every(self, property: NamedNode) -> tuple[Quad, ...]:
        """See `View`; read once."""
        sealed = self._sealed
        if sealed is None or property not in sealed.kept:
            found = super().every(property)
            if sealed is None or len(found) > KEPT:
                return found
            sealed.kept[property] = found
        return sealed.kept[property]

    def carry(self, kept: Mapping[NamedNode, tuple[Quad, ...]]) -> None:
        """What need not be read of this release any more."""
        if self._sealed is not None:
            self._sealed.kept.update(kept)

    @property
    def kept(self) -> Collection[NamedNode]:
        """The properties of which everything was read."""
        return () if self._sealed is None else self._sealed.kept.keys()

    def clone(self, folder: Path) -> None:
        """A copy to write to, made of hard links where the file system allows."""
        with surroundings(folder):
            self._engine.backup(str(folder))

    def close(self) -> None:
        """Lets go of the directory; other readers of the same release go on."""
        self._sealed = None


def _placed(properties: Sequence[NamedNode]) -> Iterator[tuple[Node, Node]]:
    """Each with its place: a small number needs no look-up."""
    return ((property, Literal(place)) for place, property in enumerate(properties))
