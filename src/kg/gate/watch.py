"""What the gate looks at beside the shapes: likely duplicates, which it asks about; personal data, which it refuses."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode

from kg.finding import Finding
from kg.gate import Origins, Touched, nowhere
from kg.gate.duplicates import Before, Duplicates
from kg.gate.personal import COMPONENT, PersonalData
from kg.gate.personal.text import hidden
from kg.graph import Node, View
from kg.iris import Iris


@dataclass(frozen=True)
class Watch:
    """Looks at what was touched, in whatever way it was written."""

    duplicates: Duplicates
    personal: PersonalData

    def check(
        self,
        view: View,
        content: Collection[NamedNode],
        touched: Touched | None,
        *,
        iris: Iris,
        before: Before | None,
        origins: Origins = nowhere,
    ) -> list[Finding]:
        """Findings about what was touched; about everything, when None."""
        return [
            *self.duplicates.check(view, touched, iris, before, origins),
            *self.personal.check(view, content, touched, origins),
        ]


def discreet(findings: Iterable[Finding], left_out: Iterable[Finding] = ()) -> list[Finding]:
    """The findings without the values of fields in which personal data was found: a report must not spread it.

    Nor does it show what an id has of that; `left_out` are findings that are not told and know of such an id.
    """
    told = list(findings)
    private = {(one.focus_node, one.path) for one in told if one.component == COMPONENT and one.path is not None}
    shown = [
        one
        if one.component == COMPONENT or (one.focus_node, one.path) not in private
        else replace(one, value=None, messages=one.without_value, expected=None, suggestion=None)
        for one in told
    ]
    words = {word for one in (*told, *left_out) for word in one.hidden}
    if not words:
        return shown
    longest = sorted(words, key=lambda word: (-len(word), word))
    veil = _Veil(re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, longest))})(?![a-z0-9])"))
    return [veil.over(one) for one in shown]


@dataclass(frozen=True, slots=True)
class _Veil:
    """Hides words of ids, wherever a finding shows one."""

    words: re.Pattern[str]

    def over(self, finding: Finding) -> Finding:
        return replace(
            finding,
            messages=self._texts(finding.messages),
            focus_node=self._node(finding.focus_node),
            value=self._text(finding.value) if isinstance(finding.value, str) else self._node(finding.value),
            expected=None if finding.expected is None else self._texts(finding.expected),
            suggestion=None if self.words.search(finding.suggestion or "") else finding.suggestion,
            cause=None if finding.cause is None else self._texts(finding.cause),
        )

    def _text(self, text: str) -> str:
        return self.words.sub(lambda match: hidden(match[0]), text)

    def _texts(self, texts: Mapping[str, str]) -> dict[str, str]:
        return {language: self._text(text) for language, text in texts.items()}

    def _node(self, node: Node | None) -> Node | None:
        return NamedNode(self._text(node.value)) if isinstance(node, NamedNode) else node
