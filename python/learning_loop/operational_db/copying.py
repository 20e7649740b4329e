"""Copy new and changed rows into the landing folder: resumable, with bounded memory, each batch a file.

What a copy knows lies in one small file in the landing folder. A batch's file is renamed into place first, and the
memory after it: a copy killed in between writes the same file once more, under the same name.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from learning_loop import atomic
from learning_loop.errors import AnotherNightRuns, WrongUse
from learning_loop.operational_db.config import SourceTable
from learning_loop.operational_db.postgres import Postgres, Shape, SourceLost

MEMORY = ".land_state.json"
LOCK = ".land.lock"


@dataclass
class Position:
    """How far a table was copied.

    A pass goes by (watermark, id) from ``start`` to the end of the table. While one runs, ``after`` is the position
    behind the last file, and ``settled_until`` the instant before which no row could come late when it began.
    ``reached`` is the greatest watermark seen. ``keys`` are the columns these are about: others begin anew.
    """

    keys: list[list[str]]
    files: int = 0
    start: str | None = None
    after: list[str] | None = None
    settled_until: str | None = None
    reached: str | None = None


@dataclass
class Copied:
    """What one pass over a table did."""

    feed: str
    table: str
    rows: int = 0
    files: int = 0
    copied_from: str | None = None
    copied_until: str | None = None
    is_absent: bool = False
    is_resumed: bool = False
    rows_without_watermark: int = 0
    sees_open_transactions: bool = True
    folder: str = ""


def copy(
    source: Postgres, tables: list[SourceTable], landing: Path, from_start: bool, tell: Callable[[Copied], None]
) -> list[Copied]:
    """Copy what is new or changed of some tables.

    Args:
        source: the database.
        tables: what to copy, from `config.load`.
        landing: the landing folder, made when absent.
        from_start: forget how far earlier copies came; every row is copied again.
        tell: is called after each file with what was done of its table so far.

    Returns:
        What was done, table by table.

    Raises:
        WrongUse: the landing folder cannot be written, or a table cannot be read.
        AnotherNightRuns: another copy writes to this folder.
        SourceLost: the database went away; what was copied stands, and the next run goes on behind it.
    """
    shapes = [(table, source.shape(table)) for table in tables]  # all that can be wrong is found before the first file
    with _exclusive(landing):
        memory = Memory(landing, source.place)
        done = []
        for table, shape in shapes:
            if shape is None:
                done.append(Copied(table.feed, table.name, is_absent=True))
            else:
                done.append(_pass(source, table, shape, landing, memory, from_start, tell))
        return done


class Memory:
    """How far each table of one database was copied, kept in the landing folder and replaced as a whole."""

    def __init__(self, landing: Path, place: str):
        """Read what earlier copies left.

        Raises:
            WrongUse: the file cannot be read.
        """
        self._file = landing / MEMORY
        self._place = place
        self._content: dict[str, Any] = {"version": 1, "sources": {}}
        if not self._file.exists():
            return
        try:
            self._content = json.loads(self._file.read_text("utf-8"))
            for position in self._positions().values():
                Position(**position)
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
            raise WrongUse(
                f"{self._file} is damaged. Restore it, or remove it to copy every row again (that harms nothing)."
            ) from error

    def position(self, table: SourceTable) -> Position | None:
        """Return how far a table was copied; None when it never was."""
        found = self._positions().get(f"{table.feed} <- {table.name}")
        return Position(**found) if found else None

    def keep(self, table: SourceTable, position: Position) -> None:
        """Write down how far a table was copied: after this returns, a crash does not forget it."""
        self._positions()[f"{table.feed} <- {table.name}"] = asdict(position)
        atomic.write(self._file, json.dumps(self._content, indent=1).encode())

    def _positions(self) -> dict[str, Any]:
        positions: dict[str, Any] = self._content["sources"].setdefault(self._place, {})
        return positions


def _pass(
    source: Postgres, table: SourceTable, shape: Shape, landing: Path, memory: Memory, from_start: bool,
    tell: Callable[[Copied], None],
) -> Copied:  # fmt: skip
    folder = landing / table.feed / _folder_name(source.place)
    position = _begin(source, table, folder, memory, from_start)
    settled_until, began_at, sees_all = source.settled_until()
    done = Copied(
        table.feed, table.name, copied_from=position.start, is_resumed=position.after is not None,
        sees_open_transactions=sees_all, rows_without_watermark=source.without_watermark(table, shape),
        folder=str(folder),
    )  # fmt: skip
    if position.settled_until is None:
        position.settled_until = settled_until
        memory.keep(table, position)  # before the first file: without it a killed first pass would look like a lost one
    while True:
        path = folder / f"{table.name}-{position.files + 1:08d}.parquet"
        rows, last = _write(source.batch(table, shape, position.start, position.after, table.batch_rows), shape, path)
        if last is not None:
            position.files += 1
            position.after = last
            position.reached = last[0]
            memory.keep(table, position)
            done.rows += rows
            done.files += 1
            tell(done)
        # A pass ends with the rows there were when it began, or it would never end behind a busy writer.
        if last is None or rows < table.batch_rows or source.is_after(last[0], began_at):
            break
    if position.reached is not None:
        position.start = source.earlier([position.reached, position.settled_until], table.overlap)
    position.after = position.settled_until = None
    memory.keep(table, position)
    done.copied_until = position.reached
    return done


def _begin(source: Postgres, table: SourceTable, folder: Path, memory: Memory, from_start: bool) -> Position:
    position = memory.position(table)
    keys = [list(table.watermark), list(table.id)]
    # No memory, or one of other columns: new numbers, since a file that stands must not be replaced by other rows.
    if position is None:
        position = Position(keys=keys, files=_greatest_number(folder, table.name))
    elif from_start or position.keys != keys:
        position = Position(keys=keys, files=position.files)
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f".{table.name}-*.part"):  # of a killed copy
        left.unlink()
    return position


def _write(batches: Iterator[pa.RecordBatch], shape: Shape, path: Path) -> tuple[int, list[str] | None]:
    """Write one file, hidden until it is whole, and return (rows, position of the last row); no rows, no file."""
    width = len(shape.select)
    unfinished = path.with_name(f".{path.name}.part")
    writer: pq.ParquetWriter | None = None
    rows, last = 0, None
    try:
        for batch in batches:
            if batch.num_rows == 0:
                continue
            content = batch.select(range(width)).replace_schema_metadata(None)
            try:
                content.validate(full=True)
            except pa.ArrowInvalid as error:
                raise SourceLost(f"{path.name}: a text of the database is no UTF-8 ({error}).") from error
            if writer is None:
                writer = pq.ParquetWriter(unfinished, content.schema, compression="zstd")
            writer.write_batch(content)
            rows += batch.num_rows
            last = [str(batch.column(number)[batch.num_rows - 1].as_py()) for number in range(width, batch.num_columns)]
        if writer is None:
            return 0, None
        writer.close()
        atomic.replace(unfinished, path)
        return rows, last
    except OSError as error:
        raise WrongUse(
            f"{path.parent} cannot be written: {error.strerror or error}. What was copied stands."
        ) from error
    finally:
        if writer is not None:
            writer.close()
        unfinished.unlink(missing_ok=True)


@contextlib.contextmanager
def _exclusive(landing: Path) -> Iterator[None]:
    try:
        landing.mkdir(parents=True, exist_ok=True)
        handle = (landing / LOCK).open("a")
    except OSError as error:
        raise WrongUse(
            f"The landing folder {landing} cannot be written: {error.strerror}. Choose another --landing."
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherNightRuns(f"Another copy is writing to {landing}. Wait for it to end.") from error
        yield


def _folder_name(place: str) -> str:
    """Name the folder of a database's files: readable, and no other database's."""
    database = re.sub(r"[^A-Za-z0-9_-]", "_", place.rpartition("/")[2])
    return f"{database}-{hashlib.sha256(place.encode()).hexdigest()[:6]}"


def _greatest_number(folder: Path, name: str) -> int:
    numbers = [
        int(path.stem.rpartition("-")[2]) for path in folder.glob(f"{name}-*.parquet") if path.stem[-8:].isdigit()
    ]
    return max(numbers, default=0)
