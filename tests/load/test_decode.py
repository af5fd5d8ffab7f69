"""The bytes of a text file are UTF-8, UTF-16 with a mark, or Bulgarian in CP1251; nothing is guessed beyond that."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.load.conftest import refused

from kg.entry import Locator
from kg.load.decode import decode, read_bytes

AT = Locator("a.csv", line=1)
TEXT = "id;наименование\norganisation/a;Читалище „Зора“ – Русе № 5\n"


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_bulgarian_text_is_read_in_each_coding(coding: str) -> None:
    assert decode(TEXT.encode(coding), AT) == TEXT


def test_a_table_that_is_mostly_latin_is_still_cp1251() -> None:
    text = "id,type,title\n" + "organisation/a,Organisation,Община Русе\n" * 3
    assert decode(text.encode("cp1251"), AT) == text


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("Fête à Ségovie".encode("latin-1"), 1),
        ("x\nStraße Köln Düsseldorf".encode("latin-1"), 2),
        ("Ђурђевак љубав".encode("cp1251"), 1),
        (TEXT.encode() + b"\xff", 3),
        (b"a\nb\nc\xfe", 3),
        (TEXT.encode("utf-16")[:-1], 2),
    ],
)
def test_another_coding_is_refused_with_the_line(raw: bytes, line: int) -> None:
    (finding,) = refused(lambda: decode(raw, AT))
    assert finding.at == Locator("a.csv", line=line)
    assert "UTF-8" in finding.messages["bg"] and "UTF-8" in finding.messages["en"]


@pytest.mark.parametrize("letter", ["\0", "\x0c", "\x1b", "\x7f", "\x81", "\ufffe", "\ufeff"])
def test_a_control_character_is_refused_with_the_line(letter: str) -> None:
    (finding,) = refused(lambda: decode(f"a\nб{letter}\n".encode(), AT))
    assert finding.at == Locator("a.csv", line=2)
    assert f"U+{ord(letter):04X}" in finding.messages["bg"]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Cf"]), min_size=1))
def test_whatever_is_written_as_utf_8_reads_back(text: str) -> None:
    assert decode(text.encode(), AT) == text


def test_a_file_that_is_missing_empty_or_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    assert "no such file" in refused(lambda: read_bytes(path))[0].messages["en"]
    path.write_bytes(b" \n")
    assert "is empty" in refused(lambda: read_bytes(path))[0].messages["en"]
    path.write_bytes(b"x" * 11)
    assert "split it" in refused(lambda: read_bytes(path, limit=10))[0].messages["en"]
    assert read_bytes(path, limit=11) == b"x" * 11
