"""Back from triples to what a person would have written: the fields of an entry, as texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from kg.context import Context, Term
from kg.entry import Value
from kg.form import Field, Form, Forms
from kg.graph import Node, sort_key
from kg.load import dates
from kg.namespaces import CODE, MKG, RDF, SCHEMA, XSD
from kg.publish.workbook.lists import Choices

Said = Mapping[NamedNode, Sequence[Node]]
_SPAN: Final = MKG.dateAsStated
_DAYS: Final = frozenset({SCHEMA.startDate, SCHEMA.endDate})
_PRECISIONS: Final = frozenset({MKG.startPrecision, MKG.endPrecision})


@dataclass(frozen=True)
class Graph:
    """What one source says, by subject."""

    said: Mapping[Node, Said]

    @classmethod
    def of(cls, triples: Sequence[Triple]) -> Graph:
        found: dict[Node, dict[NamedNode, list[Node]]] = {}
        for triple in triples:
            found.setdefault(triple.subject, {}).setdefault(triple.predicate, []).append(triple.object)
        for said in found.values():
            for values in said.values():
                values.sort(key=sort_key)
        return cls(found)

    def instances(self, cls: str) -> list[NamedNode]:
        """What has this class here, in the order of the IRIs."""
        return sorted(
            (
                node
                for node, said in self.said.items()
                if isinstance(node, NamedNode) and NamedNode(cls) in said.get(RDF.type, ())
            ),
            key=sort_key,
        )


@dataclass(frozen=True)
class Writer:
    """Writes the fields of things, by English name."""

    forms: Forms
    context: Context
    choices: Choices

    def fields(self, node: Node, form: Form, graph: Graph) -> dict[str, Value]:
        """The fields of a thing, and of what is nested in it. What no field can say is not there."""
        said = graph.said.get(node, {})
        following = _following(said)
        found: dict[str, Value] = {}
        for field in (*form.own, *form.others):
            term = field.term
            if term.reverse or NamedNode(term.iri) in _PRECISIONS:
                continue
            if NamedNode(term.iri) in following:
                continue  # follows from the date as it is stated
            values = [value for value in said.get(NamedNode(term.iri), ()) if self._is_of(term, value)]
            if values:
                value = self._value(field, values, said, graph)
                if value:
                    found[term.name] = value
        return found

    def _is_of(self, term: Term, value: Node) -> bool:
        """Whether a value is one of this field's: several fields share a property, each with a datatype of its own."""
        if not isinstance(value, Literal) or sum(one.iri == term.iri for one in self.context.terms.values()) == 1:
            return True
        return value.datatype.value == (term.coercion or XSD.string.value)

    def _value(self, field: Field, values: Sequence[Node], said: Said, graph: Graph) -> Value:
        term = field.term
        if field.part is not None:
            return [self.fields(value, field.part, graph) for value in values]
        if term.language:
            texts: dict[str, list[Value]] = {}
            for value in values:
                if isinstance(value, Literal) and value.language:
                    texts.setdefault(value.language, []).append(value.value)
            return {language: _several(own, term) for language, own in sorted(texts.items())}
        return _several([text for value in values if (text := self._text(field, value, said))], term)

    def _text(self, field: Field, value: Node, said: Said) -> str:
        term = field.term
        if isinstance(value, NamedNode):
            if term.vocabulary:
                return self.choices.code(value.value)
            return self.choices.thing(value.value, self.context.hints.range(term.iri))
        if not isinstance(value, Literal):
            return ""
        if term.date and term.iri != _SPAN.value:
            return self._date(term, value, said)
        if term.coercion == XSD.time.value:
            return value.value.removesuffix(":00")
        return value.value

    def _date(self, term: Term, value: Literal, said: Said) -> str:
        """The day, or the interval that it begins or ends, as exactly as it is known."""
        hints = self.context.hints
        starts, ends = hints.starts(term.iri), hints.ends(term.iri)
        marks = said.get(MKG.startPrecision if starts else MKG.endPrecision, ()) if starts or ends else ()
        precision = next(
            (one.value.removeprefix(f"{CODE}precision/") for one in marks if isinstance(one, NamedNode)), ""
        )
        return dates.write(value.value, precision, starts=starts)


def _following(said: Said) -> frozenset[NamedNode]:
    """What a date as it is stated says by itself: its days, and its hours if it has any."""
    stated = [one.value for one in said.get(_SPAN, ()) if isinstance(one, Literal)]
    if not stated:
        return frozenset()
    try:
        interval = dates.read(stated[0])
    except dates.DateError:
        return _DAYS
    clocks = {MKG.startTime: interval.start_time, MKG.endTime: interval.end_time}
    return _DAYS | {property for property, clock in clocks.items() if clock is not None}


def _several(texts: Sequence[Value], term: Term) -> Value:
    """A list where the field takes one, or there are several."""
    return [*texts] if term.multiple or len(texts) > 1 else texts[0] if texts else ""
