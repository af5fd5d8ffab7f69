"""What administrators see of the service: figures, running queries, problems and the log of slow ones."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from kg.answering.question import Running
from kg.answering.workers import Workers
from kg.errors import (
    BusyError,
    KgError,
    MethodNotAllowedError,
    NotFoundError,
    PreconditionError,
    SlowRequestError,
    UnauthorizedError,
)
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore
from kg.web import metrics, problems, running
from kg.web.access import Access
from kg.web.audit import Audit
from kg.web.envelope import Envelope
from kg.web.exchange import exchange
from kg.web.headers import COMMON, complete, preflight
from kg.web.metrics import Metrics
from kg.web.releases import Releases

TOKEN = "an-administrator-s-token"
ADMIN = {"Authorization": f"Bearer {TOKEN}"}


class Busy(Workers):
    """Two queries under way, and no processes."""

    def __init__(self) -> None:
        self.cancelled: list[int] = []

    def running(self) -> tuple[Running, ...]:
        return tuple(
            Running(number, f"ASK {{ ?s ?p {number} }}", "5a", "203.0.113.9", "large", time.time(), 1.5, 100 + number)
            for number in (1, 2)
        )

    def cancel(self, id: int) -> bool:
        self.cancelled.append(id)
        return id in {1, 2}


@pytest.fixture
def workers() -> Busy:
    return Busy()


@pytest.fixture
def figures() -> Metrics:
    made = Metrics()
    made.watch(lambda: {"workers_alive": 2})
    return made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, token=TOKEN, log=str(tmp_path / "log"), slow_query=0.5)


@pytest.fixture
def app(workers: Busy, figures: Metrics, settings: Settings) -> Envelope:
    routes = FastAPI()
    problems.install(routes)
    audit = Audit.of(settings.home)
    routes.include_router(metrics.routes(figures, Releases(EmbeddedStore.open(settings.home), workers)))
    routes.include_router(running.routes(workers, Access(settings, settings.home, audit), audit))

    @routes.api_route("/sparql", methods=["GET", "POST"])
    async def sparql(request: Request, seconds: float = 0.0, cache: str = "miss") -> Response:
        told = exchange(request.scope)
        told.cache, told.seconds, told.form, told.shape, told.text = (
            cache,
            seconds,
            "SELECT",
            "5a5a",
            "SELECT " + "x" * 3000,
        )
        told.release = 7
        return Response("12345")

    @routes.api_route("/update", methods=["POST"])
    async def update(status: int) -> Response:
        return Response(status_code=status)

    @routes.get("/fail/{name}")
    async def fail(name: str) -> Response:
        raise FAILURES[name]()

    return Envelope(routes, settings, figures)


FAILURES: dict[str, Callable[[], KgError]] = {
    "busy": lambda: BusyError("busy"),
    "method": lambda: MethodNotAllowedError("no", allowed=("GET", "HEAD")),
    "nobody": lambda: UnauthorizedError("no"),
    "stranger": lambda: UnauthorizedError("no", error="invalid_token"),
    "slow": lambda: SlowRequestError("slow"),
    "condition": lambda: PreconditionError("no"),
    "missing": lambda: NotFoundError("no"),
}


@asynccontextmanager
async def client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as made:
        yield made


def ask(app: Envelope, method: str, path: str, **options: Any) -> httpx.Response:
    import asyncio

    async def asked() -> httpx.Response:
        async with client(app) as made:
            return await made.request(method, path, **options)

    response = asyncio.run(asked())
    app.log.close()
    return response


def told(app: Envelope) -> dict[tuple[str, ...], float]:
    """Samples by name and the values of their labels, in the order of the labels' names."""
    text = ask(app, "GET", "/metrics", headers={"Accept": "text/plain"}).text
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_running_queries_are_for_administrators(app: Envelope, tmp_path: Path) -> None:
    assert ask(app, "GET", "/queries/running").status_code == 401
    response = ask(app, "GET", "/queries/running", headers=ADMIN)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    first, second = response.json()
    assert (first["id"], second["id"]) == (1, 2)
    assert {"lane", "client", "shape", "seconds", "started", "query", "pid"} < set(first)


def test_a_query_is_ended_by_its_number_and_that_is_written_down(app: Envelope, workers: Busy, tmp_path: Path) -> None:
    assert ask(app, "DELETE", "/queries/running/2", headers=ADMIN).status_code == 204
    assert ask(app, "DELETE", "/queries/running/3", headers=ADMIN).status_code == 404
    assert ask(app, "DELETE", "/queries/running/x", headers=ADMIN).status_code == 404
    assert ask(app, "DELETE", "/queries/running/" + "9" * 5000, headers=ADMIN).status_code == 404
    assert ask(app, "DELETE", "/queries/running/1").status_code == 401
    assert workers.cancelled == [2, 3]
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["action"], line["status"]) for line in lines] == [
        ("cancel-query", 204),
        *[("cancel-query", 404)] * 3,
        ("authorize", 401),
    ]
    assert lines[0]["agent"] == "KG_TOKEN"


def test_the_figures_count_what_was_asked(app: Envelope) -> None:
    for cache in ("hit", "hit", "miss"):
        ask(app, "GET", f"/sparql?seconds=2&cache={cache}")
    for number in range(3):
        ask(app, "GET", f"/wp-admin/{number}")
    for status in (200, 204, 409, 422, 401, 500):
        ask(app, "POST", f"/update?status={status}")
    ask(app, "BREW", "/sparql")
    found = told(app)
    assert found["kg_requests_total", "GET", "/sparql", "2xx"] == 3
    assert found["kg_reply_bytes_total", "GET", "/sparql", "2xx"] == 15
    assert found["kg_requests_total", "GET", "other", "4xx"] == 3
    assert found["kg_requests_total", "other", "/sparql", "4xx"] == 1
    assert found["kg_request_seconds_count", "GET", "/sparql"] == 3
    assert found["kg_request_seconds_bucket", "+Inf", "GET", "/sparql"] == 3
    assert (found["kg_cache_lookups_total", "hit"], found["kg_cache_lookups_total", "miss"]) == (2, 1)
    assert (found["kg_engine_queries_total", "SELECT"], found["kg_engine_seconds_total", "SELECT"]) == (3, 6)
    assert found["kg_writes_total", "done"] == 2
    for outcome in ("conflict", "nonconforming", "unauthorized", "failed"):
        assert found["kg_writes_total", outcome] == 1
    assert found["kg_workers_alive",] == 2


def test_the_figures_do_not_grow_with_what_strangers_ask(app: Envelope) -> None:
    ask(app, "GET", "/x/0")
    before = len(told(app))
    for number in range(20):
        ask(app, f"M{number}", f"/{number}/x")
        ask(app, "GET", f"/sparql/{number}")
    assert len(told(app)) - before < 100


def test_a_slow_query_is_logged_with_its_text_and_others_are_not(app: Envelope, tmp_path: Path) -> None:
    ask(app, "GET", "/sparql?seconds=0.4", headers={"X-Request-Id": "quick"})
    ask(app, "GET", "/sparql?seconds=0.6", headers={"X-Request-Id": "slow"})
    lines = [json.loads(line) for line in (tmp_path / "log").read_text(encoding="utf-8").splitlines()]
    requests = [line for line in lines if "path" in line]
    assert [line["id"] for line in requests] == ["quick", "slow"]
    assert requests[0].items() >= {"cache": "miss", "shape": "5a5a", "release": 7, "status": 200, "bytes": 5}.items()
    (slow,) = [line for line in lines if line.get("slow")]
    assert (slow["id"], slow["seconds"], slow["shape"]) == ("slow", 0.6, "5a5a")
    assert len(slow["query"]) == 2000
    assert not any("SELECT x" in json.dumps(line) for line in requests)


@pytest.mark.parametrize(
    ("name", "status", "headers"),
    [
        ("busy", 503, {"retry-after": "5"}),
        ("method", 405, {"allow": "GET, HEAD"}),
        ("nobody", 401, {"www-authenticate": 'Bearer realm="municipal-kg"'}),
        ("stranger", 401, {"www-authenticate": 'Bearer realm="municipal-kg", error="invalid_token"'}),
        ("slow", 408, {"connection": "close"}),
        ("condition", 412, {}),
        ("missing", 404, {}),
    ],
)
def test_a_problem_says_what_its_status_asks_for(
    name: str, status: int, headers: dict[str, str], app: Envelope
) -> None:
    response = ask(app, "GET", f"/fail/{name}", headers={"X-Request-Id": "mine"})
    assert response.status_code == status
    assert response.headers["content-type"] == problems.MEDIA_TYPE
    assert headers.items() <= dict(response.headers).items()
    assert response.json()["requestId"] == "mine" == response.headers["x-request-id"]


def test_another_method_is_told_which_ones_there_are(app: Envelope) -> None:
    response = ask(app, "PUT", "/update")
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert response.json()["requestId"]


def test_every_reply_carries_the_common_fields_and_its_own_stand() -> None:
    own = [(b"content-type", b"text/plain"), (b"x-frame-options", b"SAMEORIGIN")]
    made = complete(own, (b"x-request-id", b"1"))
    assert made[:2] == own
    assert len(made) == len(COMMON) + 2
    assert len(dict(made)) == len(made)
    assert own == [(b"content-type", b"text/plain"), (b"x-frame-options", b"SAMEORIGIN")]


def test_a_browser_may_write_with_a_token_and_without_cookies() -> None:
    told = preflight(("GET", "PUT", "DELETE")).headers
    assert told["access-control-allow-methods"] == told["allow"] == "GET, PUT, DELETE"
    assert "Authorization" in told["access-control-allow-headers"]
    assert not {b"access-control-allow-credentials"} & {*dict(told.raw), *dict(COMMON)}
