"""Findings as a SHACL validation report (SHACL §3.6), for clients that ask for RDF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Triple, serialize

from kg.finding import Finding
from kg.formats import Format
from kg.graph import Node
from kg.namespaces import DCT, PREFIXES, RDF, SH, XSD


def report(findings: Iterable[Finding], format: Format) -> bytes:
    """The report in an RDF format."""
    content = serialize(_report(findings), format=format.rdf_engine, prefixes={**PREFIXES, "sh": SH})
    assert content is not None
    return content


def _report(findings: Iterable[Finding]) -> Iterator[Triple]:
    whole = BlankNode()
    results = [(BlankNode(), finding) for finding in findings]
    conforms = not any(finding.refuses for _, finding in results)
    yield Triple(whole, RDF.type, SH.ValidationReport)
    yield Triple(whole, SH.conforms, Literal(str(conforms).lower(), datatype=XSD.boolean))
    for result, finding in results:
        yield Triple(whole, SH.result, result)
        yield from (Triple(result, property, value) for property, value in _result(finding))


def _result(finding: Finding) -> Iterator[tuple[NamedNode, Node]]:
    yield RDF.type, SH.ValidationResult
    yield SH.resultSeverity, SH.term(finding.severity.value)
    for language, text in finding.messages.items():
        yield SH.resultMessage, Literal(text, language=language)
    if finding.focus_node is not None:
        yield SH.focusNode, finding.focus_node
    if finding.path and (path := _iri(finding.path)):
        yield SH.resultPath, path
    if finding.value is not None:
        yield SH.value, Literal(finding.value) if isinstance(finding.value, str) else finding.value
    if finding.shape and (shape := _iri(finding.shape)):
        yield SH.sourceShape, shape
    if finding.component and finding.component.endswith("ConstraintComponent"):
        yield SH.sourceConstraintComponent, SH.term(finding.component)
    if finding.at is not None:
        yield DCT.source, Literal(str(finding.at))


def _iri(text: str) -> NamedNode | None:
    """The IRI, where the text is one and no property path or blank node."""
    try:
        return NamedNode(text)
    except ValueError:
        return None
