"""The schema, and a judge of entry files by it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError
from tests.publish.schema.core import resolved

from kg import pipeline
from kg.publish import schema
from kg.publish.schema.parts import Schema

Judge = Callable[[str], list[ValidationError]]


@pytest.fixture(scope="session")
def document(domain: pipeline.Domain) -> Schema:
    return schema.document(domain.forms, domain.own_forms)


@pytest.fixture(scope="session")
def judge(document: Schema) -> Judge:
    """What the schema has against a YAML text."""
    validator = Draft7Validator(document)
    return lambda text: list(validator.iter_errors(resolved(text)))
