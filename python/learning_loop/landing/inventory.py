"""What lies in the landing folder tonight, and which of it must be read.

The rules on rows are SQL (models/staging). Here is only what SQL cannot do: list a folder, and read its files to their
ends before DuckDB does, so that one broken file never costs the rest of the night.
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
from learning_loop.landing.copies import Room, lines
from learning_loop.landing.declaration import Feed
from learning_loop.landing.folder import NO_FEED, Entry, entries, known_feeds, landing_dir, modified_at
from learning_loop.landing.reading import Checked, check

INVENTORY_SCHEMA = pa.schema(
    [
        ("feed", pa.string()),
        ("source_file", pa.string()),
        ("copy", pa.string()),
        ("line_count", pa.int64()),
        ("size_bytes", pa.int64()),
        ("modified_at", pa.timestamp("us", "UTC")),
        ("reader_version", pa.int32()),
        ("is_open_ended", pa.bool_()),
        ("is_settled", pa.bool_()),
        ("status", pa.string()),
        ("reason", pa.string()),
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
    status: str = "read"
    reason: str | None = None


def inventory(
    root: Path,
    feeds: Iterable[Feed],
    ledger: Mapping[tuple[str, str], Known],
    copies_dir: Path,
    is_there: Callable[[str, os.stat_result], bool] = lambda *_: True,
) -> pa.Table:
    """List what tonight must look at: what is new or changed, and what a newer reader reads differently.

    An unchanged file is not opened. A file that was left with an unfinished last line is read once more when it is
    found unchanged; ``is_settled`` then says that the line will not grow. What could not be read is tried every night,
    and listed again when that says something else.

    Args:
        root: the landing folder; absent means that every feed is empty.
        feeds: the feeds to look for.
        ledger: (feed, path below root) to what its latest read found.
        copies_dir: a private folder for the lines of the files, in the form that DuckDB reads (emptied first).
        is_there: says of a path below root and its stat whether tonight knows the file.

    Returns:
        A table of INVENTORY_SCHEMA, one row per file, ordered by path and feed. ``status`` is ``read``, or
        ``quarantined`` where what is no readable file is one row of its feed, or ``not_read``; ``reason`` is the code
        of that row, or says why a file is left alone; ``error`` is the detail of the row.
    """
    shutil.rmtree(copies_dir, ignore_errors=True)
    feeds = list(feeds)
    todo: list[tuple[Entry, Known | None, bool]] = []
    for entry in entries(root, feeds):
        if not is_there(entry.source_file, entry.stat):
            continue
        known = ledger.get((entry.feed.name if entry.feed else NO_FEED, entry.source_file))
        if known and _is_known(entry, known):
            continue
        if entry.kind != "folder" or (known and known.status == "quarantined"):
            todo.append((entry, known, known is not None and known.status == "read" and _is_same(entry, known)))
    room = Room.beside(copies_dir)
    copies = [copies_dir / f"{number}.parquet" for number in range(len(todo))]

    def checked(item: tuple[Entry, Known | None, bool], copy: Path) -> Checked | None:
        entry, _, is_settled = item
        if entry.kind is None or entry.kind == "folder":
            return None
        path = root / entry.source_file
        return check(path, copy, entry.kind, entry.feed, room, is_settled, root, entry.source_file)

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        found = [
            _row(entry, is_settled, result, copy)
            for (entry, known, is_settled), copy, result in zip(
                todo, copies, pool.map(checked, todo, copies), strict=True
            )
            if not (result and result.error and known and _is_as_before(entry, known, "unreadable_file"))
        ]
    # Of no rows pyarrow would load pandas to find out what they are.
    return pa.Table.from_pylist(found, schema=INVENTORY_SCHEMA) if found else INVENTORY_SCHEMA.empty_table()


def _is_same(entry: Entry, known: Known) -> bool:
    return (known.size_bytes, known.modified_at) == (entry.stat.st_size, modified_at(entry.stat))


def _is_as_before(entry: Entry, known: Known, reason: str) -> bool:
    return (known.status, known.reason) == ("quarantined", reason) and _is_same(entry, known)


def _is_known(entry: Entry, known: Known) -> bool:
    """Say whether the ledger's line of an entry says already what there is to say."""
    if entry.kind == "folder":
        return known.status != "quarantined"
    if entry.defect and entry.feed:
        return _is_as_before(entry, known, entry.defect)
    if entry.kind is None or entry.feed is None:
        return (known.status, known.reason) == ("not_read", entry.reason) and _is_same(entry, known)
    return (
        known.status == "read"
        and _is_same(entry, known)
        and known.reader_version >= entry.feed.reader_version
        and not known.has_open_line
    )


def _row(entry: Entry, is_settled: bool, found: Checked | None, copy: Path) -> dict[str, object]:
    defect = entry.defect or ("unreadable_file" if found and found.error else None)
    return {
        "feed": entry.feed.name if entry.feed else NO_FEED,
        "source_file": entry.source_file,
        "copy": str(copy) if found and found.line_count else None,
        "line_count": found.line_count if found else 0,
        "size_bytes": entry.stat.st_size,
        "modified_at": modified_at(entry.stat),
        "reader_version": entry.feed.reader_version if entry.feed else 0,
        "is_open_ended": found is not None and found.is_open_ended,
        "is_settled": is_settled,
        "status": "quarantined" if defect else "read" if entry.kind else "not_read",
        "reason": defect or entry.reason or None,
        "error": (found.error if found and found.error else "") if defect else None,
    }


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
    with tempfile.TemporaryDirectory() as copies:
        for file in inventory(root, feeds, known, Path(copies)).to_pylist():
            if file["copy"]:
                found += [(file["feed"], file["source_file"], row) for row in lines(Path(file["copy"]))]
    return found


def ledger(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], Known]:
    """Read what the last night left in `landing_files`: (feed, source_file) to the file's latest read."""
    if not connection.execute("select 1 from duckdb_tables() where table_name = 'landing_files'").fetchall():
        return {}
    has_status = "status" in [row[0] for row in connection.execute("describe main.landing_files").fetchall()]
    rows = connection.execute(
        "select feed, source_file, size, modified_at, reader_version, has_open_line"
        + (", coalesce(status, 'read'), reason" if has_status else "")
        + " from main.landing_files"
    ).fetchall()
    return {(row[0], row[1]): Known(row[2], row[3].astimezone(UTC), *row[4:]) for row in rows}


def tonight(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return the inventory of the landing folder for the database that `connection` builds.

    Args:
        connection: the database; its ledger says what was read before, and the copies lie beside its file, or, where it
            is none of DuckDB's own, in the folder that the night works in.
    """
    database = connection.execute(
        "select path from duckdb_databases() where database_name = current_database() and type = 'duckdb'"
    ).fetchall()
    copies = (Path(database[0][0]).parent if database else Path.cwd()) / "copies"
    return inventory(landing_dir(), known_feeds(), ledger(connection), copies, is_there_tonight)
