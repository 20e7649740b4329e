"""Earlier published files, beside the warehouse: kept by a night, gone back to by a person.

A kept file is a second name of a file that was published (a hard link, where the file system has them): it costs its
space only once nothing else needs it. It lies in a folder of its own under its own basename, which views of 1.5 clients
carry, and the folder bears the run's name: ``learning_loop.duckdb.earlier/20260216T020000Z/learning_loop.duckdb``.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from learning_loop import atomic


def folder(warehouse: Path) -> Path:
    """Return the folder that holds the earlier files of a warehouse."""
    return warehouse.with_name(f"{warehouse.name}.earlier")


def file_of(warehouse: Path, run: str) -> Path:
    """Return where the published file of run ``run`` (an ISO 8601 instant) is kept, whether or not it is there."""
    return folder(warehouse) / run.replace("-", "").replace(":", "") / warehouse.name


def kept(warehouse: Path) -> dict[datetime, Path]:
    """Return the kept files by the instant of their run, the earliest first."""
    found = {}
    for path in folder(warehouse).glob(f"*/{warehouse.name}") if folder(warehouse).is_dir() else ():
        try:
            found[datetime.fromisoformat(path.parent.name).astimezone(UTC)] = path
        except ValueError:
            continue  # a folder of somebody else
    return dict(sorted(found.items()))


def keep(warehouse: Path, run: str) -> Path:
    """Keep the published file under the name of its run, in the place of an older one of that name."""
    target = file_of(warehouse, run)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not (target.exists() and target.samefile(warehouse)):
        unfinished = target.with_name(f".{target.name}")
        second_name(warehouse, unfinished)
        atomic.replace(unfinished, target)
    return target


def forget_all_but(warehouse: Path, count: int) -> None:
    """Remove the kept files but the ``count`` latest; a second name of the published file itself is none of them."""
    earlier_ones = [path for path in kept(warehouse).values() if not path.samefile(warehouse)]
    for path in earlier_ones[: max(len(earlier_ones) - count, 0)]:
        shutil.rmtree(path.parent)


def second_name(existing: Path, name: Path) -> None:
    """Give a file a second name; where that cannot be, copy it."""
    name.unlink(missing_ok=True)
    try:
        os.link(existing, name)
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(existing, name)
        shutil.copymode(existing, name)
        atomic.sync(name)
