"""What a process gives up before it does what strangers ask: the network, and memory without an end."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from pathlib import Path
from typing import Final

ENVIRONMENT: Final = {
    "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
    "LC_ALL": "C.UTF-8",
    "MALLOC_ARENA_MAX": "1",  # each further one takes 64 MiB of address space
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=250",  # the parser makes and drops many small things: an eighth faster
}
"""The environment of a process that does what strangers ask: nothing of ours, so no tokens."""

_NEW_NETWORK: Final = 0x40000000  # CLONE_NEWNET, sched.h
_NEW_USER: Final = 0x10000000  # CLONE_NEWUSER, which lets an unprivileged process have a network of its own
_PARENT_DEATH_SIGNAL: Final = 1  # PR_SET_PDEATHSIG, prctl.h
_MMAP_THRESHOLD: Final = -3  # M_MMAP_THRESHOLD, malloc.h
_LARGE: Final = 128 * 2**10  # bytes
_C: Final = ctypes.CDLL(None, use_errno=True)


def leave_network() -> None:
    """A second lock behind the refusal of SERVICE and LOAD: a network without addresses from now on.

    Says so where the kernel does not allow it. To be called before there are threads.
    """
    if _C.unshare(_NEW_NETWORK) != 0 and _C.unshare(_NEW_USER | _NEW_NETWORK) != 0:
        sys.stderr.write(
            "the kernel gives processes no network of their own; only the reading of queries keeps SERVICE from the "
            "network · ядрото не позволява отделна мрежа; само прочитът на заявките пази от SERVICE\n"
        )


def end_with_parent(parent: int, number: int) -> None:
    """This process gets the signal when its parent ends, however it ends; at once when another has taken its place."""
    _C.prctl(_PARENT_DEATH_SIGNAL, number)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def limit_memory(room: int) -> None:
    """The address space grows by no more than so many bytes from now; a narrower limit that is there already stays.

    A process that dies of it leaves no core behind.
    """
    limit = _size(0) + room
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)  # to raise it is not allowed
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def give_back() -> None:
    """Memory of large objects goes back to the system when they go, and not to a pool for others of their size.

    By default the C library learns from each one freed to keep the next (mallopt(3), M_MMAP_THRESHOLD).
    """
    _C.mallopt(_MMAP_THRESHOLD, _LARGE)


def trim() -> None:
    """What the C library keeps of freed memory goes back to the system."""
    _C.malloc_trim(0)


def resident() -> int:
    """Bytes of memory in use."""
    return _size(1)


def _size(field: int) -> int:
    """Bytes, from proc(5) statm: 0 is the address space, 1 what is resident."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[field]) * resource.getpagesize()
