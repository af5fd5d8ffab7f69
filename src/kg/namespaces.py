"""The namespaces everyone uses, and the prefixes that pages and queries show."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pyoxigraph import NamedNode


class Namespace(str):
    """An IRI prefix whose attributes and items are terms: `MKG.Event`, `SCHEMA["Event"]`."""

    __slots__ = ()

    def __getattr__(self, name: str) -> NamedNode:
        if name.startswith("__"):
            raise AttributeError(name)
        return NamedNode(f"{self}{name}")

    def term(self, name: str) -> NamedNode:
        """The term of this local name; for names that are also methods of `str`."""
        return NamedNode(f"{self}{name}")


PROJECT = "https://w3id.org/municipal-kg/"
MKG = Namespace(PROJECT + "ns#")
CODE = Namespace(PROJECT + "code/")
SHAPES = Namespace(PROJECT + "shapes#")
FN = Namespace(PROJECT + "fn#")
RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
OWL = Namespace("http://www.w3.org/2002/07/owl#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
DC = Namespace("http://purl.org/dc/elements/1.1/")
DCT = Namespace("http://purl.org/dc/terms/")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
ORG = Namespace("http://www.w3.org/ns/org#")
PROV = Namespace("http://www.w3.org/ns/prov#")
OA = Namespace("http://www.w3.org/ns/oa#")
SCHEMA = Namespace("http://schema.org/")
SH = Namespace("http://www.w3.org/ns/shacl#")

PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "mkg": MKG,
        "rdf": RDF,
        "rdfs": RDFS,
        "owl": OWL,
        "xsd": XSD,
        "skos": SKOS,
        "dct": DCT,
        "foaf": FOAF,
        "org": ORG,
        "prov": PROV,
        "oa": OA,
        "schema": SCHEMA,
        "cv": "http://data.europa.eu/m8g/",
        "frapo": "http://purl.org/cerif/frapo/",
        "adms": "http://www.w3.org/ns/adms#",
    }
)
