"""YAML as an editor resolves it: the core schema (YAML 1.2 §10.3), where the loader leaves everything text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml

_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
_READ: tuple[tuple[str, str, Callable[[str], object]], ...] = (
    ("null", r"~|null|Null|NULL|", lambda text: None),
    ("bool", r"true|True|TRUE|false|False|FALSE", lambda text: text.lower() == "true"),
    ("int", r"[-+]?[0-9]+", int),
    ("int", r"0o[0-7]+", lambda text: int(text[2:], 8)),
    ("int", r"0x[0-9a-fA-F]+", lambda text: int(text, 16)),
    ("float", _FLOAT, lambda text: float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))),
)


class _Core(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as the class above declares it


def _object(loader: _Core, node: yaml.MappingNode) -> dict[str, object]:
    """Names are texts, as in JSON."""
    return {str(key.value): loader.construct_object(value, deep=True) for key, value in node.value}


def _read(loader: _Core, node: yaml.Node) -> object:
    text = str(node.value)
    return next(read(text) for tag, form, read in _READ if node.tag.endswith(tag) and re.fullmatch(form, text))


for _tag, _form, _ in _READ:
    _Core.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_form})\Z"), None)
    _Core.add_constructor(f"tag:yaml.org,2002:{_tag}", _read)
_Core.add_constructor("tag:yaml.org,2002:map", _object)


def resolved(text: str) -> object:
    """The document with its plain words as null, truth values and numbers."""
    return yaml.load(text, Loader=_Core)
