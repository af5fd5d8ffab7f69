"""The documents about things over HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pyoxigraph import RdfFormat, parse

from kg.pipeline import Domain, withdraw
from kg.publish.resource import FORMS
from kg.store.embedded import EmbeddedStore
from tests.web.conftest import BASE, Server

PROJECT = "/doc/project/menergers"
WITHDRAWN = "event/2023-05-06-gergyovski-lyulki"


@pytest.fixture(scope="module")
def office(bundled_home: Path, domain: Domain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two releases; in the second an event is withdrawn."""
    home = tmp_path_factory.mktemp("documents") / "home"
    shutil.copytree(bundled_home, home)
    store = EmbeddedStore.open(home)
    withdraw([WITHDRAWN], store=store, domain=domain, agent="test", reason="Повторение")
    with Server(store) as server:
        yield server


@pytest.fixture
def client(office: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=office.url, timeout=60) as client:
        yield client


def test_a_thing_leads_to_its_document(client: httpx.Client) -> None:
    reply = client.get("/id/project/menergers?lang=en", headers={"accept": "text/turtle"})
    assert (reply.status_code, reply.headers["location"]) == (303, f"{PROJECT}?lang=en")
    assert 'rel="describedby"' in reply.headers["link"]
    document = client.get("/id/project/menergers", headers={"accept": "text/turtle"}, follow_redirects=True)
    assert document.headers["content-type"] == "text/turtle; charset=utf-8"
    subjects = {str(quad.subject) for quad in parse(document.content, RdfFormat.TURTLE)}
    assert f"<{BASE}/id/project/menergers>" in subjects


@pytest.mark.parametrize("format", FORMS, ids=lambda format: format.name)
def test_each_form_comes_by_accept_by_suffix_and_by_name(client: httpx.Client, format: object) -> None:
    assert format in FORMS
    chosen = next(one for one in FORMS if one is format)
    by_accept = client.get(PROJECT, headers={"accept": chosen.media_type})
    by_suffix = client.get(f"{PROJECT}.{chosen.suffix}")
    by_name = client.get(PROJECT, params={"format": chosen.name})
    assert by_accept.status_code == by_suffix.status_code == by_name.status_code == 200
    assert by_accept.content == by_suffix.content == by_name.content
    assert by_accept.headers["content-type"] == by_suffix.headers["content-type"] == chosen.content_type
    assert by_accept.headers["content-location"] == f"{PROJECT}.{chosen.suffix}"
    links = by_accept.headers["link"]
    assert f'<{PROJECT}>; rel="canonical"' in links
    assert f'<{PROJECT}.ttl>; rel="describedby"; type="text/turtle"' in links
    assert all(f"<{PROJECT}.{one.suffix}>" in links for one in FORMS if one is not chosen)


def test_a_client_keeps_what_has_not_changed(client: httpx.Client) -> None:
    first = client.get(f"{PROJECT}.ttl")
    assert first.headers["etag"].startswith('"')
    again = client.get(f"{PROJECT}.ttl", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = client.head(f"{PROJECT}.ttl")
    assert (head.status_code, head.content) == (200, b"")
    assert {head.headers[name] for name in ("etag", "content-length")} == {
        first.headers[name] for name in ("etag", "content-length")
    }
    other = client.get(f"{PROJECT}.nt", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


def test_pages_speak_the_language_asked_for(client: httpx.Client) -> None:
    page = {"accept": "text/html"}
    assert '<html lang="bg">' in client.get(PROJECT, headers=page).text
    english = client.get(PROJECT, headers={**page, "accept-language": "en"})
    assert (english.headers["content-language"], english.headers["content-location"]) == ("en", f"{PROJECT}.en.html")
    assert client.get(f"{PROJECT}.en.html", headers={"accept-language": "bg"}).text == english.text
    assert client.get(f"{PROJECT}.html", headers={"accept-language": "en"}).headers["content-language"] == "bg"


def test_an_older_release_tells_what_it_knew(client: httpx.Client) -> None:
    then = client.get(f"/doc/{WITHDRAWN}.nt", params={"release": "1"})
    assert (then.status_code, then.headers["x-release"]) == (200, "1")
    assert client.get(f"/doc/{WITHDRAWN}.nt", params={"release": "9"}).status_code == 404
    assert client.get(f"{PROJECT}.nt", params={"release": "x"}).status_code == 400


def test_what_was_withdrawn_is_gone_for_people_and_programs(client: httpx.Client) -> None:
    for path in (f"/id/{WITHDRAWN}", f"/doc/{WITHDRAWN}", f"/doc/{WITHDRAWN}.ttl"):
        reply = client.get(path, headers={"accept": "text/turtle"})
        assert reply.status_code == 410
        assert "Повторение" in reply.json()["messages"]["bg"]
    page = client.get(f"/doc/{WITHDRAWN}", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (410, "text/html; charset=utf-8")
    assert "Повторение" in page.text


def test_where_there_is_nothing_that_is_said(client: httpx.Client) -> None:
    for path in (
        "/id/project/nobody",
        "/doc/project/nobody.ttl",
        "/docs",
        "/nowhere",
        f"{PROJECT}.csv",
        f"{PROJECT}.xyz",
    ):
        assert client.get(path).status_code == 404
        assert client.get(path).headers["content-type"] == "application/problem+json"
    page = client.get("/id/project/nobody", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert client.get(PROJECT, headers={"accept": "image/png"}).status_code == 406
    assert client.post(PROJECT).headers["allow"] == client.options(PROJECT).headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.get(f"{PROJECT}?page=1&page=2").status_code == 400


def test_what_an_address_says_adds_no_field_to_the_reply(client: httpx.Client) -> None:
    for path in (f"{PROJECT}.nt?x=%0d%0aset-cookie:%20a=b", f"{PROJECT}.nt?x%0aset-cookie:%20a=b&y=%D1%8F%3E"):
        reply = client.get(path)
        assert "set-cookie" not in reply.headers
        assert reply.headers["content-location"].isascii()
    page = client.get("//example.org/x", headers={"accept": "text/html"})
    assert page.status_code == 404 and 'href="//' not in page.text
