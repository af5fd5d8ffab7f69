"""The formats we speak, one row each, and how a client chooses among them (RFC 9110 §12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pyoxigraph import QueryResultsFormat, RdfFormat

from kg.errors import NotAcceptableError


class Kind(StrEnum):
    """What a format can carry."""

    RESULTS = "results"  # rows and yes/no
    GRAPH = "graph"
    DATASET = "dataset"  # graphs with names; a graph too
    PAGE = "page"
    REPORT = "report"  # findings about data


Engine = QueryResultsFormat | RdfFormat


@dataclass(frozen=True, slots=True)
class Format:
    """A name for `?format=`, media types with the canonical one first, and the engine's own object."""

    name: str
    kind: Kind
    suffix: str
    media_types: tuple[str, ...]
    engine: Engine | None
    charset: str | None = "utf-8"  # None: the media type defines no such parameter
    aliases: tuple[str, ...] = ()  # what clients also write after `?format=`
    parameters: str = ""  # more of them, for the Content-Type header

    @property
    def media_type(self) -> str:
        return self.media_types[0]

    @property
    def content_type(self) -> str:
        """The value of the Content-Type header."""
        charset = f"; charset={self.charset}" if self.charset else ""
        return f"{self.media_type}{charset}{self.parameters}"

    @property
    def results_engine(self) -> QueryResultsFormat:
        assert isinstance(self.engine, QueryResultsFormat)
        return self.engine

    @property
    def rdf_engine(self) -> RdfFormat:
        assert isinstance(self.engine, RdfFormat)
        return self.engine


JSON = Format(
    "json",
    Kind.RESULTS,
    "srj",
    ("application/sparql-results+json", "application/json"),
    QueryResultsFormat.JSON,
    charset=None,
)
XML = Format(
    "xml",
    Kind.RESULTS,
    "srx",
    ("application/sparql-results+xml", "application/xml", "text/xml"),
    QueryResultsFormat.XML,
)
CSV = Format("csv", Kind.RESULTS, "csv", ("text/csv",), QueryResultsFormat.CSV, parameters="; header=present")
TSV = Format("tsv", Kind.RESULTS, "tsv", ("text/tab-separated-values",), QueryResultsFormat.TSV)
TTL = Format(
    "ttl",
    Kind.GRAPH,
    "ttl",
    ("text/turtle", "application/x-turtle", "application/turtle", "text/n3", "text/rdf+n3"),
    RdfFormat.TURTLE,
    aliases=("turtle", "n3"),
)
NT = Format(
    "nt",
    Kind.GRAPH,
    "nt",
    ("application/n-triples", "text/plain"),
    RdfFormat.N_TRIPLES,
    aliases=("ntriples", "n-triples"),
)
NQ = Format(
    "nq", Kind.DATASET, "nq", ("application/n-quads", "text/x-nquads"), RdfFormat.N_QUADS, aliases=("nquads", "n-quads")
)
TRIG = Format("trig", Kind.DATASET, "trig", ("application/trig",), RdfFormat.TRIG)
JSONLD = Format(
    "jsonld",
    Kind.DATASET,
    "jsonld",
    ("application/ld+json", "application/json"),
    RdfFormat.JSON_LD,
    charset=None,
    aliases=("json", "json-ld"),
)
RDF = Format(
    "rdf",
    Kind.GRAPH,
    "rdf",
    ("application/rdf+xml", "application/xml", "text/xml"),
    RdfFormat.RDF_XML,
    aliases=("xml", "rdf+xml", "rdfxml"),
)
HTML = Format("html", Kind.PAGE, "html", ("text/html", "application/xhtml+xml"), None)

SITEMAP = Format("sitemap", Kind.PAGE, "xml", ("application/xml", "text/xml"), None)
ATOM = Format("atom", Kind.PAGE, "atom", ("application/atom+xml",), None)
LINKS = Format("links", Kind.PAGE, "links", ("application/link-format",), None)
ROBOTS = Format("robots", Kind.PAGE, "txt", ("text/plain",), None)

TEXT = Format("text", Kind.REPORT, "txt", ("text/plain",), None, aliases=("txt",))
FINDINGS = Format("json", Kind.REPORT, "json", ("application/json",), None, charset=None)
SARIF = Format("sarif", Kind.REPORT, "sarif", ("application/sarif+json",), None, charset=None)

FORMATS: tuple[Format, ...] = (JSON, XML, CSV, TSV, TTL, NT, NQ, TRIG, JSONLD, RDF, HTML)
RESULTS: tuple[Format, ...] = (JSON, XML, CSV, TSV)
GRAPHS: tuple[Format, ...] = (TTL, JSONLD, RDF, NT, NQ, TRIG)
REPORTS: tuple[Format, ...] = (TEXT, FINDINGS, SARIF, HTML, *GRAPHS)
"""What a report of findings is told in."""


def by_name(name: str, offered: Sequence[Format] = FORMATS) -> Format | None:
    """The format that `?format=` names: a name, a suffix, a media type, or what others call it.

    „json“ and „xml“ mean JSON-LD and RDF/XML where only graphs are offered.
    """
    name = name.strip().lower()
    for format in offered:
        if name in {format.name, format.suffix}:
            return format
    for format in offered:
        if name in format.aliases:
            return format
    return by_media_type(name, offered)


def by_suffix(suffix: str, offered: Sequence[Format] = FORMATS) -> Format | None:
    """The format of files that end in `.suffix`."""
    suffix = suffix.strip().lower().removeprefix(".")
    return next((format for format in offered if suffix in {format.suffix, format.name}), None)


def by_media_type(media_type: str, offered: Sequence[Format] = FORMATS) -> Format | None:
    """The format of a media type, its parameters put aside; the canonical owner of a shared type first."""
    bare = media_type.partition(";")[0].strip().lower()
    owners = [format for format in offered if bare in format.media_types]
    return min(owners, key=lambda format: format.media_types.index(bare), default=None)


_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 (a grammar rule)
_RANGE = re.compile(rf"\s*({_TOKEN})/({_TOKEN})\s*((?:;.*)?)\Z", re.DOTALL)
_QVALUE = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\Z")
_PART = re.compile(r'(?:[^,"]++|"(?:[^"\\]|\\.)*+(?:"|\\?\Z))++')  # a quote that is not closed goes to the end
_PARAMETER = re.compile(r';\s*+([^\s=;"]++)\s*+=\s*+("(?:[^"\\]|\\.)*+"|[^;"]*+)')


def _ranges(accept: str) -> dict[tuple[str, str], float]:
    """Quality per media range; what is malformed is left out."""
    ranges: dict[tuple[str, str], float] = {}
    for part in _PART.findall(accept):
        match = _RANGE.match(part)
        if match is None:
            continue
        main, sub = match[1].lower(), match[2].lower()
        if main == "*" and sub != "*":
            continue
        quality = 1.0
        for name, value in _PARAMETER.findall(match[3]):
            if name.lower() == "q":
                if not _QVALUE.match(value.strip()):
                    break
                quality = float(value)
        else:
            key = (main, sub)
            ranges[key] = max(quality, ranges.get(key, 0.0))
    return ranges


def negotiate(accept: str, offered: Sequence[Format]) -> Format | None:
    """The offered format that the client likes best, or None when it takes none of them.

    Quality decides, then how exactly the client named the type, then the canonical name, then our order. An absent or
    wholly malformed header accepts anything. A format whose canonical type is refused (`q=0`) is not offered under
    another.
    """
    ranges = _ranges(accept)
    if not ranges:
        return offered[0] if offered else None

    def liking(media_type: str) -> tuple[float, int]:
        main, _, sub = media_type.partition("/")
        for specificity, key in ((2, (main, sub)), (1, (main, "*")), (0, ("*", "*"))):
            if key in ranges:
                return ranges[key], specificity
        return 0.0, -1

    best: tuple[float, int, bool, int] = (0.0, -1, False, 0)
    chosen: Format | None = None
    for position, format in enumerate(offered):
        quality, specificity = liking(format.media_type)
        if specificity >= 0 and quality == 0.0:
            continue
        for media_type in format.media_types:
            quality, specificity = liking(media_type)
            rank = (quality, specificity, media_type == format.media_type, -position)
            if quality > 0 and (chosen is None or rank > best):
                best, chosen = rank, format
    return chosen


def choose(accept: str, names: Sequence[str], offered: Sequence[Format]) -> Format | None:
    """The format asked for: the first of the names that is offered, over what Accept prefers."""
    if names:
        return next(filter(None, (by_name(name, offered) for name in names)), None)
    return negotiate(accept, offered)


def pick(accept: str, names: Sequence[str], offered: Sequence[Format]) -> Format:
    """The same. Raises NotAcceptableError with what is offered."""
    chosen = choose(accept, names, offered)
    if chosen is None:
        known = ", ".join(format.name for format in offered)
        raise NotAcceptableError(
            f"this is offered in: {known} (?format=…, or Accept)",
            f"Предлага се във вид: {known} (?format=… или Accept)",
            offered=[format.media_type for format in offered],
        )
    return chosen
