"""The quality of the catalogue as data.europa.eu measures it: 405 points, metric by metric, dataset by dataset.

The metrics and their points are those of the Metadata Quality Assessment of data.europa.eu.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, Triple

from kg.graph import Node, Subject
from kg.namespaces import DCT, RDF
from kg.publish.catalogue.authority import DCAT, EU, IANA

MOST: Final = 405
RATINGS: Final = ((351, "excellent"), (221, "good"), (121, "sufficient"), (0, "bad"))

_MACHINE: Final = frozenset(
    "RDF_TURTLE RDF_TRIG RDF_N_QUADS RDF_XML RDF_N_TRIPLES JSON_LD JSON CSV XML XLSX N3".split()
)
_OPEN: Final = _MACHINE - {"XLSX", "N3"}

Status = Callable[[str], int | None]
"""What a server answers to a request for an address; None where it does not answer."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name in the vocabulary of the assessment, its points, and what to do to have them."""

    name: str
    dimension: str
    points: int
    advice: str


METRICS: Final = (
    Metric("keywordAvailability", "findability", 30, "add dcat:keyword"),
    Metric("categoryAvailability", "findability", 30, "add dcat:theme"),
    Metric("spatialAvailability", "findability", 20, "add dct:spatial"),
    Metric("temporalAvailability", "findability", 20, "add dct:temporal"),
    Metric("accessUrlStatusCode", "accessibility", 50, "mend dcat:accessURL: it does not answer 200"),
    Metric("downloadUrlAvailability", "accessibility", 20, "add dcat:downloadURL"),
    Metric("downloadUrlStatusCode", "accessibility", 30, "mend dcat:downloadURL: it does not answer 200"),
    Metric("formatAvailability", "interoperability", 20, "add dct:format"),
    Metric("mediaTypeAvailability", "interoperability", 10, "add dcat:mediaType"),
    Metric("formatMediaTypeVocabularyAlignment", "interoperability", 10, "take format and media type from the tables"),
    Metric("formatMediaTypeNonProprietary", "interoperability", 20, "offer a format that belongs to nobody"),
    Metric("formatMediaTypeMachineInterpretable", "interoperability", 20, "offer a format that programs read"),
    Metric("dcatApCompliance", "interoperability", 30, "mend what the DCAT-AP shapes find"),
    Metric("licenceAvailability", "reusability", 20, "add dct:license"),
    Metric("knownLicence", "reusability", 10, "take the licence from the EU's table"),
    Metric("accessRightsAvailability", "reusability", 10, "add dct:accessRights"),
    Metric("accessRightsVocabularyAlignment", "reusability", 5, "take dct:accessRights from the EU's table"),
    Metric("contactPointAvailability", "reusability", 20, "add dcat:contactPoint"),
    Metric("publisherAvailability", "reusability", 10, "add dct:publisher"),
    Metric("rightsAvailability", "contextuality", 5, "add dct:rights"),
    Metric("byteSizeAvailability", "contextuality", 5, "add dcat:byteSize"),
    Metric("dateIssuedAvailability", "contextuality", 5, "add dct:issued"),
    Metric("dateModifiedAvailability", "contextuality", 5, "add dct:modified"),
)
assert sum(metric.points for metric in METRICS) == MOST


@dataclass(frozen=True, slots=True)
class Score:
    """What a dataset has, by metric; what is true of some of its distributions only counts for those."""

    dataset: str
    points: Mapping[str, float]

    @property
    def total(self) -> float:
        return sum(self.points.values())

    @property
    def rating(self) -> str:
        return next(name for least, name in RATINGS if round(self.total) >= least)

    @property
    def lacking(self) -> Sequence[tuple[Metric, float]]:
        """The metrics with points that are not had, and how many."""
        missing = ((metric, metric.points - self.points[metric.name]) for metric in METRICS)
        return [(metric, points) for metric, points in missing if points > 0]


def scores(triples: Iterable[Triple], status: Status, refused: Iterable[Subject]) -> Iterator[Score]:
    """The score of each dataset, by IRI. `refused` are the nodes in which the shapes of DCAT-AP find violations."""
    about: dict[Subject, dict[NamedNode, list[Node]]] = {}
    for one in triples:
        about.setdefault(one.subject, {}).setdefault(one.predicate, []).append(one.object)
    wrong = set(refused)
    for node in sorted(about, key=str):
        said = about[node]
        files = [one for one in said.get(DCAT.distribution, ()) if isinstance(one, NamedNode)]
        if DCAT.Dataset in said.get(RDF.type, ()) and DCT.identifier in said:
            assert isinstance(node, NamedNode)
            compliant = wrong.isdisjoint([node, *files])
            yield Score(node.value, _points(said, [about.get(one, {}) for one in files], status, compliant))


def _points(
    said: Mapping[NamedNode, Sequence[Node]],
    files: Sequence[Mapping[NamedNode, Sequence[Node]]],
    status: Status,
    compliant: bool,
) -> Mapping[str, float]:
    def of_dataset(*properties: NamedNode) -> float:
        return 1.0 if all(said.get(property) for property in properties) else 0.0

    def of_files(holds: Callable[[Mapping[NamedNode, Sequence[Node]]], bool]) -> float:
        return sum(map(holds, files)) / len(files) if files else 0.0

    def stated(property: NamedNode) -> float:
        return of_files(lambda file: bool(file.get(property)))

    def answers(property: NamedNode) -> float:
        return of_files(
            lambda file: bool(file.get(property)) and all(status(_iri(one)) == 200 for one in file[property])
        )

    def among(property: NamedNode, table: str, codes: Iterable[str] | None = None) -> Callable[..., bool]:
        known = None if codes is None else set(codes)

        def holds(file: Mapping[NamedNode, Sequence[Node]]) -> bool:
            values = [_iri(one) for one in file.get(property, ())]
            return bool(values) and all(
                one.startswith(table) and (known is None or one.removeprefix(table) in known) for one in values
            )

        return holds

    form, media = DCT.term("format"), DCAT.mediaType
    types, licences, rights = f"{EU}file-type/", f"{EU}licence/", f"{EU}access-right/"
    aligned = of_files(lambda file: among(form, types)(file) and among(media, IANA)(file))
    share = {
        "keywordAvailability": of_dataset(DCAT.keyword),
        "categoryAvailability": of_dataset(DCAT.theme),
        "spatialAvailability": of_dataset(DCT.spatial),
        "temporalAvailability": of_dataset(DCT.temporal),
        "accessUrlStatusCode": answers(DCAT.accessURL),
        "downloadUrlAvailability": stated(DCAT.downloadURL),
        "downloadUrlStatusCode": answers(DCAT.downloadURL),
        "formatAvailability": stated(form),
        "mediaTypeAvailability": stated(media),
        "formatMediaTypeVocabularyAlignment": aligned,
        "formatMediaTypeNonProprietary": of_files(among(form, types, _OPEN)),
        "formatMediaTypeMachineInterpretable": of_files(among(form, types, _MACHINE)),
        "dcatApCompliance": 1.0 if compliant else 0.0,
        "licenceAvailability": stated(DCT.license),
        "knownLicence": of_files(among(DCT.license, licences)),
        "accessRightsAvailability": of_dataset(DCT.accessRights),
        "accessRightsVocabularyAlignment": 1.0 if among(DCT.accessRights, rights)(said) else 0.0,
        "contactPointAvailability": of_dataset(DCAT.contactPoint),
        "publisherAvailability": of_dataset(DCT.publisher),
        "rightsAvailability": stated(DCT.rights),
        "byteSizeAvailability": stated(DCAT.byteSize),
        "dateIssuedAvailability": of_dataset(DCT.issued) * stated(DCT.issued),
        "dateModifiedAvailability": of_dataset(DCT.modified) * stated(DCT.modified),
    }
    return {metric.name: metric.points * share[metric.name] for metric in METRICS}


def _iri(value: Node) -> str:
    return value.value if isinstance(value, NamedNode) else ""
