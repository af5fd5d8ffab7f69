"""The manifest of a release as JSON, in a numbered format."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from kg.errors import StoreError
from kg.store.changes import damaged
from kg.store.disk import surroundings
from kg.store.port import Manifest

FORMAT = 1
MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""For each older format, what makes of its manifest one of the next format."""


def software() -> str:
    """Name and version of this package, as manifests record it."""
    try:
        return f"municipal-kg {version('municipal-kg')}"
    except PackageNotFoundError:
        return "municipal-kg"


def dump(manifest: Manifest) -> bytes:
    """The manifest as JSON, keys in the order of the class."""
    record: dict[str, Any] = {"format": FORMAT}
    record |= {field.name: getattr(manifest, field.name) for field in fields(manifest)}
    record["created"] = manifest.created.astimezone(UTC).isoformat()
    record["graphs"] = dict(sorted(manifest.graphs.items()))
    record["extra"] = dict(sorted(manifest.extra.items()))
    return (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode()


def read(path: Path) -> Manifest:
    """The manifest of a file. Raises StoreError when it is damaged or of a format of the future."""
    with surroundings(path):
        content = path.read_bytes()
    try:
        record = json.loads(content)
        form = int(record.pop("format"))
    except (ValueError, KeyError, TypeError, AttributeError) as cause:
        raise damaged(path) from cause
    if form > FORMAT:
        writer = str(record.get("software") or "a newer municipal-kg")
        raise StoreError(
            f"{path} has format {form}, written by {writer}; this is {software()} and reads up to "
            f"format {FORMAT}: install at least the version that wrote it",
            f"{path} е във формат {form}, записан от {writer}; това е {software()} и чете до формат "
            f"{FORMAT}: инсталирайте поне версията, с която е записан",
        )
    try:
        while form < FORMAT:
            record = MIGRATIONS[form](record)
            form += 1
        return _manifest(record)
    except (ValueError, KeyError, TypeError, AttributeError) as cause:
        raise damaged(path) from cause


def _manifest(record: Mapping[str, Any]) -> Manifest:
    parent = record["parent"]
    return Manifest(
        number=int(record["number"]),
        parent=None if parent is None else int(parent),
        base=str(record["base"]),
        created=datetime.fromisoformat(record["created"]),
        agent=str(record["agent"]),
        activity=str(record["activity"]),
        sources=tuple(map(str, record["sources"])),
        quads=int(record["quads"]),
        triples=int(record["triples"]),
        graphs={str(graph): int(size) for graph, size in record["graphs"].items()},
        added=int(record["added"]),
        removed=int(record["removed"]),
        digest=f"{int(record['digest'], 16):064x}",
        software=str(record.get("software", "")),
        extra={str(key): str(value) for key, value in record.get("extra", {}).items()},
    )
