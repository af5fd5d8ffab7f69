"""The ontology, the queries and the data are where the package looks for them, and travel in the wheel."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from kg import resources


@pytest.mark.parametrize(
    ("folder", "pattern", "least"),
    [
        (resources.ONTOLOGY, "*.ttl", 1),
        (resources.ONTOLOGY, "context.jsonld", 1),
        (resources.ONTOLOGY / "codes", "*.ttl", 12),
        (resources.ONTOLOGY / "shapes" / "description", "*.ttl", 10),
        (resources.ONTOLOGY / "shapes" / "reference", "*.ttl", 10),
        (resources.QUERIES / "public", "*.rq", 20),
        (resources.QUERIES / "system" / "derive", "*.rq", 9),
        (resources.DATA, "sources.yaml", 1),
        (resources.DATA / "ruse", "*.yaml", 5),
    ],
)
def test_what_is_bundled_is_there(folder: Path, pattern: str, least: int) -> None:
    assert len(list(folder.glob(pattern))) >= least


def test_every_bundled_folder_is_in_the_wheel() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    folders = {path.name: path for path in (resources.ONTOLOGY, resources.QUERIES, resources.DATA)}
    assert included == {name: f"kg/bundled/{name}" for name in folders}
