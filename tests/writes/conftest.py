"""A copy of the report's home to write to."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from kg import pipeline, writes
from kg.dataset import Using
from kg.iris import Iris
from kg.store.embedded import EmbeddedStore
from kg.store.releases import EmbeddedRelease
from kg.update.evaluation import check
from kg.writes import Condition, Outcome
from kg.writes.gated import Gated

PROLOGUE = """PREFIX mkg: <https://w3id.org/municipal-kg/ns#>
PREFIX org: <http://localhost:8000/id/organisation/> PREFIX project: <http://localhost:8000/id/project/>
PREFIX e: <http://localhost:8000/graph/endpoint/> PREFIX g: <http://localhost:8000/graph/>
PREFIX dct: <http://purl.org/dc/terms/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""


class Town:
    """A home with the mayor's report, and what writes do to it."""

    def __init__(self, home: Path, domain: pipeline.Domain) -> None:
        self.store = EmbeddedStore.open(home, agent="test")
        self.domain = domain
        self.iris = Iris(self.store.base)
        self.time = datetime(2026, 11, 23, 12, tzinfo=UTC)
        self.writes = Gated(self.store, domain, lambda: self.time)

    def update(
        self,
        text: str,
        using: Using | None = None,
        scope: NamedNode | None = None,
        condition: Condition | None = None,
        mark: str = "",
    ) -> Outcome:
        request = check(self.writes.look(PROLOGUE + text), None)
        return writes.update(
            self.writes, request, agent="clerk", using=using, scope=scope, condition=condition, mark=mark
        )

    def view(self) -> EmbeddedRelease:
        release = self.store.current()
        assert release is not None
        return release

    def graph(self, name: str = "default") -> set[str]:
        """The triples of a graph of the endpoint."""
        return {str(quad.triple) for quad in self.view().quads(None, None, None, self.iris.endpoint(name))}

    def holds(self, ask: str) -> bool:
        """Whether the merge holds something; a pattern."""
        return any(True for _ in self.view().select(f"{PROLOGUE}\nSELECT *\n{{ {ask} }}"))

    def trace(self) -> list[tuple[str, int]]:
        """Everything in the home but the lock."""
        root = self.store.home.root
        files = (path for path in sorted(root.rglob("*")) if path.is_file() and path.name != "write.lock")
        return [(str(path.relative_to(root)), path.stat().st_mtime_ns) for path in files]


@pytest.fixture
def town(report_home: Path, domain: pipeline.Domain, tmp_path: Path) -> Town:
    shutil.copytree(report_home, tmp_path / "home")
    return Town(tmp_path / "home", domain)
