"""What every client asks, and what is right."""

from __future__ import annotations

from tests.served import BASE

NS = "https://w3id.org/municipal-kg/ns#"
SELECT = f"""PREFIX mkg: <{NS}> PREFIX dct: <http://purl.org/dc/terms/>
SELECT ?project ?title {{
  ?project a mkg:Project ; dct:title ?title .
  FILTER(LANG(?title) = "bg")
}} ORDER BY ?project LIMIT 2"""
ROWS = [
    (f"{BASE}/id/project/innoair", "INNOAIR"),
    (f"{BASE}/id/project/menergers", "MENERGERS – „Енергиен мениджър“ в общините"),
]
ASK = f"ASK {{ ?project a <{NS}Project> }}"
CONSTRUCT = f"CONSTRUCT {{ ?project a <{NS}Project> }} WHERE {{ ?project a <{NS}Project> }}"
PROJECTS = {
    f"{BASE}/id/project/{name}" for name in "innoair menergers partnership-governance ruse-cultural-heritage".split()
}
BROKEN = "SELECT * { ?s ?p"
FAILING = "SELECT * { ?a ?b ?c . ?d ?e ?f }"  # 27 million rows: begun, and broken off at the deadline
FAILING_GRAPH = "CONSTRUCT { ?a ?b ?f } WHERE { ?a ?b ?c . ?d ?e ?f }"
