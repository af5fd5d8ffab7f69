"""Which thing an entry is about: its id held to its type, and an id proposed where none is there or it is none.

An entry with a proposed id is read on, so that everything that is wrong with it is told at once.
"""

from __future__ import annotations

from kg.entry import Entry, Locator
from kg.iris import ID, KINDS, slug
from kg.load.values import Values


def identify(values: Values, entry: Entry, id: str, class_name: str | None, at: Locator) -> str | None:
    """The IRI of what the entry is about, or would be about with the id that is proposed; None where none can be.

    `at` is where the id stands, or would stand.
    """
    context, problems = values.context, values.problems
    kind = context.hints.kind(context.classes[class_name]) if class_name else None
    form = {"bg": f"{kind or 'вид'}/име", "en": f"{kind or 'kind'}/name"}
    if not id:
        proposed = entry.proposed
        values.proposed |= {proposed} if proposed else set()
        problems.add(
            at,
            "the entry has no „id:“",
            "записът няма идентификатор (поле „ид“)",
            hint=(
                f"{f'; „{proposed}“ would do' if proposed else ''} (--assign-ids writes it for you)",
                f"{f'; подходящ е „{proposed}“' if proposed else ''} (--assign-ids го попълва)",
            ),
            field="id",
            kind="MissingId",
            expected=form,
            suggestion=proposed,
        )
        return _iri(values, proposed)
    right = ID.match(id) and kind in (None, id.partition("/")[0])
    mended = None if right else _for_one(values, _mended(values, id, kind))
    if not right and _holds_more(values, id, kind):
        problems.add(
            at,
            "the id seems to contain personal data, and it becomes a public address; choose another",
            "в идентификатора изглежда има лични данни, а той става публичен адрес; изберете друг",
            field="id",
            kind="BadId",
            expected=form,
            suggestion=mended,
        )
        return _iri(values, mended)
    if not ID.match(id) or id.partition("/")[0] not in KINDS:
        problems.add(
            at,
            f"{id!r} is no id; write {kind or 'kind'}/name: small Latin letters, digits and hyphens, at most 60, "
            f"no spaces or colons",
            f"„{id}“ не е идентификатор; пишете {kind or 'вид'}/име: малки латински букви, цифри и тирета, "
            f"най-много 60, без интервали и двоеточия",
            field="id",
            value=id,
            kind="BadId",
            expected=form,
            suggestion=mended,
        )
        return _iri(values, mended)
    if kind and id.partition("/")[0] != kind:
        problems.add(
            at,
            f"an entry of type {class_name} has an id that begins with {kind}/, not {id!r}",
            f"запис от тип „{context.aliases.get(class_name or '', class_name)}“ има идентификатор, който започва с "
            f"{kind}/, а не „{id}“",
            field="id",
            value=id,
            kind="BadId",
            expected=form,
            suggestion=mended,
        )
        return _iri(values, mended)
    return values.iris.entity(id).value


def _iri(values: Values, id: str | None) -> str | None:
    return values.iris.entity(id).value if id else None


def _mended(values: Values, id: str, kind: str | None) -> str | None:
    """The id in its form, with the kind of the entry's type."""
    tail = values.slug_of(kind, id.rpartition("/")[2])
    return f"{kind}/{tail}" if kind and tail else None


def _holds_more(values: Values, id: str, kind: str | None) -> bool:
    """Whether an id that is none has words that must not stand in one."""
    tail = id.rpartition("/")[2]
    return values.slug_of(kind, tail) != slug(tail)


def _for_one(values: Values, id: str | None) -> str | None:
    """The id, if no known thing has it and it has been proposed for no other entry."""
    if id is None or id in values.proposed or values.names.known(f"{values.iris.ids}{id}"):
        return None
    values.proposed.add(id)
    return id
