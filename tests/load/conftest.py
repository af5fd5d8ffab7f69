"""Readers with the real context, and a way from text to triples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Triple

from kg.errors import DataError
from kg.finding import Finding
from kg.iris import Iris
from kg.load import Load, load
from kg.load.names import NOTATION, Named
from kg.namespaces import MKG
from kg.pipeline import Domain

BASE = "http://localhost:8000"
ORGANISATION = frozenset({MKG.Organisation.value})
NDEF, ZORA = f"{BASE}/id/organisation/ndef", f"{BASE}/id/organisation/zora"
KNOWN = (
    Named(NDEF, ORGANISATION, "Национален доверителен екофонд"),
    Named(NDEF, ORGANISATION, "НДЕФ"),
    Named(NDEF, ORGANISATION, "176789478", NOTATION),
    Named(f"{ZORA}-ruse", ORGANISATION, "Читалище „Зора“"),
    Named(f"{ZORA}-sofia", ORGANISATION, "Читалище „Зора“"),
    Named(f"{BASE}/id/place/rse27", frozenset({MKG.Place.value}), "Русе"),
    Named(f"{BASE}/id/place/rse27", frozenset({MKG.Place.value}), "63427", NOTATION),
)
SOURCES = """\
sources:
  - {id: a, title: А, licenceNotStated: true, document: report/a}
  - {id: b, title: Б, licenceNotStated: true}
"""
Loading = Callable[..., Load]


@pytest.fixture
def loading(tmp_path: Path, domain: Domain) -> Loading:
    """Loads files by name, in a folder with two sources described; without files, the folder."""
    (tmp_path / "sources.yaml").write_text(SOURCES, encoding="utf-8")

    def run(files: dict[str, str | bytes] | None = None, **options: bool) -> Load:
        for name, content in (files or {}).items():
            raw = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name).write_bytes(raw)
        tables = [name for name in files or {} if not name.endswith(".columns.yaml")]
        paths = [tmp_path / name for name in tables] or [tmp_path]
        loaded = load(
            paths,
            iris=Iris(BASE),
            context=domain.context,
            codes=domain.codes,
            known=KNOWN,
            assign_ids=options.get("assign_ids", False),
        ).sound()
        loaded.write_copies()
        return loaded

    return run


def triples(loaded: Load) -> set[Triple]:
    """Everything that was loaded."""
    return {triple for batch in loaded.batches for triple in batch.triples}


def said(loaded: Load) -> set[tuple[str, str, str]]:
    """Everything but the evidence, as text: subject, local name of the property, object; the base cut off."""
    return {
        (
            getattr(triple.subject, "value", "").removeprefix(f"{BASE}/id/"),
            triple.predicate.value.replace("#", "/").rpartition("/")[2],
            getattr(triple.object, "value", "").removeprefix(f"{BASE}/id/"),
        )
        for triple in triples(loaded)
        if "/evidence/" not in str(triple.subject) and not triple.predicate.value.endswith("evidence")
    }


def refused(run: Callable[[], object]) -> tuple[Finding, ...]:
    """The findings with which the call is refused."""
    with pytest.raises(DataError) as refusal:
        run()
    return refusal.value.findings
