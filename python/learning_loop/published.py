"""The published file, opened for reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from learning_loop.night import WrongUse


@contextmanager
def open_published(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file read-only, its instants in UTC.

    Raises:
        WrongUse: there is none, it is no database, or one of another version; the message says what to do.
    """
    if not warehouse.is_file():
        raise WrongUse(
            f"There is no warehouse at {warehouse} yet. Run `learning-loop nightly`, or name one with --warehouse."
        )
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            yield connection
    except duckdb.CatalogException as error:
        raise WrongUse(
            f"{warehouse} lacks a table of this version ({_first_line(error)}). "
            "Run `learning-loop nightly` on it once more, or name another file with --warehouse."
        ) from error
    except duckdb.IOException as error:
        raise WrongUse(
            f"{warehouse} cannot be opened as a DuckDB database ({_first_line(error)}). "
            "Restore it from a back-up, or name another file with --warehouse."
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
