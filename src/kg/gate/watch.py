"""What the gate looks at beside the shapes: likely duplicates, which it asks about; personal data, which it refuses."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode

from kg.finding import Finding
from kg.gate import Origins, Touched, nowhere
from kg.gate.duplicates import Before, Duplicates
from kg.gate.personal import COMPONENT, PersonalData
from kg.graph import View
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


def discreet(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without the values of fields in which personal data was found: a report must not spread it."""
    told = list(findings)
    private = {(one.focus_node, one.path) for one in told if one.component == COMPONENT}
    return [
        one
        if one.component == COMPONENT or (one.focus_node, one.path) not in private
        else replace(one, value=None, messages=one.without_value, expected=None, suggestion=None)
        for one in told
    ]
