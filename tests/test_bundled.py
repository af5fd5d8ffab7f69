"""The mark of checked data is true, current, and worthless once a file has changed."""

from __future__ import annotations

import shutil
from pathlib import Path

from kg import bundled, pipeline, resources
from kg.finding import Severity
from kg.store.embedded import EmbeddedStore


def test_the_digest_is_that_of_the_files_and_they_pass_the_whole_gate(domain: pipeline.Domain, tmp_path: Path) -> None:
    mark = (resources.DATA / bundled.MARK).read_text(encoding="ascii").strip()
    assert mark == bundled.digest(), "the bundled data has changed: run `python -m kg.bundled`"
    store = EmbeddedStore.open(tmp_path / "home")
    outcome = pipeline.ingest([resources.DATA], store=store, domain=domain, agent="test")
    assert outcome.report.conforms
    assert {finding.severity for finding in outcome.report.findings} <= {Severity.WARNING, Severity.INFO}


def test_changed_data_is_checked_like_anyones(tmp_path: Path) -> None:
    ontology, data = tmp_path / "ontology", tmp_path / "data"
    shutil.copytree(resources.ONTOLOGY, ontology)
    shutil.copytree(resources.DATA, data)
    assert bundled.gate(ontology, data) is not None
    shape = ontology / "shapes" / "description" / "amount.ttl"
    shape.write_text(shape.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert bundled.gate(ontology, data) is None


def test_data_without_a_mark_is_checked(tmp_path: Path) -> None:
    ontology, data = tmp_path / "ontology", tmp_path / "data"
    shutil.copytree(resources.ONTOLOGY, ontology)
    shutil.copytree(resources.DATA, data)
    (data / bundled.MARK).unlink()
    assert bundled.gate(ontology, data) is None


def test_the_trusting_gate_and_the_real_one_end_in_the_same_release(domain: pipeline.Domain, tmp_path: Path) -> None:
    store = EmbeddedStore.open(tmp_path / "home")
    outcome = pipeline.ingest(
        [resources.DATA], store=store, domain=domain, agent="test", gate=bundled.gate(), clock=lambda: WHEN
    )
    again = EmbeddedStore.open(tmp_path / "other")
    checked = pipeline.ingest([resources.DATA], store=again, domain=domain, agent="test", clock=lambda: WHEN)
    assert outcome.release is not None and checked.release is not None
    assert outcome.release.manifest.digest == checked.release.manifest.digest


WHEN = pipeline.now()
