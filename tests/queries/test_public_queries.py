"""Every curated query: its header is complete, its answer is the expected one, and a slot left open means „any“.

`KG_WRITE_EXPECTED=1 pytest tests/queries` writes the expected answers anew; read the difference before keeping it.
"""

from __future__ import annotations

import csv
import io
import os
import random
import re
import time
from decimal import Decimal
from operator import le
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg import resources
from kg.library import Library
from kg.rq import QueryFile
from tests.queries.answers import Term, Values, answer, select, short

LIBRARY = Library(resources.QUERIES / "public")
NAMES = list(LIBRARY)
EXPECTED = Path(__file__).parent / "expected"
FIRST_ROWS = 20  # of an answer longer than WHOLE, which is kept as a count and its first rows
WHOLE = 60

XSD = "http://www.w3.org/2001/XMLSchema#"
LITERAL_TYPES = {
    "integer": {XSD + "integer"},
    "decimal": {XSD + "decimal", XSD + "integer"},
    "date": {XSD + "date", XSD + "gYearMonth", XSD + "gYear"},
    "time": {XSD + "time"},
    "boolean": {XSD + "boolean"},
    "string": {XSD + "string", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"},
}
# Columns that count or sum over sources: without a source each fact counts once, so the answer is not the union.
AGGREGATES = {
    "budgets-by-programme-and-currency": {"projects", "total"},
    "department-activity": {"events"},
    "events-by-month-and-kind": {"events"},
    "grants-by-programme-and-currency": {"projects", "total"},
    "organisers": {"events", "jointEvents"},
    "projects-by-status": {"projects"},
    "proposals-by-status": {"proposals"},
}
# Bounds of a period: no pattern enumerates their values, so the days of the data are tried.
BOUNDS = {"from", "to"}
CYRILLIC = re.compile("[а-я]", re.IGNORECASE)


@pytest.fixture(params=NAMES)
def query(request: pytest.FixtureRequest) -> QueryFile:
    return LIBRARY[request.param]


@pytest.fixture(scope="module")
def shuffled(bundled: Store) -> Store:
    """The same quads, inserted in another order."""
    quads: list[Quad] = list(bundled)
    random.Random(7).shuffle(quads)
    store = Store()
    for quad in quads:
        store.add(quad)
    return store


@pytest.fixture(scope="module")
def graphs(bundled: Store) -> list[NamedNode]:
    return sorted((name for name in bundled.named_graphs() if isinstance(name, NamedNode)), key=str)


def test_there_are_queries() -> None:
    assert len(NAMES) >= 40
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in NAMES)


def test_header_is_complete(query: QueryFile) -> None:
    header = query.header
    assert set(header) == {"title", "description", "questions", "parameters", "columns", "since"}
    assert header["since"] == "0.1"
    assert all(re.fullmatch(r"CQ\d\d", question) for question in header["questions"])
    for texts in (header["title"], header["description"]):
        assert bilingual(texts)
    for parameter in query.parameters.values():
        assert parameter["type"] in {"iri", *LITERAL_TYPES}
        assert bilingual(parameter["label"])
    for column in header["columns"]:
        assert column["type"] in {"iri", "term", *LITERAL_TYPES}
        assert bilingual(column["label"])


def bilingual(texts: dict[str, str]) -> bool:
    return set(texts) == {"bg", "en"} and bool(CYRILLIC.search(texts["bg"])) and not CYRILLIC.search(texts["en"])


def test_every_slot_is_declared_and_source_is_one_of_them(query: QueryFile) -> None:
    assert "source" in query.slots
    assert query.slots == set(query.parameters)


def test_no_address_of_an_installation_stands_in_the_text(query: QueryFile) -> None:
    assert not re.search(r"localhost|127\.0\.0\.1|/id/|/doc/", query.text)
    assert "ORDER BY" in query.text
    assert all(len(line) <= 122 for line in query.text.splitlines() if not line.startswith("#+"))


def test_columns_are_those_of_the_answer(query: QueryFile, bundled: Store) -> None:
    names, rows = select(bundled, query.text)
    assert names == [column["name"] for column in query.header["columns"]]
    for index, column in enumerate(query.header["columns"]):
        wrong = [row[index] for row in rows if not of_type(row[index], column["type"])]
        assert not wrong, f"{column['name']} should be of type {column['type']}: {wrong[:3]}"


def of_type(term: Term | None, declared: str) -> bool:
    if term is None or declared == "term":
        return True
    if isinstance(term, Literal):
        return declared != "iri" and term.datatype.value in LITERAL_TYPES[declared]
    return declared == "iri"


def test_answer_is_the_expected_one(query: QueryFile, bundled: Store) -> None:
    """Identifiers and literals of the whole answer, or of its first rows and how many there are; names left out."""
    names, rows = select(bundled, query.text)
    columns = [name for name in names if not name.endswith(("Label", "LabelEn"))]
    chosen = [names.index(column) for column in columns]
    found = [tuple(short(row[index]) or "" for index in chosen) for row in rows]
    text = written(columns, found)
    path = EXPECTED / f"{query.name}.csv"
    if os.environ.get("KG_WRITE_EXPECTED"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def written(columns: list[str], rows: list[tuple[str, ...]]) -> str:
    file = io.StringIO()
    file.write(f"# {len(rows)} rows" + (f", the first {FIRST_ROWS}\n" if len(rows) > WHOLE else "\n"))
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows[:FIRST_ROWS] if len(rows) > WHOLE else rows)
    return file.getvalue()


def test_no_expected_answer_is_left_over() -> None:
    assert sorted(path.stem for path in EXPECTED.glob("*.csv")) == sorted(NAMES)


def test_every_row_stands_once_and_has_its_name(query: QueryFile, bundled: Store) -> None:
    """A thing with two titles in one language still makes one row, and a name stands wherever its IRI does."""
    names, rows = select(bundled, query.text)
    keys = [index for index, name in enumerate(names) if not name.endswith(("Label", "LabelEn"))]
    assert len({tuple(row[index] for index in keys) for row in rows}) == len(rows)
    for index, name in enumerate(names):
        if name.endswith("Label"):
            owner = names.index(name.removesuffix("Label"))
            assert all((row[owner] is None) == (row[index] is None) for row in rows), name


def test_order_does_not_depend_on_the_store(query: QueryFile, bundled: Store, shuffled: Store) -> None:
    assert select(bundled, query.text) == select(shuffled, query.text)


def test_open_slot_means_any(query: QueryFile, bundled: Store, graphs: list[NamedNode]) -> None:
    """UNDEF gives the union over all values of the slot; of aggregates, the same groups with no larger numbers."""
    names, rows = select(bundled, query.text)
    numbers = AGGREGATES.get(query.name, set())
    groups = [index for index, name in enumerate(names) if name not in numbers]
    everything = {tuple(row[index] for index in groups) for row in rows}
    most = {tuple(row[index] for index in groups): numbers_of(row, names, numbers) for row in rows}
    for slot in sorted(query.slots):
        union: set[tuple[Term | None, ...]] = set()
        for values in batches(slot_values(query, slot, bundled, graphs)):
            _, bound = select(bundled, query.bind({slot: values}))
            union |= {tuple(row[index] for index in groups) for row in bound}
            for row in bound:
                group = tuple(row[index] for index in groups)
                assert all(map(le, numbers_of(row, names, numbers), most[group])), slot
        assert union == everything, slot


def numbers_of(row: tuple[Term | None, ...], names: list[str], numbers: set[str]) -> list[Decimal]:
    return [Decimal(str(short(value))) for name, value in zip(names, row, strict=True) if name in numbers]


def slot_values(query: QueryFile, slot: str, store: Store, graphs: list[NamedNode]) -> list[Term]:
    if slot == "source":
        return list(graphs)
    if slot in BOUNDS:
        text = "SELECT DISTINCT ?day { ?event <http://schema.org/startDate>|<http://schema.org/endDate> ?day }"
        return [row[0] for row in select(store, text)[1] if row[0] is not None]
    prefixes = "\n".join(line for line in query.text.splitlines() if line.startswith("PREFIX"))
    text = f"{prefixes}\nSELECT DISTINCT ?{slot} {group_of(query, slot)}"
    return sorted((row[0] for row in select(store, text)[1] if row[0] is not None), key=str)


def group_of(query: QueryFile, slot: str) -> str:
    """The innermost WHERE { … } around the slot."""
    text = query.text
    groups = [text[match.start() : closing(text, match.end())] for match in re.finditer(r"WHERE \{", text)]
    return min((group for group in groups if f"VALUES ?{slot} " in group), key=len)


def closing(text: str, start: int) -> int:
    """The end of the group that is open at the start."""
    depth = 1
    while depth:
        depth += {"{": 1, "}": -1}.get(text[start], 0)
        start += 1
    return start


def batches(values: list[Term]) -> list[list[Term]]:
    """One value each, or at most forty equal parts of very many."""
    size = 1 + len(values) // 40
    return [values[start : start + size] for start in range(0, len(values), size)]


def test_derived_graphs_are_not_sources(query: QueryFile, bundled: Store, graphs: list[NamedNode]) -> None:
    derived = [graph for graph in graphs if "/graph/derived/" in graph.value]
    assert derived
    for graph in derived:
        assert select(bundled, query.bind({"source": [graph]}))[1] == [], graph


def test_sums_count_an_amount_once(bundled: Store) -> None:
    """Two sources state the value of the culture project; it stands once in the total of its programme."""
    columns = ["programme", "currency", "projects", "total"]
    rows = answer(bundled, LIBRARY["budgets-by-programme-and-currency"].text, columns)
    assert ("programme/eea-culture", "currency:BGN", "1", "525355.96") in rows


def test_a_disagreement_shows_both_values_and_the_preferred_one(bundled: Store) -> None:
    store = Store()
    store.bulk_extend(bundled)
    graph = NamedNode("http://localhost:8000/graph/menergers-pilots")
    amount = NamedNode("http://localhost:8000/id/project/menergers#budget")
    value = NamedNode("https://w3id.org/municipal-kg/ns#value")
    other = Literal("500000", datatype=NamedNode(XSD + "decimal"))
    store.extend([Quad(amount, value, other, graph), Quad(amount, value, other)])
    found = answer(store, LIBRARY["disagreements"].text, ["thing", "property", "value", "source"])
    assert found == [
        ("project/menergers#budget", "mkg:value", "469794.74", "graph/menergers-euki"),
        ("project/menergers#budget", "mkg:value", "500000", "graph/menergers-pilots"),
    ]


def test_granted_money_is_summed_by_programme_and_currency(bundled: Store) -> None:
    """No source states a grant yet; one that does is found, and counts once when two sources state it."""
    store = Store()
    store.bulk_extend(bundled)
    mkg, base = "https://w3id.org/municipal-kg/ns#", "http://localhost:8000/"
    project = NamedNode(base + "id/project/ruse-cultural-heritage")
    amount = NamedNode(base + "id/project/ruse-cultural-heritage#granted")
    euro = NamedNode("http://publications.europa.eu/resource/authority/currency/EUR")
    facts: list[tuple[NamedNode, NamedNode, NamedNode | Literal]] = [
        (project, NamedNode(mkg + "granted"), amount),
        (amount, NamedNode(mkg + "value"), Literal("1000.50", datatype=NamedNode(XSD + "decimal"))),
        (amount, NamedNode(mkg + "currency"), euro),
    ]
    for source in ("culture-eufunds", "culture-eeagrants"):
        store.extend(Quad(*fact, NamedNode(base + "graph/" + source)) for fact in facts)
    store.extend(Quad(*fact) for fact in facts)
    query = LIBRARY["grants-by-programme-and-currency"]
    expected: list[Values] = [("programme/eea-culture", "currency:EUR", "1", "1000.5")]
    text = query.bind({"beneficiary": [NamedNode(base + "id/municipality/rse27")]})
    assert answer(store, text, ["programme", "currency", "projects", "total"]) == expected


def test_answers_come_soon(query: QueryFile, bundled: Store) -> None:
    """Well under a second on the bundled graph, even on a busy machine."""
    best = min(seconds(bundled, query.text) for _ in range(3))
    assert best < 0.5


def seconds(store: Store, text: str) -> float:
    start = time.perf_counter()
    select(store, text)
    return time.perf_counter() - start
