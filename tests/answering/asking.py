"""Workers that end with their test, and ways to ask them."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from pyoxigraph import NamedNode, Quad, Store

from kg.answering.question import Question, Running
from kg.answering.workers import Workers
from kg.settings import Settings

X = "http://x/"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
SUM = "SELECT (COUNT(*) AS ?n) (SUM(?o) AS ?sum) { ?s ?p ?o }"
T = TypeVar("T")


def node(name: str) -> NamedNode:
    return NamedNode(X + name)


def build(path: Path, quads: list[Quad]) -> Path:
    """A sealed directory that holds these quads."""
    store = Store(str(path))
    store.extend(quads)
    store.flush()
    del store
    gc.collect()
    return path


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result, within a minute."""

    async def bounded() -> T:
        async with asyncio.timeout(60):
            return await coroutine

    return asyncio.run(bounded())


@asynccontextmanager
async def workers(release: Path | None = None, **settings: Any) -> AsyncIterator[Workers]:
    """Workers that are up."""
    defaults: dict[str, Any] = {"workers": 1, "small_workers": 1, "query_timeout": 20, "memory_copy": 0}
    async with Workers.of(Settings(**(defaults | settings))) as found:
        await found.start(release)
        yield found


async def ask(workers: Workers, release: Path, text: str, format: str = "csv", **more: Any) -> str:
    """The whole answer as text."""
    timeout, client = more.pop("timeout", None), more.pop("client", "")
    more = {"base_iri": "http://base/", **more}
    question = Question(text, release, formats=(format,), **more)
    answer = await workers.answer(question, timeout=timeout, client=client)
    try:
        return (await answer.read()).decode()
    finally:
        answer.close()


async def until(true: Callable[[], object]) -> None:
    """Returns when it is so."""
    while not true():
        await asyncio.sleep(0.005)


async def running(workers: Workers, lane: str | None = None) -> Running:
    """The first query that runs (in this lane)."""
    await until(lambda: [one for one in workers.running() if lane in {None, one.lane} and one.pid])
    return next(one for one in workers.running() if lane in {None, one.lane})


async def outcome(awaitable: Awaitable[object]) -> BaseException | None:
    """What it raised."""
    try:
        await awaitable
    except Exception as error:
        return error
    return None
