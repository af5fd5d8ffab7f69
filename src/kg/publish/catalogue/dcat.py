"""The catalogue in DCAT-AP 3.0.1: catalogue, datasets, distributions and the query service, with what they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from kg.formats import Format
from kg.iris import Iris
from kg.namespaces import DCT, FOAF, RDF, RDFS, SKOS, XSD, Namespace
from kg.publish.catalogue.authority import (
    DCAT,
    NUTS,
    PUBLISHER_TYPE,
    authority,
    background,
    document,
    licence,
    media_type,
)
from kg.publish.catalogue.datasets import Dataset
from kg.publish.catalogue.files import File
from kg.publish.catalogue.plan import Plan
from kg.store.port import Manifest

DCATAP: Final = Namespace("http://data.europa.eu/r5r/")
SPDX: Final = Namespace("http://spdx.org/rdf/terms#")
VCARD: Final = Namespace("http://www.w3.org/2006/vcard/ns#")
SHA256: Final = NamedNode("https://spdx.org/rdf/terms#checksumAlgorithm_sha256")
"""With https, as the shapes of DCAT-AP for code lists demand it; SPDX itself names it with http."""
PROFILE: Final = NamedNode("http://data.europa.eu/r5r/")
PROTOCOL: Final = NamedNode("https://www.w3.org/TR/sparql11-protocol/")

PREFIXES: Final = {
    "dcat": DCAT, "dcatap": DCATAP, "dct": DCT, "foaf": FOAF, "rdf": RDF, "rdfs": RDFS, "skos": SKOS, "spdx": SPDX,
    "vcard": VCARD, "xsd": XSD,
}  # fmt: skip
"""Of the catalogue in Turtle."""

_FILE_TYPES: Final = {"ttl": "RDF_TURTLE", "nq": "RDF_N_QUADS", "jsonld": "JSON_LD", "csv": "CSV"}
_UNLICENSED: Final = {
    "bg": "Условията за ползване не са посочени от: {}. Лиценз не се твърди.",
    "en": "No terms of use are stated by: {}. No licence is claimed.",
}
_AS_STATED: Final = {
    "bg": "Ползва се при условията на посочения лиценз, с посочване на източника.",
    "en": "May be used under the licence stated, naming the source.",
}
_FORMS: Final = {
    "ttl": {"bg": "Turtle, всяко твърдение веднъж", "en": "Turtle, each statement once"},
    "nq": {"bg": "N-Quads, твърденията по източници", "en": "N-Quads, statements by source"},
    "jsonld": {"bg": "JSON-LD, всяко твърдение веднъж", "en": "JSON-LD, each statement once"},
    "csv": {"bg": "CSV, ред за всеки запис", "en": "CSV, a row for each thing"},
}


class Writer:
    """Writes the catalogue of one release, or a part of it."""

    def __init__(self, plan: Plan, manifest: Manifest, previous: int | None = None) -> None:
        self._plan, self._manifest = plan, manifest
        self._previous = previous
        self._base = manifest.base
        self.catalogue = NamedNode(f"{self._base}/catalogue")
        self._service = NamedNode(f"{self._base}/sparql")
        self._publisher = Iris(self._base).entity(plan.publisher.id)
        self._contact = NamedNode(f"{self._base}/catalogue#contact")

    def whole(self, parts: Iterable[tuple[Dataset, Mapping[str, File]]]) -> list[Triple]:
        """The catalogue with all its datasets, sorted."""
        some = [*parts]
        triples = [*self._catalogue(some), *self._common(), *self._query_service(some)]
        for dataset, files in some:
            triples += self._dataset(dataset, files)
        return self._complete(triples)

    def one(self, dataset: Dataset, files: Mapping[str, File]) -> list[Triple]:
        """A dataset by itself, sorted."""
        triples = [*self._dataset(dataset, files), *self._common(), *self._query_service([(dataset, files)])]
        triples.append(Triple(self.catalogue, DCAT.dataset, self.iri(dataset)))
        return self._complete(triples)

    def iri(self, dataset: Dataset) -> NamedNode:
        return NamedNode(f"{self._base}/dataset/{dataset.slug}")

    def _complete(self, triples: list[Triple]) -> list[Triple]:
        nodes = [one.object for one in triples if isinstance(one.object, NamedNode)]
        return sorted({*triples, *background(nodes)}, key=str)

    def _catalogue(self, parts: Iterable[tuple[Dataset, Mapping[str, File]]]) -> Iterator[Triple]:
        node, plan = self.catalogue, self._plan
        yield Triple(node, RDF.type, DCAT.Catalog)
        yield from _texts(node, DCT.term("title"), plan.title)
        yield from _texts(node, DCT.description, plan.description)
        yield Triple(node, DCT.publisher, self._publisher)
        yield Triple(node, DCT.license, authority("licence", "CC0"))  # of the catalogue's own statements
        yield from self._spoken(node)
        yield from self._where(node)
        home = NamedNode(f"{self._base}/")
        yield Triple(node, FOAF.homepage, home)
        yield document(home)
        yield Triple(node, DCAT.themeTaxonomy, NamedNode("http://publications.europa.eu/resource/authority/data-theme"))
        yield Triple(node, DCT.modified, _moment(self._manifest.created.isoformat(timespec="seconds")))
        yield Triple(node, DCT.issued, _day(min(one.issued or "9999" for one, _ in parts)))
        yield Triple(node, DCAT.service, self._service)
        for dataset, _ in parts:
            yield Triple(node, DCAT.dataset, self.iri(dataset))
            yield from self._record(dataset)

    def _record(self, dataset: Dataset) -> Iterator[Triple]:
        record = NamedNode(f"{self.catalogue.value}#record-{dataset.slug}")
        yield Triple(self.catalogue, DCAT.record, record)
        yield Triple(record, RDF.type, DCAT.CatalogRecord)
        yield Triple(record, FOAF.primaryTopic, self.iri(dataset))
        yield Triple(record, DCT.modified, _moment(dataset.modified.isoformat(timespec="seconds")))
        if dataset.issued:
            yield Triple(record, DCT.issued, _day(dataset.issued))
        yield Triple(record, DCT.conformsTo, PROFILE)
        yield Triple(PROFILE, RDF.type, DCT.Standard)

    def _common(self) -> Iterator[Triple]:
        """Who answers for it, and whom to ask."""
        plan = self._plan
        yield Triple(self._publisher, RDF.type, FOAF.Agent)
        yield from _texts(self._publisher, FOAF.name, plan.publisher.name)
        yield Triple(self._publisher, DCT.type, NamedNode(PUBLISHER_TYPE + plan.publisher.type))
        yield Triple(self._publisher, FOAF.homepage, NamedNode(plan.homepage))
        yield document(NamedNode(plan.homepage))
        for kind in ("Kind", "Organization"):
            yield Triple(self._contact, RDF.type, VCARD.term(kind))
        yield from _texts(self._contact, VCARD.fn, plan.contact.name)
        yield Triple(self._contact, VCARD.hasEmail, NamedNode(f"mailto:{plan.contact.email}"))
        yield Triple(self._contact, VCARD.hasURL, NamedNode(plan.homepage))

    def _query_service(self, parts: Iterable[tuple[Dataset, Mapping[str, File]]]) -> Iterator[Triple]:
        node = self._service
        yield Triple(node, RDF.type, DCAT.DataService)
        yield from _texts(node, DCT.term("title"), {"bg": "Заявки на SPARQL", "en": "SPARQL queries"})
        about = {"bg": "Заявки към целия граф.", "en": "Queries over the whole graph."}
        yield from _texts(node, DCT.description, about)
        yield Triple(node, DCAT.endpointURL, node)
        yield Triple(node, DCAT.endpointDescription, node)
        yield Triple(node, DCT.conformsTo, PROTOCOL)
        yield Triple(PROTOCOL, RDF.type, DCT.Standard)
        yield Triple(node, DCT.publisher, self._publisher)
        yield Triple(node, DCAT.contactPoint, self._contact)
        yield Triple(node, DCAT.keyword, Literal("SPARQL", language="en"))
        yield Triple(node, DCAT.theme, authority("data-theme", self._plan.datasets[0].themes[0]))
        yield Triple(node, DCT.accessRights, authority("access-right", "PUBLIC"))
        for dataset, _ in parts:
            yield Triple(node, DCAT.servesDataset, self.iri(dataset))

    def _dataset(self, dataset: Dataset, files: Mapping[str, File]) -> Iterator[Triple]:
        node = self.iri(dataset)
        yield Triple(node, RDF.type, DCAT.Dataset)
        yield Triple(node, RDF.type, DCAT.Resource)  # for those who check without knowing DCAT's classes
        yield from _texts(node, DCT.term("title"), dataset.titles)
        yield from _texts(node, DCT.description, dataset.descriptions)
        yield Triple(node, DCT.identifier, Literal(dataset.slug))
        for theme in dataset.themes:
            yield Triple(node, DCAT.theme, authority("data-theme", theme))
        for language, words in dataset.keywords.items():
            yield from (Triple(node, DCAT.keyword, Literal(word, language=language)) for word in words)
        yield Triple(node, DCT.publisher, self._publisher)
        yield from self._maker(node, dataset)
        yield Triple(node, DCAT.contactPoint, self._contact)
        yield from self._spoken(node)
        yield from self._where(node)
        yield Triple(node, DCT.accessRights, authority("access-right", "PUBLIC"))
        yield Triple(node, DCT.accrualPeriodicity, authority("frequency", self._plan.frequency))
        if dataset.issued:
            yield Triple(node, DCT.issued, _day(dataset.issued))
        yield Triple(node, DCT.modified, _moment(dataset.modified.isoformat(timespec="seconds")))
        if dataset.period:
            period = NamedNode(f"{node.value}#period")
            yield Triple(node, DCT.temporal, period)
            yield Triple(period, RDF.type, DCT.PeriodOfTime)
            yield Triple(period, DCAT.startDate, _day(dataset.period[0]))
            yield Triple(period, DCAT.endDate, _day(dataset.period[1]))
        page = NamedNode(f"{node.value}.html")
        yield Triple(node, DCAT.landingPage, page)
        yield document(page)
        number = self._manifest.number
        yield Triple(node, DCAT.version, Literal(str(number)))
        if self._previous is not None:
            yield Triple(node, DCAT.previousVersion, NamedNode(f"{node.value}?release={self._previous}"))
            yield Triple(NamedNode(f"{node.value}?release={self._previous}"), RDF.type, DCAT.Dataset)
        for file in files.values():
            if file.format is not None:
                yield from self._distribution(node, dataset, file, file.format)

    def _maker(self, node: NamedNode, dataset: Dataset) -> Iterator[Triple]:
        """Who made what a source says; the publisher only passes it on."""
        if not dataset.publishers:
            return
        maker = NamedNode(f"{node.value}#creator")
        yield Triple(node, DCT.creator, maker)
        yield Triple(maker, RDF.type, FOAF.Agent)
        yield from _texts(maker, FOAF.name, dataset.publishers)
        if dataset.homepage:
            yield Triple(node, FOAF.page, NamedNode(dataset.homepage))
            yield document(NamedNode(dataset.homepage))

    def _distribution(self, owner: NamedNode, dataset: Dataset, file: File, format: Format) -> Iterator[Triple]:
        address = NamedNode(f"{self._base}/dumps/{file.name}")
        node = NamedNode(f"{owner.value}#{file.name}")
        yield Triple(owner, DCAT.distribution, node)
        yield Triple(node, RDF.type, DCAT.Distribution)
        packed = f", {file.packing.suffix}" if file.packing else ""
        yield from _texts(
            node, DCT.term("title"), {tag: f"{text}{packed}" for tag, text in _FORMS[format.name].items()}
        )
        yield from _texts(node, DCT.description, _FORMS[format.name])
        yield Triple(node, DCAT.accessURL, address)
        yield Triple(node, DCAT.downloadURL, address)
        yield Triple(node, DCT.term("format"), authority("file-type", _FILE_TYPES[format.name]))
        yield Triple(node, DCAT.mediaType, media_type(format.media_type))
        if file.packing:
            yield Triple(node, DCAT.compressFormat, NamedNode(file.packing.iana))
        yield Triple(node, DCAT.byteSize, Literal(str(file.size), datatype=XSD.nonNegativeInteger))
        checksum = NamedNode(f"{node.value}-sha256")
        yield Triple(node, SPDX.checksum, checksum)
        yield Triple(checksum, RDF.type, SPDX.Checksum)
        yield Triple(checksum, SPDX.algorithm, SHA256)
        yield Triple(SHA256, RDF.type, SPDX.ChecksumAlgorithm)
        yield Triple(checksum, SPDX.checksumValue, Literal(file.sha256, datatype=XSD.hexBinary))
        yield from self._terms(node, dataset)
        yield Triple(node, DCATAP.availability, authority("planned-availability", "STABLE"))
        yield Triple(node, DCAT.accessService, self._service)
        yield from self._spoken(node)
        if dataset.issued:
            yield Triple(node, DCT.issued, _day(dataset.issued))
        yield Triple(node, DCT.modified, _moment(dataset.modified.isoformat(timespec="seconds")))

    def _terms(self, node: NamedNode, dataset: Dataset) -> Iterator[Triple]:
        rights = NamedNode(f"{self._base}/dataset/{dataset.slug}#rights")
        yield Triple(node, DCT.rights, rights)
        yield Triple(rights, RDF.type, DCT.RightsStatement)
        if dataset.licence:
            yield Triple(node, DCT.license, licence(dataset.licence))
            yield Triple(licence(dataset.licence), RDF.type, DCT.LicenseDocument)
            yield from _texts(rights, RDFS.label, _AS_STATED)
            return
        for language, text in _UNLICENSED.items():
            names = "; ".join(one.get(language) or next(iter(one.values()), "–") for one in dataset.unlicensed)
            yield Triple(rights, RDFS.label, Literal(text.format(names), language=language))

    def _spoken(self, node: NamedNode) -> Iterator[Triple]:
        for code in ("BUL", "ENG"):
            yield Triple(node, DCT.language, authority("language", code))

    def _where(self, node: NamedNode) -> Iterator[Triple]:
        yield Triple(node, DCT.spatial, authority("country", self._plan.country))
        yield Triple(node, DCT.spatial, NamedNode(NUTS + self._plan.nuts))


def _texts(node: NamedNode, property: NamedNode, texts: Mapping[str, str]) -> Iterator[Triple]:
    for language, text in texts.items():
        yield Triple(node, property, Literal(text, language=language) if language else Literal(text))


def _day(text: str) -> Literal:
    return Literal(text[:10], datatype=XSD.date)


def _moment(text: str) -> Literal:
    return Literal(text, datatype=XSD.dateTime)
