"""Rows of the published file, by the queries of `queries/`, with texts made safe to show."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from learning_loop.terminal import plain

Row = dict[str, Any]


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
