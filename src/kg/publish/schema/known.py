"""What holds of every entry, whatever its type: no unknown field, none under both its names, values that are read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from kg.context import Context
from kg.expected import Told
from kg.load import provenance
from kg.namespaces import MKG
from kg.publish.schema import spelling
from kg.publish.schema.definitions import Definitions
from kg.publish.schema.parts import LIST, OBJECT, Schema, no, said, text
from kg.publish.schema.telling import Telling
from kg.publish.schema.values import Values

EVIDENCE: Final = MKG.evidence.value
_IN_EVIDENCE: Final = ("of", "ofValue", "at", "basis", "rule")
_LANGUAGES: Final = ("bg", "en")

_UNKNOWN: Final[Told] = {"bg": "непознато поле; проверете изписването му", "en": "unknown field; check its spelling"}
_SAME: Final[Told] = {
    "bg": "„{}“ и „{}“ са едно и също поле; оставете едното",
    "en": "„{}“ and „{}“ are the same field; keep one",
}
_EVIDENCE: Final[Told] = {
    "bg": "доказателството има полета: за поле, място в източника, основание",
    "en": "evidence takes fields: of, at, basis",
}
_PLACE: Final[Told] = {
    "bg": "Очаква се място в текста: знаци (194-216), „ред 12“ или „стр. 3“.",
    "en": "Expected: a place in the text: characters (194-216), „line 12“ or „page 3“.",
}


@dataclass(frozen=True, slots=True)
class Known:
    """Defines what is known of all entries."""

    values: Values
    telling: Telling

    @property
    def context(self) -> Context:
        return self.values.context

    @property
    def definitions(self) -> Definitions:
        return self.values.definitions

    def pair(self, name: str) -> tuple[str, str]:
        """The Bulgarian and the English name of a field."""
        return self.telling.called(name), name

    def anything(self) -> Schema:
        """An object with known fields. They are matched by patterns, which editors do not propose."""
        return self.definitions.define("known", self._anything)

    def _anything(self) -> Schema:
        names = (*self.context.names, "id", "type")
        groups: dict[str, list[str]] = defaultdict(list)
        for name in names:
            groups[self._value(name).get("$ref", "")] += self.context.spellings[name]
        judged = {spelling.sure(words): {"$ref": value} if value else {} for value, words in groups.items()}
        return {
            "patternProperties": {**judged, spelling.UNSURE: {}},
            "additionalProperties": False,
            "errorMessage": said(_UNKNOWN),
            "dependencies": {
                english: {
                    "properties": {bulgarian: False},
                    "errorMessage": said({tag: told.format(bulgarian, english) for tag, told in _SAME.items()}),
                }
                for bulgarian, english in map(self.pair, names)
                if bulgarian != english
            },
        }

    def _value(self, name: str) -> Schema:
        """What is read in a field of any class; nothing is said of those that are judged where they stand."""
        term = self.context.terms.get(name)
        if name in {"id", "type"} or (term is not None and term.iri == EVIDENCE):
            return {}
        return self.values.of(term, "bg") if term else self.values.text()

    def evidence(self) -> Schema:
        """What vouches for which fields; the loader reads it by itself, and in it these fields only."""
        node = self.definitions.define("evidence.node", self._evidence)
        refused = {"type": "object", "errorMessage": said(_EVIDENCE)}
        schema = {
            "title": self.telling.title("evidence", "bg"),
            "description": self.telling.description(EVIDENCE),
            "allOf": [
                {"if": OBJECT, "then": node},
                {"if": LIST, "then": {"items": {"allOf": [refused, node]}}},
                {"if": {"type": ["string", "number", "boolean"]}, "then": refused},
            ],
        }
        return self.definitions.define("evidence", lambda: schema)

    def _evidence(self) -> Schema:
        fields: Schema = {}
        others: Schema = {}
        for name in _IN_EVIDENCE:
            term = self.context.terms[name]
            for written, language in zip(self.pair(name), _LANGUAGES, strict=True):
                value = self._place() if name == "at" else self.values.of(term, language)
                told = {"title": self.telling.title(name, language), "description": self.telling.description(term.iri)}
                fields[written] = {**told, "anyOf": [value]}
                others.setdefault(spelling.sure(self.context.spellings[name]), value)
        return {
            "properties": fields,
            "patternProperties": {**others, spelling.UNSURE: {}},
            "additionalProperties": False,
            "errorMessage": said(_UNKNOWN),
        }

    def _place(self) -> Schema:
        """A place in a text, such as „ред 12“."""
        pattern = spelling.written("|".join(f"(?:{one.pattern})" for one in provenance.PLACES), folded=True)
        return self.definitions.every("place", text(pattern, _PLACE), no(["number", "boolean", "object"], _PLACE))
