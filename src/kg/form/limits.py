"""What the shapes refuse in a field by itself, whatever else is there (SHACL §4), and what they say then."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from kg.expected import Told
from kg.graph import Node
from kg.namespaces import SH
from kg.shacl import Indexed
from kg.shacl.paths import items

_AND, _OR, _NOT = SH.term("and"), SH.term("or"), SH.term("not")


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit, and what is said of a value beyond it."""

    value: str
    told: Told | None


@dataclass(slots=True)
class Limits:
    """What every value must keep to. Warnings are no limits, nor is what may also be otherwise."""

    never: Limit | None = None  # there may be no value
    once: Limit | None = None  # one value at most
    once_per_language: Limit | None = None
    languages: dict[str, Limit] = field(default_factory=dict)  # the only ones that there may be
    patterns: list[Limit] = field(default_factory=list)
    least: Limit | None = None
    shortest: Limit | None = None


@dataclass(frozen=True)
class LimitsReader:
    """Reads limits from shapes that judge the values of one field."""

    graph: Indexed

    def read(self, shapes: Iterable[Node], datatype: str | None) -> Limits:
        """The limits of values of this datatype."""
        limits = Limits()
        for shape in shapes:
            if self.refuses(shape):
                told = self.told(shape)
                for said in self._all(shape, datatype):
                    _add(limits, self.graph, said, told)
        return limits

    def refuses(self, shape: Node) -> bool:
        """Whether what is against the shape is refused, and not only warned of."""
        severity = self.graph.objects(shape, SH.severity)
        return not severity or SH.Violation in severity

    def told(self, shape: Node) -> Told | None:
        """The message of a shape; None without one in both languages."""
        texts = [text for text in self.graph.objects(shape, SH.message) if isinstance(text, Literal)]
        told = {text.language: text.value for text in texts if text.language}
        return {tag: told[tag] for tag in ("bg", "en")} if {"bg", "en"} <= told.keys() else None

    def _all(self, shape: Node, datatype: str | None) -> Iterator[Mapping[NamedNode, Sequence[Node]]]:
        """The shape and the shapes that a value must fit together with it."""
        said = self.graph.out(shape)
        yield said
        together = [*said.get(SH.node, ()), *(one for head in said.get(_AND, ()) for one in items(self.graph, head))]
        for head in said.get(_OR, ()):
            choices = [*items(self.graph, head)]
            others = [one for one in choices if not self.graph.objects(one, _NOT)]
            excused = {
                getattr(cls, "value", "")
                for one in choices
                for inner in self.graph.objects(one, _NOT)
                for cls in self.graph.objects(inner, SH.datatype)
            }
            if datatype in excused and len(others) == 1:  # „not of this register, or in its form“
                together += others
        for one in together:
            if not self.graph.objects(one, SH.path):  # else it is about what the value points to
                yield from self._all(one, datatype)


def _add(limits: Limits, graph: Indexed, said: Mapping[NamedNode, Sequence[Node]], told: Told | None) -> None:
    def first(property: NamedNode) -> Limit | None:
        values = said.get(property, ())
        return Limit(getattr(values[0], "value", ""), told) if values else None

    most = first(SH.maxCount)
    if most and most.value == "0":
        limits.never = most
    elif most and most.value == "1":
        limits.once = most
    unique = first(SH.uniqueLang)
    if unique and unique.value == "true":
        limits.once_per_language = unique
    for head in said.get(SH.languageIn, ()):
        tags = [getattr(tag, "value", "") for tag in items(graph, head)]
        limits.languages = {tag: Limit(tag, told) for tag in tags}
    for pattern in said.get(SH.pattern, ()):
        text = getattr(pattern, "value", "")
        if not said.get(SH.flags) and _is_pattern(text):
            limits.patterns.append(Limit(text, told))
    limits.least = first(SH.minInclusive) or limits.least
    limits.shortest = first(SH.minLength) or limits.shortest


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True
