"""What is known in Ruse, and a way to have workbooks of it made and checked."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from kg import pipeline
from kg.books import opened, saved
from kg.errors import DataError
from kg.finding import Report
from kg.form import Forms
from kg.iris import Iris
from kg.load.names import Names
from kg.publish.workbook.export import Export, Exported
from kg.publish.workbook.lists import Choices
from kg.publish.workbook.marks import marked
from kg.publish.workbook.template import template
from kg.store.embedded import EmbeddedStore

NOW = datetime(2024, 6, 28, 17, 0)


@dataclass(frozen=True)
class Desk:
    """An officer's desk: a store, a folder for files, and the commands as functions."""

    store: EmbeddedStore
    domain: pipeline.Domain
    folder: Path

    @property
    def iris(self) -> Iris:
        return Iris(self.store.base)

    @property
    def forms(self) -> Forms:
        return self.domain.forms

    def choices(self) -> Choices:
        release = self.store.current()
        return Choices(self.domain.codes, Names(self.domain.names(release)), self.iris, release)

    def template(self, *classes: str) -> bytes:
        return saved(template(classes, self.forms, self.domain.context, self.domain.codes, self.choices()))

    def export(self, *classes: str, sources: Sequence[str] | None = None) -> Exported:
        release = self.store.current()
        assert release is not None
        start = self.iris.graph("").value
        names = sources or [graph.value.removeprefix(start) for graph in pipeline.content(release, self.iris)]
        kept = {name: one.triples for name in names if (one := pipeline.kept(release, self.iris, name))}
        context, codes = self.domain.context, self.domain.codes
        return Export(self.forms, context, codes, self.choices(), self.iris, release.number, kept).of(classes)

    def put(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def load(self, *paths: Path, **options: bool) -> pipeline.Outcome:
        return pipeline.ingest(paths, store=self.store, domain=self.domain, agent="test", **options)  # type: ignore[arg-type]

    def check(self, *paths: Path) -> Report:
        """Everything that is found."""
        try:
            return self.load(*paths, dry_run=True).report
        except DataError as error:
            return Report.of(error.findings)

    def marks(self, path: Path) -> dict[tuple[str, str], str]:
        """The comments of the marked copy by sheet and cell, below the headings; the copy stays beside the file."""
        content = marked(path.read_bytes(), self.check(path), path.name, NOW).content
        copy = self.put(f"{path.stem}.checked.xlsx", content)
        return {
            (sheet.title, cell.coordinate): cell.comment.text
            for sheet in opened(copy.read_bytes()).worksheets
            for row in sheet.iter_rows(min_row=2)
            for cell in row
            if cell.comment is not None
        }


@pytest.fixture
def desk(bundled_copy: EmbeddedStore, domain: pipeline.Domain, tmp_path: Path) -> Desk:
    return Desk(bundled_copy, domain, tmp_path)


@pytest.fixture
def bundled_copy(bundled_home: Path, tmp_path: Path) -> EmbeddedStore:
    shutil.copytree(bundled_home, tmp_path / "home", symlinks=True)
    return EmbeddedStore.open(tmp_path / "home")
