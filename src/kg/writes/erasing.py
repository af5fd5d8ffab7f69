"""Someone or something erased: from the graph, with the names that texts call it by, and where files still hold it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from kg.entry import Locator
from kg.errors import ParameterError
from kg.iris import Iris
from kg.load import Load
from kg.namespaces import MKG, RDF, RDFS, SKOS
from kg.origins import Written
from kg.pipeline import Domain, content
from kg.store import erasure
from kg.store.embedded import EmbeddedStore

_SHORTEST = 5
"""Characters of a text to erase."""
_NAMES = frozenset({SKOS.prefLabel, SKOS.altLabel, RDFS.label})


@dataclass(frozen=True, slots=True)
class Erased:
    """The releases that were rewritten, and the places in files outside of the home that still hold it."""

    releases: tuple[int, ...]
    texts: tuple[str, ...]  # the names that were erased with it
    places: tuple[Locator, ...]


def erase(
    store: EmbeddedStore, domain: Domain, node: NamedNode, *, texts: Collection[str] = (), agent: str, reason: str
) -> Erased:
    """Erases what mentions a thing or one of the texts; of a person also what mentions one of its full names.

    Raises ParameterError for a reason with personal data and for a text that too much has in it, NotFoundError, and
    StoreError when the home still holds it.
    """
    domain.watch.personal.refuse(reason)
    for text in texts:
        if len(text.strip()) < _SHORTEST:
            raise ParameterError(
                f"{text!r} is too short: every text with it would be erased; write at least {_SHORTEST} characters",
                f"„{text}“ е твърде кратко: ще се заличат всички текстове с него; напишете поне {_SHORTEST} знака",
            )
    named = tuple(sorted({*texts, *_names(store, domain, node)}))
    places = tuple(sorted(set(_places(store, domain, node, named)), key=lambda at: at.key))
    return Erased(erasure.erase(store, [node], agent=agent, reason=reason, texts=named), named, places)


def _names(store: EmbeddedStore, domain: Domain, node: NamedNode) -> Iterator[str]:
    """The names of two words or more that a person has or had."""
    steps = [store.changes(manifest.number) for manifest in store.manifests()]
    said = [quad for step in steps for quad in step.added if quad.subject == node]
    classes = {quad.object.value for quad in said if quad.predicate == RDF.type and isinstance(quad.object, NamedNode)}
    if not any(MKG.Person.value in domain.context.hints.superclasses(one) for one in classes):
        return
    for quad in said:
        if quad.predicate in _NAMES and isinstance(quad.object, Literal) and len(quad.object.value.split()) > 1:
            yield quad.object.value


def _places(store: EmbeddedStore, domain: Domain, node: NamedNode, texts: Collection[str]) -> Iterator[Locator]:
    """Where the files that were loaded state it: they lie outside of the home, and hold it still."""
    release = store.current()
    if release is None:
        return
    iris = Iris(store.base)
    written, concerned = Written(Load((), {}), domain.context, iris, release), erasure.mentions([node], texts)
    for graph in content(release, iris):
        for quad in release.quads(None, None, None, graph):
            if concerned(quad) and isinstance(quad.subject, NamedNode):
                at, _ = written(quad.subject.value, quad.predicate.value, graph, quad.object)
                if at is not None:
                    yield at
