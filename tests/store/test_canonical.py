"""Terms as the engine gives them back."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from kg.namespaces import XSD
from kg.store.canonical import canonical

S, P, G = NamedNode("http://e/s"), NamedNode("http://e/p"), NamedNode("http://e/g")

KINDS = [
    "integer",
    "decimal",
    "double",
    "float",
    "boolean",
    "date",
    "dateTime",
    "time",
    "duration",
    "int",
    "gYear",
]
VALUES = [
    ("01", "integer", "1", "integer"),
    ("+7", "integer", "7", "integer"),
    ("99999999999999999999", "integer", "99999999999999999999", "integer"),
    ("12.50", "decimal", "12.5", "decimal"),
    ("12.0", "decimal", "12", "decimal"),
    ("1.5E3", "double", "1500", "double"),
    ("INF", "double", "INF", "double"),
    ("1", "boolean", "true", "boolean"),
    ("2020-01-02", "date", "2020-01-02", "date"),
    ("2020-01-02+00:00", "date", "2020-01-02Z", "date"),
    ("2020-02-30", "date", "2020-02-30", "date"),
    ("2020-01-01T00:00:00.500+02:00", "dateTime", "2020-01-01T00:00:00.5+02:00", "dateTime"),
    ("2020-01-01T24:00:00", "dateTime", "2020-01-02T00:00:00", "dateTime"),
    ("PT90M", "duration", "PT1H30M", "duration"),
    ("P14M", "yearMonthDuration", "P1Y2M", "yearMonthDuration"),
    ("12:30:00.10", "time", "12:30:00.1", "time"),
    ("2020-05", "gYearMonth", "2020-05", "gYearMonth"),
    ("05", "nonNegativeInteger", "5", "integer"),
    ("5", "int", "5", "integer"),
    ("2020-01-01T00:00:00Z", "dateTimeStamp", "2020-01-01T00:00:00Z", "dateTime"),
]


def literal(text: str, kind: str) -> Literal:
    return Literal(text, datatype=XSD.term(kind))


@pytest.mark.parametrize(("text", "kind", "stored", "stored_kind"), VALUES)
def test_a_value_is_written_as_the_engine_writes_it(
    tmp_path: Path, text: str, kind: str, stored: str, stored_kind: str
) -> None:
    (quad,) = canonical([Quad(S, P, literal(text, kind), G)])
    assert quad.object == literal(stored, stored_kind)
    disk = ox.Store(str(tmp_path / "engine"))
    disk.add(Quad(S, P, literal(text, kind), G))
    assert set(disk) == {quad}


@given(
    st.lists(
        st.one_of(
            st.text(alphabet="0123456789+-.eE:TZPYMDHS ", max_size=12).flatmap(
                lambda text: st.sampled_from(KINDS).map(lambda kind: literal(text, kind))
            ),
            st.floats().map(lambda number: literal(str(number), "double")),
            st.decimals(allow_nan=False, allow_infinity=False, places=4).map(
                lambda number: literal(str(number), "decimal")
            ),
            st.datetimes(timezones=st.timezones()).map(lambda time: literal(time.isoformat(), "dateTime")),
            st.text(max_size=8).map(Literal),
            st.text(max_size=8).map(lambda text: Literal(text, language="bg-BG")),
        ),
        max_size=20,
    )
)
def test_what_is_canonical_stays_and_is_what_a_store_returns(terms: list[Literal]) -> None:
    once = list(canonical(Quad(S, P, term, G) for term in terms))
    assert list(canonical(once)) == once
    engine = ox.Store()
    engine.extend(Quad(S, P, term, G) for term in terms)
    assert set(engine) == set(once)


def test_a_number_inside_a_triple_term_is_seen() -> None:
    (quad,) = canonical([Quad(S, P, Triple(S, P, literal("01", "integer")), G)])
    assert quad.object == Triple(S, P, literal("1", "integer"))


@pytest.mark.parametrize(
    "quad",
    [
        Quad(BlankNode("b"), P, S, G),
        Quad(S, P, BlankNode("b"), G),
        Quad(S, P, Triple(BlankNode("b"), P, S), G),
        Quad(S, P, S, BlankNode("b")),
    ],
)
def test_a_blank_node_is_refused_wherever_it_hides(quad: Quad) -> None:
    with pytest.raises(ValueError, match="blank"):
        list(canonical([quad]))


def test_the_merge_is_not_written_to() -> None:
    with pytest.raises(ValueError, match="merge"):
        list(canonical([Quad(S, P, S, DefaultGraph())]))
