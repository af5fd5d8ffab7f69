"""Whatever the loader and the gate accept, the schema accepts: an editor raises no false alarm."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import BASE
from tests.memory import Memory
from tests.publish.schema.conftest import Judge
from tests.publish.schema.written import KNOWN, Writer, as_yaml

from kg import pipeline
from kg.errors import DataError
from kg.gate import Touched
from kg.iris import Iris
from kg.load import load
from kg.load.names import NOTATION, Named

IRIS = Iris(BASE)
ENOUGH = 0.2
"""So much of what is written must be accepted, or nothing is tested."""


class Accepting:
    """The path as far as the gate, in a graph in memory that holds the things that may be referred to."""

    def __init__(self, domain: pipeline.Domain, folder: Path) -> None:
        self.domain, self.folder, self.memory = domain, folder, Memory()
        classes, hints = domain.context.classes, domain.context.hints
        self.known = []
        lines = []
        for id, (name, text, code) in KNOWN.items():
            above = hints.superclasses(classes[name])
            self.known += [
                Named(IRIS.ids + id, above, text),
                *([Named(IRIS.ids + id, above, code, NOTATION)] if code else []),
            ]
            lines.append(f"- {{id: {id}, type: {name}, name: '{text}', title: '{text}', holds: post/kmet}}\n")
        (folder / "others.yaml").write_text("".join(lines), encoding="utf-8")
        loaded = load([folder / "others.yaml"], iris=IRIS, context=domain.context, codes=domain.codes)
        pipeline.apply(self.memory, loaded, domain)

    def accepts(self, text: str) -> bool:
        """Whether a file with this text is loaded, its missing ids assigned."""
        file = self.folder / "case.yaml"
        file.write_text(text, encoding="utf-8")
        try:
            loaded = load(
                [file],
                iris=IRIS,
                context=self.domain.context,
                codes=self.domain.codes,
                known=self.known,
                assign_ids=True,
                elsewhere=lambda id, source: id in KNOWN,
            ).sound()
        except DataError:
            return False
        (batch,) = loaded.batches
        self.memory.replace(batch.graph, [])  # what was there may have been refused
        added = self.memory.replace(batch.graph, batch.triples).added
        report = self.domain.gate.check(self.memory, {IRIS.graph("others"), batch.graph}, Touched.of(added))
        return report.conforms


@pytest.fixture(scope="module")
def path(domain: pipeline.Domain, tmp_path_factory: pytest.TempPathFactory) -> Accepting:
    return Accepting(domain, tmp_path_factory.mktemp("path"))


def test_what_is_accepted_is_valid(path: Accepting, judge: Judge, domain: pipeline.Domain) -> None:
    counts: Counter[tuple[bool, bool]] = Counter()
    writers = st.sampled_from([Writer(domain), Writer(domain), Writer(domain, slips=True)])
    classes = st.sampled_from([*domain.context.classes])

    @settings(max_examples=600, deadline=None, suppress_health_check=[*HealthCheck])
    @given(st.data())
    def check(data: st.DataObject) -> None:
        writer = data.draw(writers)
        entry = data.draw(classes.flatmap(writer.entry))
        head = data.draw(st.sampled_from([{}, {}, {"период": "2023"}, {"period": "06.2023", "basis": "изведено"}]))
        text = as_yaml(entry, head)
        accepted, wrong = path.accepts(text), judge(text)
        counts[accepted, not wrong] += 1
        assert not (accepted and wrong), (text, [(list(one.path), one.message[:300]) for one in wrong])

    check()
    assert counts[True, True] > ENOUGH * counts.total()
