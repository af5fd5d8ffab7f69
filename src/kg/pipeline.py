"""The path: load → gate → derive → seal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from kg import load as loading
from kg.advice import Advice
from kg.consequences import independent
from kg.context import Codes, Context
from kg.derive import Deriving as Writing
from kg.derive import Rule, derive, read_rules
from kg.entry import Locator
from kg.errors import ConflictError, NotFoundError
from kg.finding import Finding, Report
from kg.form import Forms
from kg.gate import Gate, Touched
from kg.gate.compiled import CompiledGate
from kg.gate.duplicates import Before, Duplicates
from kg.gate.duplicates.decisions import everything as decisions
from kg.gate.personal import PersonalData
from kg.gate.watch import Watch, discreet
from kg.graph import Changes, View
from kg.iris import Iris, slug
from kg.load import Load, Progress
from kg.load.amending import Kept
from kg.load.describe import Batch
from kg.load.names import LABEL, NOTATION, Named
from kg.namespaces import CODE, MKG, PROJECT, PROV, RDF, XSD
from kg.origins import Written
from kg.refusals import erased_ids, lost_entries, refuse_lost_files, withdrawn_ids
from kg.rq import QueryFile
from kg.shacl import Indexed
from kg.store.port import Owner, Release, Store

Clock = Callable[[], datetime]


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Domain:
    """Everything that makes this graph municipal, read from `ontology/` and `queries/`: data, not code."""

    ontology: Path
    queries: Path

    @cached_property
    def context(self) -> Context:
        return Context.read(self.ontology)

    @cached_property
    def codes(self) -> Codes:
        return Codes(self.ontology / "codes")

    @cached_property
    def gate(self) -> Gate:
        return CompiledGate(self.ontology / "shapes", self.context.hints.single_valued)

    @cached_property
    def reference_gate(self) -> Gate:
        """The gate on pySHACL, slow and independent, to which the other is held."""
        from kg.gate.with_pyshacl import PyshaclGate  # takes a second, and is seldom needed

        return PyshaclGate(self.ontology / "shapes", self.context.hints.single_valued)

    @cached_property
    def watch(self) -> Watch:
        """What looks for likely duplicates and for personal data."""
        return Watch(Duplicates(self.ontology, self.context), PersonalData(self.ontology, self.context))

    @cached_property
    def shapes(self) -> Indexed:
        """What the shapes say, as a graph."""
        return _indexed(self.ontology / "shapes")

    @cached_property
    def forms(self) -> Forms:
        """What an entry of each class may and must say."""
        return Forms(self.context, self.codes, self.shapes)

    @cached_property
    def own_forms(self) -> Forms:
        """The same by the shapes that judge each source by itself: what no other source can say for it."""
        return Forms(self.context, self.codes, _indexed(self.ontology / "shapes" / "description"))

    def advice(self, load: Load, iris: Iris, written: Written) -> Advice:
        """What helps to mend what the gate finds in a load."""
        return Advice(lambda: self.shapes, self.context, self.codes, load.names, iris, written)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        return read_rules(self.queries / "system" / "derive")

    @cached_property
    def system(self) -> Mapping[NamedNode, tuple[Triple, ...]]:
        """The ontology and the code lists by the graph that holds them."""
        files = {NamedNode(f"{PROJECT}ns"): self.ontology / "municipal.ttl"}
        for path in sorted((self.ontology / "codes").glob("*.ttl")):
            files[NamedNode(f"{CODE}{path.stem}")] = path
        return {
            graph: tuple(quad.triple for quad in parse(path.read_bytes(), RdfFormat.TURTLE))
            for graph, path in files.items()
        }

    def names(self, view: View | None) -> Iterable[Named]:
        """What the things that are already described are called."""
        if view is None:
            return
        for row in view.select(QueryFile.read(self.queries / "system" / "names.rq").text):
            thing, cls, naming, text = (row[name] for name in ("thing", "class", "naming", "text"))
            if isinstance(thing, NamedNode) and isinstance(cls, NamedNode) and isinstance(text, Literal):
                by = NOTATION if naming in loading.NOTATIONS else LABEL
                shown = (text.language or "") if naming in loading.SHOWN_BY else ""
                yield Named(thing.value, self.context.hints.superclasses(cls.value), text.value, by, shown)


def _indexed(folder: Path) -> Indexed:
    """All Turtle files of a folder, as one graph."""
    files = sorted(folder.rglob("*.ttl"))
    return Indexed(quad.triple for path in files for quad in parse(path.read_bytes(), RdfFormat.TURTLE))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a load: the release it ended in, and everything worth saying about the data."""

    release: Release | None
    report: Report
    changed: bool
    sources: tuple[str, ...] = ()  # all that were loaded; the manifest names those that say something else than before
    copies: tuple[Path, ...] = ()  # of files, with the ids that were missing


def ingest(
    paths: Sequence[Path],
    *,
    store: Store,
    domain: Domain,
    agent: str,
    dry_run: bool = False,
    assign_ids: bool = False,
    replace_files: bool = False,
    gate: Gate | None = None,
    watch: bool = True,
    clock: Clock = now,
    progress: Progress | None = None,
) -> Outcome:
    """Load the files together as the next release, or leave everything as it was.

    Raises DataError when a finding refuses them. With `dry_run` nothing is written; without `watch` nobody looks for
    likely duplicates and personal data.
    """
    iris = Iris(store.base)
    tell = progress or (lambda what, done, total: None)

    def read(release: Release | None) -> Load:
        return loading.load(
            paths,
            iris=iris,
            context=domain.context,
            codes=domain.codes,
            known=domain.names(release),
            assign_ids=assign_ids,
            elsewhere=partial(_elsewhere, release, iris),
            kept=partial(kept, release, iris),
            slug_of=domain.watch.personal.slugs(release),
            progress=progress,
        )

    seen_then = store.current()
    load = read(seen_then)
    with store.draft() as draft:
        if load.amends and draft.parent is not None and (seen_then is None or draft.parent.number != seen_then.number):
            load = read(draft.parent)  # somebody was quicker; what is amended is what there is now
        tell("apply", 0, 1)
        refuse_lost_files(load, draft, iris, replace_files)
        refused = [*withdrawn_ids(load, draft, iris, domain.context), *erased_ids(load, store, iris, domain.context)]
        touched, renewed = apply(draft, load, domain)
        tell("gate", 0, 1)
        written = Written(load, domain.context, iris, draft)
        judged = content(draft, iris) | {batch.graph for batch in load.batches}
        fresh = None if renewed else touched
        report = (gate or domain.gate).check(draft, judged, fresh, written)
        seen = (
            domain.watch.check(draft, judged, fresh, iris=iris, before=before(store), origins=written) if watch else []
        )
        lost = () if load.refusals else lost_entries(load, draft, touched, iris)
        seen += describing(load, draft, domain) if watch else []
        found = domain.advice(load, iris, written).complete(report.findings)
        told = independent([*seen, *found], load, draft.parent, draft)
        report = Report.of(discreet([*load.notes, *refused, *lost, *told], seen)).raise_for_violations()
        tell("derive", 0, 1)
        meta = describe_sources(draft, load, iris, touched, clock)
        reranked = any(quad.predicate == MKG.rank for quad in (*meta.added, *meta.removed))
        derive(draft, draft.parent, domain.rules, iris, None if renewed or reranked else touched.subjects)
        changed = draft.changed
        if dry_run:
            return Outcome(draft.parent, report, changed)
        copies = load.write_copies()
        tell("seal", 0, 1)
        names = tuple(batch.source for batch in load.batches)
        anew = {*touched.graphs, *(quad.subject for quad in (*meta.added, *meta.removed))}
        changing = tuple(batch.source for batch in load.batches if batch.graph in anew)
        release = draft.seal(agent=agent, activity="load", sources=changing)
    return Outcome(release, report, changed, names, copies)


def withdraw(
    ids: Sequence[str], *, store: Store, domain: Domain, agent: str, reason: str, clock: Clock = now
) -> Release:
    """The next release without these entries; their ids are never used again.

    Raises NotFoundError for an id that nothing describes, ConflictError while others refer to one of them, and
    ParameterError for a reason with personal data.
    """
    reason = reason.strip()
    domain.watch.personal.refuse(reason)
    iris = Iris(store.base)
    nodes = [iris.entity(id) for id in ids]
    with store.draft() as draft:
        stated = content(draft, iris)
        own: set[Quad] = set()
        for node in nodes:
            mine = {quad for quad in _below(draft, node) if quad.graph_name in stated}
            if not mine:
                id = iris.id(node)
                raise NotFoundError(f"nothing describes {id}", f"няма запис „{id}“")
            own |= mine
        gone = {quad.subject for quad in own}
        referring = {
            iris.id(quad.subject) or quad.subject.value
            for node in gone
            for quad in draft.quads(None, None, node, None)
            if quad.graph_name in stated and quad.subject not in gone and isinstance(quad.subject, NamedNode)
        }
        if referring:
            names = ", ".join(sorted(referring))
            raise ConflictError(
                f"{', '.join(ids)} cannot be withdrawn while others refer to it: {names}",
                f"{', '.join(ids)} не може да се оттегли, докато се споменава от: {names}",
            )
        stamp = Literal(clock().isoformat(timespec="seconds"), datatype=XSD.dateTime)
        tombs = [Quad(node, MKG.withdrawnOn, stamp, iris.meta) for node in nodes]
        tombs += [Quad(node, MKG.withdrawalReason, Literal(reason), iris.meta) for node in nodes if reason]
        draft.apply(Changes(added=tuple(tombs), removed=tuple(own)))
        derive(draft, draft.parent, domain.rules, iris, gone)
        return draft.seal(agent=agent, activity=f"withdraw {', '.join(ids)}")


def describing(load: Load, view: View, domain: Domain) -> Iterator[Finding]:
    """Personal data in what describes the sources, and in the names of files and sheets: all of it is published."""
    personal = domain.watch.personal
    for batch in load.batches:
        info = load.sources.get(batch.source)
        for text, property, at, field in info.said() if info else ():
            yield from personal.describing(text, at, field, of=batch.graph, property=property, view=view)
        files = tuple(dict.fromkeys((*batch.files, *batch.given)))
        names = {(Path(file).stem, Locator(file, line=1)) for file in files}
        if files and batch.source not in {slug(name) for name, _ in names}:
            names.add((batch.source, Locator(files[0], line=1)))
        for entry in batch.entries.values():
            if entry.at.sheet:
                names.add((entry.at.sheet, Locator(entry.at.file, sheet=entry.at.sheet)))
        for name, at in sorted(names, key=lambda named: (named[1].key, named[0])):
            yield from personal.naming(name, at, of=batch.graph, view=view)


def before(store: Store) -> Before | None:
    """The current release, for comparing a draft with what is kept; None when there is none yet."""
    release = store.current()
    if release is None:
        return None

    def since(number: int, digest: str) -> Changes | None:
        same = any(told.number == number and told.digest == digest for told in store.manifests())
        return store.diff(number, release.number) if same and number < release.number else None

    return Before(release, release.number, release.manifest.digest, since)


def keep_withdrawn(draft: Writing, parent: View | None, *, domain: Domain, iris: Iris) -> None:
    """What was withdrawn or decided stays so in a draft with older content: a rollback brings nothing of it back."""
    if parent is None:
        return
    tombs: list[Quad] = []
    own: set[Quad] = set()
    if decided := decisions(parent, iris):
        draft.apply(Changes(added=decided, removed=decisions(draft, iris)))
    sources = content(draft, iris)
    known = set(draft.quads(None, MKG.withdrawnOn, None, iris.meta))
    for mark in parent.quads(None, MKG.withdrawnOn, None, iris.meta):
        if isinstance(mark.subject, NamedNode) and mark not in known:
            tombs += [mark, *parent.quads(mark.subject, MKG.withdrawalReason, None, iris.meta)]
            own |= {quad for quad in _below(draft, mark.subject) if quad.graph_name in sources}
    if tombs:
        draft.apply(Changes(added=tuple(tombs), removed=tuple(own)))
        derive(draft, parent, domain.rules, iris, None)


def _below(view: View, node: NamedNode) -> Iterator[Quad]:
    """Quads about a node and about everything nested in it."""
    for quad in view.quads(node, None, None, None):
        yield quad
        below = quad.object
        if isinstance(below, NamedNode) and below.value.startswith((node.value + "/", node.value + "#")):
            yield from _below(view, below)


def apply(draft: Writing, load: Load, domain: Domain) -> tuple[Touched, bool]:
    """The draft with the new contents; what that touched, and whether ontology or code lists are others now."""
    renewed = False
    for graph, triples in domain.system.items():
        renewed |= bool(draft.replace(graph, triples))
    changed: list[Quad] = []
    for batch in load.batches:
        changes = draft.replace(batch.graph, batch.triples)
        changed += (*changes.added, *changes.removed)
    return Touched.of(changed), renewed


def content(draft: View, iris: Iris) -> set[NamedNode]:
    """Graphs whose owner is a source or the endpoint."""
    owned = {Literal(Owner.SOURCE), Literal(Owner.ENDPOINT)}
    return {
        quad.subject
        for quad in draft.quads(None, MKG.owner, None, iris.meta)
        if quad.object in owned and isinstance(quad.subject, NamedNode)
    }


def _about(batch: Batch, load: Load, before: Iterable[Triple], iris: Iris) -> Iterable[Triple]:
    """The description of a source; as it was before, where nothing describes one whose entries are amended."""
    info = load.sources.get(batch.source)
    if info is not None:
        return info.triples(iris)
    renewed = {MKG.owner, MKG.file, MKG.amendedBy, PROV.generatedAtTime}
    return (triple for triple in before if triple.predicate not in renewed)


def kept(release: Release | None, iris: Iris, source: str) -> Kept | None:
    """What a release keeps of a source; None where it has no such source."""
    graph = iris.graph(source)
    if release is None or graph not in content(release, iris):
        return None
    about = list(release.quads(graph, None, None, iris.meta))
    files, workbooks = (
        tuple(sorted(getattr(quad.object, "value", "") for quad in about if quad.predicate == property))
        for property in (MKG.file, MKG.amendedBy)
    )
    return Kept(tuple(quad.triple for quad in release.quads(None, None, None, graph)), files, workbooks)


def _elsewhere(release: Release | None, iris: Iris, id: str, source: str) -> bool:
    """Whether another source than this one describes the id."""
    if release is None:
        return False
    stating = {quad.graph_name for quad in release.quads(iris.entity(id), RDF.type, None, None)}
    return bool(stating) and bool((stating & content(release, iris)) - {iris.graph(source)})


def describe_sources(draft: Writing, load: Load, iris: Iris, touched: Touched, clock: Clock) -> Changes:
    """The meta graph renewed: owner, files, description and time of every graph."""
    stays = [quad.triple for quad in draft.quads(None, None, None, iris.meta)]
    before: dict[object, list[Triple]] = defaultdict(list)
    for triple in stays:
        before[triple.subject].append(triple)
    stamp = Literal(clock().isoformat(timespec="seconds"), datatype=XSD.dateTime)
    described: dict[object, list[Triple]] = {}
    for batch in load.batches:
        about = [*_about(batch, load, before[batch.graph], iris)]
        about.append(Triple(batch.graph, MKG.owner, Literal(Owner.SOURCE)))
        about += [Triple(batch.graph, MKG.file, Literal(name)) for name in batch.files]
        about += [Triple(batch.graph, MKG.amendedBy, Literal(name)) for name in batch.amended_by]
        times = [triple for triple in before[batch.graph] if triple.predicate == PROV.generatedAtTime]
        if batch.graph in touched.graphs or not times:
            times = [Triple(batch.graph, PROV.generatedAtTime, stamp)]
        described[batch.graph] = about + times
    everything = [triple for subject, triples in before.items() if subject not in described for triple in triples]
    everything += [triple for triples in described.values() for triple in triples]
    return draft.replace(iris.meta, everything)
