"""What dbt's DuckDB connections know of the run, as session variables.

The salt of the pseudonyms must stand in no compiled model and no log; the run's context would, as dbt vars, have dbt
parse the whole project anew each night.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from learning_loop.landing import tombstones
from learning_loop.landing.folder import landing_dir
from learning_loop.landing.identity import fingerprint, load_salt
from learning_loop.night import retention

CONTEXT = ("as_of", "code_version", "failed_nights")  # LEARNING_LOOP_AS_OF becomes learning_loop_as_of, and so on


class Plugin(BasePlugin):  # type: ignore[misc]
    """Set the variables `learning_loop_…` on every cursor."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Find the salt beside the database of the profile, and the context in the environment."""
        database = Path(self.creds.path).resolve()
        database.parent.mkdir(parents=True, exist_ok=True)  # plain `dbt build` may be the first to want build/
        salt = load_salt(database)
        context: dict[str, str | None] = {name: os.environ.get(f"LEARNING_LOOP_{name.upper()}") for name in CONTEXT}
        context["erased"] = json.dumps(sorted(tombstones.recorded(landing_dir())))
        context["retention"] = retention.query()
        self._variables: dict[str, str | None] = {**context, "salt": salt, "salt_fingerprint": fingerprint(salt)}

    def configure_cursor(self, cursor: Any) -> None:
        """Make them known to one cursor (shape: a DuckDB connection)."""
        for name, value in self._variables.items():
            cursor.execute(f"set variable learning_loop_{name} = $1::varchar", [value])
