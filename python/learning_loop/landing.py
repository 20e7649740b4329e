"""What lies in the landing folder tonight, and which of it must be read.

The rules on rows are SQL (models/staging). Here is only what SQL cannot do: list a folder, and make sure before
DuckDB reads a file that it can be read to its end, so that one broken file never costs the rest of the night.
"""

from __future__ import annotations

import codecs
import csv
import fnmatch
import json
import os
import re
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
from isal import igzip, isal_zlib

from learning_loop.project import project_dir

CHUNK_BYTES = 4 << 20
MAX_LINE_BYTES = 4 << 20  # a row's text may be 1 MiB; a longer line can hold no good row, and costs its buffer
ARRIVED = ("modified", "partition", "rows")  # what may say when a file arrived, for a night of the past
UNREADABLE: tuple[type[Exception], ...] = (
    OSError, EOFError, zlib.error, isal_zlib.error, duckdb.Error, csv.Error, ValueError,  # type: ignore[assignment]
)  # fmt: skip
ENDINGS = {".jsonl": "lines", ".jsonl.gz": "lines", ".csv": "csv", ".parquet": "parquet", "run.json": "document"}

INVENTORY_SCHEMA = pa.schema(
    [
        ("feed", pa.string()),
        ("source_file", pa.string()),
        ("format", pa.string()),
        ("read_root", pa.string()),
        ("read_pattern", pa.string()),
        ("is_gzip", pa.bool_()),
        ("size_bytes", pa.int64()),
        ("modified_at", pa.timestamp("us", "UTC")),
        ("reader_version", pa.int32()),
        ("is_open_ended", pa.bool_()),
        ("is_settled", pa.bool_()),
        ("error", pa.string()),
    ]
)


class LandingError(Exception):
    """The landing folder cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Feed:
    """A feed: the files whose path below the landing folder matches ``path_pattern`` (fnmatch)."""

    name: str
    path_pattern: str
    reader_version: int


@dataclass(frozen=True)
class Known:
    """What the ledger remembers of a file's latest read."""

    size_bytes: int
    modified_at: datetime
    reader_version: int
    has_open_line: bool


@dataclass(frozen=True)
class Checked:
    """A file after the check: where to read it, whether its last line still lacks its newline, or why it can't be."""

    path: Path
    is_gzip: bool
    is_open_ended: bool
    error: str | None = None


def known_feeds() -> list[Feed]:
    """Return the feeds of seeds/landing/landing_feeds.csv."""
    with (project_dir() / "seeds/landing/landing_feeds.csv").open(newline="") as file:
        return [Feed(row["feed"], row["path_pattern"], int(row["reader_version"])) for row in csv.DictReader(file)]


def landing_dir() -> Path:
    """Return the landing folder, from LEARNING_LOOP_LANDING, by default ``landing``; it need not exist."""
    return Path(os.environ.get("LEARNING_LOOP_LANDING") or "landing").resolve()


def arrived_at(rule: str, last_night: datetime, relative: str, stat: os.stat_result) -> datetime | None:
    """Return when a file arrived, for nights of the past up to ``last_night``; None: its rows' instants decide.

    ``modified``: when it was last modified; a later time than the last night says that it was copied since, or still
    grows. ``partition``: at the end of the day (UTC) that a folder ``date=2026-02-12`` of its path names, if one does.
    ``rows``: None for every file.
    """
    if rule == "modified":
        return at if (at := _modified_at(stat)) <= last_night else None
    if rule == "partition" and (days := re.findall(r"(?:^|/)date=(\d{4}-\d{2}-\d{2})(?=/)", relative)):
        try:
            return datetime.fromisoformat(days[-1]).replace(tzinfo=UTC) + timedelta(days=1)
        except ValueError:
            return None
    return None


def files(root: Path, feeds: Iterable[Feed]) -> Iterator[tuple[Feed, str, os.stat_result]]:
    """List the landing files of all feeds, by feed's folder and path; one that vanishes meanwhile is not there."""
    for feed, relative in landing_files(root, list(feeds)):
        try:
            stat = (root / relative).stat()
        except FileNotFoundError:
            continue
        yield feed, relative, stat


def inventory(
    root: Path,
    feeds: Iterable[Feed],
    ledger: Mapping[tuple[str, str], Known],
    repair_dir: Path,
    is_there: Callable[[str, os.stat_result], bool] = lambda *_: True,
) -> pa.Table:
    """List the files to read tonight: new ones, changed ones, those a newer reader reads differently.

    An unchanged file is not opened. A file that was left with an unfinished last line is read once more when it is
    found unchanged; ``is_settled`` then says that the line will not grow.

    Args:
        root: the landing folder; absent means that every feed is empty.
        feeds: the feeds to look for.
        ledger: (feed, path below root) to what its latest read found.
        repair_dir: a private folder for copies of files that hold lines DuckDB cannot read (emptied first).
        is_there: says of a path below root and its stat whether tonight knows the file.

    Returns:
        A table of INVENTORY_SCHEMA, one row per file, ordered by feed and path. ``error`` is set for a file that
        cannot be read at all.
    """
    shutil.rmtree(repair_dir, ignore_errors=True)
    todo: list[tuple[Feed, str, os.stat_result, bool]] = []
    for feed, relative, stat in files(root, feeds):
        if not is_there(relative, stat):
            continue
        known = ledger.get((feed.name, relative))
        is_same = known is not None and (known.size_bytes, known.modified_at) == (stat.st_size, _modified_at(stat))
        if known is not None and is_same and known.reader_version >= feed.reader_version and not known.has_open_line:
            continue
        todo.append((feed, relative, stat, is_same))
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        checked = list(pool.map(lambda item: check(root / item[1], repair_dir / item[1]), todo))
    return pa.Table.from_pylist(
        [
            {
                "feed": feed.name,
                "source_file": relative,
                "format": "lines" if found.path.is_relative_to(repair_dir) else _format(relative),
                "read_root": str(repair_dir if found.path.is_relative_to(repair_dir) else root),
                "read_pattern": path_pattern(found.path),
                "is_gzip": found.is_gzip,
                "size_bytes": stat.st_size,
                "modified_at": _modified_at(stat),
                "reader_version": feed.reader_version,
                "is_open_ended": found.is_open_ended,
                "is_settled": is_same,
                "error": found.error,
            }
            for (feed, relative, stat, is_same), found in zip(todo, checked, strict=True)
        ],
        schema=INVENTORY_SCHEMA,
    )


def check(path: Path, repaired: Path) -> Checked:
    """Read ``path`` once to its end and say whether DuckDB can; write ``repaired`` where it needs another form.

    A line that is no UTF-8 or longer than MAX_LINE_BYTES becomes a line that is no JSON, in its place, so that line
    numbers stand and the row is quarantined like any other. A gzip of a form that DuckDB refuses is unpacked. CSV
    becomes JSON lines, a record each; a document (run.json) becomes one line.
    """
    kind = _format(path.name)
    is_gzip = path.name.endswith(".gz")
    try:
        if kind == "parquet":
            _read_parquet_once(path)
            return Checked(path, False, False)
        if kind == "csv":
            _csv_to_lines(path, repaired)
            return Checked(repaired, False, False)
        if kind == "document":
            _document_to_line(path, repaired)
            # A run may still be writing it: what is no JSON yet is looked at again tomorrow.
            return Checked(repaired, False, True)
        is_clean, is_open_ended = _scan(path, is_gzip)
        if is_clean:
            return Checked(path, is_gzip, is_open_ended)
        _repair(path, is_gzip, repaired)
        return Checked(repaired, False, is_open_ended)
    except UNREADABLE as error:
        return Checked(path, is_gzip, False, f"{type(error).__name__}: {_without_path(error, path)}"[:500])


def path_pattern(path: Path) -> str:
    """Return the pattern that DuckDB's readers take for exactly this path: its glob characters are escaped."""
    return re.sub(r"[\[*?]", lambda found: f"[{found[0]}]", str(path))


def unknown_folders(root: Path, feeds: Iterable[Feed]) -> list[str]:
    """Name the folders of the landing folder that no feed reads: most often a misspelt feed."""
    tops = {feed.path_pattern.split("/", 1)[0] for feed in feeds}
    if not root.is_dir():
        return []
    return sorted(entry.name for entry in root.iterdir() if entry.is_dir() and entry.name not in tops)


def landing_files(root: Path, feeds: list[Feed]) -> Iterator[tuple[Feed, str]]:
    """Yield each file of each feed, as its path below the landing folder, in order."""
    for top in sorted({feed.path_pattern.split("/", 1)[0] for feed in feeds}):
        paths = sorted(
            (Path(folder) / name).relative_to(root).as_posix()
            for folder, _, names in os.walk(root / top)
            for name in names
            if not name.startswith(".") and _format(name) is not None
        )
        for relative in paths:
            for feed in feeds:
                if fnmatch.fnmatchcase(relative, feed.path_pattern):
                    yield feed, relative
                    break


def _format(name: str) -> str | None:
    return next((kind for ending, kind in ENDINGS.items() if name.endswith(ending)), None)


def _modified_at(stat: os.stat_result) -> datetime:
    return datetime.fromtimestamp(stat.st_mtime_ns // 1000 / 1e6, UTC)


def _open(path: Path, is_gzip: bool) -> igzip.IGzipFile:
    return igzip.open(path, "rb") if is_gzip else path.open("rb")


def _read_parquet_once(path: Path) -> None:
    """Raise duckdb.Error unless DuckDB can read every value, as the night will: a good footer says little."""
    with duckdb.connect(config={"threads": 1, "memory_limit": "1GB"}) as connection:
        connection.execute(
            "select count(to_json(file_row)::varchar) from read_parquet($1, hive_partitioning = false) as file_row",
            [path_pattern(path)],
        ).fetchall()


def _scan(path: Path, is_gzip: bool) -> tuple[bool, bool]:
    """Return (DuckDB reads all lines: UTF-8 of bearable length, in a form it knows; the last byte is no newline)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    carried, size, last, is_clean = 0, 0, b"\n", True
    with _open(path, is_gzip) as file:
        while chunk := file.read(CHUNK_BYTES):
            last = chunk[-1:]
            size += len(chunk)
            if not is_clean:
                continue  # a gzip must still be read to its end: only its last bytes say that it is whole
            first = chunk.find(b"\n")
            is_clean = carried + (len(chunk) if first < 0 else first) <= MAX_LINE_BYTES
            carried = carried + len(chunk) if first < 0 else len(chunk) - chunk.rfind(b"\n") - 1
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                is_clean = False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        is_clean = False
    return is_clean and (not is_gzip or _is_one_plain_member(path, size)), last != b"\n"


def _is_one_plain_member(path: Path, size: int) -> bool:
    """Say whether a whole gzip of ``size`` bytes is one member (RFC 1952) with no field but a name, and no padding.

    DuckDB refuses an empty file, other fields (bgzip writes one) and padding, and with them the whole night.
    """
    if size == 0:
        return False
    with path.open("rb") as file:
        flags = file.read(4)[3]
        file.seek(-4, os.SEEK_END)
        return flags & ~0x08 == 0 and int.from_bytes(file.read(), "little") == size % 2**32


def _repair(path: Path, is_gzip: bool, repaired: Path) -> None:
    repaired.parent.mkdir(parents=True, exist_ok=True)
    with _open(path, is_gzip) as file, repaired.open("wb") as out:
        while line := file.readline(MAX_LINE_BYTES + 1):
            length = len(line)
            if length > MAX_LINE_BYTES and not line.endswith(b"\n"):
                head = line[:2000]
                while line and not line.endswith(b"\n"):
                    line = file.readline(MAX_LINE_BYTES)
                    length += len(line)
                out.write(_marker("line_too_long", f"{length} bytes", head))
                continue
            try:
                line.decode()
                out.write(line)
            except UnicodeDecodeError as error:
                out.write(_marker("not_utf8", f"byte {error.start + 1}: {error.reason}", line))


def _document_to_line(path: Path, repaired: Path) -> None:
    """Write a JSON file as one line. Line breaks in JSON are white space: within its texts they are escaped."""
    repaired.parent.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as file:
        content = file.read(MAX_LINE_BYTES + 1)
    if len(content) > MAX_LINE_BYTES:
        line = _marker("line_too_long", f"{path.stat().st_size} bytes", content)
    else:
        try:
            content.decode()
            line = b" ".join(content.split(b"\n")).replace(b"\r", b" ").strip() + b"\n"
        except UnicodeDecodeError as error:
            line = _marker("not_utf8", f"byte {error.start + 1}: {error.reason}", content)
    repaired.write_bytes(line)


def _marker(defect: str, detail: str, line: bytes) -> bytes:
    """Return the stand-in for a line that cannot be read: no JSON, with the defect and what can be shown of it."""
    text = line[:2000].decode(errors="replace").replace("\n", " ").replace("\r", " ")
    return f"!{defect}!{detail}!{text}\n".encode()


def _csv_to_lines(path: Path, repaired: Path) -> None:
    repaired.parent.mkdir(parents=True, exist_ok=True)
    csv.field_size_limit(MAX_LINE_BYTES)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file, repaired.open("wb") as out:
        records = csv.reader(line.replace("\0", "\\u0000") for line in file)
        header = next(records, [])
        for record in records:
            if not record:
                out.write(b"\n")
            elif len(record) != len(header):
                detail = f"{len(record)} fields, the header has {len(header)}"
                out.write(_marker("ragged_record", detail, ",".join(record).encode(errors="replace")))
            else:
                text = json.dumps({key: value for key, value in zip(header, record, strict=True) if value})
                if "\\udc" in text and any("\udc80" <= c <= "\udcff" for value in record for c in value):
                    out.write(_marker("not_utf8", "a field", ",".join(record).encode(errors="replace")))
                else:
                    out.write(text.encode() + b"\n")


def _without_path(error: Exception, path: Path) -> str:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return said.splitlines()[0].replace(str(path), path.name) if said else ""


def ledger(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], Known]:
    """Read what the last night left in `landing_files`: (feed, source_file) to the file's latest read."""
    if not connection.execute("select 1 from duckdb_tables() where table_name = 'landing_files'").fetchall():
        return {}
    rows = connection.execute(
        "select feed, source_file, size, modified_at, reader_version, has_open_line from main.landing_files"
    ).fetchall()
    return {(row[0], row[1]): Known(row[2], row[3].astimezone(UTC), row[4], row[5]) for row in rows}


def tonight(feeds: duckdb.DuckDBPyRelation, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return the inventory of the landing folder for the database that `connection` builds.

    Args:
        feeds: the seed landing_feeds (feed, path_pattern, reader_version).
        connection: the database; its ledger says what was read before, and copies are repaired beside its file.
    """
    rows = feeds.select("feed, path_pattern, reader_version").fetchall()
    database = connection.execute("select path from duckdb_databases() where database_name = current_database()")
    repair_dir = Path(database.fetchall()[0][0]).parent / "repaired"
    return inventory(landing_dir(), [Feed(*row) for row in rows], ledger(connection), repair_dir, _is_there_tonight)


def _is_there_tonight(relative: str, stat: os.stat_result) -> bool:
    rule, _, last_night = os.environ.get("LEARNING_LOOP_ARRIVED", "").partition(" until ")
    if not rule:
        return True
    at = arrived_at(rule, datetime.fromisoformat(last_night), relative, stat)
    return at is None or at <= datetime.fromisoformat(os.environ["LEARNING_LOOP_AS_OF"])
