"""A class among its neighbours, drawn: who points at it on the left, what it points at on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

_BOX: Final = (190, 30)
_GAP: Final = 44
_MIDDLE: Final = 340
_WIDTH: Final = 870
_MOST: Final = 14
"""So many neighbours are drawn on one side."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another class, and the relations between them."""

    name: str
    relations: tuple[str, ...]
    address: str | None


def draw(name: str, before: Sequence[Neighbour], after: Sequence[Neighbour], title: str) -> Markup:
    """The drawing as SVG, with a text for those who do not see it; empty where there are no neighbours."""
    left, right = before[:_MOST], after[:_MOST]
    rows = max(len(left), len(right))
    if not rows:
        return Markup()
    height = rows * _GAP + 16
    centre = height / 2
    parts = [_box(_MIDDLE, centre, name, None, "own")]
    for number, one in enumerate(left):
        y = _row(number, len(left), centre)
        parts.append(_line(_BOX[0] + 1, y, _MIDDLE - 1, centre, one.relations))
        parts.append(_box(0, y, one.name, one.address, "other"))
    for number, one in enumerate(right):
        y = _row(number, len(right), centre)
        parts.append(_line(_WIDTH - _BOX[0] - 1, y, _MIDDLE + _BOX[0] + 1, centre, one.relations))
        parts.append(_box(_WIDTH - _BOX[0], y, one.name, one.address, "other"))
    drawing = Markup('<svg class="diagram" viewBox="0 0 {} {}" role="img"><title>{}</title>{}</svg>')
    return drawing.format(_WIDTH, round(height), title, Markup("").join(parts))


def _row(number: int, count: int, centre: float) -> float:
    return centre + (number - (count - 1) / 2) * _GAP


def _box(x: float, y: float, name: str, address: str | None, kind: str) -> Markup:
    width, height = _BOX
    box = Markup(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="6"/>'
        '<text x="{}" y="{}" text-anchor="middle">{}</text>'
    ).format(kind, round(x), round(y - height / 2), width, height, round(x + width / 2), round(y + 5), _short(name, 24))
    return Markup('<a href="{}">{}</a>').format(address, box) if address else box


def _line(x1: float, y1: float, x2: float, y2: float, relations: Sequence[str]) -> Markup:
    """From a neighbour to the middle; what stands on it is nearer to the neighbour, where lines are apart."""
    x, y = x1 + (x2 - x1) * 0.42, y1 + (y2 - y1) * 0.2
    return Markup(
        '<line x1="{}" y1="{}" x2="{}" y2="{}"/><text class="relation" x="{}" y="{}" text-anchor="middle">{}</text>'
    ).format(round(x1), round(y1), round(x2), round(y2), round(x), round(y + 3), _short(", ".join(relations), 26))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
