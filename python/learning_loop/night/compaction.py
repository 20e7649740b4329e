"""A file that is to a good part free space is written anew before it is published."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from learning_loop import atomic
from learning_loop.warehouse import limits

FREE_SHARE = 0.5  # of the file's blocks; a small night leaves a third free, which the next one takes for its own steps


def free_share(database: Path) -> float:
    """Return the share of a checkpointed file's blocks that hold nothing (0 for an empty file)."""
    with duckdb.connect(str(database), read_only=True) as connection:
        total, free = connection.sql(
            "select total_blocks, free_blocks from pragma_database_size() where database_name = current_database()"
        ).fetchall()[0]
    return free / total if total else 0.0


def compact(database: Path, folder: Path, storage_version: str, must: bool = False) -> bool:
    """Write ``database`` anew when more than FREE_SHARE of it is free; too little room for that leaves it as it is.

    Args:
        database: a checkpointed DuckDB file that nobody has open.
        folder: a private folder on the same file system; emptied before and removed after.
        storage_version: the format of the new file.
        must: write it anew whatever is free, since the blocks of deleted rows keep what they held.

    Returns:
        Whether the file was written anew.

    Raises:
        RuntimeError: the new file does not hold what the old one holds.
        duckdb.Error, OSError: it must be written anew and cannot be.
    """
    shutil.rmtree(folder, ignore_errors=True)
    if not must and free_share(database) <= FREE_SHARE:
        return False
    folder.mkdir(parents=True)
    fresh = folder / database.name
    try:
        with duckdb.connect(config={**limits(), "temp_directory": str(folder / "spilled")}) as connection:
            connection.execute("set timezone = 'UTC'")
            connection.execute(f"attach {_text(str(database))} as {_name('old ' + database.stem)} (read_only)")
            # The catalog's name is the file's: views carry it.
            connection.execute(
                f"attach {_text(str(fresh))} as {_name(database.stem)} (storage_version {_text(storage_version)})"
            )
            connection.execute(f"copy from database {_name('old ' + database.stem)} to {_name(database.stem)}")
            connection.execute(f"checkpoint {_name(database.stem)}")
    except (duckdb.IOException, duckdb.OutOfMemoryException, OSError):
        shutil.rmtree(folder, ignore_errors=True)
        if must:
            raise
        return False
    if _content(database) != _content(fresh) or fresh.with_name(fresh.name + ".wal").exists():
        raise RuntimeError(f"The compacted copy of {database} does not hold what the file holds.")
    atomic.replace(fresh, database)
    shutil.rmtree(folder, ignore_errors=True)
    return True


def _content(database: Path) -> list[tuple[object, ...]]:
    """Return every table with its columns and number of rows, every view and every macro."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name, list(column_name || ' ' || data_type order by column_index)"
            " from duckdb_columns() where not internal group by all order by all"
        ).fetchall()
        # Counted, since the catalog's sizes are estimates that include deleted rows.
        counts = [
            (schema, table, connection.execute(f"select count(*) from {_name(schema)}.{_name(table)}").fetchall()[0][0])
            for schema, table in connection.execute(
                "select schema_name, table_name from duckdb_tables() order by all"
            ).fetchall()
        ]
        macros = connection.execute(
            "select schema_name, function_name from duckdb_functions() where not internal order by all"
        ).fetchall()
    return [*tables, *counts, *macros]


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
