"""How long rows are kept: the policy seeds/policy/retention.csv, read before a run begins."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb

from learning_loop.landing.folder import path_pattern
from learning_loop.project import project_dir


def query(policy: Path | None = None) -> str:
    """Return the SQL that gives each feed's `kept_from`, with `{as_of}` left for the run's instant to be filled in."""
    file = policy or project_dir() / "seeds/policy/retention.csv"
    text = Path(__file__).with_name("retention.sql").read_text("utf-8")
    return text.replace("{policy}", path_pattern(file).replace("'", "''"))


def kept_from(as_of: datetime, policy: Path | None = None) -> dict[str, datetime]:
    """Return from when on the rows of each feed are kept; a feed that is kept for ever is absent."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        return dict(connection.execute(query(policy).replace("{as_of}", as_of.isoformat())).fetchall())


def moves(last_as_of: datetime | None, as_of: datetime) -> bool:
    """Say whether rows that the last night kept are too old now: every mart must then be computed without them."""
    return last_as_of is not None and kept_from(last_as_of) != kept_from(as_of)
