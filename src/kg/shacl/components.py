"""The constraint components of SHACL Core (§4), each compiled to a check in Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol, TypeAlias

from pyoxigraph import Literal, NamedNode

from kg.errors import QueryError
from kg.graph import Node
from kg.namespaces import SH, XSD
from kg.shacl import terms
from kg.shacl.checks import All, Count, Each, looks_further, remembered
from kg.shacl.data import Data
from kg.shacl.kinds import NONE, Demands, Kind, fewest, together
from kg.shacl.paths import items
from kg.shacl.shape import Check, Found, Run, Shape

TRUE: Final = Literal("true", datatype=XSD.boolean)


class Reader(Protocol):
    """Where shapes are looked up."""

    @property
    def graph(self) -> Data:
        """The shapes graph."""

    def shape(self, node: Node) -> Shape:
        """The shape of this node; it need not be complete yet."""

    def siblings(self, shape: Node) -> list[Shape]:
        """The other qualified value shapes beside those of a property shape (SHACL §4.7.3)."""


Compile: TypeAlias = Callable[[Reader, Shape, Sequence[Node]], Iterator[Check]]
"""Checks of a shape, from the values that one parameter has there. Raises QueryError for ill-formed ones."""


# Value types (§4.1)


def _class(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    for cls in parameters:
        yield Each(
            SH.ClassConstraintComponent,
            lambda run, value, cls=cls: run.classes.has(value, cls),  # type: ignore[misc]
            lambda kind, cls=cls: NONE if kind.is_a(cls) else None,  # type: ignore[misc]
            looks=True,
        )


def _datatype(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    for datatype in parameters:

        def fits(run: Run, value: Node, datatype: Node = datatype) -> bool:
            return type(value) is Literal and value.datatype == datatype and terms.is_well_formed(value)

        yield Each(SH.DatatypeConstraintComponent, fits)


_KINDS: Final[Mapping[Node, tuple[bool, bool, bool]]] = {
    SH.IRI: (True, False, False),
    SH.BlankNode: (False, True, False),
    SH.Literal: (False, False, True),
    SH.BlankNodeOrIRI: (True, True, False),
    SH.IRIOrLiteral: (True, False, True),
    SH.BlankNodeOrLiteral: (False, True, True),
}


def _node_kind(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    for kind in parameters:
        if kind not in _KINDS:
            raise _ill_formed(shape, SH.nodeKind, kind)
        iri, blank, literal = _KINDS[kind]

        def fits(run: Run, value: Node, iri: bool = iri, blank: bool = blank, literal: bool = literal) -> bool:
            if terms.is_iri(value):
                return iri
            return literal if terms.is_literal(value) else blank and terms.is_blank(value)

        yield Each(SH.NodeKindConstraintComponent, fits)


# Cardinality (§4.2)


def _min_count(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    for least in _numbers(shape, SH.minCount, parameters):
        yield Count(SH.MinCountConstraintComponent, least)


def _max_count(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    for most in _numbers(shape, SH.maxCount, parameters):
        yield Count(SH.MaxCountConstraintComponent, most=most)


# Ranges (§4.3) and strings (§4.4)


def _range(name: str) -> Compile:
    component = SH.term(f"{name[0].upper()}{name[1:]}ConstraintComponent")
    lower, or_equal = name.startswith("min"), name.endswith("Inclusive")

    def compile(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
        for limit in parameters:

            def fits(run: Run, value: Node, limit: Node = limit) -> bool:
                first, second = (limit, value) if lower else (value, limit)
                return terms.less(first, second, or_equal=or_equal)

            yield Each(component, fits)

    return compile


def _min_length(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    for least in _numbers(shape, SH.minLength, parameters):

        def fits(run: Run, value: Node, least: int = least) -> bool:
            return (least == 0 and not terms.is_blank(value)) or len(terms.text(value) or "") >= max(least, 1)

        yield Each(SH.MinLengthConstraintComponent, fits)


def _max_length(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    for most in _numbers(shape, SH.maxLength, parameters):

        def fits(run: Run, value: Node, most: int = most) -> bool:
            text = terms.text(value)
            return text is not None and len(text) <= most

        yield Each(SH.MaxLengthConstraintComponent, fits)


def _pattern(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    flags = "".join(terms.text(one) or "" for one in reader.graph.objects(shape.node, SH.flags))
    for source in parameters:
        try:
            matches = terms.pattern(terms.text(source) or "", flags)
        except ValueError as error:
            raise _ill_formed(shape, SH.pattern, source) from error

        def fits(run: Run, value: Node, matches: Callable[[str], bool] = matches) -> bool:
            text = terms.text(value)
            return text is not None and matches(text)

        yield Each(SH.PatternConstraintComponent, fits)


def _language_in(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    for head in parameters:
        ranges = [terms.text(one) or "" for one in items(reader.graph, head)]

        def fits(run: Run, value: Node, ranges: list[str] = ranges) -> bool:
            tag = value.language if type(value) is Literal else None
            return bool(tag) and any(terms.matches_language(tag or "", one) for one in ranges)

        yield Each(SH.LanguageInConstraintComponent, fits)


def _unique_lang(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    if TRUE not in parameters:
        return

    def against(run: Run, focus: Node, values: Sequence[Node]) -> Iterator[Found]:
        if len(values) > 1:
            tags = Counter(one.language.lower() for one in values if type(one) is Literal and one.language)
            for count in tags.values():
                if count > 1:
                    yield Found()

    yield All(SH.UniqueLangConstraintComponent, against, idle=1)


# Pairs of properties (§4.5)


def _equals(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    for property in _properties(shape, SH.equals, parameters):

        def against(run: Run, focus: Node, values: Sequence[Node], property: NamedNode = property) -> Iterator[Found]:
            others = run.data.objects(focus, property)
            yield from (Found(one) for one in values if one not in others)
            yield from (Found(one) for one in others if one not in values)

        yield All(SH.EqualsConstraintComponent, against)


def _disjoint(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    for property in _properties(shape, SH.disjoint, parameters):

        def against(run: Run, focus: Node, values: Sequence[Node], property: NamedNode = property) -> Iterator[Found]:
            others = run.data.objects(focus, property)
            yield from (Found(one) for one in values if one in others)

        yield All(SH.DisjointConstraintComponent, against, idle=0, other=property)


def _less_than(name: str) -> Compile:
    component, or_equal = SH.term(f"{name[0].upper()}{name[1:]}ConstraintComponent"), name.endswith("OrEquals")

    def in_order(value: Node, other: Node) -> bool:
        return terms.less(value, other, or_equal=or_equal)

    def compile(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
        for property in _properties(shape, SH.term(name), parameters):

            def against(
                run: Run, focus: Node, values: Sequence[Node], property: NamedNode = property
            ) -> Iterator[Found]:
                if values:
                    others = run.data.objects(focus, property)
                    for one in values:
                        yield from (Found(one) for other in others if not in_order(one, other))

            yield All(component, against, idle=0, other=property, agree=in_order)

    return compile


# Logic (§4.6) and shapes (§4.7)


def _not(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    for node in parameters:
        inner = reader.shape(node)
        yield Each(
            SH.NotConstraintComponent,
            remembered(lambda run, value, inner=inner: not inner.conforms(run, value)),  # type: ignore[misc]
            inner.breach,
            looks=True,
        )


def _several(
    component: NamedNode,
    holds: Callable[[Sequence[Shape], Run, Node], bool],
    of_kind: Callable[[Iterator[Demands | None]], Demands | None] = lambda parts: None,
) -> Compile:
    def compile(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
        for head in parameters:
            inner = sorted(map(reader.shape, items(reader.graph, head)), key=looks_further)  # the quick ones first

            def fits(run: Run, value: Node, inner: Sequence[Shape] = inner) -> bool:
                return holds(inner, run, value)

            def by_kind(kind: Kind, inner: Sequence[Shape] = inner) -> Demands | None:
                return of_kind(one.demands(kind) for one in inner)

            looks = any(map(looks_further, inner))
            yield Each(component, remembered(fits) if looks else fits, by_kind, looks)

    return compile


def _all(shapes: Sequence[Shape], run: Run, value: Node) -> bool:
    for shape in shapes:  # noqa: SIM110 (quicker than `all`, and asked most often)
        if not shape.conforms(run, value):
            return False
    return True


def _any(shapes: Sequence[Shape], run: Run, value: Node) -> bool:
    for shape in shapes:  # noqa: SIM110 (likewise)
        if shape.conforms(run, value):
            return True
    return False


def _exactly_one(shapes: Sequence[Shape], run: Run, value: Node) -> bool:
    return sum(shape.conforms(run, value) for shape in shapes) == 1


def _node(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    for node in parameters:
        inner = reader.shape(node)
        yield Each(
            SH.NodeConstraintComponent,
            remembered(lambda run, value, inner=inner: inner.conforms(run, value)),  # type: ignore[misc]
            inner.demands,
            looks=True,
        )


def _qualified(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    said = reader.graph.out(shape.node)
    apart = TRUE in said.get(SH.qualifiedValueShapesDisjoint, ())
    for node in parameters:
        wanted, others = reader.shape(node), reader.siblings(shape.node) if apart else []

        def count(run: Run, values: Sequence[Node], wanted: Shape = wanted, others: list[Shape] = others) -> int:
            return sum(
                wanted.conforms(run, value) and not any(other.conforms(run, value) for other in others)
                for value in values
            )

        for least in _numbers(shape, SH.qualifiedMinCount, said.get(SH.qualifiedMinCount, ())):

            def too_few(
                run: Run,
                focus: Node,
                values: Sequence[Node],
                least: int = least,
                count: Callable[[Run, Sequence[Node]], int] = count,
            ) -> Iterator[Found]:
                if count(run, values) < least:
                    yield Found()

            yield All(SH.QualifiedMinCountConstraintComponent, too_few)
        for most in _numbers(shape, SH.qualifiedMaxCount, said.get(SH.qualifiedMaxCount, ())):

            def too_many(
                run: Run,
                focus: Node,
                values: Sequence[Node],
                most: int = most,
                count: Callable[[Run, Sequence[Node]], int] = count,
            ) -> Iterator[Found]:
                if count(run, values) > most:
                    yield Found()

            yield All(SH.QualifiedMaxCountConstraintComponent, too_many)


# Others (§4.8)


def _closed(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    if TRUE not in parameters:
        return
    said = reader.graph.out(shape.node)
    known = {
        path
        for property in said.get(SH.property, ())
        for path in reader.graph.objects(property, SH.path)
        if terms.is_iri(path)
    }
    for head in said.get(SH.ignoredProperties, ()):
        known.update(items(reader.graph, head))

    def against(run: Run, focus: Node, values: Sequence[Node]) -> Iterator[Found]:
        for value in values:
            for property, objects in run.data.out(value).items():
                if property not in known:
                    yield from (Found(one, property) for one in objects)

    yield All(SH.ClosedConstraintComponent, against)


def _has_value(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    for wanted in parameters:

        def against(run: Run, focus: Node, values: Sequence[Node], wanted: Node = wanted) -> Iterator[Found]:
            if wanted not in values:
                yield Found()

        def is_other(run: Run, value: Node, wanted: Node = wanted) -> bool:
            return value != wanted

        yield All(SH.HasValueConstraintComponent, against, missing=is_other, wanted=wanted)


def _in(reader: Reader, shape: Shape, parameters: Sequence[Node]) -> Iterator[Check]:
    for head in parameters:
        allowed = frozenset(items(reader.graph, head))
        yield Each(SH.InConstraintComponent, lambda run, value, allowed=allowed: value in allowed)  # type: ignore[misc]


CORE: Final[Mapping[NamedNode, Compile]] = {
    SH.term("class"): _class,
    SH.datatype: _datatype,
    SH.nodeKind: _node_kind,
    SH.minCount: _min_count,
    SH.maxCount: _max_count,
    SH.minExclusive: _range("minExclusive"),
    SH.minInclusive: _range("minInclusive"),
    SH.maxExclusive: _range("maxExclusive"),
    SH.maxInclusive: _range("maxInclusive"),
    SH.minLength: _min_length,
    SH.maxLength: _max_length,
    SH.pattern: _pattern,
    SH.languageIn: _language_in,
    SH.uniqueLang: _unique_lang,
    SH.equals: _equals,
    SH.disjoint: _disjoint,
    SH.lessThan: _less_than("lessThan"),
    SH.lessThanOrEquals: _less_than("lessThanOrEquals"),
    SH.term("not"): _not,
    SH.term("and"): _several(SH.AndConstraintComponent, _all, together),
    SH.term("or"): _several(SH.OrConstraintComponent, _any, fewest),
    SH.xone: _several(SH.XoneConstraintComponent, _exactly_one),
    SH.node: _node,
    SH.qualifiedValueShape: _qualified,
    SH.closed: _closed,
    SH.hasValue: _has_value,
    SH.term("in"): _in,
}
"""By parameter; `sh:property` is the shape's own, and flags, counts and ignored properties are read beside theirs."""


def _numbers(shape: Shape, parameter: NamedNode, values: Sequence[Node]) -> Iterator[int]:
    for value in values:
        if type(value) is not Literal or value.datatype != XSD.integer or not terms.is_well_formed(value):
            raise _ill_formed(shape, parameter, value)
        yield int(value.value)


def _properties(shape: Shape, parameter: NamedNode, values: Sequence[Node]) -> Iterator[NamedNode]:
    for value in values:
        if not isinstance(value, NamedNode):
            raise _ill_formed(shape, parameter, value)
        yield value


def _ill_formed(shape: Shape, parameter: NamedNode, value: Node) -> QueryError:
    name = f"sh:{parameter.value.rpartition('#')[2]}"
    return QueryError(
        f"the shape {shape.node} has a {name} that cannot be read: {value}",
        f"Формата {shape.node} има {name}, което не може да се прочете: {value}",
    )
