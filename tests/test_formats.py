"""Choosing a format: RFC 9110 §12.5.1 as a table."""

from __future__ import annotations

import pytest

from kg.formats import (
    CSV,
    FORMATS,
    GRAPHS,
    HTML,
    JSON,
    JSONLD,
    RDF,
    RESULTS,
    TSV,
    TTL,
    XML,
    Format,
    by_media_type,
    by_name,
    by_suffix,
    negotiate,
)

R = RESULTS
G = GRAPHS
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
TABLE: list[tuple[str, tuple[Format, ...], Format | None]] = [
    ("", R, JSON),
    ("*/*", R, JSON),
    ("   ", G, TTL),
    ("text/csv", R, CSV),
    ("TEXT/CSV", R, CSV),
    ("text/csv; charset=utf-8", R, CSV),
    ("text/csv;q=0", R, None),
    ("text/csv;q=0.0, */*", R, JSON),
    ("text/turtle", R, None),
    ("application/sparql-results+xml", R, XML),
    ("application/xml", R, XML),
    ("application/json", R, JSON),
    ("application/json", G, JSONLD),
    ("text/plain", G, by_name("nt")),
    ("text/*", R, CSV),
    ("text/*;q=0.5, text/tab-separated-values", R, TSV),
    ("text/*, text/csv;q=0.1", R, TSV),
    ("text/csv;q=0.5, application/sparql-results+xml;q=0.9", R, XML),
    ("text/csv;q=0.5,*/*;q=0.1", R, CSV),
    ("*/*;q=0.1, text/csv", R, CSV),
    ("text/csv, application/sparql-results+json", R, JSON),
    ("application/sparql-results+json;q=0, */*", R, XML),
    ("application/sparql-results+json;q=0, application/json", R, None),
    ("application/rdf+xml, */*;q=0.1", G, RDF),
    ("application/rdf+xml, text/turtle;q=0.9", G, RDF),
    ("text/turtle;q=0.5;level=1, application/rdf+xml;q=0.4", G, TTL),
    ('text/csv;note="a,b;q=0", application/sparql-results+xml;q=0.5', R, CSV),
    ("text/csv;q=1.5, application/sparql-results+xml;q=0.1", R, XML),
    ("text/csv;q=abc, application/sparql-results+xml;q=0.1", R, XML),
    ("garbage, text/csv", R, CSV),
    ("/, text/, */csv, text/csv;q=0.2", R, CSV),
    ("garbage", R, JSON),
    (",,,", R, JSON),
    ("image/png", R, None),
    ("image/png, */*;q=0", R, None),
    ("text/csv;q=0.123", R, CSV),
    ("text/csv;q=0.1234, application/xml", R, XML),
    ("text/csv ; q=0.2 , text/tab-separated-values ; q=0.3", R, TSV),
    ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", (*R, HTML), HTML),
    (BROWSER, (*R, HTML), HTML),
    (BROWSER, R, XML),
    ("*/*", (*R, HTML), JSON),
    ("*/*", (), None),
    ("text/csv;q=0.3,text/csv;q=0.7,text/tab-separated-values;q=0.5", R, CSV),
]


@pytest.mark.parametrize(("accept", "offered", "expected"), TABLE)
def test_the_client_gets_what_it_likes_best(accept: str, offered: tuple[Format, ...], expected: Format | None) -> None:
    assert negotiate(accept, offered) == expected


def test_a_long_header_is_read_in_linear_time() -> None:
    assert negotiate("a" * 50_000 + ", " + ";" * 50_000 + ', "' + "\\" * 50_000, R) == JSON


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
def test_every_name_suffix_and_media_type_leads_back(format: Format) -> None:
    assert by_name(format.name) is format
    assert by_name(format.name.upper()) is format
    assert by_suffix("." + format.suffix) is format
    assert by_media_type(format.media_type + "; charset=utf-8") is format
    assert by_name(format.media_type) is format


def test_json_and_xml_mean_rdf_where_only_graphs_are_offered() -> None:
    assert by_name("json", GRAPHS) is JSONLD
    assert by_name("xml", GRAPHS) is RDF
    assert by_name("csv", GRAPHS) is None
    assert by_name("json") is JSON
    assert by_name("turtle") is TTL
    assert by_name("rdf+xml") is RDF
    assert by_name("nonsense") is None


def test_names_and_canonical_media_types_are_unique() -> None:
    assert len({format.name for format in FORMATS}) == len(FORMATS)
    assert len({format.media_type for format in FORMATS}) == len(FORMATS)


def test_text_says_its_charset_and_json_does_not() -> None:
    assert CSV.content_type == "text/csv; charset=utf-8; header=present"
    assert TTL.content_type == "text/turtle; charset=utf-8"
    assert JSON.content_type == "application/sparql-results+json"


def test_the_engine_knows_every_canonical_media_type() -> None:
    for format in RESULTS:
        assert type(format.results_engine).from_media_type(format.media_type) == format.engine
    for format in GRAPHS:
        assert type(format.rdf_engine).from_media_type(format.media_type) == format.engine
