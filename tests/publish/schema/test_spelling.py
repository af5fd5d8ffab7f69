"""Regular expressions match whatever the loader takes for a name, a code, a date, a number."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from tests.publish.schema.expressions import expressions
from tests.publish.schema.written import dated, numbered, spelled

from kg import pipeline
from kg.load import dates, numbers, provenance, values
from kg.publish.schema import spelling
from kg.publish.schema.parts import Schema

SIGNS = st.text(
    st.sampled_from("абвейЙ01234567890 .,-–—:/„“'\"`%_()лв€№\u00a0\u0306\u2028\x85\t") | st.characters(), max_size=12
)


def among(*strategies: SearchStrategy[str]) -> SearchStrategy[str]:
    """Texts of these kinds, with something put in or taken out, or any text at all."""

    def miswritten(text: str) -> SearchStrategy[str]:
        place = st.integers(0, len(text))
        return st.builds(lambda at, sign, more: text[:at] + sign + text[at + more :], place, SIGNS, st.integers(0, 2))

    one = st.one_of(*strategies)
    return st.one_of(one, one.flatmap(miswritten), SIGNS)


def taken(read: Callable[[str], object], text: str) -> bool:
    try:
        return read(text) is not None
    except ValueError:
        return False


def holds(pattern: str, read: Callable[[str], object], texts: SearchStrategy[str], examples: int = 500) -> int:
    """How many texts were taken; every one of them matches."""
    found = 0

    @settings(max_examples=examples, deadline=None)
    @given(texts)
    def check(text: str) -> None:
        nonlocal found
        if taken(read, text):
            found += 1
            assert re.search(pattern, text), text

    check()
    return found


def test_names_of_fields_and_classes(domain: pipeline.Domain) -> None:
    context = domain.context
    words = [word for name in context.spellings for word in context.spellings[name]]
    texts = among(st.sampled_from([*context.document["@context"]]).flatmap(lambda name: spelled(name, slips=True)))
    pattern = spelling.named(words)
    assert holds(pattern, lambda text: context.field(text) or context.class_name(text), texts) > 100
    assert not re.search(pattern, "загалвие") and not re.search(pattern, "titel")


def test_a_name_matches_no_other_name(domain: pipeline.Domain) -> None:
    context = domain.context
    for name in context.names:
        pattern = spelling.sure(context.spellings[name])
        others = [one for one in context.names if one != name]
        assert re.search(pattern, name) and re.search(pattern, context.aliases[name])
        assert not [one for one in others if re.search(pattern, one) or re.search(pattern, context.aliases[one])]


def test_codes(domain: pipeline.Domain) -> None:
    codes = domain.codes
    vocabulary = "http://publications.europa.eu/resource/authority/currency/"
    written = [*codes.labels(vocabulary, "bg"), *codes.words(vocabulary), *codes.all(vocabulary)]
    texts = among(st.sampled_from(written).flatmap(lambda word: spelled(word, slips=True)))
    pattern = spelling.code(codes.words(vocabulary), codes.all(vocabulary))
    assert holds(pattern, lambda text: codes.find(vocabulary, text), texts) > 100
    assert not re.search(pattern, "лвев") and not re.search(pattern, f"{vocabulary}XYZ")


def test_dates() -> None:
    period = dates.read("2024")
    pattern = spelling.written(dates.pattern(), folded=True)
    texts = among(dated(), dated(slips=True))
    assert holds(pattern, lambda text: dates.read(text, period), texts, 1500) > 150
    assert not [text for text in ("вчера", "28.06.23", "06/28/2023", "20230628", "13") if re.search(pattern, text)]


def test_numbers() -> None:
    texts = among(numbered(), numbered(slips=True))
    assert holds(spelling.written(numbers.pattern()), numbers.read_decimal, texts, 1000) > 100
    whole = among(numbered(whole=True), numbered(slips=True, whole=True))
    assert holds(spelling.written(numbers.pattern(whole=True)), numbers.read_integer, whole) > 50
    assert not re.search(spelling.written(numbers.pattern()), "1,234")


def test_hours_and_places() -> None:
    clock = st.from_regex(values.HOUR, fullmatch=True)
    assert (
        holds(spelling.written(values.HOUR.pattern), lambda text: values.HOUR.fullmatch(text.strip()), among(clock))
        > 100
    )
    forms = [st.from_regex(one, fullmatch=True) for one in provenance.PLACES]
    pattern = spelling.written("|".join(f"(?:{one.pattern})" for one in provenance.PLACES), folded=True)
    assert holds(pattern, provenance.fragment, among(*forms)) > 50


@pytest.mark.parametrize(
    ("pattern", "matched", "missed"),
    [
        ("^[0-9]{5}$", ("63427", " 63427 ", "", "63427\u00a0"), ("6342", "634270", "x63427")),
        ("^https?://[^/]+\\.[^/]+", (" https://a.bg/x", "https://a.bg b"), ("a https://a.bg", "няма")),
        ("^a|b$", ("a", "xb", " x"), ("x", "ba c")),
        ("x", ("axa", " a"), ("a",)),
    ],
)
def test_what_a_shape_finds_in_a_text_without_the_spaces_around(
    pattern: str, matched: tuple[str, ...], missed: tuple[str, ...]
) -> None:
    found = spelling.found(pattern)
    assert [text for text in matched if not re.search(found, text)] == []
    assert [text for text in missed if re.search(found, text)] == []


@pytest.mark.parametrize(
    ("pattern", "most"),
    [
        ("^[0-9]{5}$", 5),
        ("^[0-9]{9}([0-9]{4})?$", 13),
        ("^\\d+$", 32),
        ("^[A-Z]{3}[0-9]{2}$", None),
        ("[0-9]{5}", None),
    ],
)
def test_numbers_are_judged_where_only_digits_fit(pattern: str, most: int | None) -> None:
    assert spelling.digits(pattern) == most


def test_no_expression_says_what_only_python_understands(document: Schema) -> None:
    patterns = {*expressions(document)}
    assert len(patterns) > 50
    assert [one for one in patterns if re.search(r"\\[AZ]|\(\?P|\(\?<|\(\?[aiLmsux]", one)] == []
