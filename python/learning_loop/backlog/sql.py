"""The night's own SQL outside of a night: what the last one ran, kept in the published file, over other tables.

The command line foresees the next night with the very models that the night runs. A second version of the rules in
Python would one day say something else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb

from learning_loop.errors import WrongUse
from learning_loop.night import context

RELATION = re.compile(r'"\w+"\."(\w+)"')  # as dbt writes one, less the database


@dataclass(frozen=True)
class KeptSql:
    """The compiled SQL of the last night's models by name, and the functions that they call."""

    models: Mapping[str, str]
    functions: list[str]

    def model(self, name: str, relations: Mapping[str, str]) -> str:
        """Return the SQL of a model.

        Args:
            name: the model, e.g. ``learning_backlog_candidates``.
            relations: what stands for each model and seed that it reads; one that is missing is the published one.

        Raises:
            WrongUse: an earlier version published the file, whose nights kept other models.
        """
        if name not in self.models:
            raise WrongUse(
                f"The published file does not keep the SQL of {name}: an earlier version published it. "
                "Run `learning-loop nightly` on it once."
            )
        return _without_scratch(RELATION.sub(lambda found: relations.get(found[1], found[0]), self.models[name]))


def read(con: duckdb.DuckDBPyConnection) -> KeptSql:
    """Read what the last night kept. A function calls only those whose names come before its own.

    Raises:
        WrongUse: the file was published before nights kept their SQL.
    """
    try:
        rows = con.execute("select name, kind, sql_text from operations.kept_sql order by name").fetchall()
    except duckdb.CatalogException as error:
        raise WrongUse(
            "The published file does not keep the SQL of its night: an earlier version published it. "
            "Run `learning-loop nightly` on it once."
        ) from error
    models = {name: text for name, kind, text in rows if kind == "model"}
    return KeptSql(models, [_without_scratch(text) for _, kind, text in rows if kind == "function"])


def set_as_of(con: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """Have what is run from now on see the world as of an instant."""
    context.lay_down(con, {"as_of": as_of.isoformat()}, "timestamptz")
    con.execute("set variable as_of = $1::timestamptz", [as_of])  # what earlier versions kept reads it


def _without_scratch(text: str) -> str:
    """Return SQL in which the night's own functions are of this connection: a published file has no schema scratch."""
    return text.replace("scratch.", "")
