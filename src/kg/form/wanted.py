"""What a shape wants of a value (SHACL §4), told to a person and ready to be held to a proposal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg import expected
from kg.context import Codes, Context
from kg.expected import Told
from kg.graph import Node
from kg.namespaces import RDF, RDFS, SH, SKOS
from kg.shacl import Indexed
from kg.shacl.paths import items

_AND, _OR, _NOT = SH.term("and"), SH.term("or"), SH.term("not")
_ALTERNATIVES: Final = (_OR, SH.xone)
_LIMITS: Final[Mapping[NamedNode, Told]] = {
    SH.minInclusive: {"bg": "не по-малко от {}", "en": "not less than {}"},
    SH.minExclusive: {"bg": "повече от {}", "en": "more than {}"},
    SH.maxInclusive: {"bg": "не повече от {}", "en": "not more than {}"},
    SH.maxExclusive: {"bg": "по-малко от {}", "en": "less than {}"},
    SH.minLength: {"bg": "най-малко {} знака", "en": "{} characters or more"},
    SH.maxLength: {"bg": "най-много {} знака", "en": "{} characters or fewer"},
    SH.maxCount: {"bg": "не повече от {} стойности", "en": "not more than {} values"},
}
_DATES: Final[Mapping[NamedNode, Told]] = {
    SH.lessThan: {"bg": "дата преди „{}“", "en": "a date before “{}”"},
    SH.lessThanOrEquals: {"bg": "дата не по-късно от „{}“", "en": "a date not later than “{}”"},
}
_ORDERS: Final[Mapping[NamedNode, Told]] = {
    SH.lessThan: {"bg": "по-малко от „{}“", "en": "less than “{}”"},
    SH.lessThanOrEquals: {"bg": "не повече от „{}“", "en": "not more than “{}”"},
    SH.equals: {"bg": "същото като в „{}“", "en": "the same as in “{}”"},
    SH.disjoint: {"bg": "друго, а не като в „{}“", "en": "other than in “{}”"},
}
_ONCE: Final[Told] = {"bg": "само една стойност", "en": "one value only"}
_ONCE_PER_LANGUAGE: Final[Told] = {"bg": "по един текст на език", "en": "one text in each language"}


@dataclass(slots=True)
class Wanted:
    """What values must be, all of it together; `told` is None where no words are known for it."""

    told: Told | None = None
    classes: set[str] = field(default_factory=set)
    vocabularies: set[str] = field(default_factory=set)
    values: list[Node] = field(default_factory=list)
    datatypes: set[str] = field(default_factory=set)
    patterns: list[re.Pattern[str]] = field(default_factory=list)
    empty: bool = False  # there must be no value
    others: dict[str, Told] = field(default_factory=dict)  # properties that it names, and how


@dataclass(frozen=True)
class Reader:
    """Reads what the shapes of a graph want."""

    graph: Indexed
    context: Context
    codes: Codes

    def wanted(self, shape: str) -> Wanted | None:
        """What the shape of this IRI wants; None where there is no such shape."""
        try:
            node = NamedNode(shape)
        except ValueError:
            return None
        return self.together([node]) if self.graph.out(node) else None

    def together(self, shapes: Iterable[Node], datatype: str | None = None) -> Wanted:
        """What several shapes want of the same values; of values of this datatype, where one is given."""
        wanted = Wanted()
        wanted.told = expected.together([told for shape in shapes for told in self._read(shape, wanted, datatype)])
        return wanted

    def _read(self, shape: Node, wanted: Wanted, datatype: str | None) -> Iterator[Told]:
        """What is told of each constraint; what can be held to a proposal goes into `wanted`."""
        said = self.graph.out(shape)
        own = {
            text.language: text.value
            for property in (SH.description, RDFS.comment)
            for text in said.get(property, ())
            if isinstance(text, Literal) and text.language
        }
        told = [*self._constraints(said, wanted, datatype)]
        yield from ([own] if {"bg", "en"} <= own.keys() else told)

    def _constraints(
        self, said: Mapping[NamedNode, Sequence[Node]], wanted: Wanted, datatype: str | None
    ) -> Iterator[Told]:
        yield from self._values(said, wanted)
        for limit, told in _LIMITS.items():
            for value in said.get(limit, ()):
                text = getattr(value, "value", "")
                if limit == SH.maxCount and text in {"0", "1"}:
                    wanted.empty |= text == "0"
                    yield expected.NOTHING if text == "0" else _ONCE
                else:
                    yield _filled(told, *[text.removesuffix(".0")] * 2)
        for order, told in _ORDERS.items():
            for other in said.get(order, ()):
                iri = getattr(other, "value", "")
                name = self.context.by_iri.get(iri, "")
                term = self.context.term(name)
                called = self.context.aliases.get(name, self.context.label(iri, "bg")), name or iri
                wanted.others[iri] = dict(zip(("bg", "en"), called, strict=True))
                yield _filled(_DATES.get(order, told) if term is not None and term.date else told, *called)
        if said.get(SH.uniqueLang, ()):
            yield _ONCE_PER_LANGUAGE
        for inner in (*said.get(SH.node, ()), *self._listed(said, _AND)):
            yield from self._read(inner, wanted, datatype)
        for kind in _ALTERNATIVES:
            choices = [*self._listed(said, kind)]
            excused = {one for inner in choices for one in self._excused(inner)}
            if datatype is not None and excused and datatype not in excused:
                continue
            alternatives = []
            for inner in choices:
                if self.graph.objects(inner, _NOT):
                    continue  # „not of this register, or in its form“: only the form can be told
                both = expected.together([*self._read(inner, wanted, datatype)])
                alternatives += [both] if both else []
            either = expected.together(alternatives, bg=" или ", en=" or ")
            if either:
                yield either

    def _excused(self, shape: Node) -> Iterator[str]:
        """The datatypes other than which fit this alternative (`sh:not [ sh:datatype … ]`)."""
        for inner in self.graph.objects(shape, _NOT):
            for datatype in self.graph.objects(inner, SH.datatype):
                yield getattr(datatype, "value", "")

    def _values(self, said: Mapping[NamedNode, Sequence[Node]], wanted: Wanted) -> Iterator[Told]:
        classes = [one.value for one in said.get(SH.term("class"), ()) if isinstance(one, NamedNode)]
        wanted.classes |= {*classes}
        for one in classes:
            yield expected.thing(self.context, [one])
        paths = said.get(SH.path, ())
        if RDF.type in paths and said.get(SH.minCount, ()):
            yield expected.thing(self.context, [])
        for value in said.get(SH.hasValue, ()):
            if SKOS.inScheme in paths and isinstance(value, NamedNode):
                vocabulary = f"{value.value}/"
                wanted.vocabularies.add(vocabulary)
                yield expected.code(self.codes, vocabulary)
            elif not paths:
                wanted.values.append(value)
                yield expected.words([self._name(value, "bg")], [self._name(value, "en")])
        for head in said.get(SH.term("in"), ()):
            values = [*items(self.graph, head)]
            wanted.values += values
            yield expected.words([self._name(one, "bg") for one in values], [self._name(one, "en") for one in values])
        for datatype in said.get(SH.datatype, ()):
            iri = getattr(datatype, "value", "")
            wanted.datatypes.add(iri)
            if told := expected.datatype(self.context, iri):
                yield told
        for pattern in said.get(SH.pattern, ()):
            try:
                wanted.patterns.append(re.compile(getattr(pattern, "value", "")))
            except re.error:
                continue
        if said.get(SH.languageIn, ()):
            yield expected.LANGUAGE
        if SH.IRI in said.get(SH.nodeKind, ()) and not classes:
            yield expected.ADDRESS

    def _name(self, value: Node, language: str) -> str:
        text = getattr(value, "value", str(value))
        return self.codes.label(text, language) or text

    def _listed(self, said: Mapping[NamedNode, Sequence[Node]], property: NamedNode) -> Iterator[Node]:
        for head in said.get(property, ()):
            yield from items(self.graph, head)


def _filled(told: Told, bg: str, en: str) -> Told:
    return {"bg": told["bg"].format(bg), "en": told["en"].format(en)}
