"""Every construct that nests or repeats: as deep as people write is answered, as deep as attackers write is refused."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from tests.hostile.case import NO_QUERY, OK, TAKEN, Case, change, put, query

SHALLOW, DEEP = 50, 5000
FEW, MANY = 1000, 60_000
REFUSED = {400, 413}


def around(left: str, inner: str, right: str = "") -> Callable[[int], str]:
    """`inner` within n pairs."""
    return lambda n: left * n + inner + right * n


def listed(before: str, item: str, separator: str, after: str) -> Callable[[int], str]:
    """n items."""
    return lambda n: before + separator.join([item] * n) + after


class Construct(NamedTuple):
    name: str
    written: Callable[[int], str]
    frame: str = "%s"  # where it stands
    few: Collection[int] = OK
    many: Collection[int] = NO_QUERY


FILTER = "ASK { FILTER(%s) }"
PATH = "PREFIX : <urn:> ASK { ?s %s ?o }"

SLOW = {200, 503}  # short, and more than the engine can plan: the deadline is for these

NESTED = (
    Construct("brackets", around("(", "true", ")"), "ASK { FILTER%s }"),
    Construct("brackets around a sum", around("(1+", "1", ")"), "ASK { FILTER(1 < %s) }"),
    Construct("brackets that are never closed", around("(", "1"), "ASK { FILTER(%s) }", few=NO_QUERY),
    Construct("groups", around("{", "", "}"), "ASK { %s }"),
    Construct("groups that are never closed", around("{", ""), "ASK { %s }", few=NO_QUERY),
    Construct("blank nodes", around("[ <urn:p> ", "1", " ]"), "ASK { ?s <urn:p> %s }"),
    Construct("blank nodes as subjects", around("[ <urn:p> ", "1", " ]"), "ASK { %s <urn:p> 1 }"),
    Construct("collections", around("(", "1", ")"), "ASK { ?s <urn:p> %s }"),
    Construct("reified triples", around("<< ", "<urn:s>", " <urn:p> <urn:o> >>"), "ASK { %s <urn:p> 1 }"),
    Construct("triple terms", around("<<( <urn:s> <urn:p> ", "1", " )>>"), "ASK { ?s <urn:p> %s }"),
    Construct(
        "triple terms in an expression",
        around("TRIPLE(<urn:s>, <urn:p>, ", "1", ")"),
        "ASK { BIND(%s AS ?t) }",
    ),
    Construct("annotations", around(" {| <urn:p> 1 ", "", " |}"), "ASK { ?s <urn:p> 1 %s }"),
    Construct("reifiers", around(" ~ _:r {| <urn:p> 1 ", "", " |}"), "ASK { ?s <urn:p> 1 %s }", few={200, 400}),
    Construct("negations", around("!", "true"), FILTER, few={200, 400}),
    Construct("negations in brackets", around("!(", "true", ")"), FILTER, few={400}),
    Construct("minus signs", around("-", "1"), FILTER, few={200, 400}),
    Construct("minus signs with spaces", around("- ", "1"), FILTER, few={200, 400}),
    Construct("minus signs in brackets", around("-(", "1", ")"), FILTER),
    Construct("plus signs in brackets", around("+(", "1", ")"), FILTER),
    Construct("OPTIONAL", around("OPTIONAL {", "", "}"), "ASK { %s }"),
    Construct("MINUS", around("{} MINUS {", "", "}"), "ASK { %s }"),
    Construct("UNION within UNION", around("{", "{} UNION {}", "} UNION {}"), "ASK { %s }"),
    Construct("FILTER EXISTS", around("FILTER EXISTS {", "", "}"), "ASK { %s }"),
    Construct("FILTER NOT EXISTS", around("FILTER NOT EXISTS {", "", "}"), "ASK { %s }"),
    Construct("EXISTS in an expression", around("EXISTS { FILTER(", "true", ") }"), FILTER),
    Construct("sub-SELECT", around("{SELECT * {", "", "}}"), "ASK { %s }"),
    Construct("grouped sub-SELECT", around("{SELECT (COUNT(*) AS ?n) {", "", "}}"), "ASK { %s }", few=SLOW),
    Construct("GRAPH", around("GRAPH ?g {", "?s ?p ?o", "}"), "ASK { %s }"),
    Construct("SERVICE", around("SERVICE <http://@there@/> {", "", "}"), "ASK { %s }", few={403}, many={400, 403}),
    Construct("IF", around("IF(true,", "1", ",2)"), "ASK { BIND(%s AS ?x) }"),
    Construct("COALESCE", around("COALESCE(", "1", ")"), "ASK { BIND(%s AS ?x) }"),
    Construct("calls of STR", around("STR(", "1", ")"), "ASK { BIND(%s AS ?x) }"),
    Construct("calls of CONCAT", around('CONCAT("a",', '"b"', ")"), "ASK { BIND(%s AS ?x) }"),
    Construct("casts", around("<http://www.w3.org/2001/XMLSchema#string>(", "1", ")"), FILTER),
    Construct("IN", around("1 IN (", "1", ")"), FILTER, few={200, 400}),
    Construct("IN in brackets", around("1 IN ((", "1", "))"), FILTER),
    Construct("aggregates", around("SUM(", "1", ")"), "SELECT (%s AS ?n) {}", few=NO_QUERY),
    Construct("ORDER BY brackets", around("(", "?s", ")"), "SELECT * { ?s ?p 1 } ORDER BY %s"),
    Construct("HAVING brackets", around("(", "true", ")"), "SELECT ?s { ?s ?p 1 } GROUP BY ?s HAVING %s"),
    Construct("a template's blank nodes", around("[ <urn:p> ", "1", " ]"), "CONSTRUCT { %s <urn:p> 1 } {}"),
    Construct("inverse paths", around("^(", ":p", ")"), PATH),
    Construct("inverse paths without brackets", around("^", ":p"), PATH, few={200, 400}),
    Construct("paths in brackets", around("(", ":p", ")"), PATH),
    Construct("repeated paths", around("(", ":p", ")*"), PATH, few=SLOW),
    Construct("optional paths", around("(", ":p", ")?"), PATH),
    Construct("alternatives in brackets", around("(:p|", ":p", ")"), PATH),
    Construct("sequences in brackets", around("(:p/", ":p", ")"), PATH),
    Construct("negated paths", around("!(", ":p", ")"), PATH, few=NO_QUERY),
)

REPEATED = (
    Construct("a long sum", listed("ASK { FILTER(", "1", "+", ") }")),
    Construct("a long product", listed("ASK { FILTER(", "1", "*", ") }")),
    Construct("a long difference", listed("ASK { FILTER(", "1", " - ", ") }")),
    Construct("a long conjunction", listed("ASK { FILTER(", "true", "&&", ") }")),
    Construct("a long disjunction", listed("ASK { FILTER(", "true", "||", ") }")),
    Construct("a long sequence of a path", listed("ASK { ?s ", "<urn:p>", "/", " ?o }"), few=SLOW),
    Construct("a long alternative of a path", listed("ASK { ?s ", "<urn:p>", "|", " ?o }")),
    Construct("a long negated set", listed("ASK { ?s !(", "<urn:p>", "|", ") ?o }")),
    Construct("many UNIONs", listed("ASK { ", "{}", " UNION ", " }")),
    Construct("many OPTIONALs", listed("ASK { ", "OPTIONAL { <urn:s> <urn:p> 1 }", " ", " }")),
    Construct("many MINUSes", listed("ASK { ", "MINUS { <urn:s> <urn:p> 1 }", " ", " }")),
    Construct("many FILTERs", listed("ASK { ", "FILTER(true)", " ", " }")),
    Construct("many triples", listed("ASK { ", "<urn:s> <urn:p> 1", ". ", " }")),
    Construct("many empty blank nodes", listed("ASK { <urn:s> <urn:p> ", "[]", ",", " }"), few=SLOW),
    Construct("many objects", listed("ASK { <urn:s> <urn:p> ", "1", ",", " }")),
    Construct("many rows of VALUES", listed("ASK { VALUES ?x { ", "1", " ", " } }"), many={200, 400, 413}),
    Construct("many rows of two", listed("ASK { VALUES (?x ?y) { ", "(1 2)", " ", " } }")),
    Construct("many members of IN", listed("ASK { FILTER(1 IN (", "2", ",", ",1)) }")),
    Construct("many arguments", listed("ASK { BIND(COALESCE(", "1", ",", ") AS ?x) }")),
    Construct("many keys of ORDER BY", listed("SELECT * { ?s ?p 1 } ORDER BY ", "?s", " ", ""), many={200, 400}),
    Construct("many members of a collection", listed("ASK { <urn:s> <urn:p> (", "1", " ", ") }"), few=SLOW),
    Construct("many texts", listed("ASK { <urn:s> <urn:p> ", '"a"', ", ", " }")),
    Construct("many FROMs", lambda n: "ASK " + " ".join(f"FROM <urn:g{i}>" for i in range(n)) + " {}", few={200, 413}),
    Construct("many prefixes", lambda n: "".join(f"PREFIX p{i}: <urn:{i}> " for i in range(n)) + "ASK {}"),
    Construct("many bases", listed("", "BASE <urn:x>", " ", " ASK {}"), many={200, 400}),
    Construct(
        "many columns",
        lambda n: "SELECT " + " ".join(f"(1 AS ?x{i})" for i in range(n)) + " {}",
        few={200, 400},
    ),
)

UPDATES = (
    Construct(
        "groups of an update", around("{", "", "}"), "INSERT { <urn:s> <urn:p> 1 } WHERE { FILTER(false) %s }", TAKEN
    ),
    Construct(
        "brackets of an update", around("(", "false", ")"), "DELETE { ?s ?p ?o } WHERE { ?s ?p ?o FILTER%s }", TAKEN
    ),
    Construct("OPTIONALs of an update", around("OPTIONAL {", "", "}"), "DELETE { ?s <urn:p> 1 } WHERE { %s }", TAKEN),
)
DATA = (
    Construct("collections of an update", around("(", "1", ")"), "INSERT DATA { <urn:s> <urn:p> %s }"),
    Construct("blank nodes of an update", around("[ <urn:p> ", "1", " ]"), "INSERT DATA { <urn:s> <urn:p> %s }"),
    Construct(
        "triple terms of an update", around("<<( <urn:s> <urn:p> ", "1", " )>>"), "INSERT DATA { <urn:s> <urn:p> %s }"
    ),
)
OPERATIONS = Construct("operations that do nothing", listed("", "INSERT DATA {}", ";", ""))
TURTLE = (
    Construct("blank nodes of a Turtle file", around("[ <urn:p> ", "1", " ]"), "<urn:s> <urn:p> %s ."),
    Construct("collections of a Turtle file", around("(", "1", ")"), "<urn:s> <urn:p> %s ."),
    Construct("reified triples of a Turtle file", around("<< ", "<urn:s>", " <urn:p> <urn:o> >>"), "%s <urn:p> 1 ."),
    Construct("triple terms of a Turtle file", around("<<( <urn:s> <urn:p> ", "1", " )>>"), "<urn:s> <urn:p> %s ."),
)


def _text(construct: Construct, n: int) -> str:
    return construct.frame.replace("%s", construct.written(n))


def _cases() -> Iterator[Case]:
    for one in NESTED:
        yield query(f"{one.name}, {SHALLOW} deep", _text(one, SHALLOW), one.few)
        yield query(f"{one.name}, {DEEP} deep", _text(one, DEEP), one.many)
    for one in REPEATED:
        yield query(f"{one.name}, {FEW}", _text(one, FEW), one.few)
        yield query(f"{one.name}, {MANY}", _text(one, MANY), {*one.many, 413})
    for one in UPDATES:
        yield change(f"{one.name}, {SHALLOW} deep", _text(one, SHALLOW), one.few)
        yield change(f"{one.name}, {DEEP} deep", _text(one, DEEP), one.many)
    for one in DATA:
        yield change(f"{one.name}, {DEEP} deep", _text(one, DEEP), NO_QUERY)
    yield change(OPERATIONS.name, _text(OPERATIONS, 200), TAKEN)
    yield change(f"too many {OPERATIONS.name}", _text(OPERATIONS, 50_000), REFUSED)
    for one in TURTLE:
        yield put(f"{one.name}, {DEEP} deep", _text(one, DEEP), "text/turtle", {*TAKEN, 400, 413, 422})


CASES = tuple(_cases())
