"""The night's own judge over any rows, in seconds: the SQL that dbt sends to the database, kept and run again.

There is one judge, the models and macros of staging. dbt takes half a minute to read the project and to say what they
are in SQL, so it is asked once for each version of the code, over a file without a row of each feed, and each statement
that it sends is written down (`record`). `Judge` runs them again over rows of its own, in memory: nothing is published,
and nothing is kept.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from learning_loop import atomic
from learning_loop.errors import NightFailed
from learning_loop.landing import approvals, tombstones
from learning_loop.landing.declaration import Feed
from learning_loop.landing.folder import known_feeds, path_pattern
from learning_loop.landing.identity import hmac_keys
from learning_loop.landing.inventory import INVENTORY_SCHEMA
from learning_loop.night import context, retention
from learning_loop.project import code_version, deciding, package_dir, project_dir
from learning_loop.terminal import errors, run_id, say

DATABASE = "learning_loop"  # the statements name it
RECORDED_AS_OF = "2001-02-03T04:05:06Z"
# The feeds, and what says why a signature is no cluster; each with all that it reads.
ONLY = ("--resource-type", "model", "--resource-type", "seed")
NODES = ("1+config.materialized:landing_feed", "+int_issue_clusters__buckets")
BEFORE = "on-run-start"
GIVEN = ("landing_inventory", "landing_rows")  # `Judge` lays down what they would
LANDED = pa.schema(
    [(name, pa.string()) for name in ("feed", "source_file")] + [("row_number", pa.int64()), ("raw_row", pa.string())]
)


@dataclass(frozen=True)
class Defect:
    """Why a row is quarantined: its code, and the field or the finding."""

    reason_code: str
    detail: str | None


IGNORED = Defect("ignored", None)  # nothing is wrong with the row, and it is not kept


class Judge:
    """A database in memory in which the night's statements have judged some rows.

    Attributes:
        connection: with the feeds' stores in `staging`, and `scratch` as a night leaves it.
    """

    def __init__(
        self, recorded: list[list[str]], as_of: datetime, salt: str | None = None, landing: Path | None = None
    ) -> None:
        """Open it, and lay down what a night lays down at its start.

        Args:
            recorded: what `record` wrote down.
            as_of: the instant of the night.
            salt: of the pseudonyms; by default one that is forgotten.
            landing: the landing folder whose erasures hold.
        """
        self._nodes: dict[str, list[str]] = {}
        for node, sql in recorded:
            of_now = sql.replace(RECORDED_AS_OF, run_id(as_of)).replace(*_as_duckdb_writes(as_of))
            self._nodes.setdefault(node, []).append(of_now)
        self.connection = duckdb.connect()
        self.connection.execute(f"attach ':memory:' as {DATABASE}; use {DATABASE}; set timezone = 'UTC'")
        salt = salt or secrets.token_hex(16)
        erased = json.dumps(sorted(tombstones.recorded(landing))) if landing else "[]"
        said = {
            "salt": salt,
            "erased": erased,
            "approvals": approvals.query(),
            "retention": retention.query(),
            **hmac_keys(salt),
        }
        asked = {"asked_as_of": run_id(as_of), "code_version": "", "failed_nights": "", "seeds": ""}
        context.lay_down(self.connection, said | asked)
        for schema in ("staging", "scratch", "policy", "intermediate"):
            self.connection.execute(f"create schema if not exists {schema}")
        for node in self._nodes:
            if BEFORE in node:
                self._run(node)
        self._seed()

    def judge(self, inventory: pa.Table, rows: pa.Table | None = None) -> None:
        """Judge the rows of an inventory's files, or rows that are given, and store what is good.

        A feed without a file gets no store: that would only take time. `events` always has one, for the clusters.

        Args:
            inventory: of INVENTORY_SCHEMA; its copies are read while this runs.
            rows: of LANDED; what the files hold where no copies say it.
        """
        self.connection.register("given_inventory", inventory)
        self.connection.execute("create or replace table scratch.landing_inventory as from given_inventory")
        self._lay_down(rows if rows is not None else _copied(inventory))
        delivered = {f"stg_{name}" for name in inventory["feed"].to_pylist()} | {"stg_events"}
        feeds = {feed.model for feed in known_feeds()}
        for node in self._nodes:
            if BEFORE not in node and node not in GIVEN and (node not in feeds or node in delivered):
                self._run(node)

    def defects(self, feed: Feed, rows: pa.Table) -> dict[tuple[str, int], Defect | None]:
        """Return what is found first on each of some rows of a feed, by file and line; None of a row that is good."""
        judged = f"scratch.{feed.model}__judged"
        head = f"create or replace table {judged} as"
        select = next(sql for sql in self._nodes[feed.model] if head in sql)
        self._lay_down(rows)
        self.connection.execute(select)
        found = self.query(f"select source_file, row_number, reason_code, detail, is_ignored from {judged}")
        self.connection.execute(f"drop table {judged}")
        return {
            (file, line): Defect(code, detail) if code else IGNORED if is_ignored else None
            for file, line, code, detail, is_ignored in found
        }

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Ask what was judged."""
        return self.connection.execute(sql, list(parameters)).fetchall()

    def _run(self, node: str) -> None:
        for sql in self._nodes[node]:
            self.connection.execute(sql)

    def _seed(self) -> None:
        for path in sorted((project_dir() / "seeds").rglob("*.csv")):
            for sql in self._nodes.pop(path.stem, []):
                self.connection.execute(sql)
                file = path_pattern(path).replace("'", "''")
                self.connection.execute(f"copy policy.{path.stem} from '{file}' (format csv, header true)")

    def _lay_down(self, rows: pa.Table | str) -> None:
        if isinstance(rows, str):
            self.connection.execute(f"create or replace view scratch.landing_rows as {rows}")
            return
        self.connection.execute("drop view if exists scratch.landing_rows")
        self.connection.register("given_rows", rows)
        self.connection.execute("create or replace view scratch.landing_rows as from given_rows")


def _as_duckdb_writes(as_of: datetime) -> tuple[str, str]:
    """Return the recorded instant and another as the SQL of a view has them."""
    return "2001-02-03 04:05:06+00", as_of.astimezone(UTC).isoformat(" ").replace("+00:00", "+00")


def _copied(inventory: pa.Table) -> str:
    """Return the rows of an inventory as the macro tonight_rows makes them of the night's."""
    parts = [
        "select feed, source_file, 1::bigint as row_number, '!' || reason || '!' || error || '!' as raw_row"
        " from scratch.landing_inventory where status = 'quarantined'"
    ]
    copies: dict[str, list[str]] = {}
    for file in inventory.to_pylist():
        if file["copy"]:
            copies.setdefault(file["feed"], []).append("'" + path_pattern(Path(file["copy"])).replace("'", "''") + "'")
    for feed, paths in sorted(copies.items()):
        parts.append(
            f"select '{feed}' as feed, source_file, file_row_number + 1 as row_number, line as raw_row"
            f" from read_parquet([{', '.join(paths)}], file_row_number = true, hive_partitioning = false)"
        )
    return " union all ".join(parts)


def inventory_of(feed_files: Iterable[tuple[Feed, str, int]]) -> pa.Table:
    """Return an inventory of files that lie nowhere: (feed, path below the landing folder, lines)."""
    files = [
        {
            "feed": feed.name, "source_file": source_file, "line_count": count, "size_bytes": 0, "status": "read",
            "modified_at": datetime.fromtimestamp(0).astimezone(), "reader_version": feed.reader_version,
            "is_open_ended": False, "is_settled": True,
        }
        for feed, source_file, count in feed_files
    ]  # fmt: skip
    return pa.Table.from_pylist(files, schema=INVENTORY_SCHEMA)


def recorded_statements(cache: Path | None = None) -> list[list[str]]:
    """Return the statements of this version of the code: those kept in the user's cache, else dbt is asked once.

    Args:
        cache: the folder to keep them in; by default `learning-loop` in the user's cache.
    """
    folder = cache or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "learning-loop"
    kept = folder / f"judge-{_version()}.json"
    with contextlib.suppress(OSError, ValueError):
        found: list[list[str]] = json.loads(kept.read_text("utf-8"))
        return found
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = stack.enter_context((folder / "lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists():
            return recorded_statements(cache)
        say("The first check of this version asks dbt for the night's own SQL: that takes half a minute.", to=errors)
        found = record()
        with contextlib.suppress(OSError):
            for old in folder.glob("judge-*.json"):
                old.unlink(missing_ok=True)
            atomic.write(kept, json.dumps(found).encode())
        return found


def _version() -> str:
    """Name what the statements follow from: the project, the code that dbt runs, DuckDB, and where the seeds lie."""
    digest = hashlib.sha256(f"{code_version()} {duckdb.__version__} {project_dir()}".encode())
    digest.update((project_dir() / "dbt_project.yml").read_bytes() + Path(__file__).read_bytes())
    for name, content in deciding(project_dir(), package_dir()):
        digest.update(name.encode() + content)
    return digest.hexdigest()[:16]


def record() -> list[list[str]]:
    """Have dbt build the feeds of files without a row, and return [node, statement] of all that it changed.

    Raises:
        NightFailed: dbt could not.
    """
    from learning_loop.night import dbt_runner  # dbt takes seconds to import

    found: list[list[str]] = []

    def listen(event: Any) -> None:
        if event.info.name == "SQLQuery" and event.data.node_info.node_name:
            sql = re.sub(r"\A\s*/\*.*?\*/\s*", "", event.data.sql, flags=re.DOTALL).strip()
            if _changes(sql):
                found.append([event.data.node_info.node_name, sql])

    with tempfile.TemporaryDirectory() as folder, _environment(Path(folder)):
        dbt_runner.listen(["build", "--threads", "1", "--select", *NODES, *ONLY], listen)
    if not any(node.startswith("stg_") for node, _ in found):
        raise NightFailed("dbt said nothing of the feeds. Run a night: it says why.")
    return found


def file_of(feed: Feed) -> str:
    """Return a path below the landing folder that is the feed's."""
    named = re.sub(r"(\[[^]]*\]|/)\*$", lambda found: "/x.jsonl" if found[1] == "/" else ".jsonl", feed.path_pattern)
    return named.replace("*", "x")


def _changes(sql: str) -> bool:
    """Say whether a statement is one to run again: no question, none of dbt's own, and no seed's rows."""
    return not re.match(r"(?is)(select|describe|begin|commit|rollback|copy|insert into \S*policy)\b", sql)


@contextlib.contextmanager
def _environment(folder: Path) -> Iterator[None]:
    for feed in known_feeds():
        (file := folder / "landing" / file_of(feed)).parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n")  # of a feed without a file a night would only look whether there is one
    before = dict(os.environ)
    os.environ.update({
        "LEARNING_LOOP_AS_OF": RECORDED_AS_OF, "LEARNING_LOOP_CODE_VERSION": "", "LEARNING_LOOP_FAILED_NIGHTS": "",
        "LEARNING_LOOP_BUILD": str(folder / f"{DATABASE}.duckdb"), "LEARNING_LOOP_LANDING": str(folder / "landing"),
        "LEARNING_LOOP_SALT": secrets.token_hex(16), "LEARNING_LOOP_THREADS": "1", "LEARNING_LOOP_ARRIVED": "",
        "DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs"), "TZ": "UTC",
    })  # fmt: skip
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
