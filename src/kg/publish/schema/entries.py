"""Entries: which fields an entry has by its type, and which it must have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kg import expected
from kg.expected import Told
from kg.form import Asked, Form, Forms
from kg.iris import KINDS
from kg.publish.schema import spelling
from kg.publish.schema.definitions import Definitions
from kg.publish.schema.fields import Fields
from kg.publish.schema.known import Known
from kg.publish.schema.parts import LIST, OBJECT, Schema, asked, no, ref, said, snippet, text, whole
from kg.publish.schema.telling import Telling, expecting

_LANGUAGES: Final = ("bg", "en")
_SLUG: Final = "[a-z0-9-]{1,60}"

_FIELDS: Final[Told] = {
    "bg": "записът има полета като „ид:“, „тип:“ и „заглавие:“",
    "en": "an entry has fields such as „id:“, „type:“ and „title:“",
}
_PARTS: Final[Told] = {"bg": "тук стоят полета: {}", "en": "fields stand here: {}"}
_MISSING: Final[Told] = {"bg": "липсва „{}“", "en": "„{}“ is missing"}
_NOT_HERE: Final[Told] = {"bg": "запис от тип „{}“ няма това поле", "en": "an entry of type {} has no such field"}
_NO_TYPE: Final[Told] = {"bg": "записът няма „тип:“ (type)", "en": "the entry has no „type:“"}
_TYPE: Final[Told] = {"bg": "Какво описва записът.", "en": "What the entry describes."}
_NO_ID: Final[Told] = {
    "bg": "не е идентификатор; пишете {}/име: малки латински букви, цифри и тирета, най-много 60",
    "en": "is no id; write {}/name: small Latin letters, digits and hyphens, at most 60",
}
_ID: Final[Told] = {
    "bg": "Идентификаторът на записа: вид/име. Ако го няма, `kg load --assign-ids` предлага такъв.",
    "en": "The id of the entry: kind/name. Where there is none, `kg load --assign-ids` proposes one.",
}


@dataclass(frozen=True, slots=True)
class Entries:
    """Defines entries of all classes. `alone` has the forms by what is asked of each source by itself."""

    forms: Forms
    alone: Forms
    fields: Fields
    known: Known

    @property
    def definitions(self) -> Definitions:
        return self.known.definitions

    @property
    def telling(self) -> Telling:
        return self.known.telling

    def entry(self, classes: Sequence[str]) -> Schema:
        """One entry; its type is to be chosen from these classes, and may be any other."""
        context = self.forms.context
        nested = (term for term in context.terms.values() if context.hints.nested(term.iri) is not None)
        for name in sorted({self.known.values.nested_class(term) or "" for term in nested}):
            self._part(name or None)
        return self.definitions.define("entry", lambda: self._entry(classes))

    def _entry(self, classes: Sequence[str]) -> Schema:
        (id, english_id), (type_, english_type) = map(self.known.pair, ("id", "type"))
        proposed = {type_: self._type(classes, "bg"), id: self._id("bg")}
        english = {english_type: self._type(classes, "en"), english_id: self._id("en")}
        evidence = {"allOf": [self.known.evidence()]}
        quiet = {**english, **dict.fromkeys(self.known.pair("evidence"), evidence)}
        in_bulgarian = {"type": "object", "anyOf": [{"required": [type_]}, {"required": [id]}]}
        return {
            "type": "object",
            "errorMessage": said(_FIELDS),
            "properties": proposed | {name: {**schema, "doNotSuggest": True} for name, schema in quiet.items()},
            "allOf": [
                {"if": in_bulgarian, "else": {"properties": english}},
                asked([type_, english_type], spelling.named(self._spelled("type")), _NO_TYPE),
                *(case for name in classes for case in self._cases(name)),
                self.known.anything(),
            ],
        }

    # ---- By type ----

    def _cases(self, class_name: str) -> Iterator[Schema]:
        """What holds of entries of this class, in whichever language their type is written."""
        form = self.forms.of(class_name)
        bulgarian, english = (self._is(class_name, language) for language in _LANGUAGES)
        always = self.alone.of(class_name).asked
        checks = [self._class(form), *self._asked(always)]
        if form.kind:
            words = spelling.named(self._spelled("id"))
            no_id = {"propertyNames": {"not": {"pattern": words}}}
            if only_new := [one for one in form.asked if one not in always]:  # else another source may have told it
                checks.append({"if": no_id, "then": whole(*self._asked(only_new))})
            id = text(rf"^\s*(?:{form.kind}/{_SLUG})?\s*$", _no_id(form.kind)) | {"doNotSuggest": True}
            checks.append({"properties": dict.fromkeys(self.known.pair("id"), id)})
        yield {"if": {"anyOf": [bulgarian, english]}, "then": whole(*checks)}
        yield {"if": english, "then": self._class_in_english(form)}

    def _is(self, class_name: str, language: str) -> Schema:
        key = self.known.pair("type")[_LANGUAGES.index(language)]
        value = {"type": "string", "pattern": spelling.sure(self._spelled(class_name))}
        schema = {"type": "object", "required": [key], "properties": {key: value}}
        return self.definitions.define(f"is.{class_name}.{language}", lambda: schema)

    def _class(self, form: Form) -> Schema:
        """The fields of a class under both names; the Bulgarian ones are proposed."""
        return self.definitions.define(f"class.{form.class_name}", lambda: self._of_class(form))

    def _of_class(self, form: Form) -> Schema:
        proposed: Schema = {}
        quiet: Schema = {}
        for field in (*form.own, *form.others):
            bulgarian, english = self.known.pair(field.name)
            in_bulgarian, in_english = (self.fields.of(field, form, language) for language in _LANGUAGES)
            if field in form.own and not field.limits.never:
                proposed[bulgarian] = in_bulgarian
            else:
                quiet[bulgarian] = in_bulgarian
            quiet[english] = in_english
        unseen = {name: {"allOf": [schema], "doNotSuggest": True} for name, schema in quiet.items()}
        of_class: Schema = {"properties": proposed | unseen}
        context, name = self.forms.context, form.class_name
        missing = [one for one in context.names if context.term(one, name) is None]
        if not missing:
            return of_class
        told = {"bg": _NOT_HERE["bg"].format(self.telling.called(name)), "en": _NOT_HERE["en"].format(name)}
        nowhere = {name: False for one in missing for name in self.known.pair(one)}
        return whole(of_class, {"properties": nowhere, "errorMessage": said(told)})

    def _class_in_english(self, form: Form) -> Schema:
        """The English names of a class's own fields, to be proposed as well."""
        fields = {one.name: self.fields.of(one, form, "en") for one in form.own if not one.limits.never}
        return self.definitions.define(f"class.{form.class_name}.en", lambda: {"properties": fields})

    def _asked(self, groups: Iterable[Asked]) -> list[Schema]:
        """What an object must have, under any of its names."""
        schemas = []
        for one in groups:
            names = [name for field in one.names for name in self.known.pair(field)]
            words = [word for field in one.names for word in self._spelled(field)]
            told = {"bg": _MISSING["bg"].format(names[0]), "en": _MISSING["en"].format(names[1])}
            schemas.append(asked(names, spelling.named(words), one.told or told))
        return schemas

    def _spelled(self, name: str) -> tuple[str, ...]:
        return self.forms.context.spellings[name]

    # ---- What is nested ----

    def _part(self, class_name: str | None) -> None:
        """What stands inside an entry: a thing of this class, or a list of them.

        It has no id, so no other source tells of it.
        """
        form = self.forms.of(class_name) if class_name else None
        parts = self.telling.parts(form) if form else None
        told = {tag: _PARTS[tag].format(parts[tag]) for tag in _LANGUAGES} if parts else _FIELDS
        for language in _LANGUAGES:
            name = self.known.values.part(class_name, language)
            node: Schema = {"type": "object", "errorMessage": said(told), "allOf": [self.known.anything()]}
            if form:
                in_english = [self._class_in_english(form)] if language == "en" else []
                asked_for = self._asked(self.alone.of(form.class_name).asked)
                node["allOf"] = [self._class(form), *in_english, *asked_for, *node["allOf"]]
                skeleton = self.telling.skeleton(form, language)
                node |= {"defaultSnippets": [snippet(skeleton)]} if len(skeleton) > 1 else {}
            self.definitions.put(f"{name}.node", node)
            one = ref(f"{name}.node")
            several = [{"if": OBJECT, "then": one}, {"if": LIST, "then": {"items": one}}]
            nothing_else = [text(spelling.BLANK, told), no(["number", "boolean"], told)]
            self.definitions.put(name, whole(*several, *nothing_else))

    # ---- What every entry has ----

    def _type(self, classes: Sequence[str], language: str) -> Schema:
        """The name of a class; those that are only nested are not proposed beside others."""
        context = self.forms.context
        proposed = [name for name in classes if self.forms.of(name).kind] or [*classes]
        bulgarian = [self.telling.called(name) for name in proposed]
        labels = bulgarian if language == "bg" else proposed
        definitions = [context.hints.definition(context.classes[name], language) or "" for name in proposed]
        told = expecting(expected.words(bulgarian, proposed))
        words = [word for name in context.classes for word in self._spelled(name)]
        return {
            "title": self.telling.title("type", language),
            "description": f"{_TYPE['bg']}\n\n{_TYPE['en']}",
            "anyOf": [
                {"enum": labels, "enumDescriptions": definitions, "errorMessage": said(told)},
                {"type": "string", "pattern": spelling.named(words)},
            ],
        }

    def _id(self, language: str) -> Schema:
        told = _no_id(None)
        id = text(rf"^\s*(?:(?:{'|'.join(sorted(KINDS))})/{_SLUG})?\s*$", told)
        return {
            "title": self.telling.title("id", language),
            "description": f"{_ID['bg']}\n\n{_ID['en']}",
            "anyOf": [whole(id, no(["number", "boolean", "object", "array"], told))],
        }


def _no_id(kind: str | None) -> Told:
    return {"bg": _NO_ID["bg"].format(kind or "вид"), "en": _NO_ID["en"].format(kind or "kind")}
