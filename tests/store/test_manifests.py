"""Manifests as files."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from kg.errors import StoreError
from kg.store import manifests
from kg.store.port import Manifest

MANIFEST = Manifest(
    number=2,
    parent=1,
    base="http://localhost:8000",
    created=datetime(2026, 11, 2, 9, 0, 0, 123, tzinfo=UTC),
    agent="Мария",
    activity="load",
    sources=("report-2023-w26",),
    quads=3,
    triples=2,
    graphs=MappingProxyType({"http://localhost:8000/graph/a": 3}),
    added=1,
    removed=0,
    digest=f"{7:064x}",
    software="municipal-kg 0.1.0",
    extra={"ticket": "12"},
)


@pytest.mark.parametrize("manifest", [MANIFEST, replace(MANIFEST, number=1, parent=None, extra={})])
def test_a_manifest_is_read_as_it_was_written(tmp_path: Path, manifest: Manifest) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(manifests.dump(manifest))
    assert manifests.read(path) == replace(manifest, graphs=dict(manifest.graphs))


def test_a_manifest_says_its_format() -> None:
    assert json.loads(manifests.dump(MANIFEST))["format"] == 1


def test_a_format_of_the_future_names_the_version_that_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    record = json.loads(manifests.dump(MANIFEST)) | {"format": 2, "software": "municipal-kg 7.0.0"}
    path.write_text(json.dumps(record))
    with pytest.raises(StoreError, match=r"municipal-kg 7\.0\.0") as refusal:
        manifests.read(path)
    assert "municipal-kg 7.0.0" in refusal.value.messages["bg"]


def test_an_older_format_is_brought_up_step_by_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "manifest.json"
    record = json.loads(manifests.dump(MANIFEST)) | {"format": 0}
    record["who"] = record.pop("agent")
    path.write_text(json.dumps(record))
    monkeypatch.setattr(manifests, "MIGRATIONS", {0: lambda old: old | {"agent": old["who"]}})
    assert manifests.read(path).agent == "Мария"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": 1}', '{"format": "x"}', '{"format": 0}'])
def test_a_damaged_manifest_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(content)
    with pytest.raises(StoreError, match="damaged"):
        manifests.read(path)


def test_a_missing_manifest_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="kg restore"):
        manifests.read(tmp_path / "manifest.json")
