"""What dbt's database knows of the run from its start: what was asked, and the salt of the pseudonyms.

They must stand in no compiled model and no log; and dbt vars would have dbt parse the whole project anew each night.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from learning_loop.landing import approvals, tombstones
from learning_loop.landing.folder import landing_dir
from learning_loop.landing.identity import fingerprint, hmac_keys, load_salt
from learning_loop.night import context, retention


class Plugin(BasePlugin):  # type: ignore[misc]
    """Lay down the functions `run.…` once, for all cursors: dbt opens one for every node."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Find the salt beside the database of the profile, and what was asked in the environment."""
        database = Path(self.creds.path).resolve()
        database.parent.mkdir(parents=True, exist_ok=True)  # plain `dbt build` may be the first to want build/
        salt = load_salt(database)
        self._given = {
            "code_version": os.environ.get("LEARNING_LOOP_CODE_VERSION"),
            "failed_nights": os.environ.get("LEARNING_LOOP_FAILED_NIGHTS"),
            "part": os.environ.get("LEARNING_LOOP_PART"),
            "seeds": os.environ.get("LEARNING_LOOP_SEEDS"),
            "asked_as_of": os.environ.get("LEARNING_LOOP_AS_OF"),
            "erased": json.dumps(sorted(tombstones.recorded(landing_dir()))),
            "approvals": approvals.query(),
            "retention": retention.query(),
            "salt": salt,
            "salt_fingerprint": fingerprint(salt),
            **hmac_keys(salt),
        }

    def configure_connection(self, conn: Any) -> None:
        """Set the time zone, and make them known."""
        conn.execute("set global timezone = 'UTC'")
        context.lay_down(conn, self._given)
