from __future__ import annotations

import pytest

from kg.errors import QueryError
from kg.update.evaluation import check
from kg.update.operations import Data, Manage, Modify, read


def test_a_request_is_read_into_its_operations() -> None:
    text = """PREFIX e: <urn:e#> # comes first
        INSERT DATA { e:a e:b "}" } ;
        WITH e:g DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } USING <urn:u> USING NAMED e:n WHERE { ?s ?p ?o { } } ;
        DELETE WHERE { ?s ?p ?o } ; delete data {} ;
        copy silent default to graph e:g; DROP NAMED"""
    prologue = "PREFIX e: <urn:e#>\n"
    assert read(text).operations == (
        Data(prologue, '{ e:a e:b "}" }', removes=False),
        Modify(
            prologue,
            "{ ?s ?p ?o { } }",
            delete="{ ?s ?p ?o }",
            insert="{ ?s ?p 1 }",
            scope="e:g",
            using=("<urn:u>",),
            named=("e:n",),
        ),
        Modify(prologue, "{ ?s ?p ?o }", delete="{ ?s ?p ?o }"),
        Data(prologue, "{}", removes=True),
        Manage(prologue, "COPY", "e:g", "DEFAULT", silent=True),
        Manage(prologue, "DROP", "NAMED"),
    )


def test_a_later_prologue_adds_to_the_earlier_one() -> None:
    text = "BASE <urn:x/> INSERT DATA {} ; PREFIX e: <urn:e#> VERSION '1.2' CLEAR ALL ;"
    first, second = read(text).operations
    assert first.prologue == "BASE <urn:x/>\n"
    assert second.prologue == "BASE <urn:x/>\nPREFIX e: <urn:e#> VERSION '1.2'\n"
    assert check(text, None) == read(text)


@pytest.mark.parametrize("text", ["", "  # nothing", "PREFIX e: <urn:e#>", "BASE <urn:e>\n"])
def test_a_request_may_do_nothing(text: str) -> None:
    assert check(text, None).operations == ()


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <urn:a> <urn:b> }",
        "INSERT DATA { <urn:a> <urn:b> <urn:c> ",
        "INSERT DATA { ?a <urn:b> <urn:c> }",
        "DELETE DATA { _:a <urn:b> <urn:c> }",
        "DELETE { _:a ?b ?c } WHERE { ?a ?b ?c }",
        "INSERT { ?a ?b ?c }",
        "INSERT { } INSERT { } WHERE { }",
        "WITH <urn:g> WHERE {}",
        "CLEAR <urn:g>",
        "CREATE DEFAULT",
        "COPY NAMED TO <urn:g>",
        "INSERT DATA {} INSERT DATA {}",
        "INSERT DATA {} ;; INSERT DATA {}",
        "INSERT DATA {} ; PREFIX e:",
        "PREFIX e: INSERT DATA {}",
        "INSERT DATA { e:a e:b e:c }",
        "SELECT * { ?a ?b ?c }",
        "}",
        "INSERT DATA { _:a <urn:b> 1 } ; PREFIX e: <urn:e#> INSERT DATA { _:a <urn:b> 1 }",
        "INSERT DATA {} ; PREFIX e: <urn:e#> INSERT DATA { e:a e:b } ; CLEAR ALL",
        "BASE <urn:x> " + "; PREFIX e: <urn:e#> CLEAR ALL " * 3,
        "CLEAR ALL" + "; PREFIX e: <urn:e#> CLEAR ALL " * 200,
    ],
)
def test_what_is_malformed_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        check(text, None)


def test_a_mistake_is_told_with_its_line_and_column() -> None:
    with pytest.raises(QueryError, match=r"at 1:23\b"):
        check("INSERT DATA { <urn:a> } ", None)
    with pytest.raises(QueryError, match=r"at 3:27\b"):
        check("CLEAR ALL ;\nPREFIX e: <urn:e#>\nINSERT DATA { <urn:a> e:b } ; CLEAR ALL", None)
