"""The datasets of the catalogue as data.egov.bg takes them (governmentbg/data-gov-bg, the API's controllers).

Texts go in Bulgarian, the portal's own language, with the English below: the API reads one language at a time, that of
`locale`, without which it refuses resources.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kg.formats import CSV, TTL
from kg.publish.catalogue.datasets import Dataset
from kg.publish.catalogue.files import File
from kg.publish.catalogue.plan import Plan, Portal

PUBLIC: Final = 1
FILE, HYPERLINK, API = 1, 2, 3
NAME_MAX, TEXT_MAX, LINE_MAX = 191, 8000, 191  # characters

_FORMS: Final = {
    CSV.suffix: ("CSV", "таблица, ред за всеки запис", "a table, a row for each thing"),
    TTL.suffix: ("RDF", "RDF (Turtle), всяко твърдение веднъж", "RDF (Turtle), each statement once"),
}


_UNLICENSED: Final = {  # of what several sources say, of what one says
    "bg": (
        "Източниците на набора, или част от тях, не посочват условия за ползване; кои са, пише в каталога на общината. "
        "Лиценз за целия набор не се твърди.",
        "Източникът не посочва условия за ползване. Лиценз не се твърди.",
    ),
    "en": (
        "The sources of the dataset, or some of them, state no terms of use; the municipality's catalogue tells which. "
        "No licence is claimed for the whole.",
        "The source states no terms of use. No licence is claimed.",
    ),
}


@dataclass(frozen=True, slots=True)
class Offered:
    """A resource: `body` is what the portal is told, `mark` changes when it has to be told anew."""

    key: str
    body: Mapping[str, Any]
    mark: str
    file: File | None = None  # whose rows are to be sent, and not only its address


@dataclass(frozen=True, slots=True)
class Offer:
    """A dataset with its resources. `lacks` are the themes for which the portal's category is not known."""

    slug: str
    body: Mapping[str, Any]
    mark: str
    resources: Sequence[Offered]
    lacks: Sequence[str] = ()


def offer(
    dataset: Dataset, files: Mapping[str, File], plan: Plan, portal: Portal, base: str, *, with_data: bool = False
) -> Offer:
    """What the portal is told of a dataset. Where no licence is stated, none is claimed."""
    category = next((portal.categories[theme] for theme in dataset.themes if theme in portal.categories), None)
    terms = portal.terms.get(dataset.licence or "")
    body = {
        "locale": "bg",
        "name": _cut(_in(dataset.titles, "bg"), NAME_MAX),
        "description": _description(dataset, base),
        "category_id": category,
        "org_id": portal.organisation,
        "tags": list(dataset.keywords.get("bg", ())),
        "terms_of_use_id": terms,
        "visibility": PUBLIC,
        "source": f"{base}/dataset/{dataset.slug}",
        "author_name": _cut(_in(dataset.publishers or plan.publisher.name, "bg"), LINE_MAX),
        "support_name": _cut(plan.contact.name["bg"], LINE_MAX),
        "support_email": plan.contact.email,
    }
    told = {name: value for name, value in body.items() if value not in (None, [], "")}
    resources = [*_resources(dataset, files, base, with_data=with_data)]
    return Offer(dataset.slug, told, mark(told), resources, () if category else dataset.themes)


def mark(told: Any) -> str:
    """Changes with what is told."""
    text = json.dumps(told, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def rows(file: File) -> list[list[str]]:
    """The table as the portal keeps it: lists of cells, the first one the header."""
    with file.path.open(encoding="utf-8", newline="") as lines:
        return [*csv.reader(lines)]


def _resources(dataset: Dataset, files: Mapping[str, File], base: str, *, with_data: bool) -> Iterator[Offered]:
    title = _in(dataset.titles, "bg")
    when = dataset.modified.date().isoformat()
    for suffix, (format, bg, en) in _FORMS.items():
        file = files[f"{dataset.slug}.{suffix}"]
        if suffix == CSV.suffix and _is_bare(file):
            continue
        body = {
            "locale": "bg",
            "name": _named(title, bg),
            "description": f"{_capital(bg)}. Последна промяна: {when}.\n\n{_capital(en)}. Last changed: {when}.",
            "type": HYPERLINK,
            "resource_url": f"{base}/dumps/{file.name}",
            "file_format": format,
        }
        if suffix == CSV.suffix:
            body["schema_url"] = f"{base}/dumps/{dataset.slug}.csv-metadata.json"
        yield Offered(suffix, body, _with_content(body, file))
        if with_data and suffix == CSV.suffix:
            held = {name: value for name, value in body.items() if name != "resource_url"}
            held |= {"name": _named(title, "данните в портала"), "type": FILE}
            yield Offered("data", held, _with_content(held, file), file)
    yield Offered("sparql", *_query_service(title, base))


def _query_service(title: str, base: str) -> tuple[Mapping[str, Any], str]:
    bg = "Заявки на SPARQL 1.1 към целия граф, без ключ; параметърът е query."
    en = "SPARQL 1.1 queries on the whole graph, without a key; the parameter is query."
    body = {
        "locale": "bg",
        "name": _named(title, "заявки (SPARQL)"),
        "description": f"{bg}\n\n{en}",
        "type": API,
        "resource_url": f"{base}/sparql",
        "http_rq_type": "GET",
        # asked for by older versions of the portal
        "authentication": "не е нужна",
        "http_headers": "Accept: application/sparql-results+json",
    }
    return body, mark(body)


def _with_content(body: Mapping[str, Any], file: File) -> str:
    """By content, not by the day in the description: what is the same on another day need not be told again."""
    lasting = {name: value for name, value in body.items() if name != "description"}
    return mark([lasting, file.sha256])


def _is_bare(file: File) -> bool:
    """Whether a table has no rows, as that of the ontology."""
    with file.path.open(encoding="utf-8") as lines:
        return sum(1 for _, line in zip(range(2), lines, strict=False) if line.strip()) < 2


def _description(dataset: Dataset, base: str) -> str:
    page = f"{base}/dataset/{dataset.slug}"
    parts = [
        _in(dataset.descriptions, "bg"),
        _terms(dataset, "bg"),
        _in(dataset.descriptions, "en"),
        _terms(dataset, "en"),
    ]
    whole = "\n\n".join(part for part in parts if part)
    return f"{_cut(whole, TEXT_MAX - len(page) - 2)}\n\n{page}"


def _terms(dataset: Dataset, language: str) -> str:
    """The licence as it is stated, or that none is; which sources are silent stands in the catalogue, not here, for
    each edit of a dataset makes it a draft at the portal."""
    if dataset.licence:
        return f"{'Лиценз' if language == 'bg' else 'Licence'}: {dataset.licence}"
    return _UNLICENSED[language][dataset.of_source]


def _in(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")


def _named(title: str, what: str) -> str:
    return f"{_cut(title, NAME_MAX - len(what) - 3)} – {what}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
