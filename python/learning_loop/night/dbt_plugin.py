"""What dbt's DuckDB connections know of the run, as session variables: what was asked, and what start_run made of it.

The salt of the pseudonyms must stand in no compiled model and no log; the run's context would, as dbt vars, have dbt
parse the whole project anew each night.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.invocation import get_invocation_id

from learning_loop.landing import approvals, tombstones
from learning_loop.landing.folder import landing_dir
from learning_loop.landing.identity import fingerprint, hmac_keys, load_salt
from learning_loop.night import retention

# LEARNING_LOOP_CODE_VERSION becomes learning_loop_code_version, and so on.
CONTEXT = ("code_version", "failed_nights", "part")
LATER = ("middle", "last")  # parts of a run by several processes, of which the first one fixed the context


class Plugin(BasePlugin):  # type: ignore[misc]
    """Set the variables `learning_loop_…` on every cursor, and what needs no cursor of its own once."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Find the salt beside the database of the profile, and the context in the environment."""
        database = Path(self.creds.path).resolve()
        database.parent.mkdir(parents=True, exist_ok=True)  # plain `dbt build` may be the first to want build/
        salt = load_salt(database)
        context: dict[str, str | None] = {name: os.environ.get(f"LEARNING_LOOP_{name.upper()}") for name in CONTEXT}
        # One script of literals: dbt opens a cursor for every node, and a prepared statement each cost seconds a night.
        self._given = _given({**context, "salt": salt, "salt_fingerprint": fingerprint(salt), **hmac_keys(salt)})
        self._for_the_start = _given(
            {
                "as_of": os.environ.get("LEARNING_LOOP_AS_OF"),
                "erased": json.dumps(sorted(tombstones.recorded(landing_dir()))),
                "approvals": approvals.query(),
                "retention": retention.query(),
            }
        )
        self._of_this_run = ""

    def configure_connection(self, conn: Any) -> None:
        """Set the time zone for all cursors of a connection: the profile's settings are set on each of them anew."""
        conn.execute("set global timezone = 'UTC'")

    def configure_cursor(self, cursor: Any) -> None:
        """Make them known to one cursor (shape: a DuckDB connection), and the run's context once start_run fixed it."""
        self._of_this_run = self._of_this_run or _run_context(cursor)
        cursor.execute(self._given + (self._of_this_run or self._for_the_start))


def _run_context(cursor: Any) -> str:
    """Return what sets the variables that start_run wrote down; nothing while what is there is of an earlier run."""
    try:
        description = cursor.execute("describe scratch.run_context").fetchall()
        values = cursor.execute("select columns(*)::varchar from scratch.run_context").fetchall()[0]
    except duckdb.CatalogException:
        return ""
    variables = {column[0]: (value, column[1]) for column, value in zip(description, values, strict=True)}
    is_of_this_run = (
        os.environ.get("LEARNING_LOOP_PART") in LATER or variables["invocation_id"][0] == get_invocation_id()
    )
    return _script(variables) if is_of_this_run else ""


def _given(values: Mapping[str, str | None]) -> str:
    """Return SQL that sets what the command line and the landing folder give."""
    return _script({f"learning_loop_{name}": (value, "varchar") for name, value in values.items()})


def _script(variables: Mapping[str, tuple[str | None, str]]) -> str:
    """Return SQL that sets variables, given as name: (value as text, type)."""
    return "".join(
        f"set variable {name} = " + ("null" if value is None else "'" + value.replace("'", "''") + "'") + f"::{kind};"
        for name, (value, kind) in variables.items()
    )
