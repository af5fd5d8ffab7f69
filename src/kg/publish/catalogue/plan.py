"""How the data is offered: `data/catalogue.yaml`, which another municipality replaces."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from kg.errors import RequestError


def _both(texts: dict[str, str]) -> dict[str, str]:
    if not {"bg", "en"} <= texts.keys() or not all(text.strip() for text in texts.values()):
        raise ValueError("bg and en are needed")
    return texts


Texts = Annotated[dict[str, str], AfterValidator(_both)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]
Code = Annotated[str, Field(pattern=r"^[A-Z0-9_]+$")]
"""A code of an EU authority table."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Publisher(_Strict):
    """Who answers for the catalogue; `type` is a code of the ADMS publisher types."""

    id: str
    name: Texts
    type: str = "LocalAuthority"


class Contact(_Strict):
    """Whom to ask."""

    name: Texts
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]


class Planned(_Strict):
    """A dataset that is put together by what things are; by source there is one for each source besides."""

    slug: Slug
    title: Texts
    description: Texts
    themes: Annotated[list[Code], Field(min_length=1)]  # of the EU table data-theme
    keywords: dict[str, list[str]]
    classes: list[str] = []  # local names of our ontology
    whole: bool = False  # everything that is stated or follows
    vocabulary: bool = False  # ontology and code lists
    licence: str | None = None  # of what is our own; else the sources decide


Number = Annotated[int, Field(ge=1, le=9_999_999_999)]
"""An id in the database of a portal."""


class Portal(_Strict):
    """What a portal to which one pushes calls us and ours; what is not known yet is left out."""

    address: str  # of its API
    organisation: Number | None = None
    categories: dict[Code, Number] = {}  # by code of the EU table data-theme
    terms: dict[str, Number] = {}  # by licence


class Plan(_Strict):
    """The catalogue as a municipality wants it."""

    title: Texts
    description: Texts
    publisher: Publisher
    contact: Contact
    homepage: str
    country: Code
    nuts: Code
    frequency: Code
    datasets: Annotated[list[Planned], Field(min_length=1)]
    portals: dict[str, Portal] = {}  # by name


def read(path: Path) -> Plan:
    """The plan in a file. Raises RequestError that tells everything that is wrong with it."""
    try:
        return Plan.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError, OSError) as cause:
        told = re.sub(r"\s*For further information visit \S+", "", str(cause))
        raise RequestError(
            f"{path.name} cannot be used as the plan of the catalogue: {told}",
            f"{path.name} не може да послужи за каталога: {told}",
        ) from cause
