"""Net differences, digests and records."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.errors import StoreError
from kg.graph import Changes
from kg.store.changes import EMPTY_DIGEST, Net, digest, lines, read, shift, write

S, P, G = NamedNode("http://e/s"), NamedNode("http://e/p"), NamedNode("http://e/g")


def quad(text: str) -> Quad:
    return Quad(S, P, Literal(text), G)


def test_the_digest_is_the_sum_of_the_hashes_of_lines() -> None:
    one, two = (int(hashlib.sha256(line).hexdigest(), 16) for line in lines([quad("1"), quad("2")]))
    assert digest([quad("2"), quad("1")]) == f"{(one + two) % 2**256:064x}"
    assert digest([]) == EMPTY_DIGEST


@given(st.sets(st.text(max_size=3)), st.sets(st.text(max_size=3)))
def test_a_digest_shifted_by_a_difference_is_the_digest_of_the_new_set(old: set[str], new: set[str]) -> None:
    before, after = {quad(text) for text in old}, {quad(text) for text in new}
    moved = shift(digest(before), lines(after - before), lines(before - after))
    assert moved == digest(after)


@given(st.lists(st.sets(st.integers(0, 5))))
def test_a_net_difference_is_exact_over_any_number_of_steps(states: list[set[int]]) -> None:
    net, now = Net(), set[Quad]()
    for state in states:
        wanted = {quad(str(number)) for number in state}
        net.take(wanted - now, now - wanted)
        now = wanted
    assert net.added == now
    assert not net.removed


def test_added_and_removed_again_is_nothing() -> None:
    net = Net()
    net.take({quad("1")}, set())
    net.take(set(), {quad("1")})
    assert not net
    assert not net.changes()


@given(st.sets(st.text(max_size=5)), st.sets(st.text(max_size=5)))
def test_a_record_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, added: set[str], removed: set[str]
) -> None:
    path = tmp_path_factory.mktemp("record") / "changes.nq.zst"
    net = Net()
    net.added, net.removed = {quad(text) for text in added}, {quad(text) for text in removed}
    write(path, lines(net.added), lines(net.removed))
    assert read(path, added=len(added), removed=len(removed)) == net.changes()


def test_a_record_is_sorted_text_that_tells_added_from_removed(tmp_path: Path) -> None:
    write(tmp_path / "r", lines([quad("b"), quad("a")]), lines([quad("c")]))
    text = zstandard.ZstdDecompressor().stream_reader((tmp_path / "r").read_bytes()).read().decode()
    assert text.splitlines() == [
        'D <http://e/s> <http://e/p> "c" <http://e/g> .',
        'A <http://e/s> <http://e/p> "a" <http://e/g> .',
        'A <http://e/s> <http://e/p> "b" <http://e/g> .',
    ]


def test_line_breaks_languages_and_triple_terms_survive_a_record(tmp_path: Path) -> None:
    quads = (
        Quad(S, P, Literal("ред\nред\r„“\\ \u0085\u2028", language="bg"), G),
        Quad(S, P, Triple(S, P, Literal("x")), G),
    )
    write(tmp_path / "r", lines(quads), [])
    assert set(read(tmp_path / "r", added=2, removed=0).added) == set(quads)


@pytest.mark.parametrize("damage", [lambda data: data[:-6], lambda data: b"", lambda data: b"no zstd at all"])
def test_a_damaged_record_is_refused(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "r"
    write(path, lines([quad(str(number)) for number in range(100)]), [])
    assert callable(damage)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(StoreError, match="damaged"):
        read(path, added=100, removed=0)


def test_no_changes_are_falsy() -> None:
    assert not Changes()
    assert Changes(added=(quad("1"),))
