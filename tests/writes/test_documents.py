from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, NamedNode, Triple

from kg.errors import RequestError, UnsupportedMediaTypeError
from kg.graph import DEFAULT
from kg.writes import documents

BASE = "http://localhost/graph/x"
A, B, C = (NamedNode(f"urn:{letter}") for letter in "abc")
NTRIPLES = b"<urn:a> <urn:b> <urn:c> .\n"
MARK = "----mark"


def form(*parts: tuple[str, bytes], end: str = "--") -> bytes:
    """A multipart body of header texts and contents."""
    lines = b"".join(f"--{MARK}\r\n{head}\r\n\r\n".encode() + content + b"\r\n" for head, content in parts)
    return lines + f"--{MARK}{end}\r\n".encode()


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("text/turtle", b"<urn:a> <urn:b> <urn:c> ."),
        ("text/turtle; charset=utf-8", b"<urn:a> <urn:b> <urn:c> ."),
        ("TEXT/TURTLE;charset=UTF-8", b"<urn:a> <urn:b> <urn:c> ."),
        ("application/n-triples", NTRIPLES),
        ("text/plain;charset=US-ASCII", NTRIPLES),
        ("application/trig", b"{ <urn:a> <urn:b> <urn:c> }"),
        ("application/ld+json", b'{"@id": "urn:a", "urn:b": {"@id": "urn:c"}}'),
        ("application/json", b'{"@id": "urn:a", "urn:b": {"@id": "urn:c"}}'),
        (
            "application/rdf+xml",
            b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">'
            b'<r:Description r:about="urn:a"><u:b r:resource="urn:c"/></r:Description></r:RDF>',
        ),
    ],
)
def test_every_format_of_graphs_is_read(media_type: str, content: bytes) -> None:
    assert documents.read(content, media_type, BASE) == {DEFAULT: [Triple(A, B, C)]}


def test_quads_keep_their_graphs() -> None:
    found = documents.read(NTRIPLES + b"<urn:a> <urn:b> <urn:c> <urn:g> .", "application/n-quads", BASE)
    assert found == {DEFAULT: [Triple(A, B, C)], NamedNode("urn:g"): [Triple(A, B, C)]}
    with pytest.raises(RequestError, match="names a graph"):
        documents.alone(found)
    assert documents.alone({DEFAULT: [Triple(A, B, C)]}) == [Triple(A, B, C)]


def test_relative_iris_stand_below_the_graph() -> None:
    (triple,) = documents.read(b"<> <#p> <y> .", "text/turtle", BASE)[DEFAULT]
    assert [term.value for term in triple if isinstance(term, NamedNode)] == [
        BASE,
        f"{BASE}#p",
        "http://localhost/graph/y",
    ]


def test_a_form_is_read_document_by_document() -> None:
    content = form(
        (
            'Content-Disposition: form-data; name="a"; filename="a.ttl"\r\nContent-Type: text/turtle',
            b"<urn:a> <urn:b> 1 .",
        ),
        ('content-disposition: form-data; name="b"; filename="b.nt"', NTRIPLES),
        (
            'Content-Disposition: form-data; name="c"; filename="c.ttl"\r\nContent-Type: application/octet-stream',
            b"<urn:a> <urn:b> [ <urn:b> <urn:c> ] .",
        ),
        ('Content-Disposition: form-data; name="comment"', b"not a file"),
    )
    found = documents.read(content, f'multipart/form-data; boundary="{MARK}"', BASE)
    assert len(found[DEFAULT]) == 4


def nodes(some: list[Triple]) -> set[BlankNode]:
    return {term for triple in some for term in triple if isinstance(term, BlankNode)}


def test_documents_of_a_form_share_no_blank_node() -> None:
    head = 'Content-Disposition: form-data; name="{0}"; filename="{0}.nt"'
    content = form((head.format("a"), b"_:x <urn:b> _:y ."), (head.format("b"), b"_:x <urn:b> _:x ."))
    first, second = documents.read(content, f"multipart/form-data; boundary={MARK}", BASE)[DEFAULT]
    assert (len(nodes([first])), len(nodes([second]))) == (2, 1)
    assert not nodes([first]) & nodes([second])


def test_a_blank_node_is_one_throughout_its_document() -> None:
    text = b"_:x <urn:b> _:g . GRAPH _:g { <urn:a> <urn:b> <<( _:x <urn:b> _:y )>> , _:y } "
    found = documents.read(text, "application/trig", BASE)
    ((first,), (second, third)) = found.values()
    _, graph = found
    assert isinstance(second.object, Triple)
    assert (second.object.subject, second.object.object) == (first.subject, third.object)
    assert first.object == graph
    again = documents.read(text, "application/trig", BASE)
    assert not nodes(again[DEFAULT]) & nodes([first])


@pytest.mark.parametrize(
    ("media_type", "content", "message"),
    [
        ("text/turtle", b"<urn:a> <urn:b> <urn:c> .\n\n<urn:a> <urn:b> .", r"body:3: .*breaks off"),
        ("text/turtle", b"<urn:a> <urn:b> \xff .", "breaks off"),
        ("application/rdf+xml", b"<?xml version='1.0'?>\n<!DOCTYPE x [<!ENTITY e 'e'>]><x/>", r"body:2: .*DOCTYPE"),
        ("application/rdf+xml", b"<a", "breaks off"),
        ("application/ld+json", b'{"@context": "http://127.0.0.1:1/context"}', "not fetched"),
        ("application/n-quads", b"<urn:a> <urn:b> <urn:c> <urn:g>", "breaks off"),
        (
            "application/ld+json",
            b'\n{"a": "[[", "b": ' + b"[" * 5000 + b"]" * 5000 + b"}",
            r"body:2: .*deeper than 256",
        ),
        ("text/turtle", b"<a> <b> " + b"<<( <s> <p> " * 5000 + b"1" + b" )>>" * 5000 + b" .", "deeper than 256"),
        (f"multipart/form-data; boundary={MARK}", form(("A: b", b"x")), "no document"),
        (f"multipart/form-data; boundary={'b' * 60_000}", b"x", "malformed"),
        ("multipart/form-data", b"", "boundary"),
        (f"multipart/form-data; boundary={MARK}", b"nonsense", "malformed"),
        (f"multipart/form-data; boundary={MARK}", form(("A: b", b"x"), end=""), "breaks off"),
        (
            f"multipart/form-data; boundary={MARK}",
            form(('Content-Disposition: form-data; filename="a.ttl"', b"<urn:a>")),
            r"a.ttl:1",
        ),
    ],
)
def test_what_cannot_be_read_is_a_bad_request_with_its_line(media_type: str, content: bytes, message: str) -> None:
    with pytest.raises(RequestError, match=message) as error:
        documents.read(content, media_type, BASE)
    assert error.value.status == 400


@pytest.mark.parametrize(
    "media_type", ["", "text/html", "application/sparql-update", "image/png", "text/turtle; charset=cp1251"]
)
def test_other_media_types_are_not_taken(media_type: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        documents.read(NTRIPLES, media_type, BASE)
    with pytest.raises(UnsupportedMediaTypeError):
        part = (f'Content-Disposition: form-data; filename="a.bin"\r\nContent-Type: {media_type}', NTRIPLES)
        documents.read(form(part), f"multipart/form-data; boundary={MARK}", BASE)
