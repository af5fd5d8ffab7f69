"""`/graphs` and the graphs' own addresses over HTTP."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import rdflib

from kg.store.embedded import EmbeddedStore
from tests.web.conftest import BASE, Server

TOKEN = "the-bootstrap-token-of-these-tests"
REPORT = f"{BASE}/graph/report-2023-w26"
EVENT = "<urn:a> a <https://w3id.org/municipal-kg/ns#Event> ."
TURTLE = {"content-type": "text/turtle"}


@pytest.fixture(scope="module")
def office(report_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("graphs") / "home"
    shutil.copytree(report_home, home)
    with Server(EmbeddedStore.open(home), token=TOKEN, body_max=2**20) as server:
        yield server


@pytest.fixture
def client(office: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=office.url, headers={"authorization": f"Bearer {TOKEN}"}, timeout=60) as client:
        yield client


def own(name: str) -> str:
    return f"{BASE}/graph/endpoint/{name}"


def at(iri: str) -> str:
    return f"/graphs?graph={quote(iri, safe='')}"


def content(client: httpx.Client, iri: str) -> set[str]:
    reply = client.get(at(iri), headers={"accept": "application/n-triples"})
    assert reply.status_code == 200, reply.text
    return set(reply.text.splitlines())


def audited(office: Server) -> dict[str, object]:
    last = (office.settings.home / "audit.jsonl").read_text().splitlines()[-1]
    return dict(json.loads(last))


def test_a_graph_lives_from_put_to_delete(client: httpx.Client, office: Server) -> None:
    url = at(own("life"))
    assert client.get(url).status_code == 404
    assert client.head(url).status_code == 404
    made = client.put(url, content="<#a> <urn:p> <x> .", headers=TURTLE)
    assert (made.status_code, made.content) == (201, b"")
    assert audited(office)["graph"] == own("life")
    assert content(client, own("life")) == {f"<{own('life')}#a> <urn:p> <{BASE}/graph/endpoint/x> ."}
    assert client.put(url, content="<urn:a> <urn:p> 1 .", headers=TURTLE).status_code == 204
    assert client.post(url, content="<urn:b> <urn:p> 2 .", headers=TURTLE).status_code == 204
    assert len(content(client, own("life"))) == 2
    patch = client.patch(
        url, content="DELETE WHERE { <urn:a> ?p ?o }", headers={"content-type": "application/sparql-update"}
    )
    assert (patch.status_code, len(content(client, own("life")))) == (204, 1)
    head = client.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert client.delete(url).status_code == 204
    assert client.delete(url).status_code == 404
    assert client.get(url).status_code == 404


def test_a_graph_without_a_name_gets_one(client: httpx.Client) -> None:
    reply = client.post("/graphs", content="<> <urn:p> [] .", headers=TURTLE)
    assert reply.status_code == 201
    location = reply.headers["location"]
    assert location.startswith(own(""))
    assert next(iter(content(client, location))).startswith(f"<{location}> <urn:p> <{location}/p/")
    assert client.get(location.removeprefix(BASE)).status_code == 200


def test_graphs_answer_at_their_own_addresses(client: httpx.Client) -> None:
    reply = client.get("/graph/report-2023-w26", headers={"accept": "text/turtle"})
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/turtle; charset=utf-8")
    assert len(rdflib.Graph().parse(data=reply.text, format="turtle")) > 100
    assert reply.headers["etag"]
    path = "/graph/endpoint/own"
    assert client.put(path, content="<> <urn:p> 1 .", headers=TURTLE).status_code == 201
    assert f"<{BASE}{path}> <urn:p>" in client.get(path, headers={"accept": "application/n-triples"}).text
    assert client.delete(path).status_code == 204
    assert client.get("/graphs/anything").status_code == 404
    assert client.put("/graphs/anything", content="", headers=TURTLE).status_code == 409


def test_the_default_graph_is_the_merge(client: httpx.Client) -> None:
    reply = client.get("/graphs?default", headers={"accept": "application/n-triples"})
    lines = reply.text.splitlines()
    assert len(lines) == len(set(lines)) > 1000
    assert client.post("/graphs?default", content="<urn:d> <urn:p> 1 .", headers=TURTLE).status_code == 204
    assert '<urn:d> <urn:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .' in content(client, own("default"))
    assert client.put("/graphs?default", content="", headers=TURTLE).status_code == 409
    assert client.delete("/graphs?default").status_code == 409


def test_quads_go_into_their_graphs_together_or_not_at_all(client: httpx.Client) -> None:
    quads = f"<urn:a> <urn:p> 1 . <{own('q1')}> {{ <urn:a> <urn:p> 2 }} <{own('q2')}> {{ <urn:a> <urn:p> 3 }}"
    assert client.post("/graphs", content=quads, headers={"content-type": "application/trig"}).status_code == 201
    assert [len(content(client, own(name))) for name in ("q1", "q2")] == [1, 1]
    trig = {"content-type": "application/trig; charset=utf-8"}
    assert client.post("/graphs", content="<urn:trig> <urn:p> 1 .", headers=trig).status_code == 204
    assert any("<urn:trig>" in line for line in content(client, own("default")))
    bad = quads.replace(" 2 ", " 4 ").replace(own("q2"), REPORT)
    assert client.post("/graphs", content=bad, headers={"content-type": "application/trig"}).status_code == 409
    assert len(content(client, own("q1"))) == 1
    assert client.post(at(own("q1")), content=quads, headers={"content-type": "application/trig"}).status_code == 400


def test_several_documents_come_in_a_form(client: httpx.Client) -> None:
    files = {
        "a": ("a.ttl", "<urn:a> <urn:p> 1 .", "text/turtle"),
        "b": ("b.nt", "<urn:b> <urn:p> <urn:c> .", "application/n-triples"),
    }
    assert client.post(at(own("form")), files=files).status_code == 201
    assert len(content(client, own("form"))) == 2
    assert client.put(at(own("form")), files={"a": files["a"]}).status_code == 204
    assert len(content(client, own("form"))) == 1


@pytest.mark.parametrize(
    ("method", "path", "request_", "status"),
    [
        ("GET", "/graphs", {}, 400),
        ("GET", "/graphs?graph=relative", {}, 400),
        ("GET", "/graphs?graph=", {}, 400),
        ("GET", "/graphs?graph=urn:a&graph=urn:b", {}, 400),
        ("GET", "/graphs?graph=urn:a&default", {}, 400),
        ("GET", at("urn:none"), {}, 404),
        ("GET", at(REPORT), {"headers": {"accept": "image/png"}}, 406),
        ("GET", at(REPORT) + "&format=csv", {}, 406),
        ("GET", "/graph/endpoint/../meta/x", {}, 404),
        ("GET", "/graph/%2e%2e/meta", {}, 404),
        ("PUT", "/graph/endpoint/%2e%2e%2fmeta", {"content": "", "headers": TURTLE}, 409),
        ("PUT", "/graph/meta", {"content": "", "headers": TURTLE}, 409),
        ("PUT", at(REPORT), {"content": "", "headers": TURTLE}, 409),
        ("POST", at(REPORT), {"content": "<urn:a> <urn:p> 1 .", "headers": TURTLE}, 409),
        ("DELETE", at(REPORT), {}, 409),
        ("DELETE", "/graphs", {}, 400),
        ("PATCH", "/graphs", {"content": "", "headers": {"content-type": "application/sparql-update"}}, 400),
        ("PATCH", at(own("x")), {"content": "", "headers": TURTLE}, 415),
        ("PUT", at(own("x")), {"content": "<urn:a>", "headers": TURTLE}, 400),
        ("PUT", at(own("x")), {"content": "", "headers": {"content-type": "text/html"}}, 415),
        ("PUT", at(own("x")), {"content": ""}, 415),
        ("PUT", at(own("x")), {"content": "<!DOCTYPE x><x/>", "headers": {"content-type": "application/rdf+xml"}}, 400),
        ("PUT", at(own("x")), {"content": " " * 2**21, "headers": TURTLE}, 413),
        ("PUT", at(own("x")), {"content": EVENT, "headers": TURTLE}, 422),
        ("PROPFIND", "/graphs", {}, 405),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_a_problem(
    client: httpx.Client, office: Server, method: str, path: str, request_: dict[str, object], status: int
) -> None:
    before = client.get("/health").json()["release"]
    reply = client.request(method, path, **request_)  # type: ignore[arg-type]
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), reply.text
    assert client.get("/health").json()["release"] == before
    if method not in {"GET", "PROPFIND"}:
        last = audited(office)
        assert (last["action"], last["status"]) == (f"{method.lower()}-graph", status)


def test_writing_needs_a_token_reading_does_not(client: httpx.Client) -> None:
    nobody = {"authorization": ""}
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        assert client.request(method, at(own("x")), headers=nobody).status_code == 401
    assert client.get(at(REPORT), headers=nobody).status_code == 200


def test_a_write_may_depend_on_what_was_read(client: httpx.Client) -> None:
    url = at(own("tagged"))
    assert client.put(url, content="<urn:a> <urn:p> 1 .", headers={**TURTLE, "if-match": "*"}).status_code == 412
    new = {**TURTLE, "if-none-match": "*"}
    assert client.put(url, content="<urn:a> <urn:p> 1 .", headers=new).status_code == 201
    assert client.put(url, content="<urn:a> <urn:p> 2 .", headers=new).status_code == 412
    for encoding in ("identity", "gzip", "br"):
        tag = client.get(url, headers={"accept-encoding": encoding, "accept": "application/ld+json"}).headers["etag"]
        held = {**TURTLE, "if-match": f'"other", {tag}'}
        assert client.put(url, content=f"<urn:a> <urn:p> '{encoding}' .", headers=held).status_code == 204
        assert client.put(url, content="<urn:a> <urn:p> 4 .", headers=held).status_code == 412
        assert client.delete(url, headers={"if-match": tag}).status_code == 412
        assert client.get(url, headers={"if-none-match": tag}).status_code == 200
    tag = client.get(url).headers["etag"]
    assert client.put(url, content="", headers={**TURTLE, "if-none-match": tag}).status_code == 412
    assert client.put(url, content="", headers={**TURTLE, "if-match": f"W/{tag}"}).status_code == 412
    assert client.get(url, headers={"if-none-match": tag}).status_code == 304
    assert client.delete(url, headers={"if-match": tag}).status_code == 204


def test_a_write_may_depend_on_when_it_was_read(client: httpx.Client) -> None:
    url, old = at(own("dated")), {"if-unmodified-since": "Sat, 01 Jan 2000 00:00:00 GMT"}
    for address in (url, "/graphs"):
        refused = client.request("POST", address, content="<urn:a> <urn:p> 1 .", headers={**TURTLE, **old})
        assert refused.status_code == 412
    assert client.put(url, content="<urn:a> <urn:p> 1 .", headers={**TURTLE, **old}).status_code == 412
    late = {**TURTLE, "if-unmodified-since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    assert client.put(url, content="<urn:a> <urn:p> 1 .", headers=late).status_code == 201
    absurd = {**TURTLE, "if-unmodified-since": "Fri, 31 Dec 99999999999999999999 23:59:59 GMT"}
    assert client.put(url, content="<urn:a> <urn:p> 2 .", headers=absurd).status_code == 204


@pytest.mark.parametrize("tag", ["*", '"other"'])
def test_a_graph_that_is_yet_to_be_named_matches_nothing(client: httpx.Client, tag: str) -> None:
    refused = client.post("/graphs", content="<urn:a> <urn:p> 1 .", headers={**TURTLE, "if-match": tag})
    assert refused.status_code == 412


def test_an_endless_accept_is_refused(client: httpx.Client) -> None:
    assert client.get(at(REPORT), headers={"accept": "text/turtle," * 400}).status_code == 400


def test_a_compressed_body_is_not_taken_for_rdf(client: httpx.Client) -> None:
    packed = {**TURTLE, "content-encoding": "gzip"}
    reply = client.put(at(own("x")), content=gzip.compress(b"<urn:a> <urn:p> 1 ."), headers=packed)
    assert reply.status_code == 415


def test_browsers_may_ask_first(client: httpx.Client) -> None:
    for path in ("/graphs", "/graphs/x", "/graph/x"):
        reply = client.options(path, headers={"origin": "https://example.org"})
        assert reply.status_code == 204
        assert "PUT" in reply.headers["access-control-allow-methods"]
