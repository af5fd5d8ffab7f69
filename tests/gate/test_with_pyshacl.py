"""The gate finds what the shapes forbid, source by source and on the whole, and says it to a person."""

from __future__ import annotations

from pathlib import Path

import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from rdflib.namespace import SH
from tests.conftest import BASE
from tests.memory import Memory

from kg import pipeline, resources
from kg.entry import Locator
from kg.errors import DataError
from kg.finding import Report, Severity
from kg.gate import Touched
from kg.gate.with_pyshacl import Apart, PyshaclGate
from kg.graph import Node, Subject
from kg.iris import Iris
from kg.namespaces import CODE, PREFIXES, RDF

IRIS = Iris(BASE)
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + (
    f"@base <{BASE}/id/> .\n@prefix shapes: <https://w3id.org/municipal-kg/shapes#> .\n"
    "@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix code: <https://w3id.org/municipal-kg/code/> .\n"
)


def triples(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(HEAD + text, RdfFormat.TURTLE)]


def graph(name: str) -> NamedNode:
    return IRIS.graph(name)


class World:
    """A dataset that is loaded graph by graph, with the gate that judges it."""

    def __init__(self, domain: pipeline.Domain, **sources: str) -> None:
        self.gate, self.memory, self.content = domain.gate, Memory(), set[NamedNode]()
        for name, system in domain.system.items():
            self.memory.replace(name, system)
        for source, text in sources.items():
            self.put(source, text)

    def put(self, source: str, text: str) -> Touched:
        """The source says this now; what that touches."""
        self.content.add(graph(source))
        changes = self.memory.replace(graph(source), triples(text))
        quads = (*changes.added, *changes.removed)
        return Touched(
            {graph(source): {quad.subject for quad in quads}},
            frozenset(quad.subject for quad in quads if quad.predicate == RDF.type),
        )

    def check(self, touched: Touched | None = None) -> Report:
        return self.gate.check(self.memory, self.content, touched)

    def load(self, source: str, text: str) -> Report:
        return self.check(self.put(source, text))


def checks(report: Report) -> list[str]:
    """Names of the shapes that found something grave."""
    return sorted((finding.shape or "").rpartition("#")[2] for finding in report.violations)


def found(report: Report) -> set[tuple[str, str, str]]:
    return {
        (str(finding.focus_node), (finding.shape or finding.component or "").rpartition("#")[2], finding.severity)
        for finding in report.findings
    }


NDEF = """<organisation/ndef> a mkg:Organisation ; skos:prefLabel "НДЕФ"@bg ;
    mkg:kind <https://w3id.org/municipal-kg/code/organisation-kind/fund> ."""
PROJECT = """<project/p> a mkg:Project ; dct:title "П"@bg ; mkg:fundedBy <organisation/ndef> ;
    mkg:statusChange <project/p/status/s> .
    <project/p/status/s> a mkg:StatusChange ; mkg:toStatus <https://w3id.org/municipal-kg/code/status/running> ."""


def test_good_data_passes_without_a_word(domain: pipeline.Domain) -> None:
    world = World(domain, one=NDEF, two=PROJECT)
    assert world.check() == Report()


def test_findings_speak_both_languages_and_name_what_they_are_about(domain: pipeline.Domain) -> None:
    world = World(domain)
    report = world.load("one", '<project/p> a mkg:Project ; dct:title "П"@bg ; mkg:fundedBy <organisation/nobody> .')
    (finding,) = report.violations
    assert finding.messages.keys() == {"bg", "en"}
    assert finding.messages["bg"] != finding.messages["en"]
    assert finding.focus_node == IRIS.entity("project/p")
    assert finding.value == IRIS.entity("organisation/nobody")
    assert finding.path == "https://w3id.org/municipal-kg/ns#fundedBy"
    assert (finding.component, finding.severity) == ("ClassConstraintComponent", Severity.VIOLATION)
    with pytest.raises(DataError):
        report.raise_for_violations()


def test_warnings_pass_and_are_kept(domain: pipeline.Domain) -> None:
    report = World(domain).load("one", '<project/p> a mkg:Project ; dct:title "П"@bg .')
    assert [finding.severity for finding in report.findings] == [Severity.WARNING] * len(report.warnings)
    assert report.warnings
    assert report.raise_for_violations() is report


def test_findings_stand_in_the_order_of_the_file(domain: pipeline.Domain) -> None:
    world = World(domain)
    lines = {f"{IRIS.ids}project/{name}": number for number, name in enumerate("cab", 1)}
    touched = world.put(
        "one", " ".join(f"<project/{name}> a mkg:Project ; mkg:fundedBy <x/{name}> ." for name in "abc")
    )

    def origins(
        subject: str, path: str | None, graph: NamedNode | None = None, value: Node | None = None
    ) -> tuple[Locator | None, str | None]:
        return Locator("one.yaml", line=lines[subject]), None

    report = world.gate.check(world.memory, world.content, touched, origins)
    found_lines = [finding.at.line or 0 for finding in report.findings if finding.at]
    assert found_lines == sorted(found_lines)
    assert set(found_lines) == {1, 2, 3}


# What depends on others


def test_a_thing_may_be_described_by_several_sources_together(domain: pipeline.Domain) -> None:
    world = World(domain, one="<organisation/ndef> a mkg:Organisation .", two=PROJECT)
    assert "OrganisationReference-label-stated" not in checks(
        world.load("three", '<organisation/ndef> skos:prefLabel "Н"@bg .')
    )
    assert world.check().conforms


def test_removing_what_others_refer_to_is_found(domain: pipeline.Domain) -> None:
    world = World(domain, one=NDEF, two=PROJECT)
    report = world.load("one", "")
    assert checks(report) == ["Link-fundedBy"]
    assert [finding.focus_node for finding in report.violations] == [IRIS.entity("project/p")]


def test_removing_a_thing_is_found_although_something_was_derived_of_it(domain: pipeline.Domain) -> None:
    """The derived classes of the last release are still there while the gate looks."""
    world = World(domain, one='<municipality/rse27> a mkg:Municipality ; skos:prefLabel "Община Русе"@bg .')
    world.put("two", PROJECT.replace("organisation/ndef", "municipality/rse27"))
    world.memory.replace(IRIS.derived("superclass"), triples("<municipality/rse27> a mkg:Organisation ."))
    assert world.check().conforms
    assert checks(world.load("one", "")) == ["Link-fundedBy"]
    assert checks(world.check()) == ["Link-fundedBy"]


def test_turning_a_thing_into_something_else_is_found_at_those_who_refer_to_it(domain: pipeline.Domain) -> None:
    world = World(domain, one=NDEF, two=PROJECT)
    report = world.load("one", NDEF.replace("mkg:Organisation", "mkg:Place").replace("organisation-kind", "place-kind"))
    assert "Link-fundedBy" in checks(report)


def test_a_subclass_will_do_from_the_first_load_on(domain: pipeline.Domain) -> None:
    world = World(domain, two=PROJECT.replace("organisation/ndef", "municipality/rse27"))
    assert world.load("one", '<municipality/rse27> a mkg:Municipality ; skos:prefLabel "Община Русе"@bg .').conforms


def test_checks_of_the_class_above_hold_from_the_first_load_on(domain: pipeline.Domain) -> None:
    twice = '<municipality/rse27> a mkg:Municipality ; skos:prefLabel "Община Русе"@bg ; mkg:kind code:x , code:y .'
    first = checks(World(domain).load("one", twice))
    world = World(domain, one=twice)
    world.memory.replace(IRIS.derived("superclass"), triples("<municipality/rse27> a mkg:Organisation ."))
    assert first
    assert first == checks(world.check())


def test_a_class_that_the_thing_has_no_longer_asks_nothing_of_it(domain: pipeline.Domain) -> None:
    world = World(domain, one=NDEF)
    world.memory.replace(IRIS.derived("superclass"), triples("<organisation/ndef> a mkg:Amount ."))
    assert world.check().conforms


# Registers


@pytest.mark.parametrize(
    ("code", "check"),
    [
        ("176789478", None),
        ("176789479", "RegisterCode-EIK-check-9"),
        ("17678947", "RegisterCode-EIK"),
    ],
)
def test_a_wrong_eik_is_found(domain: pipeline.Domain, code: str, check: str | None) -> None:
    report = World(domain).load("one", f'{NDEF[:-1]} ; mkg:registerCode "{code}"^^mkg:EIK .')
    assert checks(report) == ([check] if check else [])
    if check:
        (finding,) = report.violations
        assert getattr(finding.value, "value", "") == code


# Sources apart

TWO_DATES = '<event/e> a mkg:Event ; dct:title "С"@bg ; schema:startDate "2023-06-2{0}"^^xsd:date .'


def test_two_values_in_one_source_are_refused_in_two_sources_they_are_a_disagreement(domain: pipeline.Domain) -> None:
    one, other = TWO_DATES.format(7), TWO_DATES.format(8)
    assert "EntityDescription-startDate-once" in checks(World(domain).load("one", one + other))
    world = World(domain, register=one)
    report = world.load("report", other)
    assert report.conforms
    (warning,) = [finding for finding in report.findings if finding.component == "Disagreement"]
    for text in warning.messages.values():
        assert "register: 2023-06-27" in text
        assert "report: 2023-06-28" in text
    assert warning.focus_node == IRIS.entity("event/e")
    assert found(world.check()) >= found(report)


def test_a_disagreement_names_codes_and_fields_and_tells_a_date_once(domain: pipeline.Domain) -> None:
    amount = '<project/p> a mkg:Project ; dct:title "П"@bg ; mkg:budget <project/p#budget> ; {date} . '
    amount += "<project/p#budget> a mkg:MonetaryAmount ; mkg:value 5.0 ; mkg:currency <{currency}> ."
    currency = "http://publications.europa.eu/resource/authority/currency/"
    year = f'schema:startDate "2024-01-01"^^xsd:date ; mkg:startPrecision <{CODE}precision/year>'
    month = year.replace("2024-01-01", "2024-03-01").replace("/year", "/month")
    world = World(domain, register=amount.format(date=year, currency=f"{currency}BGN"))
    report = world.load("report", amount.format(date=month, currency=f"{currency}EUR"))
    told = [finding.messages for finding in report.findings if finding.component == "Disagreement"]
    assert len(told) == 2 and sum("„начална дата“" in one["bg"] for one in told) == 1
    (money,) = (one for one in told if "„валута“" in one["bg"])
    assert "register: „български лев“; report: „евро“" in money["bg"]
    assert "„currency“" in money["en"] and "report: „euro“" in money["en"]


def test_the_same_value_in_two_sources_is_no_disagreement(domain: pipeline.Domain) -> None:
    report = World(domain, register=TWO_DATES.format(7)).load("report", TWO_DATES.format(7))
    assert not [finding for finding in report.findings if finding.component == "Disagreement"]


def test_a_disagreement_that_nobody_touched_is_not_told_again(domain: pipeline.Domain) -> None:
    world = World(domain, register=TWO_DATES.format(7), report=TWO_DATES.format(8))
    assert found(world.load("other", NDEF)) == set()


def test_what_derived_graphs_say_disagrees_with_nobody(domain: pipeline.Domain) -> None:
    world = World(domain, register=TWO_DATES.format(7))
    world.memory.replace(IRIS.derived("superproperty"), triples(TWO_DATES.format(8)))
    assert not [finding for finding in world.check().findings if finding.component == "Disagreement"]


def test_apart_gives_a_subject_a_name_per_graph_and_knows_its_own() -> None:
    memory, apart = Memory(), Apart()
    for name in ("one", "two"):
        memory.replace(graph(name), triples("<a/b> mkg:part <a/b#c> . <a/b#c> mkg:value 1 ."))
    quads = list(apart.quads(memory, {graph("one"): None, graph("two"): None}))
    subjects = {quad.subject for quad in quads}
    assert len(subjects) == 4
    assert {apart.own(subject) for subject in subjects} == {IRIS.entity("a/b"), NamedNode(f"{IRIS.ids}a/b#c")}
    assert {apart.graph(subject) for subject in subjects} == {graph("one"), graph("two")}
    pointed_at = {quad.object for quad in quads if "part" in quad.predicate.value}
    assert pointed_at < subjects


# A part and the whole

SHAPES = {
    "description": """
        shapes:A a sh:NodeShape ; sh:targetClass <class/Above> ; sh:property shapes:A-value, shapes:A-order .
        shapes:A-value sh:path <value> ; sh:maxCount 1 ; sh:message "a"@bg , "b"@en .
        shapes:A-order sh:path <from> ; sh:lessThanOrEquals <to> ; sh:message "a"@bg , "b"@en .
        shapes:V sh:targetSubjectsOf <value> ; sh:path <value> ; sh:minInclusive 2 ; sh:severity sh:Warning .
    """,
    "reference": """
        shapes:R a sh:NodeShape ; sh:targetClass <class/A> ; sh:property shapes:R-value .
        shapes:R-value sh:path <value> ; sh:minCount 1 ; sh:message "a"@bg , "b"@en .
        shapes:L sh:targetSubjectsOf <link> ; sh:path <link> ; sh:class <class/Above> .
        shapes:M sh:targetSubjectsOf <link> ; sh:path <link> ; sh:qualifiedValueShape shapes:Known ;
            sh:qualifiedMinCount 1 .
        shapes:Known sh:path skos:inScheme ; sh:minCount 1 .
    """,
}
SMALL = triples(
    """
    <x/a> a <class/A> , <class/Other> ; <value> 1 , 2 , 3 ; <from> 1 , 5 ; <to> 3 ; <link> <x/b> , <x/c> , <x/d> .
    <x/b> a <class/A> , <class/Above> ; <value> 1 ; <link> <x/a> ; skos:inScheme <x/s> .
    <x/c> a <class/Other> ; <link> <x/b> ; skos:inScheme <x/s> ; <value> 2 .
    <x/d> <value> 4 ; <link> <x/d> .
    """
)
SIDES = (graph("one"), graph("two"))


@pytest.fixture(scope="module")
def small_gate(tmp_path_factory: pytest.TempPathFactory) -> PyshaclGate:
    folder = tmp_path_factory.mktemp("shapes")
    for name, text in SHAPES.items():
        (folder / name).mkdir()
        (folder / name / "small.ttl").write_text(HEAD + text, encoding="utf-8")
    return PyshaclGate(folder, frozenset({IRIS.entity("x/y"), NamedNode(f"{IRIS.ids}value")}))


STATED = st.frozensets(st.tuples(st.sampled_from(SMALL), st.sampled_from(SIDES)))


def dataset(stated: frozenset[tuple[Triple, NamedNode]]) -> Memory:
    memory = Memory()
    memory.replace(graph("system"), triples("<class/A> rdfs:subClassOf <class/Above> ."))
    for side in SIDES:
        memory.replace(side, [triple for triple, name in stated if name == side])
    return memory


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=STATED, after=STATED)
def test_what_is_found_around_a_change_is_what_is_found_in_the_whole(
    small_gate: PyshaclGate, before: frozenset[tuple[Triple, NamedNode]], after: frozenset[tuple[Triple, NamedNode]]
) -> None:
    memory, changed = dataset(after), before ^ after
    graphs: dict[NamedNode, set[Subject]] = {
        side: {triple.subject for triple, name in changed if name == side} for side in SIDES
    }
    retyped = {t.subject for t, _ in changed if t.predicate.value.endswith(("#type", "#inScheme"))}
    touched = Touched({side: some for side, some in graphs.items() if some}, frozenset(retyped))
    near = {*touched.subjects, *(t.subject for t, _ in after if t.object in retyped)}
    part, whole = small_gate.check(memory, SIDES, touched), small_gate.check(memory, SIDES)
    old = found(small_gate.check(dataset(before), SIDES))
    assert found(part) <= found(whole)
    assert found(whole) - found(part) <= old  # nothing new is overlooked
    about = {finding for finding in found(whole) if finding[0] in map(str, near)}
    assert {finding for finding in about if finding[1] not in DESCRIBED} == {
        finding for finding in found(part) if finding[1] not in DESCRIBED
    }


DESCRIBED = {"A-value", "A-order", "V"}  # asked per source: one that was not touched is not asked again


def test_the_small_shapes_find_something_of_each_kind(small_gate: PyshaclGate) -> None:
    report = small_gate.check(dataset(frozenset((triple, SIDES[0]) for triple in SMALL)), SIDES)
    assert {finding[1] for finding in found(report)} >= {"A-value", "A-order", "V", "L", "M"}


# What the neighbourhood rests on


def looks(shapes: rdflib.Graph, at: rdflib.term.Node) -> set[rdflib.term.Node]:
    """Properties that a shape of a value looks at, one step beyond the focus node."""
    seen: set[rdflib.term.Node] = set()
    for parameter in (SH.node, SH.qualifiedValueShape, SH["not"], SH.property):
        for inner in shapes.objects(at, parameter):
            seen |= set(shapes.objects(inner, SH.path)) | looks(shapes, inner)
    for parameter in (SH["and"], SH["or"], SH.xone):
        for head in shapes.objects(at, parameter):
            for inner in shapes.items(head):
                seen |= set(shapes.objects(inner, SH.path)) | looks(shapes, inner)
    return seen


@pytest.mark.parametrize(
    ("folder", "allowed"),
    [("description", set()), ("reference", {str(rdflib.RDF.type), str(rdflib.SKOS.inScheme)})],
)
def test_shapes_look_no_further_than_the_gate_shows_them(folder: str, allowed: set[str]) -> None:
    shapes = rdflib.Graph()
    for file in sorted((resources.ONTOLOGY / "shapes" / folder).glob("*.ttl")):
        shapes.parse(file)
    properties = {shape for shape in shapes.subjects(SH.path) if shapes.value(shape, SH.severity)}
    assert len(properties) > 50
    for shape in properties:
        path = shapes.value(shape, SH.path)
        assert isinstance(path, rdflib.URIRef), f"{shape} has a path of several steps"
        assert {str(each) for each in looks(shapes, shape)} <= allowed, shape
    if folder == "description":
        assert not set(shapes.subjects(SH["class"]))


def test_every_message_is_in_both_languages() -> None:
    gate = PyshaclGate(resources.ONTOLOGY / "shapes")
    for shapes in (gate._description, gate._reference):
        assert shapes.graph
        for query in shapes.queries:
            assert query.messages.keys() == {"bg", "en"}


def test_the_bundled_data_conforms(domain: pipeline.Domain, bundled_memory: Memory) -> None:
    iris = Iris(BASE)
    report = domain.gate.check(bundled_memory, pipeline.content(bundled_memory, iris))
    assert report.conforms, [finding.messages["en"] for finding in report.violations]
    assert len(report.warnings) < 20


def test_shapes_are_read_from_their_folder_once(domain: pipeline.Domain, tmp_path: Path) -> None:
    for folder in ("description", "reference"):
        (tmp_path / folder).mkdir()
    gate = PyshaclGate(tmp_path)
    assert gate.check(World(domain, one=PROJECT).memory, [graph("one")]) == Report()
