"""A currency that stands beside its number, where it has a field of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kg.context import Codes, Context, Term
from kg.entry import Entry, Path_
from kg.finding import Finding
from kg.load import slips


def with_unit(finding: Finding, term: Term, path: Path_, entry: Entry, context: Context, codes: Codes) -> Finding:
    """The finding about a number that has its currency beside it: with where that belongs, if nothing stands there."""
    unit = slips.unit(str(finding.value)) if finding.component == "BadNumber" and finding.suggestion else None
    for name, code in _fields(term, unit, context, codes) if unit else ():
        if any(context.field(one) == name and value for one, value in entry.stated(path[:-1]).items()):
            continue
        beside = (at.column for steps, at in entry.places.items() if steps and steps[:-1] == path[:-1])
        column = next((one for one in beside if one and context.field(one.rpartition(".")[2]) == name), None)
        bg, en = (codes.label(code, tag) or unit for tag in ("bg", "en"))
        messages = {
            "bg": f"{finding.messages['bg']}; „{bg}“ напишете в „{column or context.aliases.get(name, name)}“",
            "en": f"{finding.messages['en']}; write „{en}“ in „{column or name}“",
        }
        return replace(finding, messages=messages, cause=finding.without_value)
    return finding


def _fields(term: Term, unit: str, context: Context, codes: Codes) -> Iterator[tuple[str, str]]:
    """The fields beside a number that have a code which is called so, with the code."""
    for name in dict.fromkeys(name for one in sorted(context.domain(term)) for name in context.fields_of(one)):
        beside = context.term(name)
        code = codes.find(beside.vocabulary, unit) if beside is not None and beside.vocabulary else None
        if code is not None:
            yield name, code
