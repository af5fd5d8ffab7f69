"""Curated queries: in the cache before anybody asks, anew for each release."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from kg.answering.question import Answer, Question
from kg.errors import DeadlineError
from kg.rq import QueryFile
from kg.store.embedded import EmbeddedStore
from kg.web.portal import shown

from .conftest import Server, write
from .scripted import Scripted, seen

TEXT = "#+ summary: of a test\nSELECT * {\n  ?s ?p ?o\n}\n"
ROWS = b'{"head":{"vars":["s"]},"results":{"bindings":[]}}'


def answered(question: Question) -> Answer:
    if "fails" in question.text:
        raise DeadlineError("too slow", "Твърде бавно")
    return Answer(seen(question), 0.01, body=ROWS)


def until(workers: Scripted, count: int) -> None:
    deadline = time.monotonic() + 10
    while len(workers.asked) < count:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.1)
    assert len(workers.asked) == count


@pytest.fixture
def library(tmp_path: Path) -> dict[str, QueryFile]:
    found = {}
    for name, text in (("bad", TEXT.replace("?o", "?fails")), ("good", TEXT)):
        path = tmp_path / f"{name}.rq"
        path.write_text(text, encoding="utf-8")
        found[name] = QueryFile.read(path)
    return found


def test_curated_queries_are_answered_beforehand(
    own_store: EmbeddedStore, library: dict[str, QueryFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.web.warming._PAUSE", 0)
    workers = Scripted(answered)
    with Server(own_store, workers, library=library) as server:
        until(workers, 4)  # one text as JSON, and as a page in two languages; the other fails once
        base = own_store.base.removeprefix("http://")
        text = shown(library["good"].text)
        for release in ("1", "2"):
            asked = len(workers.asked)
            for query, parameters, accept in (
                (text, {}, "application/sparql-results+json"),
                (text.replace("\n", "\r\n"), {"format": "html", "lang": "bg"}, "text/html"),
                (text.replace("\n", "\r\n"), {"format": "html", "lang": "en"}, "text/html,*/*;q=0.1"),
            ):
                reply = httpx.get(
                    server.url + "/sparql",
                    params={"query": query, **parameters},
                    headers={"accept": accept, "host": base},
                )
                assert (reply.status_code, reply.headers["x-release"]) == (200, release)
            assert len(workers.asked) == asked
            if release == "1":
                write(own_store, "another")
                httpx.get(server.url + "/sparql", params={"query": "ASK {}"})
                until(workers, 9)
