"""What `kg query` is asked: a query by name, from a file or a pipe, its parameters, and their values."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Literal, NamedNode
from rich.console import Console
from rich.text import Text

from kg.answering.complaints import told
from kg.errors import NotFoundError, ParameterError, QueryError
from kg.formats import Format, by_name
from kg.graph import DEFAULT, View
from kg.iris import KINDS, Iris
from kg.library import Library
from kg.namespaces import MKG, RDF, SKOS
from kg.rq import QueryFile
from kg.store.port import Owner

_EXAMPLES: Final = {"date": "2023-06-27", "integer": "26", "decimal": "1000.50"}
_SHOWN: Final = 12  # sources
_COMPARED: Final = 5000  # ids
_LANGUAGES: Final = ("bg", "en")


def find(name: str, library: Library) -> QueryFile:
    """The query that is meant: a name, a file, or „-“ for what comes by pipe. Raises NotFoundError, QueryError."""
    path = Path(name)
    if name == "-":
        return QueryFile.of(name, sys.stdin.read())
    if path.suffix == ".rq" or "/" in name:
        if not path.is_file():
            raise NotFoundError(f"there is no file {name}", f"Няма файл {name}")
        return QueryFile.read(path)
    return library[name]


def pairs(texts: Iterable[str]) -> dict[str, str]:
    """What `-p name=value` says. Raises ParameterError."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise ParameterError(f"{text!r}: write name=value", f"„{text}“: пишете име=стойност")
        found[name] = value
    return found


def format_of(name: str) -> Format:
    """The format of this name. Raises ParameterError."""
    found = by_name(name)
    if found is None:
        raise ParameterError(
            f"there is no format {name!r}; use csv, json, tsv, xml, ttl, nt, nq, trig, jsonld or rdf",
            f"Няма формат „{name}“; ползвайте csv, json, tsv, xml, ttl, nt, nq, trig, jsonld или rdf",
        )
    return found


def show_parameters(console: Console, query: QueryFile) -> None:
    """The parameters of a query: name, type, what they are, how a value looks and what holds without one."""
    if not query.slots:
        console.print("Заявката няма параметри · the query takes no parameters")
        return
    width = max(map(len, names(query)))
    for name in names(query):
        declared = query.parameters.get(name, {})
        type_ = str(declared.get("type", "string"))
        label: Mapping[str, Any] = declared.get("label") or {}
        line = Text.assemble(
            (f"{name:<{width}}", "bold"),
            f"  {type_:<7}  ",
            " · ".join(str(label[tag]) for tag in _LANGUAGES if tag in label),
            (f"   напр. · e.g. {name}={_example(name, type_)}", "dim"),
            (f"   иначе · else {declared['default']}" if "default" in declared else "", "dim"),
        )
        console.print(line, soft_wrap=True, highlight=False)
    if any("default" not in query.parameters.get(name, {}) for name in names(query)):
        console.print("без стойност: всички · without a value: any", style="dim")


def names(query: QueryFile) -> Sequence[str]:
    """The declared parameters as the header has them, then the other slots."""
    return [*query.parameters, *sorted(query.slots - set(query.parameters))]


def _example(name: str, type_: str) -> str:
    if type_ != "iri":
        return _EXAMPLES.get(type_, "…")
    return "report-2023-w26" if name == "source" else f"{name}/…" if name in KINDS else "https://…"


def unknown(query: QueryFile, values: Mapping[str, str], view: View, iris: Iris) -> Iterator[tuple[str, str]]:
    """What to say of values that nothing in the graph has, in English and Bulgarian: the answer will be empty."""
    for name, text in values.items():
        if query.parameters.get(name, {}).get("type") != "iri":
            continue
        node = NamedNode(text if ":" in text else (iris.ids if "/" in text else iris.graph("").value) + text)
        if _known(node, view):
            continue
        if name == "source":
            sources = _sources(view, iris)
            near = difflib.get_close_matches(text, sources, _SHOWN, 0.4)
            listed = list(dict.fromkeys([*near, *sources]))
            told_of = ", ".join(listed[:_SHOWN]) + (" …" if len(listed) > _SHOWN else "")
            yield (
                f"{name}={text}: there is no such source; known are {told_of or 'none'}",
                f"{name}={text}: няма такъв източник; познати са {told_of or '–'}",
            )
        else:
            near = list(_alike(text, view, iris))
            yield (
                f"{name}={text}: the graph has nothing of this name" + (f"; did you mean {near[0]}?" if near else ""),
                f"{name}={text}: в графа няма нищо с това име" + (f"; може би {near[0]}?" if near else ""),
            )


def _known(node: NamedNode, view: View) -> bool:
    found = (view.quads(node), view.quads(None, None, node), view.quads(None, None, None, node), view.quads(None, node))
    return any(next(iter(quads), None) is not None for quads in found)


def _sources(view: View, iris: Iris) -> list[str]:
    owned = view.quads(None, MKG.owner, Literal(Owner.SOURCE), iris.meta)
    names = (quad.subject.value for quad in owned if isinstance(quad.subject, NamedNode))
    return sorted(name.removeprefix(iris.graph("").value) for name in names)


def _alike(text: str, view: View, iris: Iris) -> Iterator[str]:
    """The code that is called so, or the id of the same kind that is most like it."""
    if "/" not in text and ":" not in text:
        labelled = {
            quad.subject
            for language in _LANGUAGES
            for quad in view.quads(None, SKOS.prefLabel, Literal(text, language=language), DEFAULT)
        }
        for quad in view.quads(None, SKOS.inScheme, None, DEFAULT):
            code = quad.subject
            if isinstance(code, NamedNode) and (code in labelled or code.value.rpartition("/")[2] == text):
                yield code.value
        return
    prefix = iris.ids + text.partition("/")[0] + "/"
    typed = (quad.subject for quad in view.quads(None, RDF.type, None, DEFAULT))
    ids = {id for one in typed if isinstance(one, NamedNode) and one.value.startswith(prefix) and (id := iris.id(one))}
    yield from difflib.get_close_matches(text, sorted(ids)[:_COMPARED], 1)


@contextmanager
def explained(text: str) -> Iterator[None]:
    """Complaints of the engine about the query are told with the place and, where it is sure, how to mend it."""
    try:
        yield
    except QueryError as error:
        if not isinstance(error.__cause__, SyntaxError):
            raise
        raise told(error.__cause__, text) from error
