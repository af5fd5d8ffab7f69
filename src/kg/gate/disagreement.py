"""Sources may disagree: both are kept, and a warning names them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from pyoxigraph import NamedNode

from kg.finding import Finding, Severity
from kg.gate import Origins
from kg.gate.stated import Said
from kg.graph import Node, Subject, sort_key


def disagreements(
    told: Iterable[tuple[Subject, Mapping[NamedNode, Said]]],
    content: Collection[NamedNode],
    single_valued: Collection[NamedNode],
    origins: Origins,
) -> Iterator[Finding]:
    """A warning for each single-valued property of which sources state different values; `told` is by graph."""
    for subject, property, values in _stated(told, content, single_valued):
        sources = sorted({_source(graph) for graphs_ in values.values() for graph in graphs_})
        if len(values) < 2 or len(sources) < 2:
            continue
        about = "; ".join(
            f"{_source(graph)}: {_value(value)}"
            for value in sorted(values, key=sort_key)
            for graph in sorted(values[value], key=str)
        )
        iri = subject.value if isinstance(subject, NamedNode) else str(subject)
        at, field = origins(iri, property.value)
        name = field or property.value.rpartition("#")[2].rpartition("/")[2]
        yield Finding(
            {
                "en": f"the sources differ about „{name}“ ({about}); both are kept, the better ranked one is preferred",
                "bg": f"източниците се разминават за „{name}“ ({about}); пазят се и двете стойности, "
                "предпочита се по-достоверният източник",
            },
            Severity.WARNING,
            at=at,
            field=field,
            focus_node=subject,
            path=property.value,
            component="Disagreement",
        )


def _stated(
    told: Iterable[tuple[Subject, Mapping[NamedNode, Said]]],
    content: Collection[NamedNode],
    properties: Collection[NamedNode],
) -> Iterator[tuple[Subject, NamedNode, dict[Node, set[NamedNode]]]]:
    """Subjects and properties of which several graphs speak, with who gives which value."""
    for subject, by_graph in told:
        if len(by_graph) < 2:
            continue
        found: dict[NamedNode, dict[Node, set[NamedNode]]] = defaultdict(lambda: defaultdict(set))
        for graph, said in by_graph.items():
            if graph in content:
                for property in said.keys() & properties:
                    for value in said[property]:
                        found[property][value].add(graph)
        for property, values in found.items():
            yield subject, property, values


def _source(graph: NamedNode) -> str:
    return graph.value.partition("/graph/")[2] or graph.value


def _value(term: Node) -> str:
    return getattr(term, "value", str(term))
