"""What was decided about two entries is kept with the graph, and nobody is asked again."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode

from kg.errors import ConflictError, NotFoundError, ParameterError
from kg.gate.duplicates.decisions import Verdict, decided, replacement
from kg.iris import Iris
from kg.namespaces import MKG
from kg.pipeline import keep_withdrawn
from kg.store import maintenance
from kg.store.erasure import erase
from kg.store.port import Release
from kg.writes.deciding import decide
from tests.writes.conftest import Town

WHY = "Проверено в Търговския регистър"
IRIS = Iris("http://localhost:8000")
NEW = """INSERT DATA { GRAPH e:x {
  org:ecofond a mkg:Organisation ; skos:prefLabel "НАЦИОНАЛНИЯТ ДОВЕРИТЕЛЕН ЕКОФОНД"@bg , "NTEF"@en .
  org:third a mkg:Organisation ; skos:prefLabel "Трети"@bg , "Third"@en . } }"""


def node(id: str) -> NamedNode:
    return IRIS.entity(id)


def asked(town: Town) -> set[frozenset[str]]:
    pairs = town.domain.watch.duplicates.pairs(town.view(), IRIS)
    return {frozenset({str(IRIS.id(pair.one.node)), str(IRIS.id(pair.other.node))}) for pair in pairs}


def settle(town: Town, verdict: Verdict, one: str, other: str, why: str = WHY) -> Release:
    return decide(
        verdict, one, other, store=town.store, domain=town.domain, agent="Мария", reason=why, clock=lambda: town.time
    )


PAIR = ("organisation/ecofond", "organisation/ndef")


@pytest.fixture
def twice(town: Town) -> Town:
    """The fund has a second entry."""
    outcome = town.update(NEW)
    assert [one.component for one in outcome.report.warnings if one.component == "LikelyDuplicate"] == [
        "LikelyDuplicate"
    ]
    assert asked(town) == {frozenset(PAIR)}
    return town


@pytest.mark.parametrize("verdict", Verdict)
def test_a_decision_is_kept_and_not_asked_again(twice: Town, verdict: Verdict) -> None:
    number = settle(twice, verdict, *PAIR).number
    assert asked(twice) == set()
    (pair,) = decided(twice.view(), IRIS)
    assert pair == {node(one) for one in PAIR}
    record = str(twice.store.changes(number).added)
    assert WHY in record
    assert "Мария" in record
    assert f"{twice.time:%Y-%m-%dT%H:%M:%S}" in record
    assert settle(twice, verdict, *PAIR).number == number


def test_a_later_decision_takes_the_place_of_an_earlier_one(twice: Town) -> None:
    settle(twice, Verdict.DIFFERENT, *reversed(PAIR))
    settle(twice, Verdict.SAME, *PAIR, "Все пак са едно и също")
    view = twice.view()
    assert len(decided(view, IRIS)) == 1
    assert replacement(view, node(PAIR[0]), IRIS) == node(PAIR[1])
    assert [quad.object.value for quad in view.quads(None, MKG.reason, None, IRIS.meta)] == ["Все пак са едно и също"]  # type: ignore[union-attr]
    settle(twice, Verdict.SAME, *reversed(PAIR))
    assert replacement(twice.view(), node(PAIR[1]), IRIS) == node(PAIR[0])


def test_what_was_merged_is_followed_to_the_end_and_never_in_a_circle(twice: Town) -> None:
    settle(twice, Verdict.SAME, "organisation/ndef", "organisation/third")
    settle(twice, Verdict.SAME, "organisation/third", "organisation/ecofond")
    assert replacement(twice.view(), node("organisation/ndef"), IRIS) == node("organisation/ecofond")
    with pytest.raises(ConflictError):
        settle(twice, Verdict.SAME, "organisation/ecofond", "organisation/ndef")


def test_who_still_names_what_was_merged_is_told(twice: Town) -> None:
    settle(twice, Verdict.SAME, *PAIR)
    outcome = twice.update(
        "INSERT DATA { GRAPH e:y { <http://localhost:8000/id/project/menergers> mkg:fundedBy org:ecofond } }"
    )
    (told,) = [one for one in outcome.report.findings if one.component == "MergedEntry"]
    assert told.suggestion == "organisation/ndef"
    assert set(told.messages) == {"bg", "en"}


def test_a_rollback_forgets_no_decision(twice: Town) -> None:
    settle(twice, Verdict.DIFFERENT, *PAIR)
    maintenance.rollback(
        twice.store,
        2,
        agent="test",
        amend=lambda draft: keep_withdrawn(draft, draft.parent, domain=twice.domain, iris=IRIS),
    )
    assert decided(twice.view(), IRIS) == {frozenset(node(one) for one in PAIR)}
    assert asked(twice) == set()


def test_an_erased_entry_takes_its_decisions_along(twice: Town) -> None:
    settle(twice, Verdict.DIFFERENT, *PAIR)
    erase(twice.store, [node(PAIR[0])], agent="test", reason="молба")
    assert decided(twice.view(), IRIS) == frozenset()
    assert not list(twice.view().quads(None, MKG.reason, None, IRIS.meta))


@pytest.mark.parametrize(
    ("verdict", "one", "other", "why", "error"),
    [
        (Verdict.SAME, "organisation/ndef", "organisation/nobody", WHY, NotFoundError),
        (Verdict.SAME, "organisation/ndef", "organisation/ndef", WHY, ParameterError),
        (Verdict.SAME, "organisation/ndef", "programme/ndef-eeoudg", WHY, ParameterError),
        (Verdict.DIFFERENT, *PAIR, "да", ParameterError),
        (Verdict.DIFFERENT, *PAIR, "Каза го Мария Петрова Иванова", ParameterError),
    ],
)
def test_what_cannot_be_decided_is_refused(
    twice: Town, verdict: Verdict, one: str, other: str, why: str, error: type[Exception]
) -> None:
    before = twice.trace()
    with pytest.raises(error) as caught:
        settle(twice, verdict, one, other, why)
    assert "Петрова" not in str(caught.value)
    assert twice.trace() == before
