"""What an editor tells of fields and classes, in Bulgarian first and English after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kg import expected
from kg.context import Codes, Context
from kg.expected import Told
from kg.form import Field, Form, Need
from kg.namespaces import MKG

_REQUIRED: Final[Told] = {"bg": "Задължително.", "en": "Required."}
_ONE_OF: Final[Told] = {"bg": "Задължително е едно от: {}.", "en": "One of these is required: {}."}
_RECOMMENDED: Final[Told] = {"bg": "Препоръчително.", "en": "Recommended."}
_CHOICE: Final[Told] = {"bg": "стойност от списъка", "en": "a value of the list"}
_LANGUAGES: Final[Told] = {"bg": "текст на български или {bg: …, en: …}", "en": "a Bulgarian text or {bg: …, en: …}"}


def expecting(told: Told) -> Told:
    """A whole sentence about what is expected."""
    return {"bg": f"Очаква се {told['bg']}.", "en": f"Expected: {told['en']}."}


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells from the ontology, the code lists and the shapes."""

    context: Context
    codes: Codes

    def title(self, name: str, language: str) -> str:
        """Both names of a field or class, the one in this language first."""
        names = {"bg": self.called(name), "en": name}
        other = "en" if language == "bg" else "bg"
        return f"{names[language]} · {names[other]}"

    def description(self, iri: str | None, *sentences: Told) -> str:
        """The definition of a class, property or datatype, and what else there is to say, as two paragraphs."""
        paragraphs = []
        for tag in ("bg", "en"):
            definition = self.context.hints.definition(iri, tag) if iri else None
            paragraphs.append(" ".join([*([definition] if definition else []), *(told[tag] for told in sentences)]))
        return "\n\n".join(paragraphs)

    def of_field(self, field: Field, form: Form) -> str:
        """What a field is, what is expected in it, and how much it is wanted."""
        term, need = field.term, self._need(field, form)
        if field.limits.never:
            return self.description(term.iri, *([field.limits.never.told] if field.limits.never.told else []))
        if term.coercion and self.context.hints.definition(term.coercion, "bg"):
            return self.description(term.coercion, *need)  # a code of this kind, which says what it looks like
        return self.description(None if term.reverse else term.iri, expecting(self._takes(field)), *need)

    def parts(self, form: Form) -> Told:
        """The fields of what is nested, those that are to be written."""
        names = [one.name for one in form.own if not one.limits.never]
        bg, en = (", ".join(f"{name}: …" for name in some) for some in ([self.called(name) for name in names], names))
        return {"bg": f"{{{bg}}}", "en": f"{{{en}}}"}

    def skeleton(self, form: Form, language: str) -> list[str]:
        """The fields that must be there, else the first one, by their names in this language."""
        wanted = [asked.names[0] for asked in form.asked] or [one.name for one in form.own[:1]]
        names = [one.name for one in form.own if one.name in wanted]
        return [self.called(name) if language == "bg" else name for name in names]

    def called(self, name: str) -> str:
        """The Bulgarian name of a field or class."""
        return self.context.aliases.get(name, name)

    def _takes(self, field: Field) -> Told:
        term = field.term
        if term.vocabulary:
            return _CHOICE
        if term.language:
            return _LANGUAGES
        if field.part is not None:
            return self.parts(field.part)
        if term.iri == MKG.ofProperty.value:
            return expected.FIELD
        if term.reference:
            range_ = self.context.hints.range(term.iri) & self.context.class_by_iri.keys()
            return expected.thing(self.context, range_) if range_ else expected.ADDRESS
        return expected.term(self.context, self.codes, term)

    def _need(self, field: Field, form: Form) -> list[Told]:
        for asked in form.asked:
            names = [name for name in asked.names if form.field(name)]
            if names == [field.name]:
                return [_REQUIRED]
            if field.name in names:
                bg, en = ", ".join(map(self.called, names)), ", ".join(names)
                return [{"bg": _ONE_OF["bg"].format(bg), "en": _ONE_OF["en"].format(en)}]
        return [_RECOMMENDED] if field.need is Need.RECOMMENDED else []
