"""What a load may not do whatever its data says: lose files, bring back what was withdrawn or erased."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from pyoxigraph import Literal, NamedNode

from kg.context import Context
from kg.entry import Locator
from kg.errors import DataError
from kg.finding import Finding, Severity
from kg.gate import Touched
from kg.graph import Node, View
from kg.iris import Iris
from kg.load import Load
from kg.load.completed import same
from kg.load.describe import Batch
from kg.load.reading import place_of
from kg.namespaces import MKG


class Erasing(Protocol):
    """A store that remembers what was erased."""

    def erased(self) -> Mapping[str, str | None]:
        """The SHA-256 of each IRI and of its path; with the id to use instead, where there is one."""


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
    """A source that came from two files, or was amended, must not lose one of them because only the other is loaded."""
    findings = []
    for batch in load.batches:
        # What `--assign-ids` completed stands for the file it was made of.
        lost = [
            name
            for property, given in ((MKG.file, batch.files), (MKG.amendedBy, batch.given))
            for name in sorted(_files(draft, batch, property, iris) - {*given})
            if not any(same(name, one) for one in given)
        ]
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
                    at=Locator((*batch.files, *batch.given)[0], line=1),
                )
            )
    if findings:
        raise DataError([*load.refusals, *findings])


def _files(draft: View, batch: Batch, property: NamedNode, iris: Iris) -> set[str]:
    found = (quad.object for quad in draft.quads(batch.graph, property, None, iris.meta))
    return {name.value for name in found if isinstance(name, Literal)}


def withdrawn_ids(load: Load, draft: View, iris: Iris, context: Context) -> Iterator[Finding]:
    """An id that was withdrawn is never used again."""
    withdrawn = {quad.subject for quad in draft.quads(None, MKG.withdrawnOn, None, iris.meta)}
    for batch in load.batches if withdrawn else ():
        for subject in sorted({triple.subject for triple in batch.triples if triple.subject in withdrawn}, key=str):
            yield _refused(
                batch,
                subject,
                iris,
                context,
                "{} was withdrawn and its id is never used again; choose another",
                "„{}“ е оттеглен и идентификаторът му не се използва повторно; изберете друг",
            )


def is_erased(node: Node, erased: Mapping[str, str | None]) -> bool:
    """Whether something has an IRI that was erased, be it under another base."""
    return isinstance(node, NamedNode) and any(digest in erased for digest in _digests(node))


def _instead(node: Node, erased: Mapping[str, str | None]) -> str | None:
    """The id that a thing has since the one it had was erased; None where the thing itself was."""
    digests = _digests(node) if isinstance(node, NamedNode) else ()
    return next((id for digest in digests if (id := erased.get(digest))), None)


def _digests(node: NamedNode) -> Iterator[str]:
    return (hashlib.sha256(text.encode()).hexdigest() for text in (node.value, Iris.path(node)))


def erased_ids(load: Load, store: Erasing, iris: Iris, context: Context) -> Iterator[Finding]:
    """What was erased must not come back with the next load."""
    erased = store.erased()
    for batch in load.batches if erased else ():
        for subject in sorted({triple.subject for triple in batch.triples}, key=str):
            if instead := _instead(subject, erased):
                yield replace(
                    _refused(
                        batch,
                        subject,
                        iris,
                        context,
                        f"this id holds a name that was erased on request; write {instead} instead, "
                        "here and wherever it is referred to",
                        f"в този идентификатор има име, заличено по искане; пишете „{instead}“ – тук и навсякъде, "
                        "където се споменава",
                    ),
                    suggestion=instead,
                )
            elif is_erased(subject, erased):
                yield _refused(
                    batch,
                    subject,
                    iris,
                    context,
                    "{} was erased on request and must not come back; delete it from the file",
                    "„{}“ е заличен по искане и не бива да се връща; изтрийте го от файла",
                )


def _refused(batch: Batch, subject: Node, iris: Iris, context: Context, en: str, bg: str) -> Finding:
    assert isinstance(subject, NamedNode)
    id, entry = iris.id(subject) or subject.value, batch.entry(subject.value)
    at = place_of(entry, "id", context) if entry else Locator(", ".join(batch.files))
    return Finding({"en": en.format(id), "bg": bg.format(id)}, at=at, field="id")
