"""The bundled data as a release to publish."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.store.embedded import EmbeddedStore
from kg.store.port import Release


@pytest.fixture(scope="session")
def release(bundled_home: Path) -> Release:
    release = EmbeddedStore.open(bundled_home).current()
    assert release is not None
    return release
