"""Someone or something erased: from the graph, with the names that texts call it by, and where files still hold it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from kg.entry import Locator
from kg.errors import ParameterError
from kg.iris import Iris
from kg.load import Load
from kg.load.completed import stem
from kg.load.holding import holding, lying
from kg.namespaces import MKG, RDF, RDFS, SKOS
from kg.origins import Written
from kg.pipeline import Domain, content
from kg.store import erasure
from kg.store.embedded import EmbeddedStore
from kg.store.renaming import Renaming
from kg.writes.reasons import check_reason

_SHORTEST = 5
"""Characters of a text to erase."""
_NAMES = frozenset({SKOS.prefLabel, SKOS.altLabel, RDFS.label})
_EXAMPLE = ("request 12 of 3.5.2026, GDPR art. 17", "молба № 12 от 3.5.2026 г., чл. 17 ОРЗД")


@dataclass(frozen=True, slots=True)
class Erased:
    """The releases that were rewritten, and what of it is left for people to do."""

    releases: tuple[int, ...]
    texts: tuple[str, ...]  # the names that were erased with it
    places: tuple[Locator, ...]  # lines and cells that still hold it, in files outside of the home
    entries: tuple[Locator, ...]  # where entries begin that still hold it, in files that were not found
    renamed: Mapping[str, str]  # entries that were called by it: their new ids by the old ones
    held: tuple[str, ...]  # addresses that hold it still


def erase(
    store: EmbeddedStore,
    domain: Domain,
    node: NamedNode,
    *,
    texts: Collection[str] = (),
    files: Sequence[Path] = (),
    agent: str,
    reason: str,
) -> Erased:
    """Erases what mentions a thing or one of the texts; of a person also what mentions one of its full names.

    What is called by such a name gets another id. `files` are the files and folders in which the lines that still hold
    it are looked for. Raises ParameterError for a reason that says too little or holds personal data, and for a text
    that too much has in it, NotFoundError, and StoreError when the home still holds it.
    """
    check_reason(reason, domain.watch.personal, option="--reason", example=_EXAMPLE)
    for text in texts:
        if len(text.strip()) < _SHORTEST:
            raise ParameterError(
                f"{text!r} is too short: every text with it would be erased; write at least {_SHORTEST} characters",
                f"„{text}“ е твърде кратко: ще се заличат всички текстове с него; напишете поне {_SHORTEST} знака",
            )
    names = set(_names(store, domain, node))
    named = tuple(sorted({*texts, *names}))
    if (told := erasure.pattern(named)) is not None and told.search(reason):
        raise ParameterError(
            "the reason holds what is to be erased, and is kept in the open; write it without",
            "в мотива стои това, което ще се заличи, а той остава видим за всички; напишете го без него",
        )
    iris = Iris(store.base)
    id = iris.id(node)
    recorded = frozenset(_recorded(store))
    entries = sorted(set(_entries(store, domain, node, named)), key=lambda at: at.key)
    words = [id.partition("/")[2]] if id and names and "-" in id else []
    renaming = Renaming.of([*named, *words])
    releases = erasure.erase(
        store, _everywhere(store, node), agent=agent, reason=reason, texts=named, renaming=renaming
    )
    found = [*lying(recorded, files)]
    wanted = _written([*([id] if id else [node.value]), *renaming.ids], named)
    places = [at for path in found for at in holding(path, wanted)]
    known = {stem(Path(at.file).name) for at in places}
    left = [at for at in entries if stem(at.file) not in known]
    return Erased(releases, named, tuple(places), tuple(left), renaming.ids, renaming.held)


def _everywhere(store: EmbeddedStore, node: NamedNode) -> list[NamedNode]:
    """The thing under each base that the graph has or had."""
    path = node.value.removeprefix(store.base)
    if path == node.value:
        return [node]
    return [NamedNode(base + path) for base in sorted({store.base, *(one.base for one in store.manifests())})]


def _names(store: EmbeddedStore, domain: Domain, node: NamedNode) -> Iterator[str]:
    """The names of two words or more that a person has or had."""
    nodes = _everywhere(store, node)
    steps = [store.changes(manifest.number) for manifest in store.manifests()]
    said = [quad for step in steps for quad in step.added if quad.subject in nodes]
    classes = {quad.object.value for quad in said if quad.predicate == RDF.type and isinstance(quad.object, NamedNode)}
    if not any(MKG.Person.value in domain.context.hints.superclasses(one) for one in classes):
        return
    for quad in said:
        if quad.predicate in _NAMES and isinstance(quad.object, Literal) and len(quad.object.value.split()) > 1:
            yield quad.object.value


def _recorded(store: EmbeddedStore) -> Iterator[str]:
    """The names of the files that were loaded, in whatever release."""
    for manifest in store.manifests():
        for quad in store.changes(manifest.number).added:
            if quad.predicate in (MKG.file, MKG.amendedBy) and isinstance(quad.object, Literal):
                yield quad.object.value


def _entries(store: EmbeddedStore, domain: Domain, node: NamedNode, texts: Collection[str]) -> Iterator[Locator]:
    """Where the entries of the files that were loaded begin that state it: the files lie outside of the home."""
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


def _written(ids: Collection[str], texts: Collection[str]) -> re.Pattern[str]:
    """Finds these ids and texts as files hold them."""
    named = erasure.pattern(texts)
    called = "|".join(rf"(?<![\w-]){re.escape(id)}(?![\w-])" for id in sorted(ids, key=len, reverse=True))
    return re.compile(f"{called}|{named.pattern}" if named else called, re.IGNORECASE)
