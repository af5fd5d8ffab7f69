"""A dump is the whole release, in order, the same every time."""

from __future__ import annotations

import io

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse
from tests.memory import Memory

from kg import formats
from kg.errors import NotAcceptableError
from kg.graph import DEFAULT, Changes
from kg.publish.dump import dump

BASE = "http://localhost:8000"


def quad(subject: str, text: str, graph: str) -> Quad:
    return Quad(
        NamedNode(f"{BASE}/id/{subject}"),
        NamedNode("http://purl.org/dc/terms/title"),
        Literal(text, language="bg"),
        NamedNode(f"{BASE}/graph/{graph}"),
    )


QUADS = [
    quad("project/b", "Б „кавички“\nнов ред", "one"),
    quad("project/a", "А", "one"),
    quad("project/a", "А", "two"),
    quad("project/c", "В", "meta"),
]


def written(name: str, order: int = 1) -> bytes:
    memory, output = Memory(), io.BytesIO()
    memory.apply(Changes(added=tuple(QUADS[::order])))
    format = formats.by_name(name)
    assert format
    dump(memory, format, output)
    return output.getvalue()


@pytest.mark.parametrize(
    ("name", "engine"), [("nq", RdfFormat.N_QUADS), ("trig", RdfFormat.TRIG), ("jsonld", RdfFormat.JSON_LD)]
)
def test_a_dataset_format_holds_every_named_graph(name: str, engine: RdfFormat) -> None:
    assert set(parse(written(name), engine)) == set(QUADS)


@pytest.mark.parametrize(
    ("name", "engine"),
    [("ttl", RdfFormat.TURTLE), ("nt", RdfFormat.N_TRIPLES), ("rdf", RdfFormat.RDF_XML)],
)
def test_a_graph_format_holds_the_merge_each_triple_once(name: str, engine: RdfFormat) -> None:
    quads = list(parse(written(name), engine))
    assert {each.graph_name for each in quads} == {DEFAULT}
    assert sorted(str(each.triple) for each in quads) == sorted({str(each.triple) for each in QUADS[:3]})


@pytest.mark.parametrize("name", ["nq", "trig", "ttl", "nt", "rdf", "jsonld"])
def test_the_order_of_writing_leaves_no_trace(name: str) -> None:
    assert len({written(name, order) for order in (1, -1) for _ in range(3)}) == 1


def test_prefixes_stand_in_order() -> None:
    heads = [line for line in written("ttl").decode().splitlines() if line.startswith("@prefix")]
    assert len(heads) > 5
    assert heads == sorted(heads)


def test_a_format_for_tables_is_refused_in_both_languages() -> None:
    with pytest.raises(NotAcceptableError) as refusal:
        written("csv")
    assert refusal.value.messages["bg"] != refusal.value.messages["en"]
