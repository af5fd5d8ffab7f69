"""Where the ontology, the queries and the bundled data lie: in the wheel, or in the checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BUNDLED = _PACKAGE / "bundled"

ROOT = _BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parents[1]
"""The folder that holds `ontology/`, `queries/` and `data/`."""

ONTOLOGY = ROOT / "ontology"
QUERIES = ROOT / "queries"
DATA = ROOT / "data"
CATALOGUE = DATA / "catalogue.yaml"
"""How the data is offered to others; no entries."""
