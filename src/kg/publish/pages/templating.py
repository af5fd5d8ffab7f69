"""Pages from templates: escaped, in the reader's language, with nothing from other hosts."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kg.formats import HTML
from kg.namespaces import PREFIXES
from kg.publish.pages.texts import TEXTS
from kg.publish.resource import form

_HERE = Path(__file__).parent
ASSETS = _HERE / "assets"


def _version() -> str:
    """Changes when an asset does, so that browsers fetch it anew."""
    digest = hashlib.sha256()
    for path in sorted(ASSETS.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def short(iri: str) -> str:
    """`mkg:Project` for an IRI of a known namespace, else the IRI."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and len(iri) > len(namespace) and "/" not in iri[len(namespace) :]:
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def licence(iri: str) -> str:
    """A licence as people write it: „CC BY 4.0“ for Creative Commons, else the address without its scheme."""
    match = re.match(r"https?://creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/([0-9.]+)", iri)
    if match:
        return f"CC0 {match[3]}" if match[2] == "zero" else f"CC {match[2].upper()} {match[3]}"
    return re.sub(r"^https?://(www\.)?", "", iri).rstrip("/")


def grouped(number: int) -> str:
    """Digits in threes: 1 234 567."""
    return f"{number:,}".replace(",", "\u202f")


def day(moment: date, language: str) -> str:
    """A day as people write it."""
    return moment.strftime("%d.%m.%Y" if language == "bg" else "%Y-%m-%d")


def moment(at: datetime, language: str) -> str:
    """A moment as people write it, to the minute, in UTC."""
    at = at.astimezone(UTC)
    return f"{day(at, language)}, {at:%H:%M} UTC"


def environment() -> Environment:
    result = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    result.filters["page"] = lambda path, language: form(path, HTML, language)
    result.filters["day"] = day
    result.filters["moment"] = moment
    result.filters["short"] = short
    result.filters["grouped"] = grouped
    result.filters["licence"] = licence
    result.globals["version"] = _version()
    return result


_ENVIRONMENT = environment()


def render(template: str, language: str, **values: Any) -> str:
    """The page; `t` are its texts and `lang` its language."""
    other = "en" if language == "bg" else "bg"
    return _ENVIRONMENT.get_template(template).render(t=TEXTS[language], lang=language, other=other, **values)
