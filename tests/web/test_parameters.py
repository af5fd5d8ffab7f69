"""What clients say to the query endpoint, and what of it cannot be understood."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

import pytest

from kg.answering.question import Dataset
from kg.errors import KgError, ParameterError, QueryError, TooLargeError, UnsupportedMediaTypeError
from kg.web.parameters import Parameters, decode

FORM, DIRECT = b"application/x-www-form-urlencoded", b"application/sparql-query"


def test_everything_that_can_be_said() -> None:
    said = (
        b"query=ASK+%7B%7D&default-graph-uri=http%3A%2F%2Fe%2Fa&default-graph-uri=http%3A%2F%2Fe%2Fb"
        b"&named-graph-uri=http%3A%2F%2Fe%2Fc&format=csv&format=&format=json&timeout=2.5&release=7&excel=bg"
        b"&partial=1&lang=en&other=x"
    )
    expected = Parameters(
        query="ASK {}",
        dataset=Dataset(("http://e/a", "http://e/b"), ("http://e/c",)),
        formats=("csv", "json"),
        timeout=2.5,
        release=7,
        excel="bg",
        partial=True,
        language="en",
    )
    assert Parameters.read(said) == expected
    assert Parameters.read(b"", said, FORM) == expected
    head, _, tail = said.partition(b"&")
    assert Parameters.read(tail, head, FORM + b"; charset=UTF-8") == expected
    assert Parameters.read(tail, b"ASK {}", b" Application/SPARQL-Query ;charset=utf-8") == expected


def test_nothing_said_is_nothing() -> None:
    assert Parameters.read(b"") == Parameters()
    assert Parameters.read(b"query=") == Parameters(query="")
    assert Parameters.read(b"timeout=&release=&format=&excel=&partial=&x") == Parameters()


def test_a_spreadsheet_takes_csv() -> None:
    assert Parameters.read(b"excel=bg").formats == ("csv",)
    assert Parameters.read(b"excel=bg&format=json").formats == ("json",)


@pytest.mark.parametrize(("value", "seconds"), [("0.1", 0.1), ("1", 1.0), ("5.", 5.0), ("00030", 30.0), ("500", 500.0)])
def test_a_time_out_is_a_plain_number(value: str, seconds: float) -> None:
    assert Parameters.read(f"timeout={value}".encode()).timeout == seconds


@pytest.mark.parametrize(
    ("query_string", "kind"),
    [
        (b"query=a&query=b", ParameterError),
        (b"timeout=1&timeout=2", ParameterError),
        (b"release=1&release=2", ParameterError),
        (b"update=CLEAR+ALL", QueryError),
        (b"query=a&update=", QueryError),
        (b"query=%FF", QueryError),
        (b"query=%C3", QueryError),
        (b"query=\xff", QueryError),
        (b"query=a%00", QueryError),
        (b"format=%00", QueryError),
        (b"q%00=a", QueryError),
        (b"&".join([b"a=b"] * 1001), ParameterError),
        (b"default-graph-uri=no+iri", ParameterError),
        (b"default-graph-uri=relative", ParameterError),
        (b"named-graph-uri=", ParameterError),
        *(
            (f"timeout={value}".encode(), ParameterError)
            for value in ("0", "0.0", "0.05", "-1", "%2B1", "1e3", "inf", "nan", "soon", "1,5", "%D9%A3", "+1", "1_0")
        ),
        *((f"release={value}".encode(), ParameterError) for value in ("-1", "1.0", "one", "%D9%A3", "9" * 30)),
        (b"lang=" + b"x" * 4097, ParameterError),
        (b"other=" + b"%41" * 4097, ParameterError),
        (b"x" * 4097, ParameterError),
        (b"&".join([b"format=csv"] * 11), ParameterError),
        (b"query=" + b"%" * 2**16, ParameterError),
        (b"excel=fr", ParameterError),
        (b"partial=maybe", ParameterError),
    ],
)
def test_what_is_malformed_is_refused_in_both_languages(query_string: bytes, kind: type[KgError]) -> None:
    for said in ((query_string,), (b"", query_string, FORM)):
        with pytest.raises(kind) as caught:
            Parameters.read(*said)
        assert caught.value.status == 400
        assert caught.value.messages["bg"] != caught.value.messages["en"]


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"ASK {}", b"text/plain", 415),
        (b"ASK {}", b"", 415),
        (b"CLEAR ALL", b"application/sparql-update", 415),
        (b"ASK { ?s ?p '\xff' }", DIRECT, 400),
        (b"ASK {\0}", DIRECT, 400),
    ],
)
def test_bodies_of_other_kinds_are_refused(content: bytes, media_type: bytes, status: int) -> None:
    with pytest.raises((QueryError, UnsupportedMediaTypeError)) as caught:
        Parameters.read(b"", content, media_type)
    assert caught.value.status == status


def test_only_queries_are_long() -> None:
    assert Parameters.read(b"lang=" + "ж".encode() * 4096).language == "ж" * 4096
    assert Parameters.read(b"lang=en&query=" + b"%41" * 100_000).query == "A" * 100_000
    with pytest.raises(TooLargeError):
        decode(b"query=" + b"x" * 2**22)


def test_formats_over_address_and_body_are_counted_together() -> None:
    with pytest.raises(ParameterError):
        Parameters.read(b"&".join([b"format=csv"] * 6), b"&".join([b"format=csv"] * 5), FORM)


def test_formats_that_are_none_do_not_make_another_question() -> None:
    assert Parameters.read(b"format=nonsense&format=CSV&format=csv&format=other").formats == ("csv",)
    assert Parameters.read(b"format=text/csv;v=1&format=text/csv").formats == ("text/csv",)
    assert Parameters.read(b"format=nonsense&format=other").formats == ("nonsense",)


@pytest.mark.parametrize("raw", [b"%", b"100%", b"%%41", b"%4", b"%zz%41+%2B", b"a=%3D%\n=", b"%\r\n", b"%C3%B6%"])
def test_an_escape_that_is_none_stands_for_itself(raw: bytes) -> None:
    assert decode(b"query=" + raw) == [("query", unquote_to_bytes(raw.replace(b"+", b" ")).decode())]
