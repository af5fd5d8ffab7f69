"""A small graph behind a real server, for real clients."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from pyoxigraph import Literal, NamedNode, Triple

from kg.answering.workers import Workers
from kg.namespaces import DCT, FOAF, MKG, PROJECT, RDF, RDFS, SKOS, XSD
from kg.rq import QueryFile
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore
from kg.web import server as http
from kg.web.app import create_app

BASE = "http://localhost:8000"
PUBLISHER = NamedNode("http://purl.org/dc/elements/1.1/publisher")
ROWS = 2000
AN_HOUR_AGO = time.time() - 3600


def entity(id: str) -> NamedNode:
    return NamedNode(f"{BASE}/id/{id}")


def graph(name: str) -> NamedNode:
    return NamedNode(f"{BASE}/graph/{name}")


def ontology() -> Iterator[Triple]:
    for iri, bg, en in (
        (MKG.Project, "Проект", "Project"),
        (MKG.Place, "Място", "Place"),
        (MKG.partner, "партньор", "partner"),
    ):
        yield Triple(iri, RDFS.label, Literal(bg, language="bg"))
        yield Triple(iri, RDFS.label, Literal(en, language="en"))
        yield Triple(iri, SKOS.definition, Literal(f"Значение на „{bg}“.", language="bg"))
        yield Triple(iri, SKOS.definition, Literal(f"What {en} <means>.", language="en"))


def report() -> Iterator[Triple]:
    project = entity("project/menergers")
    yield Triple(project, RDF.type, MKG.Project)
    yield Triple(project, RDFS.label, Literal("„Енергиен мениджър“ в общините", language="bg"))
    yield Triple(project, MKG.partner, entity("municipality/rse27"))
    yield Triple(entity("amount/shared"), MKG.value, Literal("10.5", datatype=XSD.decimal))


def page() -> Iterator[Triple]:
    yield Triple(entity("amount/shared"), MKG.value, Literal("10.5", datatype=XSD.decimal))
    yield Triple(entity("amount/other"), MKG.value, Literal("4.5", datatype=XSD.decimal))


def places() -> Iterator[Triple]:
    for number in range(ROWS):
        place = entity(f"place/p{number}")
        yield Triple(place, RDF.type, MKG.Place)
        yield Triple(place, MKG.term("count"), Literal(str(number), datatype=XSD.integer))


def meta() -> Iterator[Triple]:
    for name, rank, bg in (("report", 10, "Седмичен отчет"), ("page", 5, "Страница")):
        source = graph(name)
        yield Triple(source, MKG.rank, Literal(str(rank), datatype=XSD.integer))
        yield Triple(source, DCT.term("title"), Literal(bg, language="bg"))
        yield Triple(source, PUBLISHER, Literal("Община Русе", language="bg"))
    licence = NamedNode("https://creativecommons.org/licenses/by/4.0/")
    yield Triple(graph("report"), DCT.license, licence)
    yield Triple(graph("report"), FOAF.homepage, NamedNode("https://example.org/report"))


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    """Two releases; the first has no places."""
    store = EmbeddedStore.open(tmp_path_factory.mktemp("home"), base=BASE)
    with store.draft() as draft:
        draft.replace(NamedNode(f"{PROJECT}ns"), ontology())
        draft.replace(graph("report"), report())
        draft.replace(graph("page"), page())
        draft.replace(graph("meta"), meta())
        draft.seal(agent="test", activity="load", sources=("report", "page"))
    with store.draft() as draft:
        draft.replace(graph("places"), places())
        draft.seal(agent="test", activity="load", sources=("places",))
    return store


@pytest.fixture(scope="session")
def release_path(store: EmbeddedStore) -> Path:
    release = store.current()
    assert release is not None
    return release.path


def write(store: EmbeddedStore, text: str) -> None:
    with store.draft() as draft:
        draft.replace(
            graph("report"), [Triple(NamedNode(f"{BASE}/id/person/ivan"), NamedNode("http://e/p"), Literal(text))]
        )
        draft.seal(agent="test", activity="load")


@pytest.fixture
def own_store(tmp_path: Path) -> EmbeddedStore:
    """A store of one release that was current an hour ago already, for a test to change."""
    store = EmbeddedStore.open(tmp_path / "home", base=BASE, clock=lambda: datetime.fromtimestamp(AN_HOUR_AGO, UTC))
    write(store, "one")
    os.utime(store.home.pointer, (AN_HOUR_AGO, AN_HOUR_AGO))
    return store


class Server:
    """The service in a thread, on a free loopback port; keywords are settings."""

    def __init__(
        self,
        store: EmbeddedStore,
        workers: Workers | None = None,
        library: Mapping[str, QueryFile] | None = None,
        prepare: Callable[[FastAPI], None] = lambda app: None,
        **settings: Any,
    ) -> None:
        self.settings = Settings(home=store.home.root, **({"log": "", **settings}))
        self.workers = workers or Workers.of(self.settings)
        self.app = create_app(self.settings, store, self.workers, library)
        prepare(self.app.routes)
        self._server = http.Server(self.app, self.settings)
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> Server:
        self._thread.start()
        limit = time.monotonic() + 30
        while not self._server.started and self._thread.is_alive() and time.monotonic() < limit:
            time.sleep(0.01)
        assert self._server.started
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(30)

    @property
    def under_way(self) -> int:
        """Requests that are not answered yet."""
        return len(self._server.server_state.tasks)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._server.servers[0].get_loop()

    @property
    def port(self) -> int:
        port: int = self._server.servers[0].sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="session")
def server(store: EmbeddedStore) -> Iterator[Server]:
    with Server(store, query_timeout=3, spool_max=2**20, merge_max=100, queue_wait=0.5) as server:
        yield server


@pytest.fixture(scope="session")
def url(server: Server) -> str:
    return server.url


def until(holds: Callable[[], object], seconds: float = 20) -> None:
    """Returns when it holds."""
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.005)
