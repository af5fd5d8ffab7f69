"""The catalogue of the bundled data."""

from __future__ import annotations

import pytest

from kg import resources
from kg.pipeline import Domain
from kg.publish.catalogue.shelf import Catalogue
from kg.store.embedded import EmbeddedStore


@pytest.fixture(scope="package")
def catalogue(domain: Domain, store: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("dumps")
    return Catalogue(resources.CATALOGUE, folder, domain.context, store)
