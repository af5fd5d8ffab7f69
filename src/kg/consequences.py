"""What the gate finds only because something could not be read: told once the cause is mended, if it is still true."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from pyoxigraph import NamedNode

from kg.entry import Locator
from kg.finding import Finding
from kg.graph import View
from kg.load import Load

_MISSING: Final = "MinCountConstraintComponent"
_NAMELESS: Final = "UnknownField"
_Key: TypeAlias = tuple[object, ...]


def independent(findings: Iterable[Finding], load: Load, parent: View | None, draft: View) -> Iterator[Finding]:
    """The findings that would be there if everything could be read; all of them where it could.

    Left out are those about a field that could not be read, about something nested in an entry that has such a field,
    about what no file of this load says, about what is missing because its own entry could not be read, and about a
    missing field where one has a name that says nothing.
    """
    if not load.refusals:
        yield from findings
        return
    causes = _Causes(load)
    for finding in findings:
        if not (_is_lost(finding.value, load, parent, draft) or causes.of(finding)):
            yield finding


def _is_lost(value: object, load: Load, parent: View | None, draft: View) -> bool:
    """Whether something is missing only because its entry could not be read."""
    if not isinstance(value, NamedNode):
        return False
    before = parent is not None and any(True for _ in parent.quads(value))
    return value.value in load.unread or (before and not any(True for _ in draft.quads(value)))


class _Causes:
    """What could not be read, by field, by entry, by table."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._files = {file for batch in load.batches for file in (*batch.files, *batch.given)}
        self._starts: dict[str, list[int]] = defaultdict(list)
        for batch in load.batches:
            for entry in batch.entries.values():
                self._files.add(entry.at.file)  # her own file, where a completed copy is kept in its place
                if entry.at.line is not None:
                    self._starts[entry.at.file].append(entry.at.line)
        for lines in self._starts.values():
            lines.sort()
        refused = load.refusals
        self._places = {_place(one.at, one.field) for one in refused}
        self._records = {self._record(one.at) for one in refused}
        nameless = [one for one in refused if one.component == _NAMELESS and one.suggestion is None]
        self._nameless = {key for one in nameless for key in (self._record(one.at), _table(one.at)) if key}

    def of(self, finding: Finding) -> bool:
        """Whether a finding is a consequence of one of these."""
        at = finding.at
        if at is None or at.file not in self._files or _place(at, finding.field) in self._places:
            return True
        subject = finding.focus_node.value if isinstance(finding.focus_node, NamedNode) else ""
        batch = next((one for one in self._load.batches if one.told_by(subject)), None)
        record = self._record(batch.told_by(subject)[0].at if batch else at)
        nested = batch is not None and subject not in batch.entries and subject not in batch.amendments
        whole = finding.path is None or finding.field is None or (nested and at.row is not None and at.column is None)
        if whole and record in self._records:
            return True
        # Where a field has a column of its own, no other can be meant for it.
        return finding.component == _MISSING and at.column is None and bool({record, _table(at)} & self._nameless)

    def _record(self, at: Locator | None) -> _Key:
        """The row of a table; elsewhere the line on which the entry around a line begins."""
        if at is None or at.row is not None:
            return () if at is None else (at.file, at.sheet, at.row)
        lines = self._starts.get(at.file, [])
        before = bisect_right(lines, at.line or 0)
        return at.file, None, lines[before - 1] if before else at.line


def _table(at: Locator | None) -> _Key:
    """The table that a place is in, if it is in one."""
    return () if at is None or at.row is None else (at.file, at.sheet)


def _place(at: Locator | None, field: str | None) -> _Key:
    return at, None if at is not None and at.column is not None else field
