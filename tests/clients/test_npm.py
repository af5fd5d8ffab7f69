"""sparql-http-client, fetch-sparql-endpoint and Comunica, run by Node.

`npm ci --ignore-scripts` in `tests/clients/npm` installs them. Required in CI, elsewhere skipped without them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.clients.questions import ASK, BROKEN, CONSTRUCT, FAILING, PROJECTS, ROWS, SELECT

FOLDER = Path(__file__).parent / "npm"
CLIENTS = ("sparql-http-client", "fetch-sparql-endpoint", "comunica")
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))  # the one of this environment
LEAST = (22, 19)  # Comunica's undici asks for it
QUESTIONS = {
    "select": ("select", SELECT),
    "ask": ("ask", ASK),
    "construct": ("construct", CONSTRUCT),
    "broken": ("select", BROKEN),
    "failing": ("select", FAILING),
}


@pytest.fixture(scope="session")
def node() -> str:
    """Node, with the clients beside it."""
    program = shutil.which("node", path=PATH)
    missing = "" if program else "there is no Node"
    if program:
        version = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", check=True).stdout
        if tuple(map(int, version.strip().removeprefix("v").split(".")[:2])) < LEAST:
            missing = f"Node is {version.strip()}, and Comunica takes {'.'.join(map(str, LEAST))} or later"
        elif not (FOLDER / "node_modules").is_dir():
            missing = "the clients are not installed (npm ci --ignore-scripts in tests/clients/npm)"
    if missing and os.environ.get("CI") == "true":
        pytest.fail(missing)
    if missing or program is None:
        pytest.skip(missing)
    return program


@pytest.fixture(scope="session", params=CLIENTS)
def answers(request: pytest.FixtureRequest, node: str, endpoint: str) -> dict[str, Any]:
    """What the client made of each question."""
    done = subprocess.run(
        [node, "asked.mjs", request.param, endpoint],
        cwd=FOLDER,
        input=json.dumps(QUESTIONS),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_it_selects(answers: dict[str, Any]) -> None:
    assert [(row["project"], row["title"]) for row in answers["select"]["answer"]] == ROWS


def test_it_asks(answers: dict[str, Any]) -> None:
    assert answers["ask"]["answer"] is True


def test_it_constructs(answers: dict[str, Any]) -> None:
    assert {subject for subject, _, _ in answers["construct"]["answer"]} == PROJECTS


def test_it_sees_that_a_query_is_broken(answers: dict[str, Any]) -> None:
    assert answers["broken"].get("error")


def test_it_sees_that_an_answer_broke_off(answers: dict[str, Any]) -> None:
    assert answers["failing"].get("error"), answers["failing"]
