"""Seeded entries in our ontology: projects with lead, programme, budget, dates and status, as CSV or YAML."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from pathlib import Path

import yaml

ORGANISATIONS, PROGRAMMES = 500, 40
THEMES = ("energy-efficiency", "education", "transport", "environment", "cultural-heritage", "digitisation")
STATUSES = ("signed", "running", "completed", "submitted")
WORDS = (
    "обновяване изграждане ремонт енергийна ефективност училище детска градина парк улица мост център дигитализация "
    "обучение култура наследство транспорт вода въздух квартал общежитие спорт"
).split()


def projects(count: int, seed: int = 1) -> Iterator[dict[str, str]]:
    """Rows of a table made for us; each is one project."""
    chance = random.Random(seed)
    for number in range(count):
        year = chance.randint(2014, 2026)
        title = " ".join(chance.choices(WORDS, k=6))
        yield {
            "id": f"project/bench-{number}",
            "type": "Project",
            "title.bg": f"{title.capitalize()} {number}",
            "fundedUnder": f"programme/bench-{chance.randrange(PROGRAMMES)}",
            "lead": f"organisation/bench-{chance.randrange(ORGANISATIONS)}",
            "theme": chance.choice(THEMES),
            "contractNumber": f"BG-{seed}-{number:07}",
            "startDate": f"{year}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            "budget.value": f"{chance.randint(1_000, 9_999_999)},{chance.randint(10, 99)}",
            "budget.currency": chance.choice(("BGN", "EUR")),
            "statusChange.toStatus": chance.choice(STATUSES),
            "statusChange.date": f"{year}",
        }


def surroundings(folder: Path) -> None:
    """What the projects refer to: organisations and programmes, in a source of their own."""
    entries: list[dict[str, object]] = [
        {
            "id": f"organisation/bench-{number}",
            "type": "Organisation",
            "kind": "company",
            "name": {"bg": f"Дружество {number}"},
        }
        for number in range(ORGANISATIONS)
    ]
    entries += [
        {"id": f"programme/bench-{number}", "type": "FundingProgramme", "title": {"bg": f"Програма {number}"}}
        for number in range(PROGRAMMES)
    ]
    (folder / "bench-surroundings.yaml").write_text(_yaml(entries), encoding="utf-8")


def as_csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_yaml(rows: list[dict[str, str]]) -> str:
    entries: list[dict[str, object]] = []
    for row in rows:
        entry: dict[str, object] = {}
        for header, value in row.items():
            inner = entry
            *path, last = header.split(".")
            for step in path:
                below = inner.setdefault(step, {})
                assert isinstance(below, dict)
                inner = below
            inner[last] = value
        entries.append(entry)
    return _yaml(entries)


def _yaml(entries: list[dict[str, object]]) -> str:
    return yaml.dump({"entries": entries}, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
