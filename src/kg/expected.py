"""What a field takes, told to a person: forms of values, words of a list, kinds of things. Bulgarian and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from kg.context import Codes, Context, Term
from kg.namespaces import MKG, XSD
from kg.nearest import closest

Told: TypeAlias = Mapping[str, str]
"""One text by language tag."""

MOST: Final = 40
"""So many words of a list are told; of a longer one, how many there are."""

SOME: Final = 5
"""So many names of fields are told."""

DATE: Final[Told] = {
    "bg": "дата: 28.06.2023, 2023-06-28, само месец 06.2023 или само година 2023",
    "en": "a date: 28.06.2023, 2023-06-28, a month alone 06.2023, or a year alone 2023",
}
SPAN: Final[Told] = {
    "bg": "дата или период: 28.06.2023, 26–30.06.2023, 06.2023, 2023-W26",
    "en": "a date or a span: 28.06.2023, 26–30.06.2023, 06.2023, 2023-W26",
}
NUMBER: Final[Told] = {
    "bg": "число: 469794.74 или 469 794,74, без валута",
    "en": "a number: 469794.74 or 469 794,74, without currency",
}
WHOLE: Final[Told] = {"bg": "цяло число, например 26", "en": "a whole number, such as 26"}
TIME: Final[Told] = {"bg": "час, например 17:00", "en": "an hour, such as 17:00"}
ADDRESS: Final[Told] = {
    "bg": "уеб адрес, който започва с https://",
    "en": "a web address that begins with https://",
}
TEXT: Final[Told] = {"bg": "текст", "en": "a text"}
TEXTS: Final[Told] = {
    "bg": "текст на български, на английски или на двата",
    "en": "a text in Bulgarian, English or both",
}
LANGUAGE: Final[Told] = {"bg": "език: bg или en", "en": "a language: bg or en"}
NOTHING: Final[Told] = {
    "bg": "нищо: оставете полето празно, стойността се извежда",
    "en": "nothing: leave the field empty, its value is worked out",
}
_FORMS: Final[Mapping[str, Told]] = {
    XSD.date.value: DATE,
    XSD.decimal.value: NUMBER,
    XSD.integer.value: WHOLE,
    XSD.time.value: TIME,
    XSD.string.value: TEXT,
    XSD.anyURI.value: ADDRESS,
    XSD.gYear.value: {"bg": "година, например 2023", "en": "a year, such as 2023"},
    XSD.gYearMonth.value: {"bg": "месец, например 06.2023", "en": "a month, such as 06.2023"},
    XSD.boolean.value: {"bg": "„true“ или „false“", "en": "“true” or “false”"},
}


def form(datatype: str) -> Told | None:
    """How values of this datatype are written."""
    return _FORMS.get(datatype)


def datatype(context: Context, iri: str) -> Told | None:
    """The same, also for the datatypes that the ontology defines."""
    defined = {
        tag: _within(text.removesuffix(".")) for tag in ("bg", "en") if (text := context.hints.definition(iri, tag))
    }
    return form(iri) or (defined if len(defined) == 2 else None)


def _within(sentence: str) -> str:
    """A sentence as a part of another; an abbreviation keeps its letters."""
    return sentence if sentence[1:2].isupper() else f"{sentence[:1].lower()}{sentence[1:]}"


def in_order(texts: Iterable[str]) -> list[str]:
    """In the order of the alphabet of their language."""
    return sorted(texts, key=str.casefold)


def words(bg: Sequence[str], en: Sequence[str]) -> Told:
    """One of these words; the two lists say the same."""
    return {
        "bg": f"една от стойностите: {_listed(bg, 'още')}" if len(bg) > 1 else f"„{bg[0]}“" if bg else "",
        "en": f"one of: {_listed(en, 'more:')}" if len(en) > 1 else f"“{en[0]}”" if en else "",
    }


def _listed(texts: Sequence[str], more: str) -> str:
    shown = ", ".join(texts[:MOST])
    return shown if len(texts) <= MOST else f"{shown} … ({more} {len(texts) - MOST})"


def code(codes: Codes, vocabulary: str) -> Told:
    """A code of this list."""
    bg, en = (in_order(codes.labels(vocabulary, language)) for language in ("bg", "en"))
    return words(bg, en)


def thing(context: Context, classes: Iterable[str]) -> Told:
    """Something of one of these classes that has an entry."""
    named = [*classes]
    bg = _either([f"„{name}“" for name in in_order(context.label(one, "bg") for one in named)], "или")
    en = _either([f"“{name}”" for name in in_order(context.label(one, "en") for one in named)], "or")
    return {
        "bg": f"съществуващ запис от вид {bg}, посочен с наименование, съкращение или идентификатор"
        if named
        else "съществуващ запис, посочен с наименование, съкращение или идентификатор",
        "en": f"a known {en}: its name, acronym or id" if named else "something known: its name, acronym or id",
    }


def _either(names: Sequence[str], word: str) -> str:
    return f"{', '.join(names[:-1])} {word} {names[-1]}" if len(names) > 1 else "".join(names)


def classes(context: Context) -> Told:
    """The name of a class."""
    return words(in_order(context.aliases.get(name, name) for name in context.classes), in_order(context.classes))


def fields(context: Context, class_name: str | None, written: str) -> Told:
    """The name of a field, with those of this class that look most like what is written."""
    iri = context.classes.get(class_name or "")
    above = context.hints.superclasses(iri) if iri else ()
    names = sorted({name for one in above for name in context.fields_of(one)})
    if not names:
        return FIELD
    bg = in_order(closest(written, [context.aliases.get(name, name) for name in names], SOME))
    en = in_order(closest(written, names, SOME))
    return {
        "bg": f"{FIELD['bg']}, например: {', '.join(bg)}",
        "en": f"{FIELD['en']}, such as: {', '.join(en)}",
    }


def parts(context: Context, class_name: str | None) -> Told:
    """Fields of its own: those of this class."""
    names = sorted(context.fields_of(context.classes.get(class_name or "", "")))
    bg, en = ", ".join(in_order(context.aliases.get(name, name) for name in names)), ", ".join(names)
    return {"bg": f"свои полета: {bg}" if bg else "свои полета", "en": f"fields of its own: {en}".rstrip(": ")}


FIELD: Final[Told] = {"bg": "име на познато поле", "en": "the name of a known field"}


def term(context: Context, codes: Codes, term: Term) -> Told:
    """What a field takes by its definition."""
    if term.vocabulary:
        return code(codes, term.vocabulary)
    if term.iri == MKG.dateAsStated.value:
        return SPAN
    if term.language:
        return TEXTS
    if term.reference:
        range_ = context.hints.range(term.iri)
        described = [one for one in range_ if context.hints.kind(one)]  # of other classes nobody writes an entry
        return thing(context, described) if described else ADDRESS
    return datatype(context, term.coercion or "") or TEXT


def together(told: Sequence[Told], bg: str = "; ", en: str = "; ") -> Told | None:
    """Several expectations as one, with a word between them; None of none."""
    unique = list({tuple(sorted(one.items())): one for one in told}.values())
    if not unique:
        return None
    return {"bg": bg.join(one["bg"] for one in unique), "en": en.join(one["en"] for one in unique)}
