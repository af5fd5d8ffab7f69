"""sparql-http-client, fetch-sparql-endpoint and Comunica, run by Node.

`npm ci --ignore-scripts` in `tests/clients/npm` installs them. Required in CI, elsewhere skipped without them.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.clients.conftest import NPM
from tests.clients.questions import ASK, BROKEN, CONSTRUCT, FAILING, PROJECTS, ROWS, SELECT

CLIENTS = ("sparql-http-client", "fetch-sparql-endpoint", "comunica")
QUESTIONS = {
    "select": ("select", SELECT),
    "ask": ("ask", ASK),
    "construct": ("construct", CONSTRUCT),
    "broken": ("select", BROKEN),
    "failing": ("select", FAILING),
}


@pytest.fixture(scope="session", params=CLIENTS)
def answers(request: pytest.FixtureRequest, node: str, endpoint: str) -> dict[str, Any]:
    """What the client made of each question."""
    done = subprocess.run(
        [node, "asked.mjs", request.param, endpoint],
        cwd=NPM,
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
