"""The datasets of a release: which statements belong to each, who says them, and under which terms they may be used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from kg.graph import DEFAULT, Node, View, sort_key
from kg.iris import Iris
from kg.namespaces import DC, DCT, FOAF, MKG, PROJECT, PROV, RDF, SCHEMA, SKOS, XSD
from kg.publish.catalogue.plan import Plan, Planned
from kg.publish.labels import texts
from kg.store.port import Release

_DATES: Final = (SCHEMA.startDate, SCHEMA.endDate, SCHEMA.foundingDate, MKG.opens, MKG.closes, MKG.submittedOn)
SOURCE: Final = "source-"
"""What the slug of a source's dataset begins with."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset of one release."""

    slug: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    themes: Sequence[str]
    keywords: Mapping[str, Sequence[str]]
    publishers: Mapping[str, str]  # of the source; empty where the catalogue's publisher put it together
    homepage: str | None
    licence: str | None
    unlicensed: Sequence[Mapping[str, str]]  # the titles of sources that state no licence, or another one
    issued: str | None  # a date, as far as it is known
    modified: datetime
    period: tuple[str, str] | None  # the first and the last day that it tells of
    named: Callable[[], Iterator[Quad]]  # its statements in the graphs of those who make them
    merged: Callable[[], Iterator[Quad]]  # each once, in no graph

    @property
    def of_source(self) -> bool:
        return self.slug.startswith(SOURCE)


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of a source."""

    graph: NamedNode
    id: str
    titles: Mapping[str, str]
    publishers: Mapping[str, str]
    notes: Mapping[str, str]
    homepage: str | None
    licence: str | None
    issued: str | None
    modified: datetime


class Datasets:
    """All of a release, found once."""

    def __init__(self, release: Release, plan: Plan) -> None:
        self._release, self._plan = release, plan
        self._iris = Iris(release.manifest.base)
        self.sources = [*self._sources()]
        self.all = [*map(self._planned, plan.datasets), *map(self._of_source, self.sources)]
        self.by_slug = {dataset.slug: dataset for dataset in self.all}

    def _sources(self) -> Iterator[Source]:
        view, meta = self._release, self._iris.meta
        owned = {quad.subject for quad in view.quads(None, MKG.owner, Literal("source"), meta)}
        for graph in sorted((one for one in owned if isinstance(one, NamedNode)), key=sort_key):
            if graph.value not in self._release.manifest.graphs:
                continue
            at = _first(view, graph, PROV.generatedAtTime, meta)
            yield Source(
                graph,
                graph.value.removeprefix(f"{self._iris.base}/graph/"),
                texts(view, graph, DCT.term("title"), meta),
                texts(view, graph, DC.publisher, meta),
                texts(view, graph, SKOS.note, meta),
                _first(view, graph, FOAF.homepage, meta),
                _first(view, graph, DCT.license, meta),
                _first(view, graph, DCT.issued, meta),
                datetime.fromisoformat(at) if at else self._release.manifest.created,
            )

    def _planned(self, planned: Planned) -> Dataset:
        view = self._release
        if planned.vocabulary:
            graphs = [NamedNode(name) for name in view.manifest.graphs if name.startswith(PROJECT)]
            named: Callable[[], Iterator[Quad]]
            merged: Callable[[], Iterator[Quad]]
            named = partial(_of_graphs, view, graphs)
            merged = partial(_distinct, view, graphs)
            saying: list[Source] = []
        elif planned.whole:
            named = partial(_named, view)
            merged = partial(view.quads, None, None, None, DEFAULT)
            saying = self.sources
        else:
            things = self._things(planned.classes)
            named = partial(self._about, things, merged=False)
            merged = partial(self._about, things, merged=True)
            graphs_of = {quad.graph_name for thing in things for quad in view.about(thing)}
            saying = [source for source in self.sources if source.graph in graphs_of]
        licences = {source.licence for source in saying}
        common = planned.licence or (next(iter(licences)) if len(licences) == 1 else None)
        modified = max((source.modified for source in saying), default=view.manifest.created)
        return Dataset(
            slug=planned.slug,
            titles=planned.title,
            descriptions=planned.description,
            themes=planned.themes,
            keywords=planned.keywords,
            publishers={},
            homepage=None,
            licence=common,
            unlicensed=[] if common else [one.titles for one in saying if one.licence is None],
            issued=modified.date().isoformat(),
            modified=view.manifest.created if planned.whole else modified,
            period=_period(merged()) or _day(modified),
            named=named,
            merged=merged,
        )

    def _of_source(self, source: Source) -> Dataset:
        view, graph = self._release, source.graph
        default = self._plan.datasets[0]
        issued = source.issued if source.issued and len(source.issued) == 10 else source.modified.date().isoformat()
        texts = {
            language: f"{title}. {source.notes.get(language, '')}".strip() for language, title in source.titles.items()
        }
        return Dataset(
            slug=f"{SOURCE}{source.id.replace('/', '-')}",
            titles=source.titles,
            descriptions=texts,
            themes=default.themes,
            keywords=default.keywords,
            publishers=source.publishers,
            homepage=source.homepage,
            licence=source.licence,
            unlicensed=[] if source.licence else [source.titles],
            issued=issued,
            modified=source.modified,
            period=_period(view.quads(None, None, None, graph)) or (issued, issued),
            named=partial(_of_graphs, view, [graph]),
            merged=partial(_distinct, view, [graph]),
        )

    def _things(self, names: Iterable[str]) -> list[NamedNode]:
        """The things of these classes, by what is stated or follows."""
        classes = [MKG.term(name) for name in names]
        typed = (quad.subject for cls in classes for quad in self._release.quads(None, RDF.type, cls, DEFAULT))
        return sorted({node for node in typed if isinstance(node, NamedNode)}, key=sort_key)

    def _about(self, things: Iterable[NamedNode], *, merged: bool) -> Iterator[Quad]:
        """What is said of things and of what is nested in them."""
        known: set[Node] = set(things)
        todo = [*known]
        while todo:
            node = todo.pop()
            assert isinstance(node, NamedNode)
            if merged:
                found: Iterable[Quad] = self._release.quads(node, None, None, DEFAULT)
            else:
                found = (quad for quad in self._release.about(node) if quad.graph_name != self._iris.meta)
            for quad in found:
                yield quad
                below = quad.object
                own = isinstance(below, NamedNode) and below.value.startswith((f"{node.value}/", f"{node.value}#"))
                if own and below not in known:
                    known.add(below)
                    todo.append(below)


def _of_graphs(view: View, graphs: Iterable[NamedNode]) -> Iterator[Quad]:
    for graph in graphs:
        yield from view.quads(None, None, None, graph)


def _distinct(view: View, graphs: Iterable[NamedNode]) -> Iterator[Quad]:
    return iter({Quad(quad.subject, quad.predicate, quad.object) for quad in _of_graphs(view, graphs)})


def _named(view: View) -> Iterator[Quad]:
    return (quad for quad in view.quads() if isinstance(quad.graph_name, NamedNode))


def _first(view: View, node: NamedNode, property: NamedNode, graph: NamedNode) -> str | None:
    found = sorted((quad.object for quad in view.quads(node, property, None, graph)), key=sort_key)
    return next((one.value for one in found if isinstance(one, (Literal, NamedNode))), None)


def _period(quads: Iterable[Quad]) -> tuple[str, str] | None:
    """The first and the last day among dates; None when there is none."""
    days = sorted(
        quad.object.value
        for quad in quads
        if quad.predicate in _DATES and isinstance(quad.object, Literal) and quad.object.datatype == XSD.date
    )
    return (days[0], days[-1]) if days else None


def _day(moment: datetime) -> tuple[str, str]:
    return (moment.date().isoformat(), moment.date().isoformat())
