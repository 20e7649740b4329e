"""A second file of the same content: a clone where the file system can make one, else a copy.

A clone (btrfs, XFS, ZFS, bcachefs and others) shares the blocks of the first until one of the two changes them: it
takes no time and no space, however large the file is. Only a night's own changes are then written.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from pathlib import Path

FICLONE = 0x40049409  # Linux: _IOW(0x94, 9, int)
# What a file system says that cannot do it, or not between these two, or not for a file of this kind.
CANNOT = {errno.EOPNOTSUPP, errno.ENOTTY, errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EPERM, errno.ETXTBSY}


def duplicate(source: Path, target: Path) -> bool:
    """Make ``target`` a file of the content of ``source``, in the place of what lies there.

    Returns:
        Whether it is a clone.

    Raises:
        OSError: it can be neither cloned nor copied.
    """
    with source.open("rb") as old:  # until the end: a process that closes a file loses its locks on it
        with target.open("wb") as new:
            if _clone(old.fileno(), new.fileno()):
                return True
        shutil.copyfile(source, target)
    return False


def can_clone(folder: Path) -> bool | None:
    """Say whether files of a folder can be cloned, by two that never have a name; None where nobody may write."""
    unnamed = getattr(os, "O_TMPFILE", None)
    if unnamed is None:
        return False
    try:
        first = os.open(folder, os.O_RDWR | unnamed, 0o600)
    except OSError as error:
        return False if error.errno in (errno.EOPNOTSUPP, errno.EISDIR) else None
    try:
        second = os.open(folder, os.O_RDWR | unnamed, 0o600)
        try:
            return _clone(first, second)
        finally:
            os.close(second)
    except OSError:
        return None
    finally:
        os.close(first)


def _clone(source: int, target: int) -> bool:
    try:
        fcntl.ioctl(target, FICLONE, source)
    except OSError as error:
        if error.errno in CANNOT:
            return False
        raise
    return True
