"""Several values in one text with commas or line breaks between, where a list has semicolons."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from kg.context import Term
from kg.finding import Finding
from kg.iris import ID
from kg.load.problems import problem
from kg.load.values import Values

_BETWEEN: Final = re.compile(r"[,\n]")
_UNKNOWN: Final = frozenset({"UnknownCode", "UnknownReference"})


@dataclass(frozen=True, slots=True)
class Several:
    """Looks for the values of a field that takes several; `separator` stands between them in a cell."""

    values: Values
    term: Term
    separator: str | None

    def told(self, finding: Finding) -> Finding:
        """The finding about an unknown value that is several values; others as they are."""
        text = finding.value
        if finding.component not in _UNKNOWN or not isinstance(text, str) or finding.at is None:
            return finding
        parts = self._apart(text)
        if parts is None:
            return replace(finding, suggestion=None)  # else the nearest would leave out what is known
        if not parts:
            return finding
        en, bg = ("by semicolons", "с точка и запетая") if self.separator else ("as a list: [a, b]", "в списък: [а, б]")
        return problem(
            finding.at,
            f"„{text}“ is several values; write them apart {en}",
            f"„{text}“ са няколко стойности; отделете ги {bg}",
            field=finding.field,
            value=text,
            kind=finding.component,
            expected=finding.expected,
            suggestion=f"{self.separator} ".join(parts) if self.separator else None,
        )

    def _apart(self, written: str) -> list[str] | None:
        """The values as they are meant; empty where it is no list, None where one is known and another is not."""
        parts = [part for part in map(str.strip, _BETWEEN.split(written)) if part]
        if len(parts) < 2:
            return []
        known = [self._is_known(part) for part in parts]
        meant = [part if there else self._nearest(part) for part, there in zip(parts, known, strict=True)]
        if all(meant):
            return [one for one in meant if one]
        return None if any(known) else []

    def _is_known(self, written: str) -> bool:
        if self.term.vocabulary:
            return self.values.codes.find(self.term.vocabulary, written) is not None
        if ID.match(written):
            return self.values.names.known(f"{self.values.iris.ids}{written}")
        return len(self.values.names.find(written, self.values.context.hints.range(self.term.iri))) == 1

    def _nearest(self, written: str) -> str | None:
        if self.term.vocabulary:
            return self.values.codes.nearest(self.term.vocabulary, written)
        return self.values.names.nearest(written, self.values.context.hints.range(self.term.iri))
