"""Constraints that are written in SPARQL (SHACL §5), and components that are (§6)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.errors import QueryError
from kg.graph import Node, Row
from kg.lexer import Token, tokens
from kg.namespaces import OWL, SH
from kg.shacl import plain
from kg.shacl.components import TRUE
from kg.shacl.data import Classes, Data
from kg.shacl.kinds import NONE, Demands, Kind
from kg.shacl.paths import Property
from kg.shacl.selecting import selecting
from kg.shacl.shape import Among, Check, Found, Run, Said, Shape

_REFUSED: Final = frozenset({"MINUS", "VALUES", "SERVICE"})
_TOGETHER: Final = 1_000
"""Focus nodes of which a query is asked at once."""
_ALWAYS: Final = ("this", "shapesGraph", "currentShape")
_PLACE: Final = re.compile(r"\{[?$](\w+)\}")
_PATH: Final = re.compile(r"[$?]PATH\b")


@dataclass(frozen=True, slots=True)
class Query:
    """A query with variables that are bound beforehand."""

    text: str
    bound: frozenset[str]

    @classmethod
    def read(cls, graph: Data, node: Node, property: NamedNode, bound: Sequence[str] = ()) -> Query:
        """The query of a constraint or a validator. Raises QueryError for one that must not be written so (§5.3)."""
        (source, *_) = [*graph.objects(node, property), Literal("")]
        names = frozenset((*_ALWAYS, *bound))
        text = "".join(_prefixes(graph, node)) + str(getattr(source, "value", ""))
        _refuse(text, names, node)
        return cls(text, names)

    def rows(self, run: Run, shape: Shape, values: Mapping[str, Node]) -> Iterator[Row]:
        return run.select(self.on(shape), {"currentShape": shape.node, **values})

    def on(self, shape: Shape) -> str:
        """The text with the path of the shape in its place."""
        return _PATH.sub(lambda _: str(shape.path), self.text) if shape.path is not None else self.text


def _prefixes(graph: Data, node: Node) -> Iterator[str]:
    """The prologue, of what `sh:prefixes` names and what that imports."""
    todo, seen = list(graph.objects(node, SH.prefixes)), set[Node]()
    while todo:
        if (one := todo.pop()) in seen:
            continue
        seen.add(one)
        todo += graph.objects(one, OWL.imports)
        for declared in graph.objects(one, SH.declare):
            for name in graph.objects(declared, SH.prefix):
                for namespace in graph.objects(declared, SH.namespace):
                    yield f"PREFIX {getattr(name, 'value', '')}: <{getattr(namespace, 'value', '')}>\n"


def _refuse(text: str, bound: frozenset[str], node: Node) -> None:
    """What cannot be evaluated with variables bound beforehand (appendix A)."""
    found = list(tokens(text))
    for place, token in enumerate(found):
        word = token.text.upper() if token.kind == "word" else ""
        if word in _REFUSED:
            raise _not_allowed(node, word)
        if word == "AS" and found[place + 1 : place + 2] and found[place + 1].text[1:] in bound:
            raise _not_allowed(node, f"AS {found[place + 1].text}")
        if word == "SELECT" and place and found[place - 1].text == "{":
            _refuse_subquery(found, place, text, bound, node)


def _refuse_subquery(found: Sequence[Token], place: int, text: str, bound: frozenset[str], node: Node) -> None:
    """A subquery has to hand on the bound variables that it, or what stands around it, mentions."""
    start = found[place].start
    end = next((one.start for one in found[place:] if one.text == "{"), len(text))
    head = text[start:end]
    if "$this" not in head and "?this" not in head:
        raise _not_allowed(node, "a subquery without $this")


def _not_allowed(node: Node, what: str) -> QueryError:
    return QueryError(
        f"the query of {node} contains {what}, which has no meaning when variables are bound beforehand",
        f"Заявката на {node} съдържа {what}, което няма смисъл при предварително свързани променливи",
    )


@dataclass(frozen=True, slots=True)
class Constraint:
    """`sh:sparql` (§5.1)."""

    node: Node
    query: Query
    messages: tuple[Literal, ...]
    component: NamedNode = SH.SPARQLConstraintComponent
    shape: Shape | None = None
    wanted: Node | None = None
    looks: bool = True

    @property
    def looked_at(self) -> frozenset[NamedNode] | None:
        """The properties of the focus node that it reads; None when it may read more."""
        assert self.shape is not None
        path = self.shape.path
        return plain.looked_at(self.query.on(self.shape)) if path is None or isinstance(path, Property) else None

    @property
    def among(self) -> Among | None:
        assert self.shape is not None
        parts, properties = plain.opened(self.query.on(self.shape)), self.looked_at
        return None if parts is None or properties is None else partial(_among, parts, properties)

    def found(self, run: Run, focus: Node, values: Sequence[Node]) -> Iterator[Found]:
        assert self.shape is not None
        for row in self.query.rows(run, self.shape, {"this": focus}):
            yield _told(row, self.shape, focus, self.messages, self.node)

    def holds(self, run: Run, focus: Node, values: Sequence[Node]) -> bool:
        return next(self.found(run, focus, values), None) is None

    def demands(self, kind: Kind, property: NamedNode | None) -> Demands | None:
        return None  # a query may look anywhere

    def breach(self, kind: Kind, property: NamedNode | None) -> Demands | None:
        return None


def _among(parts: tuple[str, str], properties: Collection[NamedNode], said: Mapping[NamedNode, Said]) -> set[Node]:
    """The nodes of which a query between whose parts they are named has something to say."""
    found: set[Node] = set()
    nodes = list(said)
    for start in range(0, len(nodes), _TOGETHER):
        some, store = nodes[start : start + _TOGETHER], Store()
        store.extend(
            Quad(node, property, value)
            for node in some
            for property in properties
            for value in said[node].get(property, ())
        )
        text = f"{parts[0]} VALUES ?this {{ {' '.join(map(str, some))} }} {parts[1]}"
        found.update(node for row in selecting(store)(text, {}) if (node := row["this"]) is not None)
    return found


def _told(row: Row, shape: Shape, focus: Node, messages: tuple[Literal, ...], source: Node | None) -> Found:
    """A solution as a result (§5.3.2)."""
    if row.get("failure") == TRUE:
        raise QueryError(f"the query of {source or shape.node} failed", f"Заявката на {source or shape.node} не успя")
    value = row.get("value")
    if value is None and shape.path is None:
        value = focus
    path = row.get("path")
    said = row.get("message")
    texts = (said,) if isinstance(said, Literal) else messages
    bound = {"this": focus, **row}
    return Found(
        value,
        path if isinstance(path, NamedNode) and shape.path is None else None,
        tuple(_filled(text, bound) for text in texts),
        source,
    )


def _filled(text: Literal, row: Mapping[str, Node | None]) -> Literal:
    def put(found: re.Match[str]) -> str:
        node = row.get(found[1])
        return found[0] if node is None else str(getattr(node, "value", node))

    filled = _PLACE.sub(put, text.value)
    return Literal(filled, language=text.language) if text.language else Literal(filled, datatype=text.datatype)


def constraints(graph: Data, shape: Shape) -> Iterator[Check]:
    """Those of a shape. Raises QueryError."""
    for node in graph.objects(shape.node, SH.sparql):
        if TRUE not in graph.objects(node, SH.deactivated):
            yield Constraint(node, Query.read(graph, node, SH.select), texts(graph, node), shape=shape)


def texts(graph: Data, node: Node) -> tuple[Literal, ...]:
    """Its messages."""
    return tuple(one for one in graph.objects(node, SH.message) if isinstance(one, Literal))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A property of the shape that binds a variable (§6.2.1)."""

    path: NamedNode
    optional: bool

    @property
    def name(self) -> str:
        return re.split(r"[#/:]", self.path.value)[-1]


@dataclass(frozen=True, slots=True)
class Validator:
    """How a component is decided for one kind of shape (§6.2.3)."""

    query: Query
    asks: bool
    messages: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Component:
    """A constraint component whose validators are queries."""

    iri: NamedNode
    parameters: tuple[Parameter, ...]
    for_nodes: Validator | None
    for_properties: Validator | None

    def checks(self, graph: Data, shape: Shape) -> Iterator[Check]:
        """One for each way to bind the parameters; none when the shape lacks a mandatory one."""
        validator = self.for_nodes if shape.path is None else self.for_properties
        if validator is None:
            return
        bindings: list[dict[str, Node]] = [{}]
        for parameter in self.parameters:
            values = graph.objects(shape.node, parameter.path)
            if values:
                bindings = [{**one, parameter.name: value} for one in bindings for value in values]
            elif not parameter.optional:
                return
        messages = validator.messages or texts(graph, self.iri)
        for bound in bindings:
            yield Decided(self.iri, validator, bound, messages, shape)


@dataclass(frozen=True, slots=True)
class Decided:
    """A component with its parameters bound, on one shape."""

    component: NamedNode
    validator: Validator
    bound: Mapping[str, Node]
    messages: tuple[Literal, ...]
    shape: Shape
    wanted: Node | None = None
    looks: bool = True
    among: Among | None = None

    def found(self, run: Run, focus: Node, values: Sequence[Node]) -> Iterator[Found]:
        query = self.validator.query
        if not self.validator.asks:
            for row in query.rows(run, self.shape, {"this": focus, **self.bound}):
                yield _told({**self.bound, **row}, self.shape, focus, self.messages, None)
            return
        for value in values:
            if next(query.rows(run, self.shape, {"this": focus, "value": value, **self.bound}), None) is None:
                row = {**self.bound, "this": focus, "value": value}
                yield Found(value, None, tuple(_filled(text, row) for text in self.messages))

    def holds(self, run: Run, focus: Node, values: Sequence[Node]) -> bool:
        return next(self.found(run, focus, values), None) is None

    def demands(self, kind: Kind, property: NamedNode | None) -> Demands | None:
        return NONE if self.validator.asks and property is not None and not kind.count(property) else None

    def breach(self, kind: Kind, property: NamedNode | None) -> Demands | None:
        return None


def components(graph: Data, classes: Classes) -> Iterator[Component]:
    """All that the shapes graph declares. Raises QueryError."""
    for iri in dict.fromkeys(classes.instances(SH.ConstraintComponent)):
        if not isinstance(iri, NamedNode):
            continue
        parameters = tuple(
            Parameter(path, TRUE in graph.objects(node, SH.optional))
            for node in graph.objects(iri, SH.parameter)
            for path in graph.objects(node, SH.path)
            if isinstance(path, NamedNode)
        )
        names = [one.name for one in parameters]
        either = _validator(graph, iri, SH.validator, names)
        nodes = _validator(graph, iri, SH.nodeValidator, names) or either
        properties = _validator(graph, iri, SH.propertyValidator, names) or either
        if parameters and (nodes or properties):
            yield Component(iri, parameters, nodes, properties)


def _validator(graph: Data, iri: NamedNode, kind: NamedNode, names: Sequence[str]) -> Validator | None:
    for node in graph.objects(iri, kind):
        for property in (SH.ask, SH.select):
            if graph.objects(node, property):
                asks = property == SH.ask
                query = Query.read(graph, node, property, (*names, "value") if asks else names)
                return Validator(query, asks, texts(graph, node))
    return None
