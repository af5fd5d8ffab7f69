"""Processes that evaluate what strangers wrote have no network."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

_NEW_NETWORK: Final = 0x40000000  # CLONE_NEWNET, sched.h
_NEW_USER: Final = 0x10000000  # CLONE_NEWUSER, which lets an unprivileged process have a network of its own
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
