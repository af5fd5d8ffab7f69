"""What the gate finds only because something could not be read: told once the cause is mended, if it is still true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode

from kg.entry import Locator
from kg.finding import Finding
from kg.graph import View
from kg.load import Load

_Place = tuple[Locator | None, str | None]


def independent(findings: Iterable[Finding], load: Load, parent: View | None) -> Iterator[Finding]:
    """The findings that would be there if everything could be read; all of them where it could.

    Left out are those about a field that could not be read, about a whole entry that has such a field, about what no
    file of this load says, and those that miss something which the last release has.
    """
    refused = load.refusals
    if not refused:
        yield from findings
        return
    files = {file for batch in load.batches for file in batch.files}
    places = {_place(one.at, one.field) for one in refused}
    records = {_record(one.at) for one in refused}
    for finding in findings:
        if finding.at is None or finding.at.file not in files or _place(finding.at, finding.field) in places:
            continue
        about_the_whole = finding.path is None or finding.field is None
        if about_the_whole and _record(_entry(finding, load) or finding.at) in records:
            continue
        if isinstance(finding.value, NamedNode) and parent and any(parent.quads(finding.value)):
            continue
        yield finding


def _entry(finding: Finding, load: Load) -> Locator | None:
    subject = finding.focus_node.value if isinstance(finding.focus_node, NamedNode) else ""
    found = next((entry for batch in load.batches if (entry := batch.entry(subject))), None)
    return found.at if found else None


def _place(at: Locator | None, field: str | None) -> _Place:
    return at, None if at is not None and at.column is not None else field


def _record(at: Locator | None) -> tuple[object, ...]:
    """The row of a table. Lines of an entry in other files are told apart."""
    return (None,) if at is None else (at.file, at.sheet, at.row if at.row is not None else at.line)
