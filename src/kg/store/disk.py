"""Files that are there for certain, and what the surroundings refuse told as something to do."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import StoreError

_SHARED = (
    "nfs|nfs3|nfs4|cifs|smb2|smb3|smbfs|ncpfs|afs|9p|ceph|lustre|beegfs|gfs|gfs2|ocfs2|glusterfs|davfs|"
    "fuse[.](?:sshfs|glusterfs|ceph|s3fs|rclone|davfs2|gcsfuse|goofys|juicefs|smbnetfs)"
)
NETWORK = re.compile(_SHARED)
MOUNTS = Path("/proc/self/mountinfo")

Inode = tuple[int, int]
"""Device and number: what two hard links of one file have in common."""


def sync(path: Path) -> None:
    """What was written to this file or directory is on the disk."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_tree(folder: Path) -> None:
    """The same for everything below a folder, and the folder."""
    for root, _, names in os.walk(folder):
        for name in names:
            sync(Path(root, name))
        sync(Path(root))


def write(path: Path, content: bytes, mode: int = 0o666) -> None:
    """The file holds this content or what it held before, whatever happens in between. `mode` is less the umask."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as file:  # noqa: PTH123
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync(path.parent)


def discard(folder: Path) -> None:
    """The folder and everything in it is gone; nothing happens when it already is."""
    shutil.rmtree(folder, ignore_errors=True)


def files(folder: Path) -> dict[Inode, int]:
    """Bytes of each file of a folder by inode, so that hard links are counted once."""
    sizes: dict[Inode, int] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            stat = entry.stat(follow_symlinks=False)
            sizes[stat.st_dev, stat.st_ino] = stat.st_size
    return sizes


def filesystem(path: Path, mounts: Path = MOUNTS) -> str | None:
    """The type of the file system that holds a path (proc_pid_mountinfo(5)); None where nobody says."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    best, kind = "", None
    target = path.resolve()
    for line in lines:
        before, _, after = line.partition(" - ")
        if len(before.split(" ")) < 5 or not after:
            continue
        point = before.split(" ")[4].encode().decode("unicode_escape")
        if target.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, after.split(" ")[0]
    return kind


def refuse_network(home: Path, mounts: Path = MOUNTS) -> None:
    """StoreError when the home lies on a network file system: locks and renames promise nothing there."""
    kind = filesystem(home, mounts)
    if kind is not None and NETWORK.fullmatch(kind):
        raise StoreError(
            f"{home} is on a network file system ({kind}), where a lock does not keep a second writer out; "
            "choose a folder on a local disk with KG_HOME",
            f"{home} е на мрежова файлова система ({kind}), където заключването не спира втори записващ; "
            "посочете папка на локален диск чрез KG_HOME",
        )


def trouble(cause: BaseException, path: Path) -> StoreError:
    """What to tell a person about an error of the disk or of the engine."""
    number = getattr(cause, "errno", None)
    text = str(cause)
    if number in {errno.ENOSPC, errno.EDQUOT} or "No space left" in text or "quota exceeded" in text:
        return StoreError(
            f"no space left for {path}; free some, or lower KG_KEEP_BYTES. The current release is unchanged",
            f"няма място на диска за {path}; освободете място или намалете KG_KEEP_BYTES. "
            "Текущото издание не е променено",
        )
    if number in {errno.EACCES, errno.EPERM, errno.EROFS} or "Permission denied" in text:
        return StoreError(
            f"no permission to use {path}; make the user who runs kg the owner of the folder",
            f"няма права за {path}; направете потребителя, с който работи kg, собственик на папката",
        )
    if isinstance(cause, FileNotFoundError):
        return StoreError(
            f"a file or folder is missing in {path}; bring the home back from a backup with `kg restore`",
            f"липсва файл или папка в {path}; възстановете данните от резервно копие с `kg restore`",
        )
    return StoreError(
        f"{path} cannot be read or written ({text.splitlines()[0] if text else type(cause).__name__}); "
        "check the disk, and bring the home back from a backup with `kg restore`",
        f"{path} не може да се прочете или запише ({text.splitlines()[0] if text else type(cause).__name__}); "
        "проверете диска и възстановете данните от резервно копие с `kg restore`",
    )


@contextmanager
def surroundings(path: Path) -> Iterator[None]:
    """Errors of the disk and of the engine leave as StoreError."""
    try:
        yield
    except (OSError, RuntimeError) as cause:  # the engine reports corruption as RuntimeError
        raise trouble(cause, path) from cause
