"""The W3C suites over HTTP, against a service that is started as its users start it.

`deviations.yaml` names every test that does not pass, with the reason; it must say neither more nor less than the run.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.suites.page import deviations, page

SERVICE_PORT = 9390  # of the harness's stand-in for other endpoints
TOKEN = "a-token-for-the-suites-only"
PATIENCE = 900.0

# Suite: how many tests it has, how many must pass at least.
SUITES = {
    "protocol": (34, 34),
    "service-description": (3, 3),
    "gsp": (13, 13),
    "gsp-2012": (18, 18),
    "query": (356, 348),
    "update": (149, 149),
    "sparql10": (482, 465),
    "sparql12": (269, 263),
}

SIZES = {name: size for name, (size, _) in SUITES.items()}

Outcome = Mapping[str, str]
"""By test: empty when it passed, else what the harness saw."""


@pytest.fixture(scope="session")
def outcomes(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    """All suites, run once."""
    folder = tmp_path_factory.mktemp("conformance")
    with served(folder) as port:
        at = f"http://127.0.0.1:{port}"
        run = f"all --query {at}/sparql --update {at}/update --gsp {at}/graphs --bearer {TOKEN}"
        harness = [sys.executable, str(shared / "tools" / "sparql_conformance.py"), *run.split()]
        done = subprocess.run(
            [*harness, "--service-port", str(SERVICE_PORT), "--out", str(folder / "results")],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: outcome(folder / "results" / f"{name}.json") for name in SUITES}


def outcome(path: Path) -> Outcome:
    records = json.loads(path.read_text(encoding="utf-8"))["records"]
    found = {
        record["test"]: "" if record["status"] == "pass" else f"{record['status']}: {record.get('reason', '')}"
        for record in records
    }
    assert len(found) == len(records), f"{path.stem}: two tests have one name"
    return found


class served:
    """`kg serve` in suite mode, in a folder of its own, with no other settings; ended with the block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        settings = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}
        settings |= {"KG_SUITE_MODE": "on", "KG_SERVICE_ALLOW": f"http://127.0.0.1:{SERVICE_PORT}/", "KG_TOKEN": TOKEN}
        command = [sys.executable, "-c", "from kg.cli import main; main()", "serve"]
        command += ["--home", str(self.folder / "home"), "--port", str(port)]
        self.output = (self.folder / "output.txt").open("wb")
        self.server = subprocess.Popen(command, env=settings, stdout=self.output, stderr=self.output)
        try:
            self._await(f"http://127.0.0.1:{port}/sparql?query=ASK%7B%7D")
        except BaseException:
            self.__exit__()
            raise
        return port

    def __exit__(self, *_: object) -> None:
        self.server.terminate()
        try:
            self.server.wait(20)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        self.output.close()

    def _await(self, url: str) -> None:
        end = time.monotonic() + 60
        while True:
            try:
                urlopen(url, timeout=10).close()
                return
            except (URLError, OSError):
                said = (self.folder / "output.txt").read_text(encoding="utf-8", errors="replace")
                assert self.server.poll() is None, f"the server has ended: {said}"
                assert time.monotonic() < end, f"the server does not answer: {said}"
            time.sleep(0.1)


@pytest.mark.parametrize("suite", SUITES)
def test_the_suite_is_whole(suite: str, outcomes: Mapping[str, Outcome]) -> None:
    assert len(outcomes[suite]) == SUITES[suite][0]


@pytest.mark.parametrize("suite", SUITES)
def test_the_bar_is_cleared(suite: str, outcomes: Mapping[str, Outcome]) -> None:
    passed = sum(not seen for seen in outcomes[suite].values())
    assert passed >= SUITES[suite][1]


@pytest.mark.parametrize("suite", SUITES)
def test_what_fails_is_what_the_table_lists(suite: str, outcomes: Mapping[str, Outcome]) -> None:
    failed = {test: seen for test, seen in outcomes[suite].items() if seen}
    listed = {test for one in deviations() for test in one.tests.get(suite, ())}
    new = [f"{test} fails and is not listed: {failed[test]}" for test in sorted(failed.keys() - listed)]
    old = [f"{test} is listed and does not fail; take it out" for test in sorted(listed - failed.keys())]
    assert not new + old, "\n".join(new + old)


def test_every_deviation_says_what_happens_and_why_it_stays() -> None:
    sentences = re.compile(r"[A-Z`].{20,}\.\Z", re.DOTALL)
    for one in deviations():
        assert sentences.match(one.does) and sentences.match(one.stays), one.title
        assert one.tests.keys() <= SUITES.keys(), one.title


def test_no_test_is_listed_twice() -> None:
    listed = [(suite, test) for one in deviations() for suite, tests in one.tests.items() for test in tests]
    assert listed and len(set(listed)) == len(listed)


def test_the_page_is_up_to_date() -> None:
    written = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
    assert written == page(deviations(), SIZES), "run python -m tests.suites.page"
