"""Which releases stay on the disk: a function of their manifests, their files and the time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from kg.store.disk import Inode
from kg.store.port import Manifest


def keep(
    manifests: Iterable[Manifest],
    files: Mapping[int, Mapping[Inode, int]],
    *,
    now: datetime,
    keep_days: int,
    keep_bytes: int,
) -> frozenset[int]:
    """Numbers to keep among those with files: the last days, then month ends, then what fits.

    The oldest go first when space is short; the newest, which is the current one, never goes.
    """
    known = sorted(manifests, key=lambda manifest: manifest.number)
    since = now - timedelta(days=keep_days)
    recent = {manifest.number for manifest in known if manifest.created >= since}
    ends = {manifest.created.astimezone(UTC).strftime("%Y-%m"): manifest.number for manifest in known}
    newest = known[-1].number if known else 0
    stay = sorted((recent | set(ends.values()) | {newest}) & files.keys())
    while len(stay) > 1 and _bytes(files[number] for number in stay) > keep_bytes:
        stay.pop(0)
    return frozenset(stay)


def _bytes(folders: Iterable[Mapping[Inode, int]]) -> int:
    once: dict[Inode, int] = {}
    for folder in folders:
        once.update(folder)
    return sum(once.values())
