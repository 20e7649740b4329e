"""Private copies of landing files: a line a row, in its place, in the one form that the night loads.

A copy is Parquet: smaller than the file, read by several threads, and its reader numbers the rows of each file.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

GROUP_BYTES = 16 << 20  # of lines that are compressed, and later read, as one
SCHEMA = pa.schema([("source_file", pa.dictionary(pa.int32(), pa.string())), ("line", pa.string())])


class NoRoom(Exception):
    """A file unpacks to more than there is room for."""


class Room:
    """How many bytes the copies of one night may take together, and any one file unpacked."""

    def __init__(self, limit: int) -> None:
        """Give this many bytes."""
        self.limit = limit
        self._left = limit
        self._lock = threading.Lock()

    @classmethod
    def beside(cls, folder: Path) -> Room:
        """Return half the room that the disk of `folder` has, but no more than LEARNING_LOOP_TEMP_LIMIT."""
        there = next(path for path in (folder, *folder.parents) if path.is_dir())
        said = os.environ.get("LEARNING_LOOP_TEMP_LIMIT") or "50GB"
        found = re.fullmatch(r"\s*([\d.]+)\s*([KMGT]?)(i?)B?\s*", said, re.IGNORECASE)
        allowed = (
            float(found[1]) * (1024 if found[3] else 1000) ** "_kmgt".index(found[2].lower() or "_") if found else 5e10
        )
        return cls(int(min(shutil.disk_usage(there).free / 2, allowed)))

    def take(self, size: int) -> None:
        """Use up `size` bytes.

        Raises:
            NoRoom: they are not there.
        """
        with self._lock:
            self._left -= size
            if self._left < 0:
                raise NoRoom


def write(copy: Path, source_file: str, room: Room, lines: Iterable[pa.Array]) -> int:
    """Write lines to a copy, and return how many there are; of a file without any there is no copy.

    What a landing file says of persons, nobody but the night's user reads here.

    Args:
        copy: where; its folder is made.
        source_file: the file as the ledger calls it, which stands beside each line.
        room: what copies may take.
        lines: arrays of texts.

    Raises:
        NoRoom: the copy would take more.
    """
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(copy, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    count = taken = 0
    with os.fdopen(handle, "wb") as out, _writer(out) as writer:
        for group in _groups(lines):
            places = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(group), np.int32)), [source_file])
            writer.write_table(pa.table([places, group], schema=SCHEMA))
            count += len(group)
            room.take(out.tell() - taken)
            taken = out.tell()
    if not count:
        copy.unlink()
    return count


def lines(copy: Path) -> Iterator[str]:
    """Yield the lines of a copy."""
    with pq.ParquetFile(copy) as file:
        for batch in file.iter_batches(columns=["line"]):
            yield from batch.column(0).to_pylist()


def as_texts(rows: Iterable[str | bytes]) -> Iterator[pa.Array]:
    """Yield rows as arrays of texts; of a text that is no Unicode the rest."""
    batch: list[bytes] = []
    size = 0
    for row in rows:
        line = row if isinstance(row, bytes) else row.encode(errors="replace")
        batch.append(line)
        size += len(line) + 1
        if size > 1 << 20:
            yield pa.array(batch, pa.binary()).view(pa.string())
            batch, size = [], 0
    if batch:
        yield pa.array(batch, pa.binary()).view(pa.string())


def _writer(out: Any) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        out, SCHEMA, compression="lz4", use_dictionary=["source_file"], write_statistics=False, store_schema=False
    )


def _groups(lines: Iterable[pa.Array]) -> Iterator[pa.ChunkedArray]:
    group: list[pa.Array] = []
    size = 0
    for array in lines:
        group.append(array)
        size += array.nbytes
        if size > GROUP_BYTES:
            yield pa.chunked_array(group, pa.string())
            group, size = [], 0
    if size:
        yield pa.chunked_array(group, pa.string())
