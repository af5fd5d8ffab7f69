"""All of a dataset at a glance: which nodes have to be looked at closely, the others being known to conform.

Most shapes ask how many values there are, and what each value is like. The first is told by the kind of a node, and of
kinds there are few; the second is asked of each different value once, whoever has it. What is left looks at a few
properties of some nodes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pyoxigraph import Literal, NamedNode

from kg.gate.judge import Judge
from kg.gate.stated import Said
from kg.graph import Node, Subject, View
from kg.shacl import Run, Shape
from kg.shacl.data import NOTHING, TYPE
from kg.shacl.kinds import Agree, Fits

Condition: TypeAlias = tuple[Run, Fits]


@dataclass(frozen=True, slots=True, eq=False)
class Sort:
    """What nodes of one graph have in common, and what it takes for shapes to find nothing in them."""

    types: tuple[Node, ...]
    close: bool = False  # that has to be seen node by node
    each: Mapping[NamedNode, tuple[Condition, ...]] = field(default_factory=dict)
    pairs: tuple[tuple[NamedNode, NamedNode, Agree], ...] = ()
    shapes: tuple[tuple[Judge, Shape], ...] = ()

    @property
    def looked_at(self) -> set[Node]:
        """The properties at which the shapes look."""
        return {property for judge, shape in self.shapes for property in judge.aimed.aims.looked_at(shape)}


class Survey:
    """The nodes of all graphs by their kinds."""

    def __init__(self, view: View) -> None:
        self.several: dict[Subject, tuple[Node, ...]] = {}  # what more than one graph describes, with its types
        self._view = view
        self._sorts: dict[Subject, Sort] = {}
        self._found: dict[NamedNode, dict[str, Sort]] = {}
        self._things: dict[NamedNode, list[Subject]] = {}  # of sorts with shapes
        self._close: dict[NamedNode, list[Subject]] = {}  # of those that are to be seen node by node

    def types(self, node: Subject) -> Sequence[Node]:
        """The types of any node. All graphs are sorted by now."""
        sort = self._sorts.get(node)
        return NOTHING if sort is None else self.several.get(node, sort.types)

    def sort(self, graph: NamedNode, judges: Sequence[Judge]) -> None:
        """Tells the things of a graph apart."""
        outline = self._view.outline(graph)
        found = self._found[graph] = {}
        things, close = self._things[graph], self._close[graph] = [], []
        for thing, places in outline.things:
            sort = found.get(places)
            if sort is None:
                sort = found[places] = _sort(*outline.read(places), judges)
            before = self._sorts.get(thing)
            if before is not None:
                types = self.several.get(thing, before.types)
                self.several[thing] = tuple(dict.fromkeys((*types, *sort.types)))
                continue
            self._sorts[thing] = sort
            if sort.close:
                close.append(thing)
            elif sort.shapes:
                things.append(thing)

    def close(self, graph: NamedNode) -> list[Subject]:
        """The things of a graph, and of no other, in which something may be found. All graphs are sorted by now."""
        sorts = list(self._found[graph].values())
        shared, apart = _conditions(sorts)
        found: dict[Subject, None] = dict.fromkeys(self._close[graph])
        for property, value in self._unfit(graph, sorts, shared):
            found.update((quad.subject, None) for quad in self._view.quads(None, property, value, graph))
        found.update(dict.fromkeys(self._looked_into(graph, sorts, apart)))
        return [thing for thing in found if thing not in self.several]

    def _unfit(
        self, graph: NamedNode, sorts: Collection[Sort], shared: Mapping[NamedNode, tuple[Condition, ...]]
    ) -> Iterator[tuple[NamedNode, Node]]:
        """Values that are wrong by themselves, and those that are beside a value of another property."""
        for property, value in self._view.values(graph, list(shared)) if shared else ():
            if not _meets(shared[property], value):
                yield property, value
        for property, other, agree in dict.fromkeys(pair for sort in sorts for pair in sort.pairs):
            pairs = self._view.pairs(graph, property, other)
            yield from dict.fromkeys((property, value) for value, beside in pairs if not agree(value, beside))

    def _looked_into(
        self, graph: NamedNode, sorts: Collection[Sort], apart: Collection[NamedNode]
    ) -> Iterator[Subject]:
        """Things with a value that is wrong in them, and those that do not conform to shapes that look at little."""
        said: dict[Subject, Said] = {}
        columns = {property for sort in sorts for property in sort.looked_at}.union(apart)
        wanted = sorted((one for one in columns if isinstance(one, NamedNode)), key=str)
        for thing, property, value in self._view.statements(graph, wanted) if wanted else ():
            sort = self._sorts[thing]
            if property in apart and not _meets(sort.each.get(property, ()), value):
                yield thing
            if sort.shapes:
                here = said.setdefault(thing, {})
                here[property] = (*here.get(property, ()), value)
        many = {shape: among for sort in sorts for _, shape in sort.shapes if (among := shape.among()) is not None}
        together: dict[Shape, dict[NamedNode, Said]] = {shape: {} for shape in many}
        for thing in self._things[graph]:
            sort, here = self._sorts[thing], said.get(thing, {})
            known = {**here, TYPE: sort.types} if sort.types else here
            for judge, shape in () if thing in self.several else sort.shapes:
                if shape in many and isinstance(thing, NamedNode):
                    together[shape][thing] = known
                elif not judge.passes(shape, thing, known):
                    yield thing
        for shape, some in together.items():
            yield from (thing for thing in many[shape](some) if not isinstance(thing, Literal))


def _conditions(sorts: Iterable[Sort]) -> tuple[dict[NamedNode, tuple[Condition, ...]], set[NamedNode]]:
    """Those on the values of a property that are the same for all who have it; the properties where they are not."""
    by: dict[NamedNode, set[tuple[Condition, ...]]] = {}
    for sort in sorts:
        for property, conditions in sort.each.items():
            by.setdefault(property, set()).add(conditions)
    shared = {property: next(iter(some)) for property, some in by.items() if len(some) == 1}
    return {one: conditions for one, conditions in shared.items() if conditions}, by.keys() - shared.keys()


def _meets(conditions: Iterable[Condition], value: Node) -> bool:
    for run, fits in conditions:  # noqa: SIM110 (quicker than `all`, and asked of every value)
        if not fits(run, value):
            return False
    return True


def _sort(counts: Mapping[NamedNode, int], types: tuple[Node, ...], judges: Sequence[Judge]) -> Sort:
    each: dict[NamedNode, tuple[Condition, ...]] = dict.fromkeys(counts, ())
    pairs: list[tuple[NamedNode, NamedNode, Agree]] = []
    shapes: list[tuple[Judge, Shape]] = []
    told = frozenset([*counts.items(), (TYPE, len(types))] if types else counts.items())
    for judge in judges:
        demands = judge.demands((tuple([judge.run.classes.above(cls) for cls in types]), told))
        if demands is None:
            return Sort(types, close=True)
        for property, conditions in demands.each.items():
            each[property] = (*each.get(property, ()), *((judge.run, fits) for fits in conditions))
        pairs += demands.pairs
        shapes += ((judge, shape) for shape in demands.shapes)
    return Sort(types, False, each, tuple(pairs), tuple(shapes))
