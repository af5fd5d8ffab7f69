from __future__ import annotations

import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, RdfFormat, parse, serialize
from rdflib.namespace import SH

from kg.entry import Locator
from kg.finding import Finding, Severity
from kg.formats import JSONLD, NT, RDF, TTL, Format
from kg.publish.validation import report

FINDINGS = (
    Finding(
        {"bg": "Добавете заглавие.", "en": "Add the title."},
        focus_node=NamedNode("urn:a"),
        path="http://purl.org/dc/terms/title",
        shape="https://w3id.org/municipal-kg/shapes#Title",
        component="MinCountConstraintComponent",
        at=Locator("a.yaml", line=3),
    ),
    Finding(
        {"en": "They differ."},
        Severity.WARNING,
        value=Literal("x", language="bg"),
        component="Disagreement",
        shape="n1f",
    ),
    Finding({"en": "No term."}, value="text", path="urn:a/urn:b | ^urn:c"),
)


@pytest.mark.parametrize("format", [TTL, NT, RDF, JSONLD], ids=lambda format: format.name)
def test_findings_are_a_validation_report_in_every_format(format: Format) -> None:
    graph = rdflib.Graph()
    triples = parse(report(FINDINGS, format), format.rdf_engine)
    graph.parse(data=serialize(triples, format=RdfFormat.N_TRIPLES) or b"", format="nt")
    (whole,) = graph.subjects(rdflib.RDF.type, SH.ValidationReport)
    assert graph.value(whole, SH.conforms).value is False  # type: ignore[union-attr]
    results = list(graph.objects(whole, SH.result))
    assert len(results) == 3
    assert all((result, rdflib.RDF.type, SH.ValidationResult) in graph for result in results)
    (first,) = graph.subjects(SH.focusNode, rdflib.URIRef("urn:a"))
    assert graph.value(first, SH.resultSeverity) == SH.Violation
    assert graph.value(first, SH.resultPath) == rdflib.DCTERMS.title
    assert graph.value(first, SH.sourceConstraintComponent) == SH.MinCountConstraintComponent
    assert graph.value(first, SH.sourceShape) == rdflib.URIRef("https://w3id.org/municipal-kg/shapes#Title")
    assert {str(text) for text in graph.objects(first, SH.resultMessage)} == {"Добавете заглавие.", "Add the title."}
    assert str(graph.value(first, rdflib.DCTERMS.source)) == "a.yaml:3"
    (second,) = graph.subjects(SH.resultSeverity, SH.Warning)
    assert graph.value(second, SH.value) == rdflib.Literal("x", lang="bg")
    assert (second, SH.sourceConstraintComponent, None) not in graph


def test_warnings_alone_conform() -> None:
    graph = rdflib.Graph()
    graph.parse(data=report(FINDINGS[1:2], TTL), format="turtle")
    assert [value.value for value in graph.objects(None, SH.conforms)] == [True]  # type: ignore[attr-defined]
