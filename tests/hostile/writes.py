"""Writes by those who may not, writes at the wrong door, writes to what belongs to somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from tests.hostile.case import GRAPH, NO_QUERY, TAKEN, Case, Request, change, post, put, row, with_token
from tests.hostile.encodings import FORM
from tests.served import BASE, CLOSED, TOKEN

UPDATE = "application/sparql-update"
INSERT = b"INSERT DATA { <urn:hostile:s> <urn:hostile:p> <urn:hostile:o> }"
TURTLE = b"<urn:hostile:s> <urn:hostile:p> <urn:hostile:o> ."
HERE = f"/graphs?graph={quote(GRAPH, safe='')}"
UNKNOWN = {401, 503}  # who tries too often is told to wait
READER, WRITER = "@reader@", "@writer@"  # tokens of those roles

CREDENTIALS = {
    "no token": None,
    "another token": "Bearer 0123456789abcdef0123456789abcdef0123456789a",
    "a token with one letter more": f"Bearer {TOKEN}x",
    "a token with one letter less": f"Bearer {TOKEN[:-1]}",
    "a token in capitals": f"Bearer {TOKEN.upper()}",
    "a token without its scheme": TOKEN,
    "a token twice": f"Bearer {TOKEN} {TOKEN}",
    "the token of another scheme": f"Basic {TOKEN}",
    "name and password": "Basic YWRtaW46YWRtaW4=",
    "a scheme alone": "Bearer",
    "a scheme and spaces": "Bearer     ",
    "a token of noise": b"Bearer \xff\xfe\xfd",
    "a token in Bulgarian": "Bearer парола",
    "a token of quotation marks": "Bearer \"' OR '1'='1",
    "a token of 50 kB": "Bearer " + "x" * 50_000,
    "a token that is a pattern": "Bearer .*",
    "a token's digest": "Bearer " + "0" * 64,
    "an unsigned JWT": "Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ.",
}
DOORS = {
    "an update": Request("POST", "/update", (("Content-Type", UPDATE),), INSERT),
    "a form": Request("POST", "/update", (("Content-Type", FORM),), b"update=" + quote(INSERT).encode()),
    "a PUT": Request("PUT", HERE, (("Content-Type", "text/turtle"),), TURTLE),
    "a POST": Request("POST", HERE, (("Content-Type", "text/turtle"),), TURTLE),
    "a POST that creates": Request("POST", "/graphs", (("Content-Type", "text/turtle"),), TURTLE),
    "a DELETE": Request("DELETE", HERE),
    "a PATCH": Request("PATCH", HERE, (("Content-Type", UPDATE),), INSERT),
}
FOREIGN = {
    "a source's graph": f"{BASE}/graph/report-2023-w26",
    "the graph of metadata": f"{BASE}/graph/meta",
    "a derived graph": f"{BASE}/graph/derived/labels",
    "an unknown graph": "urn:somebody:else",
    "the ontology": "https://w3id.org/municipal-kg/ns",
    "a graph beside the endpoint's": f"{BASE}/graph/endpointX",
    "a graph above the endpoint's": f"{BASE}/graph/endpoint/../report-2023-w26",
    "the endpoint's folder": f"{BASE}/graph/endpoint/",
    "a graph of another host": "http://localhost:8001/graph/endpoint/x",
    "a graph of another scheme": "https://localhost:8000/graph/endpoint/x",
}
WHOLE = ("CLEAR ALL", "DROP ALL", "CLEAR NAMED", "DROP NAMED", "DROP SILENT ALL")


def _credentials() -> Iterator[Case]:
    for door, request in DOORS.items():
        plain = Case(f"{door} with no token", request, UNKNOWN)
        yield plain
        yield with_token(Case(f"{door} with another token", request, UNKNOWN), "Bearer wrong-wrong-wrong-wrong")
        yield with_token(Case(f"{door} with a reader's token", request, {403}, "forbidden"), f"Bearer {READER}")
    for name, value in CREDENTIALS.items():
        if value is not None and name != "another token":
            outcomes = {*UNKNOWN, 400, 431, CLOSED}
            yield with_token(Case(f"an update with {name}", DOORS["an update"], outcomes), value)
    two = with_token(
        Case("an update with two headers", DOORS["an update"], {*UNKNOWN, 400}), "Bearer wrong-wrong-wrong"
    )
    yield with_token(two)
    for where in ("access_token", "token", "bearer"):
        target = f"/update?{where}={TOKEN}"
        yield post(f"an update with its token as {where}", target, INSERT, UPDATE, {*UNKNOWN, 400})
    body = b"access_token=" + TOKEN.encode() + b"&update=" + quote(INSERT).encode()
    yield post("a form with its token in the body", "/update", body, FORM, {*UNKNOWN, 400})
    yield row("an update with its token as a cookie", "POST", "/update", {*UNKNOWN, 400, 415}, Cookie=f"token={TOKEN}")
    yield row("running queries with no token", "GET", "/queries/running", UNKNOWN)
    yield row(
        "running queries with a writer's token", "GET", "/queries/running", {403}, Authorization=f"Bearer {WRITER}"
    )
    yield row("ending a query with no token", "DELETE", "/queries/running/1", UNKNOWN)
    yield row(
        "ending a query that is none", "DELETE", "/queries/running/99999999", {404}, Authorization=f"Bearer {TOKEN}"
    )
    yield row(
        "ending a query of noise", "DELETE", "/queries/running/..%2f1", {400, 404}, Authorization=f"Bearer {TOKEN}"
    )


def _doors() -> Iterator[Case]:
    for verb in ("INSERT DATA { <urn:s> <urn:p> 1 }", "DELETE WHERE { ?s ?p ?o }", "CLEAR ALL", "DROP DEFAULT"):
        name, text = verb.partition(" {")[0], verb.encode()
        yield row(f"{name} as a query in the address", "GET", f"/sparql?query={quote(verb)}", NO_QUERY, "bad-query")
        yield post(f"{name} as a query in a form", "/sparql", b"query=" + quote(text).encode(), FORM, NO_QUERY)
        yield post(f"{name} as a query", "/sparql", text, "application/sparql-query", NO_QUERY)
        yield with_token(post(f"{name} as an update to the query door", "/sparql", text, UPDATE, {400, 415}))
        yield with_token(
            post(f"{name} as a form to the query door", "/sparql", b"update=" + quote(text).encode(), FORM, NO_QUERY)
        )
    yield row("an update in the address of the query door", "GET", "/sparql?update=CLEAR%20ALL", NO_QUERY)
    yield with_token(row("an update by GET", "GET", "/update?update=CLEAR%20ALL", {405}))
    yield with_token(row("an update by PUT", "PUT", "/update", {405}))
    yield change("a query as an update", "ASK {}", NO_QUERY)
    yield change("a query behind an update", "INSERT DATA { <urn:s> <urn:p> 1 } ; SELECT * { ?s ?p ?o }", NO_QUERY)
    yield change("an update behind a query", "SELECT * { ?s ?p ?o } ; CLEAR ALL", NO_QUERY)
    yield with_token(post("a query in a form to the update door", "/update", b"query=ASK%7B%7D", FORM, NO_QUERY))
    yield with_token(
        post("a query's type at the update door", "/update", b"ASK {}", "application/sparql-query", {400, 415})
    )
    two = b"update=CLEAR%20SILENT%20DEFAULT&update=CLEAR%20SILENT%20DEFAULT"
    yield with_token(post("two updates", "/update", two, FORM, NO_QUERY))
    yield with_token(post("no update", "/update", b"", FORM, NO_QUERY))
    using = "/update?using-graph-uri=urn:x"
    text = b"DELETE { ?s ?p ?o } USING <urn:y> WHERE { ?s ?p ?o }"
    yield with_token(post("USING twice over", using, text, UPDATE, NO_QUERY))
    yield change("a broken update", "INSERT DATA { <urn:s> <urn:p> ", NO_QUERY)
    yield change("a broken operation behind a good one", "INSERT DATA { <urn:s> <urn:p> 1 } ; INSERT DATA {{", NO_QUERY)
    yield change("variables in data", "INSERT DATA { ?s <urn:p> 1 }", NO_QUERY)
    yield change("blank nodes to be deleted", "DELETE DATA { _:b <urn:p> 1 }", NO_QUERY)
    yield with_token(row("a PUT to the query door", "PUT", "/sparql", {405}))
    yield with_token(row("a DELETE of everything", "DELETE", "/graphs", NO_QUERY))
    yield with_token(row("a DELETE of the merge", "DELETE", "/graphs?default", {409}))
    yield with_token(row("a DELETE of a graph that is not there", "DELETE", f"{HERE}-not-there", {404}))
    yield with_token(row("a graph and the default one", "GET", f"{HERE}&default", NO_QUERY))
    yield with_token(row("two graphs", "GET", f"{HERE}&graph=urn:x", NO_QUERY))
    request = Request("PUT", "/graphs?default", (("Content-Type", "text/turtle"),), TURTLE)
    yield with_token(Case("a PUT of the merge", request, {409}, "conflict"))


def _foreign() -> Iterator[Case]:
    for name, iri in FOREIGN.items():
        yield put(f"a PUT to {name}", TURTLE, "text/turtle", {400, 409}, graph=iri)
        yield change(
            f"an insertion into {name}", f"INSERT DATA {{ GRAPH <{iri}> {{ <urn:s> <urn:p> 1 }} }}", {400, 409}
        )
    source = FOREIGN["a source's graph"]
    for text in (
        f"CLEAR GRAPH <{source}>",
        f"DROP GRAPH <{source}>",
        f"DROP SILENT GRAPH <{source}>",
        f"COPY DEFAULT TO <{source}>",
        f"MOVE <{source}> TO <{GRAPH}>",
        f"WITH <{source}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}",
        f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <urn:s> <urn:p> 1 }} }} ; CLEAR GRAPH <{source}>",
        "DELETE WHERE { ?s ?p ?o }",
        *WHOLE,
    ):
        yield change(f"{text[:60]} of others", text, {409}, "conflict")
    project = "<https://w3id.org/municipal-kg/ns#Project>"
    yield change(
        "a project without a title",
        f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <{BASE}/id/project/hostile> a {project} }} }}",
        {422},
        "data-refused",
    )
    yield put(
        "a graph with a project without a title",
        f"<{BASE}/id/project/hostile> a {project} .",
        "text/turtle",
        {422},
        "data-refused",
    )
    yield change(
        "good data together with bad",
        f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <urn:s> <urn:p> 1 }} }} ; "
        f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <{BASE}/id/project/hostile> a {project} }} }}",
        {422},
        "data-refused",
    )


def _bodies() -> Iterator[Case]:
    yield put("broken Turtle", b"<urn:s> <urn:p> .", "text/turtle", NO_QUERY)
    yield put("Turtle that breaks at its end", TURTLE * 1000 + b"<urn:s", "text/turtle", NO_QUERY)
    yield put("Turtle called JSON-LD", TURTLE, "application/ld+json", NO_QUERY)
    yield put("a page", b"<html></html>", "text/html", {415})
    yield put("no media type", TURTLE, "", {400, 415})
    yield put("a media type of noise", TURTLE, ";;;/,", {400, 415})
    yield put(
        "quads of a foreign graph", b"<urn:s> <urn:p> <urn:o> <urn:somebody:else> .", "application/n-quads", {400, 409}
    )
    yield put(
        "TriG of a foreign graph", b"<urn:somebody:else> { <urn:s> <urn:p> <urn:o> }", "application/trig", {400, 409}
    )
    foreign = b"<urn:s> <urn:p> <urn:o> <http://localhost:8000/graph/meta> ."
    yield with_token(post("quads of the metadata", "/graphs", foreign, "application/n-quads", {400, 409}))
    for coding in ("gzip", "deflate", "br", "zstd", "gzip, gzip", "x"):
        request = Request(
            "PUT", HERE, (("Content-Type", "text/turtle"), ("Content-Encoding", coding)), b"\x1f\x8b" * 99
        )
        yield with_token(Case(f"a graph packed as {coding}", request, {415}))
        packed = Request("POST", "/update", (("Content-Type", UPDATE), ("Content-Encoding", coding)), b"\x1f\x8b" * 99)
        yield with_token(Case(f"an update packed as {coding}", packed, {415}))
    multipart = 'multipart/form-data; boundary="a"'
    for name, content, media_type in (
        ("without a boundary", b"--a\r\n\r\nx\r\n--a--", "multipart/form-data"),
        ("without an end", b'--a\r\nContent-Disposition: form-data; name="f"\r\n\r\n' + TURTLE, multipart),
        ("of noise", bytes(range(256)) * 100, multipart),
        ("of headers", b"--a\r\n" + b"X: y\r\n" * 50_000, multipart),
        ("with a boundary of 100 kB", b"x", "multipart/form-data; boundary=" + "b" * 60_000),
    ):
        outcomes = {400, 413, 415, 431, CLOSED}
        yield with_token(post(f"a multipart body {name}", HERE, content, media_type, outcomes))
    parts = b'--a\r\nContent-Disposition: form-data; name="f"\r\n\r\n\r\n' * 10_000
    outcomes = {*TAKEN, 400, 413, 415}
    yield with_token(post("a multipart body of ten thousand parts", HERE, parts + b"--a--", multipart, outcomes))
    part = b'--a\r\nContent-Disposition: form-data; name="f"; filename="../../../../tmp/hostile.exe"\r\n'
    yield with_token(post("a file name that climbs", HERE, part + b"\r\nx\r\n--a--\r\n", multipart, {400, 415}))
    yield put("a text of 4 MB", '<urn:s> <urn:p> "' + "x" * 4_000_000 + '" .', "text/turtle", {*TAKEN, 400, 413, 422})
    yield put(
        "an IRI of 1 MB", "<urn:s> <urn:p> <urn:" + "x" * 1_000_000 + "> .", "text/turtle", {*TAKEN, 400, 413, 422}
    )
    yield put("a number without end", "<urn:s> <urn:p> " + "9" * 100_000 + " .", "text/turtle", {*TAKEN, 400, 413, 422})
    yield put(
        "a day that is none",
        '<urn:s> <urn:p> "2023-99-99"^^<http://www.w3.org/2001/XMLSchema#date> .',
        "text/turtle",
        {*TAKEN, 400, 422},
    )
    yield put("a relative IRI that climbs", b"<../../../meta> <urn:p> <urn:o> .", "text/turtle", {*TAKEN, 400, 422})
    conditional = Request("PUT", HERE, (("Content-Type", "text/turtle"), ("If-Match", '"not-this"')), TURTLE)
    yield with_token(Case("a condition that fails", conditional, {412}))


CASES = (*_credentials(), *_doors(), *_foreign(), *_bodies())
