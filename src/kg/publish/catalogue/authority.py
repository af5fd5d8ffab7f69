"""IRIs of the authority tables of the EU, of IANA and of licences, and what a reader without them needs to know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from kg.namespaces import DCT, FOAF, RDF, SKOS, Namespace

EU: Final = "http://publications.europa.eu/resource/authority/"
IANA: Final = "https://www.iana.org/assignments/media-types/"
NUTS: Final = "http://data.europa.eu/nuts/code/"
PUBLISHER_TYPE: Final = "http://purl.org/adms/publishertype/"
DCAT: Final = Namespace("http://www.w3.org/ns/dcat#")

_RANGES: Final = {
    "access-right": DCT.RightsStatement,
    "frequency": DCT.Frequency,
    "country": DCT.Location,
    "language": DCT.LinguisticSystem,
    "file-type": DCT.MediaTypeOrExtent,
    "licence": DCT.LicenseDocument,
}
_LABELS: Final = {  # by table and code, in both languages, as we use them
    ("access-right", "PUBLIC"): ("публичен достъп", "public"),
    ("country", "BGR"): ("България", "Bulgaria"),
    ("language", "BUL"): ("български", "Bulgarian"),
    ("language", "ENG"): ("английски", "English"),
    ("planned-availability", "STABLE"): ("трайно достъпни", "stable"),
    ("data-theme", "GOVE"): ("управление и публичен сектор", "Government and public sector"),
    ("data-theme", "REGI"): ("региони и градове", "Regions and cities"),
    ("data-theme", "SOCI"): ("население и общество", "Population and society"),
    ("data-theme", "ECON"): ("икономика и финанси", "Economy and finance"),
    ("data-theme", "EDUC"): ("образование, култура и спорт", "Education, culture and sport"),
    ("data-theme", "JUST"): (
        "правосъдие, правна система и обществена безопасност", "Justice, legal system and public safety"
    ),
    ("data-theme", "TECH"): ("наука и технологии", "Science and technology"),
    ("data-theme", "ENVI"): ("околна среда", "Environment"),
    ("data-theme", "ENER"): ("енергетика", "Energy"),
    ("data-theme", "TRAN"): ("транспорт", "Transport"),
    ("data-theme", "HEAL"): ("здраве", "Health"),
    ("data-theme", "AGRI"): (
        "земеделие, рибарство, горско стопанство и храни", "Agriculture, fisheries, forestry and food"
    ),
    ("data-theme", "INTR"): ("международни въпроси", "International issues"),
}  # fmt: skip
_CREATIVE_COMMONS: Final = re.compile(
    r"https?://creativecommons\.org/(?:licenses/(by(?:-[a-z]+)*)|publicdomain/(zero))/(\d)\.(\d)/?\Z"
)


def authority(table: str, code: str) -> NamedNode:
    """An entry of an authority table of the EU."""
    return NamedNode(f"{EU}{table}/{code}")


def media_type(name: str) -> NamedNode:
    """A media type of IANA's register."""
    return NamedNode(IANA + name.partition(";")[0])


def licence(iri: str) -> NamedNode:
    """The entry of the EU's table for a licence of Creative Commons; any other licence as it is."""
    found = _CREATIVE_COMMONS.match(iri)
    if found is None:
        return NamedNode(iri)
    if found[2]:
        return authority("licence", "CC0")
    name = "CC_" + found[1].upper().replace("-", "")
    return authority("licence", f"{name}_{found[3]}_{found[4]}")


def background(nodes: Iterable[NamedNode]) -> Iterator[Triple]:
    """What each is, for whoever checks without the tables: its table, its type, its names."""
    for node in sorted(set(nodes), key=str):
        text = node.value
        if text.startswith(EU):
            table, _, code = text.removeprefix(EU).partition("/")
            if not code:
                yield from _scheme(node, table)
                continue
            yield Triple(node, RDF.type, SKOS.Concept)
            yield Triple(node, SKOS.inScheme, NamedNode(EU + table))
            yield from _scheme(NamedNode(EU + table), table)
            bulgarian, english = _LABELS.get((table, code), ("", code.replace("_", " ")))
            yield Triple(node, SKOS.prefLabel, Literal(english, language="en"))
            if bulgarian:
                yield Triple(node, SKOS.prefLabel, Literal(bulgarian, language="bg"))
            if table in _RANGES:
                yield Triple(node, RDF.type, _RANGES[table])
        elif text.startswith(IANA):
            yield Triple(node, RDF.type, DCT.MediaType)
        elif text.startswith(NUTS):
            yield Triple(node, RDF.type, DCT.Location)
        elif text.startswith(PUBLISHER_TYPE):
            yield Triple(node, RDF.type, SKOS.Concept)
            yield Triple(node, SKOS.inScheme, NamedNode(f"{PUBLISHER_TYPE}1.0"))
            yield from _scheme(NamedNode(f"{PUBLISHER_TYPE}1.0"), "publisher type")
            yield Triple(node, SKOS.prefLabel, Literal(text.removeprefix(PUBLISHER_TYPE), language="en"))


def _scheme(node: NamedNode, name: str) -> Iterator[Triple]:
    yield Triple(node, RDF.type, SKOS.ConceptScheme)
    yield Triple(node, DCT.term("title"), Literal(name.replace("-", " ").capitalize(), language="en"))


def document(node: NamedNode) -> Triple:
    """That something is a page to read."""
    return Triple(node, RDF.type, FOAF.Document)
