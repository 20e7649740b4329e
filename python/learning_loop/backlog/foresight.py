"""The backlog as the next night will find it: the published logs plus all that people have landed since.

It runs the night's own models (module `sql`) over the published file, opened read-only, and the files of the landing
folder that the ledger does not know yet. Nothing is written; a night may run meanwhile.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from learning_loop.backlog import sql
from learning_loop.errors import WrongUse
from learning_loop.landing.folder import known_feeds
from learning_loop.landing.inventory import landed_rows, ledger
from learning_loop.warehouse import open_published

FEEDS = {
    "backlog_decisions": ("stg_backlog_decisions", "decision_id", "decided_at"),
    "checklist_updates": ("stg_checklist_updates", "update_id", "updated_at"),
    "shadow_evaluations": ("stg_shadow_evaluations", "evaluation_id", "evaluated_at"),
}
# The models from what people say to the candidates, each after those it reads.
MODELS = (
    "int_backlog__step_reports",
    "int_backlog__decisions",
    "int_backlog__steps",
    "learning_backlog_history",
    "rejected_decisions",
    "learning_backlog_regressions",
    "int_backlog__sightings",
    "int_backlog__shown_proposals",
    "learning_backlog_checklist",
    "learning_backlog_candidates",
)
# What the models read of these tables, not of the published ones.
RELATIONS = {
    "landing_rows": "landed_rows",
    "int_backlog__short_keys_before_tonight": "intermediate.int_backlog__short_keys",
} | {name: f"temp.{name}" for name in (*MODELS, *(stage for stage, _, _ in FEEDS.values()))}
LANDED_SCHEMA = pa.schema(
    [("feed", pa.string()), ("source_file", pa.string()), ("row_number", pa.int64()), ("raw_row", pa.string())]
)


@dataclass(frozen=True)
class Backlog:
    """An open view of the backlog; its tables lie in the schema ``temp`` of ``con``, under the names of the models."""

    con: duckdb.DuckDBPyConnection
    kept: sql.KeptSql
    last_as_of: datetime
    landed: list[tuple[str, str, str]]

    @property
    def published(self) -> str:
        """The published candidates. By its catalog: a bare `main.` would find the table of the same name in temp."""
        catalog = self.con.execute("select current_database()").fetchall()[0][0].replace('"', '""')
        return f'"{catalog}".main.learning_backlog_candidates'

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Return the rows of a query as dictionaries."""
        cursor = self.con.execute(query, list(parameters))
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def foresee(self, at: datetime | None = None, more: tuple[str, dict[str, Any]] | None = None) -> None:
        """Build the tables as the next run would, once all that has landed counts.

        Args:
            at: an instant that must count too, be it a while ahead.
            more: (feed, row) that is not landed yet.
        """
        rows = [*self.landed, *([(more[0], "", json.dumps(more[1], ensure_ascii=False))] if more else [])]
        self.con.register("landed_rows", pa.Table.from_pylist([_landed(row) for row in rows], schema=LANDED_SCHEMA))
        for stage, identity, instant in FEEDS.values():
            self._stage(stage, identity, instant)
        sql.set_as_of(self.con, max(at or self.last_as_of, self._last_word()))
        for name in MODELS:
            self.con.execute(f"create or replace temp table {name} as {self.kept.model(name, RELATIONS)}")

    def _last_word(self) -> datetime:
        """Return when people or CI last said something, or the last night's instant if that is later."""
        latest = " union all ".join(
            f"select {instant} as said_at from temp.{stage}" for stage, _, instant in FEEDS.values()
        )
        until = max(datetime.now(UTC), self.last_as_of + timedelta(days=1))
        found: datetime | None = self.con.execute(
            f"select max(said_at) from ({latest}) where said_at <= ?", [until]
        ).fetchall()[0][0]
        return max(self.last_as_of, found.astimezone(UTC)) if found else self.last_as_of

    def _stage(self, stage: str, identity: str, instant: str) -> None:
        content = "source_file, row_number, reader_version, loaded_in_run, is_displaced"
        self.con.execute(
            f"""
            create or replace temp table {stage} as
            with known as (
                select * exclude ({content}) from staging.{stage} where not is_displaced
                union all by name
                select * exclude (source_file, row_number, is_ignored, reason_code, detail, raw_row)
                from ({self.kept.model(stage, RELATIONS)}) where reason_code is null
            )
            select *, false as is_displaced from known
            qualify row_number() over (partition by {identity} order by {instant}, sha256(to_json(known)::varchar)) = 1
            """
        )


@contextlib.contextmanager
def open_backlog(warehouse: Path, landing: Path) -> Iterator[Backlog]:
    """Open the published file and read what has landed since, and foresee the present state.

    Raises:
        WrongUse: there is no published file, or it knows no backlog.
    """
    with open_published(warehouse) as con:
        try:
            last = con.execute("select max(as_of) from nightly_runs where status = 'success'").fetchall()[0][0]
            con.execute("select 1 from learning_backlog_proposals limit 0")
        except duckdb.CatalogException as error:
            raise WrongUse(
                f"{warehouse} knows no backlog. Run `learning-loop nightly` once, or name another file."
            ) from error
        kept = sql.read(con)
        for function in kept.functions:
            con.execute(function)
        backlog = Backlog(con, kept, last.astimezone(UTC), _landed_since(landing, con))
        backlog.foresee()
        yield backlog


def _landed_since(landing: Path, con: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """Return the rows of the people's files that the ledger of the last night does not know."""
    return landed_rows(landing, [feed for feed in known_feeds() if feed.name in FEEDS], ledger(con))


def _landed(row: tuple[str, str, str]) -> dict[str, str]:
    return {"feed": row[0], "source_file": row[1], "raw_row": row[2]}
