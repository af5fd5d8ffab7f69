"""Attempts to make the service call somebody: addresses of this machine, of its network, of its disk, of itself."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.case import GRAPH, NO_QUERY, Case, Request, change, post, put, query, with_token

FORBIDDEN = {403}
TARGETS = (
    "http://@there@/x",
    "http://@here@/sparql",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]:1/x",
    "http://[::ffff:127.0.0.1]:1/x",
    "http://2130706433/x",
    "http://0x7f.1/x",
    "http://0/x",
    "https://localhost/x",
    "http://user:word@localhost/x",
    "file:///etc/passwd",
    "ftp://127.0.0.1/x",
    "urn:x",
    "//127.0.0.1/x",
    "x",
)
SERVICES = {
    "a prefixed name": "PREFIX e: <http://@there@/> SELECT * { SERVICE e:x { ?s ?p ?o } }",
    "the empty prefix": "PREFIX : <http://@there@/> SELECT * { SERVICE : { ?s ?p ?o } }",
    "a relative address": "BASE <http://@there@/> SELECT * { SERVICE <x> { ?s ?p ?o } }",
    "a bound variable": "SELECT * { VALUES ?e { <http://@there@/x> } SERVICE ?e { ?s ?p ?o } }",
    "a computed variable": 'SELECT * { BIND(IRI(CONCAT("http://", "@there@/x")) AS ?e) SERVICE ?e { ?s ?p ?o } }',
    "a variable of the data": "SELECT * { ?e ?f ?g SERVICE ?e { ?s ?p ?o } }",
    "SILENT": "SELECT * { SERVICE SILENT <http://@there@/x> { ?s ?p ?o } }",
    "SILENT and a variable": "SELECT * { VALUES ?e { <http://@there@/x> } SERVICE SILENT ?e { ?s ?p ?o } }",
    "mixed letters": "SELECT * { sErViCe sIlEnT <http://@there@/x> { ?s ?p ?o } }",
    "no space": "SELECT*{SERVICE<http://@there@/x>{?s ?p ?o}}",
    "no space after SILENT": "SELECT*{SERVICE SILENT<http://@there@/x>{?s ?p ?o}}",
    "no space before it": "SELECT*{?a ?b true.SERVICE<http://@there@/x>{?s ?p ?o}}",
    "comments between": "SELECT * { SERVICE # <urn:a>\n#{\n SILENT #\n <http://@there@/x> #\n { ?s ?p ?o } }",
    "tabs and lines between": "SELECT * {\tSERVICE\r\n\t\r<http://@there@/x>\n{ ?s ?p ?o } }",
    "an escaped address": r"SELECT * { SERVICE <\u0068ttp://@there@/x> { ?s ?p ?o } }",
    "an escaped prefix": r"PREFIX e: <\u0068ttp://@there@/> SELECT * { SERVICE e:x { ?s ?p ?o } }",
    "a sub-query": "SELECT * { { SELECT * { SERVICE <http://@there@/x> { ?s ?p ?o } } } }",
    "EXISTS": "SELECT * { ?a ?b ?c FILTER EXISTS { SERVICE <http://@there@/x> { ?s ?p ?o } } }",
    "NOT EXISTS in an expression": "SELECT (NOT EXISTS { SERVICE <http://@there@/x> { ?s ?p ?o } } AS ?x) {}",
    "OPTIONAL": "SELECT * { OPTIONAL { SERVICE <http://@there@/x> { ?s ?p ?o } } }",
    "MINUS": "SELECT * { ?s ?p ?o MINUS { SERVICE <http://@there@/x> { ?s ?p ?o } } }",
    "UNION": "SELECT * { {} UNION { SERVICE <http://@there@/x> { ?s ?p ?o } } }",
    "GRAPH": "SELECT * { GRAPH ?g { SERVICE <http://@there@/x> { ?s ?p ?o } } }",
    "an aggregate": "SELECT (COUNT(*) AS ?n) { SERVICE <http://@there@/x> { ?s ?p ?o } } GROUP BY ?s",
    "ASK": "ASK { SERVICE <http://@there@/x> {} }",
    "CONSTRUCT": "CONSTRUCT WHERE { ?s ?p ?o } # no\nSERVICE <http://@there@/x> {}",
    "DESCRIBE": "DESCRIBE ?s { SERVICE <http://@there@/x> { ?s ?p ?o } }",
    "an empty group": "SELECT * { SERVICE <http://@there@/x> {} }",
    "one within another": "SELECT * { SERVICE <http://@there@/x> { SERVICE <http://@there@/y> { ?s ?p ?o } } }",
    "a filter that is false": "SELECT * { FILTER(false) SERVICE <http://@there@/x> { ?s ?p ?o } }",
    "a limit of nothing": "SELECT * { SERVICE <http://@there@/x> { ?s ?p ?o } } LIMIT 0",
}
DISGUISED = {
    "SERVICE as a prefix": "PREFIX SERVICE: <http://@there@/> SELECT * { SERVICE:x { ?s ?p ?o } }",
    "SERVICE glued to a declared prefix": "PREFIX e: <http://@there@/> PREFIX SERVICEe: <urn:> "
    "SELECT * { {} SERVICEe:x { ?s ?p ?o } }",
    "SERVICE behind true": "SELECT * { FILTER(trueSERVICE<http://@there@/x>) }",
    "SERVICE in a comparison": "SELECT * { FILTER(1<a'>2)SERVICE<http://@there@/x>{?s ?p ?o}FILTER('a'=1) }",
    "SERVICE behind a string": "SELECT * { ?a ?b 'x'SERVICE<http://@there@/x>{?s ?p ?o} }",
    "SERVICE in another alphabet": "SELECT * { SERVІCE <http://@there@/x> { ?s ?p ?o } }",
    "SERVICE by escapes": r"SELECT * { \u0053ERVICE <http://@there@/x> { ?s ?p ?o } }",
    "SERVICE behind a byte order mark": "\ufeffSELECT * { SERVICE <http://@there@/x> { ?s ?p ?o } }",
    "LATERAL": "SELECT * { ?a ?b ?c LATERAL { SERVICE <http://@there@/x> { ?s ?p ?o } } }",
}
LOADS = {
    "an address": "LOAD <http://@there@/x.ttl>",
    "an address, SILENT": "LOAD SILENT <http://@there@/x.ttl>",
    "an address into a graph": f"LOAD <http://@there@/x.ttl> INTO GRAPH <{GRAPH}>",
    "a file": "LOAD <file:///etc/passwd>",
    "a prefixed name": "PREFIX e: <http://@there@/> LOAD e:x",
    "mixed letters": "lOaD sIlEnT <http://@there@/x.ttl>",
    "no space": "LOAD<http://@there@/x.ttl>",
    "a comment between": "LOAD # <urn:x>\n <http://@there@/x.ttl>",
    "itself": "LOAD <http://@here@/sparql>",
    "the network": "LOAD <http://169.254.169.254/latest/meta-data/>",
    "an operation before it": f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <urn:s> <urn:p> 1 }} }} ; LOAD <http://@there@/x.ttl>",
    "an operation after it": f"LOAD <http://@there@/x> ; INSERT DATA {{ GRAPH <{GRAPH}> {{ <urn:s> <urn:p> 1 }} }}",
}
WHERES = {
    "an insertion": "INSERT { ?s ?p ?o } WHERE { SERVICE <http://@there@/x> { ?s ?p ?o } }",
    "a deletion, SILENT": "DELETE { ?s ?p ?o } WHERE { SERVICE SILENT <http://@there@/x> { ?s ?p ?o } }",
    "a variable": "INSERT { ?s ?p ?o } WHERE { VALUES ?e { <http://@there@/x> } SERVICE ?e { ?s ?p ?o } }",
    "an insertion after another": f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <urn:s> <urn:p> 1 }} }} ; "
    f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <http://@there@/x> {{ ?s ?p ?o }} }}",
}
ENTITY = '<!DOCTYPE r [<!ENTITY x SYSTEM "{0}"> {1}]>'
RDF_XML = (
    '{0}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:">'
    '<rdf:Description rdf:about="urn:s"><e:p>{1}</e:p></rdf:Description></rdf:RDF>'
)
LAUGHS = " ".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ха"}">' for n in range(12))
RDF, JSON_LD = "application/rdf+xml", "application/ld+json"


def _cases() -> Iterator[Case]:
    for target in TARGETS:
        yield query(f"SERVICE of {target}", f"SELECT * {{ SERVICE <{target}> {{ ?s ?p ?o }} }}", FORBIDDEN, "forbidden")
    for name, text in SERVICES.items():
        refused = {400, 403} if name == "CONSTRUCT" else FORBIDDEN
        yield query(f"SERVICE with {name}", text, refused)
    for name, text in DISGUISED.items():
        yield query(name, text, {400, 403})
    for name, text in LOADS.items():
        yield change(f"LOAD of {name}", text, FORBIDDEN, "forbidden")
        yield query(f"LOAD of {name} as a query", text, {400, 403})
    for name, text in WHERES.items():
        yield change(f"SERVICE under {name}", text, FORBIDDEN, "forbidden")
    yield query("a graph of the network in FROM", "SELECT * FROM <http://@there@/x> { ?s ?p ?o }", {200})
    yield query(
        "a graph of the disk in FROM", "SELECT * FROM NAMED <file:///etc/passwd> { GRAPH ?g { ?s ?p ?o } }", {200}
    )
    yield query("a graph of the network by the protocol", "ASK {}", {200}, **{"default-graph-uri": "http://@there@/x"})
    yield put("an entity of the disk", RDF_XML.format(ENTITY.format("file:///etc/passwd", ""), "&x;"), RDF, NO_QUERY)
    yield put("an entity of the network", RDF_XML.format(ENTITY.format("http://@there@/x", ""), "&x;"), RDF, NO_QUERY)
    yield put("a DTD of the network", RDF_XML.format('<!DOCTYPE r SYSTEM "http://@there@/x">', "x"), RDF, NO_QUERY)
    yield put(
        "parameter entities",
        RDF_XML.format('<!DOCTYPE r [<!ENTITY % x SYSTEM "http://@there@/x"> %x;]>', "x"),
        RDF,
        NO_QUERY,
    )
    yield put("a billion laughs", RDF_XML.format(f"<!DOCTYPE r [{LAUGHS}]>", "&l11;"), RDF, NO_QUERY)
    yield put("a DTD in UTF-16", RDF_XML.format(f"<!DOCTYPE r [{LAUGHS}]>", "&l11;").encode("utf-16"), RDF, NO_QUERY)
    yield put("a style sheet of the network", '<?xml-stylesheet href="http://@there@/x"?><a/>', RDF, NO_QUERY)
    yield put("5 000 elements deep", "<a>" * 5000 + "</a>" * 5000, RDF, {400, 413})
    for name, context in {
        "a context of the network": '"http://@there@/c.jsonld"',
        "a context of the network among others": '[{"p": "urn:p"}, "http://@there@/c.jsonld"]',
        "a context imported": '{"@version": 1.1, "@import": "http://@there@/c.jsonld"}',
        "a context of a term": '{"p": {"@id": "urn:p", "@context": "http://@there@/c.jsonld"}}',
        "a context of the disk": '"file:///etc/passwd"',
        "a relative context": '"/c.jsonld"',
    }.items():
        yield put(name, f'{{"@context": {context}, "@id": "urn:s", "p": {{"@id": "urn:o"}}}}', JSON_LD, NO_QUERY)
    yield put("JSON 5 000 deep", '{"a":' * 5000 + "1" + "}" * 5000, JSON_LD, {400, 413})
    yield put("lists 5 000 deep", "[" * 5000 + "]" * 5000, JSON_LD, {200, 201, 204, 400, 413})
    yield put(
        "a schema of the network",
        "@prefix x: <http://@there@/> . @base <http://@there@/> . <a",
        "text/turtle",
        NO_QUERY,
    )
    for name, scheme in {"a proxy": "http://@there@/sparql", "a tunnel": "@there@:443"}.items():
        method = "CONNECT" if ":" in scheme and "/" not in scheme else "GET"
        yield Case(f"use as {name}", Request(method, scheme, (("Host", "@there@"),)), {200, 400, 404, 405})
    yield with_token(
        post(
            "a write forwarded elsewhere",
            "/update?using-graph-uri=http://@there@/x",
            b"CLEAR SILENT GRAPH <urn:x>",
            "application/sparql-update",
            {200, 204, 400, 409},
        )
    )


CASES = tuple(_cases())
