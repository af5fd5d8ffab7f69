"""Seeded triples in our ontology, by source graph: a release of a chosen size without the road through files.

Projects with their money, partners, statuses, places and events, the organisations and programmes that they refer to,
and a second source that repeats a part of the first, so that the merge differs from the sum of the graphs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from pyoxigraph import Literal, NamedNode, Triple

from kg.iris import Iris
from kg.namespaces import CODE, DCT, FOAF, MKG, ORG, RDF, RDFS, SCHEMA, SKOS, XSD, Namespace
from tests.bench.generate import STATUSES, THEMES, WORDS

BASE = "http://localhost:8000"
IRIS = Iris(BASE)
CURRENCY = Namespace("http://publications.europa.eu/resource/authority/currency/")
FROZEN = Decimal("1.95583")  # leva for one euro

PROGRAMMES, STEMS, FUNDERS = 40, 10, 4
REGIONS, DISTRICTS, PLACES = 6, 28, 265
SEATS = 15  # places that organisations are at home in
PER_PROJECT = 47
"""About so many triples of the merge come with each project."""

Graphs = dict[NamedNode, list[Triple]]


def graphs(triples: int, seed: int = 1) -> Graphs:
    """About this many triples, by the graph that states them."""
    size = Size(triples)
    surroundings = list(_surroundings(size))
    projects, derived, register = [], [], []
    for number, one in enumerate(_projects(size, seed)):
        stated, inferred = one
        projects += stated
        derived += inferred
        if number % 5 == 0:  # a register repeats the head of every fifth
            register += stated[:6]
    return {
        IRIS.graph("bench-surroundings"): surroundings,
        IRIS.graph("bench-projects"): projects,
        IRIS.graph("bench-register"): register,
        IRIS.graph("bench-events"): list(_events(size, seed)),
        IRIS.derived("bench"): derived,
    }


class Size:
    """How many of each kind there are in a dataset of so many triples."""

    def __init__(self, triples: int) -> None:
        self.projects = max(20, triples // PER_PROJECT)
        self.organisations = max(20, self.projects // 20)
        self.events = self.projects // 4


def entity(kind: str, number: int) -> NamedNode:
    return IRIS.entity(f"{kind}/bench-{number}")


def _named(node: NamedNode, cls: NamedNode, bg: str, en: str) -> Iterator[Triple]:
    yield Triple(node, RDF.type, cls)
    yield Triple(node, RDFS.label, Literal(bg, language="bg"))
    yield Triple(node, RDFS.label, Literal(en, language="en"))


def _surroundings(size: Size) -> Iterator[Triple]:
    for number in range(REGIONS + DISTRICTS + PLACES):
        place = entity("place", number)
        yield from _named(place, MKG.Place, f"Място {number}", f"Place {number}")
        if REGIONS <= number < REGIONS + DISTRICTS:
            yield Triple(place, DCT.isPartOf, entity("place", number % REGIONS))
        elif number >= REGIONS:
            yield Triple(place, DCT.isPartOf, entity("place", REGIONS + number % DISTRICTS))
    for number in range(PROGRAMMES):
        programme = entity("programme", number)
        yield from _named(programme, MKG.FundingProgramme, f"Програма {number}", f"Programme {number}")
        if number >= STEMS:  # ten at the top, twenty below them, ten below those
            yield Triple(programme, DCT.isPartOf, entity("programme", number % STEMS if number < 30 else number - 20))
        else:
            yield Triple(programme, MKG.fundedBy, entity("organisation", number % FUNDERS))
    for number in range(size.organisations):
        organisation = entity("organisation", number)
        yield from _named(organisation, MKG.Organisation, f"Дружество {number}", f"Company {number}")
        yield Triple(organisation, RDF.type, ORG.Organization)
        yield Triple(organisation, SKOS.prefLabel, Literal(f"Дружество {number}", language="bg"))
        kind = ("company", "university", "school", "association")[number % 4]
        yield Triple(organisation, MKG.kind, NamedNode(f"{CODE}organisation-kind/{kind}"))
        yield Triple(organisation, DCT.spatial, entity("place", REGIONS + DISTRICTS + number * 7 % SEATS))


def _projects(size: Size, seed: int) -> Iterator[tuple[list[Triple], list[Triple]]]:
    """Each project as stated, and what follows from that."""
    chance = random.Random(seed)
    for number in range(size.projects):
        stated = list(_project(number, size, chance))
        yield stated, list(_derived(number, stated))


def _project(number: int, size: Size, chance: random.Random) -> Iterator[Triple]:
    project = entity("project", number)
    start = date(chance.randint(2014, 2026), chance.randint(1, 12), chance.randint(1, 28))
    title = f"{' '.join(chance.choices(WORDS, k=6)).capitalize()} {number}"
    theme = NamedNode(f"{CODE}theme/{chance.choice(THEMES)}")
    lead, *partners = chance.sample(range(size.organisations), chance.randint(1, 5))
    yield Triple(project, RDF.type, MKG.Project)
    yield Triple(project, DCT.term("title"), Literal(title, language="bg"))
    yield Triple(project, MKG.fundedUnder, entity("programme", chance.randrange(PROGRAMMES)))
    yield Triple(project, MKG.lead, entity("organisation", lead))
    yield Triple(project, MKG.theme, theme)
    yield Triple(project, SCHEMA.startDate, _day(start))
    if chance.random() < 0.8:
        yield Triple(project, SCHEMA.endDate, _day(start + timedelta(days=chance.randint(90, 1500))))
    yield Triple(project, MKG.contractNumber, Literal(f"BG-{number:07}"))
    yield Triple(project, DCT.spatial, entity("place", chance.randrange(REGIONS + DISTRICTS, REGIONS + PLACES)))
    if chance.random() < 0.3:
        text = " ".join(chance.choices(WORDS, k=30))
        yield Triple(project, DCT.description, Literal(f"Проектът включва {text}.", language="bg"))
    for partner in partners:
        yield Triple(project, MKG.partner, entity("organisation", partner))
    yield from _amount(
        project, MKG.budget, "budget", chance.randint(100_000, 999_999_999), chance.choice(("BGN", "EUR"))
    )
    if chance.random() < 0.6:
        grant = entity("grant", number)
        yield Triple(project, MKG.grant, grant)
        yield Triple(grant, RDF.type, MKG.Grant)
        yield from _amount(grant, MKG.granted, "granted", chance.randint(50_000, 499_999_999), "EUR")
    for step, status in enumerate(STATUSES[: chance.randint(1, 3)]):
        change = NamedNode(f"{project.value}/status/{step + 1}")
        yield Triple(project, MKG.statusChange, change)
        yield Triple(change, RDF.type, MKG.StatusChange)
        yield Triple(change, MKG.toStatus, NamedNode(f"{CODE}status/{status}"))
        yield Triple(change, SCHEMA.startDate, _day(start + timedelta(days=100 * step)))


def _amount(owner: NamedNode, link: NamedNode, name: str, cents: int, currency: str) -> Iterator[Triple]:
    amount = NamedNode(f"{owner.value}#{name}")
    value = Decimal(cents) / 100
    yield Triple(owner, link, amount)
    yield Triple(amount, RDF.type, MKG.Amount)
    yield Triple(amount, MKG.value, _decimal(value))
    yield Triple(amount, MKG.currency, CURRENCY.term(currency))


def _derived(number: int, stated: list[Triple]) -> Iterator[Triple]:
    """Labels, general classes and properties, participations, the value in euro and the latest status."""
    project = entity("project", number)
    currencies = {triple.subject: triple.object for triple in stated if triple.predicate == MKG.currency}
    latest: Triple | None = None
    yield Triple(project, RDF.type, FOAF.Project)
    for triple in stated:
        text = triple.object.value if isinstance(triple.object, NamedNode | Literal) else ""
        if triple.predicate == DCT.term("title"):
            yield Triple(project, RDFS.label, Literal(text, language="bg"))
            yield Triple(project, RDFS.label, Literal(f"Project {number}", language="en"))
        elif triple.predicate == MKG.theme:
            yield Triple(project, DCT.subject, triple.object)
        elif triple.predicate in (MKG.lead, MKG.partner):
            role = "lead" if triple.predicate == MKG.lead else "partner"
            part = NamedNode(f"{project.value}/participation/{text.rpartition('/')[2]}-{role}")
            yield Triple(project, MKG.involves, triple.object)
            yield Triple(project, MKG.participation, part)
            yield Triple(part, MKG.agent, triple.object)
            yield Triple(part, MKG.role, NamedNode(f"{CODE}role/{role}"))
        elif triple.predicate == MKG.value:
            rate = FROZEN if currencies[triple.subject] == CURRENCY.BGN else 1
            euros = (Decimal(text) / rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
            yield Triple(triple.subject, MKG.valueInEUR, _decimal(euros))
        elif triple.predicate == MKG.toStatus:
            latest = triple
    assert latest is not None
    yield Triple(project, MKG.status, latest.object)


def _events(size: Size, seed: int) -> Iterator[Triple]:
    chance = random.Random(seed + 1)
    kinds = ("training", "meeting", "conference", "visit", "exhibition")
    for number in range(size.events):
        event = entity("event", number)
        day = date(chance.randint(2014, 2026), chance.randint(1, 12), chance.randint(1, 28))
        yield from _named(event, MKG.Event, f"Събитие {number}", f"Event {number}")
        yield Triple(event, MKG.kind, NamedNode(f"{CODE}event-kind/{chance.choice(kinds)}"))
        yield Triple(event, SCHEMA.startDate, _day(day))
        yield Triple(event, MKG.withinProject, entity("project", chance.randrange(size.projects)))
        yield Triple(event, MKG.organiser, entity("organisation", chance.randrange(size.organisations)))


def _day(day: date) -> Literal:
    return Literal(day.isoformat(), datatype=XSD.date)


def _decimal(value: Decimal) -> Literal:
    text = f"{value.normalize():f}"
    return Literal(text, datatype=XSD.decimal)
