"""RDF files as triples per source. The syntax is checked by the engine; what the graph may hold is checked here."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple, parse

from kg.context import Context
from kg.entry import Locator
from kg.errors import DataError
from kg.iris import ID, Iris
from kg.load.problems import Problems, problem, suggestion
from kg.load.skolem import EntangledError, skolemise
from kg.namespaces import MKG

FORMATS: Mapping[str, RdfFormat] = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
    ".jsonld": RdfFormat.JSON_LD,
    ".rdf": RdfFormat.RDF_XML,
}
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def read(raw: bytes, suffix: str, file: str, source: str, iris: Iris, context: Context) -> dict[str, list[Triple]]:
    """Triples by source id: the default graph belongs to `source`, a graph below the base to its own source.

    Raises DataError; never resolves a remote context or document type.
    """
    at = Locator(file, line=1)
    if FORMATS[suffix] == RdfFormat.RDF_XML and _DTD.search(raw):
        line = raw[: _DTD.search(raw).start()].count(b"\n") + 1  # type: ignore[union-attr]
        raise DataError(
            [
                problem(
                    Locator(file, line=line),
                    "a document type (<!DOCTYPE) is not allowed in RDF/XML; take it out",
                    "не се допуска дефиниция на тип (<!DOCTYPE) в RDF/XML; махнете я",
                )
            ]
        )
    try:
        quads = list(parse(raw, FORMATS[suffix], base_iri=iris.ids))
    except SyntaxError as error:
        raise DataError(
            [
                problem(
                    Locator(file, line=error.lineno or 1),
                    f"the file breaks off here: {error.msg}",
                    f"файлът не може да се прочете от този ред: {error.msg}",
                )
            ]
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            [problem(at, f"the file cannot be read: {error}", f"файлът не може да се прочете: {error}")]
        ) from error
    if not quads:
        raise DataError([problem(at, "the file holds no triples", "файлът не съдържа твърдения")])
    return _checked(quads, raw, at, source, iris, context)


def _checked(
    quads: Sequence[Quad], raw: bytes, at: Locator, source: str, iris: Iris, context: Context
) -> dict[str, list[Triple]]:
    problems = Problems()
    own = f"{iris.base}/graph/"
    by_source: dict[str, list[Triple]] = defaultdict(list)
    strange: set[str] = set()
    for quad in quads:
        for iri in _iris(quad):
            if iri not in strange and (message := _strange(iri, iris, context)):
                strange.add(iri)
                problems.add(_line(raw, iri, at), *message, field=iri, value=iri)
        if isinstance(quad.graph_name, DefaultGraph):
            by_source[source].append(quad.triple)
            continue
        name = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        id = name.removeprefix(own) if name.startswith(own) else ""
        if not re.fullmatch(r"[a-z0-9.-]{1,60}", id) or id == "meta":
            if name not in strange:
                strange.add(name)
                problems.add(
                    _line(raw, name, at),
                    f"the graph {name or 'without a name'!r} cannot be loaded; use {own}SOURCE or no graph at all",
                    f"графът „{name or 'без име'}“ не може да се зареди; ползвайте {own}ИЗТОЧНИК или без граф",
                )
            continue
        by_source[id].append(quad.triple)
    if problems:
        raise DataError(problems)
    try:
        return {id: skolemise(triples, iris.graph(id)) for id, triples in sorted(by_source.items())}
    except EntangledError as error:
        raise DataError(
            [
                problem(
                    at,
                    f"{error}; give the nodes names of their own",
                    f"в безименните възли има кръгове, а са твърде много; дайте им имена ({error})",
                )
            ]
        ) from error


def _iris(quad: Quad) -> tuple[str, ...]:
    return tuple(term.value for term in (quad.subject, quad.predicate, quad.object) if isinstance(term, NamedNode))


def _strange(iri: str, iris: Iris, context: Context) -> tuple[str, str] | None:
    """What is wrong with an IRI of ours: a term that the ontology lacks, an id that is none."""
    if iri.startswith(MKG) and iri not in context.hints.properties:
        near = difflib.get_close_matches(iri, [*context.hints.properties], n=1, cutoff=0.6)
        en, bg = suggestion([one.removeprefix(MKG) for one in near])
        name = iri.removeprefix(MKG)
        return f"the ontology has no term {name!r}{en}", f"в онтологията няма „{name}“{bg}"
    if iri.startswith(iris.ids):
        id = iris.id(iri)
        if id is None or not ID.match(id):
            name = iri.removeprefix(iris.ids)
            return (
                f"{name!r} is no id; write kind/name in small Latin letters, digits and hyphens",
                f"„{name}“ не е идентификатор; пишете вид/име с малки латински букви, цифри и тирета",
            )
    return None


def _line(raw: bytes, iri: str, at: Locator) -> Locator:
    """The first line that holds the IRI or its local name, else the first line."""
    for needle in (iri, re.split(r"[/#]", iri)[-1]):
        if needle and (found := raw.find(needle.encode())) >= 0:
            return Locator(at.file, line=raw.count(b"\n", 0, found) + 1)
    return at
