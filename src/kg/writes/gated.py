"""Writes to the endpoint's graphs of a real store: draft → apply → gate → derive → seal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.derive import derive
from kg.errors import BusyError, ConflictError, DataError, ForbiddenError, NoReleaseError
from kg.finding import Finding, Report
from kg.gate import Touched
from kg.gate.watch import discreet
from kg.graph import DEFAULT, GraphName, Node
from kg.iris import Iris
from kg.lexer import outline
from kg.load.from_rdf import complaint
from kg.namespaces import DC, MKG, PROV, XSD
from kg.pipeline import Clock, Domain, before, content, now
from kg.refusals import is_erased
from kg.store.draft import EmbeddedDraft
from kg.store.embedded import EmbeddedStore
from kg.store.port import Owner
from kg.store.releases import EmbeddedRelease
from kg.update.endpoint import Endpoint
from kg.writes import Outcome, Session
from kg.writes.naming import Naming


@dataclass(frozen=True)
class Gated:
    """Writes to the endpoint's graphs of a real store."""

    store: EmbeddedStore
    domain: Domain
    clock: Clock = now

    @property
    def base(self) -> str:
        return self.store.base

    def look(self, text: str) -> str:
        """See `Writes`; raises ForbiddenError for SERVICE and LOAD."""
        seen = outline(text, "update")
        if seen.services:
            raise ForbiddenError(
                "SERVICE is not done in updates; ask the other endpoint first, and send what it says",
                "SERVICE не се изпълнява в промени; попитайте другата услуга и изпратете отговора ѝ",
            )
        return seen.text

    @contextmanager
    def session(self, agent: str, mark: str) -> Iterator[Session]:
        """See `Writes`."""
        with ExitStack() as stack:
            try:
                draft = stack.enter_context(self.store.draft(agent=agent))
            except BusyError as error:  # its holder is nobody's business over HTTP
                raise BusyError(
                    "another write is going on; try again in a moment",
                    "в момента тече друг запис; опитайте след малко",
                ) from error
            yield _Session(self, draft, agent, mark)


class _Session:
    def __init__(self, writes: Gated, draft: EmbeddedDraft, agent: str, mark: str) -> None:
        if draft.parent is None:
            raise NoReleaseError
        self.draft = draft
        self.parent: EmbeddedRelease = draft.parent
        self.store, self.domain, self.clock = writes.store, writes.domain, writes.clock
        self.iris = Iris(draft.base)
        self.agent, self.mark = agent, mark
        self.target = Endpoint(draft, self.iris, Naming())

    @property
    def number(self) -> int:
        return self.parent.number

    def replaceable(self, graph: GraphName) -> None:
        """See `Session`: the default graph is the merge of what many have said."""
        if graph == DEFAULT:
            raise ConflictError(
                f"the default graph is the merge of all sources; replace {self.iris.endpoint().value} or another "
                "graph of the endpoint, or add to it with POST",
                f"графът по подразбиране е обединение на всички източници; заменете {self.iris.endpoint().value} или "
                "друг граф под /graph/endpoint/, или добавете към него с POST",
            )

    def keep(self, graph: GraphName) -> None:
        """Nothing: an empty graph is none."""

    def seal(self, activity: str, *, created: bool = False) -> Outcome:
        """See `Session`."""
        changes = self.draft.changes
        touched = self._touched(changes.added, changes.removed)
        report = self._gate(touched)
        self._describe(touched)
        derive(self.draft, self.parent, self.domain.rules, self.iris, touched.subjects)
        self.target.settle()
        release = self.draft.seal(agent=self.agent, activity=activity, extra={"mark": self.mark} if self.mark else {})
        manifest = release.manifest
        graphs = tuple(sorted(graph.value for graph in touched.graphs))
        return Outcome(
            manifest.number, manifest.digest, len(changes.added), len(changes.removed), created, graphs, report
        )

    def _touched(self, added: Sequence[Quad], removed: Sequence[Quad]) -> Touched:
        """What changed. Raises DataError for terms and ids that are none, and for ids that were withdrawn."""
        findings: list[Finding] = []
        withdrawn = {quad.subject for quad in self.draft.quads(None, MKG.withdrawnOn, None, self.iris.meta)}
        erased = self.store.erased()
        told: set[Node] = set()
        for quad in added:
            for term in (quad.subject, quad.predicate, quad.object):
                if term in told:
                    continue
                told.add(term)
                if erased and is_erased(term, erased):
                    findings.append(
                        _finding(
                            quad,
                            term,
                            "this was erased on request and must not come back; leave it out",
                            "Това е заличено по искане и не бива да се връща; махнете го",
                        )
                    )
                if message := complaint(term, self.iris, self.domain.context):
                    findings.append(_finding(quad, term, *message))
            id = self.iris.id(quad.subject) if isinstance(quad.subject, NamedNode) else None
            if id and withdrawn and self.iris.entity(id) in withdrawn:
                findings.append(
                    _finding(
                        quad,
                        None,
                        f"{id} was withdrawn and its id is never used again; choose another",
                        f"„{id}“ е оттеглен и идентификаторът му не се използва повторно; изберете друг",
                    )
                )
        if findings:
            raise DataError(Report.of(findings).findings)
        return Touched.of((*added, *removed))

    def _gate(self, touched: Touched) -> Report:
        if not touched.graphs:
            return Report()
        graphs = content(self.draft, self.iris) | touched.graphs.keys()
        report = self.domain.gate.check(self.draft, graphs, touched)
        kept = before(self.store)
        seen = self.domain.watch.check(self.draft, graphs, touched, iris=self.iris, before=kept)
        return Report.of(discreet([*report.findings, *seen])).raise_for_violations()

    def _describe(self, touched: Touched) -> None:
        """The meta graph says of every changed graph whose it is, when it changed, and who wrote."""
        if not touched.graphs:
            return
        meta = self.iris.meta
        stamp = Literal(self.clock().isoformat(timespec="seconds"), datatype=XSD.dateTime)
        kept = [quad.triple for quad in self.draft.quads(None, None, None, meta) if quad.subject not in touched.graphs]
        held = set(self.draft.graphs)
        for graph in touched.graphs.keys() & held:
            kept.append(Triple(graph, MKG.owner, Literal(Owner.ENDPOINT)))
            kept.append(Triple(graph, PROV.generatedAtTime, stamp))
            kept.append(Triple(graph, DC.contributor, Literal(self.agent)))
        self.draft.replace(meta, kept)


def _finding(quad: Quad, value: Node | None, en: str, bg: str) -> Finding:
    return Finding({"en": en, "bg": bg}, focus_node=quad.subject, path=quad.predicate.value, value=value)
