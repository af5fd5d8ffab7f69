"""A draft as SPARQL Update and Graph Store see it (DESIGN §3): they write to the endpoint's own graphs only.

The default graph is the merge. What is written without naming a graph goes to `{base}/graph/endpoint/default`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from kg.dataset import Using, resolve
from kg.errors import ConflictError, DataError, QueryError
from kg.finding import Finding
from kg.graph import DEFAULT, Changes, GraphName, Row, Subject, View, in_graph
from kg.iris import Iris
from kg.lexer.closures import written_out
from kg.namespaces import MKG

Skolemise = Callable[[Iterable[Triple], NamedNode], list[Triple]]
"""Triples of a graph with names in place of blank nodes."""


class Drafted(View, Protocol):
    """A draft, as far as updates need it."""

    @property
    def graphs(self) -> Iterable[NamedNode]: ...
    def apply(self, changes: Changes) -> None: ...
    def solutions(
        self,
        query: str,
        *,
        base_iri: str | None = None,
        default: Sequence[NamedNode] | None = None,
        named: Sequence[NamedNode] | None = None,
    ) -> Iterator[Row]: ...


class Endpoint:
    """The target of updates (`kg.update.evaluation.Target`), with the rules of ownership."""

    passes_over_load = False

    def __init__(self, draft: Drafted, iris: Iris, skolemise: Skolemise) -> None:
        self.draft = draft
        self.iris = iris
        self._skolemise = skolemise
        self._expected_gone: set[Triple] = set()
        self._about: set[Subject] = set()  # what something was stated or taken back of

    def solutions(self, query: str, base_iri: str | None, using: Using) -> Iterator[Row]:
        """See `Target`."""
        graphs = (DEFAULT,) if using.default is None else using.default

        def known(written: str, prologue: str) -> bool:
            (term,) = resolve([written], prologue, base_iri)
            return any(self._mentions(term, graph) for graph in graphs)

        text = written_out(query, known)
        return self.draft.solutions(text, base_iri=base_iri, default=using.default, named=using.named)

    def graphs(self) -> Sequence[NamedNode]:
        return sorted(self.draft.graphs, key=str)

    def triples(self, graph: GraphName) -> Iterator[Triple]:
        return (quad.triple for quad in self.draft.quads(None, None, None, self.own(graph)))

    def own(self, graph: GraphName) -> GraphName:
        """The graph that is written to when this one is named."""
        return self.iris.endpoint() if graph == DEFAULT else graph

    def writable(self, graph: GraphName) -> None:
        """Raises ConflictError naming the owner of a graph that is not the endpoint's."""
        own = self.own(graph)
        if not isinstance(own, NamedNode) or self.iris.endpoint_name(own) is None:
            raise ConflictError(*self._foreign(own))

    def change(self, removed: Iterable[Quad], added: Iterable[Quad], scope: NamedNode | None) -> None:
        """See `Target`. Raises ConflictError, and DataError for what a release cannot hold."""
        home = scope or self.iris.endpoint()
        going = {self._placed(quad, home): quad for quad in removed}
        coming = [self._placed(quad, home) for quad in added]
        for graph in {quad.graph_name for quad in (*going, *coming)}:
            self.writable(graph)
        for quad, written in going.items():
            if any(True for _ in self._found(quad)):
                self._about.add(quad.subject)
            elif written.graph_name == DEFAULT:
                self._answer_for(quad.triple)
        named = self._named(coming)
        self._about |= {quad.subject for quad in named}
        self._expected_gone -= {quad.triple for quad in named}
        self.draft.apply(Changes(added=tuple(named), removed=tuple(going)))

    def settle(self) -> None:
        """To be asked when everything is derived: raises ConflictError when a rule still says what was deleted.

        Of a subject about which more was done than that, it says so because of what is stated now.
        """
        for triple in sorted(self._expected_gone, key=str):
            if triple.subject in self._about:
                continue
            for quad in self.draft.quads(triple.subject, triple.predicate, triple.object, None):
                if quad.graph_name != DEFAULT:
                    self._refuse_removal(triple, quad.graph_name)

    def _mentions(self, term: NamedNode, graph: GraphName) -> bool:
        """Whether a graph says anything of a term."""
        quads = self.draft.quads
        return any(True for _ in chain(quads(term, None, None, graph), quads(None, None, term, graph)))

    def _placed(self, quad: Quad, home: NamedNode) -> Quad:
        if quad.graph_name != DEFAULT:
            return quad
        return Quad(quad.subject, quad.predicate, quad.object, home)

    def _found(self, quad: Quad) -> Iterator[Quad]:
        return self.draft.quads(quad.subject, quad.predicate, quad.object, quad.graph_name)

    def _answer_for(self, triple: Triple) -> None:
        """A triple that others hold is not deleted here, and nobody is told that it was.

        What only rules hold may go with what it follows from, so it is looked at again in the end.
        """
        if isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode | Triple):
            return
        for quad in self.draft.quads(triple.subject, triple.predicate, triple.object, None):
            graph = quad.graph_name
            if graph in {DEFAULT, self.iris.meta}:
                continue
            if isinstance(graph, NamedNode) and graph.value.startswith(self.iris.derived("").value):
                self._expected_gone.add(triple)
            else:
                self._refuse_removal(triple, graph)

    def _refuse_removal(self, triple: Triple, graph: GraphName) -> None:
        en, bg = self._foreign(graph)
        raise ConflictError(f"{triple} cannot be deleted: {en}", f"{triple} не може да се изтрие: {bg}")

    def _foreign(self, graph: GraphName) -> tuple[str, str]:
        """Whose graph it is, and what to do instead."""
        example = self.iris.endpoint("NAME").value
        bg_example = f"{example.removesuffix('NAME')}ИМЕ"
        if not isinstance(graph, NamedNode):
            return (
                f"a graph needs an IRI; write to {example}",
                f"графът трябва да има адрес (IRI); пишете в {bg_example}",
            )
        iri = graph.value
        owner = self._meta(graph, MKG.owner)
        if owner == ["source"]:
            name = iri.removeprefix(self.iris.graph("").value)
            files = ", ".join(self._meta(graph, MKG.file)) or "–"
            return (
                f"{iri} belongs to the source {name!r} ({files}); change the file and load it with `kg load`",
                f"{iri} е на източника „{name}“ ({files}); променете файла и го заредете с „kg load“",
            )
        if iri.startswith(self.iris.derived("").value):
            rule = iri.removeprefix(self.iris.derived("").value)
            return (
                f"{iri} is derived by the rule {rule!r}; change what it follows from",
                f"{iri} се извежда по правилото „{rule}“; променете това, от което следва",
            )
        if self.iris.endpoint_name(iri) is not None:
            return (f"it is in {iri}; name that graph with GRAPH", f"намира се в {iri}; посочете графа с GRAPH")
        if graph == self.iris.meta or any(True for _ in self.draft.quads(None, None, None, graph)):
            return (
                f"{iri} belongs to the system and follows from it; write to {example}",
                f"{iri} е на самата система и не се променя отвън; пишете в {bg_example}",
            )
        return (
            f"there is no graph {iri} to write to; use {example} (Latin letters, digits, „.“, „_“, „-“)",
            f"няма граф {iri}, в който да се пише; ползвайте {bg_example} (латински букви, цифри, „.“, „_“, „-“)",
        )

    def _meta(self, graph: NamedNode, property: NamedNode) -> list[str]:
        told = (quad.object for quad in self.draft.quads(graph, property, None, self.iris.meta))
        return sorted(term.value for term in told if isinstance(term, Literal))

    def _named(self, quads: Sequence[Quad]) -> list[Quad]:
        """The quads with names for blank nodes."""
        for quad in quads:
            if isinstance(quad.object, Triple):
                raise DataError(
                    [
                        Finding(
                            {
                                "en": "a statement about a statement is not kept; describe evidence with mkg:evidence",
                                "bg": "твърдение за твърдение не се пази; опишете доказателството с mkg:evidence",
                            },
                            focus_node=quad.subject,
                            path=quad.predicate.value,
                        )
                    ]
                )
        holding: dict[BlankNode, GraphName] = {}
        by_graph: dict[NamedNode, list[Triple]] = {}
        for quad in quads:
            assert isinstance(quad.graph_name, NamedNode)  # writable() has seen to it
            by_graph.setdefault(quad.graph_name, []).append(quad.triple)
            for term in (quad.subject, quad.object):
                if isinstance(term, BlankNode) and holding.setdefault(term, quad.graph_name) != quad.graph_name:
                    raise QueryError(
                        "a blank node stands in two graphs; give it an IRI",
                        "Безименен възел се среща в два графа; дайте му адрес (IRI)",
                    )
        return [
            quad for graph, triples in by_graph.items() for quad in in_graph(self._skolemise(triples, graph), graph)
        ]
