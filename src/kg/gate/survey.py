"""All of a dataset at a glance: which nodes have to be looked at closely, the others being known to conform.

Most shapes ask how many values there are, and what each value is like. The first is told by the kind of a node, and of
kinds there are few; the second is asked of each different value once, whoever has it. What is left looks at a few
properties of some nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pyoxigraph import NamedNode

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
        self._things: dict[NamedNode, list[Subject]] = {}  # of sorts with shapes, and those that are to be seen closely

    def types(self, node: Subject) -> Sequence[Node]:
        """The types of any node. All graphs are sorted by now."""
        sort = self._sorts.get(node)
        return NOTHING if sort is None else self.several.get(node, sort.types)

    def sort(self, graph: NamedNode, judges: Sequence[Judge]) -> None:
        """Tells the things of a graph apart."""
        outline = self._view.outline(graph)
        found = self._found[graph] = {}
        things = self._things[graph] = []
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
            if sort.close or sort.shapes:
                things.append(thing)

    def close(self, graph: NamedNode) -> Iterator[Subject]:
        """The things of a graph, and of no other, in which something may be found. All graphs are sorted by now."""
        sorts = list(self._found[graph].values())
        shared, apart = _conditions(sorts)
        found: dict[Subject, None] = {}
        for property, value in self._view.values(graph, list(shared)) if shared else ():
            if not _meets(shared[property], value):
                found.update((quad.subject, None) for quad in self._view.quads(None, property, value, graph))
        for property, other, agree in dict.fromkeys(pair for sort in sorts for pair in sort.pairs):
            for value in {
                value for value, beside in self._view.pairs(graph, property, other) if not agree(value, beside)
            }:
                found.update((quad.subject, None) for quad in self._view.quads(None, property, value, graph))
        columns = {property for sort in sorts for property in sort.looked_at} | apart
        said: dict[Subject, Said] = {}
        wanted = sorted((one for one in columns if isinstance(one, NamedNode)), key=str)
        for thing, property, value in self._view.statements(graph, wanted) if wanted else ():
            sort = self._sorts[thing]
            if property in apart and not _meets(sort.each.get(property, ()), value):
                found[thing] = None
            if sort.shapes:
                here = said.setdefault(thing, {})
                here[property] = (*here.get(property, ()), value)
        for thing in self._things[graph]:
            if thing not in found and not self._passes(thing, said.get(thing, {})):
                found[thing] = None
        return (thing for thing in found if thing not in self.several)

    def _passes(self, thing: Subject, said: Said) -> bool:
        sort = self._sorts[thing]
        known = {**said, TYPE: sort.types} if sort.types else said
        return not sort.close and all(judge.passes(shape, thing, known) for judge, shape in sort.shapes)


def _conditions(sorts: Iterable[Sort]) -> tuple[dict[NamedNode, tuple[Condition, ...]], set[NamedNode]]:
    """Those on the values of a property that are the same for all who have it; the properties where they are not."""
    by: dict[NamedNode, set[tuple[Condition, ...]]] = {}
    for sort in sorts:
        for property, conditions in sort.each.items():
            by.setdefault(property, set()).add(conditions)
    shared = {property: next(iter(some)) for property, some in by.items() if len(some) == 1}
    return {one: conditions for one, conditions in shared.items() if conditions}, by.keys() - shared.keys()


def _meets(conditions: Iterable[Condition], value: Node) -> bool:
    return all(fits(run, value) for run, fits in conditions)


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
