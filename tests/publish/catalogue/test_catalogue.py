"""What the catalogue offers: datasets, their files, who answers for them and under which terms."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from pathlib import Path

import pytest
import zstandard
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from tests.conftest import BASE

from kg import resources
from kg.errors import RequestError
from kg.formats import CSV, HTML, JSONLD, NQ, NT, RDF, TTL
from kg.graph import DEFAULT
from kg.iris import Iris
from kg.namespaces import DCT, MKG
from kg.namespaces import RDF as RDF_TERMS
from kg.pipeline import Domain
from kg.publish.catalogue import plan
from kg.publish.catalogue.authority import DCAT, licence
from kg.publish.catalogue.mqa import MOST, Score, scores
from kg.publish.catalogue.shelf import Catalogue
from kg.publish.resource import Resource, Stored
from kg.store.embedded import EmbeddedStore
from kg.store.port import Release

IRIS = Iris(BASE)
THEMES = {"graph", "projects", "partners", "programmes", "events", "council", "reference", "vocabulary"}


def stored(catalogue: Catalogue, release: Release, name: str) -> bytes:
    found = catalogue.find(release, f"/dumps/{name}", {})
    assert isinstance(found, Stored)
    body = found.file.read_bytes()
    assert (len(body), hashlib.sha256(body).hexdigest()) == (found.size, found.sha256)
    return body


def resource(catalogue: Catalogue, release: Release, path: str) -> Resource:
    found = catalogue.find(release, path, {})
    assert isinstance(found, Resource)
    return found


def graph(body: bytes, format: RdfFormat) -> set[Triple]:
    return {quad.triple for quad in parse(body, format)}


def test_there_is_a_dataset_for_each_theme_and_each_source(catalogue: Catalogue, release: Release) -> None:
    slugs = {path.removeprefix("/dataset/") for path in catalogue.paths(release) if path.startswith("/dataset/")}
    sources = {
        "source-" + quad.subject.value.removeprefix(f"{BASE}/graph/")
        for quad in release.quads(None, MKG.owner, Literal("source"), IRIS.meta)
        if isinstance(quad.subject, NamedNode)
    }
    assert len(sources) > 25
    assert slugs == THEMES | sources


def test_the_catalogue_is_the_same_in_every_form_and_every_time(
    catalogue: Catalogue, store: EmbeddedStore, release: Release, domain: Domain, tmp_path: Path
) -> None:
    again = Catalogue(resources.CATALOGUE, tmp_path, domain.context, store)
    for path in ("/catalogue", "/dataset/projects"):
        found = resource(catalogue, release, path)
        forms = [graph(found.write(format, "bg"), format.rdf_engine) for format in (TTL, JSONLD, RDF, NT)]
        assert forms[0] and all(form == forms[0] for form in forms)
        assert found.write(TTL, "bg") == resource(again, release, path).write(TTL, "en")
    whole = graph(resource(catalogue, release, "/catalogue").write(NT, "bg"), RdfFormat.N_TRIPLES)
    part = graph(resource(catalogue, release, "/dataset/projects").write(NT, "bg"), RdfFormat.N_TRIPLES)
    served = {one for one in part if one.predicate == DCAT.servesDataset}
    assert part - served <= whole


def test_the_files_of_a_dataset_say_the_same(catalogue: Catalogue, release: Release) -> None:
    for slug in ("projects", "source-report-2023-w26", "vocabulary"):
        turtle = graph(stored(catalogue, release, f"{slug}.ttl"), RdfFormat.TURTLE)
        assert turtle == graph(stored(catalogue, release, f"{slug}.jsonld"), RdfFormat.JSON_LD)
        assert turtle == graph(stored(catalogue, release, f"{slug}.nq"), RdfFormat.N_QUADS)
        for name in ("ttl", "nq", "jsonld", "csv"):
            plain = stored(catalogue, release, f"{slug}.{name}")
            assert gzip.decompress(stored(catalogue, release, f"{slug}.{name}.gz")) == plain
            packed = stored(catalogue, release, f"{slug}.{name}.zst")
            assert zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed)).read() == plain


def test_the_files_are_the_same_every_time(
    catalogue: Catalogue, store: EmbeddedStore, release: Release, domain: Domain, tmp_path: Path
) -> None:
    again = Catalogue(resources.CATALOGUE, tmp_path, domain.context, store)
    for path in catalogue.paths(release):
        if path.startswith("/dumps/events"):
            name = path.removeprefix("/dumps/")
            assert stored(again, release, name) == stored(catalogue, release, name)


def test_the_whole_graph_and_its_themes(catalogue: Catalogue, release: Release) -> None:
    merge = {quad.triple for quad in release.quads(None, None, None, DEFAULT)}
    assert graph(stored(catalogue, release, "graph.ttl"), RdfFormat.TURTLE) == merge
    named = set(parse(stored(catalogue, release, "graph.nq"), RdfFormat.N_QUADS))
    assert named == {quad for quad in release.quads() if quad.graph_name != DEFAULT}
    things = {
        quad.triple
        for quad in release.quads(None, None, None, DEFAULT)
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(IRIS.ids)
    }
    themes = THEMES - {"graph", "vocabulary"}
    parts = [graph(stored(catalogue, release, f"{slug}.ttl"), RdfFormat.TURTLE) for slug in sorted(themes)]
    told: set[Triple] = set().union(*parts)
    assert told <= merge
    left = {
        one.object for one in things - told if one.predicate == RDF_TERMS.type and str(one.object).startswith(f"<{MKG}")
    }
    assert {str(one) for one in left} <= {f"<{MKG}Evidence>"}


def test_a_table_has_a_row_for_each_thing_and_tells_what_its_columns_mean(
    catalogue: Catalogue, release: Release
) -> None:
    text = stored(catalogue, release, "projects.csv").decode()
    rows = [*csv.DictReader(io.StringIO(text, newline=""))]
    by_id = {row["id"]: row for row in rows}
    assert len(by_id) == len(rows) > 200
    menergers = by_id[f"{BASE}/id/project/menergers"]
    assert menergers["acronym@bg"] == "MENERGERS" or menergers["acronym@en"] == "MENERGERS"
    assert (menergers["budget.value"], menergers["budget.currency"].rpartition("/")[2]) == ("469794.74", "EUR")
    assert len(menergers["pilot"].split(" | ")) == 3
    told = json.loads(stored(catalogue, release, "projects.csv-metadata.json"))
    columns = told["tableSchema"]["columns"]
    assert told["url"] == f"{BASE}/dumps/projects.csv"
    assert [one["titles"] for one in columns] == [*rows[0]]
    assert len({one["name"] for one in columns}) == len(columns)
    value = next(one for one in columns if one["titles"] == "budget.value")
    assert value["datatype"] == "decimal" and value["propertyUrl"] == MKG.value.value
    assert next(one for one in columns if one["titles"] == "pilot")["separator"] == " | "


def test_what_states_no_licence_claims_none(catalogue: Catalogue, release: Release) -> None:
    triples = graph(resource(catalogue, release, "/catalogue").write(NT, "bg"), RdfFormat.N_TRIPLES)
    licensed = {
        str(one.subject).partition("#")[0].rpartition("/")[2] for one in triples if one.predicate == DCT.license
    }
    assert licensed >= {"vocabulary", "source-actor-uni-craiova"}
    assert not licensed & {"projects", "graph", "source-report-2023-w26"}
    rights = [
        one.object.value
        for one in triples
        if str(one.subject) == f"<{BASE}/dataset/source-report-2023-w26#rights>" and isinstance(one.object, Literal)
    ]
    assert any("не са посочени" in text and "Седмичен отчет" in text for text in rights)


@pytest.mark.parametrize(
    ("stated", "known"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "CC_BY_4_0"),
        ("http://creativecommons.org/licenses/by-sa/3.0", "CC_BYSA_3_0"),
        ("https://creativecommons.org/licenses/by-nc-nd/4.0/", "CC_BYNCND_4_0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0"),
        ("https://example.org/terms", None),
    ],
)
def test_licences_are_those_of_the_table(stated: str, known: str | None) -> None:
    assert licence(stated).value == (
        f"http://publications.europa.eu/resource/authority/licence/{known}" if known else stated
    )


def test_pages_tell_people_and_search_engines(catalogue: Catalogue, release: Release) -> None:
    for language, title in (("bg", "Набори от данни"), ("en", "Datasets")):
        assert title in resource(catalogue, release, "/catalogue").write(HTML, language).decode()
    page = resource(catalogue, release, "/dataset/projects").write(HTML, "bg").decode()
    script = page.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    told = json.loads(script)
    assert told["@type"] == "Dataset" and 50 <= len(told["description"]) <= 5000
    assert {one["encodingFormat"] for one in told["distribution"]} >= {"text/turtle", "text/csv", "application/gzip"}


def test_whose_licence_may_be_stated_has_every_point(catalogue: Catalogue, release: Release) -> None:
    triples = graph(resource(catalogue, release, "/catalogue").write(NT, "bg"), RdfFormat.N_TRIPLES)
    found = {score.dataset.rpartition("/")[2]: score for score in scores(triples, lambda address: 200, [])}
    assert len(found) == len([path for path in catalogue.paths(release) if path.startswith("/dataset/")])
    assert {slug for slug, score in found.items() if round(score.total) == MOST} == {
        "vocabulary", "source-actor-uni-craiova",
    }  # fmt: skip
    others = [score for score in found.values() if round(score.total) != MOST]
    assert all(
        {metric.name for metric, _ in score.lacking} == {"licenceAvailability", "knownLicence"} for score in others
    )
    assert all(score.rating == "excellent" for score in others)


def test_points_are_lost_with_what_is_missing(catalogue: Catalogue, release: Release) -> None:
    triples = graph(resource(catalogue, release, "/dataset/vocabulary").write(NT, "bg"), RdfFormat.N_TRIPLES)

    def score(some: set[Triple], status: int | None = 200, refused: list[NamedNode] | None = None) -> Score:
        (one,) = scores(some, lambda address: status, refused or [])
        return one

    assert round(score(triples).total) == MOST
    assert round(score(triples, None).total) == MOST - 80
    assert round(score(triples, 404).total) == MOST - 80
    assert round(score(triples, refused=[NamedNode(f"{BASE}/dataset/vocabulary")]).total) == MOST - 30
    without = {one for one in triples if one.predicate != DCAT.keyword}
    assert round(score(without).total) == MOST - 30
    assert score(without).lacking[0][0].advice == "add dcat:keyword"
    assert score({one for one in triples if one.predicate != DCAT.mediaType}).total == pytest.approx(MOST - 20)


def test_where_there_is_nothing(catalogue: Catalogue, release: Release) -> None:
    for path in ("/dataset/nothing", "/dataset", "/dumps/nothing.ttl", "/dumps/projects.xyz", "/dumps/../x", "/dumps/"):
        assert catalogue.find(release, path, {}) is None


def test_a_plan_that_cannot_be_used_says_all_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.yaml"
    text = resources.CATALOGUE.read_text(encoding="utf-8")
    path.write_text(text.replace("email: mayor@ruse-bg.eu", "email: няма").replace("country: BGR", "land: BGR"))
    with pytest.raises(RequestError) as caught:
        plan.read(path)
    assert all(word in str(caught.value) for word in ("email", "country", "land"))


def test_what_is_not_kept_is_written_again_and_old_files_go(release: Release, domain: Domain, tmp_path: Path) -> None:
    store = EmbeddedStore.open(tmp_path / "home", base=BASE)
    catalogue = Catalogue(resources.CATALOGUE, tmp_path / "dumps", domain.context, store)
    for number in range(1, 6):
        with store.draft() as draft:
            text = Literal(str(number), language="bg")
            draft.replace(IRIS.graph("s"), [Triple(IRIS.entity("project/p"), DCT.term("title"), text)])
            made = draft.seal(agent="test", activity="load")
        assert f'"{number}"@bg'.encode() in stored(catalogue, made, "graph.ttl")
    assert len([*(tmp_path / "dumps").iterdir()]) == 3
    previous = f"<{BASE}/dataset/graph?release=4>".encode()
    assert previous in resource(catalogue, made, "/dataset/graph").write(NT, "bg")
    assert CSV.suffix == "csv" and NQ.suffix == "nq"
