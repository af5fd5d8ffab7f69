"""One home with a small good release, shared by the whole table: no case may change it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.pipeline import Domain, ingest
from kg.store.embedded import EmbeddedStore

SOURCES = """\
sources:
  - {id: good, title: {bg: Добър източник, en: Good source}, licenceNotStated: true, rank: 10}
  - {id: case, title: {bg: Пример, en: Case}, licenceNotStated: true, rank: 20}
"""
GOOD = """\
source: good
entries:
  - {id: place/rse27, type: Place, kind: municipality, name: {bg: Русе, en: Ruse}, lau: RSE27}
  - id: municipality/rse27
    type: Municipality
    kind: municipality
    name: {bg: Община Русе, en: Ruse Municipality}
    lau: RSE27
    jurisdiction: place/rse27
  - id: organisation/ndef
    type: Organisation
    kind: fund
    name: {bg: Национален доверителен екофонд, en: National Trust EcoFund}
    acronym: {bg: НДЕФ, en: NTEF}
  - {id: organisation/zora-ruse, type: Organisation, kind: ngo, name: {bg: Читалище „Зора“, en: Zora Ruse}}
  - {id: organisation/zora-sofia, type: Organisation, kind: ngo, name: {bg: Читалище „Зора“, en: Zora Sofia}}
  - {id: programme/eco, type: FundingProgramme, title: {bg: Енергия за всички, en: Energy for all}}
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, domain: Domain) -> Iterator[EmbeddedStore]:
    """A store whose release 1 is small and good."""
    folder = tmp_path_factory.mktemp("good")
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    (folder / "good.yaml").write_text(GOOD, encoding="utf-8")
    store = EmbeddedStore.open(folder / "home", base="http://localhost:8000")
    ingest([folder / "good.yaml"], store=store, domain=domain, agent="test")
    yield store
    release = store.current()
    assert release is not None and release.number == 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a case's files are written, with its source described."""
    (tmp_path / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    return tmp_path
