"""dbt's connections to the lake: it is attached once, and each cursor looks names up in it."""

from __future__ import annotations

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from learning_loop.lake import catalogue


class Plugin(BasePlugin):  # type: ignore[misc]
    """Attach the lake before anything else is asked of a connection."""

    def configure_connection(self, conn: Any) -> None:
        """Load the extensions and attach the lake that the environment names."""
        lake = catalogue.lake()
        catalogue.prepare(conn, lake)
        catalogue.attach(conn, lake)

    def configure_cursor(self, cursor: Any) -> None:
        """Have names without a database mean the lake's."""
        cursor.execute(f"use {catalogue.NAME}")
