"""Copy new and changed rows into the landing folder: resumable, with bounded memory, each batch a file.

What a copy knows lies in one small file in the landing folder. A batch's file is renamed into place first, and the
memory after it: a copy killed in between writes the same file once more, under the same name.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from learning_loop import atomic
from learning_loop.errors import AnotherNightRuns, WrongUse
from learning_loop.operational_db.config import SourceTable
from learning_loop.operational_db.postgres import Postgres, Shape, SourceLost

MEMORY = ".land_state.json"
LOCK = ".land.lock"
_INSTANT = re.compile(r"-?infinity|\d{4,7}-\d\d-\d\d( .*)?")


@dataclass
class Position:
    """How far a table was copied.

    A pass goes by (watermark, id) from ``start`` to the end of the table. While one runs, ``after`` is the position
    behind the last file, and ``settled_until`` the instant before which no row could come late when it began.
    ``reached`` is the greatest watermark seen. ``keys`` are the columns these are about: others begin anew. So does a
    role that is shown every row after one that was not (``is_filtered``): what was hidden lies before the watermark.
    """

    keys: list[list[str]]
    files: int = 0
    start: str | None = None
    after: list[str] | None = None
    settled_until: str | None = None
    reached: str | None = None
    is_filtered: bool = False

    def check(self) -> None:
        """Raise ValueError where what was read is none: a question made of it would fail each time."""
        texts = [
            text for text in (self.start, self.settled_until, self.reached, *(self.after or [])[:1]) if text is not None
        ]
        is_whole = (
            all(isinstance(part, list) and all(isinstance(name, str) for name in part) for part in self.keys)
            and len(self.keys) == 2
            and type(self.files) is int
            and self.files >= 0
            and isinstance(self.is_filtered, bool)
            and all(isinstance(text, str) and _INSTANT.fullmatch(text) for text in texts)
            and (self.after is None or all(isinstance(part, str) for part in self.after))
            and (self.after is None or len(self.after) == 1 + len(self.keys[1]))
        )
        if not is_whole:
            raise ValueError("no position")


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
    columns_passed_over: dict[str, str] = field(default_factory=dict)
    watermark: list[str] = field(default_factory=list)
    lacks_watermark_columns: bool = False
    is_filtered: bool = False


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
        memory = Memory(landing, source.place, source.server)
        done = []
        for table, shape in shapes:
            if shape is None:
                done.append(Copied(table.feed, table.name, is_absent=True))
            else:
                done.append(_pass(source, table, shape, landing, memory, from_start, tell))
        return done


class Memory:
    """How far each table of one database was copied, kept in the landing folder and replaced as a whole.

    It is kept under the place that the address names. Where another database has that name already, the server's own
    identity is added: the two never share it. One of the first edition names no server: whoever asks first goes on.
    """

    def __init__(self, landing: Path, place: str, server: str):
        """Read what earlier copies left.

        Raises:
            WrongUse: the file cannot be read.
        """
        self._file = landing / MEMORY
        self._content: dict[str, Any] = {"version": 1, "sources": {}}
        try:
            for left in landing.glob(f"{MEMORY}.*.part"):  # of a killed copy
                left.unlink()
            if (text := _text_of(self._file)) is not None:
                self._content = json.loads(text)
            servers = self._content.setdefault("servers", {})
            taken = servers.get(place)
            self.key = place if taken in (None, server) else f"{place} ({server})"
            servers[self.key] = server
            for position in self._positions().values():
                Position(**position).check()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
            raise WrongUse(
                f"{self._file} is damaged. Restore it, or remove it to copy every row again (that harms nothing)."
            ) from error

    def position(self, table: SourceTable) -> Position | None:
        """Return how far a table was copied; None when it never was."""
        found = self._positions().get(f"{table.feed} <- {table.name}")
        return Position(**found) if found else None

    def keep(self, table: SourceTable, position: Position) -> None:
        """Write down how far a table was copied: after this returns, a crash does not forget it.

        Raises:
            WrongUse: the folder cannot be written.
        """
        self._positions()[f"{table.feed} <- {table.name}"] = {
            # Only where it holds: an earlier edition that takes over again knows no such word.
            name: value
            for name, value in asdict(position).items()
            if name != "is_filtered" or value
        }
        try:
            atomic.write(self._file, json.dumps(self._content, indent=1).encode(), mode=0o600)
        except OSError as error:
            raise _unwritable(self._file.parent, error) from error

    def _positions(self) -> dict[str, Any]:
        positions: dict[str, Any] = self._content["sources"].setdefault(self.key, {})
        return positions


def _pass(
    source: Postgres, table: SourceTable, shape: Shape, landing: Path, memory: Memory, from_start: bool,
    tell: Callable[[Copied], None],
) -> Copied:  # fmt: skip
    source.begin(shape)
    folder = landing / table.feed / _folder_name(source.place, memory.key)
    try:
        position = _begin(table, shape, folder, memory, from_start)
    except OSError as error:
        raise _unwritable(folder, error) from error
    settled_until, began_at, sees_all = source.settled_until()
    done = Copied(
        table.feed, table.name, copied_from=position.start, is_resumed=position.after is not None,
        sees_open_transactions=sees_all, rows_without_watermark=source.without_watermark(table, shape),
        folder=os.fsencode(folder).decode("utf-8", "replace"),
        columns_passed_over=dict(shape.passed_over), watermark=list(shape.watermark_columns),
        lacks_watermark_columns=shape.watermark_columns != table.watermark, is_filtered=shape.is_filtered,
    )  # fmt: skip
    if position.settled_until is None:
        position.settled_until = settled_until
        memory.keep(table, position)  # before the first file: without it a killed first pass would look like a lost one
    while True:
        path = folder / f"{_file_name(table.name)}-{position.files + 1:08d}.parquet"
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


def _begin(table: SourceTable, shape: Shape, folder: Path, memory: Memory, from_start: bool) -> Position:
    position = memory.position(table)
    keys = [list(shape.watermark_columns), list(table.id)]
    name = _file_name(table.name)
    # No memory, or one of other columns: new numbers, since a file that stands must not be replaced by other rows.
    if position is None:
        position = Position(keys=keys, files=_greatest_number(folder, name))
    elif from_start or position.keys != keys or (position.is_filtered and not shape.is_filtered):
        position = Position(keys=keys, files=position.files)
    position.is_filtered = shape.is_filtered or position.is_filtered
    for part in (folder.parent, folder):
        _own_folder(part)
    for left in folder.glob(f".{name}-*.part"):  # of a killed copy
        left.unlink()
    for written in folder.glob(f"{name}-*.parquet"):
        _tighten(written)
    return position


def _own_folder(folder: Path) -> None:
    """Make a folder that is its user's alone; one that is there stays as it is, but never leads elsewhere."""
    if folder.is_symlink():
        raise WrongUse(f"{folder} is a link, and a night reads no file behind one. Put a folder in its place.")
    folder.mkdir(mode=0o700, exist_ok=True)


def _tighten(file: Path) -> None:
    """Shut others out of a file that an earlier edition wrote for all to read."""
    found = file.lstat()
    if stat.S_ISREG(found.st_mode) and found.st_mode & 0o077:
        with contextlib.suppress(PermissionError):  # another user's: the copy goes on beside it
            handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                os.fchmod(handle, 0o600)
            finally:
                os.close(handle)


def _write(batches: Iterator[pa.RecordBatch], shape: Shape, path: Path) -> tuple[int, list[str] | None]:
    """Write one file, hidden until it is whole, and return (rows, position of the last row); no rows, no file."""
    width = len(shape.select)
    unfinished = path.with_name(f".{path.name}.part")
    writer: pq.ParquetWriter | None = None
    file: BinaryIO | None = None
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
                # Made anew and never opened as it lies there: what bears this name could lead anywhere.
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
                file = os.fdopen(os.open(unfinished, flags, 0o600), "wb")
                writer = pq.ParquetWriter(file, content.schema, compression="zstd")
            writer.write_batch(content)
            rows += batch.num_rows
            last = [str(batch.column(number)[batch.num_rows - 1].as_py()) for number in range(width, batch.num_columns)]
        if writer is None:
            return 0, None
        writer.close()
        file.close()  # type: ignore[union-attr]  # there is one since there is a writer
        atomic.replace(unfinished, path)
        return rows, last
    except OSError as error:
        raise _unwritable(path.parent, error) from error
    finally:
        if file is not None:
            with contextlib.suppress(OSError):  # of a full disk, which has been said
                if writer is not None:
                    writer.close()
                file.close()
            unfinished.unlink(missing_ok=True)


def _unwritable(folder: Path, error: OSError) -> WrongUse:
    return WrongUse(f"{folder} cannot be written: {error.strerror or error}. What was copied stands.")


@contextlib.contextmanager
def _exclusive(landing: Path) -> Iterator[None]:
    lock = landing / LOCK
    try:
        if not landing.is_dir():
            landing.mkdir(mode=0o700, parents=True)
        _refuse_all_but_a_file(lock)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    except OSError as error:
        raise WrongUse(
            f"The landing folder {landing} cannot be written: {error.strerror}. Choose another --landing."
        ) from error
    with os.fdopen(handle, "r+b"):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherNightRuns(f"Another copy is writing to {landing}. Wait for it to end.") from error
        _tighten(lock)
        yield


def _refuse_all_but_a_file(path: Path) -> None:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise WrongUse(f"{path} is no file but a link, a folder or a pipe. Move it away.")


def _text_of(path: Path) -> str | None:
    """Return what stands in a file, None where there is none; a link is not followed."""
    _refuse_all_but_a_file(path)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, encoding="utf-8") as file:
        return file.read()


def _folder_name(place: str, key: str) -> str:
    """Name the folder of a database's files: readable, and no other database's."""
    database = re.sub(r"[^A-Za-z0-9_-]", "_", place.rpartition("/")[2])
    return f"{database}-{hashlib.sha256(key.encode()).hexdigest()[:6]}"


def _file_name(table: str) -> str:
    """Name the files of a table: a name that could lead elsewhere or mean a pattern is told by a hash."""
    plain = re.sub(r"[^\w. -]", "_", table)
    return plain if plain == table else f"{plain}-{hashlib.sha256(table.encode()).hexdigest()[:6]}"


def _greatest_number(folder: Path, name: str) -> int:
    numbers = [
        int(path.stem.rpartition("-")[2]) for path in folder.glob(f"{name}-*.parquet") if path.stem[-8:].isdecimal()
    ]
    return max(numbers, default=0)
