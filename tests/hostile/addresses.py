"""Addresses that climb, headers that are injected, methods that nobody serves."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from tests.hostile.case import NO_QUERY, Case, Request, row, with_token
from tests.hostile.encodings import ASK
from tests.hostile.writes import TURTLE
from tests.served import CLOSED

NOT_THERE = {400, 403, 404}
CLIMBS = (
    "/graphs/../../../../etc/passwd",
    "/graphs/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/graphs/..%2f..%2f..%2fetc%2fpasswd",
    "/graphs/....//....//etc/passwd",
    "/graphs/%252e%252e/%252e%252e/etc/passwd",
    "/graphs//etc/passwd",
    "/graphs/\\..\\..\\etc\\passwd",
    "/graphs/x%00.ttl",
    "/graph/../../etc/passwd",
    "/graph/..%2f..%2fcurrent",
    "/graph/report-2023-w26/../meta",
    "/release/../../etc/passwd",
    "/assets/../../../../etc/passwd",
    "/assets/..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/assets/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
    "/assets//etc/passwd",
    "/id/../../etc/passwd",
    "/api/queries/..%2f..%2fsystem%2fderive",
    "/../../../../etc/passwd",
    "//etc/passwd",
    "/" + "a/" * 3000,
    "/%",
    "/%ff%fe",
    "/.git/config",
    "/current",
    "/tokens.json",
    "/graphs/tokens.json",
    "/audit.jsonl",
)
GRAPHS = (
    "file:///etc/passwd",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "/etc/passwd",
    "",
    "urn:x\r\nX-Injected: y",
    "urn:x> { ?s ?p ?o } } #",
    "http://localhost:8000/graph/endpoint/../../../etc/passwd",
    "http://localhost:8000/graph/endpoint/%2e%2e/%2e%2e/meta",
    "http://localhost:8000/graph/endpoint/a b",
    "http://localhost:8000/graph/endpoint/a\0b",
    "http://[::1",
    "javascript:alert(1)",
    "x" * 50_000,
)
METHODS = {
    "TRACE": {400, 405, 501},
    "CONNECT": {400, 405, 501, CLOSED},
    "PROPFIND": {400, 405, 501},
    "BREW": {400, 405, 501, CLOSED},
    "get": {400, 405, 501, CLOSED},
    "PRI": {400, 405, 501, CLOSED},
}


def _cases() -> Iterator[Case]:
    for target in CLIMBS:
        yield row(f"GET {target[:60]}", "GET", target, {*NOT_THERE, 414, 431})
    for target in CLIMBS[:10]:
        request = Request("PUT", target, (("Content-Type", "text/turtle"),), TURTLE)
        yield with_token(Case(f"PUT {target[:60]}", request, {400, 403, 404, 405, 409}))
    for iri in GRAPHS:
        target = f"/graphs?graph={quote(iri, safe='')}"
        yield row(f"GET of the graph {iri[:60]!r}", "GET", target, {*NOT_THERE, 414, 431})
        request = Request("PUT", target, (("Content-Type", "text/turtle"),), TURTLE)
        yield with_token(Case(f"PUT of the graph {iri[:60]!r}", request, {400, 409, 414, 431}))
    for method, outcomes in METHODS.items():
        for target in ("/sparql", "/graphs?default"):
            yield row(f"{method} {target}", method, target, outcomes)
    yield row("OPTIONS *", "OPTIONS", "*", {200, 204, 400, 404, 405})
    yield row("an address without a slash", "GET", "sparql", {400, 404, CLOSED})
    yield row("an address of another host", "GET", f"http://example.org/sparql?{ASK}", {200, 400})
    yield row(
        "HTTP/2 by an upgrade", "GET", f"/sparql?{ASK}", {200, 400}, Upgrade="h2c", HTTP2_Settings="AAMAAABkAAQAAP__"
    )
    yield row(
        "a WebSocket",
        "GET",
        "/sparql",
        {200, 400, 404, 406, 426},
        Upgrade="websocket",
        Sec_WebSocket_Version="13",
        Sec_WebSocket_Key="x",
    )
    yield row("a range of bytes", "GET", f"/sparql?{ASK}", {200, 206, 400, 416}, Range="bytes=" + "0-," * 2000)
    yield row("a forwarded address", "GET", f"/sparql?{ASK}", {200}, X_Forwarded_For="127.0.0.1, ::1, x" * 100)
    yield row("a method in a header", "POST", f"/sparql?{ASK}", {400, 405, 415}, X_HTTP_Method_Override="DELETE")
    markup = quote("<script>alert(1)</script>")
    for name, target in {
        "markup as a query": f"/sparql?query={markup}&format=html",
        "markup in a good query": f"/sparql?query={quote('SELECT (')}%22{markup}%22{quote(' AS ?x) {}')}&format=html",
        "markup as a variable": f"/sparql?query=SELECT%20%3F{markup}&format=html",
        "markup as a format": f"/sparql?{ASK}&format={markup}",
        "markup as a language": f"/?lang={markup}",
        "markup in the address": f"/{markup}",
        "markup as a graph": f"/graphs?graph=urn:{markup}",
    }.items():
        yield row(name, "GET", target, {200, 400, 404, 406}, Accept="text/html")
    for parameter in ("format", "lang", "excel", "release", "partial", "timeout"):
        target = f"/sparql?{ASK}&{parameter}=x%0d%0aX-Injected:%20y"
        yield row(f"a header injected by {parameter}", "GET", target, {200, 400, 404, 406})
    yield row(
        "a header injected by a redirect",
        "GET",
        "/sparql?lang=x%0d%0aX-Injected:%20y",
        {200, 303, 400},
        Accept="text/html",
    )
    yield row("a description of a release that is none", "GET", "/sparql?release=../../x", NO_QUERY)


CASES = tuple(_cases())
