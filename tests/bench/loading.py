"""From files to a sealed release: triples a second, the gate apart, one changed cell, first answer, memory, evidence.

python -m tests.bench.loading [--sizes 1000 10000 100000] [--gate-up-to 10000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from pyoxigraph import NamedNode

from kg import resources
from kg.bundled import AlreadyChecked
from kg.finding import Report
from kg.gate import Gate, Origins, Touched, nowhere
from kg.graph import DEFAULT, View
from kg.namespaces import MKG
from kg.pipeline import Domain, Outcome, ingest
from kg.store.embedded import EmbeddedStore
from tests.bench.generate import as_csv, as_yaml, projects, surroundings

PEAK = "ru_maxrss of the whole process so far"


@dataclass
class Timed:
    """A gate with a stopwatch."""

    inner: Gate
    seconds: float = 0.0
    laps: list[float] = field(default_factory=list)

    def check(
        self,
        view: View,
        content: Collection[NamedNode],
        touched: Touched | None = None,
        origins: Origins = nowhere,
    ) -> Report:
        start = time.perf_counter()
        report = self.inner.check(view, content, touched, origins)
        self.seconds = time.perf_counter() - start
        return report


def timed(action: Callable[[], Outcome]) -> tuple[float, Outcome]:
    start = time.perf_counter()
    outcome = action()
    return time.perf_counter() - start, outcome


def megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def evidence_share(view: View) -> float:
    """Evidence triples as a share of the other triples that sources state."""
    evidence = data = 0
    nodes = {quad.object for quad in view.quads(None, MKG.evidence, None, DEFAULT)}
    for quad in view.quads():
        name = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        if "/graph/" not in name or "/graph/derived/" in name or name.endswith("/graph/meta"):
            continue
        if quad.subject in nodes or quad.predicate == MKG.evidence:
            evidence += 1
        else:
            data += 1
    return evidence / data


def one_size(size: int, form: str, domain: Domain, gate: bool, rounds: int) -> None:
    walls: list[float] = []
    gates: list[float] = []
    triples = 0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            surroundings(folder)
            rows = list(projects(size))
            path = folder / f"bench-projects.{form}"
            path.write_text(as_csv(rows) if form == "csv" else as_yaml(rows), encoding="utf-8")
            store = EmbeddedStore.open(folder / "home")
            watch = Timed(domain.gate if gate else AlreadyChecked())
            wall, outcome = timed(
                lambda store=store, watch=watch, folder=folder: ingest(  # type: ignore[misc]
                    [folder / "bench-surroundings.yaml", *folder.glob("bench-projects.*")],
                    store=store,
                    domain=domain,
                    agent="bench",
                    gate=watch,
                )
            )
            assert outcome.release is not None
            triples = outcome.release.manifest.triples
            walls.append(wall - watch.seconds)
            gates.append(watch.seconds)
    path_s, gate_s = statistics.median(walls), statistics.median(gates)
    shown = f"{gate_s:.1f}" if gate else "not run"
    print(
        f"| {size} | {form} | {triples} | {path_s:.2f} | {triples / path_s:,.0f} | {size / path_s:,.0f} | {shown} "
        f"| {megabytes()} |",
        flush=True,
    )


def one_cell(size: int, domain: Domain, rounds: int) -> None:
    """One cell of a 100-row source, and one of the big table itself, in a store of about a million triples."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        surroundings(folder)
        big, small = folder / "bench-projects.csv", folder / "bench-few.csv"
        rows = list(projects(size))
        few = [{**row, "id": row["id"].replace("bench-", "few-")} for row in projects(100, seed=2)]
        big.write_text(as_csv(rows), encoding="utf-8")
        small.write_text(as_csv(few), encoding="utf-8")
        store = EmbeddedStore.open(folder / "home")
        off = Timed(AlreadyChecked())
        first = ingest([folder], store=store, domain=domain, agent="bench", gate=off)
        assert first.release is not None
        print(f"\none changed cell in {first.release.manifest.triples:,} triples (gate on):")
        for what, path, table in (("100-row source", small, few), (f"{size}-row source", big, rows)):
            walls, gates, changed = [], [], 0
            for lap in range(rounds):
                table[7]["budget.value"] = f"{1000 + lap},50"
                path.write_text(as_csv(table), encoding="utf-8")
                watch = Timed(domain.gate)
                wall, outcome = timed(
                    lambda path=path, watch=watch: ingest(  # type: ignore[misc]
                        [path], store=store, domain=domain, agent="bench", gate=watch
                    )
                )
                assert outcome.release is not None
                walls.append(wall)
                gates.append(watch.seconds)
                changed = outcome.release.manifest.added + outcome.release.manifest.removed
            print(
                f"  {what}: {statistics.median(walls):.2f} s, of which gate {statistics.median(gates):.2f} s; "
                f"change record {changed} quads"
            )
        print(f"  peak memory {megabytes()} MiB ({PEAK})")


def first_answer(rounds: int) -> None:
    """`kg serve` in an empty folder to the first answered query; then again with the release there."""
    cold, warm = [], []
    for _ in range(rounds):
        home = Path(tempfile.mkdtemp())
        try:
            cold.append(_answer(home))
            warm.append(_answer(home))
        finally:
            shutil.rmtree(home)
    print(f"\nfirst answer after `kg serve`: {statistics.median(cold):.1f} s with the build of release 1, ", end="")
    print(f"{statistics.median(warm):.1f} s with a release there")


def _answer(home: Path) -> float:
    port = "18765"
    command = [sys.executable, "-c", "from kg.cli import main; main()", "serve", "--home", str(home), "--port", port]
    start = time.perf_counter()
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{port}/sparql?query=ASK%7B%7D", timeout=30) as answer:
                    answer.read()
                return time.perf_counter() - start
            except OSError:
                time.sleep(0.05)
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--gate-up-to", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cell", type=int, default=24_000, help="rows of the big table for the one-cell change")
    asked = parser.parse_args()
    domain = Domain(resources.ONTOLOGY, resources.QUERIES)
    print("| entries | form | triples | path, s | triples/s | entries/s | gate, s | peak MiB |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|")
    for size in asked.sizes:
        for form in ("csv", "yaml"):
            one_size(size, form, domain, size <= asked.gate_up_to, asked.rounds if size < 50_000 else 1)
    with tempfile.TemporaryDirectory() as name:
        store = EmbeddedStore.open(Path(name))
        outcome = ingest([resources.DATA], store=store, domain=domain, agent="bench", gate=Timed(AlreadyChecked()))
        assert outcome.release is not None
        print(f"\nevidence: {evidence_share(outcome.release):.0%} of the data triples of the bundled sources")
    first_answer(asked.rounds)
    if asked.cell:
        one_cell(asked.cell, domain, asked.rounds)


if __name__ == "__main__":
    main()
