"""Whatever is wrong with a file is told with its place, in both languages, and nothing is released."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.malformed.cases import REFUSED, WARNINGS, Case, Said

from kg.errors import DataError, Exit
from kg.finding import Finding
from kg.pipeline import Domain, ingest
from kg.store.embedded import EmbeddedStore


def _write(case: Case, folder: Path) -> None:
    for name, content in case.files.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(raw)


def _trace(store: EmbeddedStore) -> list[tuple[str, bytes]]:
    """What tells whether anything was released: the pointer, the history, and no draft left behind."""
    return [
        (str(path.relative_to(store.home.root)), path.read_bytes() if path.is_file() else b"")
        for part in ("current", "history", "drafts", "releases")
        for path in sorted([store.home.root / part, *(store.home.root / part).glob("*")])
    ]


def _heard(findings: tuple[Finding, ...], said: Said) -> bool:
    return any(
        str(finding.at) == said.at and said.en in finding.messages["en"] and said.bg in finding.messages["bg"]
        for finding in findings
    )


def test_the_table_holds_at_least_a_hundred_inputs() -> None:
    names = [case.name for case in REFUSED]
    assert len(names) >= 100
    assert len(set(names)) == len(names)
    readers = {Path(name).suffix for case in REFUSED for name in case.files if not name.startswith("sources")}
    assert {".yaml", ".csv", ".tsv", ".xlsx", ".ttl", ".nt", ".nq", ".trig", ".jsonld", ".rdf"} <= readers


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_it_is_refused_with_its_place_in_both_languages(
    case: Case, folder: Path, store: EmbeddedStore, domain: Domain
) -> None:
    _write(case, folder)
    before = _trace(store)
    files = sorted(path for path in folder.iterdir() if not path.name.endswith((".columns.yaml", "sources.yaml")))
    with pytest.raises(DataError) as refusal:
        ingest(files, store=store, domain=domain, agent="test")
    assert _trace(store) == before
    findings = refusal.value.findings
    assert refusal.value.exit == case.exit
    for finding in findings:
        assert finding.at is not None and (finding.at.line or finding.at.row), finding
        assert re.search("[а-я]", finding.messages["bg"]) and finding.messages["en"].isprintable(), finding
    missing = [said for said in case.says if not _heard(findings, said)]
    assert not missing, [(str(finding.at), finding.messages["en"], finding.messages["bg"]) for finding in findings]


@pytest.mark.parametrize("case", WARNINGS, ids=lambda case: case.name)
def test_it_is_taken_with_a_warning(case: Case, folder: Path, store: EmbeddedStore, domain: Domain) -> None:
    _write(case, folder)
    before = _trace(store)
    outcome = ingest([folder], store=store, domain=domain, agent="test", dry_run=True)
    assert all(_heard(outcome.report.warnings, said) for said in case.says), outcome.report.findings
    assert _trace(store) == before


ON_THE_COMMAND_LINE = (
    "a tab as indent",
    "an alias bomb",
    "an id with a space",
    "an unknown field in Bulgarian",
    "a day that is none",
    "a mistyped ЕИК in JSON-LD",
    "a row that is too long",
    "an error of a formula",
    "a cell at the end of the world",
    "a remote context",
    "a source without a licence",
)


@pytest.mark.parametrize("name", ON_THE_COMMAND_LINE)
def test_the_command_line_tells_it_and_ends_with_an_exit_code(name: str, folder: Path, store: EmbeddedStore) -> None:
    case = next(case for case in REFUSED if case.name == name)
    _write(case, folder)
    before = _trace(store)
    done = subprocess.run(
        [sys.executable, "-c", "from kg.cli import main; main()", "load", str(folder)],
        env={**os.environ, "KG_HOME": str(store.home.root), "COLUMNS": "1000", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode in (Exit.REFUSED, Exit.USAGE)
    assert "Traceback" not in done.stderr + done.stdout
    assert _trace(store) == before
    lines = (done.stdout + done.stderr).splitlines()
    for said in case.says:
        file, number = re.match(r"([^:\[]+).*?:(\d+)", said.at).groups()  # type: ignore[union-attr]
        told = next(at for at, line in enumerate(lines) if said.bg in line)
        around = "\n".join(lines[max(0, told - 1) : told + 2])
        assert said.en in around
        assert re.search(rf"\b{number}\b", around)
        assert any(file in line for line in lines[: told + 1])
