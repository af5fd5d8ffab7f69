"""Evidence of an entry: nodes by place and basis, each with the fields read there."""

from __future__ import annotations

from collections.abc import Mapping

from kg.entry import Path_, Value
from kg.load.minting import digest
from kg.load.provenance import Origin, SelectorError, fragment, place
from kg.load.reading import SPAN, Reading
from kg.load.values import Json
from kg.namespaces import CODE


def attach(node: dict[str, Json], reading: Reading, origin: Origin) -> None:
    """Evidence nodes by place and basis, each with the fields read there; one for the entry by default."""
    found: dict[tuple[str, str, str], tuple[set[str], list[Json]]] = {}
    written = next((name for name in reading.entry.fields if reading.context.field(name) == "evidence"), None)
    items = reading.entry.fields[written] if written else []
    if not isinstance(items, list):
        items = [items]
    for number, item in enumerate(items):
        step: Path_ = (written or "", number)
        if not isinstance(item, dict):
            reading.problems.add(
                reading.entry.place(step),
                "evidence takes fields: of, at, basis",
                "доказателството има полета: of, at, basis (за поле, място в източника, основание)",
                field=written,
            )
            continue
        _one(reading, origin, item, step, found)
    if not items:
        key = (place(reading.entry.cited(), origin), f"{CODE}basis/{origin.basis}", "")
        found[key] = (set(), [])
    nodes: list[Json] = []
    for (target, basis, rule), (properties, values) in sorted(found.items(), key=lambda pair: pair[0]):
        evidence: dict[str, Json] = {
            "id": f"{node['id']}/evidence/{digest([target, basis, rule], reading.iris)}",
            "type": "Evidence",
            "source": origin.document,
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


def _one(
    reading: Reading,
    origin: Origin,
    item: Mapping[str, Value],
    step: Path_,
    found: dict[tuple[str, str, str], tuple[set[str], list[Json]]],
) -> None:
    stated = {reading.context.field(name) or name: (name, value) for name, value in item.items()}
    for name, (key, _) in stated.items():
        if name not in {"of", "ofValue", "at", "basis", "rule"}:
            reading.problems.add(
                reading.entry.place((*step, key)),
                f"unknown field „{key}“ in evidence; known: of, ofValue, at, basis, rule",
                f"непознато поле „{key}“ в доказателство; познати са: of, ofValue, at, basis, rule",
                field=key,
            )
            return

    def texts(name: str) -> list[str]:
        written, value = stated.get(name, (name, []))
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in items):
            reading.problems.add(
                reading.entry.place((*step, written)),
                f"„{written}“ in evidence takes a text, not fields of its own",
                f"„{written}“ в доказателство приема текст, а не вложени полета",
                field=written,
            )
        return [one for one in items if isinstance(one, str) and one.strip()]

    at = reading.entry.place(step)
    properties: set[str] = set()
    own = reading.terms()
    for text in texts("of"):
        iri = reading.of_field(text, at)
        if iri == SPAN:
            properties |= {
                reading.context.expand("schema:startDate"),
                reading.context.expand("schema:endDate"),
            }
        elif iri:
            properties.add(iri)
    values: list[Json] = []
    for text in texts("ofValue"):
        term = own.get(next(iter(properties))) if len(properties) == 1 else None
        if term is None:
            reading.problems.add(
                at,
                "a value in evidence needs exactly one field beside it (of)",
                "стойност в доказателство върви с точно едно поле (of)",
            )
        elif term.language:
            values.append({"@value": reading.values.text(text), "@language": "bg"})
        elif (one := reading.single(term, text, at, (*step, "ofValue"))) is not None:
            values.append(reading.values.explicit(term, one))
    codes = {"basis": f"{CODE}basis/{origin.basis}", "rule": ""}
    for name in codes:
        term = reading.context.term(name)
        for text in texts(name):
            assert term is not None
            codes[name] = reading.values.code(term, text, at, name) or ""
    targets = []
    for text in texts("at"):
        try:
            targets.append(f"{origin.document}#{fragment(text, origin.length)}")
        except SelectorError as error:
            reading.problems.add(at, str(error), error.bg, field="at", value=text)
    for target in targets or [place(reading.entry.cited(step), origin)]:
        held = found.setdefault((target, codes["basis"], codes["rule"]), (set(), []))
        held[0].update(properties)
        held[1].extend(value for value in values if value not in held[1])
