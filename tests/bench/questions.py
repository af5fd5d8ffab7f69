"""What is asked in the benchmark: queries in which constants change, so that no answer can come from a cache."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg.rq import QueryFile
from tests.bench import triples
from tests.bench.generate import THEMES, WORDS
from tests.bench.triples import Size

FOLDER = Path(__file__).with_name("analyst")
ROWS, GRAPH = "application/sparql-results+json", "application/n-triples"


@dataclass
class Question:
    """A query file of `analyst/`. Its header says which of its constants vary, and over what."""

    file: QueryFile
    size: Size
    asked: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def accept(self) -> str:
        return GRAPH if "CONSTRUCT" in self.file.text else ROWS

    def text(self, chance: random.Random) -> str:
        """The query with constants that were not asked for before."""
        while True:
            text = self.file.text
            for written, over in self.file.header["varies"].items():
                assert written in text, f"{self.name}: {written!r} is not in the query"
                text = text.replace(written, VARIES[over](chance, self.size))
            if text not in self.asked:
                self.asked.add(text)
                return text


def analyst(size: Size) -> list[Question]:
    return [Question(QueryFile.read(path), size) for path in sorted(FOLDER.glob("*.rq"))]


VARIES: Mapping[str, Callable[[random.Random, Size], str]] = {
    "euros": lambda chance, size: f"?value > {chance.randint(20_000, 400_000)}",
    "euros-much": lambda chance, size: f"?value < {chance.randint(5_000_000, 9_000_000)}",
    "theme": lambda chance, size: f"theme/{chance.choice(THEMES)}",
    "programme": lambda chance, size: f"programme/bench-{chance.randrange(triples.PROGRAMMES)}>",
    "region": lambda chance, size: f"place/bench-{chance.randrange(triples.REGIONS)}>",
    "organisation": lambda chance, size: f"organisation/bench-{chance.randrange(size.organisations)}>",
    "day": lambda chance, size: f"{chance.randint(2015, 2023)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
    "page": lambda chance, size: f"OFFSET {chance.randint(0, 300)}",
    "word": lambda chance, size: chance.choice(WORDS),
    "two-digits": lambda chance, size: str(chance.randint(10, 99)),
    "many": lambda chance, size: f"> {chance.randint(100, 99_999)}",
}
