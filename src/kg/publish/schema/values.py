"""Values as the loader reads them: what may stand in a field by its definition, whatever the shapes say of it.

An editor has resolved the plain words of YAML by the core schema (YAML 1.2 §10.3): `2024` and `06.2023` come as
numbers, `true` as a truth value, nothing as null. The loader reads all of them as they are written, so numbers are
judged as far as they tell what was written, and the rest is let through.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from typing import Final

from kg import expected
from kg.context import Codes, Context, Term
from kg.expected import Told
from kg.load import dates, numbers, references, values
from kg.namespaces import MKG, XSD
from kg.publish.schema import spelling
from kg.publish.schema.definitions import Definitions
from kg.publish.schema.parts import LIST, OBJECT, Schema, no, once, ref, said, text, whole
from kg.publish.schema.parts import numbers as numeric
from kg.publish.schema.suggesting import Suggestions
from kg.publish.schema.telling import expecting

SPAN, OF = MKG.dateAsStated.value, MKG.ofProperty.value
LANGUAGES: Final = {"bg": "на български · in Bulgarian", "en": "на английски · in English"}

_NESTED: Final[Told] = {"bg": "тук стои текст, а не вложени полета", "en": "a text stands here, not fields of its own"}
_NO_LANGUAGE: Final[Told] = {
    "bg": "пред текста стои езикът му: bg или en",
    "en": "before the text stands its language: bg or en",
}
_ONE_DATE: Final[Told] = {
    "bg": "тук стои една дата; период се пише 26–30.06.2023",
    "en": "one date stands here; write a span as 26–30.06.2023",
}
_SECONDS: Final = 24 * 60 * 60  # of a day
_ADDRESS: Final = r"""https?://[^\s<>"{}|\\^`[\]]*"""
_LARGEST: Final = 10**numbers.MAX_DIGITS
_NUMERAL: Final = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-f]+|[-+]?\.inf|\.nan"
)
"""Words that YAML resolves to numbers, folded."""


@dataclass(frozen=True, slots=True)
class Values:
    """Defines each kind of value once, where a field needs it."""

    context: Context
    codes: Codes
    definitions: Definitions
    known: Suggestions | None = None

    def of(self, term: Term, language: str) -> Schema:
        """What the loader reads in a field, or in each item of a list in it; codes are proposed in this language."""
        if term.vocabulary:
            return self._code(term.vocabulary, language)
        if term.language:
            return self.definitions.define("texts", self._texts)
        if self.context.hints.nested(term.iri) is not None:
            return ref(self.part(self.nested_class(term), language))
        if term.iri == OF:
            return self._field_name()
        if term.date or term.iri == SPAN:
            return self.date()
        if term.coercion in _SCALARS:
            name, told, pattern, fit = _SCALARS[term.coercion]
            return self._scalar(name, spelling.written(pattern), told, fit)
        if term.reference:
            return self._suggested(self._reference(), self.context.hints.range(term.iri))
        return self.text()

    def text(self) -> Schema:
        """Any text, or a list of texts."""
        return self.definitions.every("text", no("object", _NESTED))

    def nested_class(self, term: Term) -> str | None:
        """The class of what is nested in a field, as the loader takes it; None where it is of no one class."""
        range_ = [self.context.class_by_iri.get(iri) for iri in sorted(self.context.hints.range(term.iri))]
        return range_[0] if len(range_) == 1 else None

    def part(self, class_name: str | None, language: str) -> str:
        """The name of the definition of what is nested: a thing of a class, with field names of this language."""
        return f"part.{class_name or 'any'}.{language}"

    def _code(self, vocabulary: str, language: str) -> Schema:
        """Labels to choose from; what else means one of the codes is taken, too."""
        list_ = f"code.{re.split('[/#]', vocabulary.rstrip('/#'))[-1]}"
        name = f"{list_}.{language}"
        iris = self.codes.all(vocabulary)
        words = self.codes.words(vocabulary)
        labels: dict[str, str] = {}
        for iri, label in zip(iris, self.codes.labels(vocabulary, language), strict=True):
            labels.setdefault(label, self.codes.definition(iri, language) or label)
        told = expecting(expected.code(self.codes, vocabulary))
        enum = {"enum": [*labels], "enumDescriptions": [*labels.values()], "errorMessage": said(told)}
        offered = self.definitions.put(f"{name}.offered", enum)
        others = ["object", "boolean", *([] if any(map(_NUMERAL.fullmatch, words)) else ["number"])]
        taken = self.definitions.put(f"{list_}.taken", {"pattern": spelling.code(words, iris)})
        single = {"allOf": [taken], "not": {"type": [*others, "array"]}}
        one = self.definitions.put(f"{name}.one", {"anyOf": [offered, single]})
        return self.definitions.put(
            name, {"anyOf": [offered, {"allOf": [taken], "not": {"type": others}, "items": one}]}
        )

    def _texts(self) -> Schema:
        one = {"anyOf": [self.text()]}
        tags = {tag: {"description": told, **one} for tag, told in LANGUAGES.items()}
        map_ = {
            "properties": tags,
            "patternProperties": {f"^(?:{values.LANGUAGE.pattern})$": self.text()},
            "additionalProperties": False,
            "errorMessage": said(_NO_LANGUAGE),
        }
        return whole({"if": OBJECT, "then": map_}, {"if": LIST, "then": self.text()})

    def _field_name(self) -> Schema:
        words = [word for name in (*self.context.names, "type") for word in self.context.spellings.get(name, ())]
        told = expecting(expected.FIELD)
        pattern = f"{spelling.BLANK}|{spelling.headed(words)}"
        return self.definitions.every("field-name", text(pattern, told), no(["number", "boolean", "object"], told))

    def date(self) -> Schema:
        """One date."""
        first, last = dates.FIRST_YEAR, dates.LAST_YEAR
        year = {"type": "integer", "minimum": first, "maximum": last}
        month = {"minimum": 1 + first / 10**4, "maximum": 12 + last / 10**4}  # 06.2023
        pattern = spelling.written(dates.pattern(), folded=True)
        dates_ = self._scalar("dates", pattern, expecting(expected.SPAN), {"anyOf": [year, month]})
        return self.definitions.define("date", lambda: whole(dates_, once(_ONE_DATE, at_all=True)))

    def _scalar(self, name: str, pattern: str, told: Told, fit: Schema) -> Schema:
        return self.definitions.every(name, text(pattern, told), numeric(fit, told), no(["boolean", "object"], told))

    def _suggested(self, reference: Schema, range_: Set[str]) -> Schema:
        """A reference for which names of what is known are proposed: alone, and as an item of a list."""
        classes = {self.context.class_by_iri[iri]: iri for iri in sorted(range_ & self.context.class_by_iri.keys())}
        snippets = {name: self.known.called(iri) for name, iri in classes.items()} if self.known else {}
        names = [name for name, some in snippets.items() if some]
        if not names:
            return reference
        offered = [self.definitions.put(f"known.{name}", {"defaultSnippets": snippets[name]}) for name in names]
        one_or_several = whole(reference, *offered, {"if": LIST, "then": {"items": whole(*offered)}})
        return self.definitions.put(".".join(["reference", *names]), one_or_several)

    def _reference(self) -> Schema:
        """A name, an id or a whole address: anything but an address whose beginning is missing."""
        bare = spelling.any_case(references.BARE_ADDRESS.pattern)
        pattern = rf"^\s*{_ADDRESS}\s*$|^(?!\s*https?://)(?!\s*{bare}\s*$)|{spelling.STRANGE}"
        return self.definitions.every("reference", text(pattern, expecting(expected.ADDRESS)), no("object", _NESTED))


_SCALARS: Final[dict[str | None, tuple[str, Told, str, Schema]]] = {
    XSD.decimal.value: (
        "number",
        expecting(expected.NUMBER),
        numbers.pattern(),
        {"minimum": -_LARGEST, "maximum": _LARGEST},
    ),
    XSD.integer.value: (
        "whole-number",
        expecting(expected.WHOLE),
        numbers.pattern(whole=True),
        {"type": "integer", "minimum": -_LARGEST, "maximum": _LARGEST},
    ),
    # 17.00 is a number in YAML, and 17:00 one of seconds in YAML 1.1
    XSD.time.value: ("hour", expecting(expected.TIME), values.HOUR.pattern, {"minimum": 0, "maximum": _SECONDS}),
}
"""Datatypes of which a value is one word: the name of the definition, what is expected, texts and numbers that fit."""
