"""A query on its way to a worker, and its answer on the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO

from kg.formats import Format
from kg.store.lexer import Outline
from kg.store.worker import Status

_WITH_PREFIXES = frozenset({"ttl", "trig", "rdf"})


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs a request names, as `<iri>` or as its text writes them."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query that has been looked at, and what its answer is to be written in."""

    text: str
    outline: Outline
    release: Path
    format: Format
    base_iri: str | None = None
    dataset: Dataset | None = None  # from the protocol; it overrides FROM in the text
    prefixes: Mapping[str, str] = field(default_factory=dict)

    def header(self, spool_limit: int, merge_limit: int) -> Status:
        """What the worker is told beside the text."""
        header: Status = {
            "release": str(self.release),
            "base": self.base_iri,
            "mediaType": self.format.media_type,
            "spoolLimit": spool_limit,
            "mergeLimit": merge_limit,
        }
        if self.format.name in _WITH_PREFIXES and self.prefixes:
            header["prefixes"] = dict(self.prefixes)
        if self.dataset is not None:
            header["dataset"] = {"default": self.dataset.default, "named": self.dataset.named, "prologue": ""}
        elif len(self.outline.default) > 1:  # one FROM is the engine's own business
            header["dataset"] = {
                "default": self.outline.default,
                "named": self.outline.named,
                "prologue": self.outline.prologue,
            }
        return header


@dataclass(slots=True)
class Answer:
    """A complete answer in an unlinked file, read from its start; whoever holds it closes it."""

    form: str
    format: Format
    size: int
    seconds: float
    file: IO[bytes]

    def read(self) -> bytes:
        """The whole answer; for small ones."""
        with self.file:
            return self.file.read()

    def close(self) -> None:
        self.file.close()

    def __enter__(self) -> Answer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Running:
    """A query that is being evaluated now."""

    id: int
    text: str
    pid: int
    started: float  # time.monotonic()
