"""What a child process gives up before it answers anybody."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
from pathlib import Path
from typing import Final

STACK: Final = 64 * 2**20  # the parser recurses; this holds what the lexer lets through several times over
_NEW_NETWORK: Final = 0x40000000  # CLONE_NEWNET, sched.h
_NEW_USER: Final = 0x10000000  # CLONE_NEWUSER, which lets an unprivileged process have a network of its own
_PARENT_DEATH_SIGNAL: Final = 1  # PR_SET_PDEATHSIG, prctl.h
_C: Final = ctypes.CDLL(None, use_errno=True)


def leave_network() -> None:
    """A second lock behind the lexer's refusal of SERVICE: a network without addresses, where the kernel allows it."""
    if _C.unshare(_NEW_NETWORK) != 0:
        _C.unshare(_NEW_USER | _NEW_NETWORK)


def deepen_stack() -> None:
    """The main thread's stack may grow to STACK; the kernel keeps at least twice as much room below it."""
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    soft = STACK if hard == resource.RLIM_INFINITY else min(STACK, hard)
    resource.setrlimit(resource.RLIMIT_STACK, (soft, hard))


def end_with_parent(parent: int) -> None:
    """SIGKILL when the parent ends, even if it has ended already."""
    _C.prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def confine(memory: int, niceness: int) -> None:
    """Polite, without core dumps, the first to go when memory is short, and no larger than `memory` bytes from now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + STACK + memory
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if niceness:
        os.nice(niceness)
