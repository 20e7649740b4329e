"""What lies in the landing folder tonight, and which of it must be read.

The rules on rows are SQL (models/staging). Here is only what SQL cannot do: list a folder, and make sure before
DuckDB reads a file that it can be read to its end, so that one broken file never costs the rest of the night.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import duckdb
import pyarrow as pa

from learning_loop.landing.arrival import is_there_tonight
from learning_loop.landing.declaration import Feed
from learning_loop.landing.folder import files, format_of, known_feeds, landing_dir, modified_at, path_pattern
from learning_loop.landing.reading import check, lines, parquet_rows

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


@dataclass(frozen=True)
class Known:
    """What the ledger remembers of a file's latest read."""

    size_bytes: int
    modified_at: datetime
    reader_version: int
    has_open_line: bool


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
        is_same = known is not None and (known.size_bytes, known.modified_at) == (stat.st_size, modified_at(stat))
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
                "format": "lines" if found.path.is_relative_to(repair_dir) else format_of(relative),
                "read_root": str(repair_dir if found.path.is_relative_to(repair_dir) else root),
                "read_pattern": path_pattern(found.path),
                "is_gzip": found.is_gzip,
                "size_bytes": stat.st_size,
                "modified_at": modified_at(stat),
                "reader_version": feed.reader_version,
                "is_open_ended": found.is_open_ended,
                "is_settled": is_same,
                "error": found.error,
            }
            for (feed, relative, stat, is_same), found in zip(todo, checked, strict=True)
        ],
        schema=INVENTORY_SCHEMA,
    )


def landed_rows(
    root: Path, feeds: Iterable[Feed], known: Mapping[tuple[str, str], Known] = MappingProxyType({})
) -> list[tuple[str, str, str]]:
    """Return (feed, file, row as text) of the feeds' files, of any form; for feeds of few rows, such as decisions.

    Args:
        root: the landing folder.
        feeds: whose files to read.
        known: what a ledger knows already, which is left out.
    """
    found: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory() as repaired:
        for file in inventory(root, feeds, known, Path(repaired)).to_pylist():
            if not file["error"]:
                path, is_gzip = Path(file["read_root"]) / file["source_file"], file["is_gzip"]
                rows = parquet_rows(path) if file["format"] == "parquet" else lines(path, is_gzip)
                found += [(file["feed"], file["source_file"], row) for row in rows]
    return found


def ledger(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], Known]:
    """Read what the last night left in `landing_files`: (feed, source_file) to the file's latest read."""
    if not connection.execute("select 1 from duckdb_tables() where table_name = 'landing_files'").fetchall():
        return {}
    rows = connection.execute(
        "select feed, source_file, size, modified_at, reader_version, has_open_line from main.landing_files"
    ).fetchall()
    return {(row[0], row[1]): Known(row[2], row[3].astimezone(UTC), row[4], row[5]) for row in rows}


def tonight(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return the inventory of the landing folder for the database that `connection` builds.

    Args:
        connection: the database; its ledger says what was read before, and copies are repaired beside its file.
    """
    database = connection.execute("select path from duckdb_databases() where database_name = current_database()")
    repair_dir = Path(database.fetchall()[0][0]).parent / "repaired"
    return inventory(landing_dir(), known_feeds(), ledger(connection), repair_dir, is_there_tonight)
