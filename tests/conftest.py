"""What every test may use: the bundled data as a graph in memory, and where the shared material lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pyoxigraph import Store

from kg import pipeline, resources
from kg.derive import derive
from kg.iris import Iris
from kg.load import load
from kg.store.embedded import EmbeddedStore
from tests.memory import Memory

BASE = "http://localhost:8000"
SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def domain() -> pipeline.Domain:
    return pipeline.Domain(resources.ONTOLOGY, resources.QUERIES)


@pytest.fixture(scope="session")
def bundled_memory(domain: pipeline.Domain) -> Memory:
    """The bundled data with its derived graphs, in memory. Only to be read."""
    iris, memory = Iris(BASE), Memory()
    everything = load([resources.DATA], iris=iris, context=domain.context, codes=domain.codes)
    touched, _ = pipeline.apply(memory, everything, domain)
    pipeline.describe_sources(memory, everything, iris, touched, pipeline.now)
    derive(memory, None, domain.rules, iris, None)
    return memory


@pytest.fixture(scope="session")
def bundled(bundled_memory: Memory) -> Store:
    """The same as an engine: named graphs, and their merge as the default graph."""
    return bundled_memory.store


@pytest.fixture(scope="session")
def shared() -> Path:
    """The material beside the checkout; required in CI, elsewhere a test that needs it is skipped."""
    if not SHARED.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("../shared is missing, and CI must run the tests that need it")
        pytest.skip("../shared is not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def bundled_home(domain: pipeline.Domain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose release 1 was built from the bundled data, gate included. Only to be read, or copied first."""
    return _built(domain, tmp_path_factory.mktemp("bundled") / "home", resources.DATA)


@pytest.fixture(scope="session")
def report_home(domain: pipeline.Domain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds the mayor's report and nothing else."""
    report = resources.DATA / "ruse" / "report-2023-w26.yaml"
    return _built(domain, tmp_path_factory.mktemp("report") / "home", report)


def _built(domain: pipeline.Domain, home: Path, data: Path) -> Path:
    pipeline.ingest([data], store=EmbeddedStore.open(home, base=BASE), domain=domain, agent="test")
    return home
