"""What dbt's DuckDB connections need and no SQL text may hold: the salt of the pseudonyms.

It is a session variable, so that it stands in no compiled model and no log.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from learning_loop.identity import fingerprint, load_salt


class Plugin(BasePlugin):  # type: ignore[misc]
    """Set `learning_loop_salt` and its fingerprint on every cursor."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Find the salt beside the database of the profile."""
        self._salt = load_salt(Path(self.creds.path).resolve())
        self._fingerprint = fingerprint(self._salt)

    def configure_cursor(self, cursor: Any) -> None:
        """Make the salt known to one cursor (shape: a DuckDB connection)."""
        cursor.execute("set variable learning_loop_salt = $1", [self._salt])
        cursor.execute("set variable learning_loop_salt_fingerprint = $1", [self._fingerprint])
