"""The body of a Graph Store request as triples by graph: one RDF document, or several in a multipart form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyoxigraph import BlankNode, Quad, Triple
from python_multipart.multipart import MultipartParser, parse_options_header

from kg.entry import Locator
from kg.errors import DataError, ParameterError, RequestError, UnsupportedMediaTypeError
from kg.formats import GRAPHS, NQ, TRIG, by_media_type, by_suffix
from kg.graph import DEFAULT, GraphName
from kg.load.from_rdf import parsed

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Part:
    """A document of a form."""

    media_type: str
    content: bytes
    name: str


def read(content: bytes, media_type: str, base_iri: str) -> dict[GraphName, list[Triple]]:
    """Triples by the graph they stand in; DEFAULT for those in none.

    Blank nodes are those of their document, whatever another one calls its own (RDF 1.1 Semantics §4.1). Raises
    UnsupportedMediaTypeError, and RequestError with the line where a document breaks off.
    """
    bare = media_type.partition(";")[0].strip().lower()
    parts = list(_parts(content, media_type)) if bare == MULTIPART else [Part(media_type, content, "")]
    found: dict[GraphName, list[Triple]] = {DEFAULT: []}
    for part in parts:
        for quad in _distinct(_quads(part, base_iri)):
            found.setdefault(quad.graph_name, []).append(quad.triple)
    return found


def is_dataset(media_type: str) -> bool:
    """Whether a format is made for graphs with names, so that what stands in none is the default graph's."""
    return by_media_type(media_type, GRAPHS) in {NQ, TRIG}


def alone(triples: Mapping[GraphName, list[Triple]]) -> list[Triple]:
    """The triples of a document for one graph. Raises RequestError when it names graphs itself."""
    if len(triples) > 1:
        raise RequestError(
            "the address names a graph and so does the document; send the triples alone, or leave ?graph= out",
            "и адресът, и документът посочват граф; изпратете само твърденията или махнете ?graph=",
        )
    return triples[DEFAULT]


def _quads(part: Part, base_iri: str) -> Iterator[Quad]:
    format = by_media_type(part.media_type, GRAPHS)
    if format is None and part.name and part.media_type.partition(";")[0] in {"", "application/octet-stream"}:
        format = by_suffix(part.name.rpartition(".")[2], GRAPHS)
    if format is None:
        known = ", ".join(one.media_type for one in GRAPHS)
        raise UnsupportedMediaTypeError(
            f"{part.media_type or 'no media type'} is not a format of graphs; send one of: {known}",
            (f"„{part.media_type}“ не е формат за графи" if part.media_type else "Не е посочен Content-Type")
            + f"; изпратете някой от: {known}",
        )
    charset = parse_options_header(part.media_type)[1].get(b"charset", b"utf-8").decode("latin-1")
    if charset.lower().replace("_", "-") not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMediaTypeError(
            f"send the document as UTF-8, not {charset}", f"Изпратете го в UTF-8, а не в {charset}"
        )
    try:
        yield from parsed(part.content, format.rdf_engine, Locator(part.name or "body", line=1), base_iri)
    except DataError as error:  # a document that cannot be read is no data yet
        finding = error.findings[0]
        raise RequestError(
            f"{finding.at}: {finding.messages['en']}", f"{finding.at}: {finding.messages['bg']}"
        ) from error


def _distinct(quads: Iterator[Quad]) -> Iterator[Quad]:
    """The quads with labels that no other document has."""
    labels: defaultdict[BlankNode, BlankNode] = defaultdict(BlankNode)

    def term(node: Any) -> Any:
        if isinstance(node, BlankNode):
            return labels[node]
        return Triple(*map(term, node)) if isinstance(node, Triple) else node

    for quad in quads:
        subject, object, graph = quad.subject, quad.object, quad.graph_name
        if isinstance(object, BlankNode | Triple) or isinstance(subject, BlankNode) or isinstance(graph, BlankNode):
            yield Quad(*map(term, quad))
        else:
            yield quad


def _parts(content: bytes, media_type: str) -> Iterator[Part]:
    """The files of a form (RFC 7578); fields without a media type or file name are passed over."""
    boundary = parse_options_header(media_type)[1].get(b"boundary")
    if not boundary:
        raise ParameterError("the form has no boundary", "Във формата липсва boundary")
    reader = _Form()
    try:
        parser = MultipartParser(boundary, reader.callbacks())
        parser.write(content)
        parser.finalize()
    except ValueError as error:
        raise RequestError(f"the form is malformed: {error}", f"Формата е сгрешена: {error}") from error
    if not reader.complete:
        raise RequestError("the form breaks off", "Формата е прекъсната")
    found = False
    for headers, body in reader.parts:
        disposition = parse_options_header(headers.get("content-disposition", ""))[1]
        name = disposition.get(b"filename", b"").decode("utf-8", "replace")
        kind = headers.get("content-type", "")
        if kind or name:
            found = True
            yield Part(kind, body, name)
    if not found:
        raise RequestError("the form holds no document", "Във формата няма документ")


class _Form:
    """What the parser calls as it finds parts."""

    def __init__(self) -> None:
        self.parts: list[tuple[dict[str, str], bytes]] = []
        self.complete = False
        self._headers: dict[str, str] = {}
        self._field = self._value = b""
        self._body = bytearray()

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._on_field,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header,
            "on_part_data": self._on_data,
            "on_part_end": self._on_part,
            "on_end": self._on_end,
        }

    def _begin(self) -> None:
        self._headers, self._body = {}, bytearray()

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header(self) -> None:
        self._headers[self._field.decode("latin-1").lower()] = self._value.decode("utf-8", "replace")
        self._field = self._value = b""

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self._body += data[start:end]

    def _on_part(self) -> None:
        self.parts.append((self._headers, bytes(self._body)))

    def _on_end(self) -> None:
        self.complete = True
