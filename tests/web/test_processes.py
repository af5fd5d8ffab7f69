"""Several processes behind one socket: all answer, a dead one is replaced, and they end together."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.served import BASE, Served


class Several(Served):
    """Two of them."""

    def start(self) -> None:
        command = [sys.executable, "-c", "from kg.cli import main; main()", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--processes", "2"], env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        until(lambda: len(self.answering()) == 2)

    def answering(self) -> set[str]:
        """The beginnings of request ids: each process has its own."""
        found = set()
        for _ in range(20):
            with suppress(httpx.TransportError):
                found.add(httpx.get(f"{self.url}/health").headers["x-request-id"].partition("-")[0])
        return found

    def serving(self) -> list[int]:
        return [pid for pid, command in self.processes().items() if "--listening" in command]


def until(holds: Callable[[], object], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.02)


@pytest.fixture
def several(report_home: Path, tmp_path: Path) -> Iterator[Several]:
    shutil.copytree(report_home, tmp_path / "home")
    with Several(tmp_path / "home", tmp_path / "log", base=BASE) as several:
        yield several


def test_a_process_that_dies_is_replaced_and_all_end_together(several: Several) -> None:
    first, second = several.serving()
    os.kill(first, signal.SIGKILL)
    until(lambda: len(several.serving()) == 2 and first not in several.serving())
    assert second in several.serving()
    until(lambda: len(several.answering()) == 2)


def test_without_the_one_that_watches_over_them_they_end(several: Several) -> None:
    several.kill()


def test_what_does_not_start_is_given_up(report_home: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "KG_HOME": str(tmp_path), "KG_BASE": BASE}
    code = (
        "import socket, sys; from kg.web.processes import supervise\n"
        "supervise([sys.executable, '-c', 'raise SystemExit(7)'], socket.create_server(('127.0.0.1', 0)), 2)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "status 7" in done.stderr
