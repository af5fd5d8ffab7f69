"""Directories that are being read."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from pyoxigraph import Literal, NamedNode, Quad

from kg.store.pin import Sealed, retire


def build(path: Path, *, batches: int) -> int:
    """A directory of several files per batch; returns the number of its quads."""
    engine = ox.Store(str(path))
    for batch in range(batches):
        graph, predicate = NamedNode(f"http://e/g{batch}"), NamedNode(f"http://e/p{batch}")
        engine.bulk_extend(
            Quad(NamedNode(f"http://e/s{n * 7919 % 1009}"), predicate, Literal(f"{batch}-{n}"), graph)
            for n in range(200)
        )
    engine.flush()
    return batches * 200


def engine(sealed: Sealed) -> ox.Store:
    assert sealed.engine is not None
    return sealed.engine


def test_a_small_directory_may_be_deleted_under_an_open_reader(tmp_path: Path) -> None:
    size = build(tmp_path / "1", batches=1)
    sealed = Sealed(tmp_path / "1")
    assert sealed.size == sum(len(file.read_bytes()) for file in (tmp_path / "1").iterdir())
    shutil.rmtree(tmp_path / "1")
    assert len(list(engine(sealed))) == size


def test_a_directory_of_many_files_may_not(tmp_path: Path) -> None:
    """The trap that the pin is for: the engine opens sixteen files at once and the rest when it needs them."""
    build(tmp_path / "1", batches=12)
    assert len(list((tmp_path / "1").glob("*.sst"))) > 16
    sealed = Sealed(tmp_path / "1")
    shutil.rmtree(tmp_path / "1")
    with pytest.raises(FileNotFoundError):
        list(engine(sealed))


def test_a_directory_in_use_is_not_retired(tmp_path: Path) -> None:
    size = build(tmp_path / "1", batches=1)
    sealed = Sealed(tmp_path / "1")
    assert not retire(tmp_path / "1", tmp_path / "gone")
    assert len(list(engine(sealed))) == size
    sealed.close()
    assert retire(tmp_path / "1", tmp_path / "gone")
    assert not (tmp_path / "1").exists()


def test_a_reader_that_is_forgotten_lets_go(tmp_path: Path) -> None:
    build(tmp_path / "1", batches=1)
    sealed = Sealed(tmp_path / "1")
    del sealed
    assert retire(tmp_path / "1", tmp_path / "gone")


def test_a_reader_in_another_process_counts_and_its_death_too(tmp_path: Path) -> None:
    build(tmp_path / "1", batches=1)
    code = (
        "import sys, pathlib, kg.store.pin as pin; s = pin.Sealed(pathlib.Path(sys.argv[1])); "
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "1")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"open\n"
        assert not retire(tmp_path / "1", tmp_path / "gone")
        reader.kill()
        reader.wait()
    assert retire(tmp_path / "1", tmp_path / "gone")


def test_a_missing_directory_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Sealed(tmp_path / "1")
