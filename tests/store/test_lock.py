"""One writer at a time, and the others are told who it is."""

from __future__ import annotations

import json
import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kg.errors import BusyError
from kg.store.lock import Holder, held

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def test_a_second_writer_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "write.lock"
    with held(path, agent="Мария", now=NOW, timeout=0), pytest.raises(BusyError) as refusal:  # noqa: SIM117
        with held(path, agent="Иван", now=NOW, timeout=0.05):
            pass
    for language in ("bg", "en"):
        assert "Мария" in refusal.value.messages[language]
        assert str(os.getpid()) in refusal.value.messages[language]
        assert "2026-11-02T09:00:00" in refusal.value.messages[language]


def test_the_lock_file_names_process_start_agent_and_host(tmp_path: Path) -> None:
    path = tmp_path / "write.lock"
    with held(path, agent="kg load", now=NOW, timeout=0):
        told = json.loads(path.read_text())
        assert told.keys() == {"pid", "agent", "host", "since"}
        assert told["pid"] == os.getpid()
    assert path.read_bytes() == b""


def test_a_writer_waits_for_its_turn(tmp_path: Path) -> None:
    path = tmp_path / "write.lock"
    inside = threading.Event()

    def first() -> None:
        with held(path, agent="first", now=NOW, timeout=0):
            inside.set()
            time.sleep(0.1)

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait()
    with held(path, agent="second", now=NOW, timeout=5):
        assert Holder.read(path) == Holder.here("second", NOW)
    thread.join()


def test_a_lock_file_that_tells_nothing_still_locks(tmp_path: Path) -> None:
    path = tmp_path / "write.lock"
    with held(path, agent="first", now=NOW, timeout=0):
        path.write_text("{")
        with pytest.raises(BusyError, match="another writer"), held(path, agent="x", now=NOW, timeout=0):
            pass


def test_an_error_inside_lets_go_of_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "write.lock"
    with pytest.raises(ZeroDivisionError), held(path, agent="first", now=NOW, timeout=0):
        raise ZeroDivisionError
    with held(path, agent="second", now=NOW, timeout=0):
        pass
