"""The files of a dataset: written once per release, then kept beside the store, with their sizes and digests."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import zstandard
from pyoxigraph import Quad

from kg.context import Context
from kg.formats import CSV, JSONLD, NQ, TTL, Format
from kg.graph import DEFAULT
from kg.iris import Iris
from kg.publish import rdf
from kg.publish.catalogue.datasets import Dataset
from kg.publish.catalogue.table import table
from kg.publish.ordered import ordered
from kg.store.manifests import software
from kg.store.port import Release

FORMATS: Final = (TTL, NQ, JSONLD, CSV)
METADATA: Final = "csv-metadata.json"
"""The suffix of what tells the meaning of a table's columns (CSV on the Web §5.2)."""
KEPT: Final = 3
"""Releases whose files are kept."""


@dataclass(frozen=True, slots=True)
class Packing:
    """A way to make a file smaller."""

    suffix: str
    media_type: str

    @property
    def iana(self) -> str:
        return f"https://www.iana.org/assignments/media-types/{self.media_type}"


PACKINGS: Final = (Packing("gz", "application/gzip"), Packing("zst", "application/zstd"))


@dataclass(frozen=True, slots=True)
class File:
    """One file of a dataset."""

    name: str  # „projects.ttl.gz“
    path: Path
    format: Format | None  # None for the meaning of a table's columns
    packing: Packing | None
    size: int  # bytes
    sha256: str

    @property
    def media_type(self) -> str:
        if self.packing is not None:
            return self.packing.media_type
        return self.format.content_type if self.format is not None else "application/csvm+json"


class Files:
    """The files in a folder, by release; what is there is not written again."""

    def __init__(self, folder: Path, context: Context) -> None:
        self._folder, self._context = folder, context
        self._lock = threading.Lock()

    def of(self, release: Release, dataset: Dataset) -> Mapping[str, File]:
        """All files of a dataset by name. Others wait while they are written."""
        manifest = release.manifest
        seal = hashlib.sha256(f"{software()} {manifest.number} {manifest.digest}".encode()).hexdigest()[:16]
        folder = self._folder / f"{manifest.number}-{seal}" / dataset.slug
        with self._lock:
            if not (folder / "files.json").exists():
                self._write(release, dataset, folder)
                self._prune()
            told = json.loads((folder / "files.json").read_text(encoding="utf-8"))
        return {one["name"]: _file(folder, one) for one in told}

    def _write(self, release: Release, dataset: Dataset, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
        try:
            for format in FORMATS:
                if format is not CSV:
                    _output(draft / f"{dataset.slug}.{format.suffix}", lambda out, f=format: _dump(dataset, f, out))  # type: ignore[misc]
            self._table(release, dataset, draft)
            written = sorted(draft.iterdir())
            for path in written:
                for packing in PACKINGS if path.suffix != ".json" else ():
                    _pack(path, packing)
            told = [_told(path) for path in sorted(draft.iterdir())]
            (draft / "files.json").write_text(json.dumps(told), encoding="utf-8")
            shutil.rmtree(folder, ignore_errors=True)
            draft.replace(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    def _table(self, release: Release, dataset: Dataset, folder: Path) -> None:
        base = release.manifest.base
        names: dict[str, str] = {}
        for name, term in self._context.terms.items():
            if name.isascii():
                names.setdefault(term.iri, name)
        made = table(dataset.merged(), Iris(base), names)
        _output(folder / f"{dataset.slug}.csv", made.write)
        titles = {
            iri: {tag: text for tag in ("bg", "en") if (text := self._context.hints.label(iri, tag))}
            for iri in (column.property.value for column in made.columns)
        }
        address = f"{base}/dumps/{dataset.slug}.csv"
        (folder / f"{dataset.slug}.{METADATA}").write_bytes(made.metadata(address, titles))

    def _prune(self) -> None:
        """Leaves the files of the last releases asked for."""
        folders = sorted((one for one in self._folder.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime)
        for folder in folders[:-KEPT]:
            shutil.rmtree(folder, ignore_errors=True)


def _dump(dataset: Dataset, format: Format, output: IO[bytes]) -> None:
    if format is NQ:
        rdf.stream(ordered(dataset.named()), output, format)
        return
    quads = (Quad(quad.subject, quad.predicate, quad.object, DEFAULT) for quad in dataset.merged())
    rdf.stream(ordered(quads), output, format)


def _output(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    with path.open("wb") as output:
        write(output)


def _pack(path: Path, packing: Packing) -> None:
    with path.open("rb") as source, path.with_name(f"{path.name}.{packing.suffix}").open("wb") as target:
        if packing.suffix == "gz":
            with gzip.GzipFile("", "wb", 6, target, mtime=0) as output:
                shutil.copyfileobj(source, output)
        else:
            zstandard.ZstdCompressor(level=9).copy_stream(source, target)


def _told(path: Path) -> Mapping[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"name": path.name, "size": path.stat().st_size, "sha256": digest}


def _file(folder: Path, told: Mapping[str, Any]) -> File:
    name: str = told["name"]
    plain, _, last = name.rpartition(".")
    packing = next((one for one in PACKINGS if one.suffix == last), None)
    suffix = (plain if packing else name).partition(".")[2]
    format = next((one for one in FORMATS if one.suffix == suffix), None)
    return File(name, folder / name, format, packing, told["size"], told["sha256"])
