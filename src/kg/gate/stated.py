"""What graphs state, as the gate reads it: all of it in one pass, or the surroundings of what was touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from pyoxigraph import NamedNode, Quad

from kg.graph import DEFAULT, GraphName, Node, Subject, View
from kg.shacl.data import NOTHING, SUBCLASS, TYPE, is_subject

Said: TypeAlias = dict[NamedNode, Sequence[Node]]
"""What is said of one node, by property; each value once."""

Hints: TypeAlias = dict[tuple[NamedNode, Node], NamedNode]
"""The graph that last stated a value of a property of something: most of a class or a list stand in one graph."""

_CLASSES: Final = frozenset({TYPE, SUBCLASS})
_REMEMBERED: Final = 10_000


def is_stated(graph: GraphName) -> bool:
    """Whether a source, the endpoint or the system stands behind a graph."""
    if not isinstance(graph, NamedNode):
        return False
    name = graph.value
    return "/graph/derived/" not in name and not name.endswith("/graph/meta")


def stated(
    view: View, subject: Subject | None = None, predicate: NamedNode | None = None, object: Node | None = None
) -> Iterator[Quad]:
    """What graphs of the merge say, the derived ones apart: what was derived may follow from things that are gone."""
    return (quad for quad in view.quads(subject, predicate, object, None) if is_stated(quad.graph_name))


def graphs(view: View) -> list[NamedNode]:
    """The graphs that state something, in an order that is the same everywhere."""
    return sorted((one for one in view.graph_names() if isinstance(one, NamedNode) and is_stated(one)), key=str)


@dataclass
class Reading:
    """What graphs say of a node, kept: in one check many look at the same."""

    view: View
    hints: Hints = field(default_factory=dict)
    _kept: dict[Subject, dict[NamedNode, Said]] = field(default_factory=dict)
    _graphs: dict[GraphName, bool] = field(default_factory=dict)

    def of(self, node: Subject) -> Mapping[NamedNode, Said]:
        """By graph, those that state something alone."""
        found = self._kept.get(node)
        if found is None:
            if len(self._kept) >= _REMEMBERED:
                self._kept.clear()
            found = self._kept[node] = {}
            for quad in self.view.about(node):
                graph = quad.graph_name
                if not self._is_stated(graph):
                    continue
                assert isinstance(graph, NamedNode)
                said = found.get(graph)
                if said is None:
                    said = found[graph] = {}
                property = quad.predicate
                values = said.get(property)
                said[property] = (quad.object,) if values is None else (*values, quad.object)
        return found

    def alone(self, node: Subject, graph: NamedNode) -> Said:
        """What one graph says of a node; for nodes that will not be asked for again."""
        said: Said = {}
        for quad in self.view.quads(node, None, None, graph):
            property = quad.predicate
            values = said.get(property)
            said[property] = (quad.object,) if values is None else (*values, quad.object)
        return said

    def kept(self, node: Subject) -> Mapping[NamedNode, Said] | None:
        """The same, if it was read already."""
        return self._kept.get(node)

    def states(self, node: Subject, property: NamedNode, value: NamedNode) -> bool:
        """Whether a graph says this: the one first that said it of something else."""
        hint = self.hints.get((property, value))
        if hint is not None and self.view.holds(node, property, value, hint):
            return True
        for quad in self.quads(node, property, value):
            if len(self.hints) >= _REMEMBERED:
                self.hints.clear()
            assert isinstance(quad.graph_name, NamedNode)
            self.hints[property, value] = quad.graph_name
            return True
        return False

    def values(self, node: Subject, property: NamedNode) -> Sequence[Node]:
        """What is stated of a property. The merge is asked first, which is one look-up, and holds no less."""
        found = [quad.object for quad in self.view.quads(node, property, None, DEFAULT)]
        if not all(isinstance(one, NamedNode) and self.states(node, property, one) for one in found):
            found = [quad.object for quad in self.quads(node, property)]
        return tuple(dict.fromkeys(found))

    def quads(
        self, subject: Subject | None = None, predicate: NamedNode | None = None, object: Node | None = None
    ) -> Iterator[Quad]:
        """What is stated, by pattern."""
        return (quad for quad in self.view.quads(subject, predicate, object, None) if self._is_stated(quad.graph_name))

    def _is_stated(self, graph: GraphName) -> bool:
        known = self._graphs.get(graph)
        if known is None:
            known = self._graphs[graph] = is_stated(graph)
        return known


def merged(by_graph: Mapping[NamedNode, Said]) -> Said:
    """What several graphs say of one node, as one."""
    if len(by_graph) == 1:
        (said,) = by_graph.values()
        return said
    found: dict[NamedNode, dict[Node, None]] = {}
    for said in by_graph.values():
        for property, values in said.items():
            found.setdefault(property, {}).update(dict.fromkeys(values))
    return {property: tuple(values) for property, values in found.items()}


class Held:
    """Holds what is said of the node that is judged: its checks ask for it many times."""

    def __init__(self) -> None:
        self._node: Node | None = None
        self._said: Mapping[NamedNode, Sequence[Node]] = {}

    def hold(self, node: Subject | None, said: Mapping[NamedNode, Sequence[Node]]) -> None:
        """From now on this is said of this node; of None nothing is held."""
        self._node, self._said = node, said

    def out(self, node: Node) -> Mapping[NamedNode, Sequence[Node]]:
        if node == self._node:
            return self._said
        return self._look(node) if is_subject(node) else {}

    def objects(self, node: Node, property: NamedNode) -> Sequence[Node]:
        if node == self._node:
            return self._said.get(property, NOTHING)
        return self._values(node, property) if is_subject(node) else NOTHING

    def holds(self, node: Node, property: NamedNode, value: Node) -> bool:
        return value in self.objects(node, property)

    def _look(self, node: Subject) -> Mapping[NamedNode, Sequence[Node]]:
        raise NotImplementedError

    def _values(self, node: Subject, property: NamedNode) -> Sequence[Node]:
        raise NotImplementedError


class Merge(Held):
    """The merge of what graphs state."""

    def __init__(self, reading: Reading) -> None:
        super().__init__()
        self._reading = reading
        self.told: Callable[[Subject], Sequence[Node]] | None = None  # the types of any node, when they were read
        self._known: dict[tuple[Node, NamedNode], Sequence[Node]] = {}

    def types(self, node: Subject) -> Sequence[Node]:
        return self._values(node, TYPE)

    def _look(self, node: Subject) -> Mapping[NamedNode, Sequence[Node]]:
        return merged(self._reading.of(node))

    def _values(self, node: Subject, property: NamedNode) -> Sequence[Node]:
        if self.told is not None and property == TYPE:
            return self.told(node)
        if (kept := self._reading.kept(node)) is not None:
            return merged(kept).get(property, NOTHING)
        key = node, property
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[key] = self._reading.values(node, property)
        return found

    def holds(self, node: Node, property: NamedNode, value: Node) -> bool:
        read = node == self._node or (property == TYPE and self.told is not None) or (node, property) in self._known
        if read or not is_subject(node) or not isinstance(value, NamedNode) or self._reading.kept(node) is not None:
            return value in self.objects(node, property)
        return self._reading.states(node, property, value)

    def subjects(self, property: NamedNode, object: Node) -> Sequence[Subject]:
        return tuple(dict.fromkeys(quad.subject for quad in self._reading.quads(None, property, object)))

    def pairs(self, property: NamedNode) -> Iterator[tuple[Subject, Node]]:
        yield from dict.fromkeys((quad.subject, quad.object) for quad in self._reading.quads(None, property))


class Described(Held):
    """What one graph says, and the classes that any gives."""

    def __init__(self, reading: Reading, graph: NamedNode, merge: Merge) -> None:
        super().__init__()
        self._reading = reading
        self._graph = graph
        self._merge = merge

    def completed(self, node: Subject, said: Said) -> Said:
        """What the graph says of a node, with its classes."""
        types = self._merge.types(node)
        return {**said, TYPE: types} if types else said

    def _look(self, node: Subject) -> Mapping[NamedNode, Sequence[Node]]:
        said = self._reading.of(node).get(self._graph)
        return {} if said is None else self.completed(node, said)

    def holds(self, node: Node, property: NamedNode, value: Node) -> bool:
        if node != self._node and property in _CLASSES:
            return self._merge.holds(node, property, value)
        return super().holds(node, property, value)

    def _values(self, node: Subject, property: NamedNode) -> Sequence[Node]:
        if property in _CLASSES:
            return self._merge.objects(node, property)
        return tuple(quad.object for quad in self._reading.view.quads(node, property, None, self._graph))

    def subjects(self, property: NamedNode, object: Node) -> Sequence[Subject]:
        if property in _CLASSES:
            return self._merge.subjects(property, object)
        return tuple(quad.subject for quad in self._reading.view.quads(None, property, object, self._graph))

    def pairs(self, property: NamedNode) -> Iterator[tuple[Subject, Node]]:
        for quad in self._reading.view.quads(None, property, None, self._graph):
            yield quad.subject, quad.object
