"""Going back, moving house and keeping copies: rollback, rebase, verify, backup, restore."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.errors import BaseError, ConflictError, NotFoundError, RequestError, StoreError
from kg.graph import Node, Subject
from kg.iris import Iris
from kg.store import manifests
from kg.store.changes import EMPTY_DIGEST, damaged, lines, shift
from kg.store.disk import surroundings, sync_tree, write
from kg.store.draft import EmbeddedDraft
from kg.store.embedded import EmbeddedStore
from kg.store.home import Home, numbers
from kg.store.pin import Sealed
from kg.store.releases import EmbeddedRelease


def rollback(
    store: EmbeddedStore,
    number: int,
    *,
    agent: str,
    amend: Callable[[EmbeddedDraft], None] = lambda draft: None,
) -> EmbeddedRelease:
    """A new release with the content of an older one, kept or not; the current one when that is its content.

    `amend` may change the draft before it is sealed. Raises BaseError when the base has changed since.
    """
    then, base = store.manifest(number), store.base
    if then.base != base:
        raise BaseError(
            f"release {number} was built for {then.base}, and the base is now {base}; `kg rebase {then.base}` first",
            f"издание {number} е създадено за {then.base}, а адресът вече е {base}; първо `kg rebase {then.base}`",
        )
    here = number in store.kept()
    with store.draft(agent=agent, content=number if here else None) as draft:
        if not here:
            assert draft.parent is not None
            draft.apply(store.diff(draft.parent.number, number))
        amend(draft)
        return draft.seal(agent=agent, activity=f"rollback to {number}", extra={"rolledBackTo": str(number)})


def rebase(store: EmbeddedStore, base: str, *, agent: str) -> EmbeddedRelease:
    """A new release in which every IRI below the old base is below the new one, graph names included.

    Raises NotFoundError when there is no release, RequestError when the base is the same.
    """
    base = base.rstrip("/")
    Iris(base)
    with store.draft(agent=agent, content=0) as draft:  # almost everything changes: written anew
        if draft.parent is None:
            raise NotFoundError("there is no release to rebase", "няма издание, чийто адрес да се смени")
        old = draft.parent.manifest.base
        if base == old:
            raise RequestError(f"the base already is {base}", f"базовият адрес вече е {base}")
        move = _Move(f"{old}/", f"{base}/")
        draft.rebase(base)
        sources: dict[NamedNode, list[NamedNode]] = {}  # two graphs may become one
        for graph in map(NamedNode, draft.parent.manifest.graphs):
            sources.setdefault(move.iri(graph), []).append(graph)
        for target, graphs in sources.items():
            found = (quad for graph in graphs for quad in draft.parent.quads(graph=graph))
            draft.replace(target, (move.triple(quad.triple) for quad in found))
        return draft.seal(agent=agent, activity=f"rebase from {old} to {base}", extra={"rebasedFrom": old})


def verify(release: EmbeddedRelease) -> None:
    """Reads the whole release. Raises StoreError unless it is what its manifest says."""
    quads, merge, union = 0, 0, set()
    total = EMPTY_DIGEST
    graphs: dict[str, int] = {}
    apart = Iris(release.manifest.base).meta
    chunk: list[Quad] = []
    for quad in release.quads():
        if not isinstance(quad.graph_name, NamedNode):
            merge += 1
            continue
        quads += 1
        graphs[quad.graph_name.value] = graphs.get(quad.graph_name.value, 0) + 1
        if quad.graph_name != apart:
            union.add(quad.triple)
        chunk.append(quad)
        if len(chunk) == 50_000:
            total, chunk = shift(total, lines(chunk), ()), []
    total = shift(total, lines(chunk), ())
    told = release.manifest
    found = (total, quads, graphs, merge, len(union))
    if found != (told.digest, told.quads, dict(told.graphs), told.triples, told.triples):
        raise damaged(release.path)


def backup(store: EmbeddedStore, target: Path, *, agent: str) -> int:
    """Copies the current release, the history and the pointer to an empty folder; returns the number.

    Writers wait meanwhile, readers do not. The pointer is written last: a copy without it is not complete.
    """
    target = target.absolute()
    if target.resolve().is_relative_to(store.home.root.resolve()):
        raise RequestError(f"{target} is inside the home", f"{target} е в самата папка с данните")
    with surroundings(target):
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise ConflictError(f"{target} is not an empty folder", f"{target} не е празна папка")
    with store.exclusive(agent):
        number = store.home.current()
        if not number:
            raise NotFoundError("there is no release to copy", "няма издание за копиране")
        copy = Home(target)
        with surroundings(target):
            copy.create()
            copy.drafts.rmdir()
            _copy(store.home, copy.root, number)
            write(copy.pointer, f"{number}\n".encode())
    return number


def restore(store: EmbeddedStore, source: Path, *, agent: str) -> EmbeddedRelease:
    """Brings a copy made by `backup` into a home that has no release, after reading all of it.

    Raises ConflictError when the home has one, StoreError when the copy is incomplete or damaged, BaseError
    when it was made for another base than the store was opened for.
    """
    copy = Home(source)
    number = copy.current()
    if not number:
        raise StoreError(
            f"{source} is not a complete backup: it has no file `current`",
            f"{source} не е пълно резервно копие: няма файл `current`",
        )
    with store.exclusive(agent) as workplace:
        if store.home.current():
            raise ConflictError(
                f"{store.home.root} already has releases; restore into an empty home",
                f"в {store.home.root} вече има издания; възстановете в празна папка",
            )
        prepared = workplace / "prepared"
        with surroundings(source):
            if numbers(copy.history) != list(range(1, number + 1)):
                raise damaged(copy.history)
            for folder in ("history", "releases"):
                (prepared / folder).mkdir(parents=True)
            _copy(copy, prepared, number)
            manifest = manifests.read(Home(prepared).manifest(number))
            store.expect(manifest.base)
            verify(EmbeddedRelease(manifest, Sealed(Home(prepared).release(number))))
            Home(prepared).pointer.write_text(f"{number}\n", encoding="ascii")
        store.home.decide(prepared)
        store.forget()
        return store.release(number)


def _copy(home: Home, target: Path, number: int) -> None:
    """Copies of the files, not links: a copy that shares its disk blocks is no copy."""
    for each in range(1, number + 1):
        shutil.copytree(home.history / str(each), target / "history" / str(each))
    shutil.copytree(home.release(number), target / "releases" / str(number))
    if home.erasures.is_file():
        shutil.copy2(home.erasures, Home(target).erasures)
    sync_tree(target)


@dataclass(frozen=True, slots=True)
class _Move:
    """Terms with one beginning of their IRIs replaced by another."""

    old: str
    new: str

    def iri(self, iri: NamedNode) -> NamedNode:
        return NamedNode(self.new + iri.value[len(self.old) :]) if iri.value.startswith(self.old) else iri

    def subject(self, term: Subject) -> Subject:
        if isinstance(term, NamedNode):
            return self.iri(term)
        return self.triple(term) if isinstance(term, Triple) else term

    def object(self, term: Node) -> Node:
        if not isinstance(term, Literal):
            return self.subject(term)
        if not term.datatype.value.startswith(self.old):
            return term
        return Literal(term.value, datatype=self.iri(term.datatype))

    def triple(self, triple: Triple) -> Triple:
        return Triple(self.subject(triple.subject), self.iri(triple.predicate), self.object(triple.object))
