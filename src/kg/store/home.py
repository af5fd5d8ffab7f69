"""The folders of a home, the pointer to the current release, and what is left over after a crash.

A release exists from the moment `current` names it. What stands above that number is half-made: no reader looks
at it, and the next writer clears it away and uses the number again, so numbers have no gaps.
`pending/` holds folders that are to take the place of others (restore, erase); from the moment it has this name
the step is taken, and whoever opens the home next completes it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from kg.errors import StoreError
from kg.store.disk import discard, surroundings, sync, sync_tree, write


@dataclass(frozen=True, slots=True)
class Home:
    """Where everything lies."""

    root: Path

    @property
    def lock(self) -> Path:
        return self.root / "write.lock"

    @property
    def pointer(self) -> Path:
        return self.root / "current"

    @property
    def history(self) -> Path:
        return self.root / "history"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def drafts(self) -> Path:
        return self.root / "drafts"

    @property
    def pending(self) -> Path:
        return self.root / "pending"

    @property
    def dumps(self) -> Path:
        """Files for the public, made of releases and made again when they are missing."""
        return self.root / "dumps"

    @property
    def feed(self) -> Path:
        """What each release changed, for those who follow; made of change records, and made again when missing."""
        return self.root / "feed"

    @property
    def portals(self) -> Path:
        """What was created at portals to which one pushes, a file for each."""
        return self.root / "portals"

    @property
    def erasures(self) -> Path:
        return self.history / "erasures.jsonl"

    def release(self, number: int) -> Path:
        return self.releases / str(number)

    def manifest(self, number: int) -> Path:
        return self.history / str(number) / "manifest.json"

    def record(self, number: int) -> Path:
        return self.history / str(number) / "changes.nq.zst"

    def create(self) -> None:
        with surroundings(self.root):
            for folder in (self.history, self.releases, self.drafts):
                folder.mkdir(parents=True, exist_ok=True)

    def current(self) -> int:
        """The number that the pointer names; 0 before the first release."""
        try:
            with surroundings(self.root):
                try:
                    text = self.pointer.read_text(encoding="ascii")
                except FileNotFoundError:
                    return 0
            number = int(text)
        except ValueError as cause:
            raise self._lost() from cause
        if number < 1:
            raise self._lost()
        return number

    def point(self, number: int) -> None:
        """The moment a release becomes the current one."""
        write(self.pointer, f"{number}\n".encode())

    def kept(self) -> list[int]:
        """Numbers of the releases whose directories are here."""
        last = self.current()
        return [number for number in numbers(self.releases) if number <= last]

    def tidy(self) -> None:
        """Completes what was decided and clears what was not; only for the holder of the lock."""
        with surroundings(self.root):
            self.roll_forward()
            for folder in self.drafts.iterdir():
                discard(folder)
            last = self.current()
            above = {*numbers(self.releases), *numbers(self.history)} - set(range(last + 1))
            if above - {last + 1}:
                raise self._lost()
            for number in above:
                discard(self.release(number))
                discard(self.history / str(number))

    def workplace(self) -> Path:
        """A new folder below `drafts`."""
        folder = self.drafts / secrets.token_hex(6)
        with surroundings(folder):
            folder.mkdir()
        return folder

    def decide(self, prepared: Path) -> None:
        """Makes a prepared folder pending, and completes it."""
        with surroundings(self.root):
            sync_tree(prepared)
            prepared.rename(self.pending)
            sync(self.root)
            self.roll_forward()

    def roll_forward(self) -> None:
        """Puts pending folders into their places; may be repeated after a crash at any point.

        The pointer is written last, whether or not it names another release: readers go by its identity.
        """
        if not self.pending.is_dir():
            return
        replaced = self.workplace()
        for kind in ("history", "releases"):
            source, target = self.pending / kind, self.root / kind
            for number in numbers(source):
                place = target / str(number)
                if place.exists():
                    place.rename(replaced / f"{kind}-{number}")
                (source / str(number)).rename(place)
            sync(target)
        prepared = Home(self.pending)
        for source, place in ((prepared.erasures, self.erasures), (prepared.pointer, self.pointer)):
            if source.is_file():
                write(place, source.read_bytes())
        if not prepared.pointer.is_file() and self.pointer.is_file():
            write(self.pointer, self.pointer.read_bytes())
        discard(replaced)
        discard(self.pending)
        sync(self.root)

    def _lost(self) -> StoreError:
        return StoreError(
            f"{self.pointer} does not name the last release; write the number of the last folder of "
            f"{self.history} that also stands in {self.releases} into it, or use `kg restore`",
            f"{self.pointer} не сочи последното издание; запишете в него номера на последната папка от "
            f"{self.history}, която я има и в {self.releases}, или използвайте `kg restore`",
        )


def numbers(folder: Path) -> list[int]:
    """Names of subfolders that are numbers, ascending; none when there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(int(entry.name) for entry in folder.iterdir() if entry.name.isascii() and entry.name.isdigit())
