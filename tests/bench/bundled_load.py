"""The gate over the bundled data, as a share of loading that data without it."""

from __future__ import annotations

import gc
import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from kg import load as loading
from kg import pipeline, resources
from kg.bundled import AlreadyChecked
from kg.finding import Finding, Report
from kg.gate.watch import discreet
from kg.iris import Iris
from kg.origins import Written
from kg.pipeline import Domain
from kg.store.embedded import EmbeddedStore
from tests.bench.noting import seconds

PARTS = ("shapes", "likely duplicates", "personal data", "advice and report")


def bundled_load(domain: Domain, rounds: int) -> None:
    """In one warm process and in turn: the load with the gate off, and each part of the gate over the same draft."""
    without: list[float] = []
    parts: list[list[float]] = []
    for turn in range(rounds + 1):
        off, on = _without_gate(domain), _gate(domain)
        if turn:  # the first reads shapes, lists of words and the like
            without.append(off)
            parts.append(on)
    whole = statistics.median(without)
    print(f"the bundled data loaded with the gate off: {whole:.3f} s")
    columns = zip(PARTS, zip(*parts, strict=True), strict=True)
    rows = {name: statistics.median(times) for name, times in columns}
    rows["all of it"] = statistics.median(map(sum, parts))
    for name, time in rows.items():
        print(f"  {name}: {time * 1000:.0f} ms, {time / whole:.1%}", flush=True)


def _without_gate(domain: Domain) -> float:
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedStore.open(Path(folder) / "home")
        return _timed(
            lambda: pipeline.ingest(
                [resources.DATA], store=store, domain=domain, agent="bench", gate=AlreadyChecked(), watch=False
            )
        )


def _gate(domain: Domain) -> list[float]:
    """What `kg.pipeline.ingest` does between writing the draft and deriving."""
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedStore.open(Path(folder) / "home")
        iris = Iris(store.base)
        load = loading.load(
            [resources.DATA],
            iris=iris,
            context=domain.context,
            codes=domain.codes,
            known=domain.names(None),
            elsewhere=partial(pipeline._elsewhere, None, iris),
        )
        with store.draft() as draft:
            touched, renewed = pipeline.apply(draft, load, domain)
            written = Written(load, domain.context, iris, draft)
            content = pipeline.content(draft, iris) | {batch.graph for batch in load.batches}
            fresh, before = None if renewed else touched, pipeline.before(store)
            seen: list[Finding] = []
            found: list[Finding] = []
            duplicates, personal = domain.watch.duplicates, domain.watch.personal
            advice = domain.advice(load, iris, written)
            return [
                _timed(lambda: found.extend(domain.gate.check(draft, content, fresh, written).findings)),
                _timed(lambda: seen.extend(duplicates.check(draft, fresh, iris, before, written))),
                _timed(lambda: seen.extend(personal.check(draft, content, fresh, written))),
                _timed(lambda: Report.of(discreet([*load.notes, *seen, *advice.complete(found)]))),
            ]


def _timed(action: Callable[[], object]) -> float:
    """From a heap without garbage: else somebody pays for what others left behind."""
    gc.collect()
    return seconds(action)
