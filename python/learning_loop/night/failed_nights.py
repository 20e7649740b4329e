"""Nights that published nothing: a line each in failed_nights.jsonl beside the published file.

Several warehouses may lie in one folder: a line names its own, and one of before that names none is everybody's. The
file lies where anybody may write, so whoever reads it passes over what is no such line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from learning_loop.errors import without_values

ABOUT_A_LINE = 1 << 16  # bytes; what a night writes is far shorter
INSTANTS = ("as_of", "started_at", "finished_at")
FIELDS = ("run_id", "status", *INSTANTS, "code_version", "error")


def file_beside(warehouse: Path) -> Path:
    """Return where the failed nights of a warehouse are remembered."""
    return warehouse.with_name("failed_nights.jsonl")


def append(warehouse: Path, described: dict[str, Any]) -> None:
    """Add a line on a night of this warehouse; who may read the published file may read it.

    Raises:
        OSError: it cannot be written.
    """
    line = described | {"finished_at": datetime.now(UTC).isoformat(), "warehouse": warehouse.name}
    file = file_beside(warehouse)
    is_new = not file.exists()
    with file.open("ab+") as out:
        if is_new and warehouse.exists():
            os.fchmod(out.fileno(), warehouse.stat().st_mode & 0o666)
        if out.tell() and not _ends_with_newline(out):  # whoever wrote the last line died while writing it
            out.write(b"\n")
        out.write(json.dumps(line).encode() + b"\n")


def read(warehouse: Path) -> list[dict[str, str | None]]:
    """Return the failed nights of a warehouse, in the file's order; nothing where it cannot be read."""
    found = []
    with suppress(OSError), file_beside(warehouse).open("rb") as file:
        for line in _short_lines(file):
            with suppress(ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
                row = json.loads(line.decode("utf-8-sig", errors="replace"))
                if row.get("warehouse") not in (None, warehouse.name):
                    continue
                night = {key: None if row.get(key) is None else str(row[key]) for key in FIELDS}
                if night["run_id"] and _is_instant(night["started_at"]):
                    night |= {key: night[key] if _is_instant(night[key]) else None for key in INSTANTS}
                    found.append(night | {"error": without_values(night["error"] or "")})
    return found


def _short_lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(ABOUT_A_LINE):
        if line.endswith(b"\n") or len(line) < ABOUT_A_LINE:
            yield line
            continue
        while (rest := file.readline(ABOUT_A_LINE)) and not rest.endswith(b"\n"):
            pass


def _is_instant(text: str | None) -> bool:
    try:
        datetime.fromisoformat(text or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return True


def _ends_with_newline(file: BinaryIO) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
