"""What the front page tells of a release: counted once, however often it is read."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from kg.graph import Row
from kg.namespaces import MKG
from kg.rq import QueryFile
from kg.store.port import Manifest, Release

Texts = Mapping[str, str]
"""By language tag."""


@dataclass(frozen=True, slots=True)
class Term:
    """A class or property that occurs, with a query that shows how."""

    iri: str
    count: int
    labels: Texts
    definitions: Texts
    example: str

    @property
    def own(self) -> bool:
        """Whether the term has a definition to show: it is ours, or described by us."""
        return self.iri.startswith(MKG) or bool(self.definitions)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as the front page lists it."""

    iri: str
    rank: int
    titles: Texts
    publishers: Texts
    licence: str | None
    homepage: str | None
    statements: int


@dataclass(frozen=True, slots=True)
class Portal:
    """Everything on the front page that depends on the release."""

    manifest: Manifest
    classes: Sequence[Term]
    predicates: Sequence[Term]
    sources: Sequence[SourceRow]


class Portals:
    """The portal of the release asked for; the last one is kept."""

    def __init__(self, folder: Path) -> None:
        def read(name: str) -> QueryFile:
            return QueryFile.read(folder / f"portal-{name}.rq")

        self._classes, self._predicates, self._sources = read("classes"), read("predicates"), read("sources")
        self._example_class, self._example_predicate = read("example-class"), read("example-predicate")
        self.start = shown(read("start").text)
        self._lock = threading.Lock()
        self._last: Portal | None = None

    def of(self, release: Release) -> Portal:
        """The portal of a release; other readers wait while it is counted."""
        with self._lock:
            if self._last is None or self._last.manifest != release.manifest:
                self._last = self._count(release)
            return self._last

    def _count(self, release: Release) -> Portal:
        return Portal(
            release.manifest,
            _terms(release, self._classes, self._example_class, "class"),
            _terms(release, self._predicates, self._example_predicate, "property"),
            _sources(release, self._sources),
        )


def shown(text: str) -> str:
    """A query as the editor shows it: without its header."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("#+")).strip() + "\n"


def _terms(release: Release, query: QueryFile, example: QueryFile, slot: str) -> list[Term]:
    found: dict[str, Term] = {}
    for row in release.select(query.text):
        iri = row["term"]
        if not isinstance(iri, NamedNode):
            continue
        if iri.value not in found:
            text = shown(example.bind({slot: [iri]}))
            found[iri.value] = Term(iri.value, _number(row, "count"), {}, {}, text)
        term = found[iri.value]
        found[iri.value] = Term(
            term.iri,
            term.count,
            _with(term.labels, row, "label"),
            _with(term.definitions, row, "definition"),
            term.example,
        )
    return list(found.values())


def _sources(release: Release, query: QueryFile) -> list[SourceRow]:
    found: dict[str, SourceRow] = {}
    for row in release.select(query.text):
        iri = _iri(row, "source")
        if iri is None:
            continue
        known = found.get(iri)
        found[iri] = SourceRow(
            iri,
            _number(row, "rank"),
            _with(known.titles if known else {}, row, "title"),
            _with(known.publishers if known else {}, row, "publisher"),
            _iri(row, "licence") or (known.licence if known else None),
            _iri(row, "homepage") or (known.homepage if known else None),
            release.manifest.graphs.get(iri, 0),
        )
    return list(found.values())


def _with(texts: Texts, row: Row, name: str) -> Texts:
    value = row.get(name)
    if not isinstance(value, Literal):
        return texts
    return {value.language or "": value.value, **texts}  # the first one stays


def _iri(row: Row, name: str) -> str | None:
    value = row.get(name)
    return value.value if isinstance(value, NamedNode) else None


def _number(row: Row, name: str) -> int:
    value = row.get(name)
    return int(value.value) if isinstance(value, Literal) else 0
