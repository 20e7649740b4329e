"""Files that are there whole or not at all: written under a hidden name, made to last, then renamed.

Whoever reads sees the old file or the new one; a crash at any moment leaves one of the two. The folder is made to last
as well, since a rename is an entry of the folder, which a power cut would otherwise take back.
"""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path


def write(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write a file as a whole; one that lies there is replaced, and where that is a link, the link itself.

    Args:
        path: its name.
        content: all of it.
        mode: who may read it; None leaves that to the umask.

    Raises:
        OSError: the folder cannot be written; what lay at ``path`` is as it was.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name.lstrip('.')}.", suffix=".part")
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            # mkstemp's own mode shuts out every other reader
            os.fchmod(handle, 0o666 & ~_umask() if mode is None else mode)
        replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def replace(unfinished: Path, path: Path) -> None:
    """Give a finished file its name, in the place of what lies there: its content lasts before its name does."""
    sync(unfinished)
    unfinished.replace(path)
    try:
        sync(path.parent)
    except OSError as error:  # a folder that takes files and lists none, or a file system that syncs no folders
        if error.errno not in (errno.EACCES, errno.EINVAL, errno.ENOTSUP):
            raise


def sync(path: Path) -> None:
    """Make a file's content, or a folder's entries, outlast a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask
