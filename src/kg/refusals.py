"""What a load may not do whatever its data says: lose files, bring back what was withdrawn or erased."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator

from pyoxigraph import Literal, NamedNode

from kg.entry import Locator
from kg.errors import DataError
from kg.finding import Finding, Severity
from kg.gate import Touched
from kg.graph import Node, View
from kg.iris import Iris
from kg.load import Load
from kg.load.completed import same
from kg.namespaces import MKG


def lost_entries(load: Load, draft: View, touched: Touched, iris: Iris) -> Iterator[Finding]:
    """A warning for each source whose files no longer hold entries they held before."""
    for batch in load.batches:
        lost = {
            id
            for subject in touched.graphs.get(batch.graph, ())
            if isinstance(subject, NamedNode)
            and (id := iris.id(subject))
            and subject == iris.entity(id)
            and not any(True for _ in draft.quads(subject, None, None, batch.graph))
        }
        if lost:
            names = ", ".join(sorted(lost)[:20]) + (" …" if len(lost) > 20 else "")
            yield Finding(
                {
                    "en": f"{len(lost)} entries are no longer in the files of {batch.source!r} and go: {names}",
                    "bg": f"{len(lost)} записа вече не са във файловете на „{batch.source}“ и отпадат: {names}",
                },
                severity=Severity.WARNING,
                at=Locator(batch.files[0], line=1),
            )


def refuse_lost_files(load: Load, draft: View, iris: Iris, allowed: bool) -> None:
    """A source that came from two files must not lose one of them because only the other is loaded."""
    findings = []
    for batch in load.batches:
        before = {
            quad.object.value
            for quad in draft.quads(batch.graph, MKG.file, None, iris.meta)
            if isinstance(quad.object, Literal)
        }
        # What `--assign-ids` completed stands for the file it was made of.
        lost = sorted(name for name in before - set(batch.files) if not any(same(name, given) for given in batch.files))
        if lost and not allowed:
            names = ", ".join(lost)
            findings.append(
                Finding(
                    {
                        "en": f"the source {batch.source!r} was also loaded from {names}, which is not given now; "
                        "give it too, or say --replace to let its entries go",
                        "bg": f"източникът „{batch.source}“ е зареден и от {names}, но сега файлът не е подаден; "
                        "подайте и него или посочете --replace, за да отпаднат записите му",
                    },
                    at=Locator(batch.files[0], line=1),
                )
            )
    if findings:
        raise DataError([*load.refusals, *findings])


def refuse_withdrawn(load: Load, draft: View, iris: Iris) -> None:
    """An id that was withdrawn is never used again."""
    withdrawn = {quad.subject for quad in draft.quads(None, MKG.withdrawnOn, None, iris.meta)}
    findings = []
    for batch in load.batches if withdrawn else ():
        described = {triple.subject for triple in batch.triples if triple.subject in withdrawn}
        for subject in sorted(described, key=str):
            assert isinstance(subject, NamedNode)
            id, entry = iris.id(subject), batch.entry(subject.value)
            findings.append(
                Finding(
                    {
                        "en": f"{id} was withdrawn and its id is never used again; choose another",
                        "bg": f"„{id}“ е оттеглен и идентификаторът му не се използва повторно; изберете друг",
                    },
                    at=entry.place(("id",)) if entry else Locator(", ".join(batch.files)),
                    field="id",
                )
            )
    if findings:
        raise DataError([*load.refusals, *findings])


def is_erased(node: Node, erased: Collection[str]) -> bool:
    """Whether something has an IRI that was erased."""
    return isinstance(node, NamedNode) and hashlib.sha256(node.value.encode()).hexdigest() in erased


def refuse_erased(load: Load, erased: Collection[str], iris: Iris) -> None:
    """What was erased must not come back with the next load."""
    findings = []
    for batch in load.batches if erased else ():
        for subject in sorted({triple.subject for triple in batch.triples}, key=str):
            if is_erased(subject, erased):
                assert isinstance(subject, NamedNode)
                id, entry = iris.id(subject) or subject.value, batch.entry(subject.value)
                findings.append(
                    Finding(
                        {
                            "en": f"{id} was erased on request and must not come back; delete it from the file",
                            "bg": f"„{id}“ е заличен по искане и не бива да се връща; изтрийте го от файла",
                        },
                        at=entry.place(("id",)) if entry else Locator(", ".join(batch.files)),
                        field="id",
                    )
                )
    if findings:
        raise DataError([*load.refusals, *findings])
