"""Limits are what shapes refuse by themselves: not what they warn of, nor what may also be otherwise."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, parse

from kg import pipeline
from kg.form import Field, Forms
from kg.form.limits import Limits, LimitsReader
from kg.namespaces import MKG, SHAPES
from kg.shacl import Indexed

HEAD = """
@prefix shapes: <https://w3id.org/municipal-kg/shapes#> .
@prefix mkg: <https://w3id.org/municipal-kg/ns#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
shapes:Own a sh:NodeShape ; sh:pattern "^own$" .
shapes:IsX a sh:NodeShape ; sh:datatype mkg:X .
shapes:NotX a sh:NodeShape ; sh:not shapes:IsX .
shapes:FormX a sh:NodeShape ; sh:pattern "^x$" .
shapes:Far a sh:PropertyShape ; sh:path mkg:far ; sh:pattern "^far$" .
"""


def read(shape: str, datatype: str | None = None) -> Limits:
    text = f"{HEAD}shapes:One sh:path mkg:p ; {shape} ."
    graph = Indexed(quad.triple for quad in parse(text.encode(), RdfFormat.TURTLE))
    return LimitsReader(graph).read([SHAPES.One], datatype)


def patterns(limits: Limits) -> list[str]:
    return [limit.value for limit in limits.patterns]


def test_a_shape_limits_how_many_values_there_are() -> None:
    assert read("sh:maxCount 0").never and not read("sh:maxCount 0").once
    assert read("sh:maxCount 1").once and not read("sh:maxCount 1").never
    assert read("sh:maxCount 2") == Limits()
    assert read("sh:uniqueLang true").once_per_language and not read("sh:uniqueLang false").once_per_language


def test_a_shape_limits_what_a_value_is() -> None:
    limits = read('sh:languageIn ( "bg" "en" ) ; sh:minInclusive 0.5 ; sh:minLength 3')
    assert [*limits.languages] == ["bg", "en"]
    assert limits.least and limits.shortest
    assert (limits.least.value, limits.shortest.value) == ("0.5", "3")
    assert patterns(read('sh:pattern "^a$"')) == ["^a$"]
    assert patterns(read('sh:pattern "^a$" ; sh:flags "i"')) == []
    assert patterns(read('sh:pattern "("')) == []


def test_what_must_hold_together_is_read_and_what_is_about_another_node_is_not() -> None:
    assert patterns(read("sh:node shapes:Own")) == ["^own$"]
    assert patterns(read("sh:and ( shapes:Own shapes:Far )")) == ["^own$"]


def test_of_alternatives_only_the_one_that_is_left_for_a_datatype_is_read() -> None:
    either = "sh:or ( shapes:NotX shapes:FormX )"
    assert patterns(read(either, MKG.X.value)) == ["^x$"]
    assert patterns(read(either, MKG.Y.value)) == []
    assert patterns(read(either)) == []
    assert patterns(read("sh:or ( shapes:Own shapes:FormX )", MKG.X.value)) == []


def test_a_warning_is_no_limit_and_a_message_in_one_language_is_not_told() -> None:
    assert read("sh:maxCount 0 ; sh:severity sh:Warning") == Limits()
    told = read('sh:maxCount 0 ; sh:severity sh:Violation ; sh:message "Не."@bg , "No."@en').never
    assert told and told.told == {"bg": "Не.", "en": "No."}
    half = read('sh:maxCount 0 ; sh:message "No."@en').never
    assert half and half.told is None


@pytest.mark.parametrize(
    ("class_name", "asked"),
    [
        ("Project", [("title",)]),
        ("Person", [("name",), ("holds",)]),
        ("Grant", []),  # its title is recommended
        ("Organisation", [("name",)]),  # its kind may be left out by some
        ("PeriodOfTime", [("startDate", "endDate", "date")]),
        ("Disclosure", [("of",), ("reason",)]),
        ("Evidence", [("at",), ("basis",), ("source",)]),  # a rule only where it is inferred
    ],
)
def test_what_a_class_is_refused_without(
    class_name: str, asked: list[tuple[str, ...]], domain: pipeline.Domain
) -> None:
    form = domain.forms.of(class_name)
    assert sorted(one.names for one in form.asked) == sorted(asked)
    assert all(one.told for one in form.asked)


def test_some_of_it_another_source_may_say(domain: pipeline.Domain) -> None:
    alone: Forms = domain.own_forms
    assert alone.of("Project").asked == ()
    assert {one.names for one in alone.of("Amount").asked} == {("value",), ("currency",)}


def test_fields_have_the_limits_of_their_class(domain: pipeline.Domain) -> None:
    def field(class_name: str, name: str) -> Field:
        found = domain.forms.of(class_name).field(name)
        assert found is not None
        return found

    status = field("Project", "status").limits.never
    assert status and status.told and "промени на статуса" in status.told["bg"]
    assert field("Organisation", "kind").limits.once
    assert not field("Organisation", "homepage").limits.once  # there may be several, though the context has no list
    assert field("Project", "title").limits.once_per_language
    assert patterns(field("Organisation", "eik").limits) == ["^[0-9]{9}([0-9]{4})?$"]
    assert patterns(field("Organisation", "registerCode").limits) == []
    assert field("Disclosure", "reason").limits.shortest
