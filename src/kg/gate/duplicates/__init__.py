"""Likely duplicates: entries that may describe one thing twice. They are asked about and never refused.

What is recognised by what stands in the ontology (`mkg:namedBy`, `mkg:identifiedBy`, `mkg:placedBy` …). A load is
compared with everything that is kept, through an index of names and codes, and never everything with everything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode

from kg.context import Context
from kg.finding import Finding, Severity
from kg.gate import Origin, Origins, Touched, nowhere
from kg.gate.duplicates.decisions import decided, replacement
from kg.gate.duplicates.index import Index
from kg.gate.duplicates.kinds import Kinds
from kg.gate.duplicates.likeness import Judge, Likeness
from kg.gate.duplicates.naming import Naming
from kg.gate.duplicates.profiles import Profile, Reader
from kg.gate.stated import stated
from kg.graph import Changes, Subject, View
from kg.iris import Iris
from kg.namespaces import DCT, RDF

_MANY: Final = 500
"""From how many changed entries on, comparing everything is faster than looking around each of them."""
_CROWDED: Final = 2_000
"""So many things in one place are looked at for a near name."""
COMPONENT = "LikelyDuplicate"
MERGED = "MergedEntry"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries that may be one; the first of them is the one that a load brings."""

    one: Profile
    other: Profile
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Before:
    """The release that a draft began as."""

    view: View
    number: int
    digest: str
    since: Callable[[int, str], Changes | None]
    """What lies between it and an older release of this number and digest; None when that is no more."""


class Duplicates:
    """Finds likely duplicates; remembers the index of the latest release between loads."""

    def __init__(self, ontology: Path, context: Context) -> None:
        self._folder = ontology
        self._context = context
        self._index = Index()
        self._of: tuple[int, str] | None = None  # the release that the index is of

    @cached_property
    def judge(self) -> Judge:
        hints = self._context.hints
        reader = Reader(Kinds(hints), Naming.read(self._folder / "names"))

        return Judge(reader, self._context.label)

    def pairs(self, view: View, iris: Iris, among: Collection[NamedNode] | None = None) -> tuple[Pair, ...]:
        """All pairs of a view that nobody has decided about, the likeliest first; with one of these things in them."""
        reader, settled = self.judge.reader, decided(view, iris)
        profiles = {profile.node: profile for profile in reader.everything(view)}
        index = Index((node, key) for node, profile in profiles.items() for key in profile.blocks)
        found: list[Pair] = []
        for one, other in index.pairs():
            if among is not None and one not in among:
                one, other = other, one
            if frozenset({one, other}) in settled or (among is not None and one not in among):
                continue
            if likeness := self.judge.likeness(view, profiles[one], profiles[other], profiles):
                found.append(Pair(profiles[one], profiles[other], likeness))
        return tuple(sorted(found, key=lambda pair: (-pair.likeness.score, pair.one.node.value, pair.other.node.value)))

    def check(
        self, view: View, touched: Touched | None, iris: Iris, before: Before | None, origins: Origins = nowhere
    ) -> Iterator[Finding]:
        """Warnings about what was touched (about everything, when None): likely duplicates, and what was merged."""
        if touched is None or before is None:
            for pair in self.pairs(view, iris):
                yield self.finding(view, pair, iris, origins)
        else:
            for pair in self._new(view, touched, iris, before):
                yield self.finding(view, pair, iris, origins)
        nodes = None if touched is None else touched.subjects
        yield from self._merged(view, nodes, iris, origins)

    def _new(self, view: View, touched: Touched, iris: Iris, before: Before) -> Iterator[Pair]:
        """The pairs in which one entry is recognised by something else than before."""
        reader = self.judge.reader
        profiles: dict[NamedNode, Profile] = {}
        for node in sorted(touched.subjects, key=str):
            profile = reader.profile(view, node) if isinstance(node, NamedNode) else None
            if profile is not None and profile != reader.profile(before.view, profile.node):
                profiles[profile.node] = profile
        if len(profiles) > _MANY:
            yield from self.pairs(view, iris, profiles.keys())
            return
        if not profiles:
            return
        settled, kept = decided(view, iris), self._known(before)
        fresh = Index((node, key) for node, profile in profiles.items() for key in profile.keys)
        asked: set[frozenset[NamedNode]] = set()
        for node, profile in profiles.items():
            keys = profile.keys
            others = kept.sharing(keys) | fresh.sharing(keys) | _beside(view, profile)
            for other in sorted(others - {node}, key=str):
                pair = frozenset({node, other})
                if pair in settled or pair in asked:
                    continue
                asked.add(pair)
                far = profiles.get(other) or reader.profile(view, other)
                if far is not None and (likeness := self.judge.likeness(view, profile, far, profiles)):
                    yield Pair(profile, far, likeness)

    def _known(self, before: Before) -> Index:
        """The index of a release, made of that of an older one where there is one."""
        reader, of = self.judge.reader, (before.number, before.digest)
        if self._of == of:
            return self._index
        changes = before.since(*self._of) if self._of else None
        if changes is None:
            self._index = Index(reader.keys(before.view))
        else:
            looked_at = reader.kinds.properties
            quads = [quad for quad in (*changes.added, *changes.removed) if quad.predicate in looked_at]
            for node in {quad.subject for quad in quads if isinstance(quad.subject, NamedNode)}:
                if (profile := reader.profile(before.view, node)) is not None:
                    for key in profile.keys:
                        self._index.add(node, key)
        self._of = of
        return self._index

    def finding(self, view: View, pair: Pair, iris: Iris, origins: Origins) -> Finding:
        """The warning about a pair of a view."""
        at, field = _called_at(view, pair.one, origins)
        there, _ = origins(pair.other.node.value, None)
        one, other = told(pair.one.node, iris), told(pair.other.node, iris)
        names = f"„{pair.one.called}“ ({one})", f"„{pair.other.called}“ ({other}{f', {there}' if there else ''})"
        bg = "; ".join(reason.bg for reason in pair.likeness.reasons)
        en = "; ".join(reason.en for reason in pair.likeness.reasons)
        score = f"{pair.likeness.score:.0%}"
        command = f"kg duplicates --different {one} {other} --why …"
        return Finding(
            {
                "bg": f"{names[0]} и {names[1]} вероятно са едно и също (сходство {score}): {bg}. "
                f"Ако са едно, ползвайте само единия запис; ако са две неща, кажете го веднъж с {command}",
                "en": f"{names[0]} and {names[1]} are probably one and the same (likeness {score}): {en}. "
                f"If they are, use one of the entries only; if they are two things, say so once with {command}",
            },
            Severity.WARNING,
            at=at,
            field=field,
            focus_node=pair.one.node,
            value=pair.other.node,
            component=COMPONENT,
            cause={
                "bg": "Вероятно записът вече го има под друг идентификатор.",
                "en": "The entry is probably there already, under another id.",
            },
        )

    def _merged(self, view: View, nodes: Collection[Subject] | None, iris: Iris, origins: Origins) -> Iterator[Finding]:
        """Warnings where something is still described or named that was decided to be another."""
        merged = {quad.subject for quad in view.quads(None, DCT.isReplacedBy, None, iris.meta)}
        for node in sorted(merged, key=str):
            instead = replacement(view, node, iris) if isinstance(node, NamedNode) else None
            if instead is None or not isinstance(node, NamedNode):
                continue
            using = {quad.subject: quad.predicate for quad in stated(view, None, None, node)}
            if next(stated(view, node), None) is not None:
                using[node] = RDF.type
            for subject in sorted(using, key=str):
                if (nodes is None or subject in nodes) and isinstance(subject, NamedNode):
                    path = None if subject == node else using[subject].value
                    at, field = origins(subject.value, path, None, node)
                    old, new = told(node, iris), told(instead, iris)
                    yield Finding(
                        {
                            "bg": f"решено е, че {old} е същото като {new}; пишете {new}",
                            "en": f"{old} was decided to be the same as {new}; write {new}",
                        },
                        Severity.WARNING,
                        at=at,
                        field=field,
                        focus_node=subject,
                        path=path,
                        value=node,
                        suggestion=new,
                        component=MERGED,
                    )


def _beside(view: View, profile: Profile) -> set[NamedNode]:
    """The things in the same place or whole; none where there are too many to look at each."""
    found: set[NamedNode] = set()
    for property, places in profile.places.items():
        for place in places:
            quads = islice(stated(view, None, property, place), _CROWDED + 1)
            near = {quad.subject for quad in quads if isinstance(quad.subject, NamedNode)}
            if len(near) <= _CROWDED:
                found |= near
    return found


def _called_at(view: View, profile: Profile, origins: Origins) -> Origin:
    """Where the name stands by which a thing is shown; else another name or code of it, else the thing."""
    kind, node = profile.kind, profile.node
    naming = {*kind.named_by, *kind.abbreviated_by, *kind.identified_by}
    quads = [quad for quad in stated(view, node) if quad.predicate in naming]
    quads.sort(key=lambda quad: (getattr(quad.object, "value", "") != profile.called, str(quad)))
    for quad in quads:
        if isinstance(quad.graph_name, NamedNode):
            at, field = origins(node.value, quad.predicate.value, quad.graph_name, quad.object)
            if field is not None:
                return at, field
    return origins(node.value, quads[0].predicate.value if quads else None)[0], None


def told(node: NamedNode, iris: Iris) -> str:
    """`kind/slug` where it has one."""
    return iris.id(node) or node.value
