"""One look at a dataset: at all of it, or at what a change may have touched."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from pyoxigraph import NamedNode

from kg.finding import Finding
from kg.gate import Origins, Touched
from kg.gate.affected import Affected
from kg.gate.aimed import Aimed, Looks
from kg.gate.judge import Judge, Kindred, kindred
from kg.gate.nearby import nearby
from kg.gate.stated import Described, Merge, Reading, Said, graphs, merged
from kg.gate.survey import Survey
from kg.gate.telling import finding
from kg.graph import Node, Subject
from kg.shacl import Classes, Hierarchy, Run
from kg.shacl.data import TYPE
from kg.shacl.shape import Found


class Check:
    """Description shapes on graphs, reference shapes on the merge."""

    def __init__(
        self,
        description: Aimed,
        reference: Aimed,
        reading: Reading,
        hierarchy: Hierarchy,
        content: frozenset[NamedNode],
        origins: Origins,
    ) -> None:
        self.apart: Collection[Subject] = ()  # what several graphs may describe, of what was looked at
        self._reading = reading
        self._content = content
        self._origins = origins
        self._description = description
        self._reference = reference
        self._merge = Merge(reading)
        self._classes = Classes(self._merge, hierarchy)
        self._of_merge = Judge(reference, self._merge, Run(self._merge, self._classes, nearby(self._merge)))
        self._of_graph: dict[NamedNode, Judge] = {}

    def everything(self) -> list[Finding]:
        """What a survey has not shown to conform is looked at node by node."""
        survey = Survey(self._reading.view)
        names = graphs(self._reading.view)
        for graph in names:
            own = [self._about(graph)] if graph in self._content else []
            survey.sort(graph, [self._of_merge, *own])
        self._merge.told = survey.types
        try:
            return self._closely(survey, names)
        finally:
            self.apart = survey.several.keys()
            self._merge.told = None  # or each would keep the other, until somebody looks for such circles

    def _closely(self, survey: Survey, names: Iterable[NamedNode]) -> list[Finding]:
        found: list[Finding] = []
        for graph in names:
            for node in survey.close(graph):
                found += self._node(node, {graph: self._reading.alone(node, graph)}, [graph])
        for node in survey.several:
            by_graph = self._reading.of(node)
            found += self._node(node, by_graph, by_graph)
        return found

    def around(self, touched: Touched) -> list[Finding]:
        """What was touched, and what depends on it."""
        affected = Affected.by(touched, self._reading, self._content, Looks(self._reference, self._classes))
        self.apart = affected.merged
        described: dict[Subject, list[NamedNode]] = {node: [] for node in affected.merged}
        for graph, nodes in affected.described.items():
            for node in nodes:
                described.setdefault(node, []).append(graph)
        found: list[Finding] = []
        for node, own in described.items():
            found += self._node(node, self._reading.of(node), own, node in affected.merged)
        self._of_merge.let_go()
        for property, value in affected.pointing:
            found += self._pointing(property, value, affected.merged)
        return found

    def _node(
        self, node: Subject, by_graph: Mapping[NamedNode, Said], own: Iterable[NamedNode], on_merge: bool = True
    ) -> list[Finding]:
        """What is wrong with a node, in these graphs and on the merge."""
        whole = merged(by_graph)
        kind = kindred(self._classes, whole)
        found = self._judged(self._of_merge, node, whole, kind, None) if on_merge else []
        for graph in own:
            here = by_graph.get(graph)
            if here is None or graph not in self._content:
                continue
            if len(by_graph) > 1:  # any graph gives classes
                here = {**here, TYPE: whole[TYPE]} if TYPE in whole else here
                found += self._judged(self._about(graph), node, here, kindred(self._classes, here), graph)
            else:
                found += self._judged(self._about(graph), node, whole, kind, graph)
        return found

    def _judged(self, judge: Judge, node: Subject, said: Said, kind: Kindred, graph: NamedNode | None) -> list[Finding]:
        shapes = judge.aimed.shapes
        return [finding(one, shapes, self._origins, graph) for one in judge.results(node, said, kind)]

    def _pointing(self, property: NamedNode, value: Node, apart: Collection[Subject]) -> Iterator[Finding]:
        """What is wrong with a value of a property, in whoever has it but those that are judged themselves."""
        run, aimed = self._of_merge.run, self._reference
        wrong = [(shape, check) for shape, check in aimed.aims.alone(property) or () if not check.fits(run, value)]
        nodes = self._merge.subjects(property, value) if wrong else ()
        for node in (one for one in nodes if one not in apart):
            for shape, check in wrong:
                yield finding(shape.result(node, check.component, Found(value)), aimed.shapes, self._origins, None)

    def _about(self, graph: NamedNode) -> Judge:
        known = self._of_graph.get(graph)
        if known is None:
            data = Described(self._reading, graph, self._merge)
            known = self._of_graph[graph] = Judge(self._description, data, Run(data, self._classes, nearby(data)))
        return known
