"""Reasons that people give for what cannot be undone, and that are kept in the open."""

from __future__ import annotations

from kg.errors import ParameterError
from kg.gate.personal import PersonalData

SHORTEST = 10
"""Characters of a reason that says something."""


def check_reason(
    reason: str, personal: PersonalData, *, option: str = "--why", example: tuple[str, str] = ("…", "…")
) -> None:
    """Raises ParameterError for a reason that is too short to say why, or that holds personal data.

    `option` is what it is given by; `example` is one, in English and Bulgarian.
    """
    if len(reason.strip()) < SHORTEST:
        en, bg = example
        raise ParameterError(
            f"say in a sentence why: {option} “{en}”",
            f"Напишете с едно изречение защо: {option} „{bg}“",
        )
    personal.refuse(reason)
