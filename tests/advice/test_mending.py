"""A workbook is mended by what the findings propose alone: cell after cell, until nothing is found."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl
from tests.malformed.books import workbook

from kg.errors import DataError
from kg.finding import Finding
from kg.pipeline import Domain, ingest
from kg.store.embedded import EmbeddedStore

KNOWN = """
- {id: organisation/ndef, type: Organisation, name: Национален доверителен екофонд, acronym: НДЕФ, kind: fund}
- {id: organisation/nsorb, type: Organisation, name: Сдружение на общините, acronym: НСОРБ, kind: ngo}
- {id: programme/climate, type: FundingProgramme, title: Инвестиционна програма за климата}
"""
PROJECTS = [
    [
        "ид",
        "тип",
        "заглвие.bg",
        "финансиран по",
        "партньор",
        "начална дата",
        "бюджет.стойност",
        "бюджет.валута",
        "статус",
    ],
    [
        "project/a",
        "Проект",
        "Първи",
        "Инвестиционна програма за климат",
        "НДЕФ; НСОРББ",
        "31.04.2024",
        "5 лв.",
        "евроо",
        "",
    ],
    ["project/b", "Проeкт", "Втори", "programme/climatte", "organisation/ndeff; НСОРБ", "2024-13-02", "7", "лв.", ""],
    ["", "Прокт", "Трети", "", "", "28/06/2024", "12O", "BGN", "в изпълнение"],
]
PLACES = [
    ["id", "type", "name.bg", "ekatte", "kind"],
    ["place/x", "Place", "Игрек", "63 42 7", "setlement"],
]


def found(folder: Path, files: Sequence[Path], store: EmbeddedStore, domain: Domain) -> list[Finding]:
    try:
        ingest(files, store=store, domain=domain, agent="test", dry_run=True)
    except DataError as error:
        return [finding for finding in error.findings if finding.refuses]
    return []


def put(path: Path, mended: Sequence[Finding]) -> None:
    """Writes what is proposed into the cells, as a person with the report at hand would."""
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    for finding in mended:
        assert finding.at is not None and finding.at.sheet and finding.at.cell, finding
        cell = book[finding.at.sheet][finding.at.cell]
        assert not isinstance(cell, tuple)
        cell.value = finding.suggestion or None
    book.save(path)


def test_following_what_is_proposed_ends_with_no_findings(domain: Domain, tmp_path: Path) -> None:
    store = EmbeddedStore.open(tmp_path / "home")
    known, book = tmp_path / "known.yaml", tmp_path / "work.xlsx"
    known.write_text(KNOWN, encoding="utf-8")
    book.write_bytes(workbook(PROJECTS, "Проекти", {"Места": PLACES}))
    seen: list[set[str]] = []
    while wrong := found(tmp_path, [known, book], store, domain):
        known_now = [finding for finding in wrong if finding.suggestion is not None]  # an id waits for its type
        assert known_now, wrong
        assert [finding for finding in wrong if not finding.expected] == []
        seen.append({f"{finding.at.sheet}!{finding.at.cell}" for finding in wrong if finding.at})
        assert len(seen) < 6, wrong
        put(book, known_now)
    marked = set().union(*seen)
    assert {"Проекти!C1", "Проекти!D2", "Проекти!E2", "Проекти!F2", "Проекти!G2", "Проекти!H2"} <= marked
    assert {"Проекти!D3", "Проекти!E3", "Проекти!F3", "Проекти!A4", "Проекти!B4", "Проекти!I4"} <= marked
    assert {"Места!D2", "Места!E2"} <= marked
    assert not {"Проекти!A2", "Проекти!B2", "Проекти!C2", "Проекти!G3", "Проекти!H3", "Проекти!C4"} & marked
