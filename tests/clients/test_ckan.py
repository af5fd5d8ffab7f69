"""ckanext-dcat, the harvester of CKAN, takes the whole catalogue.

`KG_CKAN` names a Python with CKAN and ckanext-dcat (`.ci/run` makes one). Required in CI, elsewhere skipped without it.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from kg import resources
from kg.formats import NT, TTL
from kg.namespaces import DCT, Namespace
from kg.pipeline import Domain
from kg.publish.catalogue.authority import DCAT
from kg.publish.catalogue.shelf import Catalogue
from kg.publish.resource import Resource
from kg.store.embedded import EmbeddedStore
from tests.conftest import BASE

HARVEST = """
import json, sys
from ckanext.dcat.processors import RDFParser
parser = RDFParser(profiles=["euro_dcat_ap_3"])
parser.parse(sys.stdin.buffer.read(), "turtle")
assert not parser.next_page()
print(json.dumps(list(parser.datasets())))
"""
Said = dict[tuple[str, NamedNode], set[str]]
EU = "http://publications.europa.eu/resource/authority"
SPDX = Namespace("http://spdx.org/rdf/terms#")


@pytest.fixture(scope="module")
def ckan() -> str:
    python = os.environ.get("KG_CKAN", "")
    if not python:
        if os.environ.get("CI") == "true":
            pytest.fail("KG_CKAN names no Python with CKAN and ckanext-dcat, and CI must ask them")
        pytest.skip("KG_CKAN names no Python with CKAN and ckanext-dcat")
    return python


@pytest.fixture(scope="module")
def catalogue(bundled_home: Path, domain: Domain, tmp_path_factory: pytest.TempPathFactory) -> Resource:
    store = EmbeddedStore.open(bundled_home)
    release = store.current()
    assert release is not None
    folder = tmp_path_factory.mktemp("dumps")
    found = Catalogue(resources.CATALOGUE, folder, domain.context, store).find(release, "/catalogue", {})
    assert isinstance(found, Resource)
    return found


@pytest.fixture(scope="module")
def said(catalogue: Resource) -> Said:
    found: Said = {}
    for quad in parse(catalogue.write(NT, "bg"), RdfFormat.N_TRIPLES):
        subject, value = getattr(quad.subject, "value", ""), getattr(quad.object, "value", "")
        found.setdefault((subject, quad.predicate), set()).add(value)
    return found


@pytest.fixture(scope="module")
def harvested(ckan: str, catalogue: Resource) -> dict[str, dict[str, Any]]:
    """The datasets as CKAN has them, by IRI."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": ""}
    done = subprocess.run(
        [ckan, "-c", HARVEST], input=catalogue.write(TTL, "bg"), capture_output=True, env=environment, timeout=300
    )
    assert done.returncode == 0, done.stderr.decode()
    return {extra(dataset, "uri"): dataset for dataset in json.loads(done.stdout)}


def extra(dataset: dict[str, Any], name: str) -> str:
    return str(next((one["value"] for one in dataset["extras"] if one["key"] == name), ""))


def values(said: Said, node: str, property: NamedNode) -> set[str]:
    return said.get((node, property), set())


def test_every_dataset_arrives_with_what_is_said_of_it(harvested: dict[str, dict[str, Any]], said: Said) -> None:
    offered = values(said, f"{BASE}/catalogue", DCAT.dataset)
    assert harvested.keys() == offered
    assert len(offered) > 30
    for iri, dataset in harvested.items():
        assert dataset["title"] in values(said, iri, DCT.term("title"))
        assert dataset["notes"] in values(said, iri, DCT.description)
        assert {tag["name"] for tag in dataset["tags"]} == values(said, iri, DCAT.keyword)
        assert set(json.loads(extra(dataset, "theme"))) == values(said, iri, DCAT.theme)
        assert set(json.loads(extra(dataset, "language"))) == values(said, iri, DCT.language)
        for name, property in (("issued", DCT.issued), ("modified", DCT.modified), ("identifier", DCT.identifier)):
            assert {extra(dataset, name)} == values(said, iri, property)
        assert extra(dataset, "publisher_uri") == f"{BASE}/id/municipality/rse27"
        assert extra(dataset, "publisher_name") in {"Община Русе", "Ruse Municipality"}
        assert extra(dataset, "contact_email") == "mayor@ruse-bg.eu"
        assert extra(dataset, "access_rights") == f"{EU}/access-right/PUBLIC"
        assert extra(dataset, "frequency") == f"{EU}/frequency/WEEKLY"
        assert extra(dataset, "spatial_uri") in values(said, iri, DCT.spatial)
        assert extra(dataset, "temporal_start") and extra(dataset, "temporal_end")


def test_every_file_arrives_with_its_terms_its_digest_and_the_query_service(
    harvested: dict[str, dict[str, Any]], said: Said
) -> None:
    for iri, dataset in harvested.items():
        files = {one["uri"]: one for one in dataset["resources"]}
        assert files.keys() == values(said, iri, DCAT.distribution)
        assert len(files) == 12
        for node, file in files.items():
            assert {file["download_url"]} == {file["access_url"]} == values(said, node, DCAT.downloadURL)
            assert {file["format"]} == values(said, node, DCT.term("format"))
            assert {file["mimetype"]} == values(said, node, DCAT.mediaType)
            assert {str(file["size"])} == values(said, node, DCAT.byteSize)
            assert {file["hash"]} == values(said, f"{node}-sha256", SPDX.checksumValue)
            assert {file.get("license", "")} - {""} == values(said, node, DCT.license)
            assert file["rights"]
            (service,) = json.loads(file["access_services"])
            assert service["endpoint_url"] == [f"{BASE}/sparql"]
            assert iri in service["serves_dataset"]
