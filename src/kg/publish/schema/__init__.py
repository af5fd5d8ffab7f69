"""The JSON Schema of entry files: what an editor completes and checks while someone writes.

Draft-07, which every release of yaml-language-server takes (before its 2.0, nothing later). Everything in it is read
from the context, the ontology, the code lists and the shapes.

One rule goes before all: what the loader and the gate accept, the schema accepts. What they refuse it refuses as far as
one entry by itself tells: not whether what is referred to exists, nor what two fields say together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import orjson

from kg.expected import Told
from kg.form import Forms
from kg.load import sources
from kg.load.from_yaml import HEAD
from kg.publish.schema.definitions import Definitions
from kg.publish.schema.entries import Entries
from kg.publish.schema.fields import Fields
from kg.publish.schema.known import Known
from kg.publish.schema.parts import LIST, Schema, no, said, text, whole
from kg.publish.schema.suggesting import Suggestions
from kg.publish.schema.telling import Telling
from kg.publish.schema.values import Values

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
"""The drafts of JSON Schema are named so (draft-07 §7)."""

_TITLE: Final[Told] = {"bg": "Файл със записи", "en": "File of entries"}
_LISTED: Final[Told] = {
    "bg": "тук стои списък: всеки запис започва с „- “",
    "en": "a list stands here: begin each entry with „- “",
}
_AT_HEAD: Final[Told] = {
    "bg": "не е познато в началото на файла; тук стоят: записи, източник, период, основание",
    "en": "not known at the head of a file; here stand entries, source, period, basis",
}
_NO_SOURCE: Final[Told] = {
    "bg": "не е идентификатор на източник; пишете малки латински букви, цифри и тирета, най-много 60",
    "en": "is no source id; write small Latin letters, digits and hyphens, at most 60",
}
_WORD: Final[Told] = {"bg": "тук стои една дума, а не списък", "en": "one word stands here, not a list"}
_HEAD: Final[dict[str, Told]] = {
    "entries": {"bg": "Записите, всеки от които започва с „- “.", "en": "The entries, each beginning with „- “."},
    "source": {
        "bg": "Източникът: идентификатор от sources.yaml; ако го няма, е името на файла.",
        "en": "The source: an id in sources.yaml; the name of the file, where there is none.",
    },
    "period": {
        "bg": "За кое време се отнася източникът; от него се разбира годината на дати без година.",
        "en": "What time the source covers; it gives the year to dates without one.",
    },
    "basis": {
        "bg": "На какво основание са сведенията в записите.",
        "en": "On what ground the entries say what they say.",
    },
}


def document(forms: Forms, alone: Forms, classes: Sequence[str] = (), known: Suggestions | None = None) -> Schema:
    """The schema of files with entries of these classes, by their English names; of all without any.

    `forms` have what is asked of all sources together, `alone` what is asked of each by itself. The names of what is
    `known` are proposed where something is referred to.
    """
    values, telling = Values(forms.context, forms.codes, Definitions(), known), Telling(forms.context, forms.codes)
    entries = Entries(forms, alone, Fields(values, telling), Known(values, telling))
    entry = entries.entry(classes or [*forms.context.classes])
    basis = forms.context.terms["basis"]
    heads = {
        "entries": {"type": "array", "items": entry, "errorMessage": said(_LISTED)},
        "source": _source(),
        "period": whole(values.of(forms.context.terms["startDate"], "bg"), no("array", _WORD)),
    }
    properties: Schema = {}
    for language in ("bg", "en"):
        for english, bulgarian in HEAD.items():
            value = heads.get(english) or whole(values.of(basis, language), no("array", _WORD))
            told = {"description": f"{_HEAD[english]['bg']}\n\n{_HEAD[english]['en']}"}
            own = value if english == "entries" else {"anyOf": [value]}
            properties[bulgarian if language == "bg" else english] = told | own
    head = {
        "type": "object",
        "errorMessage": said(_AT_HEAD),
        "properties": properties,
        "additionalProperties": False,
        "anyOf": [{"required": [name], "errorMessage": said(_LISTED)} for name in (HEAD["entries"], "entries")],
    }
    schema = {"if": LIST, "then": {"items": entry}, "else": head}
    # A title would be shown as that of every part without one.
    about = {"$schema": DRAFT, "$comment": said(_TITLE)}
    return {**about, **schema, "definitions": values.definitions.used(schema)}


def _source() -> Schema:
    id = sources.ID_FORM.pattern.removesuffix(r"\Z")
    taken = "|".join(sorted(sources.RESERVED))
    return whole(text(rf"^(?!(?:{taken})$)(?:{id})?$", _NO_SOURCE), no(["object", "array"], _WORD))


def render(schema: Schema) -> bytes:
    """The schema as JSON in UTF-8."""
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
