"""What the surroundings allow, and how their errors are told."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from kg.errors import StoreError
from kg.store.disk import files, filesystem, refuse_network, surroundings, write

MOUNTS = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:44 / /srv rw,relatime shared:7 - {kind} server:/export rw
31 22 8:2 / /srv/local\\040disk rw,relatime - xfs /dev/sdb1 rw
broken line
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    return tmp_path / "mountinfo"


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "ceph"])
def test_a_home_on_a_network_file_system_is_refused_in_both_languages(mounts: Path, kind: str) -> None:
    mounts.write_text(MOUNTS.format(kind=kind))
    with pytest.raises(StoreError) as refusal:
        refuse_network(Path("/srv/kg"), mounts)
    assert kind in refusal.value.messages["en"]
    assert "мрежова файлова система" in refusal.value.messages["bg"]


def test_the_longest_mount_point_decides(mounts: Path) -> None:
    mounts.write_text(MOUNTS.format(kind="nfs4"))
    assert filesystem(Path("/srv/kg"), mounts) == "nfs4"
    assert filesystem(Path("/srv/local disk/kg"), mounts) == "xfs"
    assert filesystem(Path("/srvother"), mounts) == "ext4"
    refuse_network(Path("/srv/local disk/kg"), mounts)


def test_where_nobody_tells_the_file_system_nothing_is_refused(tmp_path: Path) -> None:
    assert filesystem(tmp_path, tmp_path / "nowhere") is None
    refuse_network(tmp_path, tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("cause", "word"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "KG_KEEP_BYTES"),
        (OSError("IO error: No space left on device: While appending to file: 000012.sst"), "KG_KEEP_BYTES"),
        (PermissionError(errno.EACCES, "Permission denied"), "permission"),
        (FileNotFoundError("IO error: CURRENT"), "kg restore"),
        (RuntimeError("Corruption: block checksum mismatch"), "kg restore"),
    ],
)
def test_an_error_of_the_disk_says_what_to_do(cause: Exception, word: str) -> None:
    with pytest.raises(StoreError, match=word) as refusal, surroundings(Path("home")):
        raise cause
    assert refusal.value.__cause__ is cause
    assert refusal.value.messages["bg"] != refusal.value.messages["en"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "current"
    write(path, b"1\n")
    write(path, b"2\n")
    assert path.read_bytes() == b"2\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["current"]


def test_hard_links_have_one_inode(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    (first / "x").write_bytes(b"12345")
    os.link(first / "x", second / "y")
    assert files(first) == files(second)
    assert list(files(first).values()) == [5]
