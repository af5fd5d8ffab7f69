"""A person's decision about two entries as the next release: they are one thing, or two."""

from __future__ import annotations

from pyoxigraph import NamedNode

from kg.errors import ConflictError, NotFoundError, ParameterError
from kg.gate.duplicates import told
from kg.gate.duplicates.decisions import Verdict, decision, replacement
from kg.gate.stated import stated
from kg.graph import View
from kg.iris import Iris
from kg.namespaces import RDF
from kg.pipeline import Clock, Domain, now
from kg.store.port import Release, Store
from kg.writes.reasons import check_reason


def decide(
    verdict: Verdict,
    one: str,
    other: str,
    *,
    store: Store,
    domain: Domain,
    agent: str,
    reason: str,
    clock: Clock = now,
) -> Release:
    """The release that keeps the decision: `one` is the same as `other`, which stays; or the two are different.

    A later decision about the two takes the place of an earlier one. Raises NotFoundError for an id that nothing
    describes, ParameterError for a reason that says nothing or names somebody, and for things that cannot be one,
    ConflictError when `other` was itself merged into `one`.
    """
    check_reason(reason, domain.watch.personal)
    iris = Iris(store.base)
    left, right = iris.entity(one), iris.entity(other)
    if left == right:
        raise ParameterError("name two different entries", "посочете два различни записа")
    with store.draft() as draft:
        classes = [_classes(draft, node, iris) for node in (left, right)]
        kinds = domain.watch.duplicates.judge.kinds
        found = [kinds.of(each) for each in classes]
        if verdict is Verdict.SAME and (found[0] is None or found[1] is None or found[0].root != found[1].root):
            raise ParameterError(
                f"{one} and {other} are entries of different types and cannot be the same",
                f"{one} и {other} са записи от различен тип и не може да са едно и също",
            )
        if verdict is Verdict.SAME and replacement(draft, right, iris) == left and _settled(draft, right, left, iris):
            raise ConflictError(
                f"{other} was merged into another entry that ends in {one}; decide about that one first",
                f"{other} вече е обединен със запис, който води към {one}; първо решете за него",
            )
        draft.apply(decision(draft, verdict, left, right, iris=iris, agent=agent, reason=reason, at=clock()))
        return draft.seal(agent=agent, activity=f"duplicates --{verdict} {one} {other}")


def _classes(view: View, node: NamedNode, iris: Iris) -> list[NamedNode]:
    found = [quad.object for quad in stated(view, node, RDF.type) if isinstance(quad.object, NamedNode)]
    if not found:
        raise NotFoundError(f"nothing describes {told(node, iris)}", f"няма запис „{told(node, iris)}“")
    return found


def _settled(view: View, one: NamedNode, other: NamedNode, iris: Iris) -> bool:
    """Whether the way from one to the other leads over others; a direct one is simply decided anew."""
    return not any(True for _ in view.quads(one, Verdict.SAME.property, other, iris.meta))
