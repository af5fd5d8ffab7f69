"""Forms say what the context, the ontology and the shapes say: which fields, which are needed, what they take."""

from __future__ import annotations

import pytest

from kg import pipeline
from kg.form import Field, Form, Forms, Need
from kg.namespaces import MKG


@pytest.fixture(scope="module")
def forms(domain: pipeline.Domain) -> Forms:
    return domain.forms


def field(form: Form | None, name: str) -> Field:
    found = form.field(name) if form else None
    assert found is not None, name
    return found


def test_every_class_has_a_form_and_no_field_is_lost(forms: Forms, domain: pipeline.Domain) -> None:
    known = {*domain.context.names} - {
        "kind",
        "evidence",
        "portfolioOf",
    }  # codes have portfolios, and codes are no entries
    seen = set()
    for name in domain.context.classes:
        form = forms.of(name)
        seen |= {one.name for one in (*form.own, *form.others)}
        assert [one.name for one in form.own] == sorted(
            (one.name for one in form.own), key=domain.context.names.index
        ), "in the order of the context"
    assert seen - {"kind"} == known


@pytest.mark.parametrize(
    ("class_name", "name", "need"),
    [
        ("Project", "title", Need.REQUIRED),
        ("Project", "statusChange", Need.RECOMMENDED),
        ("Project", "budget", Need.OPTIONAL),
        ("Event", "kind", Need.RECOMMENDED),
        ("Event", "date", Need.RECOMMENDED),  # the shape asks for the start date that follows from it
        ("Organisation", "name", Need.REQUIRED),
        ("Organisation", "kind", Need.RECOMMENDED),
        ("Municipality", "kind", Need.OPTIONAL),  # the shape excuses it
        ("Department", "kind", Need.RECOMMENDED),
        ("Amount", "value", Need.REQUIRED),
        ("Participation", "role", Need.REQUIRED),
    ],
)
def test_what_a_shape_asks_for_is_needed(forms: Forms, class_name: str, name: str, need: Need) -> None:
    assert field(forms.of(class_name), name).need is need


def test_a_field_tells_what_its_values_are(forms: Forms) -> None:
    project = forms.of("Project")
    assert field(project, "fundedUnder").wanted.classes == {MKG.FundingProgramme.value}
    assert not field(project, "fundedUnder").single
    assert field(project, "status").derived and not field(project, "title").derived
    assert field(project, "budget").single
    assert field(field(project, "budget").part, "valueInEUR").derived
    assert field(field(project, "participation").part, "share").part is not None


def test_a_code_is_for_the_things_it_identifies_and_has_its_own_form(forms: Forms) -> None:
    assert [one.pattern for one in field(forms.of("Organisation"), "eik").wanted.patterns] == ["^[0-9]{9}([0-9]{4})?$"]
    assert [one.pattern for one in field(forms.of("Place"), "ekatte").wanted.patterns] == ["^[0-9]{5}$"]
    assert forms.of("Project").field("eik") is None
    assert forms.of("Organisation").field("ekatte") is None


def test_what_every_entry_may_say_is_told_apart(forms: Forms) -> None:
    project = forms.of("Project")
    assert {"identifier", "exactMatch"} <= {one.name for one in project.others}
    assert not {one.name for one in project.others} & {one.name for one in project.own}
    assert project.kind == "project"
    assert forms.of("Amount").kind is None
