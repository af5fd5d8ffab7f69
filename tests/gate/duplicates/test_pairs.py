"""How many of the true duplicates are found, and how few of those that only look like it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyoxigraph import Literal, NamedNode, Quad
from tests.memory import Memory

from kg import resources
from kg.gate.duplicates import Duplicates
from kg.iris import Iris
from kg.namespaces import DCT, MKG, ORG, RDF, SCHEMA, SKOS, XSD
from kg.pipeline import Domain

IRIS = Iris("http://localhost:8000")
GRAPH = IRIS.graph("made")
PLACES = {"ruse": "Русе", "varna": "Варна"}
TEXTS = {"name": SKOS.prefLabel, "title": DCT.term("title"), "acronym": MKG.acronym}
CODES = {
    "eik": (MKG.registerCode, MKG.EIK),
    "cci": (MKG.registerCode, MKG.CCI),
    "ekatte": (SKOS.notation, MKG.EKATTE),
    "contractNumber": (MKG.contractNumber, XSD.string),
    "contractNumber2": (MKG.contractNumber, XSD.string),
}
DATES = {"startDate": SCHEMA.startDate, "opens": MKG.opens, "issued": DCT.issued}
LINKS = {
    "spatial": DCT.spatial,
    "isPartOf": DCT.isPartOf,
    "creator": DCT.creator,
    "unitOf": ORG.unitOf,
    "postIn": ORG.postIn,
    "holds": ORG.holds,
    "jurisdiction": MKG.jurisdiction,
    "beneficiary": MKG.beneficiary,
    "callOf": MKG.callOf,
    "concerns": MKG.concerns,
    "kind": MKG.kind,
}
PAIRS = yaml.safe_load((Path(__file__).parent / "pairs.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Made:
    """All the pairs, each on its own, and what was found of them."""

    found: frozenset[tuple[str, int]]

    def rate(self, verdict: str) -> float:
        return sum(one == verdict for one, _ in self.found) / len(PAIRS[verdict])


def quads(node: NamedNode, cls: str, fields: dict[str, Any]) -> Iterator[Quad]:
    yield Quad(node, RDF.type, MKG.term(cls), GRAPH)
    for field, value in fields.items():
        if field in TEXTS:
            language = "bg" if re.search("[а-я]", str(value).lower()) else "en"
            yield Quad(node, TEXTS[field], Literal(str(value), language=language), GRAPH)
        elif field in CODES:
            property, datatype = CODES[field]
            yield Quad(node, property, Literal(value, datatype=datatype), GRAPH)
        elif field in DATES:
            yield Quad(node, DATES[field], Literal(value, datatype=XSD.date), GRAPH)
        else:
            yield Quad(node, LINKS[field], NamedNode(f"{IRIS.ids}place/{value}"), GRAPH)


def memory(one: dict[str, Any], other: dict[str, Any], cls: str) -> Memory:
    """A graph with these two, and the places."""
    made = Memory()
    for place, name in PLACES.items():
        node = NamedNode(f"{IRIS.ids}place/{place}")
        made.store.add(Quad(node, RDF.type, MKG.Place, GRAPH))
        made.store.add(Quad(node, SKOS.prefLabel, Literal(name, language="bg"), GRAPH))
        made.store.add(Quad(node, MKG.kind, NamedNode("urn:kind:place"), GRAPH))
    for name, fields in (("one", one), ("other", other)):
        made.store.extend(quads(NamedNode(f"{IRIS.ids}made/{name}"), cls, fields))
    return made


@pytest.fixture(scope="module")
def finder(domain: Domain) -> Duplicates:
    return Duplicates(resources.ONTOLOGY, domain.context)


@pytest.fixture(scope="module")
def made(finder: Duplicates) -> Made:
    found = set()
    for verdict, pairs in PAIRS.items():
        for number, (cls, one, other) in enumerate(pairs):
            for pair in finder.pairs(memory(one, other, cls), IRIS):
                if {pair.one.node.value[-3:], pair.other.node.value[-3:]} == {"one", "her"}:
                    found.add((verdict, number))
    return Made(frozenset(found))


def test_there_are_enough_pairs() -> None:
    assert len(PAIRS["same"]) >= 70
    assert len(PAIRS["different"]) >= 50


def test_recall_and_precision(made: Made) -> None:
    missed = [pair for at, pair in enumerate(PAIRS["same"]) if ("same", at) not in made.found]
    wrong = [PAIRS["different"][at] for verdict, at in made.found if verdict == "different"]
    recall = made.rate("same")
    precision = 1 - len(wrong) / len(made.found)
    assert recall >= 0.95, missed
    assert precision >= 0.95, wrong


def test_nothing_in_the_bundled_data_is_asked_about(finder: Duplicates, bundled_memory: Memory) -> None:
    assert sum(1 for _ in finder.judge.reader.everything(bundled_memory)) > 500
    assert finder.pairs(bundled_memory, IRIS) == ()
