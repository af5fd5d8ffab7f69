"""What shapes demand, in their own messages, by the things that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from kg.graph import Node, Subject
from kg.namespaces import SH
from kg.publish.vocabulary.terms import Vocabulary

_BELOW: Final = (SH.property, SH.sparql, SH.term("not"), SH.term("node"))
_TARGETS: Final = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)


@dataclass(frozen=True, slots=True)
class Rules:
    """What is demanded of the things of a class, or of those that have a property."""

    about: NamedNode
    name: str
    must: tuple[str, ...]
    should: tuple[str, ...]


def told(triples: Iterable[Triple], vocabulary: Vocabulary, language: str) -> Sequence[Rules]:
    """The rules by the names of what they are about."""
    said: dict[Subject, dict[NamedNode, list[Node]]] = {}
    for one in triples:
        said.setdefault(one.subject, {}).setdefault(one.predicate, []).append(one.object)
    found: dict[NamedNode, tuple[set[str], set[str]]] = {}
    for node, about in said.items():
        targets = [one for target in _TARGETS for one in about.get(target, ()) if isinstance(one, NamedNode)]
        for target in targets:
            must, should = found.setdefault(target, (set(), set()))
            for text, severe in _messages(said, node, language, frozenset()):
                (must if severe else should).add(text)
    terms = vocabulary.by_iri
    rules = (
        Rules(
            target,
            (terms[target].labels.get(language) if target in terms else None) or target.value,
            tuple(sorted(must)),
            tuple(sorted(should)),
        )
        for target, (must, should) in found.items()
        if must or should
    )
    return sorted(rules, key=lambda one: (one.name.casefold(), one.about.value))


def _messages(
    said: dict[Subject, dict[NamedNode, list[Node]]], node: Node, language: str, above: frozenset[Node]
) -> Iterable[tuple[str, bool]]:
    """The messages of a shape and of those in it, and whether they refuse."""
    if isinstance(node, Literal) or node in above:
        return
    about = said.get(node, {})
    severe = all(one in {SH.Violation} for one in about.get(SH.severity, ()))
    for text in about.get(SH.message, ()):
        if isinstance(text, Literal) and text.language == language:
            yield text.value, severe
    for property in _BELOW:
        for one in about.get(property, ()):
            yield from _messages(said, one, language, above | {node})
