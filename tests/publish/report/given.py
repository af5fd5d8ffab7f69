"""Reports for the tests: a few that are made by hand, and any at all."""

from __future__ import annotations

from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from kg.entry import Locator
from kg.finding import Finding, Report, Severity
from kg.namespaces import XSD

BASE = "http://localhost:8000"
HOSTILE = "<script>alert(1)</script>"


def cell(row: int, value: str = "обученне", suggestion: str | None = "обучение") -> Finding:
    return Finding(
        {
            "bg": f"„{value}“ не е в списъка за „вид“; може би „обучение“?",
            "en": f"{value!r} is not in the list of 'вид'",
        },
        at=Locator("събития 2026.xlsx", sheet="Лист 1", row=row, column="вид", cell=f"D{row}"),
        field="вид",
        value=value,
        expected={"bg": "една от стойностите: обучение, среща", "en": "one of: training, meeting"},
        suggestion=suggestion,
        component="UnknownCode",
        cause={"bg": "„…“ не е в списъка за „вид“", "en": "„…“ is not in the list of 'вид'"},
    )


LINE = Finding(
    {"bg": "Посочете програма, за която има запис.", "en": "Name a programme that has an entry."},
    at=Locator("projects.yaml", line=5),
    field="финансиран по",
    focus_node=NamedNode(f"{BASE}/id/project/p"),
    path="https://w3id.org/municipal-kg/ns#fundedUnder",
    value=NamedNode(f"{BASE}/id/programme/x"),
    expected={"bg": "нещо от вида „Програма“", "en": "a known “Programme”"},
    shape="https://w3id.org/municipal-kg/shapes#Link-fundedUnder",
    component="ClassConstraintComponent",
)
WARNING = Finding(
    {"bg": "Добавете статуса.", "en": "Add the status."},
    Severity.WARNING,
    at=Locator("projects.csv", line=9, row=7),
    field="статус",
    shape="https://w3id.org/municipal-kg/shapes#ProjectReference-status-stated",
    component="MinCountConstraintComponent",
    suggestion="",
)
NOTE = Finding({"bg": "„НДЕФ“ е organisation/ndef", "en": "„НДЕФ“ is organisation/ndef"}, Severity.INFO, value="НДЕФ")
REPORT = Report.of([cell(2), cell(3, "срещаа", "среща"), cell(4, HOSTILE, None), LINE, WARNING, NOTE])

_TEXT = st.text(st.characters(), max_size=30)  # with control characters and halves of surrogate pairs
_TOLD = st.dictionaries(st.sampled_from(["bg", "en"]), _TEXT, min_size=1)
_NUMBER = st.none() | st.integers(0, 10**6)
_IRI = st.text("abcя/-", max_size=12).map(lambda text: f"http://e/{text}#x")
_SOUND = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_NODE = _IRI.map(NamedNode) | _SOUND.map(Literal) | _SOUND.map(lambda text: Literal(text, datatype=XSD.decimal))


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    """Any finding that could be made, and some that could not."""
    at = None
    if draw(st.booleans()):
        at = Locator(
            draw(_TEXT),
            draw(_NUMBER),
            draw(st.none() | _TEXT),
            draw(_NUMBER),
            draw(st.none() | _TEXT),
            draw(st.none() | _TEXT),
        )
    return Finding(
        draw(_TOLD),
        draw(st.sampled_from(Severity)),
        at=at,
        field=draw(st.none() | _TEXT),
        focus_node=draw(st.none() | _IRI.map(NamedNode)),
        path=draw(st.none() | _TEXT),
        value=draw(st.none() | _NODE | _TEXT),
        expected=draw(st.none() | _TOLD),
        suggestion=draw(st.none() | _TEXT),
        shape=draw(st.none() | _IRI | _TEXT),
        component=draw(st.none() | st.sampled_from(["ClassConstraintComponent", "UnknownCode"]) | _TEXT),
        cause=draw(st.none() | _TOLD),
    )


reports = st.lists(findings(), max_size=6).map(Report.of)
