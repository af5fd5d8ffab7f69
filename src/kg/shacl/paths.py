"""Property paths (SHACL §2.3.1): which nodes are reached from a focus node, and how the path is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from pyoxigraph import BlankNode, NamedNode, Triple

from kg.errors import QueryError
from kg.graph import Node
from kg.namespaces import RDF, SH
from kg.shacl.data import Data, is_subject

FIRST, REST, NIL = RDF.first, RDF.rest, RDF.nil


class Path(Protocol):
    """A way from node to node."""

    def nodes(self, data: Data, focus: Node) -> Sequence[Node]:
        """What is reached, each once."""

    def __str__(self) -> str:
        """As SPARQL 1.1 §9.1 writes it."""


@dataclass(frozen=True, slots=True)
class Property:
    iri: NamedNode

    def nodes(self, data: Data, focus: Node) -> Sequence[Node]:
        return data.objects(focus, self.iri)

    def __str__(self) -> str:
        return str(self.iri)


@dataclass(frozen=True, slots=True)
class Inverse:
    path: Path

    def nodes(self, data: Data, focus: Node) -> Sequence[Node]:
        return back(self.path, data, focus)

    def __str__(self) -> str:
        return f"^{_bracketed(self.path)}"


@dataclass(frozen=True, slots=True)
class InSequence:
    parts: tuple[Path, ...]

    def nodes(self, data: Data, focus: Node) -> Sequence[Node]:
        found: Sequence[Node] = (focus,)
        for part in self.parts:
            found = list(dict.fromkeys(far for near in found for far in part.nodes(data, near)))
        return found

    def __str__(self) -> str:
        return "/".join(map(_bracketed, self.parts))


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Path, ...]

    def nodes(self, data: Data, focus: Node) -> Sequence[Node]:
        return list(dict.fromkeys(far for part in self.parts for far in part.nodes(data, focus)))

    def __str__(self) -> str:
        return "|".join(map(_bracketed, self.parts))


@dataclass(frozen=True, slots=True)
class Repeated:
    """`*` with zero and many, `+` with many, `?` with zero."""

    path: Path
    zero: bool
    many: bool

    def nodes(self, data: Data, focus: Node) -> Sequence[Node]:
        return _repeated(lambda node: self.path.nodes(data, node), focus, self.zero, self.many)

    def __str__(self) -> str:
        return _bracketed(self.path) + {(True, True): "*", (False, True): "+"}.get((self.zero, self.many), "?")


def back(path: Path, data: Data, node: Node) -> Sequence[Node]:
    """The nodes from which a path leads to this one."""
    match path:
        case Property(iri):
            return data.subjects(iri, node)
        case Inverse(inner):
            return inner.nodes(data, node)
        case InSequence(parts):
            found: Sequence[Node] = (node,)
            for part in reversed(parts):
                found = list(dict.fromkeys(near for far in found for near in back(part, data, far)))
            return found
        case Either(parts):
            return list(dict.fromkeys(near for part in parts for near in back(part, data, node)))
        case Repeated(inner, zero, many):
            return _repeated(lambda one: back(inner, data, one), node, zero, many)
    raise TypeError(path)


def _repeated(step: Callable[[Node], Sequence[Node]], start: Node, zero: bool, many: bool) -> Sequence[Node]:
    if not many:
        return list(dict.fromkeys([start, *step(start)]))
    found: dict[Node, None] = {start: None} if zero else {}
    todo, walked = [start], {start}
    while todo:
        for far in step(todo.pop()):
            found[far] = None
            if far not in walked:
                walked.add(far)
                todo.append(far)
    return list(found)


_REPEATED = {SH.zeroOrMorePath: (True, True), SH.oneOrMorePath: (False, True), SH.zeroOrOnePath: (True, False)}


def read(shapes: Data, node: Node, depth: int = 0) -> Path:
    """The path that a node of the shapes graph stands for. Raises QueryError for one that is ill-formed."""
    if isinstance(node, NamedNode):
        return Property(node)
    if depth > _DEEPEST or not isinstance(node, BlankNode):
        raise _ill_formed(node)
    if shapes.objects(node, FIRST):
        parts = tuple(read(shapes, part, depth + 1) for part in items(shapes, node))
        if len(parts) < 2:
            raise _ill_formed(node)
        return InSequence(parts)
    said = shapes.out(node)
    if SH.alternativePath in said:
        alternatives = tuple(read(shapes, part, depth + 1) for part in items(shapes, said[SH.alternativePath][0]))
        if len(alternatives) < 2:
            raise _ill_formed(node)
        return Either(alternatives)
    if SH.inversePath in said:
        return Inverse(read(shapes, said[SH.inversePath][0], depth + 1))
    for property, (zero, many) in _REPEATED.items():
        if property in said:
            return Repeated(read(shapes, said[property][0], depth + 1), zero, many)
    raise _ill_formed(node)


_DEEPEST = 50


def items(shapes: Data, head: Node) -> Iterator[Node]:
    """The members of an RDF list. Raises QueryError when it is none."""
    seen: set[Node] = set()
    while head != NIL:
        first, rest = shapes.objects(head, FIRST), shapes.objects(head, REST)
        if head in seen or len(first) != 1 or len(rest) != 1:
            raise QueryError(f"{head} is not a list", f"{head} не е списък")
        seen.add(head)
        yield first[0]
        head = rest[0]


def closure(shapes: Data, node: Node) -> Iterator[Triple]:
    """The triples that a blank node of the shapes graph begins, as far as blank nodes lead."""
    todo, seen = [node], {node}
    while todo:
        one = todo.pop()
        if not isinstance(one, BlankNode):
            continue
        for property, values in shapes.out(one).items():
            for value in values:
                yield Triple(one, property, value)
                if is_subject(value) and value not in seen:
                    seen.add(value)
                    todo.append(value)


def _bracketed(path: Path) -> str:
    return str(path) if isinstance(path, Property) else f"({path})"


def _ill_formed(node: Node) -> QueryError:
    return QueryError(f"{node} is not a property path (SHACL §2.3.1)", f"{node} не е път от свойства (SHACL §2.3.1)")
