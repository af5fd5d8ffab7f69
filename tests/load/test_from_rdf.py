"""Every syntax says the same; the same file twice gives the same names; nothing is fetched."""

from __future__ import annotations

import json
import random

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize
from tests.load.conftest import BASE, Loading, refused, triples

from kg.entry import Locator
from kg.iris import Iris
from kg.load import from_rdf
from kg.pipeline import Domain

NS = "https://w3id.org/municipal-kg/ns#"
TURTLE = f"""\
@prefix mkg: <{NS}> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<organisation/a> a mkg:Organisation ; skos:prefLabel "Читалище „Зора“"@bg ; mkg:registerCode "176789478"^^mkg:EIK .

<event/a> a mkg:Event ; mkg:organiser <organisation/a> ;
  mkg:budget [ a mkg:Amount ; mkg:value 5.50 ] ;
  mkg:participation [ mkg:agent <organisation/a> ], [ mkg:agent [ skos:prefLabel "x"@bg ] ] .
"""


def _read(raw: bytes, suffix: str, domain: Domain) -> set[Triple]:
    file = from_rdf.read(raw, suffix, f"a{suffix}", "a", Iris(BASE), domain.context)
    return set(file.triples["a"])


@pytest.mark.parametrize("suffix", from_rdf.FORMATS)
def test_all_six_syntaxes_give_the_same_triples(suffix: str, domain: Domain) -> None:
    expected = _read(TURTLE.encode(), ".ttl", domain)
    given = [quad.triple for quad in parse(TURTLE.encode(), RdfFormat.TURTLE, base_iri=f"{BASE}/id/")]
    raw = serialize(given, format=from_rdf.FORMATS[suffix])
    assert raw is not None
    assert _read(raw, suffix, domain) == expected
    assert len(expected) == 13
    assert not any(isinstance(term, BlankNode) for triple in expected for term in (triple.subject, triple.object))


def test_the_order_and_the_labels_of_blank_nodes_do_not_matter(domain: Domain) -> None:
    lines = [f'<{BASE}/id/event/a> <{NS}participation> _:{{{n}}} .\n_:{{{n}}} <{NS}count> "{n}" .' for n in range(9)]
    text = "\n".join(lines).split("\n")
    expected = None
    for seed in range(5):
        labels = [f"n{n}" for n in range(9)]
        random.Random(seed).shuffle(labels)
        random.Random(seed).shuffle(text)
        found = _read("\n".join(line.format(*labels) for line in text).encode(), ".nt", domain)
        expected = expected or found
        assert found == expected and len(found) == 18


def test_named_graphs_below_the_base_are_sources_of_their_own(domain: Domain) -> None:
    text = f"<event/a> <{NS}about> <event/b> . <{BASE}/graph/x> {{ <event/b> <{NS}about> <event/a> . }}"
    file = from_rdf.read(text.encode(), ".trig", "a.trig", "a", Iris(BASE), domain.context)
    event_a, event_b, about = NamedNode(f"{BASE}/id/event/a"), NamedNode(f"{BASE}/id/event/b"), NamedNode(f"{NS}about")
    assert file.triples == {"a": [Triple(event_a, about, event_b)], "x": [Triple(event_b, about, event_a)]}


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".ttl", f"<event/b> <{NS}about> <event/a> .\n\n<event/a>\n  a <{NS}Event> ."),
        (".ttl", f"@prefix e: <{BASE}/id/event/> .\n\ne:a a <{NS}Event> ."),
        (".nt", f'<{BASE}/id/event/b> <{NS}about> <{BASE}/id/event/a> .\n\n<{BASE}/id/event/a> <{NS}about> "x" .'),
        (".jsonld", f'[{{"@id": "event/b"}},\n\n{{"@id": "event/a", "@type": "{NS}Event"}}]'),
        (
            ".rdf",
            f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:m="{NS}">\n\n'
            '<m:Event rdf:about="event/a"/></rdf:RDF>',
        ),
    ],
)
def test_an_entity_is_placed_where_it_is_described(suffix: str, text: str, domain: Domain) -> None:
    file = from_rdf.read(text.encode(), suffix, "a", "a", Iris(BASE), domain.context)
    assert file.places[f"{BASE}/id/event/a"] == Locator("a", line=3)


@pytest.mark.parametrize(
    "document",
    [
        {"@context": "http://127.0.0.1:9/c", "@id": "event/a", "name": "x"},
        {"@context": {"@import": "http://127.0.0.1:9/c"}, "@id": "event/a"},
        {"@context": {"a": {"@id": "x:a", "@context": "http://127.0.0.1:9/c"}}, "a": {"b": "c"}},
        {"@id": "event/a", "x:a": {"@context": [None, "http://127.0.0.1:9/c"], "y:b": "c"}},
    ],
)
def test_a_remote_context_is_never_fetched(document: object, domain: Domain) -> None:
    (finding,) = refused(lambda: _read(json.dumps(document).encode(), ".jsonld", domain))
    assert "not fetched" in finding.messages["en"] and "не се изтегля" in finding.messages["bg"]


def test_a_remote_context_in_a_file_that_breaks_off_later_is_told_too(domain: Domain) -> None:
    (finding,) = refused(lambda: _read(b'{\n"@context": "http://127.0.0.1:9/c", "@id": ', ".jsonld", domain))
    assert finding.at is not None and finding.at.line == 2


def test_a_source_may_come_from_entries_and_from_rdf_together(loading: Loading) -> None:
    text = f"@prefix mkg: <{NS}> .\n<event/a> mkg:organiser <organisation/ndef> .\n<event/b> a mkg:Event ."
    loaded = loading({"a.ttl": text, "a.yaml": "- {id: event/a, type: Event, title: А}\n"})
    (batch,) = loaded.batches
    assert batch.files == ("a.ttl", "a.yaml")
    event = f"{BASE}/id/event/a"
    found = {triple.predicate.value for triple in triples(loaded) if triple.subject == NamedNode(event)}
    assert {f"{NS}organiser", "http://purl.org/dc/terms/title"} <= found
    places = {iri.removeprefix(f"{BASE}/id/"): str(entry.at) for iri, entry in batch.entries.items()}
    assert places == {"event/a": "a.yaml:1", "event/b": "a.ttl:3"}


def test_literals_keep_language_and_datatype(domain: Domain) -> None:
    found = {triple.object for triple in _read(TURTLE.encode(), ".ttl", domain)}
    assert Literal("Читалище „Зора“", language="bg") in found
    assert Literal("176789478", datatype=NamedNode(f"{NS}EIK")) in found
