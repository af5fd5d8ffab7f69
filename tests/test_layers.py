"""The house as a picture: imports only step down, siblings never import each other (DESIGN.md §5)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import kg

# One row per stair, the top one first; a word is a module or a package of `kg`, what follows the bar is for readers.
STAIRS = """
    cli                                                    | speaks to people; `kg serve` starts the service
    commands                                               | what some of its commands do
    web console                                            | speaks to machines; what the command line shows
    answering                                              | queries that strangers send, in child processes
    writer                                                 | writes over HTTP, in a process of their own
    writes                                                 | draft → apply → gate → derive → seal
    bundled                                                | the data that comes with the package
    pipeline                                               | load → gate → derive → seal
    advice                                                 | finding → what belongs there instead
    publish origins refusals consequences                  | release → pages, dumps, catalogue; finding → line
    tokens                                                 | who may write
    load gate store library prose derive update            | one craft each, unaware of one another
    form                                                   | what an entry of a class may and must say
    shacl expected causes books                            | shapes compiled to checks; what is wrong, in words
    finding rq context lexer dataset columns               | the things we hand around, made of
    iris entry graph formats saving                        | … the plain ones
    errors settings namespaces resources text isolation    | the words everyone uses
    nearest                                                | … and which of them is meant
"""
NOT_YET = {"prose"}
SIDEWAYS = {
    ("kg.errors", "kg.finding"),  # DataError carries findings: a name for the type checker, no import at run time
}

SOURCE = Path(kg.__file__).parent
HEIGHT = {
    word: height
    for height, row in enumerate(reversed(STAIRS.strip().splitlines()))
    for word in row.partition("|")[0].split()
}


@dataclass(frozen=True)
class Import:
    """One import statement: who, whom, in which line, and whether it runs when the module is read."""

    module: str
    imported: str
    line: int
    eager: bool


def modules() -> dict[str, ast.Module]:
    """Every module of the package as a syntax tree."""
    trees = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        trees[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return trees


def imports(name: str, tree: ast.Module) -> Iterator[Import]:
    """Imports of `kg` anywhere in a module."""
    eager = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno} imports relatively"
            found = [f"kg.{alias.name}" for alias in node.names] if node.module == "kg" else [node.module or ""]
        else:
            continue
        for imported in found:
            if imported.startswith("kg."):
                yield Import(name, imported, node.lineno, id(node) in eager)


def word(module: str) -> str:
    """The word of the picture that a module belongs to: `load` for `kg.load.dates`."""
    return module.split(".")[1]


TREES = modules()
IMPORTS = [one for name, tree in TREES.items() for one in imports(name, tree)]


def steps_down(one: Import) -> bool:
    here, there = word(one.module), word(one.imported)
    return here == there or HEIGHT[there] < HEIGHT[here]


def test_every_module_stands_on_a_stair() -> None:
    assert {word(name) for name in TREES if name != "kg"} == HEIGHT.keys() - NOT_YET
    assert len(TREES) >= 60


def test_imports_only_step_down() -> None:
    assert len(IMPORTS) > 200
    wrong = [
        f"{one.module}:{one.line} imports {one.imported}"
        for one in IMPORTS
        if not steps_down(one) and (one.module, one.imported) not in SIDEWAYS
    ]
    assert not wrong, "\n".join(wrong)


def test_the_exceptions_are_needed_and_run_for_nobody_else() -> None:
    used = [one for one in IMPORTS if (one.module, one.imported) in SIDEWAYS]
    assert {(one.module, one.imported) for one in used} == SIDEWAYS
    assert not [one for one in used if one.eager or steps_down(one)]


@pytest.mark.parametrize(
    ("module", "imported", "fine"),
    [
        ("kg.load.dates", "kg.load.numbers", True),
        ("kg.web.sparql", "kg.store.port", True),
        ("kg.store.port", "kg.formats", True),
        ("kg.load.describe", "kg.gate", False),
        ("kg.derive", "kg.store.port", False),
        ("kg.text", "kg.iris", False),
        ("kg.iris", "kg.graph", False),
        ("kg.pipeline", "kg.cli", False),
        ("kg.web.app", "kg.cli", False),
    ],
)
def test_the_picture_says_what_may_import_what(module: str, imported: str, fine: bool) -> None:
    assert steps_down(Import(module, imported, 1, True)) is fine


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """String literals of a module, f-strings as one text each; docstrings are no literals."""
    prose = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values]
            prose |= {id(part) for part in node.values}
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.lineno, node.value


SPARQL = re.compile(
    r"\b(SELECT|CONSTRUCT|ASK|DESCRIBE|INSERT|DELETE)\b[^{}]*(\bWHERE\b|\{[^}]*[?$]\w)", re.IGNORECASE | re.DOTALL
)


def test_sparql_lives_in_queries_never_in_python() -> None:
    found = [f"{name}:{line} {text!r}" for name, tree in TREES.items() for line, text in texts(tree) if queries(text)]
    assert not found, "\n".join(found)


def queries(text: str) -> bool:
    """Whether a text holds a query with a pattern; a sentence that names one does not."""
    return bool(SPARQL.search(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELECT * WHERE { ?s ?p ?o }", True),
        ("ask { ?s a <urn:x> }", True),
        ("CONSTRUCT { ?s ?p … } WHERE { … }", True),
        ("this is not a SELECT query", False),
        ("SELECT … {}", False),  # a prologue to be parsed, nothing is asked
    ],
)
def test_a_query_is_told_from_a_sentence(text: str, found: bool) -> None:
    assert queries(text) is found


def test_settings_are_read_at_the_edge_only() -> None:
    wrong = []
    for name, tree in TREES.items():
        inside = {
            id(node)
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for node in ast.walk(function)
        }
        for node in ast.walk(tree):
            called = node.func if isinstance(node, ast.Call) else None
            if getattr(called, "id", getattr(called, "attr", None)) == "Settings":
                edge = name in {"kg.cli", "kg.web.app"}
                if not edge or id(node) not in inside:
                    wrong.append(name)
    assert not wrong, wrong
