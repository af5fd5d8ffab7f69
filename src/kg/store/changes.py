"""What one release changed: net sets of quads, their digest, and the record that is kept of them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Set
from itertools import islice
from pathlib import Path

import pyoxigraph as ox
import zstandard
from pyoxigraph import Quad, RdfFormat

from kg.errors import StoreError
from kg.graph import Changes
from kg.store.disk import surroundings

EMPTY_DIGEST = f"{0:064x}"
_MODULUS = 2**256
_CHUNK = 50_000
_BLOCK = 2**18  # bytes
_ADDED, _REMOVED = b"A ", b"D "


def lines(quads: Iterable[Quad]) -> list[bytes]:
    """The N-Quads line of each quad, sorted."""
    out: list[bytes] = []
    rest = iter(quads)
    while chunk := list(islice(rest, _CHUNK)):
        text = ox.serialize(chunk, format=RdfFormat.N_QUADS)
        assert text is not None
        out += text.splitlines(keepends=True)
    out.sort()
    return out


def ordered(quads: Iterable[Quad]) -> tuple[Quad, ...]:
    """The quads in the order of their N-Quads lines."""
    return tuple(sorted(quads, key=str))


def shift(digest: str, added: Iterable[bytes], removed: Iterable[bytes]) -> str:
    """The digest of a set of quads after lines were added and removed (Manifest.digest)."""
    total = int(digest, 16)
    for line in added:
        total += int.from_bytes(hashlib.sha256(line).digest(), "big")
    for line in removed:
        total -= int.from_bytes(hashlib.sha256(line).digest(), "big")
    return f"{total % _MODULUS:064x}"


def digest(quads: Iterable[Quad]) -> str:
    """The digest of a set of quads from scratch."""
    return shift(EMPTY_DIGEST, lines(quads), ())


class Net:
    """The difference between two states, kept exact: what is added and removed again leaves no trace."""

    __slots__ = ("added", "removed")

    def __init__(self) -> None:
        self.added: set[Quad] = set()
        self.removed: set[Quad] = set()

    def take(self, added: Set[Quad], removed: Set[Quad]) -> None:
        """One more step: `removed` were there and go, `added` were not and come."""
        undone = self.added & removed
        self.added -= undone
        self.removed |= removed - undone
        undone = self.removed & added
        self.removed -= undone
        self.added |= added - undone

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def changes(self) -> Changes:
        return Changes(ordered(self.added), ordered(self.removed))

    def reverse(self) -> Changes:
        return Changes(ordered(self.removed), ordered(self.added))


def write(path: Path, added: Iterable[bytes], removed: Iterable[bytes]) -> None:
    """The change record: sorted N-Quads, „D “ before each removed line and „A “ before each added one."""
    packer = zstandard.ZstdCompressor(level=6, write_checksum=True)
    with path.open("wb") as file, packer.stream_writer(file, closefd=False) as packed:
        for mark, group in ((_REMOVED, removed), (_ADDED, added)):
            rest = iter(group)
            while chunk := list(islice(rest, _CHUNK)):
                packed.write(b"".join(mark + line for line in chunk))


def read(path: Path, *, added: int, removed: int) -> Changes:
    """The change record, checked against the counts of its manifest."""
    try:
        with (
            surroundings(path),
            path.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file) as stream,
        ):
            rows = io.BufferedReader(stream).readlines()
        changes = Changes(_parse(rows, _ADDED), _parse(rows, _REMOVED))
    except (zstandard.ZstdError, SyntaxError) as cause:
        raise damaged(path) from cause
    if (len(changes.added), len(changes.removed)) != (added, removed):
        raise damaged(path)
    return changes


def stream(path: Path, *, added: int, removed: int) -> Iterator[tuple[bool, bytes]]:
    """The lines of a change record as they stand there, and of each whether it was added; nothing is held of them."""
    counts = [0, 0]
    try:
        with (
            surroundings(path),
            path.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file) as packed,
        ):
            for row in io.BufferedReader(packed, _BLOCK):
                plus = row.startswith(_ADDED)
                counts[plus] += 1
                yield plus, row[len(_ADDED) :]
    except zstandard.ZstdError as cause:
        raise damaged(path) from cause
    if counts != [removed, added]:
        raise damaged(path)


def damaged(path: Path) -> StoreError:
    """The refusal of a file whose content does not fit."""
    return StoreError(
        f"{path} is damaged; bring the home back from a backup with `kg restore`",
        f"файлът {path} е повреден; възстановете данните от резервно копие с `kg restore`",
    )


def _parse(rows: Iterable[bytes], mark: bytes) -> tuple[Quad, ...]:
    text = b"".join(row[len(mark) :] for row in rows if row.startswith(mark))
    return tuple(ox.parse(text, format=RdfFormat.N_QUADS, lenient=True))
