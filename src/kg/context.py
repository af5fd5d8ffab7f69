"""The second waist: one JSON-LD context maps fields to properties, datatypes, languages and code lists.

`ontology/context.jsonld` is the whole mapping; the ontology adds hints (what a field may point to, how a nested
node is named). A new field is a line there, and none here.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from kg.namespaces import MKG, OWL, RDF, RDFS, SCHEMA, SKOS, XSD
from kg.nearest import Nearby, nearest
from kg.text import fold

KEYWORDS = frozenset({"@id", "@type"})
_DATE = XSD.date.value


@dataclass(frozen=True, slots=True)
class Term:
    """What the context says of one field."""

    name: str
    iri: str
    coercion: str | None = None  # "@id", "@vocab" or a datatype's IRI
    language: bool = False  # a map from language tag to text
    vocabulary: str | None = None  # IRI prefix of the code list
    reverse: bool = False
    multiple: bool = False  # several values are usual, so a separator splits them

    @property
    def reference(self) -> bool:
        return self.coercion == "@id"

    @property
    def date(self) -> bool:
        return self.coercion == _DATE


class Context:
    """Terms by English name and Bulgarian alias, classes, and the ontology's hints about them."""

    def __init__(self, document: Mapping[str, Any], ontology: Iterable[Triple]) -> None:
        self.document = document
        definitions = document["@context"]
        self._prefixes = {
            name: value
            for name, value in definitions.items()
            if isinstance(value, str) and value.endswith(("#", "/", ":")) and not name.startswith("@")
        }
        self._definitions = {
            name: definition
            for name, definition in definitions.items()
            if not name.startswith("@") and name not in self._prefixes
        }
        self.hints = Hints(ontology)
        self._written: dict[str, str] = {}
        self._fields: dict[str, str | None] = {}
        self._classes: dict[str, str | None] = {}
        self.nearby = Nearby()

    @classmethod
    def read(cls, folder: Path) -> Context:
        """The context and ontology of an `ontology/` folder."""
        document = json.loads((folder / "context.jsonld").read_text(encoding="utf-8"))
        with (folder / "municipal.ttl").open("rb") as file:
            triples = [quad.triple for quad in parse(file, RdfFormat.TURTLE)]
        return cls(document, triples)

    def expand(self, compact: str) -> str:
        """The IRI of a compact name such as `mkg:Event`."""
        prefix, colon, local = compact.partition(":")
        if colon and prefix in self._prefixes and not local.startswith("//"):
            return self._prefixes[prefix] + local
        return compact

    @cached_property
    def classes(self) -> Mapping[str, str]:
        """IRI per English class name."""
        return {
            name: iri
            for name, definition in self._definitions.items()
            if name.isascii() and (iri := self._iri(definition)) and self.hints.is_class(iri)
        }

    @cached_property
    def terms(self) -> Mapping[str, Term]:
        """Fields by English name, as they are outside of any class."""
        return {
            name: self._term(name, definition)
            for name, definition in self._definitions.items()
            if name.isascii() and name not in self.classes and self._iri(definition) not in KEYWORDS
        }

    @cached_property
    def keywords(self) -> Mapping[str, str]:
        """`@id` and `@type` per field name."""
        return {name: iri for name, value in self._definitions.items() if (iri := self._iri(value)) in KEYWORDS}

    @cached_property
    def _english(self) -> Mapping[str, str]:
        """The English name per folded name or alias; fields."""
        by_meaning: dict[str, str] = {}
        scoped = [
            self._definitions[name]["@context"].items()
            for name in self.classes
            if isinstance(self._definitions[name], dict)
        ]
        definitions = [*self._definitions.items(), *itertools.chain.from_iterable(scoped)]
        fields = {*self.terms, *(field for _, field in self._scoped), "id", "type"}
        for name, definition in definitions:
            if name in fields:
                by_meaning.setdefault(json.dumps(definition, sort_keys=True), name)
        folded = {fold(name): name for name in fields}
        for name, definition in definitions:
            meaning = by_meaning.get(json.dumps(definition, sort_keys=True))
            if meaning is not None:
                folded.setdefault(fold(name), meaning)
                self._written.setdefault(fold(name), name)
        return folded

    @cached_property
    def aliases(self) -> Mapping[str, str]:
        """The Bulgarian alias per English name of a field or class."""
        result: dict[str, str] = {}
        for folded, english in [*self._english.items(), *self._class_names.items()]:
            name = self._written[folded]
            if not name.isascii():
                result[english] = name
        return result

    @cached_property
    def _class_names(self) -> Mapping[str, str]:
        by_iri = {iri: name for name, iri in self.classes.items()}
        names = {
            name: by_iri[iri]
            for name, definition in self._definitions.items()
            if (iri := self._iri(definition)) in by_iri
        }
        self._written.update({fold(name): name for name in names})
        return {fold(name): english for name, english in names.items()}

    @cached_property
    def spellings(self) -> Mapping[str, tuple[str, ...]]:
        """What the names of a field or class are when folded (`kg.text.fold`), by its English name."""
        found: dict[str, list[str]] = {}
        for folded, english in [*self._english.items(), *self._class_names.items()]:
            found.setdefault(english, []).append(folded)
        return {english: tuple(words) for english, words in found.items()}

    def field(self, name: str) -> str | None:
        """The English name of a field written in either language; None when there is no such field."""
        if name not in self._fields:
            self._fields[name] = self._english.get(fold(name))
        return self._fields[name]

    def class_name(self, name: str) -> str | None:
        """The English name of a class written in either language."""
        if name not in self._classes:
            self._classes[name] = self._class_names.get(fold(name))
        return self._classes[name]

    def part(self, names: Set[str]) -> Mapping[str, Any]:
        """The document cut down to these fields and classes: a JSON-LD processor copies it for every node.

        For nodes whose codes are written as IRIs: what leads to a code list is left out.
        """

        def kept(definition: Any) -> Any:
            if not isinstance(definition, dict) or "@context" not in definition:
                return definition
            plain = {key: value for key, value in definition.items() if key != "@context"}
            if self._iri(definition) not in self.class_by_iri:
                return plain
            scoped = {name: kept(inner) for name, inner in definition["@context"].items() if name in names}
            return {**plain, "@context": scoped} if scoped else plain

        everywhere = {name: value for name, value in self.document["@context"].items() if name not in self._definitions}
        chosen = {name: kept(value) for name, value in self._definitions.items() if name in names}
        return {"@context": everywhere | chosen}

    def like(self, name: str, *, classes: bool = False) -> tuple[str, ...]:
        """Known names that look like this one, nearest first; in the language of the one given."""
        pool = self._class_names if classes else self._english
        near = self.nearby.find(fold(name), lambda: pool, n=2, cutoff=0.6, scope=classes)
        return tuple(self._written[word] for word in near)

    def nearest(self, name: str, *, classes: bool = False) -> str | None:
        """The known field (or class) that this name is meant to be; in Bulgarian where it has a Bulgarian name.

        A name in Latin letters that is near to an English one stays English.
        """
        pool = self._class_names if classes else self._english
        found = nearest(fold(name), pool)
        if found is None:
            return None
        written = self._written[found]
        return written if written.isascii() and name.isascii() else self.aliases.get(pool[found], written)

    def label(self, iri: str, language: str) -> str:
        """What a class or property is called; its local name where the ontology has no label."""
        found = self.hints.label(iri, language)
        return found or self.class_by_iri.get(iri) or re.split("[/#]", iri)[-1]

    def term(self, field: str, class_name: str | None = None) -> Term | None:
        """The field's definition as it is for entries of this class; None when the class has no such field."""
        if class_name is not None and (own := self._scoped.get((class_name, field))):
            return own
        return self.terms.get(field)

    @cached_property
    def _scoped(self) -> Mapping[tuple[str, str], Term]:
        return {
            (name, field): self._term(field, definition)
            for name in self.classes
            if isinstance(self._definitions[name], dict)
            for field, definition in self._definitions[name].get("@context", {}).items()
            if field.isascii()
        }

    def domain(self, term: Term) -> frozenset[str]:
        """The classes that a field is for; empty where it is for all. A code may be for fewer than its property."""
        domain = self.hints.range if term.reverse else self.hints.domain
        return self.hints.identified(term.coercion or "") or domain(term.iri)

    def other_end(self, term: Term) -> Term | None:
        """The date on which ends what this one begins, or begins what it ends; None where no one field is it."""
        starts = self.hints.starts(term.iri)
        side = self.hints.ends if starts else self.hints.starts
        found = [
            one for one in self.terms.values() if one.date and side(one.iri) and self.domain(one) == self.domain(term)
        ]
        return found[0] if len(found) == 1 else None

    def fields_of(self, class_iri: str) -> tuple[str, ...]:
        """English names of the fields that are for this class."""
        return tuple(name for name, term in self.terms.items() if class_iri in self.domain(term))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """English names of all fields, those of some classes only among them, in the order of the context."""
        return tuple(dict.fromkeys([*(field for _, field in self._scoped), *self.terms]))

    @cached_property
    def class_by_iri(self) -> Mapping[str, str]:
        """English class name per IRI."""
        return {iri: name for name, iri in self.classes.items()}

    @cached_property
    def by_iri(self) -> Mapping[str, str]:
        """English field name per property, the first in the context's order; for messages."""
        result: dict[str, str] = {}
        for term in [*self.terms.values(), *self._scoped.values()]:
            result.setdefault(term.iri, term.name)
        return result

    def _iri(self, definition: object) -> str | None:
        if isinstance(definition, str):
            return self.expand(definition)
        if isinstance(definition, dict):
            iri = definition.get("@id") or definition.get("@reverse")
            return self.expand(iri) if isinstance(iri, str) else None
        return None

    def _term(self, name: str, definition: Any) -> Term:
        iri = self._iri(definition) or ""
        if not isinstance(definition, dict):
            return Term(name, iri)
        container = definition.get("@container") or []
        container = [container] if isinstance(container, str) else container
        coercion = definition.get("@type")
        vocabulary = definition.get("@context", {}).get("@vocab")
        return Term(
            name,
            iri,
            coercion=self.expand(coercion) if coercion else None,
            language="@language" in container,
            vocabulary=self.expand(vocabulary) if vocabulary else None,
            reverse="@reverse" in definition,
            multiple="@set" in container,
        )


_START, _END = SCHEMA.startDate.value, SCHEMA.endDate.value


class Hints:
    """What the ontology adds to the context: hierarchies, ranges, names of nested nodes. No inference."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        index: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._labels: dict[tuple[str, str | None], str] = {}
        self._definitions: dict[tuple[str, str | None], str] = {}
        for triple in triples:
            subject, object = triple.subject, triple.object
            if isinstance(subject, NamedNode) and isinstance(object, Literal):
                if triple.predicate == RDFS.label:
                    self._labels[subject.value, object.language] = object.value
                elif triple.predicate == SKOS.definition:
                    self._definitions[subject.value, object.language] = object.value
            if isinstance(subject, NamedNode) and isinstance(object, NamedNode | Literal):
                index[triple.predicate.value][subject.value].add(object.value)
        self._index = index
        self._closures: dict[tuple[NamedNode, str], frozenset[str]] = {}

    def _values(self, predicate: NamedNode, subject: str) -> set[str]:
        return self._index[predicate.value].get(subject, set())

    def _closure(self, predicate: NamedNode, start: str) -> frozenset[str]:
        known = self._closures.get((predicate, start))
        if known is not None:
            return known
        seen, todo = {start}, [start]
        while todo:
            for nearer in self._values(predicate, todo.pop()) - seen:
                seen.add(nearer)
                todo.append(nearer)
        self._closures[predicate, start] = frozenset(seen)
        return self._closures[predicate, start]

    def label(self, iri: str, language: str) -> str | None:
        """The label in this language (rdfs:label)."""
        return self._labels.get((iri, language))

    def definition(self, iri: str, language: str) -> str | None:
        """The definition in this language (skos:definition)."""
        return self._definitions.get((iri, language))

    def is_class(self, iri: str) -> bool:
        return bool(self._values(RDF.type, iri) & {OWL.Class.value, RDFS.Class.value})

    @cached_property
    def classes(self) -> frozenset[str]:
        """Every class that the ontology describes."""
        return frozenset(iri for iri in self._index[RDF.type.value] if self.is_class(iri))

    def marked(self, predicate: NamedNode) -> Mapping[str, frozenset[str]]:
        """What the ontology says with one of its annotations: the values per class or property."""
        return {subject: frozenset(values) for subject, values in self._index[predicate.value].items() if values}

    def superclasses(self, iri: str) -> frozenset[str]:
        """The class itself and everything above it."""
        return self._closure(RDFS.subClassOf, iri)

    def range(self, iri: str) -> frozenset[str]:
        """Classes that the property's values may have (schema:rangeIncludes)."""
        return frozenset(self._values(SCHEMA.rangeIncludes, iri))

    def domain(self, iri: str) -> frozenset[str]:
        """Classes whose entries have the property (schema:domainIncludes)."""
        return frozenset(self._values(SCHEMA.domainIncludes, iri))

    def identified(self, datatype: str) -> frozenset[str]:
        """Classes whose things have codes of this datatype (mkg:identifies)."""
        return frozenset(self._values(MKG.identifies, datatype))

    def nested(self, iri: str) -> str | None:
        """The template of a nested node's name below its owner (mkg:nestedAs)."""
        return self._nested.get(iri)

    @cached_property
    def _nested(self) -> Mapping[str, str]:
        return {iri: min(templates) for iri, templates in self._index[MKG.nestedAs.value].items()}

    def kind(self, iri: str) -> str | None:
        """The kind that the IRIs of this class carry (mkg:iriKind)."""
        return next(iter(self._values(MKG.iriKind, iri)), None)

    def starts(self, iri: str) -> bool:
        """Whether a date of this property is the first day of an interval."""
        return _START in self._closure(RDFS.subPropertyOf, iri)

    def ends(self, iri: str) -> bool:
        """Whether a date of this property is the last day of an interval."""
        return _END in self._closure(RDFS.subPropertyOf, iri)

    @cached_property
    def single_valued(self) -> frozenset[NamedNode]:
        """Properties that have one value, so that two sources with different ones disagree (mkg:singleValued)."""
        return frozenset(NamedNode(iri) for iri in self._index[MKG.singleValued.value])

    @cached_property
    def properties(self) -> frozenset[str]:
        """Every IRI that the ontology describes."""
        return frozenset(self._index[RDFS.label.value])


class Codes:
    """Codes by what people write: the code itself, its labels in either language, its other wordings."""

    def __init__(self, folder: Path) -> None:
        self._by_label: dict[str, dict[str, str]] = defaultdict(dict)
        self._codes: dict[str, list[str]] = defaultdict(list)
        self._labels: dict[tuple[str, str], str] = {}
        self._definitions: dict[tuple[str, str], str] = {}
        self.nearby = Nearby()
        schemes: dict[str, str] = {}
        words: list[tuple[str, str]] = []
        for path in sorted(folder.glob("*.ttl")):
            with path.open("rb") as file:
                for quad in parse(file, RdfFormat.TURTLE):
                    subject, object = quad.subject, quad.object
                    if not isinstance(subject, NamedNode):
                        continue
                    if quad.predicate == SKOS.inScheme and isinstance(object, NamedNode):
                        schemes[subject.value] = re.sub(r"[^/#]*\Z", "", subject.value)
                    elif isinstance(object, Literal) and quad.predicate in _WORDS:
                        words.append((subject.value, object.value))
                        if quad.predicate == SKOS.prefLabel and object.language:
                            self._labels[subject.value, object.language] = object.value
                    elif isinstance(object, Literal) and quad.predicate == SKOS.definition and object.language:
                        self._definitions[subject.value, object.language] = object.value
        for iri, text in words:
            if iri in schemes:
                self._by_label[schemes[iri]].setdefault(fold(text), iri)
        for iri, prefix in sorted(schemes.items()):
            self._by_label[prefix][fold(iri[len(prefix) :])] = iri
            self._codes[prefix].append(iri)

    def find(self, vocabulary: str, text: str) -> str | None:
        """The code's IRI; None when the list has no such word."""
        if text in self._codes[vocabulary]:
            return text
        return self._by_label[vocabulary].get(fold(text))

    def like(self, vocabulary: str, text: str, language: str) -> tuple[str, ...]:
        """Labels of the codes that look like the text, else of the whole list by the alphabet."""
        words = self._by_label[vocabulary]
        near = self.nearby.find(fold(text), lambda: words, n=3, cutoff=0.5, scope=vocabulary)
        chosen = dict.fromkeys(words[word] for word in near)
        if not chosen:
            return tuple(sorted(self.labels(vocabulary, language), key=str.casefold))
        return tuple(self._labels.get((iri, language), iri[len(vocabulary) :]) for iri in chosen)

    def nearest(self, vocabulary: str, text: str) -> str | None:
        """The label of the code that is meant, in the language it is meant in; None when that is not clear."""
        words = self._by_label[vocabulary]
        found = nearest(fold(text), words)
        if found is None:
            return None
        iri = words[found]
        language = "en" if found.isascii() else "bg"
        return self.label(iri, language) or self.label(iri, "bg") or iri[len(vocabulary) :]

    def label(self, iri: str, language: str) -> str | None:
        """The label of a code."""
        return self._labels.get((iri, language))

    def all(self, vocabulary: str) -> tuple[str, ...]:
        """The IRIs of the codes of a list."""
        return tuple(self._codes[vocabulary])

    def definition(self, iri: str, language: str) -> str | None:
        """The definition of a code."""
        return self._definitions.get((iri, language))

    def words(self, vocabulary: str) -> tuple[str, ...]:
        """Everything that people may write for a code of the list, folded (`kg.text.fold`), in order."""
        return tuple(sorted(self._by_label.get(vocabulary, ())))

    def labels(self, vocabulary: str, language: str) -> tuple[str, ...]:
        """The labels of the whole list, in the order of the codes; a code without one stands for itself."""
        return tuple(self._labels.get((iri, language), iri[len(vocabulary) :]) for iri in self._codes[vocabulary])


_WORDS = frozenset({SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel, SKOS.notation})
