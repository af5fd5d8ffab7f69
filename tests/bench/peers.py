"""The servers under comparison: each is given the same triples, started as its users start it, and pinned to cores."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from kg.store.embedded import EmbeddedStore
from tests.bench.triples import BASE, Graphs

MERGE = f"{BASE}/graph/merge"  # where Virtuoso, which has no default graph, keeps the triples


class Server(ABC):
    """One server of one dataset. `prepare` once, then `start` and `stop`."""

    name: str
    path = "/sparql"
    parameters: Mapping[str, str] = {}

    def __init__(self, folder: Path, program: str) -> None:
        self.folder = folder
        self.program = program
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def prepare(self, data: Path, graphs: Graphs) -> None:
        """Loads the dataset: `data` holds the merge as N-Triples."""

    @abstractmethod
    def command(self) -> Sequence[str]: ...

    def environment(self) -> Mapping[str, str]:
        return {}

    def start(self, cores: Collection[int], patience: float = 180.0) -> None:
        """Runs the server and returns when it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "output.txt").open("ab") as output:
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                env={**os.environ, **self.environment()},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        end = time.monotonic() + patience
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise SystemExit(f"{self.name} does not start; see {self.folder / 'output.txt'}")
            time.sleep(0.1)
        self.pin(cores)

    def answers(self) -> bool:
        try:
            return self.get("ASK {}", "application/sparql-results+json", 5)[0] == 200
        except (OSError, HTTPException):
            return False

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def target(self, text: str) -> str:
        """The request target of a query sent by GET."""
        return f"{self.path}?{urlencode({**self.parameters, 'query': text})}"

    def get(self, text: str, accept: str, timeout: float) -> tuple[int, bytes]:
        """Status and body. Raises OSError and HTTPException."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", self.target(text), headers={"Accept": accept})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def tree(self) -> Iterator[int]:
        """Process ids of the server and all below it."""
        assert self._process is not None
        children: dict[int, list[int]] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                text = stat.read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            children.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
        todo = [self._process.pid]
        while todo:
            yield (pid := todo.pop())
            todo += children.get(pid, [])

    def pin(self, cores: Collection[int]) -> None:
        """Keeps every thread of the server, and what it starts from now on, on these cores."""
        for pid in self.tree():
            for thread in Path(f"/proc/{pid}/task").glob("*"):
                try:
                    os.sched_setaffinity(int(thread.name), cores)
                except ProcessLookupError:
                    continue

    def cpu(self) -> float:
        """Seconds that the whole tree has computed so far, ended processes included."""
        ticks = 0
        for pid in self.tree():
            try:
                text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            ticks += sum(map(int, text.rpartition(")")[2].split()[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Bytes of the whole tree; shared pages count once."""
        total = 0
        for pid in self.tree():
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
            except OSError:
                continue
            total += sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))
        return total


class Ours(Server):
    """This package as it is installed: metrics, log, limits and all."""

    name = "municipal-kg"

    def prepare(self, data: Path, graphs: Graphs) -> None:
        store = EmbeddedStore.open(self.folder / "home", base=BASE)
        with store.draft() as draft:
            for graph, triples in graphs.items():
                draft.replace(graph, triples)
            draft.seal(agent="bench", activity="generated")

    def command(self) -> Sequence[str]:
        home = str(self.folder / "home")
        main = "from kg.cli import main; main()"
        return (self.program, "-c", main, "serve", "--home", home, "--port", str(self.port))

    def environment(self) -> Mapping[str, str]:
        return {"KG_LOG": str(self.folder / "log.jsonl"), "KG_BASE": BASE}


class Oxigraph(Server):
    """The engine's own server, in Rust."""

    name = "oxigraph"
    path = "/query"

    def prepare(self, data: Path, graphs: Graphs) -> None:
        run([self.program, "load", "--location", str(self.folder / "store"), "--file", str(data)])

    def command(self) -> Sequence[str]:
        return (self.program, "serve", "--location", str(self.folder / "store"), "--bind", f"127.0.0.1:{self.port}")


class RdflibEndpoint(Server):
    """The usual endpoint in Python: it holds the file in memory."""

    name = "rdflib-endpoint"
    path = "/"

    def prepare(self, data: Path, graphs: Graphs) -> None:
        self._data = data

    def command(self) -> Sequence[str]:
        return (self.program, "serve", "--host", "127.0.0.1", "--port", str(self.port), str(self._data))


class Virtuoso(Server):
    """Virtuoso 7 with buffers for the whole dataset and no cap on rows; it has its own threads."""

    name = "virtuoso"
    parameters: Mapping[str, str] = {"default-graph-uri": MERGE}

    def __init__(self, folder: Path, program: str) -> None:
        super().__init__(folder, program)
        self._sql = free_port()

    def start(self, cores: Collection[int], patience: float = 180.0) -> None:
        (self.folder / "virtuoso.ini").write_text(self._ini(), encoding="ascii")
        super().start(cores, patience)

    def prepare(self, data: Path, graphs: Graphs) -> None:
        self.start(os.sched_getaffinity(0))
        try:
            orders = f"ld_dir('{data.parent}', '{data.name}', '{MERGE}'); rdf_loader_run(); checkpoint;"
            isql = shutil.which("isql-vt") or "isql"
            run([isql, str(self._sql), "dba", "dba", f"exec={orders}"])
        finally:
            self.stop()

    def command(self) -> Sequence[str]:
        return (self.program, "+foreground", "+configfile", str(self.folder / "virtuoso.ini"))

    def _ini(self) -> str:
        return f"""[Database]
DatabaseFile = {self.folder}/virtuoso.db
ErrorLogFile = {self.folder}/virtuoso.log
LockFile = {self.folder}/virtuoso.lck
TransactionFile = {self.folder}/virtuoso.trx
xa_persistent_file = {self.folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {self.folder}/virtuoso-temp.db
TransactionFile = {self.folder}/virtuoso-temp.trx
[Parameters]
ServerPort = {self._sql}
ServerThreads = 100
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
MaxCheckpointRemap = 2000
DirsAllowed = {self.folder.parent}
[HTTPServer]
ServerPort = {self.port}
ServerThreads = 50
KeepAliveTimeout = 60
MaxKeepAlives = 50
[SPARQL]
ResultSetMaxRows = 10000000
MaxQueryExecutionTime = 600
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stdout}{done.stderr}")


def program(name: str) -> str | None:
    """A program beside this Python, or on the path."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.is_file() else shutil.which(name)
