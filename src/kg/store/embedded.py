"""Releases in a folder of this machine: sealed RocksDB directories, one writer, any number of readers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from kg.errors import BaseError, ConflictError, StoreError
from kg.iris import Iris
from kg.settings import DEFAULT_BASE
from kg.store import changes as records
from kg.store import manifests
from kg.store.changes import EMPTY_DIGEST
from kg.store.disk import MOUNTS, discard, files, refuse_network, surroundings, sync, sync_tree
from kg.store.draft import EmbeddedDraft
from kg.store.home import Home
from kg.store.lock import held
from kg.store.merge import Merged
from kg.store.pin import retire
from kg.store.port import Manifest
from kg.store.reading import Releases
from kg.store.releases import EmbeddedRelease
from kg.store.retention import keep

KEEP_BYTES = 20 * 2**30


def _now() -> datetime:
    return datetime.now(UTC)


class EmbeddedStore(Releases):
    """The store of one home; safe to share between threads, and the home between processes."""

    def __init__(
        self,
        home: Home,
        *,
        base: str | None,
        agent: str,
        lock_timeout: float,
        keep_days: int,
        keep_bytes: int,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(home)
        self.clock = clock
        self._base = base
        self._agent = agent
        self._lock_timeout = lock_timeout
        self._keep_days = keep_days
        self._keep_bytes = keep_bytes

    @classmethod
    def open(
        cls,
        home: Path,
        *,
        base: str | None = None,
        agent: str = "kg",
        lock_timeout: float = 30.0,
        keep_days: int = 30,
        keep_bytes: int = KEEP_BYTES,
        clock: Callable[[], datetime] = _now,
        mounts: Path = MOUNTS,
    ) -> EmbeddedStore:
        """The store of a home, which is made when it is not there.

        Raises BaseError when the home was built for another base, StoreError on a network file system.
        """
        if base is not None:
            Iris(base)
        refuse_network(home, mounts)
        store = cls(
            Home(home),
            base=base,
            agent=agent,
            lock_timeout=lock_timeout,
            keep_days=keep_days,
            keep_bytes=keep_bytes,
            clock=clock,
        )
        store.home.create()
        if store.home.pending.is_dir():
            with store.exclusive():
                pass  # taking the lock completes what was decided
        store.expect(store.base)
        return store

    @property
    def base(self) -> str:
        """The recorded base; before the first release the one that was asked for."""
        number = self.home.current()
        return self.manifest(number).base if number else self._base or DEFAULT_BASE

    @contextmanager
    def draft(self, *, agent: str | None = None, content: int | None = None) -> Iterator[EmbeddedDraft]:
        """A draft under the write lock; left unsealed it leaves no trace. Raises BusyError naming the holder.

        With `content`, it starts from what that kept release holds, or from nothing when that is 0, instead of
        what its parent holds.
        """
        with self.exclusive(agent) as workplace:
            self.expect(self.base)
            parent = self.current()
            source = parent if content is None else self.release(content) if content else None
            folder = workplace / "store"
            if source is not None:
                source.clone(folder)
            merged = Merged(
                folder,
                apart=[Iris(self.base).meta],
                graphs=source.manifest.graphs if source else {},
                triples=source.manifest.triples if source else 0,
            )
            if parent and content is not None:
                difference = self.diff(parent.number, content)
                merged.net.take(set(difference.added), set(difference.removed))
            draft = EmbeddedDraft(merged, parent, self.base, self._seal)
            try:
                yield draft
            finally:
                draft.close()

    @contextmanager
    def exclusive(self, agent: str | None = None) -> Iterator[Path]:
        """The write lock and an empty folder to work in, both gone after the block."""
        who = agent or self._agent
        with held(self.home.lock, agent=who, now=self.clock(), timeout=self._lock_timeout):
            self.home.tidy()
            workplace = self.home.workplace()
            try:
                yield workplace
            finally:
                discard(workplace)

    def _seal(
        self,
        draft: EmbeddedDraft,
        *,
        agent: str,
        activity: str,
        sources: Sequence[str],
        extra: Mapping[str, str],
    ) -> EmbeddedRelease:
        parent, net = draft.parent, draft.merged.net
        engine = draft.merged.engine
        if parent is not None and not draft.changed:
            return parent
        before = parent.number if parent else 0
        self._still(before)
        added, removed = records.lines(net.added), records.lines(net.removed)
        graphs = draft.merged.graphs
        manifest = Manifest(
            number=before + 1,
            parent=before or None,
            base=draft.base,
            created=self.clock(),
            agent=agent,
            activity=activity,
            sources=tuple(sources),
            quads=sum(graphs.values()),
            triples=draft.merged.triples,
            graphs=graphs,
            added=len(added),
            removed=len(removed),
            digest=records.shift(parent.manifest.digest if parent else EMPTY_DIGEST, added, removed),
            software=manifests.software(),
            extra=dict(extra),
        )
        folder = draft.path.parent
        with surroundings(self.home.root):
            engine.flush()  # a read-only clone copies files, not the log
            engine.backup(str(folder / "sealed"))
            history = folder / "history"
            history.mkdir()
            records.write(history / "changes.nq.zst", added, removed)
            (history / "manifest.json").write_bytes(manifests.dump(manifest))
            self._put(folder, manifest.number)
            self._still(before)
            self.home.point(manifest.number)
        if self._base is not None:
            self._base = manifest.base
        kept = {property: draft.every(property) for property in (parent.kept if parent else ())}
        with suppress(OSError, StoreError):  # the release stands; the next write prunes again
            self._prune(folder)
        release = self.release(manifest.number)
        release.carry(kept)
        return release

    def _put(self, folder: Path, number: int) -> None:
        for name, place in (
            ("sealed", self.home.release(number)),
            ("history", self.home.history / str(number)),
        ):
            sync_tree(folder / name)
            (folder / name).rename(place)
            sync(place.parent)

    def _prune(self, folder: Path) -> None:
        stay = keep(
            self.manifests(),
            {number: files(self.home.release(number)) for number in self.kept()},
            now=self.clock(),
            keep_days=self._keep_days,
            keep_bytes=self._keep_bytes,
        )
        for number in set(self.kept()) - stay:
            retire(self.home.release(number), folder / f"pruned-{number}")

    def _still(self, number: int) -> None:
        now = self.home.current()
        if now != number:
            raise ConflictError(
                f"the current release is {now} and no longer {number}; start the write again",
                f"текущото издание вече е {now}, а не {number}; започнете записа отначало",
            )

    def expect(self, recorded: str) -> None:
        """Raises BaseError when this is another base than the one the store was opened for."""
        if self._base is not None and recorded != self._base:
            raise BaseError(
                f"this home was built for {recorded}, not for {self._base}; start with KG_BASE={recorded}, "
                f"or rewrite it once with `kg rebase {self._base}`",
                f"данните са създадени за {recorded}, а не за {self._base}; стартирайте с KG_BASE={recorded} "
                f"или ги пренапишете веднъж с `kg rebase {self._base}`",
            )
