"""R: the package SPARQL (Debian's r-cran-sparql), and `read.csv` by address. Required in CI, elsewhere skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.questions import BROKEN, ROWS, SELECT

SCRIPT = Path(__file__).parent / "r" / "asked.R"


@pytest.fixture(scope="module")
def lines(endpoint: str) -> list[list[str]]:
    program = shutil.which("Rscript")
    have = program and subprocess.run([program, "-e", "library(SPARQL)"], capture_output=True).returncode == 0
    if not have and os.environ.get("CI") == "true":
        pytest.fail("R or its package SPARQL is not installed")
    if not have or program is None:
        pytest.skip("R or its package SPARQL is not installed")
    done = subprocess.run(
        [program, str(SCRIPT), endpoint, SELECT, BROKEN],
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def test_the_package_selects(lines: list[list[str]]) -> None:
    """It keeps the brackets of IRIs, and writes literals with their language."""
    rows = [line[1:] for line in lines if line[0] == "SPARQL"]
    assert [(iri.strip("<>"), text) for iri, text in rows] == [(iri, f'"{title}"@bg') for iri, title in ROWS]


@pytest.mark.parametrize("way", ["csv", "read.csv"])
def test_csv_by_its_address(way: str, lines: list[list[str]]) -> None:
    assert [tuple(line[1:]) for line in lines if line[0] == way] == ROWS


def test_a_broken_query_is_an_error(lines: list[list[str]]) -> None:
    assert ["broken", "yes"] in lines
