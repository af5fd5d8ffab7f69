"""A home per test, a clock that the test moves, and stores opened on both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kg.store.embedded import EmbeddedStore

BASE = "http://localhost:8000"
Open = Callable[..., EmbeddedStore]


class Clock:
    """The time, as the test sets it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_days(self, days: float) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def open_store(home: Path, clock: Clock, tmp_path: Path) -> Open:
    """Opens the home of the test; keywords are those of EmbeddedStore.open."""
    local = tmp_path / "mountinfo"
    local.write_text("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n")

    def make(**options: object) -> EmbeddedStore:
        return EmbeddedStore.open(home, **({"clock": clock, "mounts": local, "lock_timeout": 0.2} | options))  # type: ignore[arg-type]

    return make


@pytest.fixture
def store(open_store: Open) -> EmbeddedStore:
    return open_store()
