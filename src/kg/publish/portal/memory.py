"""What was created at a portal and what it was told, kept in the home, so that a second run changes instead of adding.

One file for each kind of portal; within it by address, for a trial on a test portal is no trace of the real one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from kg.errors import StoreError
from kg.store.disk import surroundings, write

URI: Final = re.compile(r"[0-9A-Za-z._-]{1,191}")
"""How the portal names a dataset or a resource: a UUID of its own."""


@dataclass(frozen=True, slots=True)
class Known:
    """A resource. `uri` is None while nobody knows whether the portal has it: it was asked, and did not answer."""

    uri: str | None
    mark: str  # of what it was told
    data: str | None = None  # digest of the rows that it was sent


@dataclass(frozen=True, slots=True)
class KnownDataset:
    """A dataset, likewise; `terms` are those it was given, which the portal does not take back."""

    uri: str | None
    mark: str
    terms: int | None = None
    resources: Mapping[str, Known] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Memory:
    """All that is known of one portal, by the slug of the dataset."""

    datasets: Mapping[str, KnownDataset] = field(default_factory=dict)

    def with_dataset(self, slug: str, known: KnownDataset | None) -> Memory:
        """The same with another dataset; None takes it out."""
        rest = {name: one for name, one in self.datasets.items() if name != slug}
        return Memory(rest if known is None else {**rest, slug: known})

    def with_resource(self, slug: str, key: str, known: Known | None) -> Memory:
        """The same with another resource; None takes it out."""
        dataset = self.datasets[slug]
        rest = {name: one for name, one in dataset.resources.items() if name != key}
        return self.with_dataset(slug, replace(dataset, resources=rest if known is None else {**rest, key: known}))


def read(path: Path, address: str) -> Memory:
    """What is known of the portal at an address. Raises StoreError where the file is not ours."""
    try:
        told = _all(path).get(address, {})
        return Memory({slug: _dataset(one) for slug, one in told.items()})
    except (ValueError, TypeError, KeyError, AttributeError) as cause:
        raise StoreError(
            f"{path} cannot be understood; put it back from a copy: without it everything would be created again",
            f"{path} е повреден; върнете го от копие: без него всичко би се създало наново",
        ) from cause


def save(path: Path, address: str, memory: Memory) -> None:
    """Puts it there in one step, and leaves what is known of other addresses."""
    known = {slug: asdict(one) for slug, one in sorted(memory.datasets.items())}
    with surroundings(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = {**_all(path), address: known}
        write(path, json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n")


def _all(path: Path) -> dict[str, Any]:
    with surroundings(path):
        try:
            found = json.loads(path.read_bytes())
        except FileNotFoundError:
            return {}
    if not isinstance(found, dict):
        raise TypeError
    return found


def _dataset(told: Mapping[str, Any]) -> KnownDataset:
    resources = {key: Known(**one) for key, one in told["resources"].items()}
    return KnownDataset(told["uri"], told["mark"], told["terms"], resources)
