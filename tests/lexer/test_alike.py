"""Texts that differ in constants only: their outlines are those that looking at each of them would give."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import KgError
from kg.lexer import Outline, outline
from kg.lexer.alike import Outlines

QUERY = 'PREFIX e: <http://e/> SELECT ?a { <http://e/%s> e:p%s ?a FILTER (?a > %s || ?a = "%s") # %s\n }'
PIECES = [
    *(
        "SELECT",
        "ASK",
        "CONSTRUCT",
        "SERVICE",
        "FROM",
        "LIMIT",
        "OFFSET",
        "GRAPH",
        "NOW()",
        "a",
        "e:p",
        "e:1",
        "e:p2.3",
    ),
    *(
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ".",
        ",",
        ";",
        "*",
        "+",
        "?",
        "/",
        "|",
        "^",
        "^^",
        "||",
        "&&",
        "=",
        "!=",
        "<=",
        ">=",
    ),
    *("<", ">", "<<", ">>", "<<(", ")>>", "<http://e/1>", "<http://e/2>", "<>", "<(((>", "<?a&&?b>", "<SERVICE>"),
    *(
        '"',
        "'",
        '"""',
        "'''",
        '"a"',
        "'b'",
        '"a#b"',
        "'\"'",
        '"\'"',
        '"""a"b"""',
        "#",
        "# '\n",
        "# SERVICE <x> {\n",
        "\n",
    ),
    *(
        "1",
        "22",
        "1.5",
        "1e5",
        ".5",
        "-1",
        "?a",
        "?a1",
        "?1",
        "_:b1",
        "_:1",
        "@bg",
        "@en-1",
        "\\",
        "\\u0041",
        "%41",
        "·",
    ),
    *("PREFIX", "e:", "BASE", " ", " ", " "),
]


def told(look: Outlines, text: str) -> Outline | str:
    try:
        return look(text)
    except KgError as error:
        return str(error)


def plain(text: str) -> Outline | str:
    try:
        return outline(text)
    except KgError as error:
        return str(error)


def test_other_constants_give_the_same_outline_of_another_text() -> None:
    look = Outlines()
    for constants in (
        ("a", "1", "1", "x", "y"),
        ("b/c#d", "1", "27", "", "SERVICE <x> {}"),
        ("", "1", "0", "{((", "'"),
    ):
        text = QUERY % constants
        assert look(text) == outline(text)
    assert len(look._known) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("SELECT * { ?s ?p '1' }", "SELECT * { ?s ?p <1> }"),
        ("SELECT * { ?s ?p ?1 }", "SELECT * { ?s ?p ?2 }"),
        ("SELECT * FROM <http://e/1> { ?s ?p 1 }", "SELECT * FROM <http://e/2> { ?s ?p 1 }"),
        ("SELECT * { SERVICE <http://e/1> {} }", "SELECT * { SERVICE <http://e/2> {} }"),
        ("SELECT * { ?s ?p '''a''' }", "SELECT * { ?s ?p '''a' SERVICE <x> {} #''' }"),
        ("SELECT * { ?s ?p <<(?a ?b ?c)>> }", "SELECT * { ?s ?p <<(1 ?b ?c)>> }"),
        ("SELECT * { ?s ?p 'a' . ?s ?p \"b\" }", 'SELECT * { ?s ?p \'a" SERVICE <x> {} \' . ?s ?p "b" }'),
        ("SELECT * { ?s ?p 1 } LIMIT 1", "SELECT * { ?s ?p 1 } LIMIT"),
        ("SELECT * { ?s ?p 'a' }", "SELECT * { ?s ?p 'a\\' } SERVICE <x> {' }"),
    ],
)
def test_what_differs_in_more_is_looked_at(first: str, second: str) -> None:
    look = Outlines()
    told(look, first)
    assert told(look, second) == plain(second)


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=12), min_size=2, max_size=6))
def test_no_other_text_that_came_before_changes_what_is_told(texts: list[list[str]]) -> None:
    look = Outlines()
    for pieces in texts:
        for text in (
            "SELECT * { " + "".join(pieces),
            " ".join(pieces),
            "PREFIX e: <e> ASK { " + " ".join(pieces) + "}",
        ):
            assert told(look, text) == plain(text)


@given(st.data())
def test_other_texts_in_the_same_places_change_nothing(data: st.DataObject) -> None:
    pieces = data.draw(st.lists(st.sampled_from(PIECES), max_size=14))
    constants = [piece for piece in PIECES if piece[0] in "<\"'#0123456789"]
    look = Outlines()
    for _ in range(4):
        changed = [
            data.draw(st.sampled_from(constants)) if piece in constants and data.draw(st.booleans()) else piece
            for piece in pieces
        ]
        for glue in ("", " "):
            text = "PREFIX e: <e> SELECT * { " + glue.join(changed) + " }"
            assert told(look, text) == plain(text)


def test_every_query_of_the_suites_has_the_outline_it_had(shared: Path) -> None:
    texts = [path.read_text("utf-8", "replace") for path in sorted((shared / "suites" / "sparql").rglob("*.rq"))]
    assert len(texts) > 500
    look = Outlines()
    for text in [*texts, *reversed(texts)]:
        assert told(look, text) == plain(text)


def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.lexer.alike._REMEMBERED", 3)
    look = Outlines()
    for number in range(9):
        look(f"SELECT ?a{number} {{}}")
    assert len(look._known) == 3
