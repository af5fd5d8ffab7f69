"""`kg catalogue`: the same that is served, and the points that it has while it is served."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pyoxigraph import RdfFormat, parse

from kg.errors import Exit
from tests.served import Served
from tests.test_cli import run


@pytest.fixture(scope="module")
def served(bundled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("catalogue")
    shutil.copytree(bundled_home, folder / "home", symlinks=True)
    with Served(folder / "home", folder / "log.txt") as served:
        yield served


def test_it_is_what_is_served(served: Served, tmp_path: Path) -> None:
    out = run("catalogue", home=served.home)
    assert out.code == Exit.DONE
    assert out.raw == httpx.get(f"{served.url}/catalogue.ttl", timeout=120).content
    path = tmp_path / "catalogue.jsonld"
    assert run("catalogue", "--format", "jsonld", "--out", path, home=served.home).code == Exit.DONE
    assert {*parse(path.read_bytes(), RdfFormat.JSON_LD)} == {*parse(out.raw, RdfFormat.TURTLE)}


def test_every_address_is_asked_and_every_shape_looked_at(served: Served, shared: Path) -> None:
    folder = shared / "data" / "dcat-ap"
    names = ("shapes", "range", "mdr-vocabularies.shape", "deprecateduris", "dcat-ap-SHACL")
    shapes = [word for name in names for word in ("--shapes", folder / f"3.0.1-{name}.ttl")]
    told = run("catalogue", "--check", "--url", served.url, *shapes, home=served.home)
    assert told.code == Exit.DONE, told.err
    rows = {line.split()[0]: line for line in told.out.splitlines() if "/405" in line}
    assert len(rows) > 30
    assert {name for name, line in rows.items() if "405/405" in line} == {"vocabulary", "source-actor-uni-craiova"}
    assert "375/405" in rows["projects"]
    assert "add dct:license: +20" in " ".join(told.out.split())


def test_what_does_not_answer_costs_points(served: Served) -> None:
    told = run("catalogue", "--check", "--url", "http://127.0.0.1:9", home=served.home)
    assert told.code == Exit.DONE
    (row,) = [line for line in told.out.splitlines() if line.startswith("vocabulary ")]
    assert "325/405" in row
    assert "--shapes" in told.out


@pytest.mark.parametrize("words", [["--format", "csv"], ["--url", "http://x"]])
def test_what_cannot_be_is_refused(served: Served, words: list[str]) -> None:
    assert run("catalogue", *words, home=served.home).code == Exit.USAGE
