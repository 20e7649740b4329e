"""Rows of the published file, by the queries of `queries/`, as they are stored: whoever shows them makes them safe."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]


@cache
def query(name: str) -> str:
    """Return the text of `queries/<name>.sql`."""
    return (Path(__file__).with_name("queries") / f"{name}.sql").read_text(encoding="utf-8").strip()


def rows(connection: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> list[Row]:
    """Run a query by name and return its rows. Their texts may be asked with again, so they are what is stored."""
    cursor = connection.execute(query(name), parameters or None)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
