"""Names for what has none: ids of entries, and of what is nested in them, from what they say."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping

from kg.context import Context
from kg.entry import Entry
from kg.iris import ID, Iris, Slug, plain, slug
from kg.load import dates
from kg.load.values import Json

_PART = re.compile(r"\{(\w+)\}")


def propose_id(
    entry: Entry,
    context: Context,
    kind: str | None,
    taken: Callable[[str], bool] = lambda id: False,
    slug_of: Slug = plain,
) -> str:
    """An id for an entry without one: from its register code, else its date and name."""
    fields = {context.field(name) or name: value for name, value in entry.fields.items()}

    def text(name: str) -> str:
        value = fields.get(name, "")
        if isinstance(value, dict):
            value = value.get("bg") or value.get("en") or next(iter(value.values()), "")
        return value if isinstance(value, str) else ""

    words = next((text(name) for name in ("eik", "contractNumber", "lau", "ekatte", "cci") if text(name)), "")
    if not words:
        words = text("acronym") or text("name") or text("title")
        try:
            day = dates.read(text("date") or text("startDate")).start.isoformat() if kind == "event" else ""
        except dates.DateError:
            day = ""
        words = f"{day} {words}"
    base = slug_of(kind, words) or "1"
    number, chosen = 1, base
    while taken(f"{kind}/{chosen}"):
        number += 1
        chosen = f"{base[:56]}-{number}"
    return f"{kind}/{chosen}"


def stand_in(entry: Entry, id: str, iris: Iris) -> str:
    """The IRI by which others refer to an entry that cannot be described: that of its id, else one that nobody has."""
    if ID.match(id):
        return iris.ids + id
    at = entry.at
    return f"{iris.ids}unread/{digest([at.file, at.sheet or '', str(at.row or at.line)], iris)}"


def joint(template: str) -> str:
    """What stands between the owner and the name of a nested node."""
    return "" if template.startswith("#") else "/"


def renamed(node: dict[str, Json], old: str, new: str) -> dict[str, Json]:
    """The node under its own name, and what is nested in it below that name."""

    def below(id: str) -> str:
        rest = id[len(old) :]
        return new + (rest.replace("#", "/") if "#" in new else rest)  # an IRI has one fragment (RFC 3986 §3.5)

    def walk(value: Json) -> Json:
        if isinstance(value, dict):
            return {
                key: (below(str(inner)) if key == "id" and str(inner).startswith(old) else walk(inner))
                for key, inner in value.items()
            }
        return [walk(inner) for inner in value] if isinstance(value, list) else value

    result = walk(node)
    assert isinstance(result, dict)
    return result


def fill(template: str, fields: Mapping[str, Json], iris: Iris) -> str:
    """A nested node's name from its template (mkg:nestedAs) and what the node says."""

    def part(match: re.Match[str]) -> str:
        if match[1] == "hash":
            return digest({**fields}, iris)
        value = fields.get(match[1]) or (fields.get("startDate") if match[1] == "date" else None)
        if isinstance(value, list):
            value = value[0]
        if isinstance(value, dict):
            value = value.get("@value") or value.get("id") or ""
        return slug(str(value).rstrip("/").rpartition("/")[2]) if value else ""

    head, slash, tail = template.rpartition("/")
    filled = _PART.sub(part, tail).strip("-")
    filled = re.sub(r"-{2,}", "-", filled)
    if not filled:
        filled = digest({**fields}, iris)
    return head + slash + filled


def digest(value: Json, iris: Iris) -> str:
    """Twelve hex digits of the content; the base does not count, so a rebase keeps the names."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True).replace(iris.base, "")
    return hashlib.sha256(text.encode()).hexdigest()[:12]
