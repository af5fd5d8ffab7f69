"""What a process says of its own memory."""

from __future__ import annotations

import gc
import os

from kg.answering.process import Growth
from kg.isolation import trim

MIB = 2**20


def full(size: int) -> bytearray:
    return bytearray(b"x") * size


def test_memory_that_is_held_counts_and_what_was_given_back_does_not() -> None:
    gc.collect()
    trim()  # else what others have left behind is given back here, and less is held than before
    growth = Growth()
    held = full(100 * MIB)
    assert growth.over(64 * MIB)
    assert not growth.over(200 * MIB)
    del held
    assert not growth.over(64 * MIB)


def test_a_forked_child_has_not_grown_by_what_its_parent_has() -> None:
    shared = full(100 * MIB)
    child = os.fork()
    if child == 0:
        os._exit(Growth().over(MIB * 16))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(shared) == 100 * MIB
