"""Forms: what an entry of a class may say and must say, read from the context, the ontology and the shapes.

Whatever asks a person for an entry – a workbook, the schema of an editor – is made from these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

from pyoxigraph import Literal, NamedNode

from kg.context import Codes, Context, Term
from kg.expected import Told
from kg.form.limits import Limits, LimitsReader
from kg.form.wanted import Reader, Wanted
from kg.graph import Node
from kg.namespaces import MKG, SCHEMA, SH
from kg.shacl import Indexed
from kg.shacl.paths import items

EVIDENCE = MKG.evidence.value
_FOLLOWING = (SCHEMA.startDate.value, SCHEMA.endDate.value)
"""What follows from a date as it is stated."""


class Need(IntEnum):
    """How much a field is wanted: without it an entry is refused, warned of, or fine."""

    REQUIRED = 0
    RECOMMENDED = 1
    OPTIONAL = 2


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form."""

    term: Term
    need: Need
    single: bool  # one value at most; of texts, one in each language
    wanted: Wanted
    part: Form | None = None  # of what is nested in it
    limits: Limits = field(default_factory=Limits)

    @property
    def name(self) -> str:
        """The English name; `Context.aliases` has the Bulgarian one."""
        return self.term.name

    @property
    def derived(self) -> bool:
        """Whether it must be left empty, because its value is worked out."""
        return self.wanted.empty


@dataclass(frozen=True, slots=True)
class Asked:
    """Fields one of which must be there, those of the form first, and what is said when none is."""

    names: tuple[str, ...]
    told: Told | None


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of one class, in the order of the context: its own, and those that any entry may have."""

    class_name: str
    iri: str
    kind: str | None  # what ids begin with; None of what has none of its own
    own: tuple[Field, ...]
    others: tuple[Field, ...]
    asked: tuple[Asked, ...] = ()

    def field(self, name: str) -> Field | None:
        """The field of this English name."""
        return next((one for one in (*self.own, *self.others) if one.name == name), None)


@dataclass(frozen=True)
class Forms:
    """The forms of all classes. What is nested in what it is nested in has no part there."""

    context: Context
    codes: Codes
    shapes: Indexed
    _known: dict[tuple[str, tuple[str, ...]], Form] = field(default_factory=dict)

    def of(self, class_name: str, _within: tuple[str, ...] = ()) -> Form:
        """The form of a class, by its English name."""
        key = class_name, _within
        if key not in self._known:
            self._known[key] = self._read(class_name, _within)
        return self._known[key]

    def _read(self, class_name: str, within: tuple[str, ...]) -> Form:
        iri = self.context.classes[class_name]
        above = self.context.hints.superclasses(iri)
        own: list[Field] = []
        others: list[Field] = []
        for name in self.context.names:
            term = self.context.term(name, class_name)
            if term is None or term.iri == EVIDENCE:
                continue
            domain = self.context.domain(term)
            if domain & above:
                own.append(self._field(term, above, (*within, class_name)))
            elif not domain:
                others.append(self._field(term, above, (*within, class_name)))
        kind = self.context.hints.kind(iri)
        listed = [one.term for one in (*own, *others)]
        every = [term for name in self.context.names if (term := self.context.term(name, class_name))]
        asked = self._asked([*dict.fromkeys([*listed, *every])], above)
        return Form(class_name, iri, kind, tuple(own), tuple(others), tuple(asked))

    def _asked(self, terms: Sequence[Term], above: frozenset[str]) -> Iterator[Asked]:
        """What things with these classes are refused without. What is asked for under a condition only is not here."""
        for shape, properties in [*self._stating(above), *self._stating_either(above)]:
            stated = {*properties, *(MKG.dateAsStated.value for one in properties if one in _FOLLOWING)}
            names = tuple(term.name for term in terms if term.iri in stated and not term.reverse)
            if names:
                yield Asked(names, self._limits.told(shape))

    def _stating(self, above: frozenset[str]) -> Iterator[tuple[Node, list[str]]]:
        for path in self._by_path:
            if isinstance(path, NamedNode):
                for shape in self._about(path.value, above):
                    if self._least(shape) > 0 and self._limits.refuses(shape):
                        yield shape, [path.value]

    def _stating_either(self, above: frozenset[str]) -> Iterator[tuple[Node, list[str]]]:
        """Node shapes of these classes that any one of several properties fulfils, and nothing else."""
        for shape, targets, choices in self._alternatives:
            if not targets & above or self.shapes.objects(shape, SH.path):
                continue
            paths = [path.value for one in choices for path in self._stated_by(one)]
            if len(paths) == len(choices) and self._limits.refuses(shape):
                yield shape, paths

    def _stated_by(self, shape: Node) -> list[NamedNode]:
        paths = self.shapes.objects(shape, SH.path) if self._least(shape) > 0 else ()
        return [path for path in paths if isinstance(path, NamedNode)]

    def _field(self, term: Term, above: frozenset[str], within: tuple[str, ...]) -> Field:
        judging: list[Node] = []
        need = Need.OPTIONAL
        single = not term.multiple
        for shape in self._about(term.iri, above):
            said = self.shapes.out(shape)
            if self._least(shape) > 0:
                continue
            single = single or _number(said.get(SH.maxCount, ())) == 1
            judging.append(shape)
        for property in (term.iri, *(_FOLLOWING if term.iri == MKG.dateAsStated.value else ())):
            stated = [one for one in self._about(property, above) if self._least(one) > 0]
            need = min([need, *map(self._need, stated), *map(self._need, self._either(property, above))])
        wanted, limits = self._reader.together(judging, term.coercion), self._limits.read(judging, term.coercion)
        return Field(term, need, single, wanted, self._part(term, within), limits)

    def _part(self, term: Term, within: tuple[str, ...]) -> Form | None:
        if self.context.hints.nested(term.iri) is None:
            return None
        names = [self.context.class_by_iri.get(iri) for iri in sorted(self.context.hints.range(term.iri))]
        name = names[0] if len(names) == 1 else None
        return self.of(name, within) if name and name not in within else None

    def _about(self, property: str, above: frozenset[str]) -> Iterator[Node]:
        """The property shapes that judge a property of things with these classes."""
        path = NamedNode(property)
        for shape in self._by_path.get(path, ()):
            owners = [shape, *self.shapes.subjects(SH.property, shape)]
            targets = {cls for owner in owners for cls in self.shapes.objects(owner, SH.targetClass)}
            aimed = path in self.shapes.objects(shape, SH.targetSubjectsOf)
            if aimed or any(getattr(cls, "value", "") in above for cls in targets):
                yield shape

    def _either(self, property: str, above: frozenset[str]) -> Iterator[Node]:
        """Node shapes by which things with these classes must have the property, if they are nothing else instead."""
        path = NamedNode(property)
        for shape, targets, choices in self._alternatives:
            if targets & above and any(
                self._least(one) > 0 and path in self.shapes.objects(one, SH.path) for one in choices
            ):
                classes = (cls for one in choices for cls in self.shapes.objects(one, SH.term("class")))
                if not any(getattr(cls, "value", "") in above for cls in classes):
                    yield shape

    @cached_property
    def _alternatives(self) -> list[tuple[Node, set[str], list[Node]]]:
        """Node shapes with sh:or: the shape, the classes it is for, the alternatives."""
        found: list[tuple[Node, set[str], list[Node]]] = []
        for shape, head in self.shapes.pairs(SH.term("or")):
            targets = {getattr(cls, "value", "") for cls in self.shapes.objects(shape, SH.targetClass)}
            if targets:
                found.append((shape, targets, [*items(self.shapes, head)]))
        return found

    def _need(self, shape: Node) -> Need:
        return Need.RECOMMENDED if SH.Warning in self.shapes.objects(shape, SH.severity) else Need.REQUIRED

    def _least(self, shape: Node) -> int:
        return _number(self.shapes.objects(shape, SH.minCount))

    @cached_property
    def _by_path(self) -> dict[Node, list[Node]]:
        found: dict[Node, list[Node]] = {}
        for shape, path in sorted(self.shapes.pairs(SH.path), key=lambda pair: str(pair[0])):
            found.setdefault(path, []).append(shape)
        return found

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.shapes, self.context, self.codes)

    @cached_property
    def _limits(self) -> LimitsReader:
        return LimitsReader(self.shapes)


def _number(values: Sequence[Node]) -> int:
    return max((int(one.value) for one in values if isinstance(one, Literal)), default=-1)
