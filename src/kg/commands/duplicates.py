"""`kg duplicates`: entries that may describe one thing twice, and what people decide about them."""

from __future__ import annotations

from typing import Annotated

import typer
from pyoxigraph import NamedNode
from rich.markup import escape

from kg.commands import Home, Tools, warn
from kg.commands.reporting import FormatName, OutFile, Telling
from kg.errors import ParameterError
from kg.finding import Report
from kg.gate.duplicates import Pair, told
from kg.gate.duplicates.decisions import Verdict
from kg.gate.duplicates.likeness import ENOUGH
from kg.gate.stated import stated
from kg.graph import View
from kg.iris import Iris
from kg.load import Load
from kg.origins import Written
from kg.writes.deciding import decide

_Pair = tuple[str, str]


def commands(tools: Tools) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    def duplicates(
        same: Annotated[
            _Pair | None,
            typer.Option("--same", metavar="A B", help="A е същото като B, остава B · A is the same as B, which stays"),
        ] = None,
        different: Annotated[
            _Pair | None, typer.Option("--different", metavar="A B", help="A и B са две неща · A and B are two things")
        ] = None,
        why: Annotated[str, typer.Option("--why", help="Мотив, без имена на хора · reason, without names")] = "",
        least: Annotated[
            float, typer.Option("--at-least", min=0, max=1, help="Най-малко сходство · least likeness")
        ] = ENOUGH,
        format: FormatName = None,
        out_file: OutFile = None,
        home: Home = None,
    ) -> None:
        """Показва вероятно повторените записи и пази решенията за тях · list likely duplicates, keep decisions."""
        if same and different:
            raise ParameterError(
                "decide about one pair at a time: --same or --different",
                "Решавайте за една двойка наведнъж: --same или --different",
            )
        store, domain = tools.open(tools.settings(home)), tools.domain()
        release = tools.release(store, None)
        iris = Iris(store.base)
        written = Written(Load((), {}), domain.context, iris, release)
        if asked := same or different:
            verdict = Verdict.SAME if same else Verdict.DIFFERENT
            made = decide(verdict, *asked, store=store, domain=domain, agent=tools.agent(), reason=why)
            tools.done(made)
            if same:
                at, _ = written(iris.entity(same[0]).value, None)
                place = f" ({at})" if at else ""
                warn(
                    tools.err,
                    f"now write {same[1]} instead of {same[0]} in your files{place}, and load them again",
                    f"сега пишете {same[1]} вместо {same[0]} във файловете си{place} и ги заредете отново",
                )
                for place in _referring(release, iris.entity(same[0]), written):
                    warn(
                        tools.err,
                        f"the entry at {place} refers to {same[0]}",
                        f"записът на {place} се позовава на {same[0]}",
                    )
            return
        finder = domain.watch.duplicates
        pairs = [pair for pair in finder.pairs(release, iris) if pair.likeness.score >= least]
        telling = Telling.of(format, out_file, [], notes=True)
        if not telling.on_terminal:
            telling.write(Report.of(finder.finding(release, pair, iris, written) for pair in pairs))
            telling.say_where(tools.err)
            return
        for pair in pairs:
            _show(tools, pair, iris, written)
        if pairs:
            tools.out.print(
                "Решете за всяка · decide about each:\n"
                "  kg duplicates --same A B --why „…“       остава B · B stays\n"
                "  kg duplicates --different A B --why „…“",
                style="dim",
                soft_wrap=True,
                highlight=False,
            )
        else:
            tools.out.print("[green]✓[/] Няма вероятни повторения · no likely duplicates")

    return app


def _referring(view: View, node: NamedNode, written: Written) -> list[str]:
    """Where the entries stand that refer to a thing."""
    found = {}
    for quad in stated(view, None, None, node):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.graph_name, NamedNode):
            own = quad.subject.value.startswith((node.value + "/", node.value + "#"))
            at, _ = written(quad.subject.value, quad.predicate.value, quad.graph_name, node)
            if at is not None and not own:
                found[at.key] = str(at)
    return [found[key] for key in sorted(found)]


def _show(tools: Tools, pair: Pair, iris: Iris, written: Written) -> None:
    tools.out.print(f"[bold]{pair.likeness.score:.2f}[/]", highlight=False)
    for profile in (pair.one, pair.other):
        at, _ = written(profile.node.value, None)
        place = f"  {at}" if at else ""
        line = f"  „{profile.called}“  {told(profile.node, iris)}{place}"
        tools.out.print(escape(line), soft_wrap=True, highlight=False)
    for reason in pair.likeness.reasons:
        tools.out.print(escape(f"  – {reason.bg} · {reason.en}"), style="dim", soft_wrap=True, highlight=False)
