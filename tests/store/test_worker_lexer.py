"""What the tokens of a query tell, and that no text hides from them."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from kg.errors import ForbiddenError, KgError, QueryError, TooLargeError
from kg.store.lexer import MAX_CLAUSES, MAX_DEPTH, MAX_TEXT, outline, tokens

X = "<http://127.0.0.1:1/>"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("select*{}", "SELECT"),
        ("ASK{}", "ASK"),
        ("# INSERT\nPREFIX select: <http://x/insert> ASK { ?s select:DROP 'DELETE' }", "ASK"),
        ("BASE <http://x/> PREFIX : <#> CONSTRUCT { :a :b :c } WHERE {}", "CONSTRUCT"),
        ("DESCRIBE <http://x/load>", "DESCRIBE"),
        ("PREFIX load: <http://x/> DESCRIBE load:it", "DESCRIBE"),
    ],
)
def test_the_form_is_the_first_keyword_after_the_prologue(text: str, form: str) -> None:
    assert outline(text).form == form


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA {}",
        "delete where {}",
        "PREFIX x: <http://x/> CLEAR ALL",
        "DROP GRAPH <http://x/>",
        "WITH <http://x/> DELETE {} WHERE {}",
    ],
)
def test_an_update_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="update") as caught:
        outline(text)
    assert caught.value.status == 400


def test_load_is_forbidden() -> None:
    with pytest.raises(ForbiddenError):
        outline("LOAD <http://127.0.0.1/>")


@pytest.mark.parametrize("text", ["", "# SELECT", "PREFIX x: <http://x/>", "{}"])
def test_text_without_a_form_is_no_query(text: str) -> None:
    with pytest.raises(QueryError):
        outline(text)


@pytest.mark.parametrize(
    ("text", "service"),
    [
        (f"SELECT * {{ SERVICE {X} {{ ?a ?b ?c }} }}", X),
        (f"SELECT * {{ SERVICE SILENT {X} {{ ?a ?b ?c }} }}", X),
        ("SELECT * { VALUES ?x { <http://x/> } sErViCe ?x { ?a ?b ?c } }", "?x"),
        (f"PREFIX x: {X} SELECT * {{ SERVICE x:y {{ ?a ?b ?c }} }}", "x:y"),
        (f"SELECT * {{ ?s ?p 1SERVICE{X} {{ ?a ?b ?c }} }}", X),
        (f"SELECT * {{ ?s ?p 'a'SERVICE{X} {{ ?a ?b ?c }} }}", X),
        (f"SELECT * #\rWHERE {{ SERVICE {X} {{ ?a ?b ?c }} }}", X),
        (
            f"PREFIX e: {X} PREFIX servicee: <http://q/> SELECT * {{ servicee:a {{ ?a ?b ?c }} }}",
            "servicee:a",
        ),
        (f"SELECT * {{ FILTER EXISTS {{ SERVICE {X} {{ ?a ?b ?c }} }} }}", X),
    ],
)
def test_a_service_is_seen_however_it_is_written(text: str, service: str) -> None:
    assert outline(text).services == (service,)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'SERVICE <http://x/> {}' }",
        'SELECT * { ?s ?p """a " SERVICE <http://x/> { " """ }',
        "SELECT * { ?s ?p '''SERVICE ?x { '' ''' }",
        r"SELECT * { ?s ?p 'it\'s SERVICE <http://x/> {}' }",
        "SELECT * { ?s ?p ?service } # SERVICE <http://x/> {}",
        "SELECT * { ?s <http://x/SERVICE> <http://x/#SERVICE> }",
        "PREFIX service: <http://x/> SELECT * { ?s service:p service:q . GRAPH service:g { ?a ?b ?c } }",
        "SELECT * { ?s ?p 'x'@service }",
    ],
)
def test_the_word_in_a_text_a_comment_or_a_name_is_no_service(text: str) -> None:
    assert outline(text).services == ()


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ SERVICESILENT{X} {{ ?a ?b ?c }} }}",
        f"SELECT * {{ ?s ?p trueSERVICE{X} {{ ?a ?b ?c }} }}",
        f"PREFIX e: {X} SELECT * {{ SERVICEe:a {{ ?a ?b ?c }} }}",
        "SELECT * { VALUES ?x { 2 } FILTER(1<?x)SERVICE?x#>\n{ ?a ?b ?c } }",
        "SELECT * { FILTER(1<'a>')SERVICE ?x { ?a ?b ?c } FILTER('' = '') }",
        "SELECT * { FILTER(1<ex:a#>'''\n)SERVICE ?x { ?a ?b ?c } #'''\n }",
        "SELECT * { FILTER(1<#>'''\n2)SERVICE ?x { ?a ?b ?c } #'''\n }",
        "SELECT * { ?s ?p 'not closed }",
        "PREFIX a: <http://a/> PREFIX froma: <http://b/> ASK froma:b {}",
    ],
)
def test_text_that_the_engine_would_read_otherwise_is_not_let_through(text: str) -> None:
    """The engine needs no space after a keyword, and takes „<“ in an expression for a comparison."""
    with pytest.raises(QueryError):
        outline(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { FILTER(?a < ?b && ?c > ?d) }",
        "SELECT * { FILTER(?a<?b&&?c>?d) }",
        "SELECT * { FILTER(?a<=?b || ?c>=?d) FILTER(1<2) }",
        "SELECT * { FILTER(?x = <http://dbpedia.org/resource/People's_(party)>) }",
        "SELECT * { ?s ?p (<#a> <b>) }",
        "SELECT (COUNT(*) AS ?n) (group_concat(?x; separator=', ') AS ?y) { ?s ?p ?x }",
        "SELECT * { ?s ?p 1.5e3, .5, -1, +2.0, true, 'a'^^<http://x/t>, 'б'@bg-Cyrl }",
        "PREFIX пр: <http://x/> SELECT ?име { ?s пр:име-на_обект ?име }",
        r"PREFIX e: <http://x/> SELECT * { ?s e:a\,b%20c.d e:1 }",
        "SELECT * { << ?s ?p ?o >> ?q ?r . ?s ?p ?o {| ?q ?r |} }",
        "SELECT * { ?s !(<http://a>|^<http://b>)/<http://c>*|<http://d>? ?o }",
    ],
)
def test_ordinary_queries_pass(text: str) -> None:
    assert outline(text).form == "SELECT"


def test_graphs_are_read_as_written() -> None:
    text = "BASE <http://x/> PREFIX e: <e#> SELECT * FROM <a> FROM NAMED e:b FROM e:c { ?s ?p '''FROM <d>''' }"
    seen = outline(text)
    assert (seen.default, seen.named) == (("<a>", "e:c"), ("e:b",))
    assert seen.prologue == "BASE <http://x/> PREFIX e: <e#> "


@pytest.mark.parametrize("function", ["NOW()", "rand()", "UUID()", "STRUUID()", "BNODE()", "NOW ( )"])
def test_what_changes_from_one_evaluation_to_the_next_is_volatile(function: str) -> None:
    assert outline(f"SELECT ({function} AS ?x) {{}}").volatile
    assert not outline("SELECT * { ?s ?p ?nowhere }").volatile


N = 5000
NESTED = {
    "parentheses": "SELECT (" + "(" * N + "1" + ")" * N + " AS ?x) {}",
    "groups": "SELECT * " + "{" * N + "}" * N,
    "lists": "SELECT * { ?s ?p " + "(" * N + "1" + ")" * N + " }",
    "blank nodes": "SELECT * { ?s ?p " + "[ ?p " * N + "1" + " ]" * N + " }",
    "negations": "SELECT (" + "!" * N + "true AS ?x) {}",
    "negations apart": "SELECT (" + "! " * N + "true AS ?x) {}",
    "signs": "SELECT (" + "- " * N + "1 AS ?x) {}",
    "functions": "SELECT (" + "STR(" * N + "1" + ")" * N + " AS ?x) {}",
    "optionals": "SELECT * {" + "OPTIONAL {" * N + "}" * N + "}",
    "exists": "SELECT * {" + "FILTER EXISTS {" * N + "}" * N + "}",
    "subselects": "SELECT * " + "{ SELECT * " * N + "{}" + "}" * N,
    "paths": "SELECT * { ?s " + "^(" * N + "<http://p>" + ")" * N + " ?o }",
    "triple terms": "SELECT * { ?s ?p " + "<<( ?s ?p " * N + "1" + " )>>" * N + " }",
    "not closed": "SELECT " + "(" * N,
    "long sums": "SELECT (1" + "+1" * (MAX_CLAUSES + 1) + " AS ?x) {}",
    "in an address": "SELECT (1<" + "(" * N + "1" + ")" * N + "> AS ?x) {}",
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED.keys())
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(QueryError) as caught:
        outline(text)
    assert caught.value.status == 400


def test_depth_up_to_the_limit_passes() -> None:
    n = MAX_DEPTH - 2
    assert outline("SELECT (" + "(" * n + "1" + ")" * n + " AS ?x) {}").form == "SELECT"


def test_brackets_in_texts_and_side_by_side_do_not_nest() -> None:
    assert outline("SELECT * { ?s ?p '" + "(" * 5000 + "' }").form == "SELECT"
    assert outline("SELECT * { VALUES (?x) {" + "(1)" * 5000 + "} }").form == "SELECT"


def test_long_text_is_refused_by_its_bytes() -> None:
    for text in ("#" * (MAX_TEXT + 1), "#" + "ж" * (MAX_TEXT // 2) + "\nASK {}"):
        with pytest.raises(TooLargeError):
            outline(text)


@pytest.mark.parametrize(
    "piece",
    ["'", '"', "<", "?x ", "a.", "a:", "_:", "1.", "\\", "'''", "@a-", "<a", "ж", "#\n", "%", "a:b.", "«"],
)
def test_any_text_is_read_in_linear_time(piece: str) -> None:
    text = "SELECT * { " + piece * (MAX_TEXT // 4 // len(piece.encode()))
    start = time.perf_counter()
    with suppress(KgError):
        outline(text)
    assert time.perf_counter() - start < 4  # a quadratic one takes minutes


def test_tokens_cover_the_text() -> None:
    text = "SELECT\t* #c\n{ ?s <p> 'x y'@bg }"
    assert [token.text for token in tokens(text)] == ["SELECT", "*", "{", "?s", "<p>", "'x y'", "@bg", "}"]
    assert all(text[token.start :].startswith(token.text) for token in tokens(text))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { BIND(1<<#> AS ?z) SERVICE <http://127.0.0.1:9/x> {?s ?p ?o} }",
        "SELECT * { FILTER((1<<a:b> || 1<'a>') && 1<'b>') SERVICE <http://127.0.0.1:9/x> {?s ?p ?o} }",
        "SELECT (1<<#> AS ?z) { SERVICE <http://127.0.0.1:9/x> {?s ?p ?o} }",
        "SELECT * { FILTER(?x<<#>) SERVICE ?y {?s ?p ?o} }",
        "PREFIX x: <x:> SELECT (SAMPLE(1<<x:b>) AS ?z) FROM <a:a> FROM <b:b> {?s ?p ?o}",
    ],
)
def test_a_comparison_glued_to_an_address_hides_nothing(query: str) -> None:
    with pytest.raises(QueryError):
        outline(query + "\n")


def test_quoted_triples_are_still_read() -> None:
    outline("SELECT * { ?s ?p << ?a ?b ?c >> . << ?a ?b ?c >> ?q ?r BIND(<<( ?a ?b ?c )>> AS ?t) FILTER(?x < 1) }")


@pytest.mark.parametrize("template", ["<a:s> <a:p> (1 2)", "<a:s> <a:p> 1 ~", "<a:s> <a:p> 1 {| <a:q> 2 |}"])
def test_templates_that_make_blank_nodes_are_volatile(template: str) -> None:
    assert outline(f"CONSTRUCT {{ {template} }} WHERE {{}}").volatile


def test_triple_terms_within_triple_terms_are_read() -> None:
    outline("SELECT * { ?s ?p <<( ?a ?b <<( ?c ?d ?e )>> )>> BIND(<<( ?a ?b <<( ?c ?d 1 )>> )>> AS ?t) }")


def test_a_triple_term_is_no_hiding_place() -> None:
    with pytest.raises(QueryError):
        outline("SELECT * { BIND((<<( ?a ?b 1 )>> = 1 && 1<<#>) AS ?z) SERVICE <http://127.0.0.1:9/x> {?s ?p ?o} }\n")
