"""The backlog as the next night will find it: the published logs plus all that people have landed since.

It runs the night's own models (module `sql`) over the published file, opened read-only, and the files of the landing
folder that the ledger does not know yet. Nothing is written; a night may run meanwhile.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from learning_loop.backlog import landed, sql
from learning_loop.backlog.landed import Row
from learning_loop.errors import WrongUse
from learning_loop.warehouse import ask, literal, open_published

FEEDS = {
    "backlog_decisions": ("stg_backlog_decisions", "decision_id", "decided_at"),
    "checklist_updates": ("stg_checklist_updates", "update_id", "updated_at"),
    "shadow_evaluations": ("stg_shadow_evaluations", "evaluation_id", "evaluated_at"),
}
CONTENT = "source_file, row_number, reader_version, loaded_in_run, is_displaced"  # of its storing, not of the row
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
# Of them what says whether a decision is allowed, and what a candidate then lacks.
JUDGING = (
    "int_backlog__step_reports", "int_backlog__decisions", "int_backlog__steps", "rejected_decisions",
    "learning_backlog_checklist",
)  # fmt: skip
# What the models read of these tables, not of the published ones.
RELATIONS = {
    "landing_rows": "landed_rows",
    "int_backlog__short_keys_before_tonight": "intermediate.int_backlog__short_keys",
} | {name: f"temp.{name}" for name in (*MODELS, *(stage for stage, _, _ in FEEDS.values()))}


@dataclass(frozen=True)
class Backlog:
    """An open view of the backlog; its tables lie in the schema ``temp`` of ``con``, under the names of the models.

    They are the published ones for as long as nobody said anything since the last night, and what the night's models
    make of what was said afterwards.
    """

    con: duckdb.DuckDBPyConnection
    last_as_of: datetime
    landed: list[Row]
    _kinds: dict[str, str] = field(default_factory=dict)  # of the tables and views in temp, by name

    @functools.cached_property
    def kept(self) -> sql.KeptSql:
        """The SQL of the last night.

        Raises:
            WrongUse: the file was published before nights kept their SQL.
        """
        return sql.read(self.con)

    @functools.cached_property
    def catalog(self) -> str:
        """The published file's catalog: a bare `main.` would find the table of the same name in temp."""
        name = self.con.execute("select current_database()").fetchall()[0][0].replace('"', '""')
        return f'"{name}"'

    @property
    def published(self) -> str:
        """The published candidates."""
        return f"{self.catalog}.main.learning_backlog_candidates"

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Return the rows of a query as dictionaries."""
        cursor = ask(self.con, query, *parameters)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def look(self) -> None:
        """Show the published tables where they hold, else what the next night would make of what people said since."""
        for name in MODELS:
            schema = "intermediate" if name.startswith("int_") else "main"
            with contextlib.suppress(*[duckdb.CatalogException] * (schema == "intermediate")):  # of an earlier version
                self._put("view", name, f"from {self.catalog}.{schema}.{name}")
        self.con.execute("set threads = 1")  # a few rows: to share them out takes longer than to fold them
        self._stage_all(self.landed)
        if self.is_of_the_night:
            return
        self.foresee()

    @property
    def is_of_the_night(self) -> bool:
        """Whether nobody has said anything since the last night that it did not know."""
        return not self.landed and self._last_word() == self.last_as_of

    def foresee(
        self, at: datetime | None = None, more: tuple[str, dict[str, Any]] | None = None, key: str | None = None
    ) -> None:
        """Build the tables as the next run would, once all that has landed counts.

        Args:
            at: an instant that must count too, be it a while ahead.
            more: (feed, row) that is not landed yet.
            key: build only what judges a decision on this candidate, and of it alone.
        """
        self._stage_all([*self.landed, *([(more[0], "", json.dumps(more[1], ensure_ascii=False))] if more else [])])
        sql.set_as_of(self.con, max(at or self.last_as_of, self._last_word()))
        relations = dict(RELATIONS)
        if key:
            proposals = f"from {self.catalog}.main.learning_backlog_proposals where candidate_key = {literal(key)}"
            self._put("view", "proposals_of_the_key", proposals)
            relations["learning_backlog_proposals"] = "temp.proposals_of_the_key"
        for name in JUDGING if key else MODELS:
            # The last is asked for a few columns, or for one key: to write all of it would take as long as the rest.
            kind = "view" if name == MODELS[-1] else "table"
            self._put(kind, name, self.kept.model(name, relations))

    def drop_views(self) -> None:
        """Make room for tables of the same names."""
        for name in [name for name, kind in self._kinds.items() if kind == "view"]:
            self.con.execute(f"drop view temp.{name}")
            del self._kinds[name]

    def _put(self, kind: str, name: str, query: str) -> None:
        if (before := self._kinds.get(name, kind)) != kind:
            self.con.execute(f"drop {before} temp.{name}")
        self.con.execute(f"create or replace temp {kind} {name} as {query}")
        self._kinds[name] = kind

    def _last_word(self) -> datetime:
        """Return when people or CI last said something, or the last night's instant if that is later."""
        latest = " union all ".join(
            f"select {instant} as said_at from temp.{stage}" for stage, _, instant in FEEDS.values()
        )
        until = max(datetime.now(UTC), self.last_as_of + timedelta(days=1))
        found: datetime | None = self.con.execute(
            f"select max(said_at) from ({latest}) where said_at <= {literal(until)}"
        ).fetchall()[0][0]
        return max(self.last_as_of, found.astimezone(UTC)) if found else self.last_as_of

    def _stage_all(self, rows: Sequence[Row]) -> None:
        """Build what is known of each feed of people: what the nights stored, and the rows that landed since."""
        for feed, (stage, identity, instant) in FEEDS.items():
            stored = f"select * exclude ({CONTENT}) from {self.catalog}.staging.{stage} where not is_displaced"
            new = [row for row in rows if row[0] == feed]
            if not new:
                self._put("view", stage, f"select *, false as is_displaced from ({stored})")
                continue
            self._put("table", "known", f"{stored}")
            self._add(feed, stage, new)
            self._put(
                "table",
                stage,
                f"""
                select *, false as is_displaced from temp.known
                qualify row_number() over (
                    partition by {identity} order by {instant}, sha256(to_json(known)::varchar)
                ) = 1
                """,
            )

    def _add(self, feed: str, stage: str, rows: Sequence[Row]) -> None:
        """Add landed rows as the night types them; what is plain needs none of its SQL."""
        judged = []
        for row in rows:
            if (typed := landed.plain(feed, row[2])) is None:
                judged.append(row)
                continue
            values = ", ".join(literal(value) for value in typed.values())
            self.con.execute(f"insert into temp.known ({', '.join(typed)}) values ({values})")
        if not judged:
            return
        sql.make_functions(self.con, self.kept)
        self.con.execute(
            "create or replace temp table landed_rows"
            " (feed varchar, source_file varchar, row_number bigint, raw_row varchar)"
        )
        self.con.executemany("insert into temp.landed_rows values (?, ?, null, ?)", [list(row) for row in judged])
        self.con.execute(
            f"""
            insert into temp.known by name
            select * exclude (source_file, row_number, is_ignored, reason_code, detail, raw_row)
            from ({self.kept.model(stage, RELATIONS)}) where reason_code is null
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
        backlog = Backlog(con, last.astimezone(UTC), landed.since(landing, con))
        backlog.look()
        yield backlog
