"""Orders carried out on a store of the suite mode, which records empty graphs, and on one that does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode

from kg.iris import Iris
from kg.pipeline import Domain
from kg.store.embedded import EmbeddedStore
from kg.store.suite import SuiteStore
from kg.writer import Done, Order
from kg.writer.__main__ import carry_out
from kg.writes import Writes
from kg.writes.free import Free
from kg.writes.gated import Gated

TURTLE = "text/turtle"
FORM = b"".join(
    b'--m\r\nContent-Disposition: form-data; name="%s"; filename="%s.ttl"\r\n\r\n_:x <urn:p> "1" .\r\n' % (name, name)
    for name in (b"a", b"b")
)


@pytest.fixture
def free(tmp_path: Path) -> Free:
    return Free(SuiteStore.open(tmp_path / "suite"))


@pytest.fixture
def gated(tmp_path: Path, domain: Domain) -> Gated:
    store = EmbeddedStore.open(tmp_path / "home", agent="test")
    with store.draft() as draft:
        draft.seal(agent="test", activity="start")
    return Gated(store, domain)


def order(target: Writes, do: str, content: bytes, media_type: str = TURTLE, **about: Any) -> Done:
    asked = Order(do=do, agent="clerk", mark="m", seconds=60, media_type=media_type, **about)
    return carry_out(asked, content, target)


def graphs(target: Free | Gated) -> dict[str, int]:
    release = target.store.current()
    assert release is not None
    return dict(release.manifest.graphs)


def test_what_is_empty_makes_no_graph_where_there_are_no_empty_graphs(gated: Gated) -> None:
    graph = Iris(gated.base).endpoint("x").value
    assert not order(gated, "put", b"", graph=graph).created
    assert not order(gated, "post", b"", graph=graph).created
    assert graph not in graphs(gated)
    made = order(gated, "post", b"# nothing")
    assert (made.created, made.graph, made.release) == (False, "", 1)


def test_what_is_put_empty_is_a_graph_where_there_are_empty_graphs(free: Free) -> None:
    assert order(free, "put", b"", graph="urn:g").created
    assert graphs(free) == {"urn:g": 0}
    assert not order(free, "put", b"", graph="urn:g").created
    made = order(free, "post", b"")
    assert (made.created, made.graph, graphs(free)) == (False, "", {"urn:g": 0})


def test_a_document_without_a_graph_is_told_its_own(gated: Gated, free: Free) -> None:
    for target in (gated, free):
        made = order(target, "post", b'<> <urn:p> "1" .')
        assert made.created
        assert graphs(target)[made.graph] == 1


@pytest.mark.parametrize("do", ["put", "post"])
def test_documents_of_a_form_share_no_blank_node(gated: Gated, free: Free, do: str) -> None:
    for target, graph in ((gated, Iris(gated.base).endpoint("x").value), (free, "urn:g")):
        done = order(target, do, FORM + b"--m--\r\n", "multipart/form-data; boundary=m", graph=graph)
        assert (done.added, graphs(target)[graph]) == (2, 2)


def test_a_second_document_shares_no_blank_node_with_the_first(free: Free) -> None:
    for _ in range(2):
        order(free, "post", b'_:x <urn:p> "1" .', graph="urn:g")
    assert graphs(free) == {"urn:g": 2}
    assert len({quad.subject for quad in free.store.current().quads(None, None, None, NamedNode("urn:g"))}) == 2  # type: ignore[union-attr]
