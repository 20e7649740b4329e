"""The published file, opened for reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from learning_loop.night import WrongUse


@contextmanager
def open_published(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a published file read-only, its instants in UTC.

    Raises:
        WrongUse: there is none, or it is no DuckDB database; the message says what to do.
    """
    if not warehouse.is_file():
        raise WrongUse(
            f"There is no warehouse at {warehouse} yet. Run `learning-loop nightly`, or name one with --warehouse."
        )
    try:
        con = duckdb.connect(str(warehouse), read_only=True)
    except duckdb.Error as error:
        raise WrongUse(f"{warehouse} cannot be opened: {str(error).splitlines()[0][:200]}") from error
    with con:
        con.execute("set timezone = 'UTC'")
        yield con
