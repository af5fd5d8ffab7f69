"""The bundled data as a release to publish."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.store.embedded import EmbeddedStore
from kg.store.port import Release


@pytest.fixture(scope="session")
def store(bundled_home: Path) -> EmbeddedStore:
    return EmbeddedStore.open(bundled_home)


@pytest.fixture(scope="session")
def release(store: EmbeddedStore) -> Release:
    release = store.current()
    assert release is not None
    return release
