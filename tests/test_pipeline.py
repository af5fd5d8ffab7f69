"""The path on a real home: what a load changes, what it refuses, and what it leaves behind when it is cut off."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from kg import pipeline, resources
from kg.derive import derive
from kg.errors import BusyError, ConflictError, DataError, NotFoundError
from kg.finding import Severity
from kg.graph import DEFAULT, View
from kg.iris import Iris
from kg.namespaces import DCT, MKG, PROV, RDFS
from kg.pipeline import Outcome, ingest, withdraw
from kg.store import maintenance
from kg.store.embedded import EmbeddedStore
from kg.store.maintenance import verify
from tests.memory import Memory

KILLS, POINTS = int(os.environ.get("KG_TEST_KILLS", "50")), 20

SOURCES = """sources:
- {id: register, title: {bg: Регистър, en: Register}, publisher: {bg: Агенция, en: Agency}, licence: "https://creativecommons.org/publicdomain/zero/1.0/", rank: 1}
- {id: report, title: {bg: Отчет, en: Report}, licenceNotStated: true, rank: 5, issued: 2023-06}
"""  # noqa: E501
REGISTER = """
- {id: organisation/ndef, type: Organisation, name: {bg: Национален доверителен екофонд, en: National Trust EcoFund}, kind: fund}
- {id: organisation/namrb, type: Organisation, name: {bg: НСОРБ, en: NAMRB}, kind: association}
"""  # noqa: E501
REPORT = """
- id: project/p
  type: Project
  title: {bg: Проект, en: Project}
  fundedBy: organisation/ndef
  pilot: organisation/namrb
  budget: {value: 100, currency: BGN}
  statusChange: {toStatus: running, date: 2023-01-01}
"""


class Town:
    """A home and a folder of files, and the clock of both."""

    def __init__(self, folder: Path, domain: pipeline.Domain) -> None:
        self.folder, self.domain = folder, domain
        self.files = folder / "files"
        self.files.mkdir(exist_ok=True)
        self.time = datetime(2026, 11, 1 if not (folder / "home").exists() else 2, 12, tzinfo=UTC)
        self.store = EmbeddedStore.open(folder / "home", agent="test", clock=lambda: self.time)
        self.iris = Iris(self.store.base)

    def write(self, **files: str) -> list[Path]:
        paths = []
        for name, text in files.items():
            path = self.files / name.replace("__", ".")
            path.write_text(text, encoding="utf-8")
            paths.append(path)
        return [path for path in paths if path.name != "sources.yaml"]

    def ingest(self, paths: Iterable[Path], **options: Any) -> Outcome:
        self.time += timedelta(minutes=1)
        return ingest(
            list(paths), store=self.store, domain=self.domain, agent="test", clock=lambda: self.time, **options
        )

    def load(self, **files: str) -> Outcome:
        return self.ingest(self.write(**files))

    def view(self) -> View:
        release = self.store.current()
        assert release is not None
        return release

    def values(self, subject: str, predicate: NamedNode) -> set[str]:
        node = self.iris.entity(subject)
        return {getattr(quad.object, "value", "") for quad in self.view().quads(node, predicate)}

    def about(self, source: str, predicate: NamedNode) -> list[str]:
        quads = self.view().quads(self.iris.graph(source), predicate, None, self.iris.meta)
        return sorted(getattr(quad.object, "value", "") for quad in quads)

    def trace(self) -> dict[str, tuple[int, float]]:
        """Everything in the home but the lock, by size and time."""
        home = self.folder / "home"
        return {
            str(path.relative_to(home)): (path.stat().st_size, path.stat().st_mtime_ns)
            for path in sorted(home.rglob("*"))
            if path.is_file() and path.name != "write.lock"
        }


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, domain: pipeline.Domain) -> Path:
    """A home with one release of the register and the report. Only to be copied."""
    town = Town(tmp_path_factory.mktemp("town"), domain)
    outcome = town.load(sources__yaml=SOURCES, register__yaml=REGISTER, report__yaml=REPORT)
    assert outcome.release
    assert outcome.release.number == 1
    assert not outcome.report.findings
    return town.folder


@pytest.fixture
def town(built: Path, tmp_path: Path, domain: pipeline.Domain) -> Town:
    folder = tmp_path / "town"
    shutil.copytree(built, folder)
    return Town(folder, domain)


def lines(quads: Iterable[Quad]) -> set[str]:
    return {str(quad.triple) for quad in quads}


# Reloading


def test_an_identical_reload_makes_no_release(town: Town) -> None:
    before = town.trace()
    outcome = town.load(register__yaml=REGISTER, report__yaml=REPORT)
    assert (outcome.changed, outcome.release and outcome.release.number) == (False, 1)
    assert town.trace() == before


def test_comments_and_another_order_of_fields_change_only_the_places(town: Town) -> None:
    swapped = REPORT.replace("  type: Project\n", "").replace("  pilot:", "  type: Project\n  pilot:")
    assert town.load(report__yaml=swapped).changed is False


def test_a_changed_cell_changes_only_the_quads_concerned(town: Town) -> None:
    outcome = town.load(report__yaml=REPORT.replace("value: 100", "value: 200"))
    assert outcome.release
    assert outcome.release.number == 2
    changes = town.store.changes(2)
    amount, graph = f"<{town.iris.ids}project/p#budget>", town.iris.graph("report")
    ns = "https://w3id.org/municipal-kg/ns#"
    decimal = "^^<http://www.w3.org/2001/XMLSchema#decimal>"
    about = {quad for quad in (*changes.added, *changes.removed) if quad.subject == graph}
    assert {quad.predicate for quad in about} == {PROV.generatedAtTime}
    assert lines(set(changes.removed) - about) == {
        f'{amount} <{ns}value> "100"{decimal}',
        f'{amount} <{ns}valueInEUR> "51.13"{decimal}',
    }
    assert lines(set(changes.added) - about) == {
        f'{amount} <{ns}value> "200"{decimal}',
        f'{amount} <{ns}valueInEUR> "102.26"{decimal}',
    }
    assert outcome.release.manifest.sources == ("report",)


def test_the_same_content_as_table_and_as_entries_differs_only_in_its_places(town: Town) -> None:
    table = "id,type,name.bg,name.en,kind\norganisation/x,Organisation,Хикс,Hiks,fund\n"
    entries = "- {id: organisation/x, type: Organisation, name: {bg: Хикс, en: Hiks}, kind: fund}\n"
    town.load(other__csv=table)
    with pytest.raises(DataError):
        town.load(other__yaml=entries)
    outcome = town.ingest(town.write(other__yaml=entries), replace_files=True)
    assert outcome.release
    changes = town.store.changes(outcome.release.number)
    assert changes
    places = [quad for quad in (*changes.added, *changes.removed) if quad.subject != town.iris.graph("other")]
    assert all("/evidence/" in str(quad) for quad in places)
    assert town.values("organisation/x", RDFS.label) == {"Хикс", "Hiks"}


# Refusals


def test_a_refused_load_leaves_no_trace(town: Town) -> None:
    before = town.trace()
    with pytest.raises(DataError) as refusal:
        town.load(report__yaml=REPORT.replace("organisation/ndef", "organisation/nobody"))
    (finding,) = [finding for finding in refusal.value.findings if finding.refuses]
    assert (str(finding.at), finding.field) == ("report.yaml:5", "fundedBy")
    assert town.trace() == before
    assert not list((town.folder / "home" / "drafts").iterdir())


def test_a_file_that_cannot_be_read_leaves_no_trace(town: Town) -> None:
    before = town.trace()
    with pytest.raises(DataError):
        town.load(report__yaml=REPORT + "  bugdet: 5\n")
    assert town.trace() == before


def test_a_dry_run_says_what_would_happen_and_does_nothing(town: Town) -> None:
    before = town.trace()
    changed = town.write(report__yaml=REPORT.replace("value: 100", "value: 200"))
    assert town.ingest(changed, dry_run=True).changed is True
    assert town.ingest(town.write(report__yaml=REPORT), dry_run=True).changed is False
    assert town.trace() == before


def test_removing_an_entry_that_others_refer_to_is_refused_and_named(town: Town) -> None:
    with pytest.raises(DataError) as refusal:
        town.load(register__yaml=REGISTER.splitlines()[2] + "\n")
    found = [(str(finding.at), finding.field) for finding in refusal.value.findings if finding.refuses]
    assert ("report.yaml:2", "финансиран от") in found


def test_two_sources_may_refer_to_each_other_in_one_load(town: Town) -> None:
    one = """
- {id: organisation/a, type: Organisation, name: А, kind: fund}
- {id: event/a, type: Event, title: А, kind: forum, date: 2023-06-27, presented: solution/b}
"""
    other = "- {id: solution/b, type: Solution, title: Б, proposedBy: organisation/a}\n"
    paths = town.write(a__yaml=one, b__yaml=other)
    for alone in paths:
        with pytest.raises(DataError):
            town.ingest([alone])
    for order in (paths, paths[::-1]):
        outcome = town.ingest(order)
        assert outcome.release
        assert outcome.release.number == 2
    assert set(outcome.sources) == {"a", "b"}


def test_a_known_organisation_is_found_by_its_name(town: Town) -> None:
    outcome = town.load(other__yaml="- {id: project/q, type: Project, title: Ку, fundedBy: National Trust EcoFund}\n")
    assert town.values("project/q", MKG.fundedBy) == {f"{town.iris.ids}organisation/ndef"}
    assert Severity.INFO in {finding.severity for finding in outcome.report.findings}


# Files of a source


def test_a_source_of_two_files_is_not_halved_by_mistake(town: Town) -> None:
    both = town.write(
        one__yaml="source: pair\nentries:\n- {id: organisation/a, type: Organisation, name: А, kind: fund}\n",
        two__yaml="source: pair\nentries:\n- {id: organisation/b, type: Organisation, name: Б, kind: fund}\n",
    )
    town.ingest(both)
    assert town.about("pair", MKG.file) == ["one.yaml", "two.yaml"]
    with pytest.raises(DataError) as refusal:
        town.ingest(both[:1])
    (finding,) = refusal.value.findings
    assert "two.yaml" in finding.messages["bg"]
    assert "--replace" in finding.messages["bg"]
    town.ingest(both[:1], replace_files=True)
    assert town.about("pair", MKG.file) == ["one.yaml"]
    assert town.values("organisation/b", RDFS.label) == set()


# What is recorded of a source


def test_what_is_known_of_a_source_is_recorded(town: Town) -> None:
    assert town.about("register", MKG.owner) == ["source"]
    assert town.about("register", MKG.rank) == ["1"]
    assert town.about("register", MKG.file) == ["register.yaml"]
    assert town.about("register", DCT.term("title")) == ["Register", "Регистър"]
    assert town.about("register", DCT.term("license")) == ["https://creativecommons.org/publicdomain/zero/1.0/"]
    assert town.about("report", MKG.licenceNotStated) == ["true"]
    assert town.about("report", DCT.issued) == ["2023-06"]
    assert town.about("report", PROV.generatedAtTime) == ["2026-11-01T12:01:00Z"]


def test_the_time_of_a_source_is_that_of_its_last_change(town: Town) -> None:
    before = town.about("register", PROV.generatedAtTime), town.about("report", PROV.generatedAtTime)
    town.load(register__yaml=REGISTER, report__yaml=REPORT.replace("value: 100", "value: 200"))
    assert town.about("register", PROV.generatedAtTime) == before[0]
    assert town.about("report", PROV.generatedAtTime) != before[1]


def test_a_source_that_nobody_described_is_a_warning(town: Town) -> None:
    outcome = town.load(new__yaml="- {id: organisation/a, type: Organisation, name: А, kind: fund}\n")
    (warning,) = outcome.report.warnings
    assert "sources.yaml" in warning.messages["bg"]


def test_a_new_rank_changes_the_preferred_value_everywhere(town: Town) -> None:
    town.load(register__yaml=REGISTER + REPORT.replace("value: 100", "value: 300").lstrip())
    assert town.values("project/p#budget".partition("#")[0], MKG.budget)
    amount = NamedNode(f"{town.iris.ids}project/p#budget")

    def euro() -> set[str]:
        return {getattr(quad.object, "value", "") for quad in town.view().quads(amount, MKG.valueInEUR)}

    assert euro() == {"153.39"}
    town.write(sources__yaml=SOURCES.replace("rank: 1}", "rank: 9}"))
    town.ingest([town.files / "register.yaml"])
    assert euro() == {"51.13"}


def test_a_new_ontology_renews_all_consequences(town: Town, tmp_path: Path) -> None:
    ontology = tmp_path / "ontology"
    shutil.copytree(resources.ONTOLOGY, ontology)
    with (ontology / "municipal.ttl").open("a", encoding="utf-8") as file:
        file.write("\nmkg:pilot rdfs:subPropertyOf mkg:surveyed .\n")
    assert town.values("project/p", MKG.surveyed) == set()
    town.domain = pipeline.Domain(ontology, resources.QUERIES)
    town.load(new__yaml="- {id: organisation/a, type: Organisation, name: А, kind: fund}\n")
    assert town.values("project/p", MKG.surveyed) == {f"{town.iris.ids}organisation/namrb"}


def test_a_code_that_the_lists_have_no_longer_is_found_where_it_was_used(town: Town, tmp_path: Path) -> None:
    ontology = tmp_path / "ontology"
    shutil.copytree(resources.ONTOLOGY, ontology)
    statuses = ontology / "codes" / "status.ttl"
    statuses.write_text(
        statuses.read_text(encoding="utf-8").replace("status/running>", "status/going>").replace(":running", ":going"),
        encoding="utf-8",
    )
    town.domain = pipeline.Domain(ontology, resources.QUERIES)
    with pytest.raises(DataError) as refusal:
        town.load(new__yaml="- {id: organisation/a, type: Organisation, name: А, kind: fund}\n")
    assert [str(finding.at) for finding in refusal.value.findings if finding.refuses] == ["report.yaml:2"]


def test_consequences_after_many_loads_are_those_of_a_whole_rebuild(town: Town, domain: pipeline.Domain) -> None:
    town.load(report__yaml=REPORT.replace("pilot", "partner").replace("running", "completed"))
    town.load(
        new__yaml="- {id: project/p, type: Project, lead: organisation/ndef, budget: {value: 5, currency: EUR}}\n"
    )
    town.load(report__yaml=REPORT.replace("2023-01-01", "2024-01-01"))
    memory = Memory()
    memory.store.extend(quad for quad in town.view().quads())
    before = set(memory.store)
    derive(memory, None, domain.rules, town.iris, None)
    assert set(memory.store) == before


# Withdrawing


def test_what_is_withdrawn_is_gone_with_what_was_nested_in_it(town: Town) -> None:
    release = withdraw(["project/p"], store=town.store, domain=town.domain, agent="test", reason="грешка")
    assert release.number == 2
    left = {str(quad) for quad in town.view().quads() if "/id/project/p" in str(quad)}
    assert {text.split(" ")[1].rpartition("#")[2] for text in left} == {"withdrawnOn>", "withdrawalReason>"}
    assert "withdraw project/p" in release.manifest.activity


def test_a_withdrawn_id_is_never_used_again(town: Town) -> None:
    withdraw(["project/p"], store=town.store, domain=town.domain, agent="test", reason="")
    with pytest.raises(DataError) as refusal:
        town.load(report__yaml=REPORT)
    (finding,) = refusal.value.findings
    assert (str(finding.at), finding.field) == ("report.yaml:2", "id")
    assert "project/p" in finding.messages["bg"]
    turtle = f'<{town.iris.ids}project/p> <http://purl.org/dc/terms/title> "П"@bg .'
    with pytest.raises(DataError) as again:
        town.load(triples__nt=turtle)
    assert "project/p" in again.value.findings[0].messages["bg"]


def test_withdrawing_what_others_refer_to_is_refused_with_their_names(town: Town) -> None:
    before = town.trace()
    with pytest.raises(ConflictError, match="project/p"):
        withdraw(["organisation/ndef"], store=town.store, domain=town.domain, agent="test", reason="")
    assert town.trace() == before
    release = withdraw(
        ["organisation/ndef", "project/p"], store=town.store, domain=town.domain, agent="test", reason=""
    )
    assert release.number == 2


def test_withdrawing_what_nobody_described_is_refused(town: Town) -> None:
    with pytest.raises(NotFoundError):
        withdraw(["project/none"], store=town.store, domain=town.domain, agent="test", reason="")


# Several at once


COMMAND = [sys.executable, "-c", "from kg.cli import main; main()"]


def environment(home: Path, **settings: str) -> dict[str, str]:
    paths = os.pathsep.join([str(Path(pipeline.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}
    return {**kept, "PYTHONPATH": paths, "KG_HOME": str(home), **settings}


def test_two_loads_at_once_both_succeed(town: Town) -> None:
    paths = town.write(
        a__yaml="- {id: organisation/a, type: Organisation, name: А, kind: fund}\n",
        b__yaml="- {id: organisation/b, type: Organisation, name: Б, kind: fund}\n",
    )
    env = environment(town.folder / "home")
    running = [
        subprocess.Popen(
            [*COMMAND, "load", str(path)], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for path in paths
    ]
    told = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0], told
    release = town.store.current()
    assert release
    assert release.number == 3
    assert town.values("organisation/a", RDFS.label) == {"А", "A"}
    assert town.values("organisation/b", RDFS.label) == {"Б", "B"}


def test_who_waits_too_long_is_told_who_holds_the_lock(town: Town) -> None:
    path = town.write(a__yaml="- {id: organisation/a, type: Organisation, name: А, kind: fund}\n")[0]
    with town.store.draft(agent="Мария"):
        refused = subprocess.run(
            [*COMMAND, "load", str(path)],
            env=environment(town.folder / "home", KG_LOCK_TIMEOUT="0.1"),
            capture_output=True,
            text=True,
            check=False,
        )
    assert refused.returncode == 3, refused.stderr
    assert refused.stderr.count("Мария") == 2
    with town.store.draft(), pytest.raises(BusyError):
        hasty = EmbeddedStore.open(town.folder / "home", lock_timeout=0)
        ingest([path], store=hasty, domain=town.domain, agent="x")


# Cut off

NURSERY = """
import os, signal, sys, time
from pathlib import Path
from kg import cli, pipeline, resources
domain = cli._domain()
domain.context, domain.codes, domain.rules, domain.system, domain.gate._description, domain.gate._reference
cli._domain = lambda: domain
print("ready", flush=True)
for line in sys.stdin:
    delay, path = line.split()
    start = time.monotonic()
    child = os.fork()
    if not child:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1), os.dup2(null, 2)
        sys.argv = ["kg", "load", path]
        try:
            cli.main()
        except SystemExit as end:
            os._exit(int(end.code or 0))
        os._exit(70)
    while time.monotonic() - start < float(delay):
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            break
        time.sleep(0.0005)
    os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(status, time.monotonic() - start, flush=True)
"""
"""Runs `kg load` in children that are killed after a delay; forked, so that only the load itself is timed."""


def test_a_load_killed_at_any_moment_leaves_a_serving_release(town: Town) -> None:
    path = town.files / "many.yaml"

    def write(turn: int) -> None:
        path.write_text(
            "".join(
                f"- {{id: project/n{n}, type: Project, title: Проект {turn % 7} {n}, fundedBy: organisation/ndef,"
                f" budget: {{value: {turn + n}, currency: BGN}}}}\n"
                for n in range(40)
            ),
            encoding="utf-8",
        )

    nursery = subprocess.Popen(
        [sys.executable, "-c", NURSERY],
        env=environment(town.folder / "home"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert nursery.stdin
    assert nursery.stdout
    assert nursery.stdout.readline() == "ready\n"

    def run(delay: float) -> tuple[int, float]:
        assert nursery.stdin
        assert nursery.stdout
        nursery.stdin.write(f"{delay} {path}\n")
        nursery.stdin.flush()
        status, seconds = nursery.stdout.readline().split()
        return int(status), float(seconds)

    try:
        write(0)
        assert run(60)[0] == 0
        write(1)
        status, whole = run(60)
        assert status == 0
        chance = random.Random(20261123)
        points = [whole * (point + chance.random()) / POINTS for point in range(POINTS)]
        chosen = [points[turn % POINTS] for turn in range(KILLS)]
        chance.shuffle(chosen)
        ends, numbers = [], [current(town)]
        for turn, delay in enumerate(chosen, 2):
            write(turn)
            ends.append(run(delay)[0])
            numbers.append(current(town))
            assert numbers[-1] - numbers[-2] in (0, 1)
        assert ends.count(-9) >= KILLS // 2
        write(KILLS + 2)
        assert run(60)[0] == 0
        assert current(town) == numbers[-1] + 1
        titles = {quad.object for quad in town.view().quads(None, DCT.term("title"), None, town.iris.graph("many"))}
        assert Literal(f"Проект {(KILLS + 2) % 7} 0", language="bg") in titles
        assert not list((town.folder / "home" / "drafts").iterdir())
    finally:
        nursery.communicate(timeout=60)


def current(town: Town) -> int:
    """The number of the current release, which opens, is what its manifest says, and answers."""
    release = EmbeddedStore.open(town.folder / "home", agent="reader").current()
    assert release is not None
    verify(release)
    labels = {quad.object for quad in release.quads(town.iris.entity("organisation/ndef"), RDFS.label)}
    assert Literal("National Trust EcoFund", language="en") in labels
    return release.number


def test_a_proposed_id_is_none_that_another_source_has(domain: pipeline.Domain, tmp_path: Path) -> None:
    store = EmbeddedStore.open(tmp_path / "home")
    theirs = tmp_path / "theirs.yaml"
    theirs.write_text("entries:\n  - {id: group/choir, type: Group, name: Choir}\n", encoding="utf-8")
    pipeline.ingest([theirs], store=store, domain=domain, agent="test")
    mine = tmp_path / "mine.yaml"
    mine.write_text("entries:\n  - {type: Group, name: Choir}\n", encoding="utf-8")
    first = pipeline.ingest([mine], store=store, domain=domain, agent="test", assign_ids=True)
    again = pipeline.ingest([mine], store=store, domain=domain, agent="test", assign_ids=True)
    assert "id: group/choir-2\n" in (tmp_path / "mine.completed.yaml").read_text(encoding="utf-8")
    assert first.changed and not again.changed


def test_the_completed_copy_stands_for_the_file_it_was_made_of(domain: pipeline.Domain, tmp_path: Path) -> None:
    store = EmbeddedStore.open(tmp_path / "home")
    mine = tmp_path / "mine.yaml"
    mine.write_text("entries:\n  - {id: group/choir, type: Group, name: Choir}\n", encoding="utf-8")
    pipeline.ingest([mine], store=store, domain=domain, agent="test")
    mine.write_text(mine.read_text(encoding="utf-8") + "  - {type: Group, name: Band}\n", encoding="utf-8")
    outcome = pipeline.ingest([mine], store=store, domain=domain, agent="test", assign_ids=True)
    assert outcome.changed and outcome.report.conforms


def test_entries_that_leave_their_file_are_named(domain: pipeline.Domain, tmp_path: Path) -> None:
    store = EmbeddedStore.open(tmp_path / "home")
    mine = tmp_path / "mine.yaml"
    band = "  - {id: group/band, type: Group, name: Band}\n"
    mine.write_text("entries:\n  - {id: group/choir, type: Group, name: Choir}\n" + band, encoding="utf-8")
    pipeline.ingest([mine], store=store, domain=domain, agent="test")
    mine.write_text("entries:\n" + band, encoding="utf-8")
    outcome = pipeline.ingest([mine], store=store, domain=domain, agent="test", dry_run=True)
    said = [finding.messages["bg"] for finding in outcome.report.warnings]
    assert "1 записа вече не са във файловете на „mine“ и отпадат: group/choir" in said


def test_a_rollback_brings_nothing_withdrawn_back(domain: pipeline.Domain, tmp_path: Path) -> None:
    store = EmbeddedStore.open(tmp_path / "home")
    mine = tmp_path / "mine.yaml"
    text = "entries:\n  - {id: group/choir, type: Group, name: Choir}\n  - {id: group/band, type: Group, name: Band}\n"
    mine.write_text(text, encoding="utf-8")
    pipeline.ingest([mine], store=store, domain=domain, agent="test")
    pipeline.withdraw(["group/choir"], store=store, domain=domain, agent="test", reason="a mistake")
    iris = Iris(store.base)
    release = maintenance.rollback(
        store,
        1,
        agent="test",
        amend=lambda draft: pipeline.keep_withdrawn(draft, draft.parent, domain=domain, iris=iris),
    )
    assert not list(release.quads(iris.entity("group/choir"), None, None, DEFAULT))
    assert list(release.quads(iris.entity("group/band"), None, None, DEFAULT))
    with pytest.raises(DataError, match="refuse"):
        pipeline.ingest([mine], store=store, domain=domain, agent="test")
