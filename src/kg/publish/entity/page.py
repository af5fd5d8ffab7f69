"""A description as a page for people: what is said, where each value is from, and who points here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.formats import HTML
from kg.graph import Node, View, sort_key
from kg.iris import Iris
from kg.namespaces import CODE, DC, DCT, FOAF, MKG, OA, PROJECT, RDF, RDFS, XSD
from kg.publish.entity.description import Description, Part, Said
from kg.publish.labels import Texts, labels
from kg.publish.pages.templating import short
from kg.publish.resource import form

_DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)\Z")
_LINES: Final = re.compile(
    r"(?P<file>[^/#]*)#(?:line=(?P<from>\d+),(?P<to>\d+)|char=(?P<first>\d+),(?P<last>\d+)|(?P<other>.*))\Z"
)
_NAMES: Final = (RDFS.label,)  # the heading says it
_APART: Final = frozenset({MKG.evidence, RDF.type, *_NAMES})


@dataclass(frozen=True, slots=True)
class Shown:
    """A value, or a thing, as it is shown: a text in a language, maybe a link, maybe what is nested in it."""

    text: str
    language: str = ""  # where it is not the page's
    address: str | None = None
    outside: bool = False  # leads to somebody else's site
    marks: tuple[int, ...] = ()  # the numbers of the sources
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A property and its values."""

    property: Shown
    values: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Who says something of the thing."""

    number: int
    title: Shown
    publisher: str
    licence: str | None
    homepage: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """Where in a source something was read."""

    source: Shown
    place: str
    basis: str
    about: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Pointing:
    """Those who have the thing as a value of one property."""

    property: Shown
    subjects: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on the page of a thing."""

    title: Shown
    types: tuple[Shown, ...]
    rows: tuple[Row, ...]
    derived: tuple[Row, ...]  # what follows from the rest
    pointing: tuple[Pointing, ...]
    sources: tuple[Source, ...]
    proofs: tuple[Proof, ...]


def page(description: Description, view: View, iris: Iris, language: str, order: Mapping[str, int]) -> Page:
    """The page in a language; properties stand as `order` places their IRIs, others after them."""
    return _Maker(description, view, iris, language, order).page()


class _Maker:
    def __init__(
        self, description: Description, view: View, iris: Iris, language: str, order: Mapping[str, int]
    ) -> None:
        self._description = description
        self._view = view
        self._iris = iris
        self._language = language
        self._order = order
        stating = [graph for graph in description.graphs if self._is_source(graph)]
        self._numbers = {graph: number for number, graph in enumerate(stating, start=1)}
        wholes = {self._whole(one.subject) for one in description.pointers}
        self._labels = labels(view, iris, description.mentioned | wholes)

    def page(self) -> Page:
        description = self._description
        said, derived = self._rows(description)
        return Page(
            title=self._thing(description.node),
            types=tuple(self._thing(one) for one in description.types if one.value.startswith(MKG)),
            rows=tuple(said),
            derived=tuple(derived),
            pointing=tuple(self._pointing()),
            sources=tuple(self._source(graph, number) for graph, number in self._numbers.items()),
            proofs=tuple(self._proofs()),
        )

    def _is_source(self, graph: NamedNode) -> bool:
        return not graph.value.startswith(f"{self._iris.base}/graph/derived/") and not graph.value.startswith(PROJECT)

    def _rows(self, part: Part) -> tuple[list[Row], list[Row]]:
        """What sources say, and what follows from it."""
        rows: tuple[list[Row], list[Row]] = ([], [])
        named = (one for one in part.statements if one not in _APART)
        for property in sorted(named, key=lambda one: (self._order.get(one.value, len(self._order)), one.value)):
            for stated, target in ((True, rows[0]), (False, rows[1])):
                chosen = [one for one in part.statements[property] if any(map(self._is_source, one.graphs)) is stated]
                if chosen:
                    target.append(Row(self._thing(property), tuple(self._value(part, one) for one in chosen)))
        return rows

    def _value(self, part: Part, said: Said) -> Shown:
        marks = tuple(self._numbers[graph] for graph in said.graphs if graph in self._numbers)
        value = said.value
        if isinstance(value, NamedNode):
            nested = part.parts.get(value)
            shown = self._thing(value)
            if nested is None:
                return Shown(shown.text, shown.language, shown.address, shown.outside, marks)
            stated, derived = self._rows(nested)
            return Shown("", marks=marks, rows=tuple(stated or derived))
        text, language = self._literal(value)
        return Shown(text, language, marks=marks)

    def _literal(self, value: Node) -> tuple[str, str]:
        if not isinstance(value, Literal):
            return str(value), ""
        if value.language:
            return value.value, value.language if value.language != self._language else ""
        if value.datatype == XSD.boolean:
            return {"bg": {"true": "да", "false": "не"}, "en": {"true": "yes", "false": "no"}}[self._language].get(
                value.value, value.value
            ), ""
        if value.datatype == XSD.decimal:
            return _number(value.value, self._language), ""
        day = _DAY.match(value.value) if value.datatype == XSD.date else None
        return (f"{day[3]}.{day[2]}.{day[1]}" if day and self._language == "bg" else value.value), ""

    def _thing(self, node: NamedNode) -> Shown:
        address, outside = self._address(node)
        texts = self._labels.get(node)
        if texts is None:
            id = node.value.removeprefix(self._iris.ids)
            return Shown(id if id != node.value else short(node.value), "", address, outside)
        text, language = _in(texts, self._language)
        return Shown(text, language, address, outside)

    def _address(self, node: NamedNode) -> tuple[str | None, bool]:
        text = node.value
        if text.startswith(self._iris.ids):
            return self._form(self._iris.document(node).value.removeprefix(self._iris.base)), False
        if text.startswith(MKG):
            return f"{self._form('/ns')}#{text.removeprefix(MKG)}", False
        if text.startswith(CODE):
            scheme, _, code = text.removeprefix(CODE).partition("/")
            return self._form(f"/code/{scheme}") + (f"#{code}" if code else ""), False
        if text.startswith(f"{self._iris.base}/"):
            return text.removeprefix(self._iris.base), False
        return (text, True) if text.startswith(("http://", "https://")) else (None, False)

    def _form(self, path: str) -> str:
        return form(path, HTML, self._language)

    def _pointing(self) -> Iterator[Pointing]:
        """Who points here in so many words; and who does by what follows, where nothing else tells of them."""
        stated = {
            self._whole(one.subject) for one in self._description.pointers if any(map(self._is_source, one.graphs))
        }
        shown = (
            one
            for one in self._description.pointers
            if any(map(self._is_source, one.graphs)) or self._whole(one.subject) not in stated
        )
        for property, pointers in groupby(shown, key=lambda one: one.property):
            wholes = dict.fromkeys(self._whole(one.subject) for one in pointers)
            yield Pointing(self._thing(property), tuple(map(self._thing, wholes)))

    def _whole(self, node: NamedNode) -> NamedNode:
        """The entity, of what is nested in one."""
        id = self._iris.id(node)
        return node if id is None else self._iris.entity(id)

    def _source(self, graph: NamedNode, number: int) -> Source:
        publishers = {
            quad.object.language or "": quad.object.value
            for quad in self._view.quads(graph, DC.publisher, None, self._iris.meta)
            if isinstance(quad.object, Literal)
        }
        return Source(
            number,
            self._thing(graph),
            _in(publishers, self._language)[0] if publishers else "",
            self._one(graph, DCT.license),
            self._one(graph, FOAF.homepage),
        )

    def _one(self, graph: NamedNode, property: NamedNode) -> str | None:
        found = (quad.object for quad in self._view.quads(graph, property, None, self._iris.meta))
        return next((one.value for one in sorted(found, key=sort_key) if isinstance(one, NamedNode)), None)

    def _proofs(self) -> Iterator[Proof]:
        for part in self._description.walk():
            for evidence in part.values(MKG.evidence):
                told = part.parts.get(evidence) if isinstance(evidence, NamedNode) else None
                if told is not None:
                    yield self._proof(told)

    def _proof(self, told: Part) -> Proof:
        names: Sequence[Node] = told.values(DCT.source)
        basis = [self._thing(one).text for one in told.values(MKG.basis) if isinstance(one, NamedNode)]
        rules = [self._thing(one).text for one in told.values(MKG.rule) if isinstance(one, NamedNode)]
        return Proof(
            next((self._thing(one) for one in names if isinstance(one, NamedNode)), Shown("")),
            ", ".join(place(one, self._language) for one in told.values(OA.hasTarget)),
            ": ".join([", ".join(basis), *rules]),
            tuple(self._thing(one) for one in told.values(MKG.ofProperty) if isinstance(one, NamedNode)),
        )


def place(target: Node, language: str) -> str:
    """Where in a source, as people say it: „ред 18 на innoair.yaml“."""
    text = target.value if isinstance(target, NamedNode) else str(target)
    found = _LINES.search(text)
    if found is None:
        return text
    bulgarian = language == "bg"
    if found["from"]:  # RFC 5147 counts the gaps between lines
        first, last = int(found["from"]) + 1, int(found["to"])
        lines = f"{first}" if first >= last else f"{first}–{last}"
        if bulgarian:
            return f"{'ред' if first >= last else 'редове'} {lines} на {found['file']}"
        return f"{'line' if first >= last else 'lines'} {lines} of {found['file']}"
    if found["first"]:
        return f"{'знаци' if bulgarian else 'characters'} {found['first']}–{found['last']}"
    return f"{found['file']}: {found['other']}"


def _in(texts: Texts, language: str) -> tuple[str, str]:
    """A text in the language or another, and the language where it is another."""
    if language in texts:
        return texts[language], ""
    other = next((one for one in ("en", "bg", "") if one in texts), next(iter(texts)))
    return texts[other], other


def _number(text: str, language: str) -> str:
    whole, point, rest = text.partition(".")
    try:
        grouped = f"{int(whole):,}".replace(",", "\u202f")
    except ValueError:
        return text
    if whole.startswith("-") and not grouped.startswith("-"):
        grouped = f"-{grouped}"
    return grouped + (("," if language == "bg" else ".") + rest if point else "")
