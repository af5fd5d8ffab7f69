"""The catalogue of the bundled data."""

from __future__ import annotations

import pytest

from kg import resources
from kg.pipeline import Domain
from kg.publish.catalogue.shelf import Catalogue


@pytest.fixture(scope="package")
def catalogue(domain: Domain, tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("dumps")
    return Catalogue(resources.CATALOGUE, folder, domain.context, lambda number: None)
