"""What the validator has found, as findings that people read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import NamedNode

from kg.finding import Finding, Severity
from kg.gate import Origins
from kg.graph import Node
from kg.namespaces import SH
from kg.shacl import Result, Shapes
from kg.shacl.paths import read as read_path

_SEVERITY: Final[Mapping[Node, Severity]] = {
    SH.Violation: Severity.VIOLATION,
    SH.Warning: Severity.WARNING,
    SH.Info: Severity.INFO,
}


def finding(result: Result, shapes: Shapes, origins: Origins, graph: NamedNode | None) -> Finding:
    """A result, with the place that caused it; of one graph, or with None of all."""
    path = None if result.path is None else read_path(shapes.graph, result.path)
    named = result.path.value if isinstance(result.path, NamedNode) else None
    focus = result.focus.value if isinstance(result.focus, NamedNode) else ""
    at, field = origins(focus, named, graph, result.value)
    component = result.component.value.rpartition("#")[2]
    return Finding(
        {text.language or "en": text.value for text in result.messages} or _plain(component),
        _SEVERITY.get(result.severity, Severity.VIOLATION),
        at=at,
        field=field,
        focus_node=result.focus,
        path=named or (None if path is None else str(path)),
        value=result.value,
        shape=result.shape.value if isinstance(result.shape, NamedNode) else str(result.shape),
        component=component,
    )


def left_to_pyshacl(beyond: Iterable[NamedNode]) -> Finding:
    """That the shapes use features that are not compiled."""
    names = ", ".join(sorted(f"sh:{one.value.rpartition('#')[2]}" for one in beyond))
    return Finding(
        {
            "bg": f"Проверено е с pySHACL, което е по-бавно: формите ползват {names}.",
            "en": f"This was checked with pySHACL, which is slower: the shapes use {names}.",
        },
        Severity.INFO,
        component="Engine",
    )


def _plain(component: str) -> Mapping[str, str]:
    """What is said where a shape says nothing itself."""
    name = component.removesuffix("ConstraintComponent")
    return {"bg": f"Стойността не отговаря на изискването „{name}“.", "en": f"The value does not meet „{name}“."}
