"""Sources may disagree: both are kept, and a warning names them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.finding import Finding, Severity
from kg.gate import Origins
from kg.gate.stated import Said
from kg.graph import Node, Subject, View, sort_key
from kg.namespaces import DCT, MKG, RDFS, SCHEMA, SKOS

_NAMING: Final = (SKOS.prefLabel, DCT.term("title"), RDFS.label)
_START: Final = (SCHEMA.startDate, MKG.dateAsStated)
_END: Final = (SCHEMA.endDate, MKG.dateAsStated)
_FOLLOWS: Final[Mapping[NamedNode, Collection[NamedNode]]] = {
    MKG.startPrecision: _START,
    MKG.startTime: _START,
    MKG.endPrecision: _END,
    MKG.endTime: _END,
}
"""What goes without saying where the sources differ about something else that it is read from."""


def disagreements(
    told: Iterable[tuple[Subject, Mapping[NamedNode, Said]]],
    content: Collection[NamedNode],
    single_valued: Collection[NamedNode],
    origins: Origins,
    view: View,
) -> Iterator[Finding]:
    """A warning for each single-valued property of which sources state different values; `told` is by graph, and the
    view knows what values are called.
    """
    differing: dict[tuple[Subject, NamedNode], Mapping[Node, Collection[NamedNode]]] = {
        (subject, property): values
        for subject, property, values in _stated(told, content, single_valued)
        if len(values) > 1 and len({_source(graph) for graphs_ in values.values() for graph in graphs_}) > 1
    }
    for (subject, property), values in differing.items():
        if any((subject, one) in differing for one in _FOLLOWS.get(property, ())):
            continue
        about = {
            language: "; ".join(
                f"{_source(graph)}: {_called(view, value, language)}"
                for value in sorted(values, key=sort_key)
                for graph in sorted(values[value], key=str)
            )
            for language in ("bg", "en")
        }
        iri = subject.value if isinstance(subject, NamedNode) else str(subject)
        at, field = origins(iri, property.value)
        name = {language: field or _name(view, property, language) or _local(property) for language in ("bg", "en")}
        yield Finding(
            {
                "en": f"the sources differ about „{name['en']}“ ({about['en']}); both are kept, the better ranked one "
                "is preferred",
                "bg": f"източниците се разминават за „{name['bg']}“ ({about['bg']}); пазят се и двете стойности, "
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


def _called(view: View, term: Node, language: str) -> str:
    """A value as a person knows it: the name of a code or a thing, else its id; a text as it is."""
    if not isinstance(term, NamedNode):
        return getattr(term, "value", str(term))
    name = _name(view, term, language)
    return f"„{name}“" if name else term.value.partition("/id/")[2] or _local(term)


def _name(view: View, term: NamedNode, language: str) -> str | None:
    for property in _NAMING:
        names = sorted(
            quad.object.value
            for quad in view.quads(term, property)
            if isinstance(quad.object, Literal) and quad.object.language == language
        )
        if names:
            return names[0]
    return None


def _local(term: NamedNode) -> str:
    return term.value.rpartition("#")[2].rpartition("/")[2]
