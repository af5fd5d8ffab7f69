"""`sources.yaml`: who says it, under which licence, how far it is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from kg.entry import Locator, Value
from kg.errors import DataError
from kg.iris import ID, Iris
from kg.load.dates import DateError
from kg.load.dates import read as read_date
from kg.load.decode import decode, read_bytes
from kg.load.from_yaml import tree
from kg.load.problems import Problems, suggestion
from kg.namespaces import DCT, FOAF, MKG, PROV, RDF, SKOS, XSD

FILE = "sources.yaml"
ID_FORM = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\Z")
DEFAULT_RANK = 50
RESERVED = frozenset({"meta", "derived", "endpoint"})
_PUBLISHER = NamedNode("http://purl.org/dc/elements/1.1/publisher")
_TEXTS: Mapping[str, NamedNode] = {"title": DCT.term("title"), "publisher": _PUBLISHER, "note": SKOS.note}
_LINKS: Mapping[str, NamedNode] = {"homepage": FOAF.homepage, "licence": DCT.license}
_DATES: Mapping[str, NamedNode] = {"issued": DCT.issued, "retrieved": MKG.retrieved}
_BULGARIAN: Mapping[str, str] = {
    "източници": "sources",
    "ид": "id",
    "заглавие": "title",
    "издател": "publisher",
    "бележка": "note",
    "интернет страница": "homepage",
    "лиценз": "licence",
    "лицензът не е посочен": "licenceNotStated",
    "дата на издаване": "issued",
    "изтеглен на": "retrieved",
    "документ": "document",
    "степен на доверие": "rank",
    "контролна сума": "sha256",
}
_YES = frozenset({"true", "да"})
_KEYS = (*_TEXTS, *_LINKS, *_DATES, "id", "licenceNotStated", "document", "rank", "sha256")


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of one source."""

    id: str
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    document: str | None = None  # the entity that this source is
    rank: int = DEFAULT_RANK  # 1 is trusted most
    sha256: str | None = None
    licence_not_stated: bool = False
    places: Mapping[str, tuple[Locator, str]] = field(default_factory=dict, compare=False)
    """Where a text or a link stands, and what it is called there; of a text by its name and language, `title.bg`."""

    def said(self) -> Iterator[tuple[str, NamedNode, Locator, str]]:
        """Everything in it that is written freely: the text, its property, its place, the field as it is written."""
        written = [(name, text) for name, text in self.links.items()]
        written += [(f"{name}.{tag}", text) for name, texts in self.texts.items() for tag, text in texts.items()]
        for name, text in written:
            if name in self.places:
                property = _TEXTS.get(name.partition(".")[0]) or _LINKS[name]
                yield text, property, *self.places[name]

    def document_iri(self, iris: Iris) -> str:
        """What evidence from this source refers to: its document, else its graph."""
        return (iris.entity(self.document) if self.document else iris.graph(self.id)).value

    def triples(self, iris: Iris) -> Iterator[Triple]:
        """The description of the source's graph, for the meta graph."""
        graph = iris.graph(self.id)
        yield Triple(graph, RDF.type, PROV.Entity)
        yield Triple(graph, DCT.identifier, Literal(self.id))
        yield Triple(graph, MKG.rank, Literal(str(self.rank), datatype=XSD.integer))
        for name, texts in self.texts.items():
            for language, text in texts.items():
                yield Triple(graph, _TEXTS[name], Literal(text, language=language))
        for name, link in self.links.items():
            yield Triple(graph, _LINKS[name], NamedNode(link))
        for name, day in self.dates.items():
            datatype = {4: XSD.gYear, 7: XSD.gYearMonth}.get(len(day), XSD.date)
            yield Triple(graph, _DATES[name], Literal(day, datatype=datatype))
        if self.document:
            yield Triple(graph, PROV.hadPrimarySource, iris.entity(self.document))
        if self.sha256:
            yield Triple(graph, MKG.sha256, Literal(self.sha256))
        if self.licence_not_stated:
            yield Triple(graph, MKG.licenceNotStated, Literal("true", datatype=XSD.boolean))


def about(id: str, said: Mapping[str, tuple[str, Locator]], problems: Problems) -> SourceInfo | None:
    """A source by what a workbook says of it, name by name; None where it does not say what it is called.

    `problems` is told what is wrong.
    """
    item: dict[str, Value] = {"id": id}
    places: dict[str, Locator] = {}
    for name, (text, at) in said.items():
        head, _, language = name.partition(".")
        key = _english(head)
        places.setdefault(key, at)
        places.setdefault(f"{key}.{language or 'bg'}", at)
        if not text:
            continue
        texts = item.setdefault(key, {}) if language else None
        if isinstance(texts, dict):
            texts[language] = text
        else:
            item[key] = text
    if "title" not in item:
        return None
    if "licence" not in item:
        item["licenceNotStated"] = "true"
    first = next(iter(places.values()))

    def place(key: str | None = None) -> Locator:
        name = key or ""
        return places.get(name) or places.get(name.partition(".")[0], first)

    called = {key: at.column or key for key, at in places.items()}
    return _Reader(item, place, problems, called).info()


def unknown(id: str) -> SourceInfo:
    """A source that nothing describes yet: its name is all that can be said."""
    return SourceInfo(id, texts={"title": {"bg": id, "en": id}}, licence_not_stated=True)


def find(path: Path) -> Path | None:
    """The nearest `sources.yaml` beside or above a file, three folders up at most."""
    for folder in [path.resolve().parent, *path.resolve().parents[1:4]]:
        if (folder / FILE).is_file():
            return folder / FILE
    return None


def read(path: Path) -> dict[str, SourceInfo]:
    """Sources by id. Raises DataError with everything that is wrong."""
    problems = Problems()
    at = Locator(path.name, line=1)
    root, places = tree(decode(read_bytes(path), at), path.name, problems)
    head = next((key for key in root if _english(key) == "sources"), None) if isinstance(root, dict) else None
    listed = root[head] if isinstance(root, dict) and head else None
    if not isinstance(listed, list) or head is None:
        problems.add(
            at,
            "the first line must be „sources:“, and below it a list",
            "първият ред трябва да е „източници:“ (или „sources:“), а под него – списък",
        )
        raise DataError(problems)
    result: dict[str, SourceInfo] = {}
    for number, item in enumerate(listed):
        written = {_english(key): key for key in item} if isinstance(item, dict) else {}

        def place(
            key: str | None = None, number: int = number, head: str = head, written: Mapping[str, str] = written
        ) -> Locator:
            name, _, language = (key or "").partition(".")
            steps = (head, number, written.get(name, name)) if name else (head, number)
            return Locator(path.name, line=places.get((*steps, language), places.get(steps, 1)))

        if not isinstance(item, dict):
            problems.add(place(), "a source has fields: id, title, …", "източникът има полета: id, title, …")
            continue
        if len(written) < len(item):
            problems.add(
                place(),
                "a field is here under its English and its Bulgarian name; keep one",
                "едно поле е написано и на български, и на английски; оставете едното",
            )
        reader = _Reader({_english(key): value for key, value in item.items()}, place, problems, written)
        info = reader.info()
        if info.id in result:
            problems.add(
                place("id"),
                f"the source {info.id!r} is here twice",
                f"източникът „{info.id}“ се повтаря",
                field="id",
            )
        same = next((one.id for one in result.values() if info.document and one.document == info.document), None)
        if same not in (None, info.id):
            problems.add(
                place("document"),
                f"{same!r} is already the source of {info.document}; a document is one source, so put the two together",
                f"„{same}“ вече е източникът на {info.document}; един документ е един източник – обединете двата",
                field="document",
            )
        result[info.id] = info
    if problems:
        raise DataError(problems)
    return result


def _english(key: str) -> str:
    return _BULGARIAN.get(key.strip().lower(), key)


def is_id(text: str) -> bool:
    """Whether a source may be called so; some names are taken by graphs of ours."""
    return bool(ID_FORM.match(text)) and text not in RESERVED


@dataclass(slots=True)
class _Reader:
    item: Mapping[str, Value]
    place: object
    problems: Problems
    called: Mapping[str, str]  # the fields as they are written

    def at(self, key: str | None = None) -> Locator:
        assert callable(self.place)
        located = self.place(key)
        assert isinstance(located, Locator)
        return located

    def info(self) -> SourceInfo:
        for key in self.item.keys() - set(_KEYS):
            en, bg = suggestion([known for known in _KEYS if known[:3] == key[:3]])
            self.problems.add(self.at(key), f"unknown field {key!r}{en}", f"непознато поле „{key}“{bg}", field=key)
        id = self.text("id")
        if not is_id(id):
            self.problems.add(
                self.at("id"),
                f"{id!r} is no source id; write small Latin letters, digits and hyphens, at most 60",
                f"„{id}“ не е идентификатор на източник; пишете малки латински букви, цифри и тирета, най-много 60",
                field="id",
            )
        if "title" not in self.item:
            self.problems.add(
                self.at(), f"the source {id!r} has no title", f"източникът „{id}“ няма заглавие", field="title"
            )
        if "licence" not in self.item and self.text("licenceNotStated") not in _YES:
            self.problems.add(
                self.at(),
                f"the source {id!r} names no licence; write licence: https://… or licenceNotStated: true",
                f"за „{id}“ не е посочен лиценз; пишете лиценз: https://… или „лицензът не е посочен: да“",
                field="licence",
            )
        document = self.text("document")
        if document and not ID.match(document):
            self.problems.add(
                self.at("document"),
                f"{document!r} is no id of a document",
                f"„{document}“ не е идентификатор на документ",
                field="document",
            )
        rank = self.text("rank")
        if rank and not re.fullmatch(r"[1-9]\d{0,3}", rank):
            self.problems.add(
                self.at("rank"),
                f"rank {rank!r}: write a whole number from 1 (trusted most)",
                f"rank „{rank}“: пишете цяло число от 1 (най-достоверен) нагоре",
                field="rank",
            )
            rank = ""
        sha256 = self.text("sha256")
        if sha256 and not re.fullmatch(r"[0-9a-f]{64}", sha256):
            self.problems.add(
                self.at("sha256"),
                "sha256 has 64 digits 0–9 and a–f",
                "sha256 е от 64 знака 0–9 и a–f",
                field="sha256",
            )
        texts = {name: self.texts(name) for name in _TEXTS if name in self.item}
        links = {name: self.link(name) for name in _LINKS if name in self.item}
        free = [*links, *(f"{name}.{tag}" for name, by_tag in texts.items() for tag in by_tag)]
        return SourceInfo(
            id,
            texts=texts,
            links=links,
            dates={name: self.date(name) for name in _DATES if name in self.item},
            document=document or None,
            rank=int(rank) if rank else DEFAULT_RANK,
            sha256=sha256 or None,
            licence_not_stated=self.text("licenceNotStated") in _YES,
            places={name: (self.at(name), self._called(name)) for name in free},
        )

    def _called(self, name: str) -> str:
        return self.called.get(name) or self.called.get(name.partition(".")[0], name)

    def text(self, key: str) -> str:
        value = self.item.get(key, "")
        if isinstance(value, str):
            return value.strip()
        self.problems.add(self.at(key), f"{key!r} must be a text", f"„{key}“ трябва да е текст", field=key)
        return ""

    def texts(self, key: str) -> dict[str, str]:
        value = self.item[key]
        if isinstance(value, str):
            return {"bg": value.strip()}
        if isinstance(value, dict) and value.keys() <= {"bg", "en"}:
            return {tag: text.strip() for tag, text in value.items() if isinstance(text, str)}
        self.problems.add(
            self.at(key), f"{key!r} takes a text, or bg: and en:", f"„{key}“ приема текст или bg: и en:", field=key
        )
        return {}

    def link(self, key: str) -> str:
        value = self.text(key)
        try:
            if value.startswith(("http://", "https://")):
                return NamedNode(value).value
        except ValueError:
            pass
        self.problems.add(
            self.at(key), f"{value!r} is no web address", f"„{value}“ не е уеб адрес", field=key, value=value
        )
        return "https://invalid.example/"

    def date(self, key: str) -> str:
        try:
            interval = read_date(self.text(key))
        except DateError as error:
            self.problems.add(self.at(key), str(error), error.bg, field=key)
            return ""
        day = interval.start.isoformat()
        return {"month": day[:7], "year": day[:4]}.get(interval.precision, day)
