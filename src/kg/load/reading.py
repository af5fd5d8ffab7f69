"""One entry on its way to a JSON-LD node: fields are named by the context, values read, nested things named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kg import expected
from kg.context import Context, Term
from kg.entry import Entry, Locator, Path_, Value
from kg.iris import Iris
from kg.load.fields import property_of
from kg.load.identity import identify
from kg.load.minting import digest, fill, joint, renamed
from kg.load.problems import Problems, in_whole_cell, suggestion
from kg.load.several import Several
from kg.load.table import NOT_LOADED
from kg.load.units import with_unit
from kg.load.values import Json, Values
from kg.load.values import renamed as renamed_head
from kg.namespaces import DCT, MKG, SKOS

SPAN, EVIDENCE = MKG.dateAsStated.value, MKG.evidence.value
_OF = MKG.ofProperty.value
_NAMES = frozenset(
    one.value for one in (SKOS.prefLabel, SKOS.altLabel, DCT.term("title"), DCT.alternative, MKG.acronym)
)


def place_of(entry: Entry, name: str, context: Context) -> Locator:
    """Where a field stands, or would stand, whatever it is called there; `name` is the English one."""
    heads = (str(path[0]) for path in entry.places if len(path) == 1)
    called = (one for one in (*entry.fields, *heads) if context.field(one) == name)
    return entry.place((next(called, name),))


def _for_people(hint: tuple[str, str]) -> tuple[str, str]:
    """With the way to have a column of one's own."""
    bg, en = NOT_LOADED
    return (
        f"{hint[0]}; a column of notes has a heading that begins with „{en}“",
        f"{hint[1]}; колона за свои бележки има заглавие, което започва с „{bg}“",
    )


def called(entry: Entry, name: str, context: Context) -> str:
    """What a field is called there, or would be; `name` is the English one."""
    words = [*entry.fields, *(str(path[0]) for path in entry.places)]
    written = next((one for one in words if context.field(one) == name), None)
    bulgarian = not words or any(not one.isascii() for one in words)
    return written or (context.aliases.get(name, name) if bulgarian else name)


@dataclass(slots=True)
class Reading:
    """The readers of one entry; each tells `problems` what is wrong and goes on."""

    values: Values
    entry: Entry
    _own: Mapping[str, Term] | None = None

    @property
    def problems(self) -> Problems:
        return self.values.problems

    @property
    def context(self) -> Context:
        return self.values.context

    @property
    def iris(self) -> Iris:
        return self.values.iris

    def document(self) -> dict[str, Json] | None:
        """The entry's node, its evidence apart; None when it cannot be told what it is about.

        What is wrong is told, and the rest read on: as of the type that must be meant, where the one written is none.
        """
        id, type_ = self.keyword("id"), self.keyword("type")
        class_name = self.context.class_name(type_) if type_ else None
        if not type_:
            self.problems.add(
                self.place("type"),
                "the entry has no „type:“",
                "записът няма тип (поле „тип“)",
                field=called(self.entry, "type", self.context),
                kind="MissingType",
                expected=expected.classes(self.context),
            )
        elif class_name is None:
            en, bg = suggestion(self.context.like(type_, classes=True))
            known = ", ".join(sorted(self.context.classes))
            known_bg = ", ".join(sorted(self.context.aliases.get(name, name) for name in self.context.classes))
            self.problems.add(
                self.place("type"),
                f"„{type_}“ is no type",
                f"„{type_}“ не е познат тип",
                hint=(en or f"; known: {known}", bg or f"; познати са: {known_bg}"),
                field=called(self.entry, "type", self.context),
                value=type_,
                kind="UnknownType",
                expected=expected.classes(self.context),
                suggestion=self.context.nearest(type_, classes=True),
            )
            class_name = self.context.class_name(self.context.nearest(type_, classes=True) or "")
        before, id_field = len(self.problems), called(self.entry, "id", self.context)
        subject = identify(self.values, self.entry, id, class_name, self.place("id"))
        self.problems[before:] = [
            replace(one, field=id_field) if one.field == "id" else one for one in self.problems[before:]
        ]
        node = self._node(self.entry.fields, class_name, subject or f"{self.iris.ids}?", ())
        return None if subject is None or class_name is None else node

    def place(self, name: str) -> Locator:
        """Where a field stands, or would stand."""
        return place_of(self.entry, name, self.context)

    def keyword(self, name: str) -> str:
        """What stands as id or type; nothing where that is no word."""
        for written, value in self.entry.fields.items():
            if self.context.field(written) == name:
                if isinstance(value, str):
                    return value.strip()
                self.problems.add(
                    self.entry.place((written,)),
                    f"„{written}“ must be one word",
                    f"„{written}“ трябва да е една дума",
                    field=written,
                )
        return ""

    def _node(self, fields: Mapping[str, Value], class_name: str | None, subject: str, path: Path_) -> dict[str, Json]:
        node: dict[str, Json] = {"id": subject}
        if class_name:
            node["type"] = class_name
        stated = {self.context.field(written) for written in fields}
        seen: dict[str, str] = {}
        said_by: dict[str, str] = {}
        for written, value in fields.items():
            at = self.entry.place((*path, written))
            name = self.context.field(written)
            if name is None:
                meant = self.context.nearest(written)
                hint = suggestion(self.context.like(written))
                if meant is None and self.entry.heads:
                    hint = _for_people(hint)
                for where, heading in self.entry.naming((*path, written)):
                    self.problems.add(
                        where,
                        f"unknown field „{written}“",
                        f"непознато поле „{written}“",
                        hint=hint,
                        field=heading or written,
                        kind="UnknownField",
                        expected=expected.fields(self.context, class_name, written),
                        suggestion=renamed_head(heading, written, meant),
                    )
                name = self.context.field(meant) if meant else None
                if name is None or name in stated:
                    continue
            if name in seen:
                self.problems.add(
                    at,
                    f"„{written}“ and „{seen[name]}“ are the same field; keep one",
                    f"„{written}“ и „{seen[name]}“ са едно и също поле; оставете едното",
                    field=written,
                )
                continue
            seen[name] = written
            if name in {"id", "type"}:
                continue
            term = self.context.term(name, class_name)
            if term is None and class_name is None and not path:
                continue  # that the type is missing or unknown has been said; its own fields cannot be judged
            if term is None:
                self.problems.add(
                    at,
                    f"an entry of type {class_name} has no field „{written}“",
                    f"запис от тип „{self.context.aliases.get(class_name or '', class_name)}“ няма поле „{written}“",
                    field=written,
                    kind="FieldOfAnotherType",
                    expected=expected.fields(self.context, class_name, written),
                )
                continue
            if term.iri == EVIDENCE and not path:
                continue
            read = self._value(term, value, (*path, written), subject)
            for key, json_value in read.items():
                before = node.get(key)
                if before is not None and before != json_value:
                    self.problems.add(
                        at,
                        f"„{written}“ says another {key} than „{said_by[key]}“ does",
                        f"„{written}“ казва за {key} друго, а не каквото „{said_by[key]}“",
                        field=written,
                    )
                    continue
                said_by.setdefault(key, written)
                node[key] = json_value
        return node

    def _value(self, term: Term, value: Value, path: Path_, subject: str) -> Mapping[str, Json]:
        """What the field adds to the node: usually one key, several for dates."""
        at, written = self.entry.place(path), str(path[-1])
        if isinstance(value, str) and not value.strip():
            return {}
        stated, said_before = value, len(self.problems)
        if term.multiple and (term.language or not isinstance(value, dict)):
            value = self.entry.split(value)
        if term.language:
            texts = self.values.language_map(
                value,
                lambda steps: self.entry.place((*path, *steps)),
                written,
                lambda steps: self.entry.naming((*path, *steps)),
                one_line=term.iri in _NAMES,
            )
            if value != stated:
                self._mend_whole_cells(stated, said_before)
            return {} if texts is None else {term.name: texts}
        template = self.context.hints.nested(term.iri)
        if template is not None:
            return {term.name: self._nested(term, template, value, path, subject)}
        items = value if isinstance(value, list) else [value]
        texts_only = [item for item in items if isinstance(item, str)]
        if len(texts_only) < len(items):
            self.problems.add(
                at,
                f"„{written}“ takes a text, not fields of its own",
                f"„{written}“ приема текст, а не вложени полета",
                field=written,
            )
            return {}
        if term.date or term.iri == SPAN:
            if len(texts_only) > 1:
                self.problems.add(
                    at,
                    f"„{written}“ takes one date; write a span as 26–30.06.2023",
                    f"„{written}“ приема една дата; период се пише 26–30.06.2023",
                    field=written,
                )
                return {}
            read = self.values.span if term.iri == SPAN else self.values.date
            return read(term, texts_only[0], at, written) if texts_only else {}
        read_items: list[Json] = []
        for number, text in enumerate(texts_only):
            where = self.entry.place((*path, number)) if isinstance(value, list) else at
            before = len(self.problems)
            if text.strip() and (one := self.single(term, text, where, path)) is not None:
                read_items.append(one)
            elif term.multiple:
                several = Several(self.values, term, self.entry.separator)
                self.problems[before:] = map(several.told, self.problems[before:])
        if value != stated:
            self._mend_whole_cells(stated, said_before)
        if not read_items:
            return {}
        return {term.name: read_items if len(read_items) > 1 else read_items[0]}

    def _mend_whole_cells(self, stated: Value, since: int) -> None:
        """What was proposed for one item of a list that stands in one cell, as that cell's whole text."""
        for cell in stated.values() if isinstance(stated, dict) else [stated]:
            if isinstance(cell, str):
                self.problems[since:] = in_whole_cell(self.problems[since:], self.entry.split(cell))

    def single(self, term: Term, text: str, at: Locator, path: Path_) -> str | None:
        """One value as its field reads it."""
        written = str(path[-1])
        if term.vocabulary:
            return self.values.code(term, text, at, written)
        if term.iri == _OF:
            return self.of_field(text, at, permitted=True)
        if term.reference:
            return self.values.reference(term, text, at, written, self.entry.lookups.get(path))
        before = len(self.problems)
        read = self.values.literal(term, text, at, written, exact=path in self.entry.exact)
        self.problems[before:] = [
            with_unit(found, term, path, self.entry, self.context, self.values.codes)
            for found in self.problems[before:]
        ]
        return read

    def of_field(self, text: str, at: Locator, *, permitted: bool = False) -> str | None:
        """The property of a field that evidence is for, or that is permitted to hold personal data."""
        iri = property_of(text, self.entry, self.terms(), self.context, nested=permitted)
        if iri is None:
            en, bg = suggestion(self.context.like(text))
            about_en, about_bg = ("the permission", "разрешението") if permitted else ("evidence", "доказателство")
            none_en = "a field that the entry does not have" if permitted else "an unknown field"
            none_bg = "поле, което записът няма:" if permitted else "непознато поле"
            self.problems.add(
                at,
                f"{about_en} is for {none_en}{',' if permitted else ''} „{text}“",
                f"{about_bg} {'е ' if permitted else ''}за {none_bg} „{text}“",
                hint=(en, bg),
                value=text,
                kind="UnknownField",
                suggestion=self.context.nearest(text),
            )
        return iri

    def terms(self) -> Mapping[str, Term]:
        """The fields that the entry has, by property."""
        if self._own is not None:
            return self._own
        class_name = self.context.class_name(self.keyword("type")) or ""
        names = {self.context.field(written) for written in self.entry.fields}
        found = {}
        for name in sorted(name for name in names if name):
            term = self.context.term(name, class_name)
            if term is not None:
                found[term.iri] = term
        self._own = found
        return found

    def _nested(self, term: Term, template: str, value: Value, path: Path_, subject: str) -> Json:
        """Nested nodes, each named below its owner from what it says."""
        items = value if isinstance(value, list) else [value]
        classes = [self.context.class_by_iri.get(iri) for iri in sorted(self.context.hints.range(term.iri))]
        class_name = classes[0] if len(classes) == 1 else None
        nodes: list[dict[str, Json]] = []
        for number, item in enumerate(items):
            step: Path_ = (*path, number) if isinstance(value, list) else path
            if not isinstance(item, dict):
                inner = [name for iri in self.context.hints.range(term.iri) for name in self.context.fields_of(iri)][:3]
                en, bg = (
                    ", ".join(f"{name}: …" for name in names)
                    for names in (inner, [self.context.aliases.get(name, name) for name in inner])
                )
                self.problems.add(
                    self.entry.place(step),
                    f"„{path[-1]}“ takes fields of its own; write {{{en}}}",
                    f"„{path[-1]}“ има свои полета; пишете {{{bg}}}",
                    field=str(path[-1]),
                    kind="FieldsExpected",
                    expected={"bg": f"{{{bg}}}", "en": f"{{{en}}}"},
                )
                continue
            # Named twice: once to read it, then again when its name, which depends on what it says, is known.
            draft = self._node(item, class_name, subject + "/", step)
            own = {key: read for key, read in draft.items() if key != "id"}
            name = fill(template, own, self.iris)
            nodes.append(renamed(draft, subject + "/", subject + joint(template) + name))
        shared = {id for id, count in Counter(str(node["id"]) for node in nodes).items() if count > 1}
        for node in nodes:
            if node["id"] in shared:
                node["id"] = f"{node['id']}-{digest(node, self.iris)}"
        return [*nodes]
