"""Curated queries are answered before anybody asks: once for each release, one at a time, after everybody else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from kg.errors import KgError
from kg.formats import JSON
from kg.publish.resource import LANGUAGES
from kg.web.answers import Answers
from kg.web.asked import Asked, Client
from kg.web.coding import IDENTITY, Accepted
from kg.web.conditional import Condition
from kg.web.releases import Held

_PLAIN = Accepted(IDENTITY, IDENTITY)
_PAUSE = 1.0  # seconds in which those go first who asked
_LONGEST = 3.0  # seconds for one: the machine is there for those who ask
_log = logging.getLogger("kg.web")


class Warming:
    """Fills the cache of `answers` whenever it opens another release."""

    def __init__(self, answers: Answers, texts: Sequence[str], path: str) -> None:
        """`texts` are asked as programs and the page send them, at the endpoint with this path below the base."""
        self._answers = answers
        self._asked = [_ways(text, answers.store.base + path) for text in texts]
        self._task: asyncio.Task[None] | None = None
        if texts:
            answers.releases.opened = self._opened

    async def close(self) -> None:
        """Nothing is asked any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _opened(self, held: Held) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.get_running_loop().create_task(self._warm(held))

    async def _warm(self, held: Held) -> None:
        await asyncio.sleep(_PAUSE)
        for ways in self._asked:
            for asked, client in ways:
                try:
                    await self._answers.prepare(asked, held, client, timeout=_LONGEST)
                except KgError as error:
                    _log.info("not answered beforehand: %s: %s", error, asked.text.partition("\n")[0])
                    break  # in the other ways it would fare no better


def _ways(text: str, endpoint: str) -> list[tuple[Asked, Client]]:
    """A program's request for JSON, and a browser's for the page, in which a form ends lines with two characters."""
    program = Client(JSON.media_type, _PLAIN, Condition(None, None), None)
    browser = Client("", _PLAIN, Condition(None, None), None)
    lines = text.replace("\r\n", "\n").replace("\n", "\r\n")
    pages = [Asked(lines, endpoint, formats=("html",), page=True, language=one) for one in LANGUAGES]
    return [(Asked(text, endpoint, page=True), program), *((page, browser) for page in pages)]
