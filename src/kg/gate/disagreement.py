"""Sources may disagree: both are kept, and a warning names them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from pyoxigraph import NamedNode, Quad

from kg.finding import Finding, Severity
from kg.gate import Origins
from kg.graph import Node, Subject, View, sort_key


def disagreements(
    view: View,
    content: Collection[NamedNode],
    single_valued: Collection[NamedNode],
    nodes: Collection[Subject] | None,
    origins: Origins,
) -> Iterator[Finding]:
    """A warning for each single-valued property of which sources state different values."""
    said: dict[tuple[Subject, NamedNode], dict[Node, set[NamedNode]]] = defaultdict(lambda: defaultdict(set))
    graphs = frozenset(content)
    for quad in _stated(view, single_valued, nodes):
        if isinstance(quad.graph_name, NamedNode) and quad.graph_name in graphs:
            said[quad.subject, quad.predicate][quad.object].add(quad.graph_name)
    for (subject, property), values in said.items():
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


def _stated(view: View, properties: Collection[NamedNode], nodes: Collection[Subject] | None) -> Iterator[Quad]:
    """Quads with one of the properties, about the nodes or about everything."""
    if nodes is None:
        for property in properties:
            yield from view.quads(None, property, None, None)
        return
    for node in nodes:
        yield from (quad for quad in view.quads(node, None, None, None) if quad.predicate in properties)


def _source(graph: NamedNode) -> str:
    return graph.value.partition("/graph/")[2] or graph.value


def _value(term: Node) -> str:
    return getattr(term, "value", str(term))
