"""Which queries are known to take long, by their shape."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

_KNOWN: Final = 256
_PATIENCE: Final = 3  # quick runs until a shape counts as quick again; three times as many after each relapse


class Shapes:
    """The shapes that took long lately; one that turns out quick several times in a row is forgotten."""

    def __init__(self) -> None:
        self.version = 0  # changes with `heavy`
        self._runs: OrderedDict[str, int] = OrderedDict()  # quick runs still wanted
        self._relapses: OrderedDict[str, int] = OrderedDict()

    @property
    def heavy(self) -> list[str]:
        return list(self._runs)

    def slow(self, shape: str) -> None:
        """It took long."""
        if shape not in self._runs:
            relapses = self._relapses[shape] = self._relapses.pop(shape, -1) + 1
            while len(self._relapses) > 4 * _KNOWN:
                self._relapses.popitem(last=False)
            while len(self._runs) >= _KNOWN:
                self._runs.popitem(last=False)
            self.version += 1
            self._runs[shape] = _PATIENCE ** (1 + min(relapses, 6))
        else:
            self._runs[shape] = max(self._runs[shape], _PATIENCE)
            self._runs.move_to_end(shape)

    def quick(self, shape: str) -> None:
        """It was done in a moment."""
        left = self._runs.get(shape)
        if left is None:
            return
        if left > 1:
            self._runs[shape] = left - 1
        else:
            del self._runs[shape]
            self.version += 1
