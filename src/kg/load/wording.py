"""What is said of a thing as a person would write it into a cell: numbers, dates, the names of codes and of things."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from kg.context import Codes, Context, Term
from kg.entry import Path_
from kg.graph import Node, sort_key
from kg.iris import Iris
from kg.load import dates, numbers
from kg.load.names import Names
from kg.load.said import Said
from kg.namespaces import CODE, MKG, XSD

_LONGEST = 80
_Nodes = Mapping[Node, Sequence[Triple]]


@dataclass(frozen=True, slots=True)
class Wording:
    """Words for values; without code lists and names, codes and things are called by their ids."""

    context: Context
    iris: Iris
    codes: Codes | None = None
    names: Names | None = None

    def of(self, said: Said, path: Path_, class_name: str, language: str) -> str:
        """What a cell would hold; `path` leads to it through the fields. Nothing where nothing is said."""
        below: dict[Node, list[Triple]] = defaultdict(list)
        owner = NamedNode(f"{self.iris.ids}?")
        for property, values in said.items():
            for value, nested in values:
                below[owner].append(Triple(owner, property, value))
                for triple in nested:
                    below[triple.subject].append(triple)
        found = dict.fromkeys(self._texts(owner, path, class_name, below, language))
        text = "; ".join(found)
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()}…"

    def _texts(self, node: Node, path: Path_, class_name: str, below: _Nodes, language: str) -> Iterable[str]:
        name = self.context.field(str(path[0])) if path else None
        term = self.context.term(name, class_name) if name else None
        if term is None:
            return
        own = below.get(node, ())
        values = sorted({one.object for one in own if one.predicate.value == term.iri}, key=sort_key)
        rest = path[1:]
        if term.language:
            tag = str(rest[0]) if rest else "bg"
            values = [one for one in values if isinstance(one, Literal) and one.language == tag]
            rest = rest[1:]
        else:
            values = [one for one in values if not isinstance(one, Literal) or self._is_of(term, one)]
        if rest and str(rest[0]).isdecimal():
            at = int(rest[0]) - isinstance(rest[0], str)
            values, rest = values[at : at + 1], rest[1:]
        if not self.context.hints.nested(term.iri):
            yield from (self._text(term, value, own, language) for value in values)
            return
        classes = [self.context.class_by_iri.get(iri) or "" for iri in sorted(self.context.hints.range(term.iri))]
        inner = classes[0] if len(classes) == 1 else ""
        for value in values:
            if rest:
                yield from self._texts(value, rest, inner, below, language)
            else:
                yield from (one.object.value for one in below.get(value, ()) if isinstance(one.object, Literal))

    def _is_of(self, term: Term, value: Literal) -> bool:
        """Whether a value is of this field: several fields share a property, each with a datatype of its own."""
        shared = sum(one.iri == term.iri for one in self.context.terms.values()) > 1
        return not shared or value.datatype.value == (term.coercion or XSD.string.value)

    def _text(self, term: Term, value: Node, own: Iterable[Triple], language: str) -> str:
        if isinstance(value, NamedNode):
            label = self.codes.label(value.value, language) if self.codes and term.vocabulary else None
            name = self.names.called(value.value, language) if self.names and not term.vocabulary else None
            return label or name or self.iris.id(value) or value.value
        if not isinstance(value, Literal):
            return ""
        if value.datatype == XSD.decimal:
            return numbers.write(value.value) if language == "bg" else numbers.write(value.value, ".", ",")
        if value.datatype in {XSD.date, XSD.gYearMonth}:
            hints = self.context.hints
            starts, ends = hints.starts(term.iri), hints.ends(term.iri)
            exactness = {MKG.startPrecision: starts, MKG.endPrecision: ends}
            codes = (getattr(one.object, "value", "") for one in own if exactness.get(one.predicate))
            precision = next((code.removeprefix(f"{CODE}precision/") for code in codes), "")
            return dates.write(value.value, precision, starts=starts)
        return value.value.removesuffix(":00") if value.datatype == XSD.time else value.value
