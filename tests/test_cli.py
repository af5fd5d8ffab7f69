"""Every command of the contract: what it prints, what it leaves, and its exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
import zstandard
from pyoxigraph import Quad, RdfFormat, parse

from kg import cli, pipeline, resources
from kg.errors import Exit
from kg.namespaces import RDF
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore
from kg.store.maintenance import verify
from kg.tokens import Role, Tokens
from kg.web.audit import Audit, Event
from tests.malformed.books import workbook

ORGANISATION = "- {id: organisation/x, type: Organisation, name: {bg: Хикс, en: Hiks}, kind: fund}\n"
WRONG = "- {id: project/x, type: Project, title: Хикс, fundedBy: organisation/nobody}\n"


@dataclass(frozen=True)
class Told:
    """What a command said, and the code it ended with."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()


Kg = Callable[..., Told]


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("KG_")]:
        monkeypatch.delenv(name)


def run(*words: str | Path, home: Path, stdin: str = "") -> Told:
    """A command in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["kg", *map(str, words)])
        patch.setattr(sys, "stdin", io.StringIO(stdin))
        patch.setenv("KG_HOME", str(home))
        with pytest.raises(SystemExit) as end:
            cli.main()
    code = end.value.code
    assert isinstance(code, int)
    out.flush()
    err.flush()
    assert isinstance(out.buffer, io.BytesIO)
    assert isinstance(err.buffer, io.BytesIO)
    return Told(code, out.buffer.getvalue(), err.buffer.getvalue().decode())


@pytest.fixture(scope="session")
def bundled_home(tmp_path_factory: pytest.TempPathFactory, domain: pipeline.Domain) -> Path:
    """A home with the bundled data, as the first command builds it. Only to be copied."""
    home = tmp_path_factory.mktemp("bundled") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "_domain", lambda: domain)
        told = run("load", resources.DATA, home=home)
    assert told.code == Exit.DONE, told.err
    assert "building release 1" in told.err
    assert "nothing changed" in told.out
    return home


SMALL = """
- {id: organisation/ndef, type: Organisation, name: {bg: Национален доверителен екофонд, en: National Trust EcoFund},
   acronym: НДЕФ, kind: fund}
- {id: programme/ndef-eeoudg, type: FundingProgramme, title: Енергийна ефективност, managedBy: organisation/ndef}
- {id: post/kmet, type: Post, name: Кмет, postIn: organisation/ndef}
"""


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory, domain: pipeline.Domain) -> Path:
    """A home with a few entries. Only to be copied."""
    folder = tmp_path_factory.mktemp("small")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "_domain", lambda: domain)
        told = run("load", "--bare", file(folder, "first.yaml", SMALL), home=folder / "home")
    assert told.code == Exit.DONE, told.err
    return folder / "home"


@pytest.fixture
def home(small_home: Path, tmp_path: Path) -> Path:
    shutil.copytree(small_home, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def kg(home: Path, domain: pipeline.Domain, monkeypatch: pytest.MonkeyPatch) -> Kg:
    """Runs commands on a small home of the test's own."""
    monkeypatch.setattr(cli, "_domain", lambda: domain)
    return lambda *words, stdin="": run(*words, home=home, stdin=stdin)


@pytest.fixture
def ruse(bundled_home: Path, domain: pipeline.Domain, monkeypatch: pytest.MonkeyPatch) -> Kg:
    """Asks the bundled data."""
    monkeypatch.setattr(cli, "_domain", lambda: domain)
    return lambda *words, stdin="": run(*words, home=bundled_home, stdin=stdin)


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def number(home: Path) -> int:
    return len(EmbeddedStore.open(home).manifests())


def bilingual(text: str) -> bool:
    """Whether a text speaks Bulgarian and English."""
    return any("а" <= letter <= "я" for letter in text) and any("a" <= letter <= "z" for letter in text)


# workbooks


def test_a_template_is_written_once(kg: Kg, tmp_path: Path) -> None:
    out = tmp_path / "projects.xlsx"
    told = kg("template", "проект", "Event", "--out", out)
    assert told.code == Exit.DONE, told.err
    assert openpyxl.load_workbook(out).sheetnames[1:3] == ["Проект", "Събитие"]
    before = out.read_bytes()
    again = kg("template", "Project", "--out", out)
    assert again.code == Exit.USAGE and "--overwrite" in again.err and bilingual(again.err)
    assert out.read_bytes() == before
    assert kg("template", "Project", "--out", out, "--overwrite").code == Exit.DONE
    assert openpyxl.load_workbook(out).sheetnames[1:3] == ["Проект", "Източник"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("template", "Проектт"), "може би „Проект“"),
        (("template", "Сума"), "не е тип запис"),  # what is nested has no sheet of its own
        (("template", "Project", "--out", "projects.csv"), ".xlsx"),
        (("template", "Project", "--out", "nowhere/projects.xlsx"), "Няма папка"),
        (("export", "Project", "--source", "frist"), "Няма източник „frist“; познати са: first"),
        (("check", "x.yaml", "--annotate"), "няма .xlsx"),
    ],
)
def test_what_no_workbook_can_be_made_of_is_told(
    kg: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    file(tmp_path, "x.yaml", ORGANISATION)
    told = kg(*words)
    assert told.code == Exit.USAGE and said in told.err and bilingual(told.err)
    assert [path.name for path in tmp_path.glob("*.xlsx")] == []


def test_an_export_loads_back_without_a_change(kg: Kg, home: Path, tmp_path: Path) -> None:
    told = kg("export", "Organisation", "--xlsx", "--out", tmp_path / "all.xlsx")
    assert told.code == Exit.DONE, told.err
    assert "редове · rows" in told.out
    before = number(home)
    back = kg("load", tmp_path / "all.xlsx")
    assert back.code == Exit.DONE and "Нищо не се е променило" in back.out
    assert number(home) == before


BOOK = [["ид", "наименование.bg", "вид"], ["organisation/x", "Хикс", "фондд"]]


def mended(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book["Организация"]["C2"] = "фонд"
    book.save(path)


def test_a_checked_copy_lies_beside_the_workbook_and_work_in_it_is_safe(kg: Kg, tmp_path: Path) -> None:
    path, copy = tmp_path / "mine.xlsx", tmp_path / "mine.checked.xlsx"
    path.write_bytes(workbook(BOOK, "Организация"))
    told = kg("check", path, "--annotate")
    assert told.code == Exit.REFUSED
    assert "marked cells" in told.err and str(copy) in told.err
    assert openpyxl.load_workbook(copy)["Организация"]["C2"].comment is not None
    mended(copy)
    worked_on = copy.read_bytes()
    again = kg("check", path, "--annotate")
    assert again.code == Exit.USAGE and "има промени, направени след проверката" in again.err
    assert copy.read_bytes() == worked_on
    assert kg("check", copy, "--annotate").code == Exit.DONE
    assert openpyxl.load_workbook(copy)["Организация"]["C2"].comment is None
    assert kg("load", copy).code == Exit.DONE


def test_who_mends_her_own_file_is_checked_again(kg: Kg, tmp_path: Path) -> None:
    path, copy = tmp_path / "mine.xlsx", tmp_path / "mine.checked.xlsx"
    path.write_bytes(workbook(BOOK, "Организация"))
    assert kg("check", path, "--annotate").code == Exit.REFUSED
    mended(path)
    assert kg("check", path, "--annotate").code == Exit.DONE
    assert openpyxl.load_workbook(copy)["Организация"]["C2"].value == "фонд"


def test_what_cannot_be_copied_is_told_and_the_report_is_told_all_the_same(kg: Kg, tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    path.write_bytes(b"x")
    told = kg("check", path, "--annotate")
    assert told.code == Exit.REFUSED and "не е таблица .xlsx" in told.err and "mine.xlsx: от таблицата" in told.err
    (tmp_path / "other").mkdir()
    for folder in (tmp_path, tmp_path / "other"):
        (folder / "mine.xlsx").write_bytes(workbook(BOOK, "Организация"))
    twice = kg("check", path, tmp_path / "other" / "mine.xlsx", "--annotate")
    assert twice.code == Exit.USAGE and "една по една" in twice.err


@pytest.mark.skipif(os.getuid() == 0, reason="root writes everywhere")
def test_a_folder_that_takes_no_file_is_told(kg: Kg, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    (folder / "mine.xlsx").write_bytes(workbook([BOOK[0], ["", "Хикс", "фонд"]], "Организация"))
    folder.chmod(0o500)
    try:
        for told in (
            kg("template", "Project", "--out", folder / "a.xlsx"),
            kg("load", folder / "mine.xlsx", "--assign-ids"),
        ):
            assert told.code == Exit.USAGE and "не може да се запише" in told.err
        told = kg("check", folder / "mine.xlsx", "--annotate", "--assign-ids")
        assert told.code == Exit.DONE and "не може да се запише" in told.err
    finally:
        folder.chmod(0o700)


def test_pictures_and_formulas_that_a_copy_lacks_are_told_of(kg: Kg, tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    path.write_bytes(workbook([BOOK[0], ["organisation/x", "Хикс", "фонд"]], "Организация"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/media/image1.png", b"")
    told = kg("check", path, "--annotate")
    assert told.code == Exit.DONE and "картините" in told.err and bilingual(told.err)


def test_a_type_that_is_named_twice_is_one_sheet(kg: Kg, tmp_path: Path) -> None:
    for command in ("template", "export"):
        out = tmp_path / f"{command}.xlsx"
        assert kg(command, "Организация", "Organisation", "--out", out).code == Exit.DONE
        assert [name for name in openpyxl.load_workbook(out).sheetnames if name.startswith("Орг")] == ["Организация"]


def test_a_check_as_if_ids_were_assigned_writes_nothing(kg: Kg, tmp_path: Path) -> None:
    path = file(tmp_path, "new.yaml", "- {type: Organisation, name: {bg: Нов фонд, en: New fund}, kind: fund}\n")
    assert kg("check", path).code == Exit.REFUSED
    assert kg("check", path, "--assign-ids").code == Exit.DONE
    dry = kg("load", path, "--assign-ids", "--dry-run")
    assert dry.code == Exit.DONE and "копието" not in dry.out
    assert [one.name for one in tmp_path.glob("new*")] == ["new.yaml"]
    assert kg("load", path, "--assign-ids").code == Exit.DONE
    assert (tmp_path / "new.completed.yaml").exists()


# load and check


def test_load_makes_a_release_and_says_which(kg: Kg, home: Path, tmp_path: Path) -> None:
    told = kg("load", file(tmp_path, "new.yaml", ORGANISATION))
    assert told.code == Exit.DONE
    assert "release 2: +" in told.out
    assert "(new)" in told.out
    assert number(home) == 2


def test_load_of_the_same_again_changes_nothing(kg: Kg, home: Path, tmp_path: Path) -> None:
    path = file(tmp_path, "new.yaml", ORGANISATION)
    kg("load", path)
    told = kg("load", path)
    assert (told.code, number(home)) == (Exit.DONE, 2)
    assert "Нищо не се е променило · nothing changed" in told.out


def test_load_of_wrong_data_is_refused_with_file_line_and_field(kg: Kg, home: Path, tmp_path: Path) -> None:
    told = kg("load", file(tmp_path, "new.yaml", WRONG))
    assert (told.code, number(home)) == (Exit.REFUSED, 1)
    assert "new.yaml:1 „fundedBy“  = organisation/nobody  (project/x)" in told.err
    assert "финансиран от" in told.err
    assert "“funded by”" in told.err
    assert "refused, nothing was written" in told.err


def test_several_wrong_files_are_told_of_together(kg: Kg, tmp_path: Path) -> None:
    one = file(tmp_path, "one.yaml", "- {id: project/x, type: Projekt}\n")
    other = file(tmp_path, "two.csv", "id;type;bugdet\nproject/y;Project;1\n")
    told = kg("load", one, other)
    assert told.code == Exit.REFUSED
    assert "one.yaml:1" in told.err
    assert "two.csv" in told.err
    assert "budget" in told.err


def test_unknown_terms_are_told_together_with_what_the_shapes_say(kg: Kg, home: Path, tmp_path: Path) -> None:
    text = "<project/x> a mkg:Project ; mkg:titel 'Х'@bg ; mkg:fundedBy <organisation/nobody> ."
    told = kg("load", file(tmp_path, "new.ttl", f"@prefix mkg: <https://w3id.org/municipal-kg/ns#> .\n{text}"))
    assert (told.code, number(home)) == (Exit.REFUSED, 1)
    assert "no term „titel“" in told.err
    assert "Add the title of the project." in told.err
    assert "organisation/nobody" in told.err


def test_warnings_are_shown_and_pass(kg: Kg, tmp_path: Path) -> None:
    told = kg("load", file(tmp_path, "new.yaml", "- {id: organisation/x, type: Organisation, name: Хикс}\n"))
    assert told.code == Exit.DONE
    assert "предупреждения · warnings: 2" in told.out
    assert "sources.yaml" in told.out


def test_notes_are_shown_when_asked_for(kg: Kg, tmp_path: Path) -> None:
    path = file(tmp_path, "new.yaml", "- {id: project/x, type: Project, title: Хикс, fundedBy: НДЕФ}\n")
    quiet, open_ = kg("check", path), kg("check", path, "--notes")
    assert "organisation/ndef" not in quiet.out
    assert "organisation/ndef" in open_.out


PLANTED = {
    "yaml": """
- {id: organisation/a, type: Organisation, name: {bg: Фирма А}, registerCode: "176789479"}
- {id: organisation/b, type: Organisation, kind: company}
- {id: project/one, type: Project, fundedBy: organisation/nobody, lead: programme/p}
- id: project/two
  type: Project
  title: {bg: Второ, en: Second}
  startDate: 2024-05-01
  endDate: 2023-05-01
  budget: {value: -5, currency: BGN}
  statusChange: [{toStatus: running, date: 2023}]
  partner: [organisation/a, project/one]
- {id: programme/p, type: FundingProgramme}
- {id: event/e, type: Event, title: Среща, withinProject: organisation/b}
""",
    "ttl": """
@prefix mkg: <https://w3id.org/municipal-kg/ns#> . @prefix code: <https://w3id.org/municipal-kg/code/> .
@prefix dct: <http://purl.org/dc/terms/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix schema: <http://schema.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@base <http://localhost:8000/id/> .
<organisation/a> a mkg:Organisation ; skos:prefLabel "Фирма"@bg , "Друга"@bg ; mkg:registerCode "176789479"^^mkg:EIK .
<organisation/b> a mkg:Organisation ; mkg:kind <https://w3id.org/municipal-kg/code/theme/education> .
<project/one> a mkg:Project ; mkg:fundedBy <organisation/nobody> ; mkg:lead <programme/p> ;
    mkg:theme <https://w3id.org/municipal-kg/code/status/running> .
<project/two> a mkg:Project ; dct:title "Второ" ; mkg:partner <organisation/a> , <project/one> ;
    schema:startDate "2024-05-01"^^xsd:date ; schema:endDate "2023-05-01"^^xsd:date ; mkg:budget <project/two#budget> ;
    mkg:status <https://w3id.org/municipal-kg/code/status/running> .
<project/two#budget> a mkg:Amount ; mkg:value -5.0 , 7.0 .
<programme/p> a mkg:FundingProgramme .
""",
}
"""Files with a dozen errors that only the gate can see, and as many warnings as there are to be had."""


@pytest.mark.parametrize(("kind", "shapes"), [("yaml", 13), ("ttl", 18)])
def test_both_engines_find_the_same(kg: Kg, tmp_path: Path, kind: str, shapes: int) -> None:
    path = file(tmp_path, f"planted.{kind}", PLANTED[kind])
    ours, theirs = (kg("check", path, "--engine", engine, "-f", "json") for engine in ("compiled", "pyshacl"))
    assert (ours.code, theirs.code) == (Exit.REFUSED, Exit.REFUSED)
    assert ours.out == theirs.out
    found = {one["shape"] for cause in json.loads(ours.out)["causes"] for one in cause["findings"] if one["shape"]}
    assert len(found) >= shapes
    assert kg("check", path).err == kg("check", path, "--engine", "pyshacl").err


@pytest.mark.parametrize("command", [("check",), ("load", "--dry-run")])
def test_a_check_writes_nothing(kg: Kg, home: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    good = kg(*command, file(tmp_path, "new.yaml", ORGANISATION))
    assert (good.code, number(home)) == (Exit.DONE, 1)
    assert "при зареждане ще има промени · would change" in good.out
    assert kg(*command, file(tmp_path, "new.yaml", WRONG)).code == Exit.REFUSED
    assert number(home) == 1


@pytest.mark.parametrize(
    ("format", "begins"),
    [("json", "{"), ("sarif", "{"), ("html", "<!DOCTYPE html>"), ("ttl", "@prefix"), ("rdf", "<?xml"), ("text", "✗")],
)
def test_a_report_is_told_in_every_format_and_alone(kg: Kg, tmp_path: Path, format: str, begins: str) -> None:
    told = kg("check", file(tmp_path, "wrong.yaml", WRONG), "--format", format)
    assert told.code == Exit.REFUSED
    if format == "text":
        assert "✗ wrong.yaml:1 „fundedBy“" in told.err
        return
    assert told.out.startswith(begins)
    assert "fundedBy" in told.out
    assert "wrong.yaml" not in told.err
    assert "refused" in told.err


@pytest.mark.parametrize("command", ["check", "load"])
def test_a_report_of_what_passes_goes_to_a_file(kg: Kg, tmp_path: Path, command: str) -> None:
    report = tmp_path / "report.json"
    told = kg(command, file(tmp_path, "new.yaml", ORGANISATION), "--out", report)
    assert told.code == Exit.DONE
    document = json.loads(report.read_text(encoding="utf-8"))
    assert document["conforms"] is True
    assert document["counts"]["warnings"] == len([one for group in document["causes"] for one in group["findings"]])
    assert told.out == ""
    assert str(report) in told.err


def test_a_report_in_a_file_says_what_the_terminal_says(kg: Kg, tmp_path: Path) -> None:
    wrong = file(tmp_path, "wrong.yaml", WRONG)
    told = kg("check", wrong, "--out", tmp_path / "report.txt")
    assert told.code == Exit.REFUSED
    text = (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert kg("check", wrong).err.strip().startswith(text.strip())
    assert "очаква се" in text


def test_a_file_is_named_by_its_path_for_programs(kg: Kg, tmp_path: Path) -> None:
    wrong = file(tmp_path, "wrong.yaml", WRONG)
    told = json.loads(kg("check", wrong, "-f", "sarif").out)
    (artifact,) = told["runs"][0]["artifacts"]
    assert artifact["location"]["uri"] == wrong.as_uri()


def test_a_report_that_cannot_be_told_or_written_is_a_wrong_request(kg: Kg, tmp_path: Path) -> None:
    new = file(tmp_path, "new.yaml", ORGANISATION)
    for words in (
        ("--format", "docx"),
        ("--out", tmp_path / "report.docx"),
        ("--out", tmp_path / "no" / "report.json"),
    ):
        told = kg("check", new, *words)
        assert told.code == Exit.USAGE
        assert bilingual(told.err)


def test_a_missing_file_and_one_that_is_not_read_are_a_wrong_request(kg: Kg, tmp_path: Path) -> None:
    told = kg("load", tmp_path / "none.yaml")
    assert told.code == Exit.USAGE
    assert "няма такъв файл" in told.err
    other = file(tmp_path, "new.ods", "x")
    told = kg("check", other, "--annotate")
    assert told.code == Exit.USAGE
    assert "запишете като .xlsx" in told.err.replace("\n", " ")
    assert kg("check", other, "--format", "json").code == Exit.USAGE


def test_missing_ids_are_filled_in_beside_the_file(kg: Kg, tmp_path: Path) -> None:
    path = file(tmp_path, "new.yaml", "- {type: Organisation, name: Нов фонд, kind: fund}\n")
    assert kg("load", path).code == Exit.REFUSED
    told = kg("load", "--assign-ids", path)
    assert told.code == Exit.DONE, told.err
    assert f"Идентификаторите са в копието {tmp_path / 'new.completed.yaml'}; продължете с него" in told.out
    assert "the ids are in this copy; go on with it" in told.out
    assert "organisation/nov-fond" in (tmp_path / "new.completed.yaml").read_text(encoding="utf-8")
    assert "organisation/nov-fond" not in path.read_text(encoding="utf-8")


def test_bare_leaves_the_bundled_data_out(domain: pipeline.Domain, tmp_path: Path) -> None:
    told = run("load", "--bare", file(tmp_path, "new.yaml", ORGANISATION), home=tmp_path / "empty")
    assert told.code == Exit.DONE
    assert "release 1: +" in told.out
    answer = run("query", "projects", "--format", "csv", home=tmp_path / "empty")
    assert len(answer.out.splitlines()) == 1


def test_a_source_of_two_files_is_replaced_only_when_told(kg: Kg, tmp_path: Path) -> None:
    head = "source: pair\nentries:\n"
    one = file(tmp_path, "one.yaml", head + ORGANISATION)
    two = file(tmp_path, "two.yaml", head + ORGANISATION.replace("/x", "/y"))
    assert kg("load", one, two).code == Exit.DONE
    assert kg("load", one).code == Exit.REFUSED
    assert kg("load", "--replace", one).code == Exit.DONE


# query


def test_a_curated_query_answers_for_one_source(ruse: Kg) -> None:
    whole = ruse("query", "events", "--format", "csv")
    report = ruse("query", "events", "-p", "source=report-2023-w26", "--format", "csv")
    assert (whole.code, report.code) == (Exit.DONE, Exit.DONE)
    rows = list(csv.DictReader(io.StringIO(report.out)))
    assert {"event", "eventLabel"} <= rows[0].keys()
    assert 0 < len(rows) < len(list(csv.DictReader(io.StringIO(whole.out))))
    assert all(row["startDate"].startswith("2023") for row in rows)


def test_a_query_may_stand_in_a_file_or_come_by_pipe(ruse: Kg, tmp_path: Path) -> None:
    text = "PREFIX mkg: <https://w3id.org/municipal-kg/ns#>\nSELECT (COUNT(?p) AS ?n) WHERE { ?p a mkg:Project }\n"
    named = ruse("query", file(tmp_path, "count.rq", text))
    piped = ruse("query", "-", stdin=text)
    assert named.raw == piped.raw
    assert int(named.out.splitlines()[1]) > 200


def test_a_slot_is_filled_in_a_query_that_comes_by_pipe(ruse: Kg) -> None:
    text = "#+ parameters: {thing: {type: iri}}\nSELECT ?type WHERE { VALUES ?thing { UNDEF } ?thing a ?type }\n"
    told = ruse("query", "-", "-p", "thing=organisation/ndef", stdin=text)
    assert "https://w3id.org/municipal-kg/ns#Organisation" in told.out
    assert "ns#Project" not in told.out


@pytest.mark.parametrize(("format", "begins"), [("json", b"{"), ("xml", b"<?xml"), ("tsv", b"?"), ("csv", b"event")])
def test_answers_in_every_format(ruse: Kg, format: str, begins: bytes) -> None:
    told = ruse("query", "events", "-f", format)
    assert told.code == Exit.DONE
    assert told.raw.startswith(begins)
    if format == "json":
        assert json.loads(told.raw)["results"]["bindings"]


@pytest.mark.parametrize("format", ["ttl", "nt", "jsonld", "rdf"])
def test_a_construct_query_gives_a_graph(ruse: Kg, format: str) -> None:
    text = "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c FILTER(CONTAINS(STR(?s), '/id/project/menergers')) }"
    told = ruse("query", "-", "-f", format, stdin=text)
    assert told.code == Exit.DONE
    engine = {"ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES, "jsonld": RdfFormat.JSON_LD, "rdf": RdfFormat.RDF_XML}
    assert {quad.predicate for quad in parse(told.raw, engine[format])} == {RDF.type}


def test_an_older_release_can_be_asked(kg: Kg, tmp_path: Path) -> None:
    text = "ASK { <http://localhost:8000/id/organisation/x> ?p ?o }"
    kg("load", file(tmp_path, "new.yaml", ORGANISATION))
    assert "true" in kg("query", "-", "-f", "csv", stdin=text).out
    assert "false" in kg("query", "-", "-f", "csv", "--release", "1", stdin=text).out


@pytest.mark.parametrize(
    "words",
    [
        ("query", "projcts"),
        ("query", "missing.rq"),
        ("query", "events", "-p", "sorce=x"),
        ("query", "events", "-p", "source"),
        ("query", "events", "-p", "from=soon", "-p", "source=a b"),
        ("query", "events", "-f", "docx"),
        ("query", "events", "-f", "ttl"),
        ("query", "events", "--release", "99"),
        ("query", "-"),
        ("dump", "-f", "csv"),
        ("dump", "--release", "99"),
        ("diff", "1", "99"),
        ("rollback", "99"),
        ("withdraw", "project/none"),
        ("withdraw", "Project None"),
        ("rebase", "localhost"),
        ("rebase", "http://localhost:8000"),
        ("erase", "organisation ndef", "--reason", "чл. 17 ОРЗД"),
    ],
    ids=" ".join,
)
def test_a_wrong_request_is_told_in_both_languages(kg: Kg, home: Path, words: tuple[str, ...]) -> None:
    told = kg(*words, stdin="SELECT nonsense {")
    assert told.code == Exit.USAGE, told.err
    assert bilingual(told.err)
    assert "Traceback" not in told.err
    assert number(home) == 1


def test_a_query_that_nearly_exists_is_suggested(kg: Kg) -> None:
    told = kg("query", "projcts")
    assert "did you mean projects" in told.err
    assert "може би projects" in told.err


def test_the_parameters_of_a_query_are_listed_with_type_and_default(kg: Kg) -> None:
    told = kg("query", "events", "--parameters")
    assert told.code == Exit.DONE
    rows = {line.split()[0]: line for line in told.out.splitlines() if line.strip()}
    assert {"source", "from", "to", "kind"} <= rows.keys()
    assert "iri" in rows["source"] and "Източник · Source" in rows["source"]
    assert "without a value: any" in told.out
    assert "date" in rows["from"] and "2023-06-27" in rows["from"]
    text = "SELECT * WHERE { ?s ?p ?o }"
    assert bilingual(kg("query", "-", "--parameters", stdin=text).out)


def test_an_unknown_parameter_is_told_with_those_there_are(kg: Kg) -> None:
    told = kg("query", "events", "-p", "sorce=x")
    assert told.code == Exit.USAGE
    assert "sorce" in told.err
    assert "Източник · Source" in told.err and "2023-06-27" in told.err


def test_a_source_that_is_none_is_told_with_those_there_are(kg: Kg) -> None:
    told = kg("query", "projects", "-p", "source=report-2023")
    assert (told.code, len(told.out.splitlines())) == (Exit.DONE, 1)
    assert "source=report-2023: няма такъв източник; познати са first" in told.err
    assert "source=report-2023: there is no such source; known are first" in told.err


@pytest.mark.parametrize(
    ("query", "value", "told_of"),
    [
        ("acronyms", "organisation=organisation/ndeff", "did you mean organisation/ndef?"),
        ("by-theme", "theme=no-such-theme", "nothing of this name"),
        ("by-theme", "class=http://e/x", "nothing of this name"),
        ("organisers-by-kind", "kind=fund", "/code/organisation-kind/fund?"),
        ("organisers-by-kind", "kind=фонд", "/code/organisation-kind/fund?"),
    ],
)
def test_a_value_that_nothing_has_is_told(kg: Kg, query: str, value: str, told_of: str) -> None:
    told = kg("query", query, "-p", value)
    assert told.code == Exit.DONE
    assert told_of in told.err and bilingual(told.err)


def test_of_values_that_are_there_nothing_is_said(kg: Kg) -> None:
    for value in ("source=first", "organisation=organisation/ndef"):
        assert kg("query", "acronyms", "-p", value).err == ""
    assert kg("query", "events", "-p", "from=1990-01-01").err == ""


def test_a_mistake_in_a_query_is_told_with_its_place_and_how_to_mend_it(kg: Kg) -> None:
    told = kg("query", "-", stdin="SELECT ?p\nWHERE { ?p a ?c ?p ?q ?r }")
    assert told.code == Exit.USAGE
    assert "line 2, column" in told.err and "ред 2, знак" in told.err
    assert "Is a dot missing after “?c” in line 2?" in told.err


@pytest.mark.parametrize("words", [("nonsense",), ("load",), ("diff", "1"), ("erase", "organisation/ndef")])
def test_a_wrong_command_line_is_a_usage_error(kg: Kg, words: tuple[str, ...]) -> None:
    assert kg(*words).code == Exit.USAGE


def test_without_a_release_there_is_nothing_to_dump(tmp_path: Path) -> None:
    told = run("dump", home=tmp_path / "empty")
    assert told.code == Exit.USAGE
    assert "kg load" in told.err


# dump


PARSERS = {
    "nq": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "jsonld": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
}


@pytest.fixture(scope="session")
def dumped(bundled_home: Path) -> set[Quad]:
    return set(parse(run("dump", "-f", "nq", home=bundled_home).raw, RdfFormat.N_QUADS))


@pytest.mark.parametrize("format", PARSERS)
def test_a_dump_is_sorted_whole_and_the_same_twice(bundled_home: Path, dumped: set[Quad], format: str) -> None:
    first, second = (run("dump", "-f", format, home=bundled_home) for _ in range(2))
    assert first.code == Exit.DONE
    assert first.raw == second.raw
    quads = set(parse(first.raw, PARSERS[format]))
    if format in {"nq", "trig", "jsonld"}:
        assert quads == dumped
    else:
        named = {quad.triple for quad in dumped if "/graph/meta" not in str(quad.graph_name)}
        assert {quad.triple for quad in quads} == named
    if format in {"nq", "nt"}:
        lines = first.raw.splitlines()
        graph = [line.rpartition(b"<")[2] for line in lines] if format == "nq" else []
        assert graph == sorted(graph)
        assert len(lines) == len(quads)


def test_a_dump_holds_what_the_release_holds(bundled_home: Path, dumped: set[Quad]) -> None:
    release = EmbeddedStore.open(bundled_home).current()
    assert release
    verify(release)
    assert len(dumped) == release.manifest.quads


def test_an_older_release_is_dumped_as_it_was(kg: Kg, tmp_path: Path) -> None:
    before = kg("dump").raw
    kg("load", file(tmp_path, "new.yaml", ORGANISATION))
    assert kg("dump").raw != before
    assert kg("dump", "--release", "1").raw == before


# releases


def test_releases_are_listed_the_newest_first(kg: Kg, tmp_path: Path) -> None:
    kg("load", file(tmp_path, "new.yaml", ORGANISATION))
    told = kg("releases")
    numbers = [line[:3].strip("● ") for line in told.out.splitlines() if line[2:3].isdigit()]
    assert numbers == ["2", "1"]
    assert "load: new" in told.out


def test_the_difference_of_two_releases_is_told_either_way(kg: Kg, tmp_path: Path) -> None:
    kg("load", file(tmp_path, "new.yaml", ORGANISATION))
    there, back = kg("diff", "1", "2").out, kg("diff", "2", "1").out
    label = '<http://localhost:8000/id/organisation/x> <http://www.w3.org/2000/01/rdf-schema#label> "Hiks"@en'
    assert f"+ {label}" in there
    assert f"- {label}" in back
    assert there.splitlines()[-1].startswith("+")
    assert kg("diff", "1", "1").out == "+0 −0\n"


def test_rollback_brings_the_old_content_back_as_a_new_release(kg: Kg, home: Path, tmp_path: Path) -> None:
    before = kg("dump").raw
    kg("load", file(tmp_path, "new.yaml", ORGANISATION))
    told = kg("rollback", "1")
    assert (told.code, number(home)) == (Exit.DONE, 3)
    assert kg("dump").raw == before


def test_withdraw_is_for_ever(kg: Kg, tmp_path: Path) -> None:
    path = file(tmp_path, "new.yaml", ORGANISATION)
    kg("load", path)
    told = kg("withdraw", "organisation/x", "--reason", "дублиран запис")
    assert told.code == Exit.DONE
    assert "release 3" in told.out
    again = kg("load", path)
    assert again.code == Exit.REFUSED
    assert "оттеглен" in again.err


def test_withdraw_is_refused_while_others_refer(kg: Kg, home: Path) -> None:
    told = kg("withdraw", "organisation/ndef")
    assert told.code == Exit.SURROUNDINGS
    assert "programme/ndef-eeoudg" in told.err
    assert bilingual(told.err)
    assert number(home) == 1


def test_erase_leaves_no_trace_of_a_thing(kg: Kg, home: Path, tmp_path: Path) -> None:
    assert not kg(
        "load",
        file(tmp_path, "new.yaml", "- {id: person/ivan-ivanov, type: Person, name: Иван Иванов, holds: post/kmet}\n"),
    ).code
    assert b"ivan-ivanov" in kg("dump").raw
    told = kg("erase", "person/ivan-ivanov", "--reason", "чл. 17 ОРЗД")
    assert told.code == Exit.DONE, told.err
    assert "2" in told.out
    for release in ("1", "2"):
        assert b"ivan-ivanov" not in kg("dump", "--release", release).raw
    assert "ivan-ivanov" not in kg("diff", "1", "2").out
    again = kg("erase", "http://localhost:8000/id/person/ivan-ivanov", "--reason", "чл. 17 ОРЗД")
    assert again.code == Exit.USAGE
    assert bilingual(again.err)


SECRET = """
- {id: post/sekretar, type: Post, name: {bg: Секретар, en: Secretary}, postIn: organisation/ndef}
- {id: person/ivan-taynov, type: Person, name: {bg: Иван Тайнов, en: Ivan Taynov}, holds: post/sekretar}
- id: event/otkrivane-taynov
  type: Event
  kind: opening
  title: {bg: Откриване на алеята, en: Opening of the alley}
  description: {bg: Лентата преряза ИВАН  ТАЙНОВ, en: The ribbon was cut by Ivan Taynov}
  startDate: 2024-05-01
"""


def test_an_erased_name_is_in_no_file_of_the_home(kg: Kg, home: Path, tmp_path: Path) -> None:
    path = file(tmp_path, "secret.yaml", SECRET)
    assert kg("load", path).code == Exit.DONE
    assert kg("load", file(tmp_path, "secret.yaml", SECRET.replace("алеята", "моста"))).code == Exit.DONE
    Audit.of(home).append(Event(action="update", status=200, agent="Иван Тайнов", about="person/ivan-taynov"))
    assert "Тайнов" in kg("dump").out
    told = kg("erase", "person/ivan-taynov", "--reason", "чл. 17 ОРЗД")
    assert told.code == Exit.DONE, told.err
    assert bilingual(told.err)
    assert "secret.yaml:3" in told.err
    assert "secret.yaml:4" in told.err
    assert "backups" in told.err
    for release in ("1", "2", "3"):
        for format in ("nq", "ttl", "jsonld"):
            dumped = kg("dump", "--release", release, "--format", format).out
            assert "тайнов" not in dumped.casefold()
            assert "ivan-taynov" not in dumped
    assert "тайнов" not in kg("diff", "1", "3").out.casefold()
    assert "Откриване на моста" in kg("dump").out
    for place in home.rglob("*"):
        if place.is_file():
            content = place.read_bytes()
            if place.suffix == ".zst":
                content = zstandard.ZstdDecompressor().stream_reader(content).read()
            text = content.decode("utf-8", "ignore").casefold()
            assert "иван тайнов" not in text and "ivan taynov" not in text, place
            assert "person/ivan-taynov" not in text, place
    audit = (home / "audit.jsonl").read_text()
    assert json.loads(audit.splitlines()[-1])["status"] == 200


def test_what_was_erased_cannot_come_back(kg: Kg, tmp_path: Path) -> None:
    path = file(tmp_path, "secret.yaml", SECRET)
    assert kg("load", path).code == Exit.DONE
    assert kg("erase", "person/ivan-taynov", "--reason", "чл. 17 ОРЗД").code == Exit.DONE
    again = kg("load", path)
    assert again.code == Exit.REFUSED
    assert "secret.yaml:3" in again.err
    assert "заличен" in again.err


def test_texts_are_erased_with_a_thing(kg: Kg, home: Path, tmp_path: Path) -> None:
    assert kg("load", file(tmp_path, "new.yaml", ORGANISATION)).code == Exit.DONE
    assert (
        kg("erase", "organisation/x", "--reason", "чл. 17 ОРЗД", "--text", "Национален доверителен екофонд").code == 0
    )
    assert "Национален доверителен екофонд" not in kg("dump").out


def test_a_text_that_everything_holds_is_not_erased(kg: Kg, home: Path) -> None:
    told = kg("erase", "organisation/ndef", "--reason", "чл. 17 ОРЗД", "--text", "на")
    assert (told.code, bilingual(told.err), number(home)) == (Exit.USAGE, True, 1)
    assert "Национален" in kg("dump").out


def test_what_was_erased_stays_so_under_another_base(kg: Kg, home: Path, tmp_path: Path) -> None:
    path = file(tmp_path, "secret.yaml", SECRET)
    assert kg("load", path).code == Exit.DONE
    assert kg("erase", "person/ivan-taynov", "--reason", "чл. 17 ОРЗД").code == Exit.DONE
    assert kg("rebase", "http://kg.example").code == Exit.DONE
    told = kg("load", path)
    assert told.code == Exit.REFUSED and "заличен" in told.err


def test_a_reason_that_names_somebody_is_no_reason(kg: Kg, home: Path) -> None:
    told = kg("erase", "organisation/ndef", "--reason", "по искане на Иван Петров Тайнов")
    assert told.code == Exit.USAGE
    assert "Тайнов" not in told.err
    assert bilingual(told.err)
    assert number(home) == 1


@pytest.mark.parametrize("reason", ["", "   ", "чл. 17", "Заличава се Национален доверителен екофонд"])
def test_a_reason_for_erasing_says_why_and_not_what(kg: Kg, home: Path, reason: str) -> None:
    what = "Национален доверителен екофонд"
    told = kg("erase", "organisation/ndef", "--reason", reason, "--text", what)
    assert (told.code, bilingual(told.err), number(home)) == (Exit.USAGE, True, 1)
    assert what not in told.err
    assert what in kg("dump").out


def test_an_empty_reason_for_withdrawing_is_none(kg: Kg, home: Path) -> None:
    assert kg("withdraw", "post/kmet", "--reason", "  ").code == Exit.DONE
    assert '/ns#withdrawalReason> "' not in kg("dump").out


NAMED = """
- {id: post/sekretar, type: Post, name: {bg: Секретар, en: Secretary}, postIn: organisation/ndef}
- id: person/ivan-stoyanov
  type: Person
  name: {bg: Иван Стоянов Петров, en: Ivan Stoyanov Petrov}
  holds: post/sekretar
- id: event/2024-06-01-sreshta-s-ivan-stoyanov-petrov
  type: Event
  kind: meeting
  title: {bg: Среща със секретаря, en: Meeting with the secretary}
  description:
    bg: |
      Разговорът е за алеята. Присъства Иван
      Стоянов Петров и други хора.
  startDate: 2024-06-01
- id: event/sreshta
  type: Event
  kind: meeting
  title: {bg: Друга среща, en: Another meeting}
  startDate: 2024-06-02
  about: event/2024-06-01-sreshta-s-ivan-stoyanov-petrov
"""


def test_an_id_with_an_erased_name_is_another_from_the_first_release_on(kg: Kg, home: Path, tmp_path: Path) -> None:
    path = file(tmp_path, "named.yaml", NAMED)
    assert kg("load", path).code == Exit.DONE
    assert kg("load", file(tmp_path, "named.yaml", NAMED.replace("Друга", "Трета"))).code == Exit.DONE
    statements = kg("dump").out.count("2024-06-01-sreshta-s-ivan-stoyanov-petrov") - 1  # the description goes
    assert statements > 5
    told = kg("erase", "person/ivan-stoyanov", "--reason", "чл. 17 ОРЗД", "--files", tmp_path)
    assert told.code == Exit.DONE, told.err
    assert "event/2024-06-01-sreshta-s-ivan-stoyanov-petrov" in told.err
    assert "event/2024-06-01-sreshta-s във всички издания" in told.err
    assert bilingual(told.err)
    for release in ("1", "2", "3"):
        assert "ivan-stoyanov" not in kg("dump", "--release", release).out
        if release != "1":
            assert kg("dump", "--release", release).out.count("/event/2024-06-01-sreshta-s") == statements
            verify(EmbeddedStore.open(home).release(int(release)))
    assert kg("diff", "2", "3").out.count("Трета") > 0
    for place in home.rglob("*"):
        if place.is_file():
            content = place.read_bytes()
            if place.suffix == ".zst":
                content = zstandard.ZstdDecompressor().stream_reader(content).read()
            assert b"ivan-stoyanov" not in content, place
    again = kg("load", path)
    assert again.code == Exit.REFUSED
    assert "named.yaml:7" in again.err
    assert "→ „event/2024-06-01-sreshta-s“" in again.err
    mended = NAMED.replace("-s-ivan-stoyanov-petrov", "-s").replace("Присъства Иван\n      Стоянов Петров и", "Има и")
    head, _, rest = mended.partition("- id: person/ivan-stoyanov")
    file(tmp_path, "named.yaml", head + rest[rest.index("- id: event") :])
    assert kg("load", path).code == Exit.DONE


def test_the_lines_are_listed_that_hold_what_was_erased(kg: Kg, tmp_path: Path) -> None:
    path = file(tmp_path, "named.yaml", NAMED)
    file(tmp_path, "other.yaml", NAMED)
    assert kg("load", path).code == Exit.DONE
    told = kg("erase", "person/ivan-stoyanov", "--reason", "чл. 17 ОРЗД", "--files", tmp_path)
    lines = {line for line in range(1, 30) if f"named.yaml:{line} още го съдържа" in told.err}
    assert lines == {3, 5, 7, 13, 21}
    assert "other.yaml" not in told.err


def test_the_cells_are_listed_that_hold_what_was_erased(
    kg: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        ["ид", "тип", "вид", "наименование.bg", "наименование.en", "описание.bg"],
        ["organisation/x", "Организация", "фонд", "Хикс", "Hiks", "Води го Иван Тайнов"],
    ]
    (tmp_path / "fund.xlsx").write_bytes(workbook(rows))
    monkeypatch.chdir(tmp_path)
    assert kg("load", "fund.xlsx", file(tmp_path, "secret.yaml", SECRET)).code == Exit.DONE
    told = kg("erase", "person/ivan-taynov", "--reason", "чл. 17 ОРЗД")
    assert told.code == Exit.DONE, told.err
    assert "fund.xlsx[Лист1]:2 „F2“" in told.err
    assert "secret.yaml:3" in told.err
    assert "secret.yaml:8" in told.err
    assert "secret.yaml:4" not in told.err


def test_somebody_elses_address_with_the_name_is_told(kg: Kg, home: Path, tmp_path: Path) -> None:
    other = "- {id: person/ivan-taynov-2, type: Person, name: {bg: Друг Човек, en: Other}, holds: post/sekretar}\n"
    assert kg("load", file(tmp_path, "secret.yaml", SECRET + other)).code == Exit.DONE
    told = kg("erase", "person/ivan-taynov", "--reason", "чл. 17 ОРЗД")
    assert told.code == Exit.REFUSED
    assert "kg erase http://localhost:8000/id/person/ivan-taynov-2 --reason" in told.err
    assert bilingual(told.err)
    assert "person/ivan-taynov-2" in kg("dump").out
    assert "Иван Тайнов" not in kg("dump").out


def test_what_had_another_base_once_is_erased_there_too(kg: Kg, tmp_path: Path) -> None:
    assert kg("load", file(tmp_path, "secret.yaml", SECRET)).code == Exit.DONE
    assert kg("rebase", "http://kg.example").code == Exit.DONE
    assert kg("erase", "person/ivan-taynov", "--reason", "чл. 17 ОРЗД").code == Exit.DONE
    for release in ("2", "3"):
        assert "ivan-taynov" not in kg("dump", "--release", release).out


def test_a_withdrawal_keeps_no_personal_data_in_its_reason(kg: Kg, home: Path) -> None:
    told = kg("withdraw", "post/kmet", "--reason", "обадете се на 0888 123 456")
    assert (told.code, bilingual(told.err), number(home)) == (Exit.USAGE, True, 1)
    assert "123" not in told.err


# personal data

CONTACT = """
- ид: organisation/fond-tri
  тип: Организация
  вид: fund
  наименование: {bg: Фонд три, en: Fund three}
  служебна поща: info@fond.bg
  описание: Пишете на Мария Петрова Иванова, ЕГН 7523169263, maria@fond.bg
"""
FLAG = "  разрешени лични данни: {за поле: описание, мотив: Публикувано от фонда с нейно съгласие}\n"


@pytest.mark.parametrize("format", ["text", "json", "sarif", "ttl", "html"])
def test_personal_data_is_refused_and_never_shown(kg: Kg, home: Path, tmp_path: Path, format: str) -> None:
    told = kg("load", file(tmp_path, "contact.yaml", CONTACT), "--format", format)
    assert (told.code, number(home)) == (Exit.REFUSED, 1)
    everything = told.out + told.err
    for secret in ("Петрова", "7523169263", "maria@", "75231"):
        assert secret not in everything
    assert "75••••••••" in everything


def test_the_place_of_personal_data_is_told_in_both_languages(kg: Kg, tmp_path: Path) -> None:
    told = kg("check", file(tmp_path, "contact.yaml", CONTACT))
    assert told.err.count("contact.yaml:7 „описание“") == 3
    assert "ЕГН" in told.err and "personal number" in told.err
    assert bilingual(told.err)
    assert "contact.yaml:6" not in told.err


def test_what_an_entry_permits_with_a_reason_is_loaded(kg: Kg, home: Path, tmp_path: Path) -> None:
    told = kg("load", file(tmp_path, "contact.yaml", CONTACT + FLAG))
    assert (told.code, number(home)) == (Exit.DONE, 2), told.err
    assert "Публикувано от фонда" in kg("dump").out
    assert kg("load", file(tmp_path, "contact.yaml", CONTACT)).code == Exit.REFUSED


COLUMNS = (
    "ид,тип,вид,наименование.bg,наименование.en,описание.bg,служебна поща,"
    "разрешени лични данни.за поле,разрешени лични данни.мотив\n"
    "organisation/dom,Организация,читалище,Дом на културата,House of Culture,Залата: тел. 082 881 802,i@dom.bg,{},{}\n"
)


def test_the_advice_about_personal_data_can_be_followed_in_a_table(kg: Kg, home: Path, tmp_path: Path) -> None:
    told = kg("check", file(tmp_path, "house.csv", COLUMNS.format("", "")))
    assert told.code == Exit.REFUSED
    advice = "„разрешени лични данни.за поле“, а в клетката – „описание.bg“, и „разрешени лични данни.мотив“"
    assert advice in told.err
    assert "“disclosure.of” with “описание.bg”" in told.err
    reason = "Служебен телефон от сайта на общината"
    told = kg("load", file(tmp_path, "house.csv", COLUMNS.format("описание.bg", reason)))
    assert (told.code, number(home)) == (Exit.DONE, 2), told.err
    told = kg("check", file(tmp_path, "house.csv", COLUMNS.format("описнаие", reason)))
    assert "разрешението е за поле, което записът няма: „описнаие“; може би „описание“" in told.err
    assert "the permission is for a field that the entry does not have" in told.err
    assert "доказателство" not in told.err


NESTED = """
- ид: project/x
  тип: Проект
  заглавие: Проба
  участия:
    - {{лице или организация: НДЕФ, роля: партньор, описание: тел. 0888 123 456}}
  разрешени лични данни: {{за поле: {}, мотив: Служебен телефон от сайта на фонда}}
"""


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("участия.описание", Exit.DONE),
        ("участия.1.описание", Exit.DONE),
        ("описание", Exit.DONE),
        ("заглавие.bg", Exit.REFUSED),
        ("участия.описнаие", Exit.REFUSED),
    ],
)
def test_what_is_nested_may_be_permitted_by_its_heading_or_its_name(
    kg: Kg, tmp_path: Path, field: str, code: Exit
) -> None:
    assert kg("check", file(tmp_path, "nested.yaml", NESTED.format(field))).code == code


SOURCE = """
източници:
  - ид: contact
    заглавие:
      bg: Проекти
      en: Projects of Ivan Petrov Ivanov
    издател: Иван Петров Иванов, тел. 0888123456
    бележка: пишете на ivan@abv.bg
    лицензът не е посочен: да
"""


@pytest.mark.parametrize("command", ["check", "load"])
def test_personal_data_in_the_description_of_a_source_is_refused_where_it_stands(
    kg: Kg, home: Path, tmp_path: Path, command: str
) -> None:
    file(tmp_path, "sources.yaml", SOURCE)
    told = kg(command, file(tmp_path, "contact.yaml", ORGANISATION))
    assert (told.code, number(home)) == (Exit.REFUSED, 1)
    assert told.err.count("sources.yaml:6 „заглавие“") == 1
    assert told.err.count("sources.yaml:7 „издател“") == 2
    assert told.err.count("sources.yaml:8 „бележка“") == 1
    assert bilingual(told.err)
    assert not {"Иванов", "Ivanov", "0888123456", "ivan@"} & set(told.err.replace(",", " ").split())
    file(tmp_path, "sources.yaml", SOURCE.partition("    издател")[0].replace(" of Ivan Petrov Ivanov", "") + FREE)
    assert kg(command, tmp_path / "contact.yaml").code == Exit.DONE


FREE = "    лицензът не е посочен: да\n"


def test_personal_data_in_the_sheet_about_the_source_is_refused_in_its_cell(kg: Kg, home: Path, tmp_path: Path) -> None:
    book = tmp_path / "projects.xlsx"
    assert kg("template", "Проект", "--out", book).code == Exit.DONE
    workbook_ = openpyxl.load_workbook(book)
    about = workbook_["Източник"]
    about["B2"], about["B3"], about["B4"] = "Проекти", "Projects", "Иван Петров Иванов, тел. 0888123456"
    workbook_["Проект"]["A2"], workbook_["Проект"]["B2"] = "project/x", "Проба"
    workbook_.save(book)
    told = kg("check", book, "--annotate")
    assert told.code == Exit.REFUSED
    assert told.err.count("projects.xlsx[Източник]:4 „издател“") == 2
    marked = openpyxl.load_workbook(tmp_path / "projects.checked.xlsx")
    assert "телефонен номер" in marked["Източник"]["B4"].comment.text


@pytest.mark.parametrize("name", ["Иван Петров Иванов.yaml", "за 0888123456.yaml"])
def test_the_name_of_a_file_is_published_too(kg: Kg, home: Path, tmp_path: Path, name: str) -> None:
    told = kg("load", file(tmp_path, name, ORGANISATION))
    assert (told.code, number(home)) == (Exit.REFUSED, 1)
    assert "Преименувайте" in told.err
    assert bilingual(told.err)


NAMELESS = """
- {тип: Проект, заглавие: Обадете се на 0888123456}
- {тип: Проект, заглавие: неразрешени ivan@abv.bg}
- {тип: Събитие, заглавие: Среща с Ялдъз Стоянов Петров, дата: 2024-06-01, вид: среща}
"""


@pytest.mark.parametrize("format", ["text", "json", "sarif", "ttl", "html"])
def test_no_id_is_proposed_from_personal_data(kg: Kg, tmp_path: Path, format: str) -> None:
    told = kg("check", file(tmp_path, "nameless.yaml", NAMELESS), "--format", format)
    assert told.code == Exit.REFUSED
    for id in ("project/obadete-se-na", "project/nerazresheni", "event/2024-06-01-sreshta-s"):
        assert id in told.out + told.err
    for secret in ("0888123456", "ivan-abv", "ivan@", "stoyanov", "Стоянов"):
        assert secret not in told.out + told.err


def test_no_id_is_written_into_a_copy_from_personal_data_that_an_entry_permits(kg: Kg, tmp_path: Path) -> None:
    flag = "  разрешени лични данни: {за поле: заглавие, мотив: Публикувано от фонда с нейно съгласие}\n"
    text = f"- тип: Проект\n  заглавие: Обадете се на 0888123456\n{flag}"
    told = kg("load", "--assign-ids", file(tmp_path, "permitted.yaml", text))
    assert told.code == Exit.DONE, told.err
    assert "id: project/obadete-se-na\n" in (tmp_path / "permitted.completed.yaml").read_text(encoding="utf-8")


TYPED = """
- {ид: project/obadete-se-na-0888123456, тип: Проект, заглавие: Обадете се на 0888123456}
- {ид: event/sreshta-s-yaldaz-stoyanov-petrov, тип: Събитие, заглавие: Среща с Ялдъз Стоянов Петров, дата: 2024-06-01}
"""


@pytest.mark.parametrize("format", ["text", "json", "sarif", "ttl", "html"])
def test_a_typed_id_with_the_same_personal_data_is_not_shown(kg: Kg, tmp_path: Path, format: str) -> None:
    told = kg("check", file(tmp_path, "typed.yaml", TYPED), "--format", format)
    assert told.code == Exit.REFUSED
    for secret in ("0888123456", "stoyanov", "Стоянов"):
        assert secret not in told.out + told.err


@pytest.mark.parametrize(
    ("id", "code", "what"),
    [
        ("project/za-7523169263", Exit.REFUSED, "ЕГН"),
        ("project/tel-0888-123-456", Exit.DONE, "телефонен номер"),
        ("project/nerazresheni-ivan-abv-bg", Exit.DONE, "адрес на електронна поща"),
        ("project/na-ivan-stoyanov-petrov", Exit.DONE, "пълното име"),
        ("project/Обадете се на 0888123456", Exit.REFUSED, "лични данни"),
    ],
)
def test_an_id_is_judged_where_it_is_typed(kg: Kg, tmp_path: Path, id: str, code: Exit, what: str) -> None:
    told = kg("check", file(tmp_path, "typed.yaml", f"- тип: Проект\n  ид: {id}\n  заглавие: Проба\n"))
    assert told.code == code
    everything = told.out + told.err
    assert "typed.yaml:2 „" in everything
    assert what in everything
    assert id.rpartition("/")[2] not in everything
    assert not {"0888123456", "7523169263"} & {word for line in everything.split() for word in line.split("-")}


# likely duplicates

TWICE = """
- id: organisation/fond-dve
  type: Organisation
  kind: fund
  name: {bg: НАЦИОНАЛНИЯТ ДОВЕРИТЕЛЕН ЕКОФОНД, en: Ekofond}
"""


def test_likely_duplicates_are_listed_decided_and_not_asked_again(kg: Kg, home: Path, tmp_path: Path) -> None:
    loaded = kg("load", file(tmp_path, "twice.yaml", TWICE))
    assert loaded.code == Exit.DONE
    assert "вероятно са едно и също" in loaded.out
    assert "probably one and the same" in loaded.out
    listed = kg("duplicates")
    assert listed.code == Exit.DONE
    assert "organisation/fond-dve" in listed.out and "organisation/ndef" in listed.out
    assert "0.8" in listed.out
    assert bilingual(listed.out)
    told = json.loads(kg("duplicates", "--format", "json").raw)
    assert "LikelyDuplicate" in json.dumps(told)
    assert "вероятни повторения" in kg("duplicates", "--at-least", "0.99").out
    refers = (
        "# отпред\n- {id: programme/x, type: FundingProgramme, title: Програма Х, managedBy: organisation/fond-dve}\n"
    )
    assert kg("load", file(tmp_path, "refers.yaml", refers)).code == Exit.DONE
    decided = kg("duplicates", "--same", "organisation/fond-dve", "organisation/ndef", "--why", "Един и същ фонд")
    assert decided.code == Exit.DONE, decided.err
    assert "twice.yaml" in decided.err
    assert "записът на refers.yaml:2 се позовава на organisation/fond-dve" in decided.err
    assert "first.yaml" not in decided.err
    assert bilingual(decided.err)
    assert "no likely duplicates" in kg("duplicates").out
    again = kg("load", file(tmp_path, "twice.yaml", TWICE.replace("Ekofond", "Eco")))
    assert "вероятно са едно и също" not in again.out
    assert "organisation/fond-dve е същото като organisation/ndef" in again.out
    nonsense = kg("duplicates", "--same", "organisation/fond-dve", "organisation/ndef", "--why", "да")
    assert (nonsense.code, bilingual(nonsense.err)) == (Exit.USAGE, True)


# schema


def test_the_schema_of_entries_is_printed_or_written_with_the_line_that_names_it(kg: Kg, tmp_path: Path) -> None:
    printed = kg("schema")
    assert printed.code == Exit.DONE
    assert json.loads(printed.raw)["$schema"].endswith("draft-07/schema#")
    path = tmp_path / "entries.schema.json"
    written = kg("schema", "--out", path)
    assert path.read_bytes() == printed.raw
    assert "# yaml-language-server: $schema=entries.schema.json" in written.out and bilingual(written.out)
    wrong = kg("schema", "--out", tmp_path / "missing" / "x.json")
    assert (wrong.code, bilingual(wrong.err)) == (Exit.USAGE, True)


def test_the_schema_may_be_of_some_classes_in_either_language(kg: Kg) -> None:
    some = kg("schema", "Проект", "event")
    types = json.loads(some.raw)["definitions"]["entry"]["properties"]["тип"]["anyOf"][0]["enum"]
    assert types == ["Проект", "Събитие"]
    wrong = kg("schema", "Прект")
    assert wrong.code == Exit.USAGE
    assert "може би „Проект“" in wrong.err and bilingual(wrong.err)
    assert "една от стойностите" in kg("schema", "x").err


def test_the_schema_proposes_what_the_graph_knows_when_asked_to(kg: Kg, tmp_path: Path) -> None:
    assert "Национален доверителен екофонд" not in kg("schema").out
    known = json.loads(kg("schema", "--names").raw)["definitions"]["known.Organisation"]["defaultSnippets"]
    assert known == [
        {"label": "Национален доверителен екофонд", "description": "organisation/ndef", "body": known[0]["label"]}
    ]
    nothing = run("schema", "--names", home=tmp_path / "none")
    assert nothing.code == Exit.USAGE and "още няма издание" in nothing.err.lower()


# base


def test_after_a_rebase_the_same_files_change_nothing(kg: Kg, home: Path, bundled_home: Path) -> None:
    shutil.rmtree(home)
    shutil.copytree(bundled_home, home)
    told = kg("rebase", "https://data.ruse.bg/")
    assert told.code == Exit.DONE, told.err
    assert b"localhost:8000" not in kg("dump").raw
    again = kg("load", resources.DATA)
    assert (again.code, number(home)) == (Exit.DONE, 2)
    assert "nothing changed" in again.out


def test_another_base_is_refused_with_the_ways_out(kg: Kg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_BASE", "https://data.ruse.bg")
    for command in (("query", "events"), ("dump",), ("releases",)):
        told = kg(*command)
        assert told.code == Exit.USAGE
        assert "KG_BASE=http://localhost:8000" in told.err
        assert "kg rebase https://data.ruse.bg" in told.err
        assert bilingual(told.err)
    assert kg("rebase", "https://data.ruse.bg").code == Exit.DONE
    assert kg("releases").code == Exit.DONE


@pytest.mark.parametrize(
    ("name", "value", "bg"),
    [
        ("KG_LOCK_TIMEOUT", "soon", "трябва да е число"),
        ("KG_KEEP_DAYS", "-1", "трябва да е поне 0"),
        ("KG_KEEP_DAYS", "1.5", "трябва да е цяло число"),
        ("KG_WORKERS", "65", "може да е най-много 64"),
        ("KG_QUERY_TIMEOUT", "0", "трябва да е повече от 0"),
        ("KG_SUITE_MODE", "maybe", "трябва да е on или off"),
        ("KG_PROXIES", "10.0.0.2, my-proxy", "„my-proxy“ не е IP адрес или мрежа"),
        ("KG_TOKEN", "тайна тайна тайна", "латински букви"),
    ],
)
def test_a_wrong_setting_is_named(kg: Kg, monkeypatch: pytest.MonkeyPatch, name: str, value: str, bg: str) -> None:
    monkeypatch.setenv(name, value)
    told = kg("releases")
    assert told.code == Exit.USAGE
    assert told.err.count(name) == 2
    assert f"Грешна настройка: {name}: {bg}" in told.err or bg in told.err


# copies


def test_a_backup_is_restored_whole(kg: Kg, tmp_path: Path) -> None:
    before = kg("dump").raw
    assert kg("backup", tmp_path / "copy").code == Exit.DONE
    assert kg("backup", tmp_path / "copy").code != Exit.DONE
    told = run("restore", tmp_path / "copy", home=tmp_path / "elsewhere")
    assert told.code == Exit.DONE, told.err
    assert run("dump", home=tmp_path / "elsewhere").raw == before
    refused = kg("restore", tmp_path / "copy")
    assert refused.code != Exit.DONE
    assert bilingual(refused.err)


# surroundings


def test_who_holds_the_lock_is_named(kg: Kg, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_LOCK_TIMEOUT", "0.05")
    with EmbeddedStore.open(home).draft(agent="Мария"):
        told = kg("load", file(tmp_path, "new.yaml", ORGANISATION))
    assert told.code == Exit.SURROUNDINGS
    assert told.err.count("Мария") == 2


def test_a_reader_that_leaves_early_is_no_fault(bundled_home: Path) -> None:
    paths = os.pathsep.join([str(Path(cli.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", "from kg.cli import main; main()", "dump", "--home", str(bundled_home)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}
    ) as dumping:
        assert dumping.stdout
        assert dumping.stderr
        assert dumping.stdout.readline()
        dumping.stdout.close()
        assert dumping.stderr.read() == b""
        assert dumping.wait(timeout=60) == Exit.DONE


def test_help_names_every_command_in_both_languages(kg: Kg) -> None:
    told = kg("--help")
    assert told.code == Exit.DONE
    commands = "serve load check query dump releases diff rollback rebase erase withdraw backup restore token"
    for command in [*commands.split(), "duplicates", "schema"]:
        assert f" {command} " in told.out
        assert bilingual(kg(command, "--help").out)


def test_a_taken_port_is_told_before_anything_is_built(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        command = [sys.executable, "-c", "from kg.cli import main; main()", "serve", "--port", port]
        done = subprocess.run(
            [*command, "--home", str(tmp_path / "home")], capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == Exit.SURROUNDINGS
    assert f"порт {port}" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "home" / "current").exists()


def test_a_console_without_our_signs_is_no_reason_to_break(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("entries:\n  - {id: group/choir, type: Group, name: Хор}\n", encoding="utf-8")
    command = [sys.executable, "-c", "from kg.cli import main; main()", "load", "--bare", str(tmp_path / "a.yaml")]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1251", "KG_HOME": str(tmp_path / "home")}
    done = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
    assert done.returncode == Exit.DONE, done.stderr
    assert "издание" in done.stdout.decode("cp1251").lower()


def test_query_without_a_name_lists_the_queries(kg: Kg) -> None:
    assert "department-activity" in kg("query").out


def test_a_token_is_shown_once_and_opens_until_it_is_taken_back(kg: Kg, home: Path) -> None:
    told = kg("token", "add", "Мария", "--role", "write", "--days", "30")
    assert told.code == Exit.DONE
    secret = told.out.strip()
    assert bilingual(told.err)
    found = Tokens.of(home).find(secret)
    assert found is not None and found.role is Role.WRITE
    shown = kg("token", "list").out
    assert "Мария" in shown and "write" in shown and secret not in shown
    assert kg("token", "add", "Мария", "--role", "admin").code == Exit.USAGE
    assert kg("token", "add", "Иван", "--role", "king").code == Exit.USAGE
    unsaid = kg("token", "add", "Иван")
    assert unsaid.code == Exit.USAGE
    assert bilingual(unsaid.err) and "read-drafts, write, admin" in unsaid.err
    assert kg("token", "remove", "Мария").code == Exit.DONE
    assert kg("token", "remove", "Мария").code == Exit.USAGE
    assert Tokens.of(home).find(secret) is None
    events = [json.loads(line) for line in (home / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(event["action"], event["about"]) for event in events] == [
        ("token-add", "Мария (write)"),
        ("token-remove", "Мария"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "host"),
    [
        ("KG_SUITE_MODE", "on", "0.0.0.0"),
        ("KG_SUITE_MODE", "on", "::"),
        ("KG_TOKEN", "fifteen letters", "0.0.0.0"),
        ("KG_SERVICE_ALLOW", "query.wikidata.org", "127.0.0.1"),
    ],
)
def test_a_setting_that_is_wrong_or_not_for_others_is_told_before_the_start(
    name: str, value: str, host: str, kg: Kg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    told = kg("serve", "--host", host, "--port", "0")
    assert told.code == Exit.USAGE
    assert name in told.err


@pytest.mark.parametrize(("token", "warned"), [("fifteen-letters", True), ("sixteen--letters", False), ("", False)])
def test_a_short_token_is_warned_of(token: str, warned: bool, capsys: pytest.CaptureFixture[str]) -> None:
    cli._warn_of_short_token(Settings(token=token))
    told = capsys.readouterr().err
    assert ("KG_TOKEN" in told and "лесно се отгатва" in told and "easily guessed" in told) is warned


def test_a_log_that_cannot_be_written_is_told_before_the_start(
    kg: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KG_LOG", str(tmp_path / "missing" / "x.log"))
    told = kg("serve", "--port", "0")
    assert told.code == Exit.SURROUNDINGS
    assert bilingual(told.err) and "KG_LOG" in told.err


def test_suite_mode_overwrites_no_home_with_data(
    kg: Kg, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kg("load", "--bare", file(tmp_path, "new.yaml", ORGANISATION)).code == Exit.DONE
    monkeypatch.setenv("KG_SUITE_MODE", "on")
    told = kg("serve")
    assert told.code == Exit.SURROUNDINGS
    assert "KG_HOME" in told.err
