"""Bytes that are no UTF-8, characters that do not belong, and parameters that are none."""

from __future__ import annotations

from tests.hostile.case import NO_QUERY, OK, Case, Request, ask, change, post, put, query, row
from tests.served import CLOSED

FORM = "application/x-www-form-urlencoded"
SPARQL = "application/sparql-query"
ASK = "query=ASK%20%7B%7D"
SEALED = {400, CLOSED}  # refused by the reader of the head, before there is a request
DATES = "%D9%A3"  # an Arabic-Indic three

CASES = (
    ask("a lone byte FF in the address", b"query=ASK%7B%3Fs%20%3Fp%20%22%FF%22%7D", NO_QUERY, "bad-query"),
    ask("an overlong slash in the address", b"query=ASK%7B%3Fs%20%3Fp%20%22%C0%AF%22%7D", NO_QUERY, "bad-query"),
    ask("an overlong NUL in the address", b"query=ASK%20%7B%7D%C0%80", NO_QUERY, "bad-query"),
    ask("half a surrogate pair in the address", b"query=ASK%20%7B%7D%20%23%ED%A0%80", NO_QUERY, "bad-query"),
    ask("a cut sequence in the address", b"query=ASK%20%7B%7D%20%23%E2%82", NO_QUERY, "bad-query"),
    ask("a character beyond Unicode in the address", b"query=ASK%20%7B%7D%20%23%F4%90%80%80", NO_QUERY, "bad-query"),
    ask("a NUL in the address", b"query=ASK%20%7B%7D%00", NO_QUERY, "bad-query"),
    ask("a NUL in a parameter's name", b"query=ASK%20%7B%7D&%00=1", NO_QUERY),
    ask("percent signs of nothing", b"query=%zz%%%", NO_QUERY, "bad-query"),
    ask("a raw byte FF in the address", b"query=ASK%20{}%20%23\xff", SEALED),
    ask("raw UTF-8 in the address", "query=ASK%20{}%20%23Русе".encode(), {200, *SEALED}),
    ask("a raw NUL in the address", b"query=ASK%20{}\0", SEALED),
    ask("two queries", b"query=ASK%20%7B%7D&query=ASK%20%7B%7D", NO_QUERY, "bad-parameter"),
    ask("an empty query", b"query=", NO_QUERY, "bad-query"),
    ask("a format that is no UTF-8", f"{ASK}&format=%FF".encode(), {400, 406}),
    ask("a format that breaks the line", f"{ASK}&format=csv%0d%0aSet-Cookie:%20a=b".encode(), {400, 406}),
    ask("a graph that is no UTF-8", f"{ASK}&default-graph-uri=%FF%FE".encode(), NO_QUERY),
    ask("a graph that breaks the line", f"{ASK}&default-graph-uri=urn:x%0d%0aX:%20y".encode(), NO_QUERY),
    ask("a graph that closes its bracket", f"{ASK}&named-graph-uri=urn:x%3E%20%7B%7D".encode(), NO_QUERY),
    *(
        ask(f"a timeout of {value or 'nothing at all'}", f"{ASK}&timeout={value}".encode(), outcomes)
        for value, outcomes in (
            ("nan", NO_QUERY),
            ("inf", NO_QUERY),
            ("-1", NO_QUERY),
            ("0", NO_QUERY),
            ("1e400", NO_QUERY),
            ("0x10", NO_QUERY),
            ("1_0", NO_QUERY),
            (DATES, NO_QUERY),
            ("9" * 5000, {200, 400}),
        )
    ),
    *(
        ask(f"release {value}", f"{ASK}&release={value}".encode(), {400, 404})
        for value in ("-1", "0", "99999999999", "9" * 5000, "1e3", "..%2F..", DATES)
    ),
    post("a form in Windows-1251", "/sparql", "query=ASK{?s ?p 'Русе'}".encode("cp1251"), FORM, NO_QUERY),
    post("a form with a byte FF", "/sparql", b"query=ASK%7B%7D%20%23%FF", FORM, NO_QUERY, "bad-query"),
    post("a form of noise", "/sparql", bytes(range(256)) * 64, FORM, NO_QUERY),
    post("a form that holds nothing", "/sparql", b"", FORM, NO_QUERY),
    post("a form that says it is something else", "/sparql", ASK.encode(), "text/plain", {415}),
    post("no media type at all", "/sparql", ASK.encode(), "", {415}),
    post("a query whose media type is noise", "/sparql", b"ASK {}", "\x7f;;;=,,,", {400, 415}),
    post("a multipart form without an end", "/sparql", b"--a\r\n", "multipart/form-data; boundary=a", {400, 415}),
    query("a byte FF in the body", b'ASK { ?s ?p "\xff" }', NO_QUERY, "bad-query"),
    query("an overlong bracket in the body", b"ASK \xc1\xbb }", NO_QUERY, "bad-query"),
    query("a surrogate in the body", b"ASK {} # \xed\xa0\x80", NO_QUERY, "bad-query"),
    query("a NUL in the body", b"ASK {}\0", NO_QUERY, "bad-query"),
    query("UTF-16", "ASK {}".encode("utf-16"), NO_QUERY, "bad-query"),
    query("UTF-32", "ASK {}".encode("utf-32"), NO_QUERY, "bad-query"),
    query("only a byte order mark", b"\xef\xbb\xbf", NO_QUERY, "bad-query"),
    query("noise", bytes(range(256)) * 16, NO_QUERY, "bad-query"),
    query("a surrogate written as an escape", r'ASK { ?s ?p "\uD800" }', NO_QUERY, "bad-query"),
    query("an escape beyond Unicode", r'ASK { ?s ?p "\U00110000" }', NO_QUERY, "bad-query"),
    query("a NUL written as an escape", r'ASK { ?s ?p "\u0000" }', {200, 400}),
    query("a quotation mark written as an escape", r'ASK { ?s ?p "a\u0022b }', NO_QUERY),
    query("characters that write backwards", 'ASK { ?s ?p "\u202eрусе\u2066" }', OK),
    query("an open string", 'ASK { ?s ?p "', NO_QUERY, "bad-query"),
    query("an open long string", 'ASK { ?s ?p """' + '""\\"' * 1000, NO_QUERY, "bad-query"),
    query("an open IRI", "ASK { ?s ?p <http://example.org/", NO_QUERY, "bad-query"),
    query("brackets that do not match", "ASK { ( ] ) }", NO_QUERY, "bad-query"),
    query("a query of nothing but a comment", "# ASK {}", NO_QUERY, "bad-query"),
    query("SQL", "SELECT * FROM users; DROP TABLE users --", NO_QUERY),
    change("an update that is no UTF-8", b'INSERT DATA { <urn:s> <urn:p> "\xff" }', NO_QUERY),
    change("an update with a NUL", b"CLEAR SILENT DEFAULT \0", NO_QUERY),
    put("a graph in Windows-1251", '<urn:s> <urn:p> "Русе" .'.encode("cp1251"), "text/turtle", NO_QUERY),
    put("a graph with a NUL in an IRI", b"<urn:s\0> <urn:p> <urn:o> .", "text/turtle", NO_QUERY),
    put("a graph with a space in an IRI", b"<urn:a b> <urn:p> <urn:o> .", "text/turtle", NO_QUERY),
    put("a graph with a language tag of nothing", b'<urn:s> <urn:p> "x"@ .', "text/turtle", NO_QUERY),
    put("a graph of noise", bytes(range(256)) * 256, "application/n-triples", NO_QUERY),
    row("an Accept header of noise", "GET", f"/sparql?{ASK}", {200, 400, 406}, Accept=";;q=,,/,*//*;q=9"),
    row("an Accept header that takes nothing", "GET", f"/sparql?{ASK}", {406}, "not-acceptable", Accept="a/b, */*;q=0"),
    row(
        "fifty thousand media types", "GET", f"/sparql?{ASK}", {200, 400, 406, 431, CLOSED}, Accept="a/b;q=0.1," * 5000
    ),
    row("a Host header of markup", "GET", f"/sparql?{ASK}", {200, 400}, Host='"><script>alert(1)</script>'),
    row("a Host header of many", "GET", f"/sparql?{ASK}", {200, 400}, Host="a, b, c"),
    row("codings of noise", "GET", f"/sparql?{ASK}", {200, 400, 406}, Accept_Encoding="gzip;q=, *;q=-1, \x7f"),
    row("a tag of noise", "GET", f"/sparql?{ASK}", {200, 400}, If_None_Match='W/"' + '",' * 3000),
    row("dates of noise", "GET", f"/sparql?{ASK}", {200, 400}, If_Modified_Since="Thu, 99 Foo 0000 99:99:99 GMT"),
    Case(
        "headers that are no text",
        Request("GET", f"/sparql?{ASK}", (("Accept-Language", b"\xff\xfe"), ("X-Request-Id", b"\xc3\x28"))),
        {200, *SEALED},
    ),
    Case("a NUL in a header", Request("GET", f"/sparql?{ASK}", (("Accept", b"*/*\0"),)), SEALED),
    Case("a name of a header with a space", Request("GET", f"/sparql?{ASK}", (("Accept ", "*/*"),)), SEALED),
    Case(
        "a header that is continued",
        Request("GET", f"/sparql?{ASK}", (("Accept", "*/*\r\n\ttext/csv"),)),
        {200, 400, CLOSED},
    ),
    row("words as a request id", "GET", f"/sparql?{ASK}", OK, X_Request_Id="<script>\"'{}" * 30),
)
