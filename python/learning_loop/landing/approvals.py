"""Who may decide, where no model says it yet: before a run begins, and on the command line.

The rule is the model int_policy__approvals. Here it runs over the seed's file, or its table is read.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb

from learning_loop.project import project_dir
from learning_loop.warehouse import ask

MODEL = "models/intermediate/policy/int_policy__approvals.sql"
COLUMNS = {"actor": "varchar", "role": "varchar", "effective_from": "timestamptz", "rationale": "varchar"}
PUBLISHED = "intermediate.int_policy__approvals"


def seed_file() -> Path:
    """Return the file of the seed."""
    return project_dir() / "seeds/policy/approvers.csv"


def query() -> str:
    """Return the model's SQL over the seed's file: what the next night will say."""
    from learning_loop.landing.folder import path_pattern

    file = path_pattern(seed_file()).replace("'", "''")
    seed = f"read_csv('{file}', header = true, columns = {COLUMNS})"
    return (project_dir() / MODEL).read_text("utf-8").replace("{{ ref('approvers') }}", seed)


def allowed(con: duckdb.DuckDBPyConnection, role: str, at: datetime, approvals: str = PUBLISHED) -> set[str] | None:
    """Return who may decide in a role at an instant; None: everybody.

    Args:
        con: a connection whose time zone is UTC.
        role: approver, editor or admin.
        at: when it is decided.
        approvals: the model's table, or a query in parentheses.
    """
    rows = ask(
        con, f"select actor from {approvals} where role = $1 and $2 >= valid_from and $2 < valid_to", role, at
    ).fetchall()
    names = {row[0] for row in rows}
    return None if None in names else names
