"""Queries that would never end, or would end with the machine: each is cut, none looks answered."""

from __future__ import annotations

from tests.hostile.case import Case, change, query
from tests.served import BROKEN

CUT = {503}  # the deadline, or the worker's memory
NEVER_WHOLE = {503, 413, BROKEN}  # rows may be on their way already
TRIPLES = " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(6))
ANY = "(<urn:a>|!<urn:a>)"
NEVER = "FILTER(CONCAT(STR(?s0), STR(?p5)) = STR(?o3))"  # what only the whole product can tell
ALL_PAIRS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
TO_AND_FRO = f"({ANY}|^{ANY})"


def _doubled(times: int, step: str = "CONCAT({0},{0})") -> str:
    binds = "".join(f"BIND({step.format(f'?x{n}')} AS ?x{n + 1}) " for n in range(times))
    return f'BIND("абвгдежз" AS ?x0) {binds}'


def _slow(name: str, text: str, slug: str = "deadline") -> Case:
    return query(name, text, CUT, slug, timeout="1")


CASES = (
    _slow("a cross product that is counted", f"SELECT (COUNT(*) AS ?n) {{ {TRIPLES} }}"),
    _slow("a cross product that is sorted", f"SELECT * {{ {TRIPLES} }} ORDER BY ?o1 ?o2"),
    _slow("a cross product that is sorted for ten rows", f"SELECT * {{ {TRIPLES} }} ORDER BY ?o1 ?o2 LIMIT 10"),
    _slow("a cross product without repetitions", f"SELECT DISTINCT ?s1 {{ {TRIPLES} }}"),
    _slow("a cross product by groups", f"SELECT ?s1 (COUNT(*) AS ?n) {{ {TRIPLES} }} GROUP BY ?s1 ?s2"),
    _slow("a cross product of distinct counts", f"SELECT (COUNT(DISTINCT *) AS ?n) {{ {TRIPLES} }}"),
    _slow(
        "a cross product that is joined to one text", f'SELECT (GROUP_CONCAT(?o1; separator="x") AS ?n) {{ {TRIPLES} }}'
    ),
    _slow("a cross product that is summed", f"SELECT (SUM(1) AS ?n) {{ {TRIPLES} }}"),
    _slow("a cross product under HAVING", f"SELECT ?s1 {{ {TRIPLES} }} GROUP BY ?s1 HAVING(COUNT(*) < 0)"),
    _slow("a cross product that matches nothing", f"ASK {{ {TRIPLES} {NEVER} }}"),
    _slow("a cross product skipped over", f"SELECT * {{ {TRIPLES} }} OFFSET 9000000000 LIMIT 1"),
    _slow("a cross product under MINUS", f"SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c MINUS {{ {TRIPLES} }} }}"),
    _slow(
        "a cross product under EXISTS",
        f"ASK {{ ?a ?b ?c FILTER EXISTS {{ {TRIPLES} {NEVER} }} }}",
    ),
    _slow(
        "a cross product of named graphs",
        "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?a ?b ?c } GRAPH ?h { ?d ?e ?f } GRAPH ?i { ?x ?y ?z } }",
    ),
    _slow(
        "a cross product of OPTIONALs",
        "SELECT (COUNT(*) AS ?n) { OPTIONAL { ?a ?b ?c } OPTIONAL { ?d ?e ?f } OPTIONAL { ?x ?y ?z } }",
    ),
    _slow(
        "a cross product of sub-queries",
        "SELECT (COUNT(*) AS ?n) { { SELECT ?a { ?a ?b ?c } } { SELECT ?d { ?d ?e ?f } } { SELECT ?x { ?x ?y ?z } } }",
    ),
    _slow(
        "a cross product of lists",
        "SELECT (COUNT(*) AS ?n) { "
        + " ".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(100)))} }}" for n in range(8))
        + " }",
    ),
    _slow(
        "a cross product of UNIONs",
        "SELECT (COUNT(*) AS ?n) { "
        + " ".join(f"{{ BIND(1 AS ?u{n}) }} UNION {{ BIND(2 AS ?u{n}) }}" for n in range(40))
        + " }",
    ),
    _slow(
        "a cross product of joined UNIONs",
        "SELECT (COUNT(*) AS ?n) { " + " ".join("{ {} UNION {} }" for _ in range(60)) + " }",
    ),
    _slow("a cross product that is hashed", f"SELECT (MAX(SHA512(STR(?o1))) AS ?n) {{ {TRIPLES} }}"),
    _slow(
        "any path from anywhere to anywhere",
        f"SELECT (COUNT(*) AS ?n) {{ ?a {ANY}* ?b . ?b {ANY}* ?c . ?c {ANY}* ?d }}",
    ),
    _slow("any path to and fro", f"SELECT (COUNT(*) AS ?n) {{ ?a ({ANY}|^{ANY})* ?b . ?b ({ANY}|^{ANY})* ?c }}"),
    _slow(
        "any path of any paths",
        f"SELECT (COUNT(*) AS ?n) {{ ?a (({ANY}*/{ANY}*)*/({ANY}*/{ANY}*)*)* ?b . ?b ({ANY}*/{ANY}*)* ?c }}",
    ),
    _slow(
        "a walk of many steps",
        f"SELECT (COUNT(*) AS ?n) {{ ?a {'/'.join([TO_AND_FRO] * 6)} ?b }}",
    ),
    _slow(
        "patterns that share nothing but a filter",
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?c) < STR(?f) && STR(?f) < STR(?i)) }",
    ),
    _slow(
        "a catastrophic expression for every pair",
        f"SELECT (COUNT(*) AS ?n) {{ {TRIPLES} FILTER(REGEX(CONCAT(STR(?o1), STR(?o4)), '^(([a-z])+.)+[A-Z]+$')) }}",
    ),
    query("a text doubled forty times", f"SELECT (STRLEN(?x40) AS ?n) {{ {_doubled(40)} }}", {503, 413}, timeout="1"),
    query("a text doubled forty times and written", f"SELECT ?x40 {{ {_doubled(40)} }}", {503, 413}, timeout="1"),
    query(
        "a text replaced by itself",
        "SELECT (STRLEN(?x30) AS ?n) { " + _doubled(30, 'REPLACE({0}, ".", "$0$0$0")') + " }",
        {503, 413},
        timeout="1",
    ),
    query(
        "a text escaped again and again",
        "SELECT (STRLEN(?x30) AS ?n) { " + _doubled(30, "ENCODE_FOR_URI({0})") + " }",
        {200, 503, 413},
        timeout="1",
    ),
    query(
        "a text cut from a doubled one",
        'SELECT (STRAFTER(?x36, "я") AS ?n) { ' + _doubled(36, 'STRAFTER(CONCAT("b", {0}, {0}), "b")') + " }",
        {503, 413},
        timeout="1",
    ),
    query(
        "a joined text joined again",
        "SELECT (GROUP_CONCAT(?t) AS ?n) { ?x ?y ?z . ?u ?v ?w "
        "{ SELECT (GROUP_CONCAT(?c) AS ?t) { ?a ?b ?c . ?d ?e ?f } GROUP BY ?a ?d } }",
        {503, 413},
        timeout="1",
    ),
    query("a regular expression that backtracks", f'ASK {{ FILTER(REGEX("{"a" * 5000}!", "^(a+)+$")) }}', {200}),
    query(
        "a regular expression of alternatives", f'ASK {{ FILTER(REGEX("{"a" * 5000}!", "^(a|aa|a?)*$")) }}', {200, 503}
    ),
    query(
        "a regular expression that counts", 'ASK { FILTER(REGEX("a", "((a{1,1000}){1,1000}){1,1000}")) }', {200, 503}
    ),
    query("a regular expression that nests", f'ASK {{ FILTER(REGEX("a", "{"(" * 5000}a{")" * 5000}")) }}', {200, 503}),
    query("a regular expression that refers back", 'ASK { FILTER(REGEX("aa", "(a)\\\\1")) }', {200}),
    query("a replacement that backtracks", f'SELECT (REPLACE("{"a" * 20_000}", "(a*)*b", "x") AS ?x) {{}}', {200, 503}),
    query(
        "a replacement of nothing by much",
        f'SELECT (STRLEN(REPLACE("{"a" * 100_000}", "", "{"b" * 100_000}")) AS ?x) {{}}',
        {200, 400, 413, 503},
        timeout="1",
    ),
    query("all pairs", ALL_PAIRS, NEVER_WHOLE, timeout="1"),
    query("all pairs as XML", ALL_PAIRS, NEVER_WHOLE, timeout="1", format="xml"),
    query(
        "all pairs as triples", "CONSTRUCT { ?a ?e ?i } { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", NEVER_WHOLE, timeout="1"
    ),
    query(
        "all pairs as JSON-LD",
        "CONSTRUCT { ?a ?e ?i } { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
        NEVER_WHOLE,
        timeout="1",
        format="jsonld",
    ),
    query(
        "everything described for every pair",
        "DESCRIBE ?a ?d { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
        NEVER_WHOLE,
        timeout="1",
    ),
    *(
        query(f"all pairs as {format}, in part", ALL_PAIRS, {200, 503}, timeout="2", format=format, partial="1")
        for format in ("json", "xml", "csv", "tsv")
    ),
    query("a column of long texts", f"SELECT ?x16 {{ {_doubled(16)} ?a ?b ?c . ?d ?e ?f }}", NEVER_WHOLE, timeout="1"),
    query(
        "three thousand columns of one text",
        "SELECT " + " ".join(f"(?x12 AS ?c{n})" for n in range(3000)) + f" {{ {_doubled(12)} ?a ?b ?c }}",
        {400, *NEVER_WHOLE},
        timeout="1",
    ),
)
UPDATES = (
    change("an update that inserts a cross product", f"INSERT {{ ?s1 <urn:p> ?o2 }} WHERE {{ {TRIPLES} }}", {503, 413}),
    change(
        "an update that looks for ever",
        f"DELETE {{ ?s1 ?p1 ?o1 }} WHERE {{ {TRIPLES} {NEVER} }}",
        {503, 413},
    ),
    change("an update of long texts", f"INSERT {{ <urn:s> <urn:p> ?x40 }} WHERE {{ {_doubled(40)} }}", {503, 413}),
)
