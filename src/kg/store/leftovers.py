"""What an erasure has to clean beside the releases, and whether anything is left of what was erased."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import zstandard
from pyoxigraph import NamedNode

from kg.store.disk import surroundings


def leftovers(root: Path, iris: Iterable[NamedNode], texts: Iterable[str] = ()) -> list[str]:
    """The files below a folder whose bytes hold an IRI or a text, with the line where there are lines."""
    needles = [iri.value.encode() for iri in iris] + [text.encode() for text in texts]
    after = re.compile(b"|".join(re.escape(needle) + rb"(?![A-Za-z0-9-])" for needle in needles))
    found: list[str] = []
    seen: set[tuple[int, int]] = set()
    for path in sorted(one for one in root.rglob("*") if one.is_file()):
        try:
            stat = path.stat()
            if (stat.st_dev, stat.st_ino) in seen:  # releases share files
                continue
            seen.add((stat.st_dev, stat.st_ino))
            content = path.read_bytes()
        except FileNotFoundError:  # a reader's lock, gone by now
            continue
        if path.suffix == ".zst":
            with zstandard.ZstdDecompressor().stream_reader(content) as reader:
                content = reader.read()
        if match := after.search(content):
            line = content.count(b"\n", 0, match.start()) + 1
            place = str(path.relative_to(root))
            found.append(f"{place}:{line}" if path.suffix in {".json", ".jsonl"} else place)
    return found


def scrub(log: Path, hide: Callable[[str], str]) -> None:
    """Takes the names out of a log, between two of its lines."""
    with surroundings(log), log.open("r+", encoding="utf-8", errors="surrogateescape") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = file.read()
        after = hide(before)
        if after != before:
            file.seek(0)
            file.write(after)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
