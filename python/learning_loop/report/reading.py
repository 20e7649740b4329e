"""Rows of the published file, by the queries of `queries/`, with texts made safe to show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from learning_loop.backlog.text import plain
from learning_loop.night import WrongUse

Row = dict[str, Any]


@contextmanager
def published(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file for reading, in UTC.

    Raises:
        WrongUse: there is none, it is no warehouse, or one of an older version.
    """
    if not warehouse.exists():
        raise WrongUse(
            f"There is no warehouse at {warehouse} yet. Run `learning-loop nightly`, or name one with --warehouse."
        )
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            yield connection
    except duckdb.CatalogException as error:
        raise WrongUse(
            f"{warehouse} lacks a table of this version ({str(error).splitlines()[0][:200]}). "
            "Run `learning-loop nightly` on it once more, or name another file with --warehouse."
        ) from error
    except duckdb.IOException as error:
        raise WrongUse(
            f"{warehouse} cannot be opened as a DuckDB database ({str(error).splitlines()[0][:200]}). "
            "Restore it from a back-up, or name another file with --warehouse."
        ) from error


@cache
def query(name: str) -> str:
    """Return the text of `queries/<name>.sql`."""
    return (Path(__file__).with_name("queries") / f"{name}.sql").read_text(encoding="utf-8").strip()


def rows(connection: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> list[Row]:
    """Run a query by name and return its rows; texts lose what a terminal or a page would obey."""
    cursor = connection.execute(query(name), parameters or None)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()]


def _plain(value: Any) -> Any:
    return plain(value) if isinstance(value, str) else value
