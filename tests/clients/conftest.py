"""One service for all clients: the mayor's report, and answers that begin early and break off at the deadline."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import Served

NPM = Path(__file__).parent / "npm"
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))  # the one of this environment
LEAST = (22, 19)  # Comunica's undici asks for it


@pytest.fixture(scope="session")
def node() -> str:
    """Node, with the clients beside it."""
    program = shutil.which("node", path=PATH)
    missing = "" if program else "there is no Node"
    if program:
        version = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", check=True).stdout
        wanted = json.loads((NPM / "package.json").read_text(encoding="utf-8"))["dependencies"]
        if tuple(map(int, version.strip().removeprefix("v").split(".")[:2])) < LEAST:
            missing = f"Node is {version.strip()}, and Comunica takes {'.'.join(map(str, LEAST))} or later"
        elif not all((NPM / "node_modules" / name).is_dir() for name in wanted):
            missing = "the clients are not installed (npm ci --ignore-scripts in tests/clients/npm)"
    if missing and os.environ.get("CI") == "true":
        pytest.fail(missing)
    if missing or program is None:
        pytest.skip(missing)
    return program


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
