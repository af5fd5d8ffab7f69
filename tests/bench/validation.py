"""The gate beside pySHACL, turn by turn, with the product's own shapes and whole reports.

python -m tests.bench.validation [--bundled] [--entries 3400 42000 420000] [--peer-up-to N] [--rounds N]
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Triple

from kg import pipeline, resources
from kg.bundled import AlreadyChecked
from kg.finding import Report
from kg.gate.stated import is_stated
from kg.graph import Changes, Node
from kg.iris import Iris
from kg.namespaces import DCT, MKG
from kg.pipeline import Domain
from kg.store.embedded import EmbeddedStore
from tests.bench.bundled_load import bundled_load
from tests.bench.generate import as_csv, projects, surroundings
from tests.bench.noting import Peer, seconds
from tests.bench.one_entry import one_entry

PART = 42_000
"""Projects that are read from a file: a load keeps what it reads in memory."""

_PROJECT = re.compile(r"(/id/project/bench-)(\d+)")


def beyond(action: Callable[[], object]) -> float:
    """Memory that an action takes at its peak beyond what the process held before, in MiB."""
    Path("/proc/self/clear_refs").write_text("5")
    before = _memory("VmRSS")
    action()
    return max(0.0, _memory("VmHWM") - before)


def _memory(name: str) -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024
    raise KeyError(name)


def home(folder: Path, entries: int, domain: Domain) -> EmbeddedStore:
    """A store with this many projects, loaded with the gate off; what is more than a part is copies under other ids."""
    surroundings(folder)
    store = EmbeddedStore.open(folder / "home", keep_bytes=0)
    files = [folder / "bench-surroundings.yaml", folder / "bench-projects.csv"]
    files[1].write_text(as_csv([*projects(min(entries, PART))]), encoding="utf-8")
    pipeline.ingest(files, store=store, domain=domain, agent="bench", gate=AlreadyChecked(), watch=False)
    for part in range(1, entries // PART):
        copy(store, part)
    return store


def copy(store: EmbeddedStore, part: int) -> None:
    """The projects once more, in a graph of their own; nothing is derived from them, which the gate does not read."""
    iris = Iris(store.base)
    old, new = iris.graph("bench-projects"), iris.graph(f"bench-projects-{part}")

    def renamed(node: Node) -> Node:
        return _renamed(node) if isinstance(node, NamedNode) else node

    def _renamed(node: NamedNode) -> NamedNode:
        return NamedNode(_PROJECT.sub(lambda found: f"{found[1]}{int(found[2]) + part * PART}", node.value))

    with store.draft() as draft:
        own = ((quad, quad.subject) for quad in draft.quads(None, None, None, old))
        copies = (
            Triple(_renamed(subject), quad.predicate, renamed(quad.object))
            for quad, subject in own
            if isinstance(subject, NamedNode)
        )
        draft.replace(new, copies)
        meta = draft.quads(old, None, None, iris.meta)
        draft.apply(Changes(tuple(Quad(new, quad.predicate, quad.object, iris.meta) for quad in meta)))
        draft.seal(agent="bench", activity="load")


def whole(store: EmbeddedStore, domain: Domain, peer: Peer | None, rounds: int) -> None:
    """Everything, ours and pySHACL's, in turn."""
    view = store.current()
    assert view is not None
    content = pipeline.content(view, Iris(store.base))
    size = sum(quads for name, quads in view.manifest.graphs.items() if is_stated(NamedNode(name)))
    theirs = peer.over(quad for quad in view.quads() if is_stated(quad.graph_name)) if peer else None
    reports: list[Report] = []

    def ours() -> None:
        reports[:] = [domain.gate.check(view, content)]

    extra = beyond(ours)
    mine: list[float] = []
    yours: list[float] = []
    tuned: list[float] = []
    for _ in range(rounds):
        mine.append(seconds(ours))
        if theirs:
            yours.append(seconds(theirs))
            tuned.append(seconds(lambda: domain.reference_gate.check(view, content)))
    own = statistics.median(mine)
    print(
        f"{size:,} quads, {len(reports[0].findings)} findings: {own:.3f} s ({own / size * 1e6:.2f} µs each), "
        f"{extra:.0f} MiB more",
        flush=True,
    )
    if theirs:
        for name, their in (("pySHACL as documented", yours), ("pySHACL behind our port", tuned)):
            ratio = statistics.median(b / a for a, b in zip(mine, their, strict=True))
            print(f"  {name}: {statistics.median(their):.2f} s, {ratio:.1f} times", flush=True)


def spoil(store: EmbeddedStore) -> None:
    """Every tenth project loses its title, and its lead is somebody of whom nothing is known."""
    graph = Iris(store.base).graph("bench-projects")
    with store.draft() as draft:
        ids = [quad.subject for quad in draft.quads(None, MKG.lead, None, graph)][::10]
        spoilt = [(node, property) for node in ids for property in (DCT.term("title"), MKG.lead)]
        gone = [quad for node, property in spoilt for quad in draft.quads(node, property, None, graph)]
        nobody = NamedNode(f"{store.base}/id/organisation/nobody")
        draft.apply(Changes(tuple(Quad(node, MKG.lead, nobody, graph) for node in ids), tuple(gone)))
        draft.seal(agent="bench", activity="load")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, nargs="*", default=[3_400])
    parser.add_argument("--peer-up-to", type=int, default=3_400, help="entries up to which pySHACL judges the whole")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bundled", action="store_true", help="the share of the gate in loading the bundled data, too")
    asked = parser.parse_args()
    domain = Domain(resources.ONTOLOGY, resources.QUERIES)
    if asked.bundled:
        bundled_load(domain, max(asked.rounds, 7))
    peer = Peer.of_the_product()
    for entries in asked.entries:
        with tempfile.TemporaryDirectory() as name:
            store = home(Path(name), entries, domain)
            beside = peer if entries <= asked.peer_up_to else None
            whole(store, domain, beside, asked.rounds)
            one_entry(store, domain, peer, max(asked.rounds, 20))
            spoil(store)
            print("every tenth project spoilt:", flush=True)
            whole(store, domain, beside, min(asked.rounds, 3))


if __name__ == "__main__":
    main()
