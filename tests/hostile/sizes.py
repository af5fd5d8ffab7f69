"""Requests that are long, and floods of small parts."""

from __future__ import annotations

from tests.hostile.case import NO_QUERY, OK, Case, Request, change, post, put, query, row
from tests.hostile.encodings import ASK, FORM
from tests.served import CLOSED

MB = 10**6
TOO_LONG = {400, 413, 414, 431, CLOSED}
REFUSED = {400, 413}
HEAD = {400, 413, 414, 431, CLOSED}
COLLIDING = "&".join(f"{first}{second}{number}=" for number in range(300) for first in "aB" for second in "xY")

CASES = (
    query("a query of 10 MB of brackets", "ASK { FILTER(" + "(" * 10 * MB, {413}, "too-large"),
    query("a query of 10 MB of spaces", "ASK {" + " " * 10 * MB + "}", {413}, "too-large"),
    query("a query of 10 MB of comment", "ASK {} #" + "x" * 10 * MB, {413}, "too-large"),
    query("a query of 10 MB of text", 'ASK { ?s ?p "' + "я" * 5 * MB + '" }', {413}, "too-large"),
    query("a query of 10 MB of noise", b"\xff" * 10 * MB, {400, 413}),
    post("a form of 10 MB", "/sparql", ASK.encode() + b"%20" * (10 * MB // 3), FORM, {413}, "too-large"),
    row("an address of 10 MB", "GET", f"/sparql?{ASK}" + "%20" * (10 * MB // 3), TOO_LONG),
    row("an address of 100 kB", "GET", f"/sparql?{ASK}" + "%20" * 33_000, {200, *TOO_LONG}),
    change("an update of 10 MB", 'INSERT DATA { <urn:s> <urn:p> "' + "x" * 10 * MB + '" }', {413}, "too-large"),
    put(
        "a graph of 20 MB",
        b"<urn:s> <urn:p> <urn:o> .\n" * (20 * MB // 26),
        "application/n-triples",
        {413},
        "too-large",
    ),
    put("a text of 20 MB", '<urn:s> <urn:p> "' + "x" * 20 * MB + '" .', "text/turtle", {413}, "too-large"),
    query("a megabyte of comment", "ASK {} #" + "x" * (MB - 8), OK),
    query("a megabyte of spaces", "ASK {" + " \n" * (MB // 2 - 4) + "}", OK),
    query("a megabyte of lines of comments", "ASK {" + "#\n" * (MB // 2 - 4) + "}", OK),
    query("a text of 900 kB", 'ASK { ?s ?p "' + "x" * 900_000 + '" }', OK),
    query("a regular expression of 900 kB", 'ASK { FILTER(REGEX("a", "' + "(a|b)" * 180_000 + '")) }', {200, 400, 503}),
    query("an IRI of 900 kB", "ASK { ?s ?p <urn:" + "x" * 900_000 + "> }", NO_QUERY),
    query("an IRI that is never closed", "ASK { ?s ?p <urn:" + "x" * 900_000, NO_QUERY),
    query("a variable of 900 kB", "ASK { ?" + "x" * 900_000 + " ?p 1 }", {200, 400}),
    query("a prefixed name of 900 kB", "PREFIX a: <urn:> ASK { ?s ?p a:" + "x" * 900_000 + " }", {200, 400}),
    query("a prefix of 900 kB", "PREFIX " + "x" * 900_000 + ": <urn:> ASK {}", {200, 400}),
    query("a number of 900 kB", "ASK { FILTER(1 = " + "9" * 900_000 + ") }", {200, 400}),
    query("a blank node of 900 kB", "ASK { _:" + "x" * 900_000 + " ?p 1 }", {200, 400}),
    query("a word of 900 kB", "A" * 900_000, NO_QUERY),
    query("a megabyte of quotation marks", '"' * MB, REFUSED),
    query("a megabyte of backslashes", 'ASK { ?s ?p "' + "\\" * (MB - 20), REFUSED),
    query("a megabyte of opened IRIs", "<" * MB, REFUSED),
    query("a megabyte of dots", "ASK {" + "." * (MB - 6) + "}", REFUSED),
    query("a megabyte of colons", "ASK {" + ":" * (MB - 6) + "}", REFUSED),
    query("a megabyte of words", "ASK " * (MB // 4), REFUSED),
    query("a megabyte of commas", "ASK { ?s ?p 1" + "," * (MB - 20) + "}", REFUSED),
    query("a megabyte of empty collections", "ASK { ?s ?p " + "(),() " * 160_000 + "}", REFUSED),
    query("a limit without end", "SELECT * {} LIMIT " + "9" * 1000, {200, 400}),
    query("an offset without end", "SELECT * {} OFFSET 18446744073709551616", {200, 400}),
    query("a negative limit", "SELECT * {} LIMIT -1", NO_QUERY),
    row("20 000 parameters in the address", "GET", f"/sparql?{ASK}" + "&a=" * 20_000, {200, *TOO_LONG}),
    post("a form of 100 000 parameters", "/sparql", ASK.encode() + b"&a=" * 100_000, FORM, {400, 413}, "bad-parameter"),
    post("a form of parameters with like names", "/sparql", f"{ASK}&{COLLIDING}".encode(), FORM, {200, 400}),
    post("a form of ampersands", "/sparql", ASK.encode() + b"&" * MB, FORM, {200, 400, 413}),
    post("a form of semicolons", "/sparql", ASK.encode() + b";" * MB, FORM, REFUSED),
    post("600 graphs", "/sparql", (ASK + "&default-graph-uri=urn:g" * 600).encode(), FORM, {200, 400, 413}),
    row("a header of 1 MB", "GET", f"/sparql?{ASK}", HEAD, X_Long="x" * MB),
    row("a cookie of 200 kB", "GET", f"/sparql?{ASK}", HEAD, Cookie="a=b; " * 40_000),
    Case(
        "20 000 headers",
        Request("GET", f"/sparql?{ASK}", tuple((f"X-{number}", "x") for number in range(20_000))),
        HEAD,
    ),
    Case("a method of 100 kB", Request("G" * 100_000, "/sparql"), {*HEAD, 405}),
    row("5 000 tags of answers", "GET", f"/sparql?{ASK}", {200, 400, 431, CLOSED}, If_None_Match='"x", ' * 5000),
    row("5 000 codings", "GET", f"/sparql?{ASK}", {200, 400, 406, 431, CLOSED}, Accept_Encoding="gzip;q=0.5, " * 5000),
    row("5 000 languages", "GET", "/", {200, 400, 431, CLOSED}, Accept_Language="bg;q=0.1, " * 5000),
)
