"""Outlines of texts that differ in constants only, made once: programs ask the same with other numbers and names."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Final

from kg.lexer import Outline, outline

_LONGEST: Final = 4096  # characters of a text that is worth it; no IRI in it is too long
_REMEMBERED: Final = 512
# IRIs, texts in quotes, comments and numbers, told apart from left to right as the terminals are. A number that may be
# part of a name stays. The groups tell what stood there, and the first set lets the search skip all else.
_CONSTANT: Final = re.compile(
    r"""[<"'#0-9](?:
      (?<=<)[^\x00-\x20<>"{}|^`\\]*+(>) | (?<=")[^"\\\r\n]*+(") | (?<=')[^'\\\r\n]*+(')
    | (?<=\#)()[^\r\n]*+ | (?<=[0-9])(?<![A-Za-z0-9_\u0080-\U0010FFFF?$:.%@\-].)[0-9]*+ )""",
    re.VERBOSE,
)


class Outlines:
    """Looks at queries."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str | None, ...], Outline] = OrderedDict()

    def __call__(self, text: str) -> Outline:
        """The same as `kg.lexer.outline` of the query, with its errors."""
        if len(text) > _LONGEST or "\\" in text or "<<" in text or '"""' in text or "'''" in text:
            return outline(text)  # with these it would not tell them apart as the terminals do
        bare = tuple(_CONSTANT.split(text))
        known = self._known.get(bare)
        if known is not None:
            self._known.move_to_end(bare)
            return known.of(text)
        seen = outline(text)
        if seen.text == text and not (seen.default or seen.named or seen.services):
            self._known[bare] = seen
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return seen
