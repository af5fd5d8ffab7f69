"""SERVICE through the workers: who may be asked, and by which processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kg.answering.question import Question
from kg.answering.workers import Workers
from kg.errors import ForbiddenError, KgError
from tests.answering.asking import ask, outcome, run, workers

ROWS = b'{"head":{"vars":["o"]},"results":{"bindings":[{"o":{"type":"literal","value":"far"}}]}}'


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(ROWS)))
        self.end_headers()
        self.wfile.write(ROWS)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def remote() -> Iterator[str]:
    """Somebody else's endpoint, which always says the same."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/sparql"
        server.shutdown()
        thread.join()


def pids(pool: Workers) -> list[int]:
    return [worker.process.pid for group in pool._pools for worker in group.workers]


def test_an_endpoint_on_the_list_is_asked_and_no_other(release: Path, remote: str) -> None:
    async def check() -> None:
        async with workers(release, service_allow=remote) as pool:
            far = f"SELECT ?o {{ SERVICE <{remote}> {{ ?s ?p ?o }} }}"
            assert await ask(pool, release, far) == "o\r\nfar\r\n"
            seen = await pool.look(Question(far, release))
            assert seen.volatile
            by_value = f"SELECT ?o {{ VALUES ?e {{ <{remote}> }} SERVICE ?e {{ ?s ?p ?o }} }}"
            assert await ask(pool, release, by_value) == "o\r\nfar\r\n"
            for text in (
                far.replace("/sparql", "/other"),
                far.replace("/sparql", "/sparql/../other"),
                far.replace("SERVICE", "SERVICE SILENT").replace("/sparql", "/other"),
                by_value.replace("/sparql", "/other"),
                far.replace("{ SERVICE", "{ SERVICE SILENT <http://169.254.169.254/> { ?a ?b ?c } SERVICE", 1),
            ):
                error = await outcome(ask(pool, release, text))
                assert isinstance(error, ForbiddenError), text
                assert error.messages["bg"] != error.messages["en"]
            assert await ask(pool, release, far) == "o\r\nfar\r\n"

    run(check())


def test_a_remote_failure_is_told_and_names_nothing_of_ours(release: Path) -> None:
    async def check() -> KgError:
        async with workers(release, service_allow="http://127.0.0.1:1/") as pool:
            error = await outcome(ask(pool, release, "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"))
            assert isinstance(error, KgError)
            return error

    error = run(check())
    assert error.status == 502
    assert "127.0.0.1:1" in str(error)


def test_only_those_that_ask_others_have_a_network(release: Path, remote: str) -> None:
    ours = Path("/proc/self/ns/net").readlink()

    async def check() -> None:
        async with workers(release) as pool:
            alone = [Path(f"/proc/{pid}/ns/net").readlink() for pid in pids(pool)]
            if ours in alone:
                pytest.skip("this kernel does not let a process leave its network")
            assert len(set(alone)) == 1
        async with workers(release, service_allow=remote) as pool:
            assert await ask(pool, release, "ASK {}") == "true"
            networks = [Path(f"/proc/{pid}/ns/net").readlink() for pid in pids(pool)]
            assert len(networks) == 3
            assert networks.count(networks[0]) == networks.count(networks[1]) == 2

    run(check())
