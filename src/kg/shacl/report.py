"""Results as an RDF graph: sh:ValidationReport (SHACL §3.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, Literal, Triple

from kg.namespaces import RDF, SH, XSD
from kg.shacl.data import Data
from kg.shacl.paths import closure
from kg.shacl.shape import Result


def report(results: Iterable[Result], shapes: Data) -> Iterator[Triple]:
    """The report; `shapes` is the graph that paths are copied from."""
    node = BlankNode()
    yield Triple(node, RDF.type, SH.ValidationReport)
    conforms = True
    for result in results:
        conforms = False
        one = BlankNode()
        yield Triple(node, SH.result, one)
        yield Triple(one, RDF.type, SH.ValidationResult)
        yield Triple(one, SH.focusNode, result.focus)
        yield Triple(one, SH.sourceShape, result.shape)
        yield Triple(one, SH.sourceConstraintComponent, result.component)
        yield Triple(one, SH.resultSeverity, result.severity)
        if result.path is not None:
            yield Triple(one, SH.resultPath, result.path)
            yield from closure(shapes, result.path)
        if result.value is not None:
            yield Triple(one, SH.value, result.value)
        if result.source is not None:
            yield Triple(one, SH.sourceConstraint, result.source)
        for message in result.messages:
            yield Triple(one, SH.resultMessage, message)
    yield Triple(node, SH.conforms, Literal(str(conforms).lower(), datatype=XSD.boolean))
