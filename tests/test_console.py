"""What a person sees: everything that matters on the screen's width, nothing cut, both languages."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from rich.console import Console

from kg import console as show
from kg.entry import Locator
from kg.errors import NotFoundError
from kg.finding import Finding, Report, Severity
from kg.graph import Changes, Row
from kg.store.port import Manifest

LONG = (
    "Посочете в „партньор“ организация, за която има запис; ако няма, добавете запис за нея преди следващото зареждане."
)


def screen(width: int, *, terminal: bool = True) -> Console:
    return Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=None, highlight=False)


def text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def finding(
    line: int = 4, severity: Severity = Severity.VIOLATION, bg: str = LONG, file: str = "проекти.yaml"
) -> Finding:
    return Finding(
        {"bg": bg, "en": "In “partner”, name an organisation that has an entry; if it has none, add one before."},
        severity,
        at=Locator(file, line=line),
        field="партньор",
        focus_node=NamedNode("http://localhost:8000/id/project/p"),
        value=NamedNode("http://localhost:8000/id/organisation/missing"),
    )


@pytest.mark.parametrize("width", [80, 120])
def test_a_finding_shows_place_value_and_what_to_do_within_the_width(width: int) -> None:
    console = screen(width)
    show.show_report(console, Report.of([finding()]))
    lines = text(console).splitlines()
    assert all(len(line) <= width for line in lines)
    assert "✗ проекти.yaml:4 „партньор“  = organisation/missing  (project/p)" in lines
    joined = " ".join(line.strip() for line in lines)
    assert LONG in joined
    assert "In “partner”" in joined
    told = lines[lines.index("✗ проекти.yaml:4 „партньор“  = organisation/missing  (project/p)") + 1 :]
    assert all(line.startswith("  ") for line in told[: told.index("")])


def test_outside_of_a_terminal_a_message_is_one_line(width: int = 40) -> None:
    console = screen(width, terminal=False)
    show.show_report(console, Report.of([finding()]))
    assert f"  {LONG}\n" in text(console)


def test_what_recurs_is_said_once_with_all_its_lines() -> None:
    console = screen(80)
    report = Report.of([finding(line, Severity.WARNING) for line in range(2, 9)])
    show.show_report(console, report)
    assert text(console).count("Посочете") == 1
    assert "! проекти.yaml: 2, 3, 4, 5, 6, 7, 8 „партньор“  7×" in text(console)
    assert "предупреждения · warnings: 7" in text(console)


def test_what_stands_in_a_few_places_is_said_at_each() -> None:
    console = screen(80)
    show.show_report(console, Report.of([finding(1), finding(2), finding(3, file="други.yaml")]))
    for place in ("проекти.yaml:1", "проекти.yaml:2", "други.yaml:3"):
        assert place in text(console)


def test_a_cell_is_named_by_sheet_row_and_column() -> None:
    console = screen(80)
    cell = Finding({"bg": "а", "en": "b"}, at=Locator("t.xlsx", sheet="Лист1", row=7, column="сума"), field="value")
    show.show_report(console, Report.of([cell]))
    assert "t.xlsx[Лист1]:7 „сума“" in text(console)


def test_a_finding_without_a_place_names_the_thing() -> None:
    console = screen(80)
    thing = NamedNode("http://localhost:8000/id/project/p")
    show.show_report(console, Report.of([Finding({"bg": "а", "en": "b"}, focus_node=thing)]))
    assert "✗ project/p" in text(console)


def test_markup_in_data_is_shown_as_it_is() -> None:
    console = screen(80)
    show.show_report(console, Report.of([finding(bg="[bold]таг[/bold] [/]")]))
    assert "[bold]таг[/bold] [/]" in text(console)


def test_notes_are_counted_and_shown_only_when_asked_for() -> None:
    report = Report.of([finding(severity=Severity.INFO)])
    quiet, open_ = screen(80), screen(80)
    show.show_report(quiet, report)
    show.show_report(open_, report, notes=True)
    assert "бележки · notes: 1 (--notes)" in text(quiet)
    assert "партньор" not in text(quiet)
    assert "· проекти.yaml:4" in text(open_)


def test_too_many_findings_are_counted_not_shown() -> None:
    console = screen(80)
    show.show_report(console, Report.of([finding(line, bg=f"бележка {line}") for line in range(1, 251)]))
    assert "… и още 50 · and 50 more" in text(console)
    assert "errors: 250" in text(console)


def test_an_empty_report_says_nothing() -> None:
    console = screen(80)
    show.show_report(console, Report())
    assert text(console) == ""


def manifest(number: int, sources: tuple[str, ...], activity: str = "load") -> Manifest:
    return Manifest(
        number=number,
        parent=number - 1 or None,
        base="http://localhost:8000",
        created=datetime(2026, 11, 23, 12, 0, number, tzinfo=UTC),
        agent="Мария Петрова",
        activity=activity,
        sources=sources,
        quads=100,
        triples=1_234_567,
        graphs={},
        added=24129,
        removed=17,
        digest="",
    )


@pytest.mark.parametrize("width", [80, 120])
def test_releases_read_well_at_any_width(width: int) -> None:
    console = screen(width)
    many = tuple(f"source-number-{number}" for number in range(33))
    listed = [manifest(1, many), manifest(2, ("isun-2020-ruse",)), manifest(3, (), "rollback to 1")]
    show.show_releases(console, listed, kept=[2, 3], current=3)
    lines = text(console).splitlines()
    assert all(len(line) <= width for line in lines)
    assert [line[:3] for line in lines if "statements" in line] == ["● 3", "  2", "† 1"]
    assert all("+24129 −17" in line for line in lines if "statements" in line)
    joined = " ".join(line.strip() for line in lines)
    assert "load: isun-2020-ruse – Мария Петрова" in joined
    assert "rollback to 1 – Мария Петрова" in joined
    assert "source-number-5 … (+27)" in joined
    assert "no longer kept" in joined


def test_differences_are_lines_that_a_machine_can_read() -> None:
    console = screen(40)
    quad = Quad(
        NamedNode("http://e/a"), NamedNode("http://e/b"), Literal("[bold]дълъг текст[/]" * 3), NamedNode("http://e/g")
    )
    show.show_changes(console, Changes((quad,), (quad,)))
    assert text(console).splitlines() == [f"- {quad} .", f"+ {quad} .", "+1 −1"]


ROW: Row = {
    "event": NamedNode("http://localhost:8000/id/event/e"),
    "eventLabel": Literal("Обучение"),
    "eventLabelEn": Literal("Training"),
    "kind": NamedNode("https://w3id.org/municipal-kg/code/event-kind/training"),
    "partner": NamedNode("http://localhost:8000/id/organisation/o"),
    "end": None,
}


@pytest.mark.parametrize("width", [80, 40])
def test_answers_show_names_for_things_and_short_codes(width: int) -> None:
    console = screen(width)
    show.show_rows(console, list(ROW), [ROW])
    shown = text(console)
    assert all(len(line) <= width for line in shown.splitlines())
    joined = " ".join(shown.split())
    for word in ("Обучение", "event-kind/training", "organisation/o"):
        assert word in joined
    assert "event/e " not in joined
    assert "Training" not in joined
    assert "--format csv" in joined


def test_an_answer_without_rows_says_so() -> None:
    console = screen(80)
    show.show_rows(console, [], [])
    assert "rows: 0" in text(console)


def test_an_error_is_told_in_both_languages_once_each() -> None:
    console = screen(80)
    show.show_error(console, NotFoundError("there is no query [x]", "Няма заявка „[x]“"))
    assert text(console).splitlines() == ["✗ Няма заявка „[x]“", "  there is no query [x]"]


def test_progress_is_silent_where_nobody_looks() -> None:
    console = screen(80, terminal=False)
    with show.progress(console) as tell:
        tell("a.yaml", 0, 2)
        tell("gate", 0, 1)
    assert text(console) == ""


def test_progress_names_what_is_being_done() -> None:
    console = screen(80)
    with show.progress(console) as tell:
        tell("gate", 0, 1)
    assert "проверка · checking" in text(console)


def test_what_belongs_in_the_place_is_told_with_the_finding() -> None:
    console = screen(100)
    expected = {"bg": "цяло число", "en": "a whole number"}
    show.show_report(console, Report.of([replace(finding(4), expected=expected)]))
    assert "очаква се: цяло число" in text(console)
    assert "expected: a whole number" in text(console)
    console = screen(100)
    show.show_report(console, Report.of([replace(finding(4), expected=expected, suggestion="26")]))
    assert "→ „26“" in text(console)
    assert "очаква се" not in text(console)
    console = screen(100)
    show.show_report(console, Report.of([replace(finding(4), suggestion="")]))
    assert "→ (празно · empty)" in text(console)


def test_values_that_are_wrong_in_one_way_are_listed_under_their_cause() -> None:
    def code(row: int, value: str, meant: str | None) -> Finding:
        return Finding(
            {"bg": f"„{value}“ не е в списъка", "en": f"{value!r} is not in the list"},
            at=Locator("t.xlsx", sheet="Лист1" if row < 4 else "Лист2", row=row, column="вид"),
            field="вид",
            value=value,
            expected={"bg": "обучение, среща", "en": "training, meeting"},
            suggestion=meant,
            component="UnknownCode",
            cause={"bg": "„…“ не е в списъка", "en": "„…“ is not in the list"},
        )

    console = screen(100)
    wrong = [code(2, "обученне", "обучение"), code(3, "срещаа", "среща"), code(4, "лято", None), code(5, "с", None)]
    show.show_report(console, Report.of(wrong))
    lines = [line.strip() for line in text(console).splitlines()]
    assert "✗ t.xlsx: [Лист1] 2, 3; [Лист2] 4, 5 „вид“  4×" in lines
    assert lines.count("„…“ не е в списъка") == lines.count("очаква се: обучение, среща") == 1
    assert [line for line in lines if line[:2] in {"2:", "3:", "4:", "5:"}] == [
        "2: „обученне“ → „обучение“",
        "3: „срещаа“ → „среща“",
        "4: „лято“",
        "5: „с“",
    ]
