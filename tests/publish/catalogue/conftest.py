"""The catalogue of the bundled data."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import resources
from kg.pipeline import Domain
from kg.publish.catalogue.shelf import Catalogue
from kg.store.embedded import EmbeddedStore
from kg.store.port import Release


@pytest.fixture(scope="package")
def release(bundled_home: Path) -> Release:
    release = EmbeddedStore.open(bundled_home).current()
    assert release is not None
    return release


@pytest.fixture(scope="package")
def catalogue(domain: Domain, tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("dumps")
    return Catalogue(resources.CATALOGUE, folder, domain.context, lambda number: None)
