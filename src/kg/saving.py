"""Files that commands leave: whole, or as they were."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from kg.errors import ParameterError


def save(path: Path, content: bytes) -> None:
    """Puts the content at the path in one step. Raises ParameterError where that cannot be done."""
    try:
        if path.exists() and not path.is_file():  # a pipe, or a device
            path.write_bytes(content)
            return
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            part.chmod(0o666 & ~_umask())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ParameterError(
            f"{path} cannot be written: {error.strerror}", f"{path} не може да се запише: {error.strerror}"
        ) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
