"""`/update` over HTTP: the protocol, who may, what is told, what is kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import rdflib
from rdflib.namespace import SH
from rdflib.plugins.stores.sparqlstore import SPARQLUpdateStore
from SPARQLWrapper import JSON, POST, SPARQLWrapper

from kg.errors import StoreError
from kg.store.embedded import EmbeddedStore
from kg.tokens import Role, Tokens
from kg.web import results
from kg.web.audit import Audit, Event
from tests.web.conftest import BASE, Server

TOKEN = "the-bootstrap-token-of-these-tests"
DIRECT = "application/sparql-update"
PREFIX = "PREFIX mkg: <https://w3id.org/municipal-kg/ns#> "


@pytest.fixture(scope="module")
def office(report_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("office") / "home"
    shutil.copytree(report_home, home)
    with Server(EmbeddedStore.open(home), token=TOKEN) as server:
        yield server


@pytest.fixture
def client(office: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=office.url, headers={"authorization": f"Bearer {TOKEN}"}, timeout=60) as client:
        yield client


def update(client: httpx.Client, text: str, **headers: str) -> httpx.Response:
    return client.post("/update", content=text.encode(), headers={"content-type": DIRECT, **headers})


def count(client: httpx.Client, pattern: str) -> int:
    reply = client.get("/sparql", params={"query": f"SELECT * WHERE {{ {pattern} }}", "format": "json"})
    assert reply.status_code == 200, reply.text
    return len(reply.json()["results"]["bindings"])


def audited(office: Server) -> list[dict[str, object]]:
    """Outcomes."""
    return [event for event in noted(office) if "intent" not in event]


def noted(office: Server) -> list[dict[str, object]]:
    return [json.loads(line) for line in (office.settings.home / "audit.jsonl").read_text().splitlines()]


def test_an_update_is_a_release_that_readers_see_at_once(client: httpx.Client, office: Server) -> None:
    reply = update(client, 'INSERT DATA { <urn:seen> <urn:p> "1", "2" }')
    assert reply.status_code == 200
    told = reply.json()
    assert (told["added"], told["removed"], reply.headers["x-release"]) == (2, 0, str(told["release"]))
    assert count(client, "<urn:seen> <urn:p> ?o") == 2
    again = update(client, 'INSERT DATA { <urn:seen> <urn:p> "1" }')
    assert again.json() == {"release": told["release"], "added": 0, "removed": 0}
    last = audited(office)[-2]
    assert last["release"] == told["release"]
    assert (last["action"], last["agent"], last["status"], last["added"]) == ("update", "KG_TOKEN", 200, 2)
    assert last["digest"]


def test_a_form_and_the_graphs_of_the_address(client: httpx.Client) -> None:
    first = f"{BASE}/graph/endpoint/first"
    assert update(client, f"INSERT DATA {{ GRAPH <{first}> {{ <urn:u> <urn:p> 1 }} }}").status_code == 200
    copy = "INSERT { <urn:copied> <urn:p> ?o } WHERE { ?s ?p ?o }"
    assert client.post("/update", data={"update": copy, "using-graph-uri": first}).json()["added"] == 1
    named = "INSERT { <urn:named> <urn:p> ?o } WHERE { GRAPH ?g { ?s ?p ?o } }"
    reply = client.post(
        "/update", params={"using-named-graph-uri": first}, content=named, headers={"content-type": DIRECT}
    )
    assert reply.json()["added"] == 1


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"content": b"INSERT DATA {", "headers": {"content-type": DIRECT}}, 400),
        ({"content": b"\xff\xfe", "headers": {"content-type": DIRECT}}, 400),
        ({"content": b"ASK {}", "headers": {"content-type": DIRECT}}, 400),
        ({"content": b"CLEAR ALL # \0", "headers": {"content-type": DIRECT}}, 400),
        ({"content": b"CLEAR DEFAULT", "headers": {"content-type": "text/plain"}}, 415),
        ({"content": b"CLEAR DEFAULT", "headers": {"content-type": "application/sparql-query"}}, 415),
        ({"content": b"CLEAR DEFAULT"}, 415),
        ({"data": {"query": "ASK {}"}}, 400),
        ({"data": {}}, 415),
        ({"data": {"x": "y"}}, 400),
        ({"data": {"update": ["CLEAR DEFAULT", "CLEAR DEFAULT"]}}, 400),
        ({"data": {"update": "CLEAR DEFAULT", "query": "ASK {}"}}, 400),
        ({"data": {"update": "CLEAR DEFAULT"}, "params": {"update": "CLEAR DEFAULT"}}, 400),
        ({"data": {"update": "INSERT DATA {}", "using-graph-uri": "no iri"}}, 400),
        ({"data": {"update": "WITH <urn:g> DELETE {} WHERE {}", "using-graph-uri": "urn:g"}}, 400),
        ({"data": {"update": "DELETE {} USING <urn:g> WHERE {}", "using-named-graph-uri": "urn:g"}}, 400),
        ({"data": {"update": "LOAD <http://127.0.0.1:1/x>"}}, 403),
        ({"data": {"update": "LOAD SILENT <file:///etc/passwd>"}}, 403),
        ({"data": {"update": "INSERT {} WHERE { SERVICE SILENT <http://127.0.0.1:1/> {} }"}}, 403),
        ({"data": {"update": "DROP ALL"}}, 409),
        ({"data": {"update": "COPY <urn:none> TO DEFAULT"}}, 404),
        ({"data": {"update": f"{PREFIX} INSERT DATA {{ <urn:e> a mkg:Event }}"}}, 422),
        ({"data": {"update": "INSERT DATA { <urn:e> <urn:p> 1 }" + " " * 2**20}}, 413),
        ({"content": b" " * 4 * 2**20, "headers": {"content-type": DIRECT}}, 413),
        ({"data": {"update": "INSERT { } WHERE { " + "{" * 5000 + "}" * 5000 + " }"}}, 400),
        ({"data": {"update": "INSERT { } WHERE { ?s ?p ?o FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }"}}, 400),
        ({"data": {"update": "INSERT DATA { <urn:a> <urn:b> " + "[ <urn:c> " * 5000 + "1" + "]" * 5000 + " }"}}, 400),
    ],
)
def test_what_cannot_be_done_is_a_problem_and_changes_nothing(
    client: httpx.Client, office: Server, request_: dict[str, object], status: int
) -> None:
    before = client.get("/health").json()
    reply = client.post("/update", **request_)  # type: ignore[arg-type]
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), reply.text
    assert client.get("/health").json()["release"] == before["release"]
    last = audited(office)[-1]
    assert (last["action"], last["status"]) == ("update", status)
    assert last["reason"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_told_which_there_are(client: httpx.Client, method: str) -> None:
    reply = client.request(method, "/update", params={"update": "CLEAR DEFAULT"})
    assert (reply.status_code, reply.headers["allow"]) == (405, "OPTIONS, POST")


def test_the_addresses_are_described(client: httpx.Client) -> None:
    schema = client.get("/openapi.json").json()
    assert set(schema["paths"]["/update"]) == {"post"}
    assert set(schema["paths"]["/graphs"]) == {"get", "put", "post", "delete", "patch"}
    assert schema["paths"]["/update"]["post"]["security"] == [{"bearer": []}]
    assert schema["components"]["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}


def test_browsers_may_ask_first(client: httpx.Client) -> None:
    reply = client.options("/update", headers={"origin": "https://example.org"})
    assert reply.status_code == 204
    assert "Authorization" in reply.headers["access-control-allow-headers"]


def test_nobody_writes_without_a_token_that_may(client: httpx.Client, office: Server) -> None:
    tokens = Tokens.of(office.settings.home)
    reader = tokens.add("reader", Role.READ_DRAFTS)
    clerk = tokens.add("clerk", Role.WRITE)
    text = 'INSERT DATA { <urn:who> <urn:p> "1" }'
    for header, status in (("", 401), ("Bearer nonsense", 401), (f"Bearer {reader}", 403), (f"Bearer {clerk}", 200)):
        reply = update(client, text, authorization=header)
        assert reply.status_code == status, header
        assert ("www-authenticate" in reply.headers) == (status == 401)
        assert audited(office)[-1]["status"] == status
    assert audited(office)[-1]["agent"] == "clerk"


def test_findings_are_a_problem_or_a_validation_report(client: httpx.Client) -> None:
    text = f"{PREFIX} INSERT DATA {{ <{BASE}/id/event/x> a mkg:Event }}"
    problem = update(client, text).json()
    assert (problem["status"], {one["focusNode"] for one in problem["findings"]}) == (422, {f"<{BASE}/id/event/x>"})
    reply = update(client, text, accept="text/turtle, application/problem+json;q=0.5")
    assert (reply.status_code, reply.headers["content-type"]) == (422, "text/turtle; charset=utf-8")
    graph = rdflib.Graph().parse(data=reply.text, format="turtle")
    assert set(graph.objects(None, SH.focusNode)) == {rdflib.URIRef(f"{BASE}/id/event/x")}
    assert update(client, text, accept="application/sparql-results+json").json()["status"] == 422


def test_rdflib_updates(client: httpx.Client, office: Server) -> None:
    store = SPARQLUpdateStore(
        f"{office.url}/sparql", f"{office.url}/update", headers={"Authorization": f"Bearer {TOKEN}"}, autocommit=False
    )
    graph = rdflib.Graph(store, identifier=rdflib.URIRef(f"{BASE}/graph/endpoint/rdflib"))
    graph.add((rdflib.URIRef("urn:rdflib"), rdflib.URIRef("urn:p"), rdflib.Literal("я")))
    store.commit()
    assert len(graph) == 1
    graph.remove((rdflib.URIRef("urn:rdflib"), None, None))
    store.commit()
    assert len(graph) == 0


def test_sparqlwrapper_updates(client: httpx.Client, office: Server) -> None:
    wrapper = SPARQLWrapper(f"{office.url}/sparql", f"{office.url}/update")
    wrapper.addCustomHttpHeader("Authorization", f"Bearer {TOKEN}")
    wrapper.setMethod(POST)
    wrapper.setReturnFormat(JSON)
    wrapper.setQuery('INSERT DATA { <urn:wrapper> <urn:p> "я" }')
    wrapper.query()
    assert count(client, '<urn:wrapper> <urn:p> "я"') == 1


def test_a_write_is_noted_before_and_after(client: httpx.Client, office: Server) -> None:
    assert update(client, "INSERT DATA { <urn:noted> <urn:p> 1 }", **{"x-request-id": "noted-1"}).status_code == 200
    before, after = [event for event in noted(office) if event["request"] == "noted-1"]
    assert (before["intent"], before["action"], before["agent"]) == (True, "update", "KG_TOKEN")
    assert "status" not in before
    assert (after["status"], after["added"], "intent" in after) == (200, 1, False)


def test_nothing_is_written_that_cannot_be_audited(client: httpx.Client, office: Server) -> None:
    release = client.get("/health").json()["release"]
    file = office.settings.home / "audit.jsonl"
    aside = file.rename(file.with_name("aside"))
    file.mkdir()
    try:
        reply = update(client, "INSERT DATA { <urn:unaudited> <urn:p> 1 }")
        refused = update(client, "INSERT DATA {")
    finally:
        file.rmdir()
        aside.rename(file)
    assert (reply.status_code, reply.json()["detail"]) == (503, "хранилището не е достъпно")
    assert str(office.settings.home) not in reply.text
    assert refused.status_code == 503
    assert client.get("/health").json()["release"] == release
    assert count(client, "<urn:unaudited> ?p ?o") == 0


def test_what_was_sealed_is_told_though_its_outcome_cannot_be_noted(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    append = Audit.append

    def full_after_the_intent(audit: Audit, event: Event, *, durable: bool = True) -> None:
        if not event.intent:
            raise StoreError("no space left")
        append(audit, event, durable=durable)

    monkeypatch.setattr(Audit, "append", full_after_the_intent)
    assert update(client, "INSERT DATA { <urn:sealed> <urn:p> 1 }").json()["added"] == 1
    assert update(client, "INSERT DATA { <urn:sealed> <urn:p> ").status_code == 400
    assert count(client, "<urn:sealed> ?p ?o") == 1
    assert len([one for one in caplog.messages if one.startswith("not audited: update of KG_TOKEN")]) == 2


@pytest.mark.parametrize("name", ["if-match", "if-none-match", "if-unmodified-since"])
def test_an_update_is_not_conditional(client: httpx.Client, name: str) -> None:
    reply = update(client, "INSERT DATA { <urn:conditional> <urn:p> 1 }", **{name: "*"})
    assert reply.status_code == 400
    assert count(client, "<urn:conditional> <urn:p> ?o") == 0


def test_a_page_does_not_tell_where_the_store_lies() -> None:
    page = results.refusal(StoreError("no permission to use /srv/home"), "ASK {}", "en", base=BASE).decode()
    assert ("/srv/home" in page, "the store is not available" in page) == (False, True)
