"""The shapes find what they should and nothing else, and no constraint stands there unneeded.

A file of cases/{description,reference} holds a graph that conforms and small changes that break it: `without` takes
away all values of a property, `with` adds statements. A break is named after the check that must find it, at `focus`
(ex:it unless told), with `severity` (Violation unless told), and with the other checks in `finds`, if any.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import pyshacl
import pytest
import yaml
from pyoxigraph import QuerySolutions, RdfFormat, Store
from rdflib import OWL, RDF, SH, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

ROOT = Path(__file__).resolve().parents[2]
ONTOLOGY = ROOT / "ontology"
CASES = Path(__file__).resolve().parent / "cases"
FOLDERS = ("description", "reference")

SHAPES = Namespace("https://w3id.org/municipal-kg/shapes#")
MKG = Namespace("https://w3id.org/municipal-kg/ns#")
CODE = "https://w3id.org/municipal-kg/code/"
PREFIXES = {path.stem: f"{CODE}{path.stem}/" for path in (ONTOLOGY / "codes").glob("*.ttl")} | {
    "code": CODE,
    "currency": "http://publications.europa.eu/resource/authority/currency/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "mkg": str(MKG),
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "schema": "http://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "the": "http://example.org/common/",
    "xsd": str(XSD),
}

# What of a shape is not a constraint; whatever else it says is one, so that no new component goes untested.
NOT_CONSTRAINTS = {
    SH.targetClass,
    SH.targetSubjectsOf,
    SH.targetObjectsOf,
    SH.path,
    SH.severity,
    SH.message,
    SH.property,
    SH.qualifiedValueShape,  # the value of sh:qualifiedMinCount, and goes with it
}
TARGETS = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
LISTS = {SH["or"], SH["and"], SH["in"], SH.languageIn}

# Words that a clerk need not know.
JARGON = re.compile(
    r"\b(IRI|URI|URL|RDF|OWL|SKOS|SHACL|SPARQL|XSD|JSON|YAML|triples?|nodes?|graphs?|literals?|strings?|integers?|"
    r"decimals?|datatypes?|predicates?|objects?|class(es)?|instances?|cardinality|regex|pattern|ontology|"
    r"триплети?|възел|възли|графи?|графът|литерали?|низ|предикати?|класа?|класове|екземпляри?|онтология|"
    r"свойство|свойства|тип(ът)? данни|регулярен)\b",
    re.IGNORECASE,
)

# Object properties of the ontology whose values no reference check follows, and why.
NOT_FOLLOWED = {
    "portfolio": "stored as its inverse, mkg:portfolioOf",
    "kind": "its list depends on the class; checked there",
    "currency": "values of the EU list, known by their form",
    "ofProperty": "may name any field",
    "preference": "derived, never entered",
    "disclosure": "always nested in the entry that it is of",
    "owner": "stands in the graph about graphs, which is not part of the merge",
}

Finding = tuple[str, str, str]  # focus node, shape, severity


@dataclass(frozen=True, slots=True)
class Case:
    """A graph and what must be found in it."""

    folder: str
    name: str
    base: str
    graph: Graph
    check: str | None  # none: the graph conforms
    expected: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One thing to take out of a shape: a constraint, or one member of its list."""

    folder: str
    shape: URIRef
    parameter: URIRef
    value: Node
    member: Node | None = None

    def __str__(self) -> str:
        told = f" {local(self.member)}" if self.member is not None else ""
        return f"{local(self.shape)} {local(self.parameter)}{told}"


def local(node: Node) -> str:
    """The name behind the last # or /."""
    return re.split(r"[#/]", str(node))[-1]


# ---- Reading ----------------------------------------------------------------------------------------------


@cache
def shapes(folder: str) -> Graph:
    """All shapes of a folder."""
    graph = Graph()
    for path in sorted((ONTOLOGY / "shapes" / folder).glob("*.ttl")):
        graph.parse(path, format="turtle")
    return graph


def turtle(text: str, base: str) -> Graph:
    """The graph of a text of a case; ex: is the case's own namespace."""
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    return Graph().parse(data=f"{head}@prefix ex: <{base}> .\n{text}", format="turtle", publicID=base)


@cache
def cases() -> tuple[Case, ...]:
    """The conforming graph and the breaks of every file."""
    return tuple(case for folder in FOLDERS for path in sorted((CASES / folder).glob("*.yaml")) for case in read(path))


def read(path: Path) -> Iterator[Case]:
    """The cases of one file, the conforming one first."""
    folder, content = path.parent.name, yaml.safe_load(path.read_text(encoding="utf-8"))
    common = Graph().parse(CASES / "common.ttl", format="turtle") if folder == "reference" else Graph()
    base = f"http://example.org/{folder}/{path.stem}/conforms/"
    yield Case(folder, f"{folder}/{path.stem} conforms", base, common + turtle(content["conforms"], base), None, ())
    for check, breaks in content["breaks"].items():
        for number, change in enumerate(breaks if isinstance(breaks, list) else [breaks], start=1):
            base = f"http://example.org/{folder}/{path.stem}/{check}/{number}/"
            graph = common + turtle(content["conforms"], base)
            if "without" in change:
                for subject, predicate, _ in turtle(f"{change['without']} [] .", base):
                    graph.remove((subject, predicate, None))
            graph += turtle(change.get("with", ""), base)
            focus = next(turtle(f"{change.get('focus', 'ex:it')} a [] .", base).subjects())
            found = [check, *change.get("finds", [])]
            severity = change.get("severity", "Violation")
            expected = tuple(sorted((str(focus), name, severity) for name in found))
            yield Case(folder, f"{path.stem} {check} {number}", base, graph, check, expected)


# ---- Validating -------------------------------------------------------------------------------------------


def findings(data: Graph, by: Graph) -> tuple[Finding, ...]:
    """What the validator says, sorted; constraints in SPARQL are asked of the whole graph at once."""
    core, sparql = Graph() + by, set(by.subjects(SH.sparql))
    for check in sparql:
        core.remove((check, None, None))
    found = [finding for check in sparql for finding in findings_by_query(data, by, check)]
    return tuple(sorted(found + findings_by_pyshacl(data, core)))


def findings_by_pyshacl(data: Graph, by: Graph) -> list[Finding]:
    """What pySHACL says."""
    if not targeted(by):
        return []
    _, report, _ = pyshacl.validate(
        data, shacl_graph=by, inference="none", advanced=False, do_owl_imports=False, meta_shacl=False
    )
    graph = cast(Graph, report)
    return [
        (
            str(graph.value(result, SH.focusNode)),
            local(cast(Node, graph.value(result, SH.sourceShape))),
            local(cast(Node, graph.value(result, SH.resultSeverity))),
        )
        for result in graph.subjects(RDF.type, SH.ValidationResult)
    ]


def findings_by_query(data: Graph, by: Graph, check: Node) -> list[Finding]:
    """What the SELECT of a check in SPARQL says. pySHACL parses it anew, slowly, for every focus node."""
    constraint = cast(Node, by.value(check, SH.sparql))
    prefixes = by.objects(constraint, SH.prefixes / SH.declare)
    head = "".join(f"PREFIX {by.value(each, SH.prefix)}: <{by.value(each, SH.namespace)}>\n" for each in prefixes)
    select = str(by.value(constraint, SH.select) or "").replace("$PATH", f"<{by.value(check, SH.path)}>")
    store = Store()
    store.load(data.serialize(format="nt", encoding="utf-8"), format=RdfFormat.N_TRIPLES)
    severity = local(cast(Node, by.value(check, SH.severity)))
    targets = {str(each) for target in by.objects(check, SH.targetSubjectsOf) for each in data.subjects(target)}
    rows = cast(QuerySolutions, store.query(head + select))
    return [(row["this"].value, local(check), severity) for row in rows if row["this"].value in targets]


@cache
def found_together(folder: str) -> dict[str, tuple[Finding, ...]]:
    """The findings of all cases of a folder by the namespace of the case, from one run with all shapes."""
    data = Graph()
    for case in cases():
        if case.folder == folder:
            data += case.graph
    found: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings(data, shapes(folder)):
        found[finding[0].rpartition("/")[0] + "/"].append(finding)
    return {base: tuple(each) for base, each in found.items()}


def targeted(graph: Graph) -> set[URIRef]:
    """The shapes that choose their own focus nodes."""
    return {cast(URIRef, subject) for target in TARGETS for subject in graph.subjects(target, None)}


def checks(folder: str) -> dict[URIRef, URIRef]:
    """Every shape that reports, with the shape that has its targets: itself, or the one it is a property of."""
    graph = shapes(folder)
    owners = {shape: shape for shape in targeted(graph) if (shape, SH.property, None) not in graph}
    for owner in targeted(graph):
        owners |= {cast(URIRef, check): owner for check in graph.objects(owner, SH.property)}
    return owners


def parts(shape: Node, graph: Graph) -> set[Node]:
    """The shape and all that it is made of, list nodes included."""
    reached: set[Node] = set()
    waiting = [shape]
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting += [each for each in graph.objects(node) if (each, None, None) in graph]
    return reached


@cache
def alone(folder: str, check: URIRef) -> Graph:
    """The shapes graph with one check only."""
    graph, owner, reduced = shapes(folder), checks(folder)[check], Graph()
    for node in parts(check, graph):
        reduced += graph.triples((node, None, None))
    if owner != check:
        reduced.add((owner, RDF.type, SH.NodeShape))
        reduced.add((owner, SH.property, check))
        for target in TARGETS:
            reduced += graph.triples((owner, target, None))
    return reduced


@cache
def found_alone(case_name: str, folder: str, check: URIRef) -> tuple[Finding, ...]:
    """What one check finds in one case."""
    case = next(case for case in cases() if case.name == case_name)
    return findings(case.graph, alone(folder, check))


def mutant(reduced: Graph, constraint: Constraint) -> Graph:
    """The shapes without the constraint."""
    graph = Graph() + reduced
    graph.remove((constraint.shape, constraint.parameter, constraint.value))
    if constraint.parameter == SH.qualifiedMinCount:
        graph.remove((constraint.shape, SH.qualifiedValueShape, None))
    if constraint.member is not None:
        left = [each for each in Collection(reduced, constraint.value) if each != constraint.member]
        graph.add((constraint.shape, constraint.parameter, Collection(graph, BNode(), left).uri))
    return graph


def constraints(folder: str) -> Iterator[Constraint]:
    """Every constraint of every shape of the folder, and every member of the lists that hold several."""
    graph = shapes(folder)
    for shape in sorted(each for each in named(graph.subjects(RDF.type)) if is_shape(each, graph)):
        for parameter, value in sorted(graph.predicate_objects(shape)):
            if parameter in NOT_CONSTRAINTS or not str(parameter).startswith(str(SH)):
                continue
            whole = Constraint(folder, shape, cast(URIRef, parameter), value)
            yield whole
            members = list(Collection(graph, value)) if parameter in LISTS else []
            if len(members) > 1:
                for member in members:
                    yield Constraint(folder, whole.shape, whole.parameter, value, member)


def named(nodes: Iterable[Node]) -> set[URIRef]:
    return {node for node in nodes if isinstance(node, URIRef)}


def is_shape(node: Node, graph: Graph) -> bool:
    return bool({SH.NodeShape, SH.PropertyShape} & set(graph.objects(node, RDF.type)))


CONSTRAINTS = [constraint for folder in FOLDERS for constraint in constraints(folder)]
CHECKS = [(folder, check) for folder in FOLDERS for check in sorted(checks(folder))]


def every_check(argument: str = "folder, check") -> pytest.MarkDecorator:
    return pytest.mark.parametrize(argument, CHECKS, ids=[local(check) for _, check in CHECKS])


# ---- The cases --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_exactly_the_expected_is_found(case: Case) -> None:
    assert found_together(case.folder).get(case.base, ()) == case.expected


@pytest.mark.parametrize("folder", FOLDERS)
def test_nothing_is_found_beside_the_cases(folder: str) -> None:
    assert set(found_together(folder)) <= {case.base for case in cases() if case.check}


def test_there_is_much_to_test() -> None:
    assert len(CHECKS) > 150
    assert len(CONSTRAINTS) > len(CHECKS)
    assert len(cases()) > len(CHECKS)


@every_check()
def test_every_check_has_a_case(folder: str, check: URIRef) -> None:
    assert any(case.check == local(check) for case in cases() if case.folder == folder)


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=str)
def test_no_constraint_can_be_taken_out_unnoticed(constraint: Constraint) -> None:
    folder, graph = constraint.folder, shapes(constraint.folder)
    using = [check for check in checks(folder) if constraint.shape in parts(check, graph)]
    assert using, "no check uses this shape"
    for check in sorted(using):
        without = mutant(alone(folder, check), constraint)
        for case in cases_for(folder, check):
            if findings(case.graph, without) != found_alone(case.name, folder, check):
                return
    pytest.fail(f"no case notices that {constraint} is gone")


def cases_for(folder: str, check: URIRef) -> Iterable[Case]:
    """The breaks of a check, then the conforming graphs of their files."""
    breaks = [case for case in cases() if case.folder == folder and case.check == local(check)]
    files = {case.base.split("/")[4] for case in breaks}
    return breaks + [
        case for case in cases() if case.folder == folder and not case.check and case.base.split("/")[4] in files
    ]


def test_pyshacl_reads_the_check_digits_too() -> None:
    check = SHAPES["RegisterCode-EIK-check-9"]
    data = turtle('ex:it mkg:registerCode "176789478"^^mkg:EIK , "176789479"^^mkg:EIK .', "http://example.org/")
    assert findings_by_pyshacl(data, alone("description", check)) == [
        ("http://example.org/it", local(check), "Violation")
    ]


TARGETED_CLASSES = [
    (folder, shape, target)
    for folder in FOLDERS
    for shape in sorted(targeted(shapes(folder)))
    if len(classes := sorted(named(shapes(folder).objects(shape, SH.targetClass)))) > 1
    for target in classes
]


@pytest.mark.parametrize(("folder", "shape", "target"), TARGETED_CLASSES, ids=lambda each: local(each))
def test_every_class_in_a_target_is_reached(folder: str, shape: URIRef, target: URIRef) -> None:
    check = min(check for check, owner in checks(folder).items() if owner == shape)
    case = next(iter(cases_for(folder, check)))
    focus = URIRef(case.expected[0][0])
    graph = Graph() + case.graph
    graph.set((focus, RDF.type, target))
    assert (str(focus), local(check)) in {found[:2] for found in findings(graph, alone(folder, check))}


# ---- How a check is written -------------------------------------------------------------------------------


@every_check()
def test_a_check_says_one_thing_in_two_languages(folder: str, check: URIRef) -> None:
    graph = shapes(folder)
    messages = {cast(Literal, each).language: str(each) for each in graph.objects(check, SH.message)}
    assert sorted(each or "" for each in messages) == ["bg", "en"]
    assert len(list(graph.objects(check, SH.message))) == 2
    assert list(graph.objects(check, SH.severity)) in ([SH.Violation], [SH.Warning])
    own = [each for each in constraints_of(folder, check) if each.member is None]
    assert len(own) == 1
    for message in messages.values():
        assert not JARGON.search(message)
        assert message[0].isupper() or message[0] in "„“"
        assert message.endswith(".")
    assert re.search("[а-я]", messages["bg"])
    assert not re.search("[а-яА-Я]", messages["en"])
    assert messages["bg"].count("„") == messages["bg"].count("“")
    assert messages["en"].count("“") == messages["en"].count("”")


def constraints_of(folder: str, shape: URIRef) -> list[Constraint]:
    return [each for each in CONSTRAINTS if each.folder == folder and each.shape == shape]


@pytest.mark.parametrize("folder", FOLDERS)
def test_only_checks_have_messages(folder: str) -> None:
    graph = shapes(folder)
    speaking = set(graph.subjects(SH.message)) | set(graph.subjects(SH.severity))
    assert speaking == set(checks(folder))


@pytest.mark.parametrize("folder", FOLDERS)
def test_shapes_have_names_and_lists_are_the_only_blank_nodes(folder: str) -> None:
    graph = shapes(folder)
    for subject in set(graph.subjects()):
        if isinstance(subject, BNode):
            assert (subject, RDF.first, None) in graph
        else:
            assert str(subject).startswith(str(SHAPES))
    for _, _, value in graph:
        assert not str(value).startswith(str(SHAPES)) or (value, None, None) in graph


def test_every_shape_is_written_once() -> None:
    home: dict[Node, Path] = {}
    for path in sorted((ONTOLOGY / "shapes").rglob("*.ttl")):
        for subject in set(Graph().parse(path, format="turtle").subjects()):
            if isinstance(subject, URIRef):
                assert home.setdefault(subject, path) == path


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_path_has_two_steps_at_most(folder: str) -> None:
    graph = shapes(folder)
    for path in graph.objects(None, SH.path):
        assert isinstance(path, URIRef) or len(Collection(graph, path)) <= 2


# ---- What the ontology asks for ---------------------------------------------------------------------------


@cache
def ontology() -> Graph:
    return Graph().parse(ONTOLOGY / "municipal.ttl", format="turtle")


def test_every_class_is_described() -> None:
    ours = {each for each in ontology().subjects(RDF.type, OWL.Class) if str(each).startswith(str(MKG))}
    assert len(ours) > 20
    assert ours <= set(shapes("description").objects(None, SH.targetClass))


def test_every_link_is_followed() -> None:
    links = {
        local(each) for each in ontology().subjects(RDF.type, OWL.ObjectProperty) if str(each).startswith(str(MKG))
    }
    followed = {local(path) for check in checks("reference") for path in shapes("reference").objects(check, SH.path)}
    assert len(links) > 40
    assert links - followed - set(NOT_FOLLOWED) == set()


def test_fields_and_classes_that_shapes_name_are_in_the_ontology() -> None:
    known = set(ontology().subjects())
    for folder in FOLDERS:
        graph = shapes(folder)
        ours = {each for each in named(graph.objects()) if each.startswith(MKG)}
        assert ours
        assert ours <= known
