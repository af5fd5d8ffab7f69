"""An update request carried out on a dataset (SPARQL 1.1 Update §3), one operation after the other.

The dataset decides what its default graph is and who may write where. Queries are those of the request: its own
pattern, read with its own prologue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from pyoxigraph import NamedNode, Quad, Store, Triple

from kg.dataset import Using, resolve
from kg.errors import ConflictError, LoadError, NotFoundError, QueryError
from kg.graph import DEFAULT, GraphName, Row, in_graph
from kg.lexer import tokens
from kg.update import operations
from kg.update.operations import Data, Manage, Modify, Operation, Request
from kg.update.templates import Template, data

_STOP = " DROP GRAPH <urn:stop> ; "
"""Before an operation, it ends the evaluation before anything is done, once everything has been parsed."""
_PLACE = re.compile(r"at (\d+):(\d+)")
_INK = re.compile(r"[^\r\n]")


class Target(Protocol):
    """The dataset that an update reads and changes."""

    @property
    def passes_over_load(self) -> bool:
        """Whether LOAD SILENT is a failure nobody is told of (§3.1.4), instead of a refusal."""

    def solutions(self, query: str, base_iri: str | None, using: Using) -> Iterator[Row]:
        """Solutions of a SELECT query over these graphs."""

    def graphs(self) -> Sequence[NamedNode]:
        """The named graphs that hold something."""

    def triples(self, graph: GraphName) -> Iterator[Triple]:
        """What a graph holds, as far as it may be written to."""

    def writable(self, graph: GraphName) -> None:
        """Raises ConflictError when the graph has another owner."""

    def change(self, removed: Iterable[Quad], added: Iterable[Quad], scope: NamedNode | None) -> None:
        """Removes, then adds. Quads without a graph are meant for `scope`, or for the default graph when it is None."""


def check(text: str, base_iri: str | None) -> Request:
    """The operations of a request that is well-formed as a whole. Raises QueryError; nothing is done.

    The engine takes no prologue behind a „;“, so it is shown one stretch at a time, everything in its place.
    """
    try:
        request = operations.read(text)
    except QueryError:
        _parse("", text, base_iri)  # it may say better what is wrong
        raise
    for stretch in request.stretches:
        start = stretch.operations.start
        shown = list(_INK.sub(" ", text[:start]))
        for part in stretch.prologues:
            shown[part] = text[part]
        _parse("".join(shown), text[stretch.operations], base_iri)
    labels: set[str] = set()
    for operation in request.operations:
        used = (
            {token.text for token in tokens(operation.block) if token.kind == "blank"}
            if isinstance(operation, Data)
            else set()
        )
        if shared := labels & used:
            raise QueryError(
                f"the blank node {min(shared)} stands in two operations; give each its own",
                f"Безименният възел {min(shared)} се среща в две операции; дайте на всяка отделен",
            )
        labels |= used
    return request


def _parse(prologue: str, rest: str, base_iri: str | None) -> None:
    try:
        Store().update(prologue + _STOP + rest, base_iri=base_iri)
    except RuntimeError:  # there is no such graph: everything was parsed
        return
    except SyntaxError as cause:
        line, column = prologue.count("\n") + 1, len(prologue) - (prologue.rfind("\n") + 1)

        def place(found: re.Match[str]) -> str:
            """Where it is in the request as it was sent."""
            moved = int(found[1]) == line and int(found[2]) > column
            return f"at {found[1]}:{int(found[2]) - (len(_STOP) if moved else 0)}"

        said = _PLACE.sub(place, cause.msg, count=1)
        raise QueryError(f"the update is malformed: {said}", f"Промяната е сгрешена: {said}") from cause


def evaluate(
    request: Request,
    target: Target,
    *,
    base_iri: str | None = None,
    using: Using | None = None,
    scope: NamedNode | None = None,
) -> None:
    """Carries out a request.

    `using` is what the protocol says (SPARQL 1.1 Protocol §2.2.3), `scope` the graph that operations without WITH are
    about. Raises QueryError, and ForbiddenError, ConflictError, NotFoundError where the dataset refuses.
    """
    if using and any(isinstance(one, Modify) and (one.scope or one.using or one.named) for one in request.operations):
        raise QueryError(
            "the request names graphs in its address and, with USING or WITH, in its text; choose one place",
            "Заявката посочва графи и в адреса, и в текста (USING или WITH); оставете ги само на едното място",
        )
    evaluation = _Evaluation(target, base_iri, using or Using(), scope)
    for operation in request.operations:
        evaluation.run(operation)


@dataclass(frozen=True, slots=True)
class _Evaluation:
    target: Target
    base_iri: str | None
    using: Using
    scope: NamedNode | None

    def run(self, operation: Operation) -> None:
        match operation:
            case Data():
                quads = data(operation.block, operation.prologue, self.base_iri)
                none: list[Quad] = []
                removed, added = (quads, none) if operation.removes else (none, quads)
                self.target.change(removed, added, self.scope)
            case Modify():
                self._modify(operation)
            case Manage():
                self._manage(operation)

    def _modify(self, operation: Modify) -> None:
        prologue = operation.prologue
        scope = self._graph(operation.scope, prologue) if operation.scope else self.scope
        using = self.using
        if operation.using or operation.named:
            using = Using(
                *(tuple(resolve(iris, prologue, self.base_iri)) for iris in (operation.using, operation.named))
            )
        elif scope is not None and not using:
            using = Using(default=(scope,))
        delete, insert = (
            Template.read(written, prologue, self.base_iri) if written else None
            for written in (operation.delete, operation.insert)
        )
        removed: dict[Quad, None] = {}
        added: dict[Quad, None] = {}
        for row in self.target.solutions(f"{prologue}\nSELECT *\n{operation.where}", self.base_iri, using):
            if delete:
                removed.update(dict.fromkeys(delete.fill(row)))
            if insert:
                added.update(dict.fromkeys(insert.fill(row)))
        self.target.change(removed, added, scope)

    def _manage(self, operation: Manage) -> None:
        target = self._graph(operation.target, operation.prologue)
        match operation.verb:
            case "LOAD":
                if not (operation.silent and self.target.passes_over_load):
                    raise LoadError
            case "CREATE":
                assert target is not None
                self._create(target, operation.silent)
            case "CLEAR" | "DROP":
                self._clear(operation.target, target)
            case verb:
                source = self._graph(operation.source, operation.prologue)
                self._transfer(verb, source or DEFAULT, target or DEFAULT, operation.silent)

    def _create(self, graph: NamedNode, silent: bool) -> None:
        self.target.writable(graph)
        if graph in self.target.graphs() and not silent:
            raise ConflictError(
                f"the graph {graph.value} is there already; write CREATE SILENT if that does not matter",
                f"Графът {graph.value} вече съществува; ако това не е пречка, напишете CREATE SILENT",
            )

    def _clear(self, written: str, graph: NamedNode | None) -> None:
        """A graph that is not there is as empty as it is asked to be: empty graphs are not recorded (§3.2)."""
        graphs: list[GraphName] = [graph] if graph is not None else []
        if written in {operations.NAMED, operations.ALL}:
            graphs += self.target.graphs()
        if written in {operations.DEFAULT, operations.ALL}:
            graphs.append(DEFAULT)
        for one in graphs:
            self.target.writable(one)
        for one in graphs:
            self.target.change(list(in_graph(self.target.triples(one), one)), (), None)

    def _transfer(self, verb: str, source: GraphName, target: GraphName, silent: bool) -> None:
        self.target.writable(target)
        if verb == "MOVE":
            self.target.writable(source)
        if source == target:
            return
        if source != DEFAULT and source not in self.target.graphs():
            if silent:
                return
            assert isinstance(source, NamedNode)
            raise NotFoundError(
                f"there is no graph {source.value} to take anything from",
                f"Няма граф {source.value}, от който да се вземе",
            )
        taken = list(self.target.triples(source))
        coming = list(in_graph(taken, target))
        going = [] if verb == "ADD" else list(in_graph(self.target.triples(target), target))
        self.target.change(going, coming, None)
        if verb == "MOVE":
            self.target.change(list(in_graph(taken, source)), (), None)

    def _graph(self, written: str, prologue: str) -> NamedNode | None:
        """The graph that an IRI names; None for DEFAULT, NAMED and ALL."""
        if written in {operations.DEFAULT, operations.NAMED, operations.ALL}:
            return None
        return resolve([written], prologue, self.base_iri)[0]
