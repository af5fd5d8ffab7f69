"""The feed as files: what each release did, written once in pages that never change."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import quote

from kg.namespaces import RDF, XSD, Namespace
from kg.publish.history.activity import Activity, Deed, Telling
from kg.publish.labels import Texts
from kg.store.manifests import software
from kg.store.port import Manifest, Store

AS: Final = Namespace("https://www.w3.org/ns/activitystreams#")
TREE: Final = Namespace("https://w3id.org/tree#")
PATH: Final = "/feed"
PAGE: Final = 250
"""Activities on one page."""

_INDEX: Final = "index.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """An activity without what is said of the thing."""

    deed: Deed
    object: str
    names: Texts
    page: int


def address(number: int, page: int = 1) -> str:
    """The path of a page of what a release did."""
    return f"{PATH}/{number}" if page == 1 else f"{PATH}/{number}/{page}"


def stream(base: str) -> str:
    """The IRI of the whole stream of changes."""
    return f"{base}{PATH}#stream"


def member(manifest: Manifest, page: int, object: str) -> str:
    """The IRI of an activity, which names the graph of what is said of the thing afterwards."""
    own = object.removeprefix(f"{manifest.base}/id/")
    return f"{manifest.base}{address(manifest.number, page)}#{quote(own, safe='/')}"


def published(manifests: Sequence[Manifest]) -> list[datetime]:
    """When each release was published: later than the one before it, even if the clock was put back."""
    moments: list[datetime] = []
    for manifest in manifests:
        moment = manifest.created.astimezone(UTC)
        moments.append(max(moment, moments[-1] + timedelta(microseconds=1)) if moments else moment)
    return moments


def stamp(moment: datetime) -> str:
    """A moment as `xsd:dateTime`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Pages:
    """The pages in a folder, by release; what is there is not written again."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder, self._store = folder, store
        self._lock = threading.Lock()

    def entries(self, number: int) -> Sequence[Entry]:
        """What a release did, in the order of IRIs."""
        return _read(self._ready(number) / _INDEX)

    def count(self, number: int) -> int:
        """How many pages tell what a release did; at least one."""
        return max(1, -(-len(self.entries(number)) // PAGE))

    def lines(self, number: int, page: int) -> bytes | None:
        """The activities of a page with what is said of things, as N-Quads; None when there is no such page."""
        if not 1 <= page <= self.count(number):
            return None
        return (self._ready(number) / f"{page}.nq").read_bytes()

    def _ready(self, number: int) -> Path:
        """The folder of a release. Others wait while it is written."""
        manifests = self._store.manifests()[:number]
        manifest = manifests[-1]
        about = [software(), manifest.base, *((one.created, one.digest) for one in manifests[-2:])]
        seal = hashlib.sha256(repr(about).encode()).hexdigest()[:16]
        folder = self._folder / f"{number}-{seal}"
        if not folder.exists():
            with self._lock:
                if not folder.exists():
                    self._write(manifest, stamp(published(manifests)[-1]), folder)
        return folder

    def _write(self, manifest: Manifest, moment: str, folder: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".", dir=self._folder))
        try:
            rest = Telling(self._store).activities(manifest.number)
            entries: list[tuple[str, str, Texts, int]] = []
            page = 1
            while (some := list(islice(rest, PAGE))) or page == 1:
                with (draft / f"{page}.nq").open("wb") as output:
                    output.writelines(_lines(manifest, page, some, moment))
                entries += ((one.deed.value, one.object, one.names, page) for one in some)
                page += 1
            (draft / _INDEX).write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
            for old in self._folder.glob(f"{manifest.number}-*"):
                shutil.rmtree(old, ignore_errors=True)
            draft.replace(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise


@lru_cache(maxsize=64)
def _read(path: Path) -> tuple[Entry, ...]:
    """What never changes is read once."""
    told = json.loads(path.read_text(encoding="utf-8"))
    return tuple(Entry(Deed(deed), object, names, page) for deed, object, names, page in told)


def _lines(manifest: Manifest, page: int, activities: Sequence[Activity], moment: str) -> Iterator[bytes]:
    collection = stream(manifest.base)
    for one in activities:
        name = member(manifest, page, one.object)
        yield f"<{collection}> <{TREE.member.value}> <{name}> .\n".encode()
        yield f"<{name}> <{RDF.type.value}> <{AS.term(one.deed.value).value}> .\n".encode()
        yield f"<{name}> <{AS.object.value}> <{one.object}> .\n".encode()
        yield f'<{name}> <{AS.published.value}> "{moment}"^^<{XSD.dateTime.value}> .\n'.encode()
    for one in activities:
        graph = f" <{member(manifest, page, one.object)}> .\n".encode()
        yield from (triple + graph for triple in one.triples)
