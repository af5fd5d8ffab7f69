"""Entries become triples: fields are named by the context, values read, nested things named, sources attached."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from kg.context import Codes, Context, Term
from kg.entry import Entry, Locator, Path_, Value
from kg.errors import DataError
from kg.finding import Finding
from kg.iris import ID, KINDS, Iris, slug
from kg.load import dates
from kg.load.names import Names
from kg.load.problems import Problems, suggestion
from kg.load.provenance import Origin, SelectorError, fragment, place
from kg.load.values import Json, Values
from kg.namespaces import CODE, MKG

_PART = re.compile(r"\{(\w+)\}")
_SPAN, _OF, _EVIDENCE = MKG.dateAsStated.value, MKG.ofProperty.value, MKG.evidence.value


@dataclass(frozen=True, slots=True)
class Batch:
    """What one source says: its triples, and the entry behind each subject."""

    source: str
    graph: NamedNode
    triples: tuple[Triple, ...]
    entries: Mapping[str, Entry] = field(default_factory=dict)  # by the subject's IRI
    notes: tuple[Finding, ...] = ()
    files: tuple[str, ...] = ()

    def entry(self, subject: str) -> Entry | None:
        """The entry of a subject, or of the thing it is nested in."""
        while subject:
            if subject in self.entries:
                return self.entries[subject]
            cut = max(subject.rfind("#"), subject.rfind("/"))
            subject = subject[:cut] if cut > 0 else ""
        return None


@dataclass(slots=True)
class Describer:
    """Turns entries of one source into triples; the context, the code lists and the known names decide."""

    context: Context
    codes: Codes
    iris: Iris
    names: Names

    def describe(self, source: str, entries: Sequence[Entry], origin: Origin, period: str | None = None) -> Batch:
        """The batch of a source. Raises DataError with everything that is wrong in its entries."""
        problems = Problems()
        values = Values(self.context, self.codes, self.iris, self.names, problems)
        if period:
            values.period = values.interval(period, Locator(entries[0].at.file, line=1), "period")
        documents: list[Json] = []
        by_subject: dict[str, Entry] = {}
        for entry in entries:
            reading = _Reading(self, values, entry, origin)
            document = reading.document()
            if document is None:
                continue
            subject = str(document["id"])
            if subject in by_subject:
                first = by_subject[subject].at
                problems.add(
                    entry.place(("id",)),
                    f"{self.iris.id(subject)} is already described at {first}; put the two together",
                    f"„{self.iris.id(subject)}“ вече е описано на {first}; обединете двата записа",
                    field="id",
                )
                continue
            by_subject[subject] = entry
            documents.append(document)
        if any(finding.refuses for finding in problems):
            raise DataError(problems)
        triples = tuple(self._triples(documents))
        described = {triple.subject.value for triple in triples if isinstance(triple.subject, NamedNode)}
        lost = by_subject.keys() - described
        assert not lost, f"entries without a triple: {sorted(lost)[:3]}"
        files = tuple(sorted({entry.at.file for entry in entries}))
        return Batch(source, self.iris.graph(source), triples, by_subject, tuple(problems), files)

    def _triples(self, documents: Sequence[Json]) -> Iterator[Triple]:
        text = json.dumps({**self.context.document, "@graph": documents}, ensure_ascii=False)
        seen: set[Triple] = set()
        for quad in parse(text, RdfFormat.JSON_LD, base_iri=self.iris.ids):
            if quad.triple not in seen:
                seen.add(quad.triple)
                yield quad.triple


@dataclass(slots=True)
class _Reading:
    """One entry on its way to a JSON-LD node."""

    by: Describer
    values: Values
    entry: Entry
    origin: Origin

    @property
    def problems(self) -> Problems:
        return self.values.problems

    def document(self) -> dict[str, Json] | None:
        """The entry's node; None when it cannot be told what it is about."""
        id, type_ = self._keyword("id"), self._keyword("type")
        at = self.entry.at
        class_name = self.by.context.class_name(type_) if type_ else None
        if not type_:
            self.problems.add(at, "the entry has no „type:“", "записът няма „тип:“ (type)", field="type")
        elif class_name is None:
            en, bg = suggestion(self.by.context.like(type_, classes=True))
            known = ", ".join(sorted(self.by.context.classes))
            self.problems.add(
                self.entry.place(("type",)),
                f"{type_!r} is no type{en or '; known: ' + known}",
                f"„{type_}“ не е познат тип{bg or '; познати са: ' + known}",
                field="type",
                value=type_,
            )
        subject = self._subject(id, class_name)
        if subject is None or class_name is None:
            return None
        node = self._node(self.entry.fields, class_name, subject, ())
        self._attach_evidence(node, subject)
        return node

    def _keyword(self, name: str) -> str:
        for written, value in self.entry.fields.items():
            if self.by.context.field(written) == name:
                if isinstance(value, str):
                    return value.strip()
                self.problems.add(
                    self.entry.place((written,)),
                    f"{written!r} must be one word",
                    f"„{written}“ трябва да е една дума",
                    field=written,
                )
        return ""

    def _subject(self, id: str, class_name: str | None) -> str | None:
        iri = self.by.context.classes[class_name] if class_name else ""
        kind = self.by.context.hints.kind(iri)
        if not id:
            hint = f"; „{propose_id(self.entry, self.by.context, kind)}“ would do" if kind else ""
            hint_bg = f"; подходящ е „{propose_id(self.entry, self.by.context, kind)}“" if kind else ""
            self.problems.add(
                self.entry.at,
                f"the entry has no „id:“{hint} (--assign-ids writes it for you)",
                f"записът няма „ид:“ (id){hint_bg} (--assign-ids го попълва)",
                field="id",
            )
            return None
        at = self.entry.place(("id",))
        if not ID.match(id) or id.partition("/")[0] not in KINDS:
            shape = f"{kind or 'kind'}/name"
            self.problems.add(
                at,
                f"{id!r} is no id; write {shape}: small Latin letters, digits and hyphens, at most 60, "
                f"no spaces or colons",
                f"„{id}“ не е идентификатор; пишете {shape}: малки латински букви, цифри и тирета, най-много 60, "
                f"без интервали и двоеточия",
                field="id",
                value=id,
            )
            return None
        if kind and id.partition("/")[0] != kind:
            self.problems.add(
                at,
                f"an entry of type {class_name} has an id that begins with {kind}/, not {id!r}",
                f"запис от тип {class_name} има идентификатор, който започва с {kind}/, а не „{id}“",
                field="id",
                value=id,
            )
            return None
        return self.by.iris.entity(id).value

    def _node(self, fields: Mapping[str, Value], class_name: str | None, subject: str, path: Path_) -> dict[str, Json]:
        node: dict[str, Json] = {"id": subject}
        if class_name:
            node["type"] = class_name
        seen: dict[str, str] = {}
        for written, value in fields.items():
            at = self.entry.place((*path, written))
            name = self.by.context.field(written)
            if name is None:
                en, bg = suggestion(self.by.context.like(written))
                self.problems.add(
                    at, f"unknown field {written!r}{en}", f"непознато поле „{written}“{bg}", field=written
                )
                continue
            if name in seen:
                self.problems.add(
                    at,
                    f"{written!r} and {seen[name]!r} are the same field; keep one",
                    f"„{written}“ и „{seen[name]}“ са едно и също поле; оставете едното",
                    field=written,
                )
                continue
            seen[name] = written
            if name in {"id", "type"}:
                continue
            term = self.by.context.term(name, class_name)
            if term is None:
                self.problems.add(
                    at,
                    f"an entry of type {class_name} has no field {written!r}",
                    f"запис от тип {class_name} няма поле „{written}“",
                    field=written,
                )
                continue
            if term.iri == _EVIDENCE and not path:
                continue
            read = self._value(term, value, (*path, written), subject)
            for key, json_value in read.items():
                stated = node.get(key)
                if stated is not None and stated != json_value:
                    self.problems.add(
                        at,
                        f"{written!r} says another {key} than {seen.get(key, key)!r} does",
                        f"„{written}“ казва за {key} друго, а не каквото „{seen.get(key, key)}“",
                        field=written,
                    )
                    continue
                node[key] = json_value
        return node

    def _value(self, term: Term, value: Value, path: Path_, subject: str) -> Mapping[str, Json]:
        """What the field adds to the node: usually one key, several for dates."""
        at, written = self.entry.place(path), str(path[-1])
        if isinstance(value, str) and not value.strip():
            return {}
        if self.entry.separator and isinstance(value, str) and term.multiple and self.entry.separator in value:
            value = [part.strip() for part in value.split(self.entry.separator) if part.strip()]
        if term.language:
            texts = self.values.language_map(value, at, written)
            return {} if texts is None else {term.name: texts}
        template = self.by.context.hints.nested(term.iri)
        if template is not None:
            return {term.name: self._nested(term, template, value, path, subject)}
        items = value if isinstance(value, list) else [value]
        texts_only = [item for item in items if isinstance(item, str)]
        if len(texts_only) < len(items):
            self.problems.add(
                at,
                f"{written!r} takes a text, not fields of its own",
                f"„{written}“ приема текст, а не вложени полета",
                field=written,
            )
            return {}
        if term.date or term.iri == _SPAN:
            if len(texts_only) > 1:
                self.problems.add(
                    at,
                    f"{written!r} takes one date; write a span as 26–30.06.2023",
                    f"„{written}“ приема една дата; период се пише 26–30.06.2023",
                    field=written,
                )
                return {}
            read = self.values.span if term.iri == _SPAN else self.values.date
            return read(term, texts_only[0], at, written) if texts_only else {}
        read_items: list[Json] = []
        for number, text in enumerate(texts_only):
            where = self.entry.place((*path, number)) if isinstance(value, list) else at
            if text.strip() and (one := self._single(term, text, where, path)) is not None:
                read_items.append(one)
        if not read_items:
            return {}
        return {term.name: read_items if len(read_items) > 1 else read_items[0]}

    def _single(self, term: Term, text: str, at: Locator, path: Path_) -> str | None:
        written = str(path[-1])
        if term.vocabulary:
            return self.values.code(term, text, at, written)
        if term.iri == _OF:
            return self._property(text, at)
        if term.reference:
            return self.values.reference(term, text, at, written, self.entry.lookups.get(path))
        return self.values.literal(term, text, at, written)

    def _property(self, text: str, at: Locator) -> str | None:
        name = self.by.context.field(text)
        if name == "type":
            return "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
        iri = {term.name: iri for iri, term in self._terms().items()}.get(name or "")
        if iri is None:
            en, bg = suggestion(self.by.context.like(text))
            self.problems.add(
                at, f"evidence is for an unknown field {text!r}{en}", f"доказателство за непознато поле „{text}“{bg}"
            )
        return iri

    def _terms(self) -> Mapping[str, Term]:
        class_name = self.by.context.class_name(self._keyword("type")) or ""
        names = {self.by.context.field(written) for written in self.entry.fields}
        found = {}
        for name in sorted(name for name in names if name):
            term = self.by.context.term(name, class_name)
            if term is not None:
                found[term.iri] = term
        return found

    def _nested(self, term: Term, template: str, value: Value, path: Path_, subject: str) -> Json:
        """Nested nodes, each named below its owner from what it says."""
        items = value if isinstance(value, list) else [value]
        classes = [self.by.context.class_by_iri.get(iri) for iri in sorted(self.by.context.hints.range(term.iri))]
        class_name = classes[0] if len(classes) == 1 else None
        nodes: list[dict[str, Json]] = []
        for number, item in enumerate(items):
            step: Path_ = (*path, number) if isinstance(value, list) else path
            if not isinstance(item, dict):
                known = "value, currency" if term.name in {"budget", "granted", "share"} else "its fields"
                self.problems.add(
                    self.entry.place(step),
                    f"{path[-1]!r} takes fields of its own ({known}), not a text",
                    f"„{path[-1]}“ приема вложени полета, а не текст",
                    field=str(path[-1]),
                )
                continue
            # Named twice: once to read it, then again when its name, which depends on what it says, is known.
            draft = self._node(item, class_name, subject + "/", step)
            own = {key: read for key, read in draft.items() if key != "id"}
            name = _fill(template, own, self.by.iris)
            nodes.append(_renamed(draft, subject + "/", subject + _joint(template) + name))
        shared = {id for id, count in Counter(str(node["id"]) for node in nodes).items() if count > 1}
        for node in nodes:
            if node["id"] in shared:
                node["id"] = f"{node['id']}-{_digest(node, self.by.iris)}"
        return [*nodes]

    def _attach_evidence(self, node: dict[str, Json], subject: str) -> None:
        """Evidence nodes by place and basis, each with the fields read there; one for the entry by default."""
        found: dict[tuple[str, str, str], tuple[set[str], list[Json]]] = {}
        written = next((name for name in self.entry.fields if self.by.context.field(name) == "evidence"), None)
        items = self.entry.fields[written] if written else []
        if not isinstance(items, list):
            items = [items]
        for number, item in enumerate(items):
            step: Path_ = (written or "", number)
            if not isinstance(item, dict):
                self.problems.add(
                    self.entry.place(step),
                    "evidence takes fields: of, at, basis",
                    "доказателството има полета: of, at, basis (за поле, място в източника, основание)",
                    field=written,
                )
                continue
            self._one_evidence(item, step, found)
        if not items:
            key = (place(self.entry.at, self.origin), f"{CODE}basis/{self.origin.basis}", "")
            found[key] = (set(), [])
        nodes: list[Json] = []
        for (target, basis, rule), (properties, values) in sorted(found.items(), key=lambda pair: pair[0]):
            evidence: dict[str, Json] = {
                "id": f"{subject}/evidence/{_digest([target, basis, rule], self.by.iris)}",
                "type": "Evidence",
                "source": self.origin.document,
                "at": target,
                "basis": basis,
            }
            if rule:
                evidence["rule"] = rule
            if properties:
                evidence["of"] = [*sorted(properties)]
            if values:
                evidence["ofValue"] = values
            nodes.append(evidence)
        node["evidence"] = nodes

    def _one_evidence(
        self,
        item: Mapping[str, Value],
        step: Path_,
        found: dict[tuple[str, str, str], tuple[set[str], list[Json]]],
    ) -> None:
        stated = {self.by.context.field(name) or name: (name, value) for name, value in item.items()}
        for name, (key, _) in stated.items():
            if name not in {"of", "ofValue", "at", "basis", "rule"}:
                self.problems.add(
                    self.entry.place((*step, key)),
                    f"unknown field {key!r} in evidence; known: of, ofValue, at, basis, rule",
                    f"непознато поле „{key}“ в доказателство; познати са: of, ofValue, at, basis, rule",
                    field=key,
                )
                return

        def texts(name: str) -> list[str]:
            value = stated.get(name, (name, []))[1]
            items = value if isinstance(value, list) else [value]
            return [one for one in items if isinstance(one, str) and one.strip()]

        at = self.entry.place(step)
        properties: set[str] = set()
        own = self._terms()
        for text in texts("of"):
            iri = self._property(text, at)
            if iri == _SPAN:
                properties |= {
                    self.by.context.expand("schema:startDate"),
                    self.by.context.expand("schema:endDate"),
                }
            elif iri:
                properties.add(iri)
        values: list[Json] = []
        for text in texts("ofValue"):
            term = own.get(next(iter(properties))) if len(properties) == 1 else None
            if term is None:
                self.problems.add(
                    at,
                    "a value in evidence needs exactly one field beside it (of)",
                    "стойност в доказателство върви с точно едно поле (of)",
                )
            elif term.language:
                values.append({"@value": self.values.text(text), "@language": "bg"})
            elif (one := self._single(term, text, at, (*step, "ofValue"))) is not None:
                values.append(self.values.explicit(term, one))
        codes = {"basis": f"{CODE}basis/{self.origin.basis}", "rule": ""}
        for name in codes:
            term = self.by.context.term(name)
            for text in texts(name):
                assert term is not None
                codes[name] = self.values.code(term, text, at, name) or ""
        targets = []
        for text in texts("at"):
            try:
                targets.append(f"{self.origin.document}#{fragment(text, self.origin.length)}")
            except SelectorError as error:
                self.problems.add(at, str(error), error.bg, field="at", value=text)
        for target in targets or [place(at, self.origin)]:
            held = found.setdefault((target, codes["basis"], codes["rule"]), (set(), []))
            held[0].update(properties)
            held[1].extend(value for value in values if value not in held[1])


def propose_id(entry: Entry, context: Context, kind: str | None, taken: Iterable[str] = ()) -> str:
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
    base = slug(words) or "1"
    held, number, chosen = set(taken), 1, base
    while f"{kind}/{chosen}" in held:
        number += 1
        chosen = f"{base[:56]}-{number}"
    return f"{kind}/{chosen}"


def _joint(template: str) -> str:
    return "" if template.startswith("#") else "/"


def _renamed(node: dict[str, Json], old: str, new: str) -> dict[str, Json]:
    """The node under its own name, and what is nested in it below that name."""

    def walk(value: Json) -> Json:
        if isinstance(value, dict):
            return {
                key: (new + str(inner)[len(old) :] if key == "id" and str(inner).startswith(old) else walk(inner))
                for key, inner in value.items()
            }
        return [walk(inner) for inner in value] if isinstance(value, list) else value

    renamed = walk(node)
    assert isinstance(renamed, dict)
    return renamed


def _fill(template: str, fields: Mapping[str, Json], iris: Iris) -> str:
    def part(match: re.Match[str]) -> str:
        if match[1] == "hash":
            return _digest({**fields}, iris)
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
        filled = _digest({**fields}, iris)
    return head + slash + filled


def _digest(value: Json, iris: Iris) -> str:
    """Twelve hex digits of the content; the base does not count, so a rebase keeps the names."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True).replace(iris.base, "")
    return hashlib.sha256(text.encode()).hexdigest()[:12]
