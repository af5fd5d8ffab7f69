"""On a plain dataset our evaluation and the engine's own are to agree: a property test, and the W3C suite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import rdflib
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, RdfFormat, Store
from rdflib import RDF, RDFS, Namespace

from kg.errors import NotFoundError
from kg.store.suite import SuiteDataset
from kg.update.evaluation import check, evaluate

IRIS = ["<urn:a>", "<urn:b>", "e:c"]
LITERALS = ['"x"', "1", "01", '"да"@bg', "true", "1.50", '"""a\nb"""']
VARIABLES = ["?x", "?y", "$z"]
GRAPHS = ["<urn:g1>", "<urn:g2>", "e:g3"]

iris = st.sampled_from(IRIS)
variables = st.sampled_from(VARIABLES)
graphs = st.sampled_from(GRAPHS)
constants = st.sampled_from(IRIS + LITERALS)


def triples(
    subjects: st.SearchStrategy[str], verbs: st.SearchStrategy[str], objects: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    """Triples in the many ways that they can be written."""
    plain = st.builds("{} {} {} .".format, subjects, verbs, objects)
    listed = st.builds("{} {} {} , {} ; {} {} .".format, subjects, verbs, objects, objects, verbs, objects)
    return plain | plain | listed


def block(inner: st.SearchStrategy[str], names: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Some of them, some in named graphs."""
    parts = st.one_of(inner, st.builds("GRAPH {} {{ {} }}".format, names, inner))
    return st.lists(parts, max_size=3).map(lambda some: "{ " + " ".join(some) + " }")


facts = triples(iris, iris, constants)
nameless = st.sampled_from(["_:n", "[]", "[ <urn:b> 1 ]", "( <urn:a> 1 )"])
data = block(triples(iris | st.just("_:n"), iris, constants | nameless), graphs)
holes = st.one_of(variables, variables, iris)
made = block(
    st.one_of(
        triples(holes, holes, st.one_of(variables, constants)),
        triples(st.one_of(holes, st.just("_:n")), iris, st.one_of(variables, nameless)),
        st.builds("{} <urn:r> <<( {} <urn:b> {} )>> .".format, holes, holes, variables),
    ),
    st.one_of(graphs, st.just("?g")),
)
gone = block(triples(holes, holes, st.one_of(variables, constants)), st.one_of(graphs, st.just("?g")))
patterns = st.builds(
    "{{ {} {} }}".format,
    st.one_of(
        triples(holes, holes, st.one_of(variables, constants)),
        st.builds("GRAPH {} {{ {} }}".format, st.one_of(graphs, st.just("?g")), triples(holes, holes, variables)),
    ),
    st.sampled_from(
        [
            "",
            "OPTIONAL { ?x <urn:b> ?y }",
            "OPTIONAL { GRAPH ?g { ?y ?p ?w } }",
            "FILTER(isLiteral(?y))",
            "BIND(BNODE() AS ?w)",
            "VALUES (?x ?w) { (<urn:a> 1) (UNDEF <urn:b>) }",
            "MINUS { ?x <urn:a> ?o }",
            "{ SELECT ?z (COUNT(*) AS ?w) { ?z ?p ?o } GROUP BY ?z }",
            "# a comment with } in it\n",
            'FILTER(?y != "}")',
        ]
    ),
)
datasets = st.one_of(
    st.just(""),
    st.builds("USING {} ".format, graphs),
    st.builds("USING {} USING NAMED {} ".format, graphs, graphs),
    st.builds("USING NAMED {} ".format, graphs),
    st.builds("USING {} USING {} ".format, graphs, graphs),
)
scopes = st.one_of(st.just(""), st.just(""), st.builds("WITH {} ".format, graphs))
places = st.one_of(st.just("DEFAULT"), st.builds("GRAPH {}".format, graphs), graphs)
operations = st.one_of(
    st.builds("INSERT DATA {}".format, data),
    st.builds("delete data {}".format, block(facts, graphs)),
    st.builds("DELETE WHERE {}".format, gone),
    st.builds("{}DELETE {} INSERT {} {}WHERE {}".format, scopes, gone, made, datasets, patterns),
    st.builds("{}INSERT {} {}WHERE {}".format, scopes, made, datasets, patterns),
    st.builds("{}DELETE {} {}WHERE {}".format, scopes, gone, datasets, patterns),
    st.builds("{} {} TO {}".format, st.sampled_from(["ADD", "COPY", "MOVE"]), places, places),
    st.builds("{} SILENT {}".format, st.sampled_from(["CLEAR", "DROP"]), st.sampled_from(["DEFAULT", "NAMED", "ALL"])),
    st.builds("{} SILENT GRAPH {}".format, st.sampled_from(["CLEAR", "DROP", "CREATE"]), graphs),
)


def distinct(request: list[str]) -> str:
    """The request; a label stands for one blank node in one operation."""
    return "PREFIX e: <urn:e#>\n" + " ;\n".join(
        operation.replace("_:n", f"_:n{number}") for number, operation in enumerate(request)
    )


def content(store: Store) -> list[str]:
    """The quads, the same for datasets that differ in the names of blank nodes only."""
    dataset = Dataset(store)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))


@given(st.lists(st.builds("INSERT DATA {}".format, data), max_size=3), st.lists(operations, min_size=1, max_size=4))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_a_request_does_what_the_engine_does(before: list[str], request: list[str]) -> None:
    ours, theirs = Store(), Store()
    ours.update(distinct(before))
    theirs.extend(ours)
    text = distinct(request)
    try:
        theirs.update(text)
    except RuntimeError:  # MOVE of a graph that is not there
        assume(False)
    try:
        evaluate(check(text, None), SuiteDataset(ours))
    except NotFoundError:  # the engine takes an absent graph for an empty one
        assume(False)
    assert content(ours) == content(theirs), text


MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
ROOT = "http://w3c.test/"
FORMATS = {".ttl": RdfFormat.TURTLE, ".trig": RdfFormat.TRIG, ".nt": RdfFormat.N_TRIPLES}


class Suite:
    """The update tests of the W3C suite."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, iri: object) -> Path:
        return self.folder / unquote(str(iri).removeprefix(ROOT))

    def tests(self, kind: str) -> Iterator[tuple[rdflib.Graph, rdflib.term.Node]]:
        todo = [self.folder / "sparql11" / "manifest-all.ttl"]
        for manifest in todo:
            graph = rdflib.Graph()
            graph.parse(manifest, format="turtle", publicID=ROOT + manifest.relative_to(self.folder).as_posix())
            for node in graph.subjects(RDF.type, MF.Manifest):
                for listed in graph.objects(node, MF.include):
                    todo += [self.path(one) for one in graph.items(listed) if self.path(one) not in todo]
                for entries in graph.objects(node, MF.entries):
                    for test in graph.items(entries):
                        if kind in str(graph.value(test, RDF.type)):
                            yield graph, test

    def dataset(self, graph: rdflib.Graph, node: rdflib.term.Node | None) -> Store:
        store = Store()
        for file in graph.objects(node, UT.data):
            self._load(store, file, None)
        for one in graph.objects(node, UT.graphData):
            inner = graph.value(one, UT.graph)
            name = one if inner is None else graph.value(one, RDFS.label) or inner
            self._load(store, inner or one, NamedNode(str(name)))
        return store

    def _load(self, store: Store, file: object, graph: NamedNode | None) -> None:
        path = self.path(file)
        store.load(path.read_bytes(), format=FORMATS[path.suffix], base_iri=str(file), to_graph=graph)


@pytest.fixture(scope="module")
def suite(shared: Path) -> Suite:
    return Suite(shared / "suites" / "sparql")


def test_the_w3c_update_suite(suite: Suite) -> None:
    wrong, count = [], 0
    for graph, test in suite.tests("UpdateEvaluationTest"):
        count += 1
        action, result = graph.value(test, MF.action), graph.value(test, MF.result)
        request = graph.value(action, UT.request)
        store = suite.dataset(graph, action)
        evaluate(check(suite.path(request).read_text(), str(request)), SuiteDataset(store), base_iri=str(request))
        if content(store) != content(suite.dataset(graph, result)):
            wrong.append(str(test))
    assert (count, wrong) == (94, [])
