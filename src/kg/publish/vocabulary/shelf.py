"""The addresses of the vocabulary: `/ns`, `/code`, `/code/{list}`, `/shapes` and `/context.jsonld`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, RdfFormat, Triple, parse

from kg.formats import HTML, JSONLD, Format
from kg.graph import View
from kg.namespaces import CODE, DCT, MKG, OWL, SKOS
from kg.namespaces import RDF as RDFNS
from kg.publish import context as published
from kg.publish import rdf
from kg.publish.labels import Texts, texts
from kg.publish.pages.templating import render
from kg.publish.resource import FORMS, Found, Moved, Query, Resource, frame
from kg.publish.vocabulary.diagram import Neighbour, draw
from kg.publish.vocabulary.rules import told
from kg.publish.vocabulary.terms import GRAPH, Term, Vocabulary
from kg.store.port import Release


@dataclass(frozen=True, slots=True)
class Code:
    """A code as its list shows it."""

    iri: NamedNode
    name: str
    labels: Texts
    definitions: Texts
    broader: str | None
    matches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeList:
    """A code list."""

    name: str
    labels: Texts
    definitions: Texts
    codes: tuple[Code, ...]


class Vocabularies:
    """What the ontology folder holds; ontology and code lists as each release has them."""

    def __init__(self, ontology: Path) -> None:
        self._ontology = ontology

    def find(self, release: Release, path: str, query: Query) -> Found | None:
        """See `Shelf`."""
        if path == "/ns" and GRAPH.value in release.manifest.graphs:
            return self._resource(release, path, GRAPH, _namespace_page)
        if path == "/code":
            return Resource(path, FORMS, lambda format, language: _lists(release, format, language))
        if path.startswith("/code/"):
            return self._code(release, path)
        if path == "/shapes":
            return Resource(path, FORMS, lambda format, language: self._shapes(release, format, language))
        if path == published.PATH.removesuffix(".jsonld"):
            return Resource(path, (JSONLD,), lambda format, language: self._context)
        return None

    def paths(self, release: Release) -> Iterator[str]:
        """See `Shelf`."""
        yield from ("/ns", "/code", *(f"/code/{name}" for name in _names(release)))
        yield from ("/shapes", published.PATH.removesuffix(".jsonld"))

    def _code(self, release: Release, path: str) -> Found | None:
        name, _, code = path.removeprefix("/code/").partition("/")
        graph = NamedNode(f"{CODE}{name}") if name.replace("-", "").isalnum() and name.isascii() else GRAPH
        if graph == GRAPH or graph.value not in release.manifest.graphs:
            return None
        if not code:
            return self._resource(release, path, graph, _code_page)
        if not (code.replace("-", "").isalnum() and code.isascii()):
            return None
        node = NamedNode(f"{graph.value}/{code}")
        known = next(iter(release.quads(node, None, None, graph)), None)
        return None if known is None else Moved(f"/code/{name}")

    @staticmethod
    def _resource(release: Release, path: str, graph: NamedNode, page: Any) -> Resource:
        def write(format: Format, language: str) -> bytes:
            if format is HTML:
                html: bytes = page(release, path, graph, language)
                return html
            return rdf.document((quad.triple for quad in release.quads(None, None, None, graph)), format)

        return Resource(path, FORMS, write)

    def _shapes(self, release: Release, format: Format, language: str) -> bytes:
        if format is not HTML:
            return rdf.document(self._rules, format)
        rules = told(self._rules, Vocabulary.of(release), language)
        return render("rules.html", language, rules=rules, **frame("/shapes")).encode()

    @cached_property
    def _rules(self) -> Sequence[Triple]:
        """All shapes; lists in them have the same names every time."""
        files = sorted((self._ontology / "shapes").rglob("*.ttl"))
        whole = Dataset(quad for path in files for quad in parse(path.read_bytes(), RdfFormat.TURTLE))
        whole.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        return [quad.triple for quad in whole]

    @cached_property
    def _context(self) -> bytes:
        document = json.loads((self._ontology / "context.jsonld").read_text(encoding="utf-8"))
        return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _namespace_page(view: View, path: str, graph: NamedNode, language: str) -> bytes:
    vocabulary = Vocabulary.of(view)
    names = {term.iri: term.labels.get(language) or term.name for term in vocabulary.by_iri.values()}

    def neighbours(relations: Sequence[tuple[NamedNode, Term]]) -> list[Neighbour]:
        by: dict[NamedNode, list[str]] = {}
        for cls, relation in relations:
            if cls.value.startswith(MKG):
                by.setdefault(cls, []).append(names[relation.iri])
        return [
            Neighbour(names.get(cls, cls.value), tuple(sorted(told)), f"#{cls.value.removeprefix(MKG)}")
            for cls, told in by.items()
        ]

    def diagram(term: Term) -> Any:
        before = neighbours([(cls, one) for one in vocabulary.pointing(term.iri) for cls in one.domain])
        after = neighbours([(cls, one) for one in vocabulary.fields(term.iri) for cls in one.range])
        return draw(names[term.iri], before, after, names[term.iri])

    return render(
        "ontology.html",
        language,
        namespace=str(MKG),
        title=vocabulary.about(DCT.term("title")),
        description=vocabulary.about(DCT.description),
        version=vocabulary.about(OWL.versionInfo).get("", ""),
        classes=[term for term in vocabulary.classes if term.own],
        others=[term for term in vocabulary.classes if not term.own],
        properties=[term for term in vocabulary.properties if term.own],
        reused=[term for term in vocabulary.properties if not term.own],
        vocabulary=vocabulary,
        names=names,
        diagram=diagram,
        **frame(path),
    ).encode()


def _names(release: Release) -> list[str]:
    return sorted(name.removeprefix(CODE) for name in release.manifest.graphs if name.startswith(CODE))


def _lists(release: Release, format: Format, language: str) -> bytes:
    """All code lists: their own statements, without their codes."""
    names = _names(release)
    if format is HTML:
        lists = [_code_list(release, NamedNode(f"{CODE}{name}")) for name in names]
        return render("codes.html", language, lists=lists, **frame("/code")).encode()
    schemes = [NamedNode(f"{CODE}{name}") for name in names]
    return rdf.document((quad.triple for one in schemes for quad in release.quads(one, None, None, one)), format)


def _code_page(view: View, path: str, graph: NamedNode, language: str) -> bytes:
    return render("codes.html", language, lists=[_code_list(view, graph)], **frame(path)).encode()


def _code_list(view: View, graph: NamedNode) -> CodeList:
    concepts = sorted(
        {
            quad.subject.value
            for quad in view.quads(None, RDFNS.type, SKOS.Concept, graph)
            if isinstance(quad.subject, NamedNode)
        }
    )
    codes = [_code(view, NamedNode(iri), graph) for iri in concepts]
    return CodeList(
        graph.value.removeprefix(CODE),
        texts(view, graph, SKOS.prefLabel, graph),
        texts(view, graph, SKOS.definition, graph),
        tuple(codes),
    )


def _code(view: View, iri: NamedNode, graph: NamedNode) -> Code:
    broader = [quad.object for quad in view.quads(iri, SKOS.broader, None, graph)]
    matches = {
        quad.object.value
        for property in (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch)
        for quad in view.quads(iri, property, None, graph)
        if isinstance(quad.object, NamedNode)
    }
    above = next((one.value.rpartition("/")[2] for one in broader if isinstance(one, NamedNode)), None)
    return Code(
        iri,
        iri.value.rpartition("/")[2],
        texts(view, iri, SKOS.prefLabel, graph),
        texts(view, iri, SKOS.definition, graph),
        above,
        tuple(sorted(matches)),
    )
