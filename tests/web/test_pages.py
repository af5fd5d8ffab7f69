"""The front page and the state of the service."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from kg.entry import Locator
from kg.errors import DataError
from kg.finding import Finding
from kg.lexer import outline
from kg.publish.pages.templating import grouped, licence, short
from kg.publish.pages.texts import TEXTS
from kg.resources import QUERIES
from kg.rq import QueryFile
from kg.store.embedded import EmbeddedStore
from kg.web.portal import Portals

from .conftest import Server, until
from .scripted import Scripted, small


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=20) as client:
        yield client


def test_health_tells_the_release_and_the_workers(client: httpx.Client) -> None:
    state = client.get("/health")
    assert state.status_code == 200
    body = state.json()
    assert (body["status"], body["release"], body["base"]) == ("ok", 2, "http://localhost:8000")
    assert body["workers"] >= 1
    assert body["quads"] > 4000
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", body["time"])


def test_without_a_release_health_is_503_and_the_page_says_what_to_do(tmp_path: Path) -> None:
    store = EmbeddedStore.open(tmp_path / "home")
    with Server(store) as server, httpx.Client(base_url=server.url) as client:
        assert (client.get("/health").status_code, client.get("/health").json()["status"]) == (503, "empty")
        assert "kg load" in client.get("/").text
        assert client.get("/sparql?query=ASK%7B%7D").status_code == 503
        assert client.get("/sparql").status_code == 503


def test_the_page_is_bulgarian_unless_english_is_asked_for(client: httpx.Client) -> None:
    for address, accept, tongue in (
        ("/", "", "bg"),
        ("/", "de, fr", "bg"),
        ("/", "en-US,en;q=0.9", "en"),
        ("/", "en;q=0.3, bg;q=0.8", "bg"),
        ("/?lang=en", "bg", "en"),
        ("/?lang=xx", "en", "en"),
    ):
        page = client.get(address, headers={"accept-language": accept})
        assert page.headers["content-language"] == tongue
        assert f'<html lang="{tongue}">' in page.text
        assert TEXTS[tongue]["lead"][:20] in page.text
        assert page.headers["vary"] == "Accept-Language"


def test_the_page_tells_what_there_is(client: httpx.Client) -> None:
    bg = html.unescape(client.get("/?lang=bg").text)
    en = html.unescape(client.get("/?lang=en").text)
    assert "Проект" in bg
    assert "Значение на „Проект“." in bg
    assert "What Project <means>." in en
    assert "2\u202f000" in bg  # places
    assert "mkg:partner" in bg
    for text in ("Седмичен отчет", "Община Русе", "CC BY 4.0", "https://example.org/report"):
        assert text in bg
    assert bg.index("Страница") < bg.index("Седмичен отчет")  # by rank


def test_text_from_the_data_is_escaped(client: httpx.Client) -> None:
    assert "<means>" not in client.get("/?lang=en").text


def test_every_example_on_the_page_runs(client: httpx.Client) -> None:
    page = client.get("/").text
    links = [html.unescape(link) for link in re.findall(r'class="try" href="([^"]+)"', page)]
    assert len(links) > 6
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200
        assert 'class="rows"' in answer.text


def test_the_page_works_without_javascript(client: httpx.Client) -> None:
    page = client.get("/").text
    assert '<form class="editor" action="/sparql" method="get"' in page
    query = html.unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1])  # type: ignore[index]
    assert outline(query).form == "SELECT"
    answer = client.get("/sparql", params={"query": query, "lang": "bg", "format": "html"})
    assert "Енергиен мениджър" in answer.text
    assert f"{TEXTS['bg']['download']}: " in answer.text


def test_nothing_comes_from_another_host(client: httpx.Client) -> None:
    for address in ("/", "/sparql?format=html&query=ASK%7B%7D"):
        page = client.get(address)
        loaded = re.findall(r'<(?:link|script|img|iframe)[^>]*(?:href|src)="([^"]*)"', page.text)
        assert loaded
        assert all(one.startswith("/assets/") for one in loaded)
        assert "<style" not in page.text
        assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son[a-z]+=", page.text)
        assert "script-src 'self'" in page.headers["content-security-policy"]
        for one in loaded:
            asset = client.get(one)
            assert asset.status_code == 200
            assert "immutable" in asset.headers["cache-control"]
            assert "http://" not in asset.text.replace("http://www.w3.org/2000/svg", "")
            assert "https://" not in asset.text


@pytest.mark.parametrize("path", ["/assets/../app.py", "/assets/%2e%2e/app.py", "/assets/..%2fapp.py", "/nothing"])
def test_what_is_not_there_is_a_problem(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_ready_queries_are_listed_and_fill_the_editor(store: EmbeddedStore) -> None:
    text = '#+ title: {bg: "Партньори", en: "Partners"}\nSELECT ?partner { ?project ?p ?partner }\n'
    library = {"partners": QueryFile("partners", text, {"title": {"bg": "Партньори", "en": "Partners"}})}
    with Server(store, Scripted(small(b"")), library) as server, httpx.Client(base_url=server.url) as client:
        assert 'href="/?lang=bg&amp;example=partners#ask">Партньори</a>' in client.get("/").text
        assert "SELECT ?partner {" in client.get("/?example=partners").text
        assert client.get("/?example=none").status_code == 404


def test_the_page_is_counted_once_per_release(store: EmbeddedStore) -> None:
    portals = Portals(QUERIES / "system")
    first, second = store.release(1), store.release(2)
    assert portals.of(second) is portals.of(second)
    assert portals.of(first) is not portals.of(second)
    assert next(term.iri for term in portals.of(second).classes).endswith("Place")


def test_an_unforeseen_error_shows_nothing_of_our_insides(
    store: EmbeddedStore, caplog: pytest.LogCaptureFixture
) -> None:
    with Server(store, Scripted(small(b"")), prepare=with_fault) as server, httpx.Client(base_url=server.url) as client:
        response = client.get("/fault")
        assert response.status_code == 500
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "secret" not in response.text
        until(lambda: "secret" in caplog.text)
        refused = client.get("/refused", headers={"accept-language": "en"})
        assert refused.status_code == 422
        assert refused.json()["findings"] == [
            {
                "severity": "Violation",
                "messages": {"bg": "непознато поле", "en": "unknown field"},
                "at": "partners.yaml:9",
                "field": "bugdet",
            }
        ]


def with_fault(app: FastAPI) -> None:
    @app.get("/fault")
    def fault() -> None:
        raise RuntimeError("secret detail")

    @app.get("/refused")
    def refused() -> None:
        messages = {"bg": "непознато поле", "en": "unknown field"}
        raise DataError([Finding(messages, at=Locator("partners.yaml", line=9), field="bugdet")])


def test_both_languages_say_the_same_things() -> None:
    assert TEXTS["bg"].keys() == TEXTS["en"].keys()


def test_small_helpers() -> None:
    assert short("https://w3id.org/municipal-kg/ns#Project") == "mkg:Project"
    assert short("http://example.org/x") == "http://example.org/x"
    assert grouped(1234567) == "1\u202f234\u202f567"
    assert licence("https://creativecommons.org/licenses/by-sa/4.0/") == "CC BY-SA 4.0"
    assert licence("https://creativecommons.org/publicdomain/zero/1.0/") == "CC0 1.0"
    assert licence("https://www.example.org/terms/") == "example.org/terms"
