"""Text stays text, and every field knows its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.load.conftest import refused

from kg.entry import Locator
from kg.load.from_yaml import MAX_DEPTH, read


@pytest.mark.parametrize(
    "text",
    "NO no yes Да on off y true FALSE 12:30 010 0o10 0x1F 1_000 1e3 2023-06-27 2023-06-27T10:00:00Z .inf .NaN "
    "+359 00702 1.10 <<= =".split(),
)
def test_text_stays_text(text: str) -> None:
    (entry,) = read(f"- title: {text}\n", "a.yaml").entries
    assert entry.fields == {"title": text}


@pytest.mark.parametrize("word", ["null", "Null", "NULL", "~"])
def test_null_is_refused_unless_it_stands_in_quotation_marks(word: str) -> None:
    (finding,) = refused(lambda: read(f"- id: a\n  title: {word}\n", "a.yaml"))
    assert (finding.at, finding.field) == (Locator("a.yaml", line=2), "title")
    assert read(f"- title: '{word}'\n", "a.yaml").entries[0].fields == {"title": word}


def test_an_empty_value_is_an_empty_text() -> None:
    assert read("- id:\n  title: ''\n", "a.yaml").entries[0].fields == {"id": "", "title": ""}


def test_every_field_knows_its_line() -> None:
    text = """\
# бележка
source: x
entries:

  - id: event/a
    title:
      bg: А
      en: A
    participant:
      - organisation/a

      - organisation/b
    budget: {value: 1,
      currency: BGN}
  - id: event/b
"""
    file = read(text, "a.yaml")
    first, second = file.entries
    assert {path: place.line for path, place in first.places.items()} == {
        ("id",): 5,
        ("title",): 7,
        ("title", "bg"): 7,
        ("title", "en"): 8,
        ("participant",): 10,
        ("participant", 0): 10,
        ("participant", 1): 12,
        ("budget",): 13,
        ("budget", "value"): 13,
        ("budget", "currency"): 14,
    }
    assert (first.at.line, second.at.line, file.source) == (5, 15, "x")
    assert first.place(("participant", 7, "x")).line == 10
    assert first.place(("nothing",)) == first.at


def test_the_head_is_known_in_both_languages() -> None:
    file = read("източник: x\nоснование: external\nпериод: 2023-W26\nзаписи: [{ид: event/a}]\n", "a.yaml")
    assert (file.source, file.basis, file.period, len(file.entries)) == ("x", "external", "2023-W26", 1)
    assert {name: place.line for name, place in file.head.items()} == {"source": 1, "basis": 2, "period": 3}


def test_several_mistakes_are_told_at_once() -> None:
    findings = refused(lambda: read("- id: a\n  id: b\n  x: ~\n  y: !!int 5\n", "a.yaml"))
    assert [finding.at.line for finding in findings if finding.at] == [2, 3, 4]


def test_nesting_is_bounded_and_not_recursive() -> None:
    deep = MAX_DEPTH - 3
    (entry,) = read(f"- {{a: {'[' * deep}b{']' * deep}}}", "a.yaml").entries
    assert str(entry.fields["a"]).count("[") == deep
    (finding,) = refused(lambda: read("- " + "[" * 50_000, "a.yaml"))
    assert str(MAX_DEPTH) in finding.messages["en"]


@given(
    st.dictionaries(
        st.text("абвxyz", min_size=1), st.text(st.characters(exclude_categories=["Cc", "Cf", "Cn", "Cs", "Zl", "Zp"]))
    )
)
def test_whatever_is_written_in_quotation_marks_reads_back(fields: dict[str, str]) -> None:
    quoted = ", ".join(f"{key}: '{value.replace(chr(39), chr(39) * 2)}'" for key, value in fields.items())
    (entry,) = read(f"- {{{quoted}}}\n", "a.yaml").entries
    assert entry.fields == fields
