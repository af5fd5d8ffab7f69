"""The right to erasure: the one exception to „a release never changes“.

What mentions an IRI, or a text such as a name, goes from every kept release, every change record, every manifest and
every log of the home; what is only called by such words gets another address there (kg.store.renaming).

A release is rebuilt, not written to: the engine keeps the text of a term after the last quad
that has it is gone. The first rebuilt release is written from nothing, the following ones are clones of it, so they
share files as before.

All of it is prepared beside the home and verified; then one rename decides, and from there a crash is completed
by whoever opens the home next (kg.store.home). Backups made earlier, and readers that are still open, keep what
they have: tell those who run them.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.errors import NotFoundError, StoreError
from kg.graph import Changes, GraphName, Node
from kg.iris import Iris
from kg.store import changes as records
from kg.store import manifests
from kg.store.changes import EMPTY_DIGEST
from kg.store.disk import surroundings
from kg.store.embedded import EmbeddedStore
from kg.store.home import Home
from kg.store.leftovers import leftovers, scrub
from kg.store.merge import Merged
from kg.store.port import Manifest
from kg.store.renaming import Renaming

HIDDEN = "(erased)"
Test = Callable[[Quad], bool]


def mentions(iris: Iterable[NamedNode], texts: Iterable[str] = ()) -> Test:
    """Whether a quad speaks of one of these IRIs, of one nested under them by `#` or `/`, or holds a text."""
    named = pattern(texts)
    exact = frozenset(iri.value for iri in iris)
    below = tuple(f"{iri}{mark}" for iri in exact for mark in "#/")

    def speaks(term: Node | GraphName) -> bool:
        if isinstance(term, NamedNode):
            return term.value in exact or term.value.startswith(below)
        if isinstance(term, Literal):
            return speaks(term.datatype) or bool(named and named.search(term.value))
        if isinstance(term, Triple):
            return any(map(speaks, (term.subject, term.predicate, term.object)))
        return False

    return lambda quad: any(map(speaks, (quad.subject, quad.predicate, quad.object, quad.graph_name)))


def erase(
    store: EmbeddedStore,
    iris: Iterable[NamedNode],
    *,
    agent: str,
    reason: str,
    texts: Collection[str] = (),
    renaming: Renaming | None = None,
) -> tuple[int, ...]:
    """Removes every quad that mentions these IRIs or texts, now and in the past; returns the releases it was in.

    `renaming` finds other addresses for what is called by words that have to go, and knows them afterwards.
    `reason` is kept in the open, so it must not name anybody. Raises NotFoundError when nothing mentions them, and
    StoreError naming the files of the home that still hold them when not everything could be erased.
    """
    erased = tuple(sorted(set(iris), key=str))
    renaming = renaming or Renaming()
    with store.exclusive(agent) as workplace:
        bases = {manifest.base for manifest in store.manifests()}
        steps = (store.changes(manifest.number) for manifest in store.manifests())
        renaming.learn(steps, bases, erased)
        prepared = workplace / "prepared"
        with surroundings(store.home.root):
            for folder in ("history", "releases"):
                (prepared / folder).mkdir(parents=True)
            hide = _hider(erased, Iris(store.base), texts, renaming)
            plan = _Erasure(store, mentions(erased, texts), renaming, prepared, hide)
            touched = plan.rewrite_history()
            if not touched:
                raise NotFoundError("no release mentions this IRI", "никое издание не споменава този идентификатор")
            plan.rewrite_releases(touched[0])
            tombstones = store.home.erasures.read_bytes() if store.home.erasures.is_file() else b""
            tombstones += b"".join(_tombstone(iri, store.clock(), agent, reason) for iri in erased)
            for old, new in renaming.ids.items():
                tombstones += _tombstone(Iris(store.base).entity(old), store.clock(), agent, reason, new)
            Home(prepared).erasures.write_bytes(tombstones)
        store.home.decide(prepared)
        for made in (store.home.dumps, store.home.feed):
            shutil.rmtree(made, ignore_errors=True)
        for log in store.home.root.glob("*.jsonl*"):
            scrub(log, hide)
        store.forget()
    renamed = [NamedNode(f"{Iris(base).ids}{old}") for base in sorted(bases) for old in renaming.paths]
    if left := leftovers(store.home.root, [*erased, *renamed], texts):
        places = ", ".join(left)
        raise StoreError(
            f"the releases hold it no more, but these files of the home do: {places}; delete it there",
            f"в изданията вече го няма, но тези файлове в папката на графа го съдържат: {places}; изтрийте го и там",
        )
    return touched


@dataclass(slots=True)
class _Erasure:
    store: EmbeddedStore
    test: Test
    renaming: Renaming
    prepared: Path
    hide: Callable[[str], str]

    def rewrite_history(self) -> tuple[int, ...]:
        """New records and manifests from the first release that is concerned; which ones change is returned."""
        last = self.store.home.current()
        affected = {
            quad.triple for step in self._steps(last) for quad in (*step.added, *step.removed) if self.test(quad)
        }  # what is renamed is counted as before
        apart = {Iris(manifest.base).meta for manifest in self.store.manifests()}
        live: set[Quad] = set()  # the quads of the affected triples, in this release
        touched: list[int] = []
        digest = EMPTY_DIGEST
        for number, step in enumerate(self._steps(last), start=1):
            live -= {quad for quad in step.removed if quad.triple in affected}
            live |= {quad for quad in step.added if quad.triple in affected}
            gone = {quad for quad in live if self.test(quad)}
            added, removed = self._left(step.added), self._left(step.removed)
            plus, minus = records.lines(added), records.lines(removed)
            digest = records.shift(digest, plus, minus)
            before = self.store.manifest(number)
            after = replace(
                _without(before, gone, live - gone, apart, self.hide),
                added=len(added),
                removed=len(removed),
                digest=digest,
            )
            if after == before:
                continue
            touched.append(number)
            folder = self.prepared / "history" / str(number)
            folder.mkdir()
            records.write(folder / "changes.nq.zst", plus, minus)
            (folder / "manifest.json").write_bytes(manifests.dump(after))
        return tuple(touched)

    def rewrite_releases(self, first: int) -> None:
        """New directories for every kept release that is or follows a concerned one."""
        apart = {Iris(manifest.base).meta for manifest in self.store.manifests()}
        place = Home(self.prepared)
        merged = Merged(self.prepared.parent / "store", apart=apart)
        digest, previous = EMPTY_DIGEST, 0
        for number in self.store.kept():
            if number < first:
                continue
            if previous:
                step = self.store.diff(previous, number)
            else:
                step = Changes(tuple(_named(self.store.release(number).quads())))
            added, removed = self._left(step.added), self._left(step.removed)
            merged.apply(Changes(added, removed))
            digest = records.shift(digest, records.lines(added), records.lines(removed))
            told = place if place.manifest(number).is_file() else self.store.home
            _agree(merged, digest, manifests.read(told.manifest(number)))
            merged.engine.flush()
            merged.engine.backup(str(place.release(number)))
            previous = number
        merged.close()

    def _left(self, quads: Iterable[Quad]) -> tuple[Quad, ...]:
        """What stays, as it is called from now on."""
        return tuple(self.renaming.turn(quad) for quad in quads if not self.test(quad))

    def _steps(self, last: int) -> Iterator[Changes]:
        return (self.store.changes(number) for number in range(1, last + 1))


def _named(quads: Iterable[Quad]) -> Iterator[Quad]:
    return (quad for quad in quads if isinstance(quad.graph_name, NamedNode))


def _agree(merged: Merged, digest: str, told: Manifest) -> None:
    if (digest, merged.graphs, merged.triples) != (told.digest, dict(told.graphs), told.triples):
        raise StoreError(
            f"release {told.number} does not fit its change records; nothing was erased. Use `kg restore`",
            f"издание {told.number} не съответства на записите за промени; нищо не е заличено. "
            "Използвайте `kg restore`",
        )


def _without(
    manifest: Manifest, gone: set[Quad], left: set[Quad], apart: set[NamedNode], hide: Callable[[str], str]
) -> Manifest:
    graphs = dict(manifest.graphs)
    for quad in gone:
        name = quad.graph_name
        assert isinstance(name, NamedNode)
        graphs[name.value] -= 1
        if not graphs[name.value]:
            del graphs[name.value]
    merged = {quad.triple for quad in gone if quad.graph_name not in apart}
    merged -= {quad.triple for quad in left if quad.graph_name not in apart}
    return replace(
        manifest,
        quads=manifest.quads - len(gone),
        triples=manifest.triples - len(merged),
        graphs=graphs,
        activity=hide(manifest.activity),
        extra={key: hide(text) for key, text in manifest.extra.items()},
    )


def _tombstone(iri: NamedNode, now: datetime, agent: str, reason: str, instead: str | None = None) -> bytes:
    """When, by whom and why; which IRI it was can be checked by those who know it, and not be read.

    `instead` is the id that the thing has now.
    """
    line = {
        "time": now.isoformat(timespec="seconds"),
        "agent": agent,
        "reason": reason,
        "sha256": hashlib.sha256(iri.value.encode()).hexdigest(),
        "id": hashlib.sha256(Iris.path(iri).encode()).hexdigest(),  # the same when the graph moves to another base
    }
    if instead:
        line["instead"] = instead
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def _hider(erased: Iterable[NamedNode], iris: Iris, texts: Iterable[str], renaming: Renaming) -> Callable[[str], str]:
    """Takes the IRIs, their `kind/slug`, and the texts out of a text, and calls by its new id what has one."""
    names = {iri.value for iri in erased} | {iris.id(iri) or iri.value for iri in erased}
    addresses = re.compile("|".join(rf"{re.escape(name)}(?![A-Za-z0-9-])" for name in sorted(names)))
    named = pattern(texts)
    paths = renaming.paths
    longest = sorted(paths, key=lambda path: (-len(path), path))
    others = re.compile("|".join(rf"(?<![A-Za-z0-9-]){re.escape(path)}(?![A-Za-z0-9-])" for path in longest))

    def hide(text: str) -> str:
        text = addresses.sub(HIDDEN, named.sub(HIDDEN, text) if named else text)
        return others.sub(lambda match: paths[match[0]], text) if paths else text

    return hide


def pattern(texts: Iterable[str]) -> re.Pattern[str] | None:
    """Finds the texts, in capitals or not, with any spaces between their words; None when there are none."""
    words = [r"\s+".join(map(re.escape, text.split())) for text in sorted(texts) if text.strip()]
    return re.compile("|".join(rf"(?<!\w){one}(?!\w)" for one in words), re.IGNORECASE) if words else None
