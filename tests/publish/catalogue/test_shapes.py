"""The official shapes of DCAT-AP 3.0.1 find no violation; each kind of warning is known, with its reason."""

from __future__ import annotations

from pathlib import Path

import pyshacl
import pytest
import rdflib
from rdflib.namespace import SH

from kg.formats import TTL
from kg.publish.catalogue.shelf import Catalogue
from kg.publish.resource import Resource
from kg.store.port import Release

FILES = (
    "shapes", "shapes_recommended", "range", "mdr-vocabularies.shape", "deprecateduris", "dcat-ap-SHACL",
)  # fmt: skip
KNOWN = {
    ("shapes_recommended", "license"): "sources state no licence, and none is claimed for them",
    ("shapes_recommended", "adms#status"): "records are neither new nor on their way out: each is of this release",
    ("shapes_recommended", "type"): "the licences used are of no type of the EU's list",
    ("shapes_recommended", "dcat#bbox"): "places are named by code, not measured",
    ("shapes_recommended", "dcat#centroid"): "places are named by code, not measured",
    ("mdr-vocabularies.shape", "publisher"): "no municipality is in the EU's table of corporate bodies",
    ("mdr-vocabularies.shape", "spatial"): "NUTS codes are in no table of the EU's; the country is stated besides",
}


@pytest.fixture(scope="module")
def data(release: Release, catalogue: Catalogue) -> rdflib.Graph:
    found = catalogue.find(release, "/catalogue", {})
    assert isinstance(found, Resource)
    return rdflib.Graph().parse(data=found.write(TTL, "bg"), format="turtle")


@pytest.mark.parametrize("name", FILES)
def test_it_conforms(data: rdflib.Graph, shared: Path, name: str) -> None:
    shapes = rdflib.Graph().parse(shared / "data" / "dcat-ap" / f"3.0.1-{name}.ttl")
    targets = sum(1 for _ in shapes.subjects(SH.targetClass)) + sum(1 for _ in shapes.subjects(SH.targetObjectsOf))
    assert targets > 3 or name == "deprecateduris"
    for shape, _, property in [*shapes.triples((None, SH.property, None))]:
        if (property, SH.path, None) not in shapes:  # SEMICeu/DCAT-AP#448
            shapes.remove((shape, SH.property, property))
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none")
    assert isinstance(report, rdflib.Graph)
    found = {
        (str(report.value(one, SH.resultSeverity)), str(report.value(one, SH.resultPath)).rpartition("/")[2])
        for one in report.objects(None, SH.result)
    }
    assert {path for severity, path in found if severity == str(SH.Violation)} == set()
    assert {path for _, path in found} == {path for file, path in KNOWN if file == name}


def test_the_shapes_would_find_what_is_missing(data: rdflib.Graph, shared: Path) -> None:
    spoilt = rdflib.Graph()
    spoilt += data
    spoilt.remove((None, rdflib.URIRef("http://www.w3.org/ns/dcat#accessURL"), None))
    shapes = rdflib.Graph().parse(shared / "data" / "dcat-ap" / "3.0.1-shapes.ttl")
    conforms, _, _ = pyshacl.validate(spoilt, shacl_graph=shapes, inference="none")
    assert not conforms
