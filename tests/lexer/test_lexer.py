"""What the tokens of a query tell, and that no text hides from them."""

from __future__ import annotations

import time
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest
from pyoxigraph import Store

from kg.errors import ForbiddenError, KgError, QueryError, TooLargeError
from kg.lexer import MAX_CLAUSES, MAX_DEPTH, MAX_TEXT, MAX_TOKENS, outline, tokens

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
        (f"SELECT * {{ FILTER EXISTS {{ SERVICE {X} {{ ?a ?b ?c }} }} }}", X),
        (f"PREFIX e: {X} SELECT * {{ ?s ?p e:a.b.SERVICE{X} {{ ?a ?b ?c }} }}", X),
        (f"PREFIX e: {X} SELECT * {{ ?s ?p e:a.b..SERVICE{X} {{ ?a ?b ?c }} }}", X),
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
        "PREFIX a: <http://a/> PREFIX FROMa: <http://b/> SELECT * FROMa:b {}",
        "PREFIX a: <http://a/> PREFIX froma: <http://b/> SELECT * FROM <c> froma:b {}",
        "PREFIX a: <http://a/> PREFIX froma: <http://b/> DESCRIBE * froma:b",
        "PREFIX a: <http://a/> PREFIX froma: <http://b/> DESCRIBE <c> FROM <d> froma:b",
        "PREFIX a: <http://a/> PREFIX froma: <http://b/> CONSTRUCT { ?s ?p ?o } froma:b WHERE { ?s ?p ?o }",
        f"PREFIX e: {X} PREFIX servicee: <http://q/> SELECT * {{ servicee:a {{ ?a ?b ?c }} }}",
        "SELECT * { FILTER(?x<?a&&?b>?y) }",
        "SELECT * { { SELECT ?x { ?x ?y ?z } GROUP BY (1<?x> AS ?q) } }",
        "SELECT * { FILTER <f:f>(1<?x>) }",
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
        "SELECT * { FILTER(?a<?b && ?c>?d) }",
        "SELECT * { FILTER(?x IN (<#a>, <#b>)) FILTER(COUNT(DISTINCT <#f>(?x)) = 1) ?s ?p (1 <#a> 'x' <#b>) }",
        "SELECT * { VALUES (?x ?y) { (1 <#a'b>) (<#c> <#d>) } ?s (<#a>|^<#b>)* [ <#p> <#q> ] }",
        "SELECT * { ?s <#p> ?o { SELECT ?o (MAX(?z) AS ?m) { ?o <#q> ?z } GROUP BY ?o <#f>(?o) } }",
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
    assert outline(f"SELECT (?y-{function} AS ?x) {{}}").volatile
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


def test_negations_in_each_other_are_few() -> None:
    """A malformed one would take the parser twice as long with each level."""
    query = "ASK { FILTER(%s?x %s) }"
    for count in (1, 12):
        outline(query % ("!(" * count, ")" * count))
        outline(query % ("! " * count, ""))
    with pytest.raises(QueryError, match="negations"):
        outline(query % ("!(" * 13, ")" * 13))
    outline("ASK { FILTER(" + " && ".join(["!(?x)"] * 50) + ") }")


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


def test_more_tokens_than_the_engine_can_hold_are_refused() -> None:
    with pytest.raises(TooLargeError):
        outline("SELECT * { VALUES ?x {" + " 1" * (MAX_TOKENS + 1) + " } }")
    for items in (" 1" * 20_000, " []" * 8000, "".join(f" ?v{n}" for n in range(20_000))):
        with pytest.raises(QueryError, match="patterns"):
            outline(f"SELECT * {{ ?s ?p ({items}) }}")


def test_every_query_of_the_suites_that_the_engine_takes_passes(shared: Path) -> None:
    """But for those that must be refused and that the engine takes."""
    folder = shared / "suites" / "sparql"
    if not folder.is_dir():
        pytest.skip("the SPARQL suites are not beside this checkout")
    taken, refused = 0, set()
    for path in sorted(folder.rglob("*.rq")):
        try:
            text = path.read_text(encoding="utf-8")
            Store().query(text, base_iri="http://x/")
        except SyntaxError:
            continue
        except UnicodeDecodeError:
            continue
        except (RuntimeError, OSError, ValueError):
            pass  # the engine has read it
        taken += 1
        with suppress(KgError):
            outline(text)
            continue
        refused.add(path.stem)
    assert taken >= 950
    assert refused == {"syn-bad-26", "tripleterm-subject-03", "tripleterm-subject-06", "nested-aggregate-functions"}


def test_every_update_of_the_suites_that_the_engine_takes_passes_unless_it_loads(shared: Path) -> None:
    taken = 0
    for path in sorted((shared / "suites" / "sparql").rglob("*.ru")):
        text = path.read_text(encoding="utf-8")
        try:
            Store().update(text, base_iri="http://x/")
        except SyntaxError:
            continue
        except (RuntimeError, OSError, ValueError):
            pass
        taken += 1
        with suppress(ForbiddenError):
            assert outline(text, "update").form == "UPDATE"
    assert taken >= 140


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


@pytest.mark.parametrize(
    "pattern",
    [
        "?s ?p << ?a ?b ?c >> . << ?a ?b ?c >> ?q ?r BIND(<<( ?a ?b ?c )>> AS ?t) FILTER(?x < 1)",
        "VALUES (?x ?y) { (1 <<( <a> <b> 2 )>>) (<<( <a> <b> 3 )>> 4) }",
        "?s ?p ( 1 <<( ?a ?b ?c )>> << ?a ?b ?c >> )",
        "?s ?p 1 ~ _:r {| ?q <<( ?a ?b ?c )>> |} ; ?q << << ?a ?b ?c >> ?d <<( ?e ?f ?g )>> >>",
        "<<( ?a ?b <<( ?c ?d ?e )>> )>> ?p <<( <<( ?a ?b ?c )>> ?d 'literal' )>>",
        "FILTER(?t = <<( ?a ?b ?c )>> && 1 < <<( ?a ?b 'x' )>>)",
        "FILTER(COALESCE(?t, <<( ?a ?b <<( ?c ?d 1 )>> )>>) = ?u)",
    ],
)
def test_triple_terms_are_read_where_they_may_stand(pattern: str) -> None:
    text = f"SELECT * {{ {pattern} }}"
    Store().query(text, base_iri="http://x/")
    assert outline(text).form == "SELECT"


@pytest.mark.parametrize(
    "pattern",
    [
        "BIND(<<( 'literal' ?q ?z )>> AS ?x)",
        "BIND(<<( <<( ?s ?p ?o )>> ?q ?z )>> AS ?x)",
        "FILTER(?x = <<( 1 ?q ?z )>>)",
        "FILTER(?x = <<( true ?q ?z )>>)",
        "VALUES ?x { <<( <<( <s> <p> <o> )>> <q> <z> )>> }",
    ],
)
def test_the_subject_of_a_triple_term_in_an_expression_is_no_literal_and_no_triple(pattern: str) -> None:
    with pytest.raises(QueryError, match="subject of a triple term"):
        outline(f"SELECT * {{ {pattern} }}")


@pytest.mark.parametrize(
    ("projection", "fine"),
    [
        ("(COUNT(COUNT(*)) AS ?c)", False),
        ("(SUM(?x + MAX(?y)) AS ?c)", False),
        ("(avg(1 + (2 * (min(?y)))) AS ?c)", False),
        ("(SUM(?x) + MAX(?y) AS ?c) (COUNT(*) AS ?d)", True),
        ("(SUM(IF(EXISTS { SELECT (MAX(?y) AS ?z) { ?x ?p ?y } }, 1, 0)) AS ?c)", True),
        ("(COALESCE(SUM(?x), COUNT(?y)) AS ?c)", True),
    ],
)
def test_aggregates_do_not_stand_in_aggregates(projection: str, fine: bool) -> None:
    text = f"SELECT {projection} {{ ?x ?p ?y }}"
    if fine:
        outline(text)
        return
    with pytest.raises(QueryError, match="inside another aggregate"):
        outline(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("SELECT * { ?s ?p 1 }", "select *\n{ ?s ?p 'two'@en } # !", True),
        ("PREFIX a: <b:> SELECT * { a:x ?p 1 }", "SELECT * { <c:d> ?p true }", True),
        ("SELECT * { VALUES ?x { 1 2 3 } }", "SELECT * { VALUES ?x { 'a' } }", True),
        ("SELECT * { FILTER(?x IN (1, 2)) }", "SELECT * { FILTER(?x IN (<a:b>)) }", True),
        ("SELECT * { ?s ?p 1 }", "SELECT * { ?s ?q 1 }", False),
        ("SELECT * { ?s ?p 1 }", "SELECT DISTINCT * { ?s ?p 1 }", False),
        ("SELECT * { ?s ?p ?o } LIMIT 1", "SELECT * { ?s ?p ?o }", False),
    ],
)
def test_queries_that_differ_in_constants_have_one_shape(one: str, other: str, same: bool) -> None:
    assert (outline(one).shape == outline(other).shape) is same


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("SELECT * { ?s ?graph 'GRAPH' }", True),
        ("SELECT * { GRAPH ?g { ?s ?p ?o } }", False),
        ("ASK FROM <a:b> {}", False),
        ("ASK FROM NAMED <a:b> {}", False),
        ("ASK { SERVICE ?x {} }", False),
    ],
)
def test_what_reads_the_default_graph_only_is_known(text: str, only: bool) -> None:
    assert outline(text).only_default is only


@pytest.mark.parametrize(
    ("modifiers", "sliced"),
    [
        ("LIMIT 1", True),
        ("offset 5", True),
        ("ORDER BY ?s LIMIT 1", False),
        ("GROUP BY ?s LIMIT 1", False),
        ("", False),
    ],
)
def test_slices_without_an_order_are_known(modifiers: str, sliced: bool) -> None:
    assert outline(f"SELECT ?s {{ ?s ?p 'LIMIT 1' }} {modifiers}").sliced is sliced


def test_booleans_are_written_as_the_engine_reads_them() -> None:
    text = "PREFIX true: <x:> SELECT (TRUE AS ?TRUE) { ?s true:FALSE 'FALSE' . FILTER(False) } # True"
    assert outline(text).text == text.replace("(TRUE", "(true").replace("(False", "(false")
    same = "SELECT (true AS ?x) {}"
    assert outline(same).text is same


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("SELECT (group_concat(?x) AS ?g) {}", "SELECT (STR(group_concat(?x)) AS ?g) {}"),
        (
            "SELECT (UCASE(GROUP_CONCAT ( DISTINCT (?x + (1)) ; separator = ')' )) AS ?g) {}",
            "SELECT (UCASE(STR(GROUP_CONCAT ( DISTINCT (?x + (1)) ; separator = ')' ))) AS ?g) {}",
        ),
        (
            "SELECT * { { SELECT (GROUP_CONCAT(?x) AS ?g) {} HAVING (GROUP_CONCAT(?x) = TRUE) } }",
            "SELECT * { { SELECT (STR(GROUP_CONCAT(?x)) AS ?g) {} HAVING (STR(GROUP_CONCAT(?x)) = true) } }",
        ),
        ("SELECT ('GROUP_CONCAT(' AS ?x) {} # GROUP_CONCAT(", "SELECT ('GROUP_CONCAT(' AS ?x) {} # GROUP_CONCAT("),
    ],
)
def test_group_concat_gives_a_simple_literal(text: str, mended: str) -> None:
    assert outline(text).text == mended
    assert outline(text).original == text
    Store().query(mended)


@pytest.mark.parametrize(
    ("pattern", "closes"),
    [
        ("?s <a:p>* ?o", True),
        ("?s <a:p>?/^<b:q> ?o", True),
        ("?s (a|<b:c>)* ?o", True),
        ("?s a* ?o", True),
        ("?s <a:p>+ ?o FILTER(?o * 2 = 4)", False),
        ("?s ?p ?o", False),
    ],
)
def test_paths_that_may_have_length_zero_are_seen(pattern: str, closes: bool) -> None:
    assert outline(f"SELECT * {{ {pattern} }}").closures is closes


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <a:b> <c:d> 1 }",
        "PREFIX x: <x:> DELETE { x:a ?p ?o } INSERT { GRAPH x:g { ?s ?p 1 } } USING x:g WHERE { ?s ?p ?o }",
        "WITH <a:b> DELETE { ?s ?p ?o } WHERE { { SELECT ?s { ?s ?p ?o } } } ; DROP SILENT GRAPH <a:b> ;",
        "PREFIX x: <x:> COPY x:a TO x:b; MOVE SILENT GRAPH x:a TO DEFAULT; ADD SILENT x:b TO GRAPH x:c; CLEAR ALL",
        "CREATE GRAPH <load:select>",
        "",
        "BASE <a:b> # nothing",
    ],
)
def test_updates_pass_at_their_own_door(text: str) -> None:
    seen = outline(text, "update")
    assert (seen.form, seen.services) == ("UPDATE", ())
    Store().update(text)


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <http://127.0.0.1/>",
        "load silent <file:///etc/passwd> into graph <a:b>",
        "INSERT DATA {} ; LOAD <http://127.0.0.1/>",
        "INSERT DATA {} ; PREFIX x: <http://127.0.0.1/> LOAD x:a",
        "BASE <http://x/> LOAD <a>",
    ],
)
def test_load_is_forbidden_at_the_door_for_updates_too(text: str) -> None:
    with pytest.raises(ForbiddenError):
        outline(text, "update")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT * {}", "/sparql"),
        ("INSERT DATA {} ; ASK {}", "/sparql"),
        ("INSERT DATA {} LOAD <x:y>", "LOAD|cannot begin"),
        ("PREFIX x: <x:> PREFIX LOADx: <y:> LOADx:a", "cannot begin"),
        ("PREFIX x: <x:> PREFIX LOADx: <y:> INSERT DATA {} LOADx:a", "write a space"),
        ("PREFIX x: <x:> PREFIX WITHx: <y:> WITHx:a DELETE {} WHERE {}", "cannot begin"),
        ("{}", "cannot begin"),
        ("INSERT DATA { <a:b> <c:d> " + "(" * 5000 + ")" * 5000 + " }", "deeper"),
        ("INSERT DATA { <a:b> <c:d> 'x }", "not closed"),
        ("PREFIX e: <e:> PREFIX servicee: <s:> INSERT {} WHERE { servicee:a { ?a ?b ?c } }", "SERVICE"),
    ],
)
def test_what_is_no_update_is_refused(text: str, reason: str) -> None:
    with pytest.raises(KgError, match=reason):
        outline(text, "update")


def test_a_service_in_an_update_is_seen() -> None:
    assert outline(f"INSERT {{ ?a ?b ?c }} WHERE {{ SERVICE {X} {{ ?a ?b ?c }} }}", "update").services == (X,)


@pytest.mark.parametrize(
    "text",
    [
        "CONSTRUCT { ?s ?p 1 } { ?s ?p ?o FILTER(?o IN (1, 2)) ?s ?p [] }",
        "CONSTRUCT WHERE { ?s ?p ?o }",
        "SELECT * { ?s ?p [ ?q 1 ] }",
    ],
)
def test_blank_nodes_in_patterns_are_not_volatile(text: str) -> None:
    assert not outline(text).volatile


@pytest.mark.parametrize(
    "template", ["<a:s> <a:p> (1 2)", "_:a <a:p> 1", "<a:s> <a:p> []", "<a:s> <a:p> 1 ~", "<a:s> <a:p> 1 {| <a:q> 2 |}"]
)
def test_templates_that_make_blank_nodes_are_volatile(template: str) -> None:
    assert outline(f"CONSTRUCT {{ {template} }} WHERE {{}}").volatile


def test_a_triple_term_is_no_hiding_place() -> None:
    with pytest.raises(QueryError):
        outline("SELECT * { BIND((<<( ?a ?b 1 )>> = 1 && 1<<#>) AS ?z) SERVICE <http://127.0.0.1:9/x> {?s ?p ?o} }\n")


def test_no_ending_of_a_term_hides_a_service_from_us_and_not_from_the_engine() -> None:
    """Every term of up to three odd characters behind every kind of term, with SERVICE glued to it."""
    ours = "PREFIX x: <urn:> SELECT * {{ ?s ?p {}SERVICE<http://x/>{{?a ?b ?c}} }}"
    checked = 0
    for base in ("x:a", "x:", "_:a", "?a", '"a"@a', "1", "<a>", "x:a.a"):
        for length in range(4):
            for letters in product(("a", "1", ".", "-", "_", "%41", "\\-", "·", "@"), repeat=length):
                for end in ("", "."):
                    term = base + "".join(letters) + end
                    text = ours.format(term)
                    try:
                        services = outline(text).services
                    except KgError:
                        continue
                    checked += 1
                    assert services or not parses(text), text
    assert checked > 1000


def parses(text: str) -> bool:
    try:
        Store().query(text)
    except SyntaxError:
        return False
    except (RuntimeError, OSError, ValueError):
        return True
    return True
