"""The service against its peers: same data, same queries, turn by turn on one machine; prints ratios.

python -m tests.bench.serving [--triples 100000 1000000] [--rounds 5] [--only oxigraph …] [--work FOLDER]

Needs wrk, and of the peers those that are to be compared: oxigraph and rdflib-endpoint (PyPI), virtuoso-t (Debian).
"""

from __future__ import annotations

import argparse
import math
import os
import random
import signal
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import chain
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import RdfFormat

from tests.bench import answers, clients, triples
from tests.bench.clients import CONNECTIONS, FEW_CONNECTIONS, Numbers, Steady
from tests.bench.peers import Ours, Oxigraph, RdflibEndpoint, Server, Virtuoso, program
from tests.bench.questions import ROWS, Question, analyst
from tests.bench.triples import Size

SERVER, CLIENT = 0, 1  # cores
BARS = {  # workload: peer, bar, goal; ours in relation to the peer
    "cached small": ("oxigraph", 2.0, 2.5),
    "small": ("oxigraph", 0.5, 0.7),
    "analyst": ("oxigraph", 1.0, 1.5),
    "p99 under load": ("oxigraph", 2.0, 2.0),
}
PEERS: dict[str, tuple[type[Server], str]] = {
    "oxigraph": (Oxigraph, "oxigraph"),
    "rdflib-endpoint": (RdflibEndpoint, "rdflib-endpoint"),
    "virtuoso": (Virtuoso, "virtuoso-t"),
}

Figures = dict[str, dict[str, list[float]]]
"""By workload and server: one figure a round. More is better for requests, less for seconds."""


@dataclass
class Run:
    """One dataset, its servers, and the figures so far."""

    size: Size
    servers: Sequence[Server]
    options: argparse.Namespace
    rates: Figures = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    seconds: Figures = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    left_out: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # queries by server
    too_slow: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # these count as `patience`

    def __post_init__(self) -> None:
        self.questions = analyst(self.size)
        self.chance = random.Random(self.options.seed)

    @property
    def ours(self) -> Server:
        return self.servers[0]

    def turns(self, lap: int) -> Iterator[Server]:
        """The servers, another one first in each round."""
        for at in range(len(self.servers)):
            yield self.servers[(at + lap) % len(self.servers)]

    def compare(self) -> None:
        """Asks everything once and leaves out what a peer answers differently, or not at all."""
        for question in self.questions:
            text = question.text(self.chance)
            ours = answers.rows(self._ask(self.ours, question, text), question.accept)
            for server in self.servers[1:]:
                try:
                    theirs = answers.rows(self._ask(server, question, text), question.accept)
                except TimeoutError:
                    self.too_slow[server.name].add(question.name)
                    print(f"- {server.name}, {question.name}: over {self.options.patience:g} s, counted as that")
                    continue
                except (RuntimeError, OSError, HTTPException, ValueError) as error:
                    self._leave_out(server, question, f"{error!r:.300}")
                    continue
                if not answers.same(ours, theirs):
                    self._leave_out(server, question, f"{len(theirs)} rows, ours {len(ours)}, not the same")
        for text in (clients.SMALL, clients.TEN_THOUSAND):
            sizes = {s.name: len(answers.rows(self._ask(s, None, text), ROWS)) for s in self.servers}
            assert len(set(sizes.values())) == 1 and sizes[self.ours.name], sizes

    def _ask(self, server: Server, question: Question | None, text: str) -> bytes:
        accept = question.accept if question else ROWS
        try:
            return clients.once(server, text, accept, self.options.patience)[1]
        except TimeoutError:
            self._again(server)
            raise

    def _leave_out(self, server: Server, question: Question, why: str) -> None:
        self.left_out[server.name].add(question.name)
        print(f"- {server.name}, {question.name}: {why}", flush=True)

    def lap(self, number: int) -> None:
        """Every workload once, each server in its turn."""
        options = self.options
        few = {"connections": FEW_CONNECTIONS, "seconds": options.seconds, "core": CLIENT}
        many = {"connections": CONNECTIONS, "seconds": options.seconds, "core": CLIENT}
        projects = self.size.projects
        loads: dict[str, Callable[[Server], Steady]] = {
            "cached small": lambda one: clients.steady(one, clients.SMALL, **many),
            "small": lambda one: clients.steady(
                one, clients.SMALL, vary=Numbers(number * 200_000, wide=projects), **many
            ),
            "cached 10 000 rows": lambda one: clients.steady(one, clients.TEN_THOUSAND, **few),
            "10 000 rows": lambda one: clients.steady(
                one, clients.TEN_THOUSAND, vary=Numbers(number * 200 % 1000, wide=1000, least=10_000), **few
            ),
        }
        for name, load in loads.items():
            for server in self.turns(number):
                came = load(server)
                self.rates[name][server.name].append(came.rate)
                self.seconds[f"CPU of one {name}"][server.name].append(came.cpu)
        for question in self.questions:
            text = question.text(self.chance)
            for server in self.turns(number):
                if question.name not in self.left_out[server.name]:
                    self.seconds[question.name][server.name].append(self._timed(server, question, text))

    def _timed(self, server: Server, question: Question, text: str) -> float:
        if question.name in self.too_slow[server.name]:
            return float(self.options.patience)
        try:
            return clients.once(server, text, question.accept, self.options.patience)[0]
        except TimeoutError:
            self._again(server)
            return float(self.options.patience)

    def _again(self, server: Server) -> None:
        """Starts a server anew, so that what it is still busy with does not disturb what follows."""
        server.stop()
        server.start({SERVER})

    def under_load(self, number: int, cores: set[int], name: str) -> None:
        """Small queries beside four analysts; the client has its own core only where the servers leave it one."""
        for server in self.turns(number):
            fine = [one for one in self.questions if one.name not in self.left_out[server.name]]
            server.pin(cores)
            came = clients.mixed(
                server,
                fine,
                seconds=self.options.load_seconds,
                rate=50,
                start=(10 + number) * 10**6,
                projects=self.size.projects,
                seed=number,
            )
            server.pin({SERVER})
            self.seconds[f"p50 {name}"][server.name].append(came.p50)
            self.seconds[f"p99 {name}"][server.name].append(came.p99)
            self.rates[f"analysts {name}"][server.name].append(came.analyst / self.options.load_seconds)
            if came.late:
                print(f"- {server.name}: {came.late} small queries failed {name}", flush=True)

    def memory(self) -> None:
        print("\n| all rows to four slow readers | before, MiB | peak | 3 s after | slowest small query, s |")
        print("|---|---:|---:|---:|---:|")
        for server in self.servers:
            came = clients.slow_readers(server, readers=4, rate=2**20, seconds=15, projects=self.size.projects)
            sizes = " | ".join(str(one >> 20) for one in (came.before, came.peak, came.after))
            print(f"| {server.name} | {sizes} | {came.small:.3f} |", flush=True)

    def ratio(self, workload: str, peer: str) -> float:
        """Ours in relation to a peer, more is better: the median of the rounds."""
        if workload == "analyst":
            shared = [one.name for one in self.questions if self.seconds.get(one.name, {}).get(peer)]
            return statistics.geometric_mean([self.ratio(name, peer) for name in shared]) if shared else math.nan
        if workload in self.rates:
            ours, theirs = (self.rates[workload][name] for name in (self.ours.name, peer))
        else:
            theirs, ours = (self.seconds[workload][name] for name in (self.ours.name, peer))
        pairs = zip(ours, theirs, strict=True)
        return statistics.median([one / other if other else math.inf for one, other in pairs]) if ours else math.nan

    def report(self) -> bool:
        """Prints all figures and ratios; whether every bar is cleared."""
        peers = [server.name for server in self.servers[1:]]
        for title, figures, shape in (("requests/s", self.rates, ",.1f"), ("seconds", self.seconds, ".5f")):
            heads = [self.ours.name, *chain.from_iterable((peer, "ratio") for peer in peers)]
            print(f"\n| {title} | {' | '.join(heads)} |\n|---|{'---:|' * len(heads)}")
            for workload, by_server in figures.items():
                cells = [_median(by_server[self.ours.name], shape)]
                for peer in peers:
                    there = bool(by_server[peer])
                    cells += [_median(by_server[peer], shape), f"{self.ratio(workload, peer):.2f}" if there else "–"]
                print(f"| {workload} | {' | '.join(cells)} |")
        print()
        for peer in peers:
            compared = sum(bool(self.seconds[one.name][peer]) for one in self.questions)
            print(f"analyst, geometric mean of {compared} queries against {peer}: {self.ratio('analyst', peer):.2f}")
        fine = True
        for workload, (peer, bar, goal) in BARS.items():
            if peer in peers:
                ratio = self.ratio(workload, peer)
                fine &= ratio >= bar
                word = "goal" if ratio >= goal else "bar" if ratio >= bar else "MISSED"
                print(f"{workload}: {ratio:.2f}× {peer} (bar {bar}, goal {goal}): {word}")
        if RdflibEndpoint.name in peers:
            everything = [name for name in chain(self.rates, ["analyst"]) if not name.startswith("analysts")]
            least = min(everything, key=lambda name: self.ratio(name, RdflibEndpoint.name))
            ratio = self.ratio(least, RdflibEndpoint.name)
            fine &= ratio >= 3
            print(f"least ratio to rdflib-endpoint: {ratio:.1f}, {least} (bar 3): {'bar' if ratio >= 3 else 'MISSED'}")
        return fine


def _median(values: Sequence[float], shape: str) -> str:
    return f"{statistics.median(values):{shape}}" if values else "–"


def servers(options: argparse.Namespace, size: int, work: Path) -> list[Server]:
    found: list[Server] = [Ours(work / "ours", options.python or sys.executable)]
    for name, (kind, executable) in PEERS.items():
        if options.only and name not in options.only:
            continue
        if name == RdflibEndpoint.name and size > options.rdflib_up_to:
            print(f"- {name} is left out: its queries over {size:,} triples take minutes")
            continue
        path = options.rdflib_endpoint if name == RdflibEndpoint.name else None
        where = path or program(executable)
        if where is None:
            print(f"- {name} is left out: there is no {executable} on this machine")
            continue
        found.append(kind(work / name, where))
    return found


def one_size(size: int, options: argparse.Namespace, work: Path) -> bool:
    work.mkdir(parents=True, exist_ok=True)
    graphs = triples.graphs(size)
    merge = set(chain.from_iterable(graphs.values()))
    data = work / "data.nt"
    data.write_bytes(ox.serialize(merge, format=RdfFormat.N_TRIPLES) or b"")
    print(f"\n## {len(merge):,} triples\n", flush=True)
    del merge
    lined_up = servers(options, size, work)
    for server in lined_up:
        mark = server.folder / "prepared"
        if not mark.is_file() or isinstance(server, RdflibEndpoint):
            server.folder.mkdir(parents=True, exist_ok=True)
            server.prepare(data, graphs)
            mark.touch()
    del graphs
    run = Run(Size(size), lined_up, options)
    everything = os.sched_getaffinity(0)
    try:
        for server in lined_up:
            server.start({SERVER})
        os.sched_setaffinity(0, {CLIENT})
        run.compare()
        clients.rest(options.settle)
        for lap in range(options.rounds):
            run.lap(lap)
            run.under_load(lap, {SERVER}, "under load")
            run.under_load(lap, everything, "under load, cores shared")
        run.memory()
    finally:
        os.sched_setaffinity(0, everything)
        for server in lined_up:
            server.stop()
    return run.report()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triples", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5, help="of each steady load")
    parser.add_argument("--load-seconds", type=float, default=20, help="of small queries beside analysts")
    parser.add_argument(
        "--settle", type=float, default=15, help="seconds between the first queries and the first round"
    )
    parser.add_argument("--patience", type=float, default=30, help="seconds for one query; it counts as so long then")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=sorted(PEERS), help="peers")
    parser.add_argument("--rdflib-up-to", type=int, default=100_000, help="triples")
    parser.add_argument("--rdflib-endpoint", help="its program, where it has an environment of its own")
    parser.add_argument("--python", help="the Python that runs this package's server")
    parser.add_argument("--work", type=Path, help="folder that keeps the datasets; made anew without")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))  # and the servers with it
    if not {SERVER, CLIENT} <= os.sched_getaffinity(0):
        raise SystemExit("two cores are needed, 0 for the server and 1 for the client")
    with tempfile.TemporaryDirectory() as name:
        work = (options.work or Path(name)).resolve()
        fine = [one_size(size, options, work / str(size)) for size in options.triples]
    raise SystemExit(0 if all(fine) else 1)


if __name__ == "__main__":
    main()
