"""The SPARQL Protocol over real sockets."""

from __future__ import annotations

import csv
import io
import json
import socket
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
import rdflib
from pyoxigraph import QueryBoolean, QuerySolutions, RdfFormat, parse, parse_query_results

from kg.formats import GRAPHS, JSON, RESULTS, Format
from kg.store.embedded import EmbeddedStore

from .conftest import Server
from .scripted import Scripted, small

BASE = "http://localhost:8000"
ROWS = 2000

SELECT = "PREFIX mkg: <https://w3id.org/municipal-kg/ns#> SELECT ?s ?n { ?s mkg:count ?n FILTER (?n < 3) } ORDER BY ?n"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s a <https://w3id.org/municipal-kg/ns#Project> ; ?p ?o }"
SD = "http://www.w3.org/ns/sparql-service-description#"
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=20) as client:
        yield client


def get(client: httpx.Client, query: str, accept: str | None = None, **parameters: str) -> httpx.Response:
    headers = {} if accept is None else {"accept": accept}
    return client.get("/sparql", params={"query": query, **parameters}, headers=headers)


def post(client: httpx.Client, content: str | bytes, media_type: str, address: str = "/sparql") -> httpx.Response:
    return client.post(address, content=content, headers={"content-type": media_type})


def read_rows(content: bytes, format: Format) -> list[tuple[str, str]]:
    """In a frame of its own: the parser's object must end in the thread that made it."""
    solutions = parse_query_results(content, format.results_engine)
    assert isinstance(solutions, QuerySolutions)
    return [(row["s"].value, row["n"].value) for row in solutions]


def problem(response: httpx.Response) -> dict[str, object]:
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = response.json()
    assert body["status"] == response.status_code
    assert isinstance(body["messages"], dict)
    assert set(body["messages"]) == {"bg", "en"}
    return body


@pytest.mark.parametrize("format", RESULTS, ids=lambda format: format.name)
@pytest.mark.parametrize("how", ["accept", "format"])
def test_select_in_every_format(client: httpx.Client, format: Format, how: str) -> None:
    response = (
        get(client, SELECT, format.media_type) if how == "accept" else get(client, SELECT, "*/*", format=format.name)
    )
    assert response.status_code == 200
    assert response.headers["content-type"] == format.content_type
    expected = [(f"{BASE}/id/place/p{n}", str(n)) for n in range(3)]
    if format.name == "csv":
        assert list(csv.reader(io.StringIO(response.text)))[1:] == [list(row) for row in expected]
        return
    assert read_rows(response.content, format) == expected
    if format.name in {"json", "xml", "tsv"}:
        again = rdflib.query.Result.parse(io.BytesIO(response.content), format=format.name)
        assert [str(row[rdflib.Variable("n")]) for row in again.bindings] == ["0", "1", "2"]


@pytest.mark.parametrize("format", RESULTS, ids=lambda format: format.name)
@pytest.mark.parametrize(("query", "truth"), [("ASK { ?s ?p ?o }", True), ("ASK { <http://none> ?p ?o }", False)])
def test_ask_in_every_format(client: httpx.Client, format: Format, query: str, truth: bool) -> None:
    response = get(client, query, format.media_type)
    if format.name in {"csv", "tsv"}:
        assert response.text.strip() == str(truth).lower()
    else:
        answer = parse_query_results(response.content, format.results_engine)
        assert isinstance(answer, QueryBoolean)
        assert bool(answer) is truth


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.parametrize("format", GRAPHS, ids=lambda format: format.name)
@pytest.mark.parametrize("query", [CONSTRUCT, f"DESCRIBE <{BASE}/id/project/menergers>"])
def test_construct_and_describe_in_every_format(client: httpx.Client, format: Format, query: str) -> None:
    response = get(client, query, format.media_type)
    assert response.status_code == 200
    assert response.headers["content-type"] == format.content_type
    quads = list(parse(response.content, format.rdf_engine))
    assert {str(quad.object) for quad in quads} == {
        "<https://w3id.org/municipal-kg/ns#Project>",
        '"„Енергиен мениджър“ в общините"@bg',
        f"<{BASE}/id/municipality/rse27>",
    }
    name = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml", "nq": "nquads"}.get(format.name, format.name)
    graph = rdflib.Dataset() if name in {"nquads", "trig"} else rdflib.Graph()
    assert len(graph.parse(data=response.content, format=name)) == 3


def test_turtle_is_written_with_our_prefixes(client: httpx.Client) -> None:
    assert "mkg:Project" in get(client, CONSTRUCT, "text/turtle").text


def test_json_is_the_default_for_rows_and_turtle_for_graphs(client: httpx.Client) -> None:
    assert get(client, SELECT, "*/*").headers["content-type"] == JSON.media_type
    assert get(client, CONSTRUCT, "*/*").headers["content-type"].startswith("text/turtle")
    assert get(client, CONSTRUCT, "*/*", format="json").headers["content-type"] == "application/ld+json"


def test_several_accept_lines_are_one_list(url: str) -> None:
    """RFC 9110 §5.3."""
    query = urllib.parse.urlencode({"query": "ASK {}"})
    raw = exchange(
        url,
        f"GET /sparql?{query} HTTP/1.1\r\nHost: x\r\nAccept: image/png\r\nAccept: text/csv;q=0.5\r\n"
        "Accept: application/sparql-results+xml\r\nConnection: close\r\n\r\n".encode(),
    )
    assert b"content-type: application/sparql-results+xml" in raw.lower()


@pytest.mark.parametrize(("query", "accept"), [(SELECT, "text/turtle"), (CONSTRUCT, "text/csv"), (SELECT, "image/png")])
def test_what_is_not_offered_is_406_with_what_is(client: httpx.Client, query: str, accept: str) -> None:
    response = get(client, query, accept)
    assert response.status_code == 406
    offered = problem(response)["offered"]
    assert isinstance(offered, list)
    assert (GRAPHS if query is CONSTRUCT else RESULTS)[0].media_type in offered
    assert get(client, query, "*/*", format="png").status_code == 406


def test_post_as_form_and_as_it_is(client: httpx.Client) -> None:
    expected = get(client, SELECT).content
    assert client.post("/sparql", data={"query": SELECT}).content == expected
    assert post(client, SELECT, DIRECT).content == expected
    assert post(client, SELECT, DIRECT + "; charset=utf-8").content == expected
    assert (
        post(client, SELECT, DIRECT, "/sparql?format=csv").headers["content-type"]
        == "text/csv; charset=utf-8; header=present"
    )
    assert client.post("/sparql", data={"query": SELECT, "format": "csv"}).text.startswith("s,n\r\n")


def test_cyrillic_goes_there_and_back(client: httpx.Client) -> None:
    query = 'SELECT (CONCAT("Ру", "се „№1“") AS ?име) {}'
    for response in (get(client, query), client.post("/sparql", data={"query": query}), post(client, query, DIRECT)):
        assert response.json()["results"]["bindings"] == [{"име": {"type": "literal", "value": "Русе „№1“"}}]


def test_relative_iris_stand_below_the_request_s_address(client: httpx.Client, url: str) -> None:
    response = get(client, "CONSTRUCT { <s> <p> 1 } WHERE {}", "application/n-triples")
    integer = "http://www.w3.org/2001/XMLSchema#integer"
    assert response.text == f'<{url}/s> <{url}/p> "1"^^<{integer}> .\n'


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"", FORM, 400),
        (b"", DIRECT, 400),
        (b"query=ASK%7B%7D&query=ASK%7B%7D", FORM, 400),
        (b"query=%FF", FORM, 400),
        (b"query=\xff", FORM, 400),
        (b"ASK { ?s ?p '\xff' }", DIRECT, 400),
        (b"ASK {\0}", DIRECT, 400),
        (b"update=CLEAR+ALL", FORM, 400),
        (b"query=CLEAR+ALL", FORM, 400),
        (b"INSERT DATA { <a> <b> <c> }", DIRECT, 400),
        (b"LOAD <http://127.0.0.1/>", DIRECT, 403),
        (b"ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", DIRECT, 403),
        (b"ASK { VALUES ?x { <http://127.0.0.1:9/> } SERVICE SILENT ?x { ?s ?p ?o } }", DIRECT, 403),
        (b"ASK {", DIRECT, 400),
        (b"ASK " + b"{" * 5000 + b"}" * 5000, DIRECT, 400),
        (b"ASK {} #" + b"x" * 2**20, DIRECT, 413),
        (b"x" * 4 * 2**20, DIRECT, 413),
        (b"CLEAR ALL", "application/sparql-update", 415),
        (b"ASK {}", "text/plain", 415),
        (b"ASK {}", "", 415),
        (b"query=ASK+%7B%7D&timeout=-1", FORM, 400),
        (b"query=ASK+%7B%7D&timeout=soon", FORM, 400),
        (b"query=ASK+%7B%7D%00", FORM, 400),
        (b"query=ASK+%7B%7D&timeout=nan", FORM, 400),
        (b"query=ASK+%7B%7D&release=one", FORM, 400),
        (b"query=ASK+%7B%7D&release=77", FORM, 404),
        (b"query=ASK+%7B%7D&default-graph-uri=no+iri", FORM, 400),
        (b"query=ASK+%7B%7D&" + b"a=b&" * 2000, FORM, 400),
    ],
)
def test_bad_requests_are_problems(client: httpx.Client, content: bytes, media_type: str, status: int) -> None:
    response = post(client, content, media_type)
    assert response.status_code == status, response.text
    problem(response)
    assert get(client, "ASK {}").status_code == 200


def test_the_same_over_get(client: httpx.Client) -> None:
    for address in (
        "/sparql?query=ASK%7B%7D&query=ASK%7B%7D",
        "/sparql?query=%FF",
        "/sparql?query=",
        "/sparql?update=x",
    ):
        assert client.get(address).status_code == 400, address


def test_problems_speak_the_reader_s_language(client: httpx.Client) -> None:
    bg = client.get("/sparql", params={"query": "ASK {"}).json()
    en = client.get("/sparql", params={"query": "ASK {"}, headers={"accept-language": "en-GB, bg;q=0.5"}).json()
    assert bg["detail"].startswith("Заявката не е правилна: ред 1")
    assert en["detail"].startswith("the query is not SPARQL: line 1")
    assert en["type"] == "https://w3id.org/municipal-kg/problem/bad-query"


def test_other_methods_are_refused(client: httpx.Client) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        response = client.request(method, "/sparql")
        assert response.status_code == 405
        problem(response)


def test_head_is_get_without_the_body(client: httpx.Client) -> None:
    full = get(client, SELECT)
    head = client.head("/sparql", params={"query": SELECT})
    assert head.content == b""
    for name in ("content-type", "content-length", "etag", "vary", "x-release"):
        assert head.headers[name] == full.headers[name]


def test_options_and_cors(client: httpx.Client) -> None:
    preflight = client.options(
        "/sparql", headers={"origin": "https://example.org", "access-control-request-method": "POST"}
    )
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["access-control-allow-methods"]
    for response in (preflight, get(client, "ASK {}"), get(client, "ASK {")):
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["x-content-type-options"] == "nosniff"


def test_an_answer_says_what_it_depends_on(client: httpx.Client) -> None:
    response = get(client, SELECT)
    assert response.headers["x-release"] == "2"
    assert response.headers["vary"] == "Accept, Accept-Encoding"
    assert response.headers["etag"].startswith('"')
    assert get(client, SELECT, "text/csv").headers["etag"] != response.headers["etag"]


def test_if_none_match_is_304(client: httpx.Client) -> None:
    etag = get(client, SELECT).headers["etag"]
    for value in (etag, f"W/{etag}", f'"other", {etag}'):
        response = client.get("/sparql", params={"query": SELECT}, headers={"if-none-match": value})
        assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", etag)
    assert client.get("/sparql", params={"query": SELECT}, headers={"if-none-match": '"x"'}).status_code == 200


def test_if_none_match_any_is_no_way_around_looking_at_the_query(client: httpx.Client) -> None:
    service = "SELECT * { SERVICE <http://127.0.0.1:9/x> { ?s ?p ?o } }"
    for query, status in ((service, 403), ("SELECT * { ?s ?p", 400), (SELECT, 200)):
        response = client.get("/sparql", params={"query": query}, headers={"if-none-match": "*"})
        assert response.status_code == status


def test_a_slash_too_many_is_no_redirect_to_another_host(client: httpx.Client) -> None:
    response = client.get("/sparql/", params={"query": SELECT}, headers={"host": "evil.example"})
    assert response.status_code == 404 and "location" not in response.headers


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()"])
def test_what_changes_has_no_etag(client: httpx.Client, function: str) -> None:
    response = client.get(
        "/sparql", params={"query": f"SELECT ({function} AS ?x) {{}}"}, headers={"if-none-match": "*"}
    )
    assert response.status_code == 200
    assert "etag" not in response.headers


def test_a_release_can_be_pinned(client: httpx.Client) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s <https://w3id.org/municipal-kg/ns#count> ?o }"
    older = get(client, count, format="csv", release="1")
    assert (older.text, older.headers["x-release"]) == ("n\r\n0\r\n", "1")
    assert get(client, count, format="csv").text == f"n\r\n{ROWS}\r\n"


def test_protocol_graphs_are_a_merge(client: httpx.Client) -> None:
    query = "SELECT (COUNT(*) AS ?n) (SUM(?o) AS ?sum) { ?s <https://w3id.org/municipal-kg/ns#value> ?o }"
    graphs = {"default-graph-uri": [f"{BASE}/graph/report", f"{BASE}/graph/page"]}
    for response in (
        client.get("/sparql", params={"query": query, "format": "csv", **graphs}),
        client.post("/sparql", data={"query": query, "format": "csv", **graphs}),
        get(client, query, format="csv"),
    ):
        assert response.text == "n,sum\r\n2,15\r\n"
    both = {"default-graph-uri": [f"{BASE}/graph/places", f"{BASE}/graph/page"]}
    response = client.get("/sparql", params={"query": query, **both})
    assert response.status_code == 413


def test_an_answer_over_the_cap_is_refused(client: httpx.Client) -> None:
    response = get(client, "SELECT * { ?a ?b ?c . ?d ?e ?f }")
    assert response.status_code == 413
    assert "LIMIT" in str(problem(response)["detail"])


@pytest.mark.parametrize("name", ["json", "csv"])
def test_an_answer_over_the_cap_can_be_cut_instead(client: httpx.Client, name: str) -> None:
    response = get(client, "SELECT * { ?a ?b ?c . ?d ?e ?f }", format=name, partial="1")
    assert (response.status_code, response.headers["x-result-truncated"]) == (200, "true")
    assert 2**19 < len(response.content) <= 2**20 + 100
    rows = response.json()["results"]["bindings"] if name == "json" else list(csv.reader(io.StringIO(response.text)))
    assert {len(row) for row in rows} == {6}
    whole = get(client, SELECT, format=name, partial="1")
    assert "x-result-truncated" not in whole.headers


def test_csv_for_a_spreadsheet(client: httpx.Client) -> None:
    response = get(client, "SELECT (1.5 AS ?цена) ('=1+1' AS ?x) {}", excel="bg")
    assert response.content == "\ufeffцена;x\r\n1,5;'=1+1\r\n".encode()
    assert get(client, CONSTRUCT, excel="bg").status_code == 406


def test_an_answer_of_many_chunks_is_whole(client: httpx.Client) -> None:
    response = client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o }"}, headers={"accept-encoding": "identity"})
    assert len(response.content) == int(response.headers["content-length"]) > 2**19
    assert len(response.json()["results"]["bindings"]) > 2 * ROWS


def test_a_browser_gets_a_table(client: httpx.Client) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    rows = get(client, SELECT, browser)
    assert rows.headers["content-type"].startswith("text/html")
    assert "place/p2</a>" in rows.text
    assert "да" in get(client, "ASK {}", browser).text
    assert "mkg:Project" in get(client, CONSTRUCT, browser).text
    script = get(client, "SELECT ('<script>alert(1)</script>' AS ?x) (IRI('javascript:alert(1)') AS ?y) {}", browser)
    assert "<script>alert" not in script.text
    assert 'href="javascript' not in script.text
    wrong = get(client, "SELECT (1+ AS ?x) {}", browser)
    assert wrong.status_code == 400
    assert "ред 1, знак" in wrong.text
    for query, status in (("ASK " + "{" * 5000 + "}" * 5000, 400), ("ASK { SERVICE <http://127.0.0.1/> {} }", 403)):
        refused = get(client, query, format="html")
        assert (refused.status_code, refused.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert get(client, query).headers["content-type"] == "application/problem+json"


def described(response: httpx.Response, format: RdfFormat = RdfFormat.TURTLE) -> set[tuple[str, str, str]]:
    return {
        (str(quad.subject), quad.predicate.value.removeprefix(SD), str(quad.object))
        for quad in parse(response.content, format)
    }


def test_without_a_query_the_service_describes_itself(client: httpx.Client, url: str) -> None:
    response = client.get("/sparql")
    assert response.headers["content-type"] == "text/turtle; charset=utf-8"
    said = described(response)
    for format in GRAPHS:
        answer = client.get("/sparql", headers={"accept": format.media_type})
        assert described(answer, format.rdf_engine) == said
    for service, language in (("sparql", "SPARQL11Query"), ("update", "SPARQL11Update")):
        node = f"<{url}/{service}>"
        assert (node, "endpoint", node) in said
        assert [o for s, p, o in said if (s, p) == (node, "supportedLanguage")] == [f"<{SD}{language}>"]
    assert not [one for one in said if one[1] in {"feature", "languageExtension"}]
    names = {o for _, p, o in said if p == "name"}
    assert f"<{BASE}/graph/report>" in names
    page = client.get("/sparql", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/?lang=bg#ask")
    assert client.get("/sparql", headers={"accept": "image/png"}).status_code == 406


def test_the_description_is_conditional_like_an_answer(client: httpx.Client) -> None:
    first = client.get("/sparql")
    assert client.get("/sparql", headers={"if-none-match": first.headers["etag"]}).status_code == 304
    head = client.head("/sparql")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])
    older = client.get("/sparql?release=1")
    assert older.headers["x-release"] == "1"
    assert older.headers["etag"] != first.headers["etag"]


def test_federation_is_described_where_it_is_allowed(store: EmbeddedStore) -> None:
    workers = Scripted(small(b""))
    with Server(store, workers, service_allow="https://data.example/sparql") as server:
        said = described(httpx.get(f"{server.url}/sparql"))
    assert [o for _, p, o in said if p == "feature"] == [f"<{SD}BasicFederatedQuery>"]


def test_urllib_reads_it(url: str) -> None:
    with urllib.request.urlopen(f"{url}/sparql?" + urllib.parse.urlencode({"query": SELECT})) as response:
        assert len(json.load(response)["results"]["bindings"]) == 3
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{url}/sparql?query=ASK")
    with caught.value as error:
        assert json.load(error)["status"] == 400


@pytest.mark.parametrize("host", ["", "a b", "exa<mple", "x" * 3000])
def test_a_strange_host_header_is_survived(url: str, host: str) -> None:
    request = f"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    assert exchange(url, request.encode()).split(b" ", 2)[1] in {b"200", b"400"}


def exchange(url: str, request: bytes) -> bytes:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 10) as connection:
        connection.sendall(request)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


def test_an_address_written_otherwise_is_another_base(client: httpx.Client) -> None:
    other = [
        client.get(httpx.URL(str(client.base_url) + path, params={"query": "SELECT (<> AS ?x) {}", "format": "csv"}))
        for path in ("/%73parql", "/sparql")
    ]
    assert [one.text.split()[-1].rpartition("/")[2] for one in other] == ["%73parql", "sparql"]


@pytest.mark.parametrize("host", ["evil.example/a/b?x=", "a@b", "a b", "a:b", "[::1", "a#", "x" * 300])
def test_a_host_that_is_none_is_refused(client: httpx.Client, host: str) -> None:
    response = client.get("/sparql", params={"query": "ASK {}"}, headers={"host": host})
    assert response.status_code == 400


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "[::1]:8000", "kg.example.org"])
def test_hosts_with_and_without_port(client: httpx.Client, host: str) -> None:
    response = client.get("/sparql", params={"query": "SELECT (<> AS ?x) {}"}, headers={"host": host})
    assert response.json()["results"]["bindings"][0]["x"]["value"] == f"http://{host}/sparql"


def test_an_endless_accept_is_refused(client: httpx.Client) -> None:
    for accept in ("text/csv," * 1000, "text/html," * 1000):
        assert get(client, "ASK {}", accept).status_code == 400


@pytest.mark.parametrize("query", ["SELECT * {", "SELECT * { ?s ?p }"])
@pytest.mark.parametrize("since", ["Fri, 01 Jan 2100 00:00:00 GMT", "Fri, 31 Dec 99999999999999999999 23:59:59 GMT"])
def test_no_date_makes_a_malformed_query_good(client: httpx.Client, query: str, since: str) -> None:
    response = client.get("/sparql", params={"query": query}, headers={"if-modified-since": since})
    assert response.status_code == 400
