"""The bundled data, checked before it is packaged, so that a first start need not check it again.

`data/checked.sha256` is the digest of the ontology and the data that passed the whole gate; a test runs the gate and
holds the digest to the files. Files that were changed since then go through the gate like anyone's.
After an edit: `python -m kg.bundled` checks and writes the digest anew.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

from pyoxigraph import NamedNode

from kg import resources
from kg.finding import Report
from kg.gate import Gate, Origins, Touched, nowhere
from kg.graph import View
from kg.pipeline import Domain, ingest
from kg.store.embedded import EmbeddedStore

MARK = "checked.sha256"


class AlreadyChecked:
    """Lets pass what passed the gate before; only for data whose digest says so."""

    def check(
        self,
        view: View,
        content: Collection[NamedNode],
        touched: Touched | None = None,
        origins: Origins = nowhere,
    ) -> Report:
        return Report()


def digest(ontology: Path = resources.ONTOLOGY, data: Path = resources.DATA) -> str:
    """SHA-256 over the names and contents of everything that decides whether the bundled data conforms."""
    total = hashlib.sha256()
    for folder in (ontology, data):
        for path in sorted(one for one in folder.rglob("*") if one.is_file() and one.name != MARK):
            name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            total.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def gate(ontology: Path = resources.ONTOLOGY, data: Path = resources.DATA) -> Gate | None:
    """A gate that trusts the bundled data while it is what was checked; None when it has been changed."""
    mark = data / MARK
    if mark.is_file() and mark.read_text(encoding="ascii").strip() == digest(ontology, data):
        return AlreadyChecked()
    return None


def main() -> None:
    """Runs the whole gate over the bundled data and notes the digest; raises DataError when it refuses."""
    with tempfile.TemporaryDirectory() as home:
        domain = Domain(resources.ONTOLOGY, resources.QUERIES)
        ingest([resources.DATA], store=EmbeddedStore.open(Path(home)), domain=domain, agent="packaging")
    (resources.DATA / MARK).write_text(digest() + "\n", encoding="ascii")
    sys.stdout.write(f"{resources.DATA / MARK}: {digest()}\n")


if __name__ == "__main__":
    main()
