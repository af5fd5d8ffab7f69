"""The clients of the benchmark: a steady stream of small requests, single queries, mixed load, a slow reader."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import random
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from tests.bench.peers import Server
from tests.bench.questions import ROWS, Question

LOAD = Path(__file__).with_name("load")
SMALL = (LOAD / "small.rq").read_text(encoding="utf-8")
TEN_THOUSAND = (LOAD / "rows.rq").read_text(encoding="utf-8")
EVERYTHING = (LOAD / "everything.rq").read_text(encoding="utf-8")
CONNECTIONS, FEW_CONNECTIONS = 8, 2

Parts = Sequence[str]


@dataclass(frozen=True, slots=True)
class Steady:
    """What came of a stream of requests."""

    rate: float  # answers a second
    cpu: float  # seconds that the server computed for each


@dataclass(frozen=True, slots=True)
class Numbers:
    """Two numbers in a query that go up from request to request: where they start, and how many the first has."""

    start: int = 0
    wide: int = 1000
    least: int = 0


def steady(
    server: Server, text: str, *, seconds: float, core: int, connections: int, vary: Numbers | None = None
) -> Steady:
    """Answers over connections that are kept open; errors are no answers."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("the load comes from wrk, which is not installed (Debian: apt-get install wrk)")
    target = server.target(text)
    command = ["taskset", "-c", str(core), wrk, "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "30s"]
    command += ["-s", str(LOAD / "vary.lua"), "-H", f"Accept: {ROWS}"]
    url = f"http://127.0.0.1:{server.port}"
    if vary is None:
        command.append(url + target)
    else:
        parts = varied(target)
        command += [url + "/", "--", str(vary.start), str(vary.wide), str(vary.least), *parts]
    before = server.cpu()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    spent = server.cpu() - before
    came = json.loads(done.stdout.splitlines()[-1])
    if came["failed"]:
        print(f"- {server.name}: {came['failed']} of {came['requests']} requests failed", flush=True)
    answered = came["requests"] - came["failed"]
    return Steady(answered / came["seconds"], spent / answered if answered else math.inf)


def varied(target: str) -> Parts:
    """The target around the numbers that vary: a project and a sum, or the number of rows."""
    for numbers in (("1717", "909"), ("10909",)):
        if all(target.count(number) == 1 for number in numbers):
            parts, rest = [], target
            for number in numbers:
                part, _, rest = rest.partition(number)
                parts.append(part)
            return [*parts, rest]
    raise AssertionError(target)


def once(server: Server, text: str, accept: str, timeout: float) -> tuple[float, bytes]:
    """Seconds and answer of one query. Raises RuntimeError for an error, OSError when time was up."""
    start = time.perf_counter()
    status, body = server.get(text, accept, timeout)
    seconds = time.perf_counter() - start
    if status != 200:
        raise RuntimeError(f"{server.name} answered {status}: {body[:300].decode(errors='replace')}")
    return seconds, body


@dataclass(frozen=True, slots=True)
class Mixed:
    """What small queries took while analysts were at work, and how much those got done."""

    p50: float
    p99: float
    analyst: int  # queries that were answered
    late: int  # small queries that were not


def mixed(
    server: Server, questions: Sequence[Question], *, seconds: float, rate: float, start: int, projects: int, seed: int
) -> Mixed:
    """Small queries at a fixed rate beside four analysts who ask without a pause.

    A small query's time counts from when it was due, so a server that stalls cannot hide it. The analysts are in a
    process of their own that gives way to this one: what they do with their answers must not count.
    """
    ours, theirs = multiprocessing.Pipe()
    crowd = multiprocessing.get_context("fork").Process(
        target=_analysts, args=(theirs, server, questions, seconds, seed), daemon=True
    )

    def small(number: int, due: float) -> float:
        text = small_text(start + number, projects)
        try:
            connection = _connection(server)
            connection.request("GET", server.target(text), headers={"Accept": ROWS})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                return math.inf
        except (OSError, HTTPException):
            _open.__dict__.pop("connection", None)
            return math.inf
        return time.perf_counter() - due

    end = time.perf_counter() + seconds
    crowd.start()
    time.sleep(2)  # until they are at work
    begun = time.perf_counter()
    waiting = []
    with ThreadPoolExecutor(64) as pool:
        for number in range(int((end - begun) * rate)):
            due = begun + number / rate
            if (pause := due - time.perf_counter()) > 0:
                time.sleep(pause)
            waiting.append(pool.submit(small, number, due))
        times = sorted(one.result() for one in waiting)
    answered: int
    answered, asked = ours.recv()
    crowd.join()
    for question, texts in zip(questions, asked, strict=True):
        question.asked |= texts
    late = sum(math.isinf(one) for one in times)
    return Mixed(times[len(times) // 2], times[math.ceil(len(times) * 0.99) - 1], answered, late)


def _analysts(result: Connection, server: Server, questions: Sequence[Question], seconds: float, seed: int) -> None:
    """Sends the number of answers, and of each question the texts that were asked so far."""
    os.nice(10)
    end = time.perf_counter() + seconds
    done = count()
    guard = threading.Lock()

    def analyst(number: int) -> None:
        chance = random.Random(f"{seed}-{number}")
        while time.perf_counter() < end:
            question = chance.choice(questions)
            with guard:
                text = question.text(chance)
            try:
                once(server, text, question.accept, 60)
                next(done)
            except (RuntimeError, OSError, HTTPException):
                time.sleep(0.2)

    analysts = [threading.Thread(target=analyst, args=(number,), daemon=True) for number in range(4)]
    for one in analysts:
        one.start()
    for one in analysts:
        one.join()
    result.send((next(done), [question.asked for question in questions]))


def small_text(number: int, projects: int) -> str:
    """The small query with numbers of its own."""
    return SMALL.replace("1717", str(number % projects)).replace("909", str(number // projects))


_open = threading.local()


def _connection(server: Server) -> HTTPConnection:
    """One connection a thread, kept open."""
    known: tuple[int, HTTPConnection] | None = getattr(_open, "connection", None)
    if known is None or known[0] != server.port:
        known = (server.port, HTTPConnection("127.0.0.1", server.port, timeout=60))
        _open.connection = known
    return known[1]


@dataclass(frozen=True, slots=True)
class Slow:
    """What a server holds in memory while all rows go to readers that take their time."""

    before: int
    peak: int
    after: int
    small: float  # the slowest of the small queries meanwhile, seconds; infinite when one failed


def slow_readers(server: Server, *, readers: int, rate: int, seconds: float, projects: int) -> Slow:
    """Each reader takes `rate` bytes a second of all triples, and goes away before the end."""
    before = server.memory()
    stop = threading.Event()

    def read() -> None:
        with suppress(OSError), socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
            one.settimeout(60)
            one.connect(("127.0.0.1", server.port))
            target = server.target(EVERYTHING)
            one.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {ROWS}\r\n\r\n".encode())
            while not stop.wait(0.1):
                if not one.recv(rate // 10):
                    return

    threads = [threading.Thread(target=read, daemon=True) for _ in range(readers)]
    for thread in threads:
        thread.start()
    peak, slowest, end = before, 0.0, time.perf_counter() + seconds
    for number in count():
        if time.perf_counter() > end:
            break
        stop.wait(0.2)
        try:
            slowest = max(slowest, once(server, small_text(10**6 + number, projects), ROWS, 60)[0])
        except (RuntimeError, OSError, HTTPException):
            slowest = math.inf
        peak = max(peak, server.memory())
    stop.set()
    for thread in threads:
        thread.join()
    time.sleep(3)
    return Slow(before, peak, server.memory(), slowest)


def rest(seconds: float) -> None:
    """Lets the servers come to rest."""
    time.sleep(seconds)
