"""The editorial models on made-up rows: their compiled SQL, run on a world's rows in a database of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from house import UNTESTED, build, graph, selection
from learning_loop.editorial import agreement, duplicates, editing, scoring
from learning_loop.night import context, steps

ROOT = Path(__file__).parents[3]
AS_OF = datetime(2026, 2, 16, 2, tzinfo=UTC)
ROOMS = ("editorial", "duplicates", "quality", "scoring", "tuning", "population_priors")
STORED = {"source_file": "test", "row_number": 1, "reader_version": 1, "loaded_in_run": 1, "is_displaced": False}
PYTHON_MODELS = {
    "int_editorial__edit_distances": ("scratch.int_editorial__edited_texts", editing.edit_distances),
    "int_editorial__agreement_bounds": ("scratch.int_editorial__judgement_patterns", agreement.bounds),
    "int_duplicates__groups": ("scratch.int_duplicates__links", duplicates.groups),
    "int_scoring__fits": (
        "scratch.int_scoring__candidates where is_learnt_from order by labelled_at, candidate_id",
        scoring.fit,
    ),
}


def built(folder: Path, landing: Path, as_of: datetime = AS_OF, *, is_tested: bool = True) -> steps.Night:
    """Build the editorial marts into ``folder``; the night's private file is left as it is before it is published."""
    made = steps.Night(landing, folder / "learning_loop.duckdb", as_of)
    made.work_dir.mkdir(parents=True)
    untested = [] if is_tested else UNTESTED
    build(made, [*steps.dbt_arguments(made, steps.Published()), *selection(graph("editorial")), *untested])
    return made


class World:
    """A database with the rows of one world, and the editorial models computed from them."""

    def __init__(self, database: Path, models: list[tuple[str, str, str | None]]) -> None:
        self.connection = duckdb.connect(str(database))
        self.connection.execute("set timezone = 'UTC'; set threads = 1")
        context.lay_down(self.connection, {"salt": "test"})
        context.lay_down(self.connection, {"as_of": str(AS_OF), "previous_as_of": "-infinity"}, "timestamptz")
        context.lay_down(self.connection, {"run_number": "1", "touched_since_run": "0"}, "integer")
        self.models = models

    def store(self, feed: str, rows: list[dict[str, Any]]) -> None:
        """Replace the stored rows of a feed; a column that is not given is null."""
        table = f"staging.stg_{feed}"
        self.connection.execute(f"delete from {table}")
        if rows:
            names = sorted({name for row in rows for name in row} | set(STORED))
            full = pa.Table.from_pylist([{name: (STORED | row).get(name) for name in names} for row in rows])
            self.connection.register("given", full)
            self.connection.execute(f"insert into {table} by name from given")

    def compute(self, *only: str) -> None:
        """Run the models in their order, or only those named."""
        for relation, name, sql in self.models:
            if only and name not in only:
                continue
            if name in PYTHON_MODELS:
                source, function = PYTHON_MODELS[name]
                result = function(self.connection.sql(f"from {source}").to_arrow_table())
                self.connection.register("result", result)
                self.connection.execute(f"create or replace table {relation} as from result")
            elif sql is not None:
                self.connection.execute(f"create or replace table {relation} as {sql}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.connection.execute(sql).fetchall()
