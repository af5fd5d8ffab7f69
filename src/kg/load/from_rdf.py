"""RDF files as triples per source. The syntax is checked by the engine; what the graph may hold is checked here."""

from __future__ import annotations

import difflib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat  # only to find the line of an error

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from kg.context import Context
from kg.entry import Locator
from kg.errors import DataError
from kg.finding import Finding
from kg.graph import Node
from kg.iris import KINDS, Iris
from kg.load.depth import MAX_DEPTH, too_deep
from kg.load.problems import Problems, problem, suggestion
from kg.load.skolem import EntangledError, skolemise
from kg.load.sources import is_id
from kg.namespaces import MKG

FORMATS: Mapping[str, RdfFormat] = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
    ".jsonld": RdfFormat.JSON_LD,
    ".rdf": RdfFormat.RDF_XML,
}
_NAME = rb"((?:[a-z-]+/)?[a-z0-9-]{1,60})"
_SUBJECT = re.compile(  # at the start of a line, else behind @id or rdf:about
    rb"^[ \t]*(?:<[^<>\"\s]*?|[\w.-]*:)" + _NAME + rb">?(?=[\s{])"
    rb"|(?:\"@id\"\s*:|rdf:about\s*=)\s*[\"'][^\"']*?" + _NAME + rb"[\"']",
    re.MULTILINE,
)
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RdfFile:
    """Triples by source id, and the line on which each entity is described."""

    triples: Mapping[str, list[Triple]]
    places: Mapping[str, Locator] = field(default_factory=dict)
    problems: Sequence[Finding] = ()  # terms that refuse the file, and keep nobody from judging the rest of it


def read(raw: bytes, suffix: str, file: str, source: str, iris: Iris, context: Context) -> RdfFile:
    """The file's triples: the default graph belongs to `source`, a graph below the base to its own source.

    Raises DataError for what cannot be read; never resolves a remote context or document type.
    """
    at = Locator(file, line=1)
    quads = list(parsed(raw, FORMATS[suffix], at, iris.ids))
    if not quads:
        raise DataError([problem(at, "the file holds no triples", "файлът не съдържа твърдения")])
    strange = _strange(quads, raw, at, iris, context)
    try:
        triples = _by_source(quads, raw, at, source, iris)
    except DataError as error:
        raise DataError([*strange, *error.findings]) from error
    if any(str(finding.value).startswith(iris.ids) for finding in strange):
        raise DataError(strange)  # what is called by no id has no place in the file that the gate could tell
    return RdfFile(triples, _places(triples, raw, file, iris), tuple(strange))


def parsed(raw: bytes, format: RdfFormat, at: Locator, base_iri: str) -> Iterator[Quad]:
    """The quads of a document. Raises DataError with the place where it breaks off; fetches nothing."""
    if format == RdfFormat.RDF_XML and (match := _DTD.search(raw)):
        raise DataError(
            [
                problem(
                    Locator(at.file, line=raw[: match.start()].count(b"\n") + 1),
                    "a document type (<!DOCTYPE) is not allowed in RDF/XML; take it out",
                    "не се допуска дефиниция на тип (<!DOCTYPE) в RDF/XML; махнете я",
                )
            ]
        )
    if line := too_deep(raw, format):
        raise DataError(
            [
                problem(
                    Locator(at.file, line=line),
                    f"the document nests deeper than {MAX_DEPTH} levels here; write it flatter",
                    f"от този ред нататък документът е вложен на повече от {MAX_DEPTH} нива; напишете го по-плоско",
                )
            ]
        )
    try:
        yield from parse(raw, format, base_iri=base_iri)
    except SyntaxError as error:
        raise DataError([_broken(error, raw, format, at)]) from error
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            [problem(at, f"the file cannot be read: {error}", f"файлът не може да се прочете: {error}")]
        ) from error


def _broken(error: SyntaxError, raw: bytes, format: RdfFormat, at: Locator) -> Finding:
    """A syntax error with its line; the engine tells none for some."""
    if "remote contexts" in error.msg:
        return problem(
            _line(raw, next(_remote(raw), "@context"), at),
            "a context is not fetched from elsewhere; write it into the file, or save the data as Turtle",
            "контекст (@context) не се изтегля от другаде; впишете го във файла или запишете данните като Turtle",
        )
    line = error.lineno
    if line is None and format == RdfFormat.RDF_XML:
        line = _xml_line(raw)
    return problem(
        Locator(at.file, line=line or 1),
        f"the file breaks off here: {' '.join(error.msg.split())}",
        f"файлът не може да се прочете от този ред: {' '.join(error.msg.split())}",
    )


def _remote(raw: bytes) -> Iterator[str]:
    """Addresses of contexts that lie elsewhere, in the order of the document."""
    try:
        todo = [json.loads(raw)]
    except (ValueError, RecursionError):  # broken off behind the context
        return
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            contexts = node.get("@context", [])
            for context in contexts if isinstance(contexts, list) else [contexts]:
                named = context.get("@import") if isinstance(context, dict) else context
                if isinstance(named, str):
                    yield named
            todo += reversed(list(node.values()))
        elif isinstance(node, list):
            todo += reversed(node)


def _xml_line(raw: bytes) -> int | None:
    """The line on which XML is not well-formed. Document types have been refused before."""
    try:
        expat.ParserCreate().Parse(raw, True)
    except expat.ExpatError as error:
        return error.lineno
    return None


def _strange(quads: Sequence[Quad], raw: bytes, at: Locator, iris: Iris, context: Context) -> Problems:
    """Terms that mean nothing here, each told once."""
    problems = Problems()
    seen: set[str] = set()
    for quad in quads:
        for term in (quad.subject, quad.predicate, quad.object):
            message = complaint(term, iris, context)
            if message and str(term) not in seen:
                seen.add(str(term))
                named = isinstance(term, NamedNode)
                value = term.value if isinstance(term, NamedNode) else quad.predicate.value
                problems.add(_line(raw, value, at), *message, field=value, value=value if named else None)
    return problems


def _by_source(quads: Sequence[Quad], raw: bytes, at: Locator, source: str, iris: Iris) -> dict[str, list[Triple]]:
    problems = Problems()
    own = f"{iris.base}/graph/"
    by_source: dict[str, list[Triple]] = defaultdict(list)
    strange: set[str] = set()
    for quad in quads:
        if isinstance(quad.object, Triple):
            problems.add(
                _line(raw, "<<", at),
                "a statement about a statement is not kept; describe evidence with mkg:evidence",
                "твърдение за твърдение не се пази; опишете доказателството с mkg:evidence",
            )
            break
        if isinstance(quad.graph_name, DefaultGraph):
            by_source[source].append(quad.triple)
            continue
        name = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        id = name.removeprefix(own) if name.startswith(own) else ""
        if not is_id(id):
            if name not in strange:
                strange.add(name)
                problems.add(
                    _line(raw, name, at),
                    f"the graph „{name or 'without a name'}“ cannot be loaded; use {own}SOURCE or no graph at all",
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


def complaint(term: Node, iris: Iris, context: Context) -> tuple[str, str] | None:
    """What is wrong with a term: one of ours that the ontology lacks, an id that is none, a text that says nothing."""
    if isinstance(term, Literal) and not term.value.strip():
        return "an empty text says nothing; leave it out", "празният текст не казва нищо; пропуснете го"
    if not isinstance(term, NamedNode):
        return None
    iri = term.value
    if iri.startswith(MKG) and iri not in context.hints.properties:
        near = difflib.get_close_matches(iri, [*context.hints.properties], n=1, cutoff=0.6)
        en, bg = suggestion([one.removeprefix(MKG) for one in near])
        name = iri.removeprefix(MKG)
        return f"the ontology has no term „{name}“{en}", f"в онтологията няма „{name}“{bg}"
    if iri.startswith(iris.ids):
        id = iris.id(iri)
        if id is None or id.partition("/")[0] not in KINDS:
            name = iri.removeprefix(iris.ids)
            return (
                f"„{name}“ is no id; write kind/name in small Latin letters, digits and hyphens",
                f"„{name}“ не е идентификатор; пишете вид/име с малки латински букви, цифри и тирета",
            )
    return None


def _places(triples: Mapping[str, list[Triple]], raw: bytes, file: str, iris: Iris) -> dict[str, Locator]:
    """Where each entity is described, as far as that can be seen from the text; the first line for the others."""
    found: dict[str, int] = {}
    line = end = 0
    for match in _SUBJECT.finditer(raw):
        line, end = line + raw.count(b"\n", end, match.end()), match.end()
        found.setdefault((match[1] or match[2]).decode(), line + 1)
    subjects = {
        triple.subject.value for some in triples.values() for triple in some if hasattr(triple.subject, "value")
    }
    ids = ((iri, id) for iri in subjects if (id := iris.id(iri)) and iri == iris.ids + id)
    return {iri: Locator(file, line=found.get(id) or found.get(id.partition("/")[2], 1)) for iri, id in ids}


def _line(raw: bytes, iri: str, at: Locator) -> Locator:
    """The first line that holds the IRI or its local name, else the first line."""
    for needle in (iri, re.split(r"[/#]", iri)[-1]):
        if needle and (found := raw.find(needle.encode())) >= 0:
            return Locator(at.file, line=raw.count(b"\n", 0, found) + 1)
    return at
