"""A query file runs as it stands, and its slots are filled with terms, never with text."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from kg import resources
from kg.derive import FUNCTIONS
from kg.errors import ParameterError, QueryError
from kg.rq import QueryFile

TEXT = """#+ title: {bg: "Имена", en: "Names"}
#+ parameters:
#+   thing: {type: iri}
SELECT ?thing ?name WHERE { VALUES ?thing { UNDEF } ?thing <http://e/name> ?name . VALUES ?name{UNDEF} }
ORDER BY ?thing ?name
"""
A, B = NamedNode("http://e/a"), NamedNode("http://e/b")


def answers(text: str) -> list[tuple[str, str]]:
    store = Store()
    store.update('INSERT DATA { <http://e/a> <http://e/name> "а" , "б" . <http://e/b> <http://e/name> "а" }')
    rows = store.query(text)
    assert isinstance(rows, QuerySolutions)
    return [(row["thing"].value, row["name"].value) for row in rows]


def test_left_as_it_stands_a_slot_means_any() -> None:
    assert len(answers(TEXT)) == 3
    assert QueryFile.of("names", TEXT).bind({}) == TEXT
    assert QueryFile.of("names", TEXT).bind({"thing": []}) == TEXT


def test_a_slot_is_filled_with_one_or_several_terms() -> None:
    query = QueryFile.of("names", TEXT)
    assert query.slots == {"thing", "name"}
    assert answers(query.bind({"thing": [A]})) == [("http://e/a", "а"), ("http://e/a", "б")]
    assert len(answers(query.bind({"thing": [A, B], "name": [Literal("а")]}))) == 2


@pytest.mark.parametrize("text", ['а" } } ; DROP ALL #', "\\", "а\nб", "?thing", "{ UNDEF }"])
def test_what_a_term_says_stays_a_text(text: str) -> None:
    assert answers(QueryFile.of("names", TEXT).bind({"name": [Literal(text)]})) == []


def test_an_unknown_slot_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ParameterError) as refusal:
        QueryFile.of("names", TEXT).bind({"thin": [A]})
    for message in refusal.value.messages.values():
        assert "name, thing" in message


def test_the_header_is_read() -> None:
    query = QueryFile.of("names", TEXT)
    assert query.header["title"] == {"bg": "Имена", "en": "Names"}
    assert query.parameters == {"thing": {"type": "iri"}}
    assert QueryFile.of("bare", "ASK {}").parameters == {}


@pytest.mark.parametrize(
    "text",
    ["#+ title: {bg\nASK {}", "#+ a list\nASK {}", "#+ parameters: {thing: {type: iri}}\nASK {}"],
)
def test_a_wrong_header_is_refused_in_both_languages(text: str) -> None:
    with pytest.raises(QueryError) as refusal:
        QueryFile.of("wrong", text)
    assert refusal.value.messages["bg"] != refusal.value.messages["en"]


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.rq"
    path.write_bytes("# Имена\nASK {}".encode("cp1251"))
    with pytest.raises(QueryError, match="UTF-8"):
        QueryFile.read(path)


def test_every_query_file_is_read_and_parses() -> None:
    files = sorted(resources.QUERIES.rglob("*.rq"))
    assert len(files) > 40
    store = Store()
    for path in files:
        query = QueryFile.read(path)
        store.query(query.text, custom_functions=dict(FUNCTIONS))
        assert query.header["title"].keys() == {"bg", "en"}, path


TABLE = "SELECT ?thing ?name WHERE { VALUES (?thing ?name) { (UNDEF UNDEF) } ?thing <http://e/name> ?name }"


def test_a_table_is_filled_row_by_row() -> None:
    query = QueryFile.of("names", TABLE)
    assert len(answers(query.text)) == 3
    assert answers(query.tabled([(A, Literal("б")), (B, None)])) == [("http://e/a", "б"), ("http://e/b", "а")]
    assert answers(query.tabled([(None, Literal('б" ) } #'))])) == []
    assert answers(query.tabled([])) == []
