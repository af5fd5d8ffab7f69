from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat

from kg.load.depth import MAX_DEPTH, too_deep

N = MAX_DEPTH + 1


@pytest.mark.parametrize(
    ("text", "format", "line"),
    [
        ("[" * MAX_DEPTH, RdfFormat.JSON_LD, None),
        ("\n" + "[" * N, RdfFormat.JSON_LD, 2),
        ('{"a":' * N, RdfFormat.JSON_LD, 1),
        ("[]" * 10_000, RdfFormat.JSON_LD, None),
        ('["' + "[" * N + '\\"' + "{" * N + '"]', RdfFormat.JSON_LD, None),
        ('["open ' + "[" * N, RdfFormat.JSON_LD, 1),
        ("<<( " * N, RdfFormat.TURTLE, 1),
        ("\n<<" * N, RdfFormat.TRIG, N + 1),
        ("<< <s> <p> 1 >> <p> 1 .\n" * N, RdfFormat.TURTLE, None),
        ('<s> <p> "' + "<<" * N + '" .', RdfFormat.N_TRIPLES, None),
        ("<s> <p> '''" + "<<\n' " * N + "''' .", RdfFormat.TURTLE, None),
        ("# " + "<<" * N, RdfFormat.TURTLE, None),
        ("<a#> <p> " + "<<( " * N, RdfFormat.TURTLE, 1),
        ("( " * 10_000, RdfFormat.TURTLE, None),  # the parser does not recurse here
        ("<" * N, RdfFormat.RDF_XML, None),
    ],
)
def test_depth_is_measured_where_the_parser_recurses(text: str, format: RdfFormat, line: int | None) -> None:
    assert too_deep(text.encode(), format) == line
