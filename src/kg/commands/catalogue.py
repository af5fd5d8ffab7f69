"""`kg catalogue`: the catalogue as portals take it, and what they will think of it."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, serialize
from rich.console import Console
from rich.table import Table

from kg import resources
from kg.commands import Home, Tools
from kg.errors import Exit, ParameterError
from kg.formats import by_name
from kg.graph import Subject
from kg.publish.catalogue.mqa import MOST, Score, Status, scores
from kg.publish.catalogue.shelf import PATH, Catalogue
from kg.publish.resource import FORMS, Resource
from kg.saving import save
from kg.store.port import Release

_WAIT = 30  # seconds, for one address


def commands(tools: Tools) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    def catalogue(
        format: Annotated[str, typer.Option("--format", "-f", help="ttl jsonld rdf nt html")] = "ttl",
        out_file: Annotated[
            Path | None, typer.Option("--out", "-o", help="Запиши във файл · write to a file", dir_okay=False)
        ] = None,
        check: Annotated[
            bool,
            typer.Option("--check", help="Оцени го по точките на data.europa.eu · score it as data.europa.eu does"),
        ] = False,
        shapes: Annotated[
            list[Path] | None,
            typer.Option("--shapes", help="SHACL файл за проверка · a file of shapes to check it with", exists=True),
        ] = None,
        url: Annotated[
            str | None, typer.Option("--url", help="Къде се предлага сега · where it is served now, if not at its base")
        ] = None,
        home: Home = None,
    ) -> None:
        """Каталогът на данните (DCAT-AP) и оценката му · the catalogue of the data (DCAT-AP), and its score."""
        store = tools.open(tools.settings(home))
        release = tools.release(store, None)

        made = Catalogue(resources.CATALOGUE, store.home.dumps, tools.domain().context, store)
        if check:
            triples = made.triples(release)
            refused = _refused(triples, shapes or (), tools.err)
            found = [*scores(triples, _status(release.manifest.base, url), refused or ())]
            _show(tools.out, found, checked=bool(shapes))
            if refused:
                raise typer.Exit(Exit.REFUSED)
            return
        if shapes or url:
            raise ParameterError("--shapes and --url are for --check", "--shapes и --url са само с --check")
        body = _written(made, release, format)
        if out_file is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(body)
        else:
            save(out_file, body)

    return app


def _written(catalogue: Catalogue, release: Release, name: str) -> bytes:
    found = catalogue.find(release, PATH, {})
    format = by_name(name, FORMS)
    if format is None:
        known = ", ".join(one.name for one in FORMS)
        raise ParameterError(f"the catalogue comes as {known}", f"Каталогът се изписва като {known}")
    assert isinstance(found, Resource)
    return found.write(format, "bg")


def _status(base: str, url: str | None) -> Status:
    """Asks each address once, by HEAD."""

    @cache
    def status(address: str) -> int | None:
        if url is not None and address.startswith(base):
            address = url.rstrip("/") + address[len(base) :]
        if not address.startswith(("http://", "https://")):
            return None
        try:
            request = urllib.request.Request(address, method="HEAD")  # noqa: S310 (a web address, as looked at above)
            with urllib.request.urlopen(request, timeout=_WAIT) as reply:  # noqa: S310
                code: int = reply.status
                return code
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    return status


def _refused(triples: Iterable[Triple], files: Sequence[Path], console: Console) -> list[Subject]:
    """The nodes in which the shapes find violations, which are told."""
    if not files:
        return []
    import pyshacl  # takes a second
    import rdflib
    from rdflib.namespace import SH

    shapes = rdflib.Graph()
    for file in files:
        shapes.parse(file)
    for shape, _, property in [*shapes.triples((None, SH.property, None))]:
        if (property, SH.path, None) not in shapes:  # some published shapes name properties that they do not have
            shapes.remove((shape, SH.property, property))
    data = rdflib.Graph().parse(data=serialize(triples, format=RdfFormat.N_TRIPLES) or b"", format="nt")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none", do_owl_imports=False)
    assert isinstance(report, rdflib.Graph)
    counts: Counter[str] = Counter()
    nodes: list[Subject] = []
    for one in report.objects(None, SH.result):
        severity = str(report.value(one, SH.resultSeverity)).rpartition("#")[2]
        focus = report.value(one, SH.focusNode)
        counts[f"{severity}: {report.value(one, SH.resultPath)}: {report.value(one, SH.resultMessage)}"] += 1
        if severity == "Violation":
            nodes.append(NamedNode(focus) if isinstance(focus, rdflib.URIRef) else BlankNode())
    for text, count in counts.most_common():
        console.print(f"{count} × {text}", markup=False)
    return nodes


def _show(console: Console, found: Sequence[Score], *, checked: bool) -> None:
    table = Table("набор · dataset", "точки · points", "какво липсва · what is missing", box=None, pad_edge=False)
    for score in found:
        lacking = "; ".join(f"{metric.advice}: +{points:g}" for metric, points in score.lacking)
        name = score.dataset.rpartition("/")[2]
        table.add_row(name, f"{score.total:.0f}/{MOST}", lacking or "–")
    console.print(table)
    if not checked:
        console.print(
            "Съответствието с DCAT-AP не е проверено: посочете --shapes · "
            "compliance with DCAT-AP was not checked: name --shapes"
        )
