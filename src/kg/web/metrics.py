"""Figures for Prometheus. What happens per request is counted in plain numbers, and told when somebody asks.

`/metrics` is open to everybody who reaches the service: there is nothing in it about persons or queries.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import accumulate
from typing import Final

from fastapi import APIRouter
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from kg.errors import KgError
from kg.store.port import Manifest
from kg.web.exchange import Exchange
from kg.web.releases import Releases

Gauges = Callable[[], Mapping[str, float]]

_BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_ROUTES: Final = frozenset(
    "sparql update graphs graph id doc ns release dataset api dashboards search catalogue dumps feed queries assets "
    "health metrics".split()
)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
_WRITING: Final = frozenset({"POST", "PUT", "DELETE", "PATCH"})
_WRITTEN: Final = frozenset({"/update", "/graphs", "/graph"})
_OUTCOMES: Final = {401: "unauthorized", 403: "forbidden", 409: "conflict", 412: "conflict", 422: "nonconforming"}


class _Tally:
    """What was counted of one route, method and class of status."""

    __slots__ = ("buckets", "bytes", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * (len(_BUCKETS) + 1)
        self.seconds = 0.0
        self.bytes = 0


class Metrics(Collector):
    """The counters of one application, and where else figures come from."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str, int], _Tally] = {}
        self._cache = {"hit": 0, "miss": 0}
        self._engine: dict[str, list[float]] = {}  # by form: how many, and seconds
        self._writes: dict[str, int] = {}
        self._refused: dict[int, int] = {}
        self._sources: list[Gauges] = []
        self.manifest: Manifest | None = None  # of the current release
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def watch(self, source: Gauges) -> None:
        """Tell these too; a name is told as `kg_…`."""
        self._sources.append(source)

    def count(self, method: str, path: str, told: Exchange, seconds: float) -> None:
        """One more reply."""
        key = (path, method, told.status // 100)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tally(*key)
        tally.buckets[bisect_left(_BUCKETS, seconds)] += 1
        tally.seconds += seconds
        tally.bytes += told.bytes
        if told.cache:
            self._cache[told.cache] = self._cache.get(told.cache, 0) + 1
        if told.seconds and not told.reason:
            sums = self._engine.setdefault(told.form, [0, 0.0])
            sums[0] += 1
            sums[1] += told.seconds
        if method in _WRITING and path != "/sparql":
            self._write(route(path), told.status)

    def refuse(self, status: int) -> None:
        """One more request whose head was refused before it became one."""
        self._refused[status] = self._refused.get(status, 0) + 1

    def _tally(self, path: str, method: str, kind: int) -> _Tally:
        key = (route(path), method if method in _METHODS else "other", kind)
        return self._tallies.setdefault(key, _Tally())

    def _write(self, where: str, status: int) -> None:
        if where in _WRITTEN:
            outcome = "done" if status < 300 else _OUTCOMES.get(status, "refused" if status < 500 else "failed")
            self._writes[outcome] = self._writes.get(outcome, 0) + 1

    def _release(self) -> Mapping[str, float]:
        known = self.manifest
        if known is None:
            return {}
        return {"release": known.number, "release_triples": known.triples, "release_quads": known.quads}

    def collect(self) -> Iterable[Metric]:
        """For the registry."""
        requests = CounterMetricFamily("kg_requests", "Replies.", labels=("route", "method", "status"))
        sizes = CounterMetricFamily("kg_reply_bytes", "Bytes of their bodies.", labels=("route", "method", "status"))
        times = HistogramMetricFamily("kg_request_seconds", "From the head of a request to the end of its reply.",
                                      labels=("route", "method"))  # fmt: skip
        merged: dict[tuple[str, str], tuple[list[int], float]] = {}
        for (where, method, kind), tally in sorted(self._tallies.items()):
            labels = (where, method, f"{kind}xx")
            requests.add_metric(labels, sum(tally.buckets))
            sizes.add_metric(labels, tally.bytes)
            buckets, seconds = merged.get((where, method), ([0] * len(tally.buckets), 0.0))
            merged[where, method] = (
                [a + b for a, b in zip(buckets, tally.buckets, strict=True)],
                seconds + tally.seconds,
            )
        for (where, method), (buckets, seconds) in merged.items():
            edges = [*map(str, _BUCKETS), "+Inf"]
            times.add_metric((where, method), list(zip(edges, accumulate(buckets), strict=True)), seconds)
        yield from (requests, sizes, times)
        yield _counter("kg_refused_heads", "Requests refused before they were read.", "status", self._refused)
        yield _counter("kg_cache_lookups", "Answers looked for in the cache.", "result", self._cache)
        yield _counter("kg_writes", "Updates and graph writes.", "outcome", self._writes)
        for name, help_, place in (
            ("kg_engine_queries", "Queries that were evaluated.", 0),
            ("kg_engine_seconds", "Time that the engine took for them.", 1),
        ):
            yield _counter(name, help_, "form", {form: sums[place] for form, sums in self._engine.items()})
        for source in (self._release, *self._sources):
            for name, value in source().items():
                yield GaugeMetricFamily(f"kg_{name}", name.replace("_", " "), value)


def _counter(name: str, help_: str, label: str, values: Mapping[str, float] | Mapping[int, float]) -> Metric:
    family = CounterMetricFamily(name, help_, labels=(label,))
    for key, value in values.items():
        family.add_metric((str(key),), value)
    return family


def route(path: str) -> str:
    """The route that a path belongs to; few enough to count by."""
    first = path[1:].partition("/")[0].partition(".")[0]
    return f"/{first}" if first in _ROUTES or not first else "other"


def routes(metrics: Metrics, releases: Releases) -> APIRouter:
    """`/metrics`, in the format that Accept asks for."""
    router = APIRouter(tags=["service"])

    @router.get("/metrics", summary="Figures for Prometheus")
    async def figures(request: Request) -> Response:
        with suppress(KgError):
            metrics.manifest = (await releases.get()).release.manifest
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(metrics.registry), headers={"content-type": media_type, "cache-control": "no-store"})

    return router
