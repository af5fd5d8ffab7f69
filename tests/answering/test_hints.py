"""What is told of a query that cannot be read: the place, and how to mend it; never anything wrong."""

from __future__ import annotations

import random
import time

import pytest
from pyoxigraph import NamedNode, Store

from kg import lexer, resources
from kg.answering.complaints import told
from kg.answering.hints import LONGEST, hint
from kg.answering.misreading import Misreading
from kg.answering.slips import KEYWORDS, mended
from kg.errors import ForbiddenError, KgError, ParameterError, QueryError
from kg.namespaces import PREFIXES

MKG = f"PREFIX mkg: <{PREFIXES['mkg']}>\n"

# What was written behind the prefix, and what the hint says of it; the brackets that follow hold the Bulgarian words.
MISTAKES = [
    # brackets
    (
        "SELECT ?p WHERE { ?p a mkg:Project",
        "A closing “}” is missing: there are 1 “{” and 0 “}”",
        "Липсва затваряща скоба „}“",
    ),
    ("SELECT ?p WHERE { ?p mkg:x ?y FILTER(STRLEN(?y) > 3 }", "A closing “)” is missing", "Липсва затваряща скоба „)“"),
    ("SELECT (COUNT(?p AS ?n)\nWHERE { ?p a mkg:Project }", "“(” of line 2 is not closed", "от ред 2 остава отворена"),
    ("SELECT ?p WHERE { ?p mkg:x [ mkg:y 3 . }", "A closing “]” is missing", "„[“"),
    (
        "SELECT ?p WHERE { ?p a mkg:Project . }\n}",
        "is missing: the one in line 3 closes nothing",
        "Има излишна скоба „}“ или липсва „{“: тази на ред 3",
    ),
    # keywords
    ("SELCT ?p WHERE { ?p a mkg:Project }", "Did you mean SELECT", "Може би SELECT вместо „SELCT“?"),
    ("SELECT ?p WHER { ?p a mkg:Project }", "Did you mean WHERE", "Може би WHERE"),
    ("SELECT ?p WHERE { ?p mkg:x ?y FLITER(?y > 1) }", "Did you mean FILTER", "Може би FILTER"),
    ("SELECT ?p WHERE { ?p a mkg:Project OPTOINAL { ?p mkg:x ?y } }", "Did you mean OPTIONAL", "Може би OPTIONAL"),
    ("SELECT ?p WHERE { ?p mkg:x ?y FILTER(OBUND(?y)) }", "Did you mean BOUND", "Може би BOUND"),
    ("PREFFIX a: <urn:a> SELECT ?p WHERE { ?p a a:P }", "Did you mean PREFIX", "Може би PREFIX"),
    ("SELECT ?p WHERE { ?p a mkg:Project } ORDERBY ?p", "Write ORDER BY", "напишете ORDER BY"),
    ("SELECT p WHERE { ?p a mkg:Project }", "Did you mean ?p instead of “p”?", "Може би ?p вместо „p“?"),
    ("SELECT ?p WHERE { ?p mkg:x ?y FILTER(?y > 1 AND ?y < 3) }", "Write && instead of “AND”", "напишете &&"),
    ("SEL ECT ?p WHERE { ?p a mkg:Project }", "“SEL ECT” is one word: SELECT", "се пише слято: SELECT"),
    ("SЕLECT ?p WHERE { ?p a mkg:Project }", "Cyrillic letters that look like Latin ones (Е)", "на кирилица"),
    ("SELECT ?p WHERE { ?p mkg:x ?y FILTЕR(?y > 1) }", "write FILTER", "напишете FILTER на латиница"),
    ("АSК { ?p a mkg:Project }", "(А, К); write ASK", "напишете ASK на латиница"),
    # variables
    ("SELECT ?p, ?q WHERE { ?p mkg:x ?q }", "Put no commas", "не се пишат запетаи"),
    ("SELECT ?p WHERE { { SELECT ?p, ?q WHERE { ?p mkg:x ?q } } }", "Put no commas", "не се пишат запетаи"),
    ("SELECT ?p WHERE { ?p mkg:x ?q } ORDER BY ?p, ?q", "Put no commas", "не се пишат запетаи"),
    ("SELECT ?p (COUNT(?q) AS ?n) WHERE { ?p mkg:x ?q }", "add GROUP BY ?p", "добавете GROUP BY ?p"),
    (
        "SELECT ?p ?t WHERE { ?p mkg:x ?t } GROUP BY ?p LIMIT 3",
        "?t stands in SELECT and not in GROUP BY",
        "?t е в SELECT",
    ),
    ("SELECT ?p { { SELECT ?p (MAX(?q) AS ?n) { ?p mkg:x ?q } } }", "add GROUP BY ?p", "добавете GROUP BY ?p"),
    ("SELECT COUNT(?p) AS ?n WHERE { ?p a mkg:Project }", "in brackets: (COUNT(?p) AS ?n)", "със скоби"),
    # addresses, prefixes, texts
    (
        "SELECT ?p WHERE { ?p a <http://e/a b> }",
        "An address holds no spaces",
        "не може да има интервал: <http://e/a b>",
    ),
    ("SELECT ?p WHERE { ?p a <http://e/a# > }", "An address holds no spaces", "не може да има интервал"),
    ("SELECT ?p WHERE { ?p a http://e/a . }", "in angle brackets: <http://e/a>", "в ъглови скоби"),
    ("SELECT ?p WHERE { ?p rdfs:label ?l }", f"PREFIX rdfs: <{PREFIXES['rdfs']}>", "Добавете реда PREFIX rdfs:"),
    ("SELECT ?p WHERE { ?p xyz:label ?l }", "Add a line PREFIX xyz:", "Добавете ред PREFIX xyz:"),
    ("SELECT ?p WHERE { ?p a mgk:Project }", "Did you mean mkg: instead of mgk:?", "Може би mkg: вместо mgk:?"),
    ("SELECT ?p WHERE { ?p mkg:x „Русе“ }", 'straight quotation marks: "Русе"', 'прави кавички: "Русе"'),
    # signs
    (
        "SELECT ?p WHERE { ?p a mkg:Project\n ?p mkg:x ?y }",
        "Is a dot missing after “mkg:Project” in line 2?",
        "точка след",
    ),
    ("SELECT ?p WHERE { ?p a mkg:Project mkg:x ?y }", "Is a semicolon missing", "точка и запетая след „mkg:Project“"),
    ("SELECT ?p WHERE { ?p mkg:x ?y FILTER ?y = 3 }", "condition of FILTER in brackets", "се пише в скоби"),
    ("SELECT ?p WHERE { ?p mkg:x ?y FILTER(?y == 3) }", "Write = instead of “==”", "Вместо „==“ напишете ="),
]


def complaint(text: str) -> Exception:
    """What is raised when the text is read as the service reads it."""
    try:
        lexer.outline(text)
        Store().query(text)
    except (KgError, SyntaxError) as error:
        return error
    raise AssertionError(f"this can be read: {text}")


@pytest.mark.parametrize(("written", "en", "bg"), MISTAKES, ids=[one[0] for one in MISTAKES])
def test_a_common_mistake_is_told_in_both_languages(written: str, en: str, bg: str) -> None:
    text = MKG + written
    messages = told(complaint(text), text).messages
    assert en in messages["en"]
    assert bg in messages["bg"]


def test_several_mistakes_are_told_together() -> None:
    text = "SELCT ?p, ?l WHERE { ?p rdfs:label ?l }"
    found = hint(text)
    assert found
    for word in ("SELECT", "commas", "PREFIX rdfs:"):
        assert word in found[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT",
        "SELECT ?p WHERE { ?p ?q ?r } ORDER ?p",
        "SELECT ?p WHERE { ?p ?q }",
        "SELECT ?p WHERE { ?p ?q ?r ?s }",
        "SELECT ?p WHERE { ?p ?q 'not closed ( . }",
        "SELECT ?p WHERE { ?p ?q ?r } LIMIT 10 ORDER BY ?p",
        "SELECT ?p WHERE { ?p ?q ?r BIND(?q AS ?p) }",
        "SELECT qwerty WHERE { ?p ?q ?r }",
        "SELECT ?p WHERE { ?p ?q <not an address ( > }",
        "SELECT * WHERE { ?p ?q ?r } GROUP BY ?p",
        "SELECT ?p ?a (COUNT(?q) + ?b AS ?n) WHERE { ?p ?q ?r }",
    ],
)
def test_when_unsure_there_is_no_hint(text: str) -> None:
    assert hint(text) is None


def test_a_query_that_can_be_read_has_no_hint() -> None:
    files = sorted(resources.QUERIES.rglob("*.rq"))
    assert len(files) > 40
    for path in files:
        assert hint(path.read_text(encoding="utf-8")) is None, path
        assert mended(path.read_text(encoding="utf-8"))[1] == [], path


def test_what_a_hint_of_a_damaged_query_says_is_so() -> None:
    """One sign is taken out of a query that can be read; what is said of brackets is of that one."""
    chance = random.Random(7)
    seen = 0
    for path in sorted(resources.QUERIES.glob("public/*.rq")):
        text = path.read_text(encoding="utf-8")
        for _ in range(4):
            at = chance.choice([token for token in lexer.tokens(text) if token.text in set("(){}")])
            damaged = text[: at.start] + " " + text[at.start + 1 :]
            found = hint(damaged)
            if found is None:
                continue
            seen += 1
            closing = at.text.translate(str.maketrans("({", ")}"))
            missing = f"A closing “{closing}” is missing" if at.text == closing else f"a “{closing}” too many"
            assert missing in found[0], (path, at, found)
    assert seen > 100


@pytest.mark.parametrize("written", ["SELECT ?p WHERE { ?p a mkg:Project", "SELCT ?p { ?p ?q ?r }"])
def test_an_error_of_another_kind_is_left_alone(written: str) -> None:
    for error in (ForbiddenError("no", "не"), ParameterError("no", "не")):
        assert told(error, MKG + written) is error


def test_without_the_text_the_complaint_is_as_it_was() -> None:
    error = QueryError("unknown word 'SELCT'", "Непозната дума „SELCT“")
    assert told(error) is error
    assert (
        "GROUP BY"
        in told(SyntaxError("error at 1:4: expected SELECT * is not authorized with GROUP BY")).messages["en"]
    )


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("SELECT ?p WHER { ?p a ?c }", 1, 11),
        ("SELECT ?p\nWHER\n{ ?p a ?c }", 2, 1),
        ("SELECT ?p WHERE { ?p a ?c \n FLITER(?c > 1) }", 2, 2),
        ("SELECT ?p WHERE { ?p ?q 'дума' UNION { ?p ?q ?r } }", 1, 32),
        ("SELECT ?p WHERE { ?p a ?c } LIMIT 10\nORDER BY ?p", 2, 1),
        ("SELECT (COUNT(?p) AS ?n WHERE { ?p a ?c }", 1, 25),
    ],
)
def test_the_place_is_where_the_wrong_word_begins(text: str, line: int, column: int) -> None:
    with pytest.raises(SyntaxError) as caught:
        Store().query(text)
    stopped = Misreading.of(str(caught.value), text)
    assert stopped and (stopped.line, stopped.column) == (line, column)
    assert f"line {line}, column {column}:" in told(caught.value, text).messages["en"]


def test_the_engine_reads_without_evaluating() -> None:
    """What hints rely on: arguments that exclude each other are refused after reading and before evaluation."""
    store, any_graph = Store(), NamedNode("http://localhost/")
    with pytest.raises(ValueError, match="default_graph"):
        store.query(
            "ASK { SERVICE <http://localhost:1/> { ?s ?p ?o } }",
            use_default_graph_as_union=True,
            default_graph=any_graph,
        )
    with pytest.raises(SyntaxError):
        store.query("ASK { ?s ?p }", use_default_graph_as_union=True, default_graph=any_graph)


def test_the_words_are_those_that_the_lexer_knows() -> None:
    assert KEYWORDS == lexer._KEYWORDS


@pytest.mark.parametrize(
    "piece",
    [
        "{",
        "(",
        "„",
        "„a",
        "<a://",
        "< ",
        "<a://b \t",
        "FILTER ?x ",
        "Ж",
        "http://",
        "w ",
        "?a, ",
        "STR(?x+",
        "{SELECT ?x (MAX(?y) AS ?n) {",
    ],
)
def test_what_is_long_takes_no_long_time(piece: str) -> None:
    text = f"SELECT * {{ ?x ?y {piece * (LONGEST // len(piece))}"
    started = time.process_time()
    hint(text[:LONGEST])
    assert time.process_time() - started < 5
    assert hint(text[:LONGEST] + " ") is None
