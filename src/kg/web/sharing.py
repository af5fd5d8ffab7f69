"""Who asks the same at the same time waits for one evaluation."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from enum import Enum, auto
from types import TracebackType

from kg.answering.job import Job, group
from kg.errors import BusyError, CancelledError, KgError, StoreError
from kg.web.conditional import fingerprint

_REMEMBERED = 1024
_PASSING = (BusyError, CancelledError, StoreError)  # another try may fare better


class Outcome(Enum):
    """What those who waited may do now."""

    KEPT = auto()  # take the answer from the cache
    ALONE = auto()  # evaluate for themselves
    ABANDONED = auto()  # wait for the next who evaluates, or be the one


class Sharing:
    """Evaluations under way, by what is asked."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, Turn] = {}
        self._alone: OrderedDict[str, None] = OrderedDict()  # what turned out not to be shareable

    def under_way(self, meaning: Hashable, client: str = "") -> asyncio.Future[Outcome] | None:
        """To wait for, shielded; it raises the error that everybody gets who asks this.

        None when a client does better alone: the first one's question waits for its turn behind others of its own.
        """
        turn = self._under_way.get(meaning)
        if turn is None or fingerprint(meaning) in self._alone:
            return None
        job = turn.job
        if job is not None and job.worker is None and not job.future.done() and job.group != group(client):
            return None
        return turn.outcome()

    def busy(self, meaning: Hashable) -> bool:
        """Whether somebody evaluates this, and others may wait for it."""
        return meaning in self._under_way

    def turn(self, meaning: Hashable) -> Turn:
        """A block that evaluates; others wait for it, unless somebody was first."""
        turn = Turn(self, meaning)
        self._under_way.setdefault(meaning, turn)
        return turn

    def over(self, turn: Turn, *, alone: bool) -> None:
        """Nobody needs to wait for it any longer; `alone`: from now on everybody evaluates this for themselves."""
        if self._under_way.get(turn.meaning) is turn:
            del self._under_way[turn.meaning]
        if alone:
            self._alone[fingerprint(turn.meaning)] = None
            while len(self._alone) > _REMEMBERED:
                self._alone.popitem(last=False)


class Turn:
    """One evaluation that others may wait for."""

    __slots__ = ("_others", "_over", "_sharing", "job", "meaning")

    def __init__(self, sharing: Sharing, meaning: Hashable) -> None:
        self.meaning = meaning
        self.job: Job | None = None  # once it has been handed in
        self._sharing = sharing
        self._over = False
        self._others: asyncio.Future[Outcome] | None = None

    def outcome(self) -> asyncio.Future[Outcome]:
        """What the others wait for."""
        if self._others is None:
            self._others = asyncio.get_running_loop().create_future()
        return self._others

    def done(self, *, kept: bool) -> None:
        """The answer is there, and kept or not."""
        self._end(Outcome.KEPT if kept else Outcome.ALONE, alone=not kept)

    def abandon(self) -> None:
        """There will be no answer."""
        self._end(Outcome.ABANDONED)

    def __enter__(self) -> Turn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, KgError):
            self._end(Outcome.ALONE if isinstance(error, _PASSING) else error)
        else:
            self.abandon()

    def _end(self, outcome: Outcome | KgError, *, alone: bool = False) -> None:
        if self._over:
            return
        self._over = True
        self._sharing.over(self, alone=alone)
        others = self._others
        if others is None or others.done():
            return
        if isinstance(outcome, Outcome):
            others.set_result(outcome)
        else:
            others.set_exception(outcome)
            others.exception()  # they may all have gone
