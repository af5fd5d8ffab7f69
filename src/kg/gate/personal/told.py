"""What a person is told about personal data that was found, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from kg.entry import Locator
from kg.gate.personal.text import Found

Told = Mapping[str, str]
"""A text by language tag."""


def in_text(found: Found) -> Told:
    """In what an entry or a source says."""
    label, advice = found.kind.label, found.kind.advice
    return {
        "bg": f"В текста има {label['bg']}. {advice['bg']}",
        "en": f"The text contains {label['en']}. {advice['en']}",
    }


def in_id(found: Found) -> Told:
    """In an id, which is a part of a public address."""
    label = found.kind.label
    if found.kind.certain:
        return {
            "bg": f"В идентификатора има {label['bg']}, а той става публичен адрес. Изберете друг идентификатор.",
            "en": f"The id contains {label['en']}, and it becomes a public address. Choose another id.",
        }
    return {
        "bg": f"В идентификатора изглежда има {label['bg']}, а той става публичен адрес. Ако е така, изберете друг.",
        "en": f"The id seems to contain {label['en']}, and it becomes a public address. If it does, choose another.",
    }


def in_name(found: Found) -> Told:
    """In the name of a source, a file or a sheet, which is published with what was read from it."""
    label = found.kind.label
    return {
        "bg": f"В името на източника, файла или листа има {label['bg']}, а то се публикува. Преименувайте го.",
        "en": f"The name of the source, file or sheet contains {label['en']}, and it is published. Choose another.",
    }


def permission(field: str, at: Locator | None) -> Told:
    """How a field of an entry may be permitted to hold it: in columns, in fields, or in triples."""
    if at is None:
        return {
            "bg": " Ако трябва да остане, разрешете го с mkg:disclosure (mkg:ofProperty и mkg:reason).",
            "en": " If it has to stay, permit it with mkg:disclosure (mkg:ofProperty and mkg:reason).",
        }
    if at.column is not None:
        return {
            "bg": " Ако трябва да остане, добавете две колони: „разрешени лични данни.за поле“, а в клетката – "
            f"„{field}“, и „разрешени лични данни.мотив“, а в клетката – защо.",
            "en": f" If it has to stay, add two columns: “disclosure.of” with “{field}” in the cell, and "
            "“disclosure.reason” with the reason.",
        }
    return {
        "bg": f" Ако трябва да остане, добавете към записа „разрешени лични данни: {{за поле: {field}, мотив: …}}“ и "
        "напишете мотива с цяло изречение.",
        "en": f" If it has to stay, add “disclosure: {{of: {field}, reason: …}}” to the entry, with the reason in a "
        "whole sentence.",
    }
