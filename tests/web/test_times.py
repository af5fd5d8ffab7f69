"""Of when something is wanted: by a number, by a time, and as archives ask for it (RFC 7089)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
from pyoxigraph import RdfFormat, parse

from kg.errors import NotFoundError, ParameterError
from kg.pipeline import Domain, withdraw
from kg.store.embedded import EmbeddedStore
from kg.store.port import Manifest
from kg.web.times import as_of, nearest
from tests.web.conftest import BASE, Server

EVENT = "event/2023-05-06-gergyovski-lyulki"
TITLE = f"SELECT ?type WHERE {{ <{BASE}/id/{EVENT}> a ?type }}"
DAY = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


def manifest(number: int, created: datetime) -> Manifest:
    return Manifest(number, None, BASE, created, "test", "load", (), 0, 0, {}, 0, 0, "")


MANIFESTS = [manifest(number, DAY + timedelta(days=number - 1)) for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("2", 2),
        ("7", 7),  # whether there is one is for the store to say
        ("2026-11-20", 1),
        ("2026-11-21", 2),
        ("2030-01-01", 3),
        ("2026-11-21T12:29:59Z", 1),
        ("2026-11-21T12:30:00Z", 2),
        ("2026-11-21T12:30", 2),
        ("2026-11-21T14:30:00+02:00", 2),
        ("2026-11-21T14:29:00 02:00", 1),  # a plus that nobody escaped
    ],
)
def test_a_time_means_the_release_that_was_current_then(said: str, number: int) -> None:
    assert as_of(MANIFESTS, said) == number


def test_nothing_is_known_of_the_time_before() -> None:
    with pytest.raises(NotFoundError, match="2026-11-20 at 12:30"):
        as_of(MANIFESTS, "2026-11-19")


@pytest.mark.parametrize("said", ["вчера", "2026-13-01", "2026-11", "-1", "2026-11-20T", "2026-11-20T99:00", "9" * 10])
def test_what_is_no_time_is_refused(said: str) -> None:
    with pytest.raises(ParameterError, match="asOf"):
        as_of(MANIFESTS, said)


def test_archives_get_what_is_kept() -> None:
    def field(at: datetime) -> bytes:
        return format_datetime(at, usegmt=True).encode()

    assert nearest(MANIFESTS, [1, 2, 3], field(DAY + timedelta(days=1))) == 2
    assert nearest(MANIFESTS, [1, 3], field(DAY + timedelta(days=1))) == 1
    assert nearest(MANIFESTS, [3], field(DAY)) == 3
    with pytest.raises(ParameterError, match="Accept-Datetime"):
        nearest(MANIFESTS, [1], b"yesterday")


@pytest.fixture(scope="module")
def store(bundled_home: Path, domain: Domain, tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    """In the second release an event is withdrawn, in the third another; the second is not kept."""
    home = tmp_path_factory.mktemp("times") / "home"
    shutil.copytree(bundled_home, home)
    store = EmbeddedStore.open(home)
    withdraw([EVENT], store=store, domain=domain, agent="test", reason="Повторение")
    withdraw(["event/2023-06-27-innoair-webinar"], store=store, domain=domain, agent="test", reason="Повторение")
    shutil.rmtree(store.home.release(2))
    return store


@pytest.fixture(scope="module")
def client(store: EmbeddedStore) -> Iterator[httpx.Client]:
    with Server(store) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


def moments(store: EmbeddedStore) -> list[str]:
    return [one.created.isoformat() for one in store.manifests()]


def test_documents_dumps_and_answers_are_given_as_they_were(client: httpx.Client, store: EmbeddedStore) -> None:
    for said in ("1", moments(store)[0]):
        then = client.get(f"/doc/{EVENT}.nt", params={"asOf": said})
        assert (then.status_code, then.headers["x-release"]) == (200, "1")
        dump = client.get("/dumps/events.nq", params={"asOf": said})
        assert f"/id/{EVENT}>" in dump.text and dump.headers["memento-datetime"] == then.headers["memento-datetime"]
        answer = client.get("/sparql", params={"query": TITLE, "asOf": said})
        assert answer.json()["results"]["bindings"] and answer.headers["x-release"] == "1"
        assert client.get("/catalogue.ttl", params={"asOf": said}).headers["x-release"] == "1"
    assert f"/id/{EVENT}>" not in client.get("/dumps/events.nq", params={"asOf": "2999-01-01"}).text
    assert not client.get("/sparql", params={"query": TITLE}).json()["results"]["bindings"]
    posted = client.post("/sparql", data={"query": TITLE, "asOf": "1"})
    assert posted.json()["results"]["bindings"]


def test_what_is_no_longer_kept_is_gone_and_the_nearest_is_named(client: httpx.Client, store: EmbeddedStore) -> None:
    for path in (f"/doc/{EVENT}.nt", "/dumps/events.nq", "/catalogue.ttl", "/sparql?query=ASK{}"):
        for said in ("2", moments(store)[1]):
            reply = client.get(path, params={**dict(httpx.URL(path).params), "asOf": said})
            assert reply.status_code == 410
            assert re.search(r"\b[13]\b", reply.json()["messages"]["bg"])


def test_a_time_is_told_once_and_well(client: httpx.Client) -> None:
    for path in (f"/doc/{EVENT}.nt", "/sparql?query=ASK{}"):
        own = dict(httpx.URL(path).params)
        assert client.get(path, params={**own, "asOf": "1", "release": "1"}).status_code == 400
        assert client.get(path, params={**own, "asOf": "вчера"}).status_code == 400
        assert client.get(path, params={**own, "asOf": "1999-01-01"}).status_code == 404
        assert client.get(path, params={**own, "asOf": "9"}).status_code == 404


def test_an_old_page_says_that_it_is_old(client: httpx.Client) -> None:
    page = client.get(f"/doc/{EVENT}.html", params={"asOf": "1"}).text
    assert "издание 1 от 3" in page and f'href="/doc/{EVENT}.html?lang=bg"' in page
    assert "не днешното" not in client.get("/doc/project/menergers.html").text
    assert "не днешното" not in client.get("/doc/project/menergers.html", params={"release": "3"}).text
    assert "memento-datetime" in client.get("/doc/project/menergers.html", params={"release": "3"}).headers


def test_an_archive_finds_its_way(client: httpx.Client, store: EmbeddedStore) -> None:
    """Pattern 1.1 of RFC 7089: a document leads to its own older states."""
    first = store.manifests()[0].created
    now = client.get("/doc/project/menergers.ttl")
    assert "memento-datetime" not in now.headers
    assert "Accept-Datetime" in now.headers["vary"] and 'rel="original timegate"' in now.headers["link"]
    at = format_datetime(first - timedelta(days=1), usegmt=True)
    led = client.get("/doc/project/menergers.ttl", headers={"accept-datetime": at})
    assert (led.status_code, led.headers["location"]) == (302, "/doc/project/menergers.ttl?release=1")
    assert "Accept-Datetime" in led.headers["vary"]
    then = client.get(led.headers["location"])
    assert parsedate_to_datetime(then.headers["memento-datetime"]) == first.replace(microsecond=0)
    assert '</doc/project/menergers.ttl>; rel="original timegate"' in then.headers["link"]
    assert client.get("/doc/project/menergers", headers={"accept-datetime": "yesterday"}).status_code == 400
    (listed,) = re.findall(r'<([^>]+)>; rel="timemap"', now.headers["link"])
    states = client.get(listed)
    assert states.headers["content-type"].startswith("application/link-format")
    found = re.findall(r'<([^>]+)>; rel="[a-z ]*memento"; datetime="([^"]+)"', states.text)
    assert [address for address, _ in found] == [f"{BASE}/doc/project/menergers?release={number}" for number in (1, 3)]
    for address, moment in found:
        state = client.get(address.removeprefix(BASE), headers={"accept": "text/turtle"})
        assert state.headers["memento-datetime"] == moment
        assert [*parse(state.content, RdfFormat.TURTLE)]
    gone = client.get(f"/timemap/doc/{EVENT}")
    assert re.findall(r"\?release=(\d)", gone.text) == ["1"]
    assert client.get("/timemap/doc/project/nobody").status_code == 404
    assert client.get("/timemap/dumps/events.csv").text.count("memento") == 2


def test_what_never_changes_may_be_kept(client: httpx.Client) -> None:
    assert "immutable" in client.get("/feed/1", headers={"accept": "application/trig"}).headers["cache-control"]
    root = client.get("/feed", headers={"accept": "application/trig"})
    assert root.headers["cache-control"] == "no-cache" and "/feed/3>" in root.text
    assert client.get("/feed.atom").headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert client.get("/release/1..2.trig").status_code == client.get("/release/2.html").status_code == 200
    assert client.get("/release/1..9.trig").status_code == 404
    assert client.get("/feed?modified_since=x").status_code == 400
