"""One service for all clients: the mayor's report, and answers that begin early and break off at the deadline."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import Served


@pytest.fixture(scope="session")
def service(report_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("clients")
    shutil.copytree(report_home, folder / "home", symlinks=True)
    limits = {"spool_first": 2**16, "query_timeout": 1.5}
    with Served(folder / "home", folder / "log.txt", **limits) as served:
        yield served


@pytest.fixture(scope="session")
def endpoint(service: Served) -> str:
    return f"{service.url}/sparql"
