"""What a run knows, as SQL functions without parameters: `run.as_of()`, `run.salt()` and so on.

They are macros of a database in memory, attached as `run`: every connection to the same file sees them, no file holds
them, and no compiled model holds what they say. A scan is filtered by them as by literals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ATTACH = "attach if not exists ':memory:' as run (read_write);"


def lay_down(con: Any, values: Mapping[str, str | None], kind: str = "varchar") -> None:
    """Attach the database `run` where it is missing, and make values its functions, in the place of those of before.

    Args:
        con: a connection to DuckDB; one that only reads will do.
        values: what each function says, by its name.
        kind: the type of all of them.
    """
    con.execute(ATTACH + "".join(_function(name, value, kind) for name, value in values.items()))


def _function(name: str, value: str | None, kind: str) -> str:
    text = "null" if value is None else "'" + value.replace("'", "''") + "'"
    return f"create or replace macro run.{name}() as {text}::{kind};"
