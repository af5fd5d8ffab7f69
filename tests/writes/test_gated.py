from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from kg import writes
from kg.dataset import Using
from kg.derive import derive
from kg.errors import (
    BusyError,
    ConflictError,
    DataError,
    ForbiddenError,
    NotFoundError,
    PreconditionError,
    QueryError,
)
from kg.graph import DEFAULT, GraphName
from kg.namespaces import DC, DCT, MKG, PROV
from kg.pipeline import withdraw
from kg.store.maintenance import verify
from kg.writes import Condition
from tests.writes.conftest import Town

FUND = """{ org:f a mkg:Organisation ; skos:prefLabel "Фонд"@bg , "Fund"@en ;
    mkg:kind <https://w3id.org/municipal-kg/code/organisation-kind/fund> }"""


def test_what_is_written_without_a_graph_is_in_the_endpoints_own(town: Town) -> None:
    outcome = town.update(f"INSERT DATA {FUND}")
    assert (outcome.number, outcome.added, outcome.removed) == (2, 4, 0)
    assert outcome.graphs == ("http://localhost:8000/graph/endpoint/default",)
    assert town.view().manifest.graphs["http://localhost:8000/graph/endpoint/default"] == 4
    assert (town.view().manifest.agent, town.view().manifest.activity) == ("clerk", "update")
    assert town.holds('org:f skos:prefLabel "Фонд"@bg')


def test_consequences_follow_as_after_a_full_rebuild(town: Town) -> None:
    town.update(f"INSERT DATA {FUND}")
    assert town.holds(
        "org:f a <http://www.w3.org/ns/org#Organization> ; <http://www.w3.org/2000/01/rdf-schema#label> ?l"
    )
    town.update(
        """DELETE { ?f skos:prefLabel ?l } INSERT { ?f skos:prefLabel "Trust"@en }
        WHERE { ?f skos:prefLabel ?l . FILTER(?f = org:f && LANG(?l) = "en") }"""
    )
    verify(town.view())
    with town.store.draft() as draft:
        derive(draft, draft.parent, town.domain.rules, town.iris, None)
        assert not draft.changed


def test_the_same_insert_twice_is_no_change_even_with_blank_nodes(town: Town) -> None:
    text = 'INSERT DATA { GRAPH e:notes { org:ndef dct:relation [ dct:extent "x" ; dct:relation ( 01 [] ) ] } }'
    first = town.update(text)
    trace = town.trace()
    again = town.update(text)
    assert (again.number, again.added, again.removed, again.digest) == (first.number, 0, 0, first.digest)
    assert town.trace() == trace
    assert not any("_:" in triple for triple in town.graph("notes"))
    found = """INSERT { GRAPH e:notes { ?o dct:relation [ dct:extent ?t ] , ?b } }
        WHERE { ?o dct:relation ?r . ?r dct:extent ?t ; dct:relation ?list BIND(BNODE() AS ?b) }"""
    assert town.update(found).number == first.number + 1
    assert town.update(found).number == first.number + 1


def test_every_solution_has_blank_nodes_of_its_own(town: Town) -> None:
    text = """INSERT { GRAPH e:notes {
            ?o dct:relation [ dct:extent ?t ; dct:medium _:m ] . [] dct:extent ?t . _:m dct:extent 1 } }
        WHERE { VALUES (?o ?i ?t) { (org:ndef 1 "x") (org:ndef 2 "x") (org:ndef 3 "y") (org:nsorb 4 "x") } }"""
    first = town.update(text)
    assert len(town.graph("notes")) == first.added == 4 * 5
    assert town.holds(
        "org:ndef dct:relation ?a , ?b . ?a dct:extent ?t ; dct:medium ?m . ?b dct:extent ?t ; dct:medium ?n "
        "FILTER(?a != ?b && ?m != ?n)"
    )
    assert town.update(text).number == first.number


def test_every_operation_has_blank_nodes_of_its_own(town: Town) -> None:
    one = 'INSERT DATA { GRAPH e:notes { org:ndef dct:relation [ dct:extent "x" ] } }'
    assert town.update(f"{one} ; {one}").added == 4
    assert town.update(one).added == 0


def test_meta_says_whose_a_graph_is_and_who_wrote_when(town: Town) -> None:
    town.update(f"INSERT DATA {{ GRAPH e:funds {FUND} }}")
    told = {
        (quad.predicate, getattr(quad.object, "value", ""))
        for quad in town.view().quads(town.iris.endpoint("funds"), None, None, town.iris.meta)
    }
    assert told == {
        (MKG.owner, "endpoint"),
        (PROV.generatedAtTime, "2026-11-23T12:00:00Z"),
        (DC.contributor, "clerk"),
    }
    town.update("CLEAR GRAPH e:funds")
    assert not list(town.view().quads(town.iris.endpoint("funds")))
    assert "http://localhost:8000/graph/endpoint/funds" not in town.view().manifest.graphs


def test_where_reads_the_merge_once_and_named_graphs_by_name(town: Town) -> None:
    town.update('INSERT DATA { GRAPH e:a { org:ndef dct:extent "n" } GRAPH e:b { org:ndef dct:extent "n" } }')
    town.update(
        "INSERT { GRAPH e:c { org:ndef dct:medium ?n } } WHERE { SELECT (COUNT(*) AS ?n) { org:ndef dct:extent ?t } }"
    )
    town.update(
        """INSERT { GRAPH e:d { org:ndef dct:medium ?n } }
        WHERE { SELECT (COUNT(*) AS ?n) { GRAPH ?g { org:ndef dct:extent ?t } } }"""
    )
    number = '"{}"^^<http://www.w3.org/2001/XMLSchema#integer>'
    assert {next(iter(town.graph(name))).partition("medium> ")[2] for name in "cd"} == {
        number.format(1),
        number.format(2),
    }
    using = """INSERT { GRAPH e:f { org:ndef dct:medium ?n } } USING e:a USING e:b
        WHERE { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } }"""
    town.update(using)
    assert town.graph("f") == town.graph("c")
    town.update(using.replace("USING e:a USING e:b", "").replace("e:f", "e:h"), Using((town.iris.endpoint("a"),)))
    assert town.graph("h") == town.graph("c")


@pytest.mark.parametrize(
    ("pattern", "using", "found"),
    [
        ("org:nobody dct:isPartOf* ?x", "", {"nobody"}),
        ("?x dct:isPartOf? org:nobody", "", {"nobody"}),
        ("org:nobody (dct:isPartOf/^a)* ?x . FILTER(?x = org:nobody)", "", {"nobody"}),
        ("org:nobody dct:isPartOf+ ?x", "", set()),
        ("org:one dct:isPartOf* ?x", "", {"one", "two"}),
        ("org:one dct:isPartOf* ?x", "USING e:b", {"one"}),
        ("org:one dct:isPartOf* ?x", "USING e:a", {"one", "two"}),
        ("org:one dct:isPartOf* ?x", "USING e:a USING e:b", {"one", "two"}),
        ("org:one dct:isPartOf* ?x", "USING NAMED e:a", {"one"}),
        ("?x dct:isPartOf* org:two", "USING e:a", {"one", "two"}),
    ],
)
def test_a_path_of_length_zero_needs_no_data(town: Town, pattern: str, using: str, found: set[str]) -> None:
    town.update("INSERT DATA { GRAPH e:a { org:one dct:isPartOf org:two } GRAPH e:b { org:ndef dct:extent 1 } }")
    town.update(f'INSERT {{ GRAPH e:found {{ ?x dct:extent "found" }} }} {using} WHERE {{ {pattern} }}')
    assert {triple.partition(">")[0].rpartition("/")[2] for triple in town.graph("found")} == found


def test_a_path_of_length_zero_is_evaluated_where_the_graph_stands_that_is_meant(town: Town) -> None:
    town.update("INSERT DATA { GRAPH e:a { org:one dct:isPartOf org:two } GRAPH e:b { org:ndef dct:extent 1 } }")
    text = "WITH e:{} INSERT {{ ?x dct:extent 2 }} WHERE {{ org:one dct:isPartOf* ?x }}"
    town.update(text.format("a"))
    town.update(text.format("b"))
    assert [len(town.graph(name)) for name in "ab"] == [3, 2]
    town.update("DELETE { ?x dct:extent 2 } WHERE { org:one dct:isPartOf* ?x }", scope=town.iris.endpoint("b"))
    assert len(town.graph("b")) == 1
    town.update(
        "DELETE DATA { GRAPH e:a { org:one dct:isPartOf org:two } } ; DELETE WHERE { GRAPH e:a { ?s ?p ?o } } ; "
        "INSERT { GRAPH e:c { ?x dct:extent 3 } } WHERE { org:one dct:isPartOf* ?x }"
    )
    assert len(town.graph("c")) == 1


def test_with_and_a_patched_graph_stand_for_the_default_graph(town: Town) -> None:
    town.update('INSERT DATA { GRAPH e:a { org:ndef dct:extent "a" } GRAPH e:b { org:ndef dct:extent "b" } }')
    town.update('WITH e:a DELETE { ?s ?p ?o } INSERT { ?s ?p "A" } WHERE { ?s ?p ?o }')
    assert [triple[-3:] for triple in town.graph("a")] == ['"A"']
    town.update('DELETE WHERE { ?s ?p ?o } ; INSERT DATA { org:ndef dct:extent "B" }', scope=town.iris.endpoint("b"))
    assert [triple[-3:] for triple in town.graph("b")] == ['"B"']
    assert not town.graph()


REFUSED = {
    "a source's graph": ("INSERT DATA { GRAPH g:report-2023-w26 { org:ndef dct:extent 1 } }", "report-2023-w26.yaml"),
    "deleting in it": ("DELETE DATA { GRAPH g:report-2023-w26 { org:ndef dct:extent 1 } }", "report-2023-w26.yaml"),
    "a statement of a source": ("DELETE WHERE { ?p a mkg:Project }", "report-2023-w26.yaml"),
    "with WITH too": ("WITH e:a DELETE { ?p a ?c } USING g:report-2023-w26 WHERE { ?p a ?c }", "report-2023-w26.yaml"),
    "any graph there is": ("DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }", "belongs to|derived"),
    "a derived graph": ("CLEAR GRAPH g:derived\\/label", "rule 'label'"),
    "the meta graph": ("INSERT DATA { GRAPH g:meta { org:ndef dct:extent 1 } }", "belongs to the system"),
    "the ontology": ("DROP GRAPH <https://w3id.org/municipal-kg/ns#>", "there is no graph|belongs to the system"),
    "a graph that is none": ("INSERT DATA { GRAPH <urn:g> { org:ndef dct:extent 1 } }", "graph/endpoint/NAME"),
    "a blank graph": ("INSERT { GRAPH ?g { org:ndef dct:extent 1 } } WHERE { BIND(BNODE() AS ?g) }", "needs an IRI"),
    "a path in a name": (
        "INSERT DATA { GRAPH <http://localhost:8000/graph/endpoint/../meta> {} } ; CREATE GRAPH <http://localhost:8000/graph/endpoint/../meta>",
        "no graph",
    ),
    "everything": ("CLEAR ALL", "belongs to|derived"),
    "everything, silently": ("DROP SILENT NAMED", "belongs to|derived"),
    "moving a source away": ("MOVE g:report-2023-w26 TO e:a", "report-2023-w26.yaml"),
    "copying over a source": ("COPY e:a TO g:report-2023-w26", "report-2023-w26.yaml"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_others_own_is_refused_with_its_owner(town: Town, case: str) -> None:
    text, owner = REFUSED[case]
    trace = town.trace()
    with pytest.raises(ConflictError, match=owner):
        town.update("INSERT DATA { GRAPH e:a { org:ndef dct:extent 1 } } ; " + text)
    assert town.trace() == trace


def test_what_another_graph_of_the_endpoint_holds_is_named(town: Town) -> None:
    town.update('INSERT DATA { GRAPH e:a { org:ndef dct:extent "a" } }')
    with pytest.raises(ConflictError, match="it is in http://localhost:8000/graph/endpoint/a"):
        town.update('DELETE DATA { org:ndef dct:extent "a" }')
    with pytest.raises(ConflictError, match="already"):
        town.update("CREATE GRAPH e:a")
    town.update("CREATE SILENT GRAPH e:a ; CREATE GRAPH e:new ; DROP GRAPH e:other ; COPY SILENT e:none TO e:a")
    with pytest.raises(NotFoundError, match="endpoint/none"):
        town.update("COPY e:none TO e:a")


def test_a_consequence_alone_cannot_be_deleted_but_goes_with_what_it_follows_from(town: Town) -> None:
    town.update(f"INSERT DATA {FUND}")
    with pytest.raises(ConflictError, match="derived by the rule"):
        town.update("DELETE DATA { org:f a <http://www.w3.org/ns/org#Organization> }")
    town.update("DELETE WHERE { org:f ?p ?o }")
    assert not town.holds("org:f ?p ?o")
    town.update(f"INSERT DATA {FUND}")
    town.update(f"DELETE WHERE {{ org:f ?p ?o }} ; INSERT DATA {FUND}")
    assert town.holds("org:f a <http://www.w3.org/ns/org#Organization>")


def test_a_triple_that_nobody_holds_is_deleted_in_peace(town: Town) -> None:
    assert (
        town.update("DELETE DATA { org:nobody dct:extent 1 . GRAPH e:a { org:ndef a mkg:Organisation } }").number == 1
    )


def test_the_gate_refuses_the_whole_request(town: Town) -> None:
    trace = town.trace()
    with pytest.raises(DataError) as refused:
        town.update(f"INSERT DATA {FUND} ; INSERT DATA {{ org:bare a mkg:Organisation }}")
    assert {str(one.focus_node) for one in refused.value.findings} == {"<http://localhost:8000/id/organisation/bare>"}
    assert town.trace() == trace


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("INSERT DATA { org:ndef mkg:fundedby org:ndef }", "no term „fundedby“"),
        ("INSERT DATA { <http://localhost:8000/id/Bad%20Id> dct:extent 1 }", "is no id"),
        ("INSERT DATA { org:ndef dct:relation <<( org:ndef dct:extent 1 )>> }", "statement about a statement"),
        ("INSERT DATA { org:ndef dct:title ' '@bg }", "an empty text says nothing"),
        ("INSERT DATA { org:ndef mkg:partner org:nobody }", ""),
    ],
)
def test_terms_and_ids_are_checked_as_in_files(town: Town, text: str, message: str) -> None:
    with pytest.raises(DataError) as refused:
        town.update(text)
    assert any(message in one.messages["en"] for one in refused.value.findings)


def test_a_blank_node_in_two_graphs_needs_a_name(town: Town) -> None:
    with pytest.raises(QueryError, match="two graphs"):
        town.update("INSERT DATA { GRAPH e:a { _:n dct:extent 1 } GRAPH e:b { _:n dct:extent 1 } }")


def test_a_withdrawn_id_stays_withdrawn(town: Town) -> None:
    town.update(f"INSERT DATA {FUND}")
    withdraw(["organisation/f"], store=town.store, domain=town.domain, agent="test", reason="")
    for text in (f"INSERT DATA {FUND}", "INSERT DATA { <http://localhost:8000/id/organisation/f#note> dct:extent 1 }"):
        with pytest.raises(DataError) as refused:
            town.update(text)
        assert "never used again" in refused.value.findings[0].messages["en"]


@pytest.mark.parametrize("text", ["LOAD <http://127.0.0.1:1/>", "load silent <file:///etc/passwd> into graph e:a"])
def test_nothing_is_fetched(town: Town, text: str) -> None:
    with pytest.raises(ForbiddenError):
        town.update(text)
    with pytest.raises(ForbiddenError):
        town.update("INSERT { ?a dct:extent ?b } WHERE { SERVICE <http://127.0.0.1:1/> { ?a dct:extent ?b } }")


def test_a_function_that_is_none_is_an_error_of_the_expression(town: Town) -> None:
    town.update(
        """INSERT { GRAPH e:a { org:ndef dct:extent ?t ; dct:medium ?i } }
        WHERE { VALUES ?i { 1 2 } BIND(COALESCE(<urn:f>(?i), "none") AS ?t) BIND(<urn:f>(<urn:g>()) AS ?u) } ;
        INSERT { GRAPH e:b { ?s dct:extent 1 } } WHERE { ?s a mkg:Project FILTER(<urn:f>(?s)) } ;
        INSERT { GRAPH e:c { org:ndef dct:extent ?u , 1 } } USING e:a USING e:b WHERE { BIND(<urn:h>() AS ?u) }"""
    )
    assert [len(town.graph(name)) for name in "abc"] == [3, 0, 1]
    many = " ".join(f"BIND(<urn:f{number}>() AS ?u{number})" for number in range(50))
    with pytest.raises(QueryError, match="urn:f"):
        town.update(f"INSERT {{ org:ndef dct:extent ?u0 }} WHERE {{ {many} }}")


# Graph Store


def triple(text: str) -> Triple:
    return Triple(NamedNode("http://localhost:8000/id/organisation/ndef"), DCT.term("extent"), Literal(text))


def test_a_graph_is_put_added_to_and_deleted(town: Town) -> None:
    graph = town.iris.endpoint("x")
    first = writes.put(town.writes, {graph: [triple("1"), triple("2")]}, agent="clerk")
    assert (first.created, first.added, first.removed) == (True, 2, 0)
    second = writes.put(town.writes, {graph: [triple("2"), triple("3")]}, agent="clerk")
    assert (second.created, second.added, second.removed) == (False, 1, 1)
    third = writes.post(town.writes, {graph: [triple("3"), triple("4")]}, agent="clerk")
    assert (third.created, third.added, third.removed) == (False, 1, 0)
    assert town.graph("x") == {str(triple(text)) for text in "234"}
    assert writes.delete(town.writes, graph, agent="clerk").removed == 3
    with pytest.raises(NotFoundError):
        writes.delete(town.writes, graph, agent="clerk")
    assert town.view().manifest.activity == "delete http://localhost:8000/graph/endpoint/x"


def test_a_graph_that_is_put_empty_is_none(town: Town) -> None:
    graph = town.iris.endpoint("x")
    nothing = writes.put(town.writes, {graph: []}, agent="clerk")
    assert (nothing.number, nothing.created) == (1, False)
    assert graph.value not in town.view().manifest.graphs
    assert not writes.post(town.writes, {graph: []}, agent="clerk").created
    assert writes.put(town.writes, {graph: [triple("1")]}, agent="clerk").created
    emptied = writes.put(town.writes, {graph: []}, agent="clerk")
    assert (emptied.created, emptied.removed) == (False, 1)
    assert graph.value not in town.view().manifest.graphs
    with pytest.raises(NotFoundError):
        writes.delete(town.writes, graph, agent="clerk")
    with pytest.raises(PreconditionError):
        writes.put(town.writes, {graph: []}, agent="clerk", condition=Condition(exists=True))
    both: dict[GraphName, list[Triple]] = {graph: [], town.iris.endpoint("y"): [triple("1")]}
    assert writes.put(town.writes, both, agent="clerk").created


def test_the_default_graph_can_be_added_to_only(town: Town) -> None:
    assert writes.post(town.writes, {DEFAULT: [triple("1")]}, agent="clerk").added == 1
    assert town.graph() == {str(triple("1"))}
    with pytest.raises(ConflictError, match="merge"):
        writes.put(town.writes, {DEFAULT: [triple("2")]}, agent="clerk")
    with pytest.raises(ConflictError, match="merge"):
        writes.delete(town.writes, DEFAULT, agent="clerk")


@pytest.mark.parametrize(
    "name",
    [
        "report-2023-w26",
        "meta",
        "derived/label",
        "endpoint/",
        "endpoint/a//b",
        "endpoint/a/../b",
        "endpointX/a",
        "other",
    ],
)
def test_other_graphs_are_not_put_or_deleted(town: Town, name: str) -> None:
    graph = town.iris.graph(name)
    with pytest.raises(ConflictError):
        writes.put(town.writes, {graph: [triple("1")]}, agent="clerk")
    with pytest.raises(ConflictError):
        writes.post(town.writes, {town.iris.endpoint("x"): [triple("1")], graph: [triple("1")]}, agent="clerk")
    with pytest.raises(ConflictError):
        writes.delete(town.writes, graph, agent="clerk")
    assert town.view().number == 1


def test_conditions_hold_when_the_write_begins(town: Town) -> None:
    graph = town.iris.endpoint("x")

    def put(text: str, condition: Condition) -> int:
        return writes.put(town.writes, {graph: [triple(text)]}, agent="clerk", condition=condition).number

    with pytest.raises(PreconditionError):
        put("1", Condition(exists=True))
    assert put("1", Condition(exists=False)) == 2
    with pytest.raises(PreconditionError):
        put("2", Condition(exists=False))
    assert put("2", Condition(release=2)) == 3
    with pytest.raises(PreconditionError):
        put("3", Condition(release=2))
    with pytest.raises(PreconditionError):
        writes.delete(town.writes, graph, agent="clerk", condition=Condition(release=2))
    with pytest.raises(PreconditionError):
        town.update("INSERT DATA { org:ndef dct:extent 1 }", scope=graph, condition=Condition(release=2))


def test_the_mark_is_kept_with_the_release(town: Town) -> None:
    town.update('INSERT DATA { org:ndef dct:extent "a" }', mark="abc")
    assert town.view().manifest.extra == {"mark": "abc"}


def test_a_second_writer_is_told_to_come_back_and_not_who_writes(town: Town) -> None:
    impatient = Town(town.store.home.root, town.domain)
    impatient.store._lock_timeout = 0.01
    with town.store.draft(agent="secret name"), pytest.raises(BusyError) as busy:
        impatient.update('INSERT DATA { org:ndef dct:extent "a" }')
    assert "secret name" not in str(busy.value.messages)
