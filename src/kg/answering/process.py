"""What a child process gives up before it answers anybody."""

from __future__ import annotations

import contextlib
import os
import resource
from pathlib import Path
from typing import Final

from kg.isolation import limit_memory, resident, trim

STACK: Final = 64 * 2**20  # the parser recurses; this holds what the lexer lets through several times over

_STEP: Final = 8 * 2**20


def deepen_stack() -> None:
    """The main thread's stack may grow to STACK; the kernel keeps at least twice as much room below it."""
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    soft = STACK if hard == resource.RLIM_INFINITY else min(STACK, hard)
    resource.setrlimit(resource.RLIMIT_STACK, (soft, hard))


class Growth:
    """How much memory this process has taken since now."""

    def __init__(self) -> None:
        self._start = resident()
        self._enough = self._start + _STEP  # at which what lies about unused is given back

    def over(self, limit: int) -> bool:
        """Whether it holds so many bytes more. What it took and gave back does not count.

        Of a forked process the peak begins with what it shares at its birth, and not with its parent's peak.
        """
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # asked first: costs a tenth
        if peak <= min(self._enough, self._start + limit):
            return False
        size = resident()
        if size > self._enough:
            trim()
            size = resident()
            self._enough = size + _STEP
        return size - self._start > limit


def confine(memory: int, niceness: int) -> None:
    """Polite, without core dumps, the first to go when memory is short, and no larger than `memory` bytes from now."""
    limit_memory(STACK + memory)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if niceness:
        os.nice(niceness)
